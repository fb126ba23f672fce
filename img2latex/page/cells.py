"""What the finder tells of each cell of a page, and the boxes that follow from it.

A cell is CELL px square. For each the network gives a score for every kind (is this cell part of such a formula?) and
how far the formula's sides are from the cell's middle. It sees a few words around a cell, not a whole line: distances
above REACH are cut. So no cell knows a long formula's box; cells that agree are joined, and those next to a side tell
where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

KINDS = ("displayed", "inline", "number")  # the last is the number of an equation
CELL = 8  # px
REACH = 64.0  # px
POSSIBLE = 0.4  # score of a formula's cell at least
LEAST = 0.3  # confidence; `fitting` decides about the rest
_SURE = 0.8 * REACH  # px; a side nearer than that is seen
_SURER = 0.8  # so large a share of a formula's cells are less sure than the formula as a whole
# The share that the formulas which two cells mean have in common at least, so that they are one: of cells beside each
# other, and of cells above each other, where two displayed formulas may stand close.
_ALIKE = (0.5, 0.85)
_NEAR = 14.0  # px: how fast a cell's word on a side counts less with its distance


@dataclass
class Box:
    """Where a formula stands: left, top, right, bottom in px; kind is one of KINDS; confidence is from 0 to 1."""

    sides: tuple[float, float, float, float]
    kind: str
    confidence: float


def targets(shape: tuple[int, int], boxes: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network should tell.

    Args:
        shape: rows and columns of cells.
        boxes: N x 4 px; kinds: N indices of KINDS.

    Returns:
        scores KINDS x rows x columns, 0 or 1; distances 4 x rows x columns in px (left, top, right, bottom); and
        weights rows x columns of the cells: those of small formulas weigh more, 0 where there is none.
    """
    scores = np.zeros((len(KINDS), *shape), np.float32)
    distances = np.zeros((4, *shape), np.float32)
    weights = np.zeros(shape, np.float32)
    for i in np.argsort(-areas(boxes)):  # of two over each other the smaller wins
        left, top, right, bottom = boxes[i]
        rows, columns = (_covered(*pair) for pair in ((top, bottom), (left, right)))
        rows, columns = slice(*np.clip(rows, 0, shape[0])), slice(*np.clip(columns, 0, shape[1]))
        y, x = (np.arange(part.start, part.stop) * CELL + CELL / 2 for part in (rows, columns))
        if not len(x) or not len(y):
            continue
        across, down = np.meshgrid(x, y)
        scores[:, rows, columns] = 0
        scores[kinds[i], rows, columns] = 1
        distances[:, rows, columns] = np.clip((across - left, down - top, right - across, bottom - down), -CELL, REACH)
        weights[rows, columns] = np.clip(8 / (len(x) * len(y)), 0.3, 4)
    return scores, distances, weights


def _covered(start: float, end: float) -> tuple[int, int]:
    """The cells whose middle lies between, or the one nearest to its middle."""
    first, last = int(np.ceil(start / CELL - 0.5)), int(np.ceil(end / CELL - 0.5))
    nearest = int((start + end) / 2 / CELL)
    return (first, last) if last > first else (nearest, nearest + 1)


