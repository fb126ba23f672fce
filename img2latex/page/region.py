"""What a page consists of."""

from __future__ import annotations

from dataclasses import dataclass, field

from img2latex.reader.recognizer import Recognition


@dataclass
class Region:
    """A part of a page: a formula, or a piece of a line of text between formulas.

    Attributes:
        box: left, top, right, bottom in px of the page's picture.
        kind: `displayed`, `inline` or `text`.
        latex: of a formula; empty if it could not be read.
        text: of a piece of text.
        confidence: 0..1, that what was read is right: `Recognition.confidence`, or RapidOCR's score.
        warning: why to distrust it.
        tag: the number of a displayed equation, without parentheses.
        line: regions of one line have the same number.
        found: 0..1, how sure it is that a formula stands there.
        reading: of a formula, with its tokens.
    """

    box: tuple[int, int, int, int]
    kind: str
    latex: str = ""
    text: str = ""
    confidence: float = 0.0
    warning: str | None = None
    tag: str = ""
    line: int = 0
    found: float = 1.0
    reading: Recognition | None = field(default=None, repr=False)
