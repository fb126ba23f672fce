"""A page -> its formulas, read, and its text, in reading order."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from img2latex.page import brackets, finder, layout, stops, text, writing
from img2latex.page.cells import Box
from img2latex.page.region import Region
from img2latex.picture import loading, pdf
from img2latex.reader.recognizer import Recognition, Recognizer

PDF_DPI = 200  # of a PDF's page: small print is 9 px high
MARGIN = 0.25  # heights of a letter around a formula's box
NOTHING = "No formula was found on the page."
_NUMBER = re.compile(r"^\W*(.*?)\W*$")


@dataclass
class Page:
    """What a page says.

    Attributes:
        regions: in reading order.
        size: width and height of its picture, px.
        warning: what is missing, as that the text was not read.
        picture: what was read, grey.
        letter: height of a typical letter on it, px.
    """

    regions: list[Region]
    size: tuple[int, int]
    warning: str | None = None
    picture: Image.Image | None = field(default=None, repr=False)
    letter: float = finder.LETTER_HEIGHT

    @property
    def formulas(self) -> list[Region]:
        return [region for region in self.regions if region.kind != "text"]

    @property
    def markdown(self) -> str:
        """Text with `$...$` in its lines and `$$...$$` between them."""
        return writing.markdown(self.regions)

    @property
    def tex(self) -> str:
        """A LaTeX document."""
        return writing.tex(self.regions)

    @property
    def docx(self) -> bytes:
        """A Word document, in which the formulas can be edited."""
        return writing.docx(self.regions)

    @property
    def json(self) -> str:
        """Size, warning, and regions with all that is known but pictures."""
        return writing.as_json(self.regions, self.size, self.warning)


def read_page(
    picture, page: int = 1, reader: Recognizer | str | os.PathLike = "math", with_text: bool = True,
    batch_size: int = 16, **options,
) -> Page:  # fmt: skip
    """Finds and reads the formulas of a page, and the text around them if RapidOCR is installed.

    Args:
        picture: whatever `loading.load` takes, or the path of a PDF.
        page: of the PDF, from 1.
        reader: of the formulas, or what `Recognizer.from_pretrained` takes.
        with_text: False leaves the text out.
        batch_size, options: see `Recognizer.recognize_many`; the crops of an upright page are not turned.

    Raises:
        loading.PictureError: the picture cannot be read.
        pdf.PdfError: the PDF, or this page of it, cannot be read.
        checkpoints.CheckpointError: the weights cannot be had.
    """
    if isinstance(picture, (str, os.PathLike)) and Path(picture).suffix.lower() == ".pdf":
        picture = pdf.draw_page(os.fspath(picture), page, dpi=PDF_DPI)
    grey = loading.load(picture)
    view = finder.prepare(grey)
    found, letter = finder.shipped().boxes(view), view.letter
    if not isinstance(reader, Recognizer):
        reader = Recognizer.from_pretrained(reader)
    found, readings = read_boxes(found, grey, view, reader, batch_size=batch_size, **options)
    regions = assembled(found, readings)
    warning = None if regions else NOTHING
    if with_text and not text.installed():
        warning = " ".join(filter(None, (warning, text.MISSING)))
    elif with_text:
        signs = [*stops.behind(found, view.page_marks, letter, grey)]
        pieces = text.pieces(grey, [box.sides for box in found] + [sides for sides, _ in signs])
        pieces += [(sides, sign, 1.0) for sides, sign in signs]
        regions += [Region(_whole(sides), "text", text=words, confidence=sure) for sides, words, sure in pieces]
    settle(regions, letter)
    return Page(in_order(regions, letter), grey.shape[::-1], warning, Image.fromarray(grey), letter)


def read_boxes(
    found: Sequence[Box], grey: np.ndarray, view: finder.View, reader: Recognizer, **options
) -> tuple[list[Box], list[Recognition]]:
    """The formulas in boxes, read; a box that lacks a bracket which stands beside it is made wider and read again.

    Args:
        found: of the page, uint8 H x W.
        view: what the finder saw of it.
        options: see `Recognizer.recognize_many`.

    Returns:
        The boxes and their readings, in the same order.
    """

    def read(boxes: list[Box]) -> list[Recognition]:
        crops = [cut(grey, box.sides, MARGIN * view.letter) for box in boxes]
        return reader.recognize_many(crops, turned=0, **options)

    boxes, readings = list(found), read(list(found))
    marks = view.page_marks
    wider = [brackets.widened(box, one.latex, marks, view.letter) for box, one in zip(boxes, readings, strict=True)]
    again = [i for i, box in enumerate(wider) if box]
    for i, reading in zip(again, read([wider[i] for i in again]), strict=True):
        if not brackets.unclosed(reading.latex):
            boxes[i], readings[i] = wider[i], reading
    return boxes, readings


def cut(grey: np.ndarray, sides: Sequence[float], margin: float) -> np.ndarray:
    """The part of a page within a box and a margin."""
    left, top, right, bottom = sides
    rows = slice(max(0, int(top - margin)), int(np.ceil(bottom + margin)))
    return grey[rows, max(0, int(left - margin)) : int(np.ceil(right + margin))]


def assembled(found: Sequence[Box], readings: Sequence[Recognition]) -> list[Region]:
    """Regions of what was found and read; each number is given to the displayed formula beside it."""
    regions, numbers = [], []
    for box, reading in zip(found, readings, strict=True):
        region = Region(
            _whole(box.sides), box.kind, reading.latex, "", reading.confidence, reading.warning, found=box.confidence,
            reading=reading,
        )  # fmt: skip
        (numbers if box.kind == "number" else regions).append(region)
    for number in numbers:
        beside = [(_common(number.box, region.box), region) for region in regions if region.kind == "displayed"]
        share, region = max(beside, key=lambda pair: (pair[0], -_apart(number.box, pair[1].box)), default=(0.0, None))
        if region is not None and share > 0.3 and not region.tag:
            region.tag = tag(number.latex)
    return regions


def tag(latex: str) -> str:
    r"""A number as it was read -> what stands between its parentheses: `(1.2)`, `\mathrm{A}.3` -> `1.2`, `A.3`."""
    plain = re.sub(r"\\(?:tag|math\w+|text|left|right|,|;)(?![a-zA-Z])", "", latex)
    return _NUMBER.sub(r"\1", re.sub(r"[{}\s\\]", "", plain))


def _common(one: tuple, other: tuple) -> float:
    """The share of the first box's height that the other has too."""
    return (min(one[3], other[3]) - max(one[1], other[1])) / max(one[3] - one[1], 1)


def _apart(one: tuple, other: tuple) -> float:
    return max(one[0], other[0]) - min(one[2], other[2])


def settle(regions: Sequence[Region], letter: float) -> None:
    """A formula that was taken for a displayed one is inline where text stands right beside it."""
    words = [region.box for region in regions if region.kind == "text"]
    for region in regions:
        if region.kind == "displayed" and not region.tag and any(
            _common(box, region.box) > 0.6 and _apart(box, region.box) < layout.WORD_GAP * letter for box in words
        ):
            region.kind = "inline"


def in_order(regions: list[Region], letter: float) -> list[Region]:
    """The regions in reading order, with the number of the line that each is on."""
    boxes = np.array([region.box for region in regions], float).reshape(-1, 4)
    alone = np.array([region.kind == "displayed" for region in regions], bool)
    ordered = []
    for number, line in enumerate(layout.lines(boxes, alone, letter)):
        for place in line:
            regions[place].line = number
            ordered.append(regions[place])
    return ordered


def _whole(sides: Sequence[float]) -> tuple[int, int, int, int]:
    left, top, right, bottom = sides
    return int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))
