"""Boxes and the ink of a page: between which letters a formula ends, and whether it stands alone.

Cells are as large as letters, so what they tell of a side is off by a letter or so. The ink is exact. Each letter near
a side may be the formula's last; the best by a few things decides: how near it is to where the box was thought to end,
the gap behind it, how sure its cells are to be part of a formula, and where they see the side.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from img2latex.page import joining
from img2latex.page.cells import POSSIBLE, REACH, Box, without_doubles
from img2latex.page.marks import LETTER_HEIGHT, Marks, beside, common, enclosing, held
from img2latex.page.stops import is_stop

_REACH = 5 * LETTER_HEIGHT  # px: so far from a side its last letter is looked for
_GAPS = (0.3, 0.9, 3.0)  # heights of letters: between letters, between words, and beside what stands alone
# What counts how much; `training.page_rules` fits all of it to pages that no weights were trained on. Of each thing in
# `_reasons`, so that the right letter wins:
WEIGHTS = {
    "displayed": (-0.47, -0.86, 0.32, 1.9, 0.85, 0.46, -1.5),
    "inline": (-1.01, -0.59, 3.02, 1.24, -0.31, 1.76, -2.69),
}
# For being displayed: of the logarithm of the cells' votes, of the room on both sides (_ROOM), and for all.
DISPLAYED = (2.65, 0.14, -1.2)
_ROOM = (3.0, 10.0)  # heights of letters: less is no room, more is no more
# For being a formula, see `sure_reasons`. A displayed one that is wide and high is certain although none of its marks
# sees all of its sides; width was not fitted to those in lines.
SURE = {"displayed": (0.65, -0.55, -1.13, 0.27, 0.69, -1.62), "inline": (1.99, -0.64, -0.45, -0.07, 0.0, -1.15)}
CERTAIN = {"displayed": 0.5, "inline": 0.5, "number": 0.5}  # confidence at least; tried on pages made for that
_END = 2 * LETTER_HEIGHT  # px: marks so near an end of a formula see it
_LOOSE = 0.6 * LETTER_HEIGHT  # px: a mark so near above or below belongs to a displayed formula if its cells say so
# Heights of letters: of accents, and of exponents and the like, at most; how far they are from their letter up or down,
# and how far their middle is beside it.
_FLAT, _SMALL, _CLOSE, _ASIDE = 0.45, 0.8, 0.45, 0.25
_DUST = 2.0  # px
_FOLIO = 3.2 * LETTER_HEIGHT  # px: the number of a page is as wide at most


def fitted(found: list[Box], page: Marks) -> list[Box]:
    """The boxes that are sure enough, around whole letters, of the kind and as sure as their marks and place tell.

    A number without a formula on its line is left out.
    """
    if not len(page.boxes):
        return []
    judged_boxes, others = judged(found, page)
    numbers = [box for box in judged_boxes if box.kind == "number"]
    formulas = joining.joined([box for box in judged_boxes if box.kind != "number"], page, others)
    formulas = [box for box in formulas if not _is_page_number(box, page, others)]
    return formulas + [box for box in numbers if any(_on_a_line(box, other) for other in formulas)]


def judged(found: list[Box], page: Marks) -> tuple[list[Box], np.ndarray]:
    """The boxes that are sure enough, before any are joined; and which marks are no numbers of equations, N."""
    boxes = [Box(around(box, page), box.kind, box.confidence) for box in found]
    others = no_numbers(boxes, page)
    told = [box if box.kind == "number" else _weighed(box, page, others) for box in boxes]
    told = [_without_stop(box, page) if box.kind == "inline" else box for box in told]
    return without_doubles([box for box in told if box.confidence > CERTAIN[box.kind]]), others


def no_numbers(boxes: list[Box], page: Marks) -> np.ndarray:
    """Which marks are neither in the number of an equation nor dust, N."""
    numbers = [box.sides for box in boxes if box.kind == "number" and box.confidence > CERTAIN["number"]]
    of_numbers = held(page.boxes, np.array(numbers)).any(axis=1)
    return ~of_numbers & ((page.boxes[:, 2:] - page.boxes[:, :2]) > _DUST).any(axis=1)


def around(box: Box, page: Marks) -> tuple[float, float, float, float]:
    """The sides of a box around the marks that its formula consists of."""
    left, top, right, bottom = box.sides
    if box.kind in WEIGHTS:
        left, right = _ends(box, page)
    mine = held(page.boxes, (left, top, right, bottom))[:, 0]
    if box.kind == "displayed":
        near = common(page.boxes, (top, bottom), 1) > -_LOOSE
        mine |= near & beside(page.boxes, (left, right), 0) & (page.sure > POSSIBLE)
    if not mine.any():
        return left, top, right, bottom
    if box.kind == "inline":
        mine |= _attached(page, mine)
    return enclosing(page.boxes[mine])


def _attached(page: Marks, mine: np.ndarray) -> np.ndarray:
    """Which marks, N, are hats, bars, exponents, denominators and the like of some marks of a formula in a line.

    They are close above or below one of these: flat ones above, and small ones whose cells say that they are of a
    formula.
    """
    marks, letters = page.boxes[:, None], page.boxes[mine]
    middle = (marks[..., 0] + marks[..., 2]) / 2
    aside = np.maximum(letters[:, 0] - middle, middle - letters[:, 2]) / LETTER_HEIGHT  # N x M
    above, below = ((one - other) / LETTER_HEIGHT for one, other in (
        (letters[:, 1], marks[..., 3]), (marks[..., 1], letters[:, 3])))  # fmt: skip
    height = (page.boxes[:, 3] - page.boxes[:, 1]) / LETTER_HEIGHT
    flat = (height < _FLAT) & ((aside < 0.25) & (np.abs(above) < _CLOSE)).any(axis=1)
    small = (height < _SMALL) & (page.sure > POSSIBLE)
    return flat | (small & ((aside < _ASIDE) & (np.maximum(above, below) < _CLOSE)).any(axis=1))


def _ends(box: Box, page: Marks) -> tuple[float, float]:
    """Left and right side of a formula."""
    left, _, right, _ = box.sides
    start, end = (
        places[(reasons @ WEIGHTS[box.kind]).argmax()] if len(places) else side
        for (places, reasons), side in zip(candidates(box, page), (left, -right), strict=True)
    )
    return (start, -end) if start < -end else (left, right)


def candidates(box: Box, page: Marks) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Where a formula may begin, px, and what speaks for each place (see `_reasons`); then the same mirrored, where it
    may end: minus its right side."""
    left, top, right, bottom = box.sides
    near = beside(page.boxes, (top, bottom), 1) & (common(page.boxes, (left, right), 0) > -_REACH)
    line = np.column_stack((page.boxes[near][:, ::2], page.told[near][:, ::2], page.sure[near]))
    line = _columns(line) if near.any() else line
    mirrored = line[::-1, [1, 0, 3, 2, 4]] * (-1, -1, -1, -1, 1)
    for columns, thought, other in ((line, left, right), (mirrored, -right, -left)):
        places = (columns[:, 0] < other - 1) & (np.abs(columns[:, 0] - thought) < _REACH)
        yield columns[places, 0], _reasons(columns, thought)[places] if places.any() else np.empty((0, 7))


