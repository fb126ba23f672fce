"""Parts of one displayed formula become one box: it has its line to itself, however wide the gaps in it are.

The network sees a few words around a cell, so that `x = 1 \\qquad y = 2` is found as two formulas, or its first. What
stands on the line of a box, as far as gaps allow, is one formula if nearly all of it looks like parts of formulas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from img2latex.page.cells import Box, overlap, without_doubles
from img2latex.page.marks import LETTER_HEIGHT, Marks, beside, common, enclosing, held

_GAP = 6 * LETTER_HEIGHT  # px, within a line, at most
_SAME = 0.95  # intersection over union of a box and its line: nothing is to be joined
_FORMULA = 0.3  # strength of a mark that looks like a formula's
# What each of `Line.reasons` counts; `training.page_rules` fits it.
WEIGHTS = (-0.32, 0.28, 0.31, 0.47, -0.53, 0.09, 1.37, 0.72, -0.78, -0.37)


@dataclass
class Line:
    """What stands on the line of a box.

    Attributes:
        sides: left, top, right, bottom, px.
        parts: which of the boxes that were found stand on it, M.
        reasons: 1; log-odds of the marks' mean strength, of the share of those that look like a formula's, of the
            strength that all but a fifth have, of the share of ink in boxes, of the mean strength outside boxes, and of
            the mean vote for displayed; whether one of the parts is displayed; the widest gap, in three heights of
            letters; the logarithm of the number of marks outside boxes.
    """

    sides: tuple[float, float, float, float]
    parts: np.ndarray
    reasons: np.ndarray


def joined(found: list[Box], page: Marks, others: np.ndarray) -> list[Box]:
    """Boxes of formulas, those that are parts of one displayed formula as one.

    Args:
        others: which marks are no numbers of equations, N.
    """
    gone, whole = np.zeros(len(found), bool), []
    for line in lines(found, page, others):
        if np.dot(WEIGHTS, line.reasons) > 0:
            gone |= line.parts
            sure = max(box.confidence for box, mine in zip(found, line.parts, strict=True) if mine)
            whole.append(Box(line.sides, "displayed", sure))
    return without_doubles([box for box, mine in zip(found, gone, strict=True) if not mine] + whole)


def lines(found: list[Box], page: Marks, others: np.ndarray) -> Iterator[Line]:
    """The lines of boxes, each once, but for those that the box fills."""
    boxes = np.array([box.sides for box in found]).reshape(-1, 4)
    displayed = np.array([box.kind == "displayed" for box in found], bool)
    seen = set()
    for sides in boxes:
        line = _grown(sides, page, others)
        parts = held(boxes, line)[:, 0]
        if line in seen or not parts.any() or overlap(line, boxes[parts]).max() > _SAME:
            continue
        seen.add(line)
        yield Line(line, parts, _reasons(line, page, boxes, bool(displayed[parts].any())))


def _grown(sides: np.ndarray, page: Marks, others: np.ndarray) -> tuple[float, float, float, float]:
    """A box with all that stands on its line; it may get higher by that, so that more stands on it."""
    box = tuple(sides.tolist())
    while True:
        on_it = others & beside(page.boxes, box[1::2], 1) & (common(page.boxes, box[::2], 0) > -_GAP)
        larger = enclosing(np.vstack((page.boxes[on_it], box)))
        if larger == box:
            return box
        box = larger


def _reasons(line: tuple[float, ...], page: Marks, boxes: np.ndarray, displayed: bool) -> np.ndarray:
    mine = held(page.boxes, line)[:, 0]
    marks, sure, votes = page.boxes[mine], page.sure[mine], page.votes[mine, 0]
    ink = (marks[:, 2:] - marks[:, :2]).prod(axis=1) + 1
    inside = held(marks, boxes).any(axis=1)
    order = marks[:, 0].argsort()
    gaps = marks[order[1:], 0] - np.maximum.accumulate(marks[order, 2])[:-1]
    by_ink = partial(np.average, weights=ink)
    outside = sure[~inside].mean() if not inside.all() else 1.0
    shares = by_ink(sure), (sure > _FORMULA).mean(), np.quantile(sure, 0.2), by_ink(inside), outside, by_ink(votes)
    odds = [np.log((share + 0.05) / (1.05 - share)) for share in shares]
    widest = min(gaps.max(initial=0), _GAP) / (3 * LETTER_HEIGHT)
    return np.array([1.0, *odds, displayed, widest, np.log((~inside).sum() + 1)])