def areas(boxes: np.ndarray) -> np.ndarray:
    """Of boxes N x 4."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def decode(scores: np.ndarray, distances: np.ndarray) -> list[Box]:
    """Boxes from what the network tells, in px of its input.

    Args:
        scores: KINDS x rows x columns, 0 to 1; distances: 4 x rows x columns, px.
    """
    best = strength(scores)
    inside = best > POSSIBLE
    if not inside.any():
        return []
    rows, columns = inside.shape
    y, x = (np.arange(count) * CELL + CELL / 2 for count in inside.shape)
    sides = np.stack((x - distances[0], y[:, None] - distances[1], x + distances[2], y[:, None] + distances[3]))
    of_number = scores[2] > scores[:2].sum(axis=0)
    joined = np.zeros((2 * rows, 2 * columns), np.uint8)  # between each two cells a place for what joins them
    joined[::2, ::2] = inside
    for place, one, other, share in (
        (np.s_[::2, 1:-1:2], np.s_[:, :-1], np.s_[:, 1:], _ALIKE[0]),
        (np.s_[1:-1:2, ::2], np.s_[:-1], np.s_[1:], _ALIKE[1]),
    ):
        both = inside[one] & inside[other] & (of_number[one] == of_number[other])
        joined[place] = both & _agree(*(sides[(slice(None), *_pair(cell))] for cell in (one, other)), share)
    _, labels = cv2.connectedComponents(joined, connectivity=4)
    labels = labels[::2, ::2]
    order = np.argsort(labels[inside], kind="stable")
    numbers, starts = np.unique(labels[inside][order], return_index=True)
    told, sure, apart = sides[:, inside][:, order], scores[:, inside][:, order], distances[:, inside][:, order]
    ends = [*starts[1:], len(order)]
    found = [_box(told[:, a:b], apart[:, a:b], sure[:, a:b]) for a, b in zip(starts, ends, strict=True)]
    found = [box for box in found if box.confidence > LEAST]
    return without_doubles([box for box in found if box.sides[2] > box.sides[0] and box.sides[3] > box.sides[1]])


def strength(scores: np.ndarray) -> np.ndarray:
    """How sure it is that a cell is part of a formula, or of a number: which kind of formula is another question."""
    return np.maximum(scores[:2].sum(axis=0).clip(max=1.0), scores[2])


def _pair(place) -> tuple:
    return place if isinstance(place, tuple) else (place,)


def _agree(one: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    """Do two neighbouring cells, 4 x rows x columns each, mean the same formula? As far as both see it."""
    common = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    larger = np.maximum(one[2:] - one[:2], other[2:] - other[:2])
    return (common > share * larger).all(axis=0)


def _box(sides: np.ndarray, distances: np.ndarray, scores: np.ndarray) -> Box:
    """One formula of its cells: 4 x N sides and distances, KINDS x N scores."""
    best = strength(scores)
    weight = best * np.exp(-np.maximum(distances, 0) / _NEAR) * (distances < _SURE)
    outer = np.array([sides[0].min(), sides[1].min(), sides[2].max(), sides[3].max()])
    total = weight.sum(axis=1)
    mean = np.where(total > 1e-3, (weight * sides).sum(axis=1) / np.maximum(total, 1e-9), outer)
    kind = int(scores.sum(axis=1).argmax())
    return Box(tuple(mean.tolist()), KINDS[kind], float(np.quantile(best, _SURER)))


def shared(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The area that boxes have in common: N x 4 and M x 4 -> N x M."""
    boxes, others = (np.asarray(part, float).reshape(-1, 4) for part in (boxes, others))
    common = np.minimum(boxes[:, None, 2:], others[None, :, 2:]) - np.maximum(boxes[:, None, :2], others[None, :, :2])
    return common.clip(0).prod(axis=2)


def overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union: N x 4 and M x 4 -> N x M."""
    boxes, others = (np.asarray(part, float).reshape(-1, 4) for part in (boxes, others))
    common = shared(boxes, others)
    return common / np.maximum(areas(boxes)[:, None] + areas(others)[None] - common, 1e-9)


def without_doubles(boxes: list[Box]) -> list[Box]:
    """Of boxes that cover each other only the surest; a box mostly inside another goes too."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.confidence * _size(box) ** 0.25):
        left, top, right, bottom = box.sides
        covered = (
            max(0.0, min(right, k.sides[2]) - max(left, k.sides[0]))
            * max(0.0, min(bottom, k.sides[3]) - max(top, k.sides[1]))
            for k in kept
        )
        if all(part < 0.6 * _size(box) for part in covered):
            kept.append(box)
    return kept


def _size(box: Box) -> float:
    left, top, right, bottom = box.sides
    return (right - left) * (bottom - top)
