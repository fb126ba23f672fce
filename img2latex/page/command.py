"""`python -m img2latex --page`: pages in, Markdown, LaTeX, Word or JSON out."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from img2latex.files.atomic import replacing
from img2latex.page.reading import Page, read_page
from img2latex.picture import pdf
from img2latex.picture.loading import SUFFIXES
from img2latex.reader.recognizer import Recognizer

SUFFIX = {"markdown": ".md", "tex": ".tex", "docx": ".docx", "json": ".json"}  # of each format
_HEADINGS = {"markdown": "<!-- {} -->\n", "tex": "% {}\n", "json": ""}


@dataclass(frozen=True)
class Source:
    """A page to be read: a picture's path, or a PDF's with the number of the page."""

    path: str
    number: int = 0

    @property
    def name(self) -> str:
        return f"{self.path}, page {self.number}" if self.number else self.path

    def file(self, suffix: str) -> str:
        return Path(self.path).stem + (f"-{self.number}" if self.number else "") + suffix


def numbers(told: str, count: int) -> list[int]:
    """`1-3,7` -> the numbers of pages, as far as there are so many.

    Raises:
        ValueError: it says something else, or names none of the pages.
    """
    found: list[int] = []
    for part in told.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d*)\s*)?", part)
        if not match:
            raise ValueError(f"{told!r} are no pages: write them as 1-3,7.")
        first = int(match[1])
        last = first if match[2] is None else int(match[2] or count)
        found += range(max(1, first), min(last, count) + 1)
    if not found:
        raise ValueError(f"There is no page {told}: the PDF has {count}.")
    return found


def sources(names: list[str], told: str | None, complain: Callable[[object], None]) -> tuple[list[Source], bool]:
    """The pages of files and folders; tells too whether something had none."""
    found, failed = [], False
    for name in names:
        paths = [name]
        if os.path.isdir(name):
            paths = sorted(str(p) for p in Path(name).iterdir() if p.suffix.lower() in {*SUFFIXES, ".pdf"})
            if not paths:
                complain(f"{name}: there is no picture and no PDF in this folder.")
                failed = True
        for path in paths:
            if Path(path).suffix.lower() != ".pdf":
                found.append(Source(path))
                continue
            try:
                count = pdf.page_count(path)
                found += [Source(path, number) for number in (numbers(told, count) if told else range(1, count + 1))]
            except ValueError as error:
                complain(f"{path}: {error}")
                failed = True
    return found, failed


def read(found: list[Source], reader: Recognizer, **options) -> Iterator[tuple[Source, Page | None, str | None]]:
    """Of each page (itself, what it says or None, what to know about it or why there is nothing)."""
    for source in tqdm(found, unit="page", file=sys.stderr, disable=None if len(found) > 1 else True):
        try:
            page = read_page(source.path, source.number or 1, reader, **options)
        except (ValueError, OSError) as error:
            yield source, None, str(error)
        else:
            yield source, page, page.warning


def run(
    names: list[str], reader: Recognizer, told: str | None, form: str, out: Path | None,
    complain: Callable[[object], None], **options,
) -> bool:  # fmt: skip
    """Reads pages and writes them to the folder `out`, or, but for Word, to standard output; True if all were read.

    Args:
        told: the pages of PDFs, as `numbers` takes them; all if None.
        form: a key of SUFFIX.
    """
    found, failed = sources(names, told, complain)
    said: set[str] = set()
    for source, page, trouble in read(found, reader, alternatives=1, attention=False, **options):
        if trouble and (page is None or trouble not in said):  # what holds for all pages is told once
            complain(f"{source.name}: {trouble}")
            said.add(trouble)
        failed |= page is None
        if page is None:
            continue
        content = getattr(page, form)
        if out:
            try:
                with replacing(out / source.file(SUFFIX[form])) as draft:
                    draft.write_bytes(content if isinstance(content, bytes) else content.encode())
            except OSError as error:
                complain(f"{out}: {error.strerror or error}")
                failed = True
        elif form == "json" and len(found) > 1:
            print(json.dumps({"source": source.path, "page": source.number or None, **json.loads(content)},
                             ensure_ascii=False), flush=True)  # fmt: skip
        else:
            print((_HEADINGS[form].format(source.name) if len(found) > 1 else "") + content, flush=True)
    return not failed