def _columns(line: np.ndarray) -> np.ndarray:
    """Marks, those above each other as one. Rows: left, right, sides as told and strength (means); in order."""
    line = line[line[:, 0].argsort()]
    ends = np.maximum.accumulate(line[:, 1])
    starts = np.flatnonzero(np.concatenate(([True], line[1:, 0] >= ends[:-1] - 0.5)))
    counts = np.diff(np.append(starts, len(line)))
    means = np.add.reduceat(line[:, 2:], starts) / counts[:, None]
    return np.column_stack((line[starts, 0], np.maximum.reduceat(line[:, 1], starts), means))


def _reasons(line: np.ndarray, thought: float) -> np.ndarray:
    """What speaks for each column (see `_columns`) to be the first of a formula that was thought to begin at `thought`.

    How far outwards or inwards it is, how much of each of _GAPS lies before it, its strength, and how far it is from
    where its own cells see the side.
    """
    left = line[:, 0]
    outwards = (thought - left) / LETTER_HEIGHT
    gap = np.concatenate(([np.inf], left[1:] - line[:-1, 1])) / LETTER_HEIGHT
    steps = np.diff(np.minimum(gap.clip(0)[:, None], (0, *_GAPS)), axis=1)
    apart = np.minimum(np.abs(line[:, 2] - left) / LETTER_HEIGHT, 2)
    return np.column_stack((outwards.clip(0), (-outwards).clip(0), steps, line[:, 4], apart))


