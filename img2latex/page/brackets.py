"""A formula in a line that was cut off before its bracket: what was read tells, and the bracket stands beside it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from img2latex.page.cells import Box
from img2latex.page.marks import beside, enclosing

_OPENING, _CLOSING = (re.compile(rf"(?<!\\)[{signs}]|\\{brace}") for signs, brace in ((r"(\[", "{"), (r")\]", "}")))
_NEAR = 0.7  # heights of letters from the box to the bracket, at most
_OUT = 0.5  # heights of letters: so far a bracket may reach above and below the box
_TALL, _NARROW = 1.1, 0.6  # heights of letters: a bracket's height at least, its width at most


def unclosed(latex: str) -> int:
    """How many brackets are opened and not closed; below 0: closed and not opened. Half-open intervals are whole."""
    return len(_OPENING.findall(latex)) - len(_CLOSING.findall(latex))


def widened(box: Box, latex: str, marks: np.ndarray, letter: float) -> Box | None:
    """A formula's box with the bracket that it lacks by what was read in it, if one stands right beside it.

    Args:
        marks: N x 4 px, the boxes of the marks on the page.
        letter: height of a typical letter, px.
    """
    lacking = unclosed(latex)
    if box.kind != "inline" or not lacking:
        return None
    left, top, right, bottom = box.sides
    line = marks[beside(marks, (top - _OUT * letter, bottom + _OUT * letter), 1)]
    gaps = line[:, 0] - right if lacking > 0 else left - line[:, 2]
    gaps = np.where(gaps > -0.2 * letter, gaps, np.inf)
    nearest = gaps.min(initial=np.inf)
    bracket = line[gaps < nearest + 0.3 * letter]  # its middle may be too thin to be seen
    if nearest >= _NEAR * letter:
        return None
    start, upper, end, lower = enclosing(bracket)
    if lower - upper < _TALL * letter or end - start > _NARROW * letter:
        return None
    return replace(box, sides=enclosing(np.vstack((box.sides, bracket))))
