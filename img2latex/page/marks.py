"""The marks on a page (letters, mostly), what the cells below them tell, and where they stand to a box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from img2latex.page.cells import CELL, areas, shared, strength

LETTER_HEIGHT = 11.0  # px: of the letters on a page as the network sees it
_HELD = 0.4  # share of a letter's box from which on it belongs to a formula
_BESIDE = 0.5  # share of its height, or width, that a mark has in common with a box on whose line, or in whose columns


@dataclass
class Marks:
    """The marks of a page (letters, mostly) and what their cells tell.

    Attributes:
        boxes: N x 4 px.
        sure: N, the mean strength of the cells below each.
        told: N x 4 px, the sides of the formula as the cell in its middle sees them.
        votes: N x 2, scores of that cell for displayed and inline.
    """

    boxes: np.ndarray
    sure: np.ndarray
    told: np.ndarray
    votes: np.ndarray


def marks(boxes: np.ndarray, scores: np.ndarray, distances: np.ndarray) -> Marks:
    """Boxes of marks, N x 4 px, and what the network tells (see `cells.decode`) where they are."""
    best = strength(scores)
    limit = np.array(best.shape[::-1])
    column, row = np.clip((boxes[:, :2] + boxes[:, 2:]).T // (2 * CELL), 0, limit[:, None] - 1).astype(int)
    middle = np.stack((column, row, column, row), axis=1) * CELL + CELL / 2
    told = middle + distances[:, row, column].T * (-1, -1, 1, 1)
    # Sums over quarters of cells, so that of a cell that is half covered only the half counts.
    sums = np.pad(np.kron(best, np.ones((2, 2))), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    quarters = boxes / (CELL / 2)
    low = np.clip(np.floor(quarters[:, :2]).astype(int), 0, 2 * limit - 1)
    high = np.clip(np.ceil(quarters[:, 2:]).astype(int), low + 1, 2 * limit)
    (left, top), (right, bottom) = low.T, high.T
    total = sums[bottom, right] - sums[bottom, left] - sums[top, right] + sums[top, left]
    return Marks(boxes, total / (high - low).prod(axis=1), told, scores[:2, row, column].T)


def enclosing(boxes: np.ndarray) -> tuple[float, float, float, float]:
    """The sides of the smallest box around boxes N x 4, at least one."""
    return (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())


def held(marks: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Which marks, N x 4, lie mostly within which boxes, M x 4: N x M."""
    return shared(marks, boxes) > _HELD * areas(marks)[:, None]


def common(boxes: np.ndarray, span: tuple[float, float], axis: int) -> np.ndarray:
    """How much of a span, px, boxes N x 4 have in common along an axis (0 x, 1 y); below 0: how far they are off."""
    return np.minimum(boxes[:, 2 + axis], span[1]) - np.maximum(boxes[:, axis], span[0])


def beside(boxes: np.ndarray, span: tuple[float, float], axis: int) -> np.ndarray:
    """Which of the boxes N x 4 lie mostly within a span, or it within them."""
    size = np.minimum(boxes[:, 2 + axis] - boxes[:, axis], span[1] - span[0])
    return common(boxes, span, axis) > _BESIDE * size
