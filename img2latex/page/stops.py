"""The full stop or comma of the sentence behind a formula in a line: no part of the formula, and alone on the page for
RapidOCR, which does not see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from img2latex.page.cells import Box
from img2latex.page.marks import beside
from img2latex.page.text import Sides

# A full stop or comma: its width and height at most, in heights of letters, and the share of the formula's height above
# it at least. Of 387 such marks at the end of inline formulas on validation pages 354 belonged to the sentence.
_STOP = (0.55, 0.75, 0.6)
_NEAR = 0.5  # heights of letters behind a formula, at most
_AROUND = 0.35, 0.12  # heights of letters above and below a mark, and beside it, in which its pale parts are looked for
_COMMA = 1.05  # higher than wide by that: of 468 marks on validation pages hardly one lies between


def is_stop(mark: Sequence[float], top: float, bottom: float, letter: float) -> bool:
    """Whether a mark behind a formula from `top` to `bottom` is the full stop or comma of the sentence.

    Args:
        letter: height of a typical letter, px as all else.
    """
    width, height = (mark[2] - mark[0]) / letter, (mark[3] - mark[1]) / letter
    return width < _STOP[0] and height < _STOP[1] and mark[1] - top > _STOP[2] * (bottom - top)


def behind(found: Sequence[Box], marks: np.ndarray, letter: float, grey: np.ndarray) -> Iterator[tuple[Sides, str]]:
    """Where the full stops and commas behind formulas in lines stand, from the formula's top, and what they are.

    Args:
        marks: N x 4 px, the boxes of the marks on the page, uint8 H x W.
        letter: height of a typical letter, px.
    """
    down, across = (share * letter for share in _AROUND)
    for box in found:
        _, top, right, bottom = box.sides
        near = (np.abs(marks[:, 0] - right) < _NEAR * letter) & (marks[:, 2] > right)
        last = marks[near & beside(marks, (top, bottom + _NEAR * letter), 1)]
        if box.kind == "inline" and len(last) and all(is_stop(mark, top, bottom, letter) for mark in last):
            left, upper = last[:, :2].min(axis=0) - (across, down)  # a comma may lie in pieces
            end, lower = last[:, 2:].max(axis=0) + (across, down)
            yield (left, top, end, lower), _sign(grey, (left, upper, end, lower))


def _sign(grey: np.ndarray, sides: Sides) -> str:
    """`,` or `.`: by the ink of the mark and its pale tail, how long it is down and across."""
    left, top, right, bottom = (max(0, round(side)) for side in sides)
    ink = 255.0 - grey[top:bottom, left:right]
    ink = (ink - np.median(ink[[0, -1]])).clip(min=0)
    height, width = (line.sum() / max(line.max(), 1e-9) for line in (ink.sum(axis=1), ink.sum(axis=0)))
    return "," if height > _COMMA * width else "."
