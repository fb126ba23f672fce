"""Input: folders, PDFs, tar archives, lists and addresses -> one page after the other."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Container, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.request import urlopen

from pyarrow import fs

from img2latex.picture import pdf
from img2latex.picture.loading import SUFFIXES

ARCHIVES = (".tar", ".tar.gz", ".tgz")
LIST = ".txt"
PATIENCE = 60  # seconds for an address to answer
_WEB = ("http://", "https://")
_FAULTS = (OSError, ValueError, HTTPException, tarfile.TarError, EOFError)


@dataclass(frozen=True)
class Sheet:
    """A page to be read, or the reason why there is none.

    Attributes:
        source: the path or address of its file; of a member of an archive, the archive's with its name behind.
        page: its number in a PDF; 0 of a picture, and of a file as a whole.
        content: a picture's file, or a PDF of this page alone; empty if there is a reason.
        reason: why it cannot be opened.
    """

    source: str
    page: int
    content: bytes = b""
    reason: str = ""


def files(place: str) -> list[str]:
    """The files that a folder holds at any depth, or that a list names; else the file or address itself.

    Raises:
        ValueError: there are none.
        OSError: the list can't be read.
    """
    if os.path.isdir(place):
        known = (*SUFFIXES, ".pdf", *ARCHIVES)
        found = sorted(os.path.normpath(p) for p in Path(place).rglob("*") if p.name.lower().endswith(known))
    elif place.lower().endswith(LIST):
        found = [line.strip() for line in Path(place).read_text(encoding="utf-8").splitlines() if line.strip()]
    else:
        found = [place] if "://" in place else [os.path.normpath(place)]
        if "://" not in place and not os.path.exists(place):
            raise ValueError(f"There is no {place}.")
    if not found:
        raise ValueError(f"There is no picture, PDF or tar archive in {place}.")
    return list(dict.fromkeys(found))


def pages(source: str, done: Container[tuple[str, int]] = ()) -> Iterator[Sheet]:
    """The pages of a file without those done before, one in memory at a time; a damaged file yields its reason.

    Args:
        done: sources with the numbers of pages.
    """
    archive = source.lower().endswith(ARCHIVES)
    if not archive and (source, 0) in done:
        return
    try:
        with _opened(source) as stream:
            if not archive:
                yield from _of_file(source, stream.read(), done)
                return
            with tarfile.open(fileobj=stream, mode="r|*") as members:
                for member in members:
                    name = f"{source}/{member.name}"
                    known = name.lower().endswith((*SUFFIXES, ".pdf"))
                    if member.isfile() and known and (name, 0) not in done:
                        yield from _of_file(name, members.extractfile(member).read(), done)
    except _FAULTS as error:
        if (source, 0) not in done:
            yield Sheet(source, 0, reason=" ".join(str(error).split()) or type(error).__name__)


def _opened(source: str) -> BinaryIO:
    if source.startswith(_WEB):
        return urlopen(source, timeout=PATIENCE)
    if "://" in source:
        system, path = fs.FileSystem.from_uri(source)
        return system.open_input_stream(path)
    return open(source, "rb")


def _of_file(name: str, content: bytes, done: Container[tuple[str, int]]) -> Iterator[Sheet]:
    if not content.startswith(b"%PDF"):
        yield Sheet(name, 0, content)
        return
    try:
        for number in range(1, pdf.page_count(content) + 1):
            if (name, number) not in done:
                yield Sheet(name, number, pdf.single_page(content, number))
    except pdf.PdfError as error:
        yield Sheet(name, 0, reason=str(error))