def _without_stop(box: Box, page: Marks) -> Box:
    """Without the full stop or comma of the sentence behind it."""
    *before, last = sorted(page.boxes[held(page.boxes, box.sides)[:, 0]].tolist(), key=lambda mark: mark[2]) or [None]
    if not before or max(mark[2] for mark in before) > last[0] + 0.5:
        return box
    sides = enclosing(np.array(before))
    return Box(sides, box.kind, box.confidence) if is_stop(last, sides[1], sides[3], LETTER_HEIGHT) else box


def _is_page_number(box: Box, page: Marks, others: np.ndarray) -> bool:
    """A few letters alone on the first or last line of a page; a title may stand on that line."""
    left, top, right, bottom = box.sides
    on_its_line = common(page.boxes, (top, bottom), 1) > -LETTER_HEIGHT / 2  # commas and hyphens, too
    rest = page.boxes[others & ~on_its_line]
    if box.kind != "displayed" or right - left > _FOLIO or bottom - top > 2 * LETTER_HEIGHT or not len(rest):
        return False
    return bool(rest[:, 1].min() > bottom or rest[:, 3].max() < top)


def _on_a_line(box: Box, other: Box) -> bool:
    return bool(common(np.array([box.sides]), other.sides[1::2], 1)[0] > 0.3 * (box.sides[3] - box.sides[1]))


def _weighed(box: Box, page: Marks, others: np.ndarray) -> Box:
    """Displayed or inline, and how sure that it is a formula."""
    mine = held(page.boxes, box.sides)[:, 0]
    if not mine.any():
        return Box(box.sides, box.kind, 0.0)
    kind = "displayed" if kind_reasons(box, mine, page, others) @ DISPLAYED > 0 else "inline"
    return Box(box.sides, kind, float(1 / (1 + np.exp(-(sure_reasons(box, mine, page) @ SURE[kind])))))


def kind_reasons(box: Box, mine: np.ndarray, page: Marks, others: np.ndarray) -> np.ndarray:
    """What speaks for being displayed: the votes of the cells, and the room beside it.

    Args:
        mine: which marks lie in the box, N.
        others: which marks are no numbers of equations, N.
    """
    left, top, right, bottom = box.sides
    displayed, inline = page.votes[mine].sum(axis=0)
    line = page.boxes[others & ~mine & beside(page.boxes, (top, bottom), 1)]
    before, after = left - line[line[:, 0] < left, 2], line[line[:, 2] > right, 0] - right
    room = sum(np.clip(side.min(initial=np.inf) / LETTER_HEIGHT, *_ROOM) - _ROOM[0] for side in (before, after))
    return np.array([np.log((displayed + 0.1) / (inline + 0.1)), room, 1.0])


def sure_reasons(box: Box, mine: np.ndarray, page: Marks) -> np.ndarray:
    """What speaks for being a formula: the cells' word, that its marks (`mine`, N) see its sides where they are, size.

    The logarithm of the cells' odds; how far its marks see its sides from where they are, across and up and down (at
    most 2 a side); its height, at most 12; the logarithm of its width; and 1. Lengths are in heights of letters.
    """
    left, top, right, bottom = box.sides
    inside, told = page.boxes[mine], page.told[mine]
    first, last = inside[:, 0] < left + _END, inside[:, 2] > right - _END
    middle = (inside[:, 1] + inside[:, 3]) / 2  # a mark sees no farther than REACH
    upper, lower = np.maximum(top, middle - REACH), np.minimum(bottom, middle + REACH)
    off = [told[first, 0] - left, told[last, 2] - right, told[:, 1] - upper, told[:, 3] - lower]
    off = np.minimum([np.abs(side).mean() / LETTER_HEIGHT for side in off], 2)
    width, height = (right - left) / LETTER_HEIGHT, (bottom - top) / LETTER_HEIGHT
    odds = np.log((box.confidence + 0.02) / (1.02 - box.confidence))
    return np.array([odds, off[0] + off[1], off[2] + off[3], min(height, 12), np.log(width + 1), 1.0])
