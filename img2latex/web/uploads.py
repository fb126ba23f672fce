"""Many uploaded pictures at once, zips too: the list of them, and the results as a table or a file.

Nothing is unpacked to disk: a picture in a zip is in memory while it is read.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from PIL import Image

from img2latex.export import word
from img2latex.export.document import PREAMBLE
from img2latex.latex import problem
from img2latex.web.views import data_uri, formula, percent, saves

if TYPE_CHECKING:  # torch comes with it, and nothing here needs torch
    from img2latex import Recognition

MOST = 300  # pictures read at once
MAX_BYTES = 50_000_000  # of one picture, unpacked
MAX_TOTAL = 300_000_000  # of all pictures in one zip, unpacked
THUMBNAIL = (240, 64)  # px at most
_BROKEN = Exception  # of a zip: each compression has errors of its own (zlib.error, LZMAError, struct.error ...)
HIDDEN = ("__MACOSX", ".", "Thumbs.db")  # how the names of files begin that systems add to zips


class UploadError(ValueError):
    """Why an uploaded file is not read, in one sentence for a person."""


@dataclass
class Row:
    """The result for one picture, or why there is none."""

    name: str
    latex: str = ""
    confidence: float = 0.0
    warning: str | None = None
    crop: Image.Image | None = None  # what the model saw

    def as_json(self) -> dict:
        return {name: getattr(self, name) for name in ("name", "latex", "confidence", "warning")}


# Files -> pictures ----------------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """A picture to read: its name for a person, and a function that opens it or raises `UploadError`."""

    name: str
    open: Callable[[], str | bytes]


def entries(paths: Iterable[str | None]) -> list[Entry]:
    """The pictures of these files, those inside zips too, in order.

    A damaged file, or none (None), gets an entry too, and so its line in the table: opening it raises `UploadError`.

    Raises:
        UploadError: there are none, or more than `MOST`.
    """
    found = [entry for place, path in enumerate(paths, 1) for entry in _of_file(path, f"file {place}")]
    if not found:
        raise UploadError("There is no picture among these files.")
    if len(found) > MOST:
        raise UploadError(f"These are {len(found)} pictures: at most {MOST} are read at once.")
    return found


def _of_file(path: str | None, otherwise: str) -> list[Entry]:
    if not path:
        return [_refused(otherwise, "There is no file here.")]
    name = Path(path).name
    if Path(path).suffix.lower() != ".zip":
        return [Entry(name, lambda: path)]
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if _is_wanted(info)]
    except _BROKEN:
        return [_refused(name, "This zip is damaged, or packed in a way that can't be read.")]
    if len(members) > MOST:  # without entries: a table of a million lines helps nobody
        return [_refused(name, f"This zip holds {len(members)} files: at most {MOST} are read at once.")]
    if sum(info.file_size for info in members) > MAX_TOTAL:
        return [_refused(name, f"This zip is too large: unpacked, it may have {MAX_TOTAL // 1_000_000} MB.")]
    return [Entry(info.filename, _member(path, info)) for info in members]


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    parts = PureWindowsPath(info.filename).parts  # knows both kinds of slashes
    return not info.is_dir() and not any(part.startswith(HIDDEN) and part != ".." for part in parts)


def _refused(name: str, why: str) -> Entry:
    def refuse() -> str:
        raise UploadError(why)

    return Entry(name, refuse)


def _member(path: str, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    """Unpacks one picture of a zip into memory: never more than the size declared in the zip, which was checked."""
    name = PureWindowsPath(info.filename)

    def unpack() -> bytes:
        if name.anchor or ".." in name.parts:
            raise UploadError("This name points outside its zip.")
        if info.file_size > MAX_BYTES:
            raise UploadError(f"This file is too large: unpacked, it may have {MAX_BYTES // 1_000_000} MB.")
        if info.flag_bits & 1:
            raise UploadError("This file is locked by a password.")
        try:
            with zipfile.ZipFile(path) as archive:
                return archive.read(info)
        except _BROKEN:
            raise UploadError("This file is damaged, or packed in a way that can't be read.") from None

    return unpack


def rows(found: Iterable[Entry], recognize: Callable[[str | bytes], Recognition]) -> Iterator[Row]:
    """Reads one picture after the other; one that can't be read gets a row that says why."""
    for entry in found:
        try:
            result = recognize(entry.open())
        except ValueError as error:
            yield Row(entry.name, warning=str(error).replace("the data", "This file", 1))
        else:
            yield Row(entry.name, result.latex, result.confidence, result.warning, result.crop)


# Results -> tables and files ------------------------------------------------------------------------------------------


def table(rows: Iterable[Row]) -> str:
    """Markdown (HTML, and formulas between dollar signs): a line for each picture."""
    lines = "".join(_line(row) for row in rows)
    heads = "".join(f"<th>{head}</th>" for head in ("Picture", "Formula", "LaTeX", "Confidence", "Warning"))
    return f'<table class="batch"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>' if lines else ""


def _line(row: Row) -> str:
    picture = ""
    if row.crop:
        small = row.crop.copy()
        small.thumbnail(THUMBNAIL)
        picture = f'<img src="{data_uri(small)}" alt="">'
    shown, code, sure = "", "", ""
    if row.latex:
        shown, code, sure = escape(formula(row.latex)), f"<code>{escape(row.latex)}</code>", percent(row.confidence)
    cells = (f"{picture}<small>{escape(row.name)}</small>", shown, code, escape(sure), escape(row.warning or ""))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def downloads(rows: Sequence[Row]) -> str:
    """HTML: links that save the rows as files."""
    files = {
        "formulas.csv": ("text/csv", as_csv(rows).encode()),
        "formulas.tex": ("application/x-tex", as_tex(rows).encode()),
        "formulas.docx": (word.MIME, word.document((row.name, row.latex) for row in rows if row.latex)),
    }
    return saves(files)


def progress(rows: Sequence[Row], total: int) -> str:
    """HTML: a bar, and how many of the pictures were read."""
    unread = sum(not row.latex for row in rows)
    words = f"{len(rows)} of {total} done" + (f", {unread} not read" if unread else "")
    return f'<div class="progress"><progress value="{len(rows)}" max="{total}"></progress> {words}</div>'


def as_csv(rows: Iterable[Row]) -> str:
    """Comma-separated values with a head line: name, latex, confidence, warning."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("name", "latex", "confidence", "warning"))
    writer.writerows((row.name, row.latex, f"{row.confidence:.4f}", row.warning or "") for row in rows)
    return stream.getvalue()


def as_tex(rows: Iterable[Row]) -> str:
    """A LaTeX document with the formulas, each under its picture's name; what was not read is a comment."""
    lines = [PREAMBLE, r"\begin{document}"]
    for row in rows:
        name = " ".join(row.name.split())  # a comment ends with its line
        readable = row.latex and not problem(row.latex)
        lines += [f"% {name}", rf"\[ {row.latex} \]"] if readable else [f"% {name}: not read"]
    return "\n".join([*lines, r"\end{document}", ""])
