"""Reading order: boxes -> lines, and lines -> columns and blocks, from top to bottom and from left to right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WORD_GAP = 1.6  # heights of a letter: pieces of one line stand no farther apart
COLUMN_GAP = 1.6  # heights of a letter: columns do not stand closer
PARAGRAPH_GAP = 0.6  # heights of a line
COLUMN_LINES = 3  # that each of two columns has at least


def lines(boxes: np.ndarray, alone: np.ndarray, letter: float) -> list[list[int]]:
    """Joins boxes that follow each other on one line.

    Args:
        boxes: N x 4 px: left, top, right, bottom.
        alone: N bool: a displayed formula is a line of its own.
        letter: height of the page's letters, px.

    Returns:
        for each line the places of its boxes, from left to right; lines in reading order.
    """
    found: list[list[int]] = []
    for place in np.argsort(boxes[:, 0], kind="stable").tolist():
        fitting = [] if alone[place] else [
            line for line in found
            if not alone[line[0]] and _follows(boxes[line], boxes[place], letter)
        ]  # fmt: skip
        if fitting:
            max(fitting, key=lambda line: _shared(boxes[line[-1]], boxes[place])).append(place)
        else:
            found.append([place])
    around = np.array([_around(boxes[line]) for line in found]).reshape(-1, 4)
    return [found[i] for i in order(around, letter)]


def _follows(line: np.ndarray, box: np.ndarray, letter: float) -> bool:
    last = line[line[:, 2].argmax()]
    gap = box[0] - last[2]
    return -letter < gap < WORD_GAP * letter and _shared(last, box) > 0.5


def _shared(one: np.ndarray, other: np.ndarray) -> float:
    """How much of the lower of two boxes' height both have in common."""
    common = min(one[3], other[3]) - max(one[1], other[1])
    return common / max(min(one[3] - one[1], other[3] - other[1]), 1e-6)


def _around(boxes: np.ndarray) -> np.ndarray:
    return np.concatenate((boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)))


def order(boxes: np.ndarray, letter: float) -> list[int]:
    """Places of boxes N x 4 in reading order: a page is cut into columns where it can, else into rows."""
    return _order(boxes, list(range(len(boxes))), letter)


def _order(boxes: np.ndarray, places: list[int], letter: float) -> list[int]:
    if len(places) < 2:
        return places
    columns = _parts(boxes, places, 0, COLUMN_GAP * letter)
    if len(columns) > 1 and all(_is_column(boxes[part]) for part in columns):
        return [i for part in columns for i in _order(boxes, part, letter)]
    rows = _parts(boxes, places, 1, 0.0)
    if len(rows) > 1:
        return [i for part in _regions(boxes, rows, letter) for i in part]
    if len(columns) > 1:
        return [i for part in columns for i in _order(boxes, part, letter)]
    return sorted(places, key=lambda i: (boxes[i, 1] + boxes[i, 3], boxes[i, 0]))


def _regions(boxes: np.ndarray, rows: list[list[int]], letter: float) -> list[list[int]]:
    """Rows in order; those that follow each other and have columns in common are read column by column."""
    done: list[list[int]] = []
    start = 0
    while start < len(rows):
        end, best = start + 1, start + 1
        while end <= len(rows):
            together = [i for row in rows[start:end] for i in row]
            parts = _parts(boxes, together, 0, COLUMN_GAP * letter)
            if len(parts) < 2 and end > start + 1:
                break
            if len(parts) > 1 and all(_is_column(boxes[part]) for part in parts):
                best = end
            end += 1
        together = [i for row in rows[start:best] for i in row]
        done.append(_order(boxes, together, letter) if best > start + 1 or len(rows) > 1 else together)
        start = best
    return done


def _is_column(boxes: np.ndarray) -> bool:
    return len(boxes) >= COLUMN_LINES


def _parts(boxes: np.ndarray, places: list[int], axis: int, gap: float) -> list[list[int]]:
    """The places, parted where nothing stands for more than `gap` px along an axis (0 across, 1 down)."""
    parts: list[list[int]] = []
    reach = -np.inf
    for i in sorted(places, key=lambda i: boxes[i, axis]):
        if boxes[i, axis] - reach > gap:
            parts.append([])
        parts[-1].append(i)
        reach = max(reach, boxes[i, axis + 2])
    return parts


def paragraphs(boxes: np.ndarray, told: Sequence[bool], first: Sequence[bool]) -> list[int]:
    """For each line in reading order the number of its paragraph, which a gap, a column or a displayed formula ends.

    Args:
        boxes: N x 4 of the lines; told: whether each is a line of text; first: whether it must begin a paragraph.
    """
    numbers = []
    height = float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else 0.0
    for k, box in enumerate(boxes):
        before = boxes[k - 1] if k else None
        near = before is not None and -height < box[1] - before[3] < PARAGRAPH_GAP * height
        goes_on = near and told[k] and told[k - 1] and not first[k]
        numbers.append(numbers[-1] + (not goes_on) if numbers else 0)
    return numbers
