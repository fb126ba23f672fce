"""Removes frames around a formula: a box, the part of a box that a screenshot shows, a rule above or below it.

Pictures and components here are those of `components.py`.
"""

from __future__ import annotations

import cv2
import numpy as np

from img2latex.picture.components import box, typical_height, without_dust

PALE = 232  # darker than this is a line of a frame: it may be paler than letters
SPANS = 0.95  # of the width and height of all that is drawn: what a frame has to reach
HOLLOW = 0.6  # of a closed frame's box is its hole, at least; of a circle's 0.78
REST = 0.1  # of an open frame's ink, at most, is not in straight lines (of a root's, its hook)
THICKEST = 0.06  # of a frame's longer side is the width of its lines, at most
GAP = 9  # px: what a pen may leave open
DOT = 0.7  # of its box, at least, a dot fills: alone in a ring it is one sign with it
AWAY = 0.5  # letters, at least, of room between a rule and the formula and beside it; bars and overlines leave less
CUT = 2  # px from the picture's edge: a line that gets so near was longer
MOST = 4  # frames and rules around one another


def remove(clean: np.ndarray) -> tuple[np.ndarray, bool]:
    """The picture without frames, the same array where there are none; whether one of them was closed all around."""
    closed = False
    for _ in range(MOST):
        labels, components = cv2.connectedComponentsWithStats((clean < PALE).view(np.uint8), connectivity=8)[1:3]
        for number in 1 + np.flatnonzero(_wide_or_high(components[1:])):
            component, others = components[number], without_dust(np.delete(components, (0, number), axis=0))
            left, top, width, height = component[:4]
            shape = labels[top : top + height, left : left + width] == number
            if len(others) and (_is_frame(shape, component, others) or _is_rule(component, others, clean.shape)):
                clean, closed = _without(clean, shape, component), closed or _is_ring(shape)
                break
        else:
            break
    return clean, closed


def _wide_or_high(components: np.ndarray) -> np.ndarray:
    """Which components are as wide or as high as all components together."""
    if not len(components):
        return np.zeros(0, bool)
    left, top, right, bottom = box(without_dust(components))
    return (components[:, 2] >= SPANS * (right - left)) | (components[:, 3] >= SPANS * (bottom - top))


def _is_frame(shape: np.ndarray, component: np.ndarray, others: np.ndarray) -> bool:
    """Whether a component is a ring, or straight lines that meet, around the box of all others and outside of it."""
    height, width = shape.shape
    left, top, right, bottom = np.subtract(box(others), (*component[:2], *component[:2]))
    if min(left, top) < 0 or right > width or bottom > height:
        return False
    if len(others) == 1 and others[0, 4] >= DOT * others[0, 2] * others[0, 3]:
        return False
    return not shape[top:bottom, left:right].any() and (_is_ring(shape) or _is_angle(shape))


def _is_ring(shape: np.ndarray) -> bool:
    """One large hole and none beside it."""
    closed = cv2.morphologyEx(np.pad(shape.astype(np.uint8), GAP), cv2.MORPH_CLOSE, np.ones((GAP, GAP), np.uint8))
    contours, tree = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    holes = sorted(cv2.contourArea(c) for c, (_, _, _, parent) in zip(contours, tree[0], strict=True) if parent >= 0)
    return bool(holes) and holes[-1] >= HOLLOW * shape.size and sum(holes[:-1]) <= 0.02 * shape.size


def _is_angle(shape: np.ndarray) -> bool:
    """Straight lines across and upright, one of each nearly as long as the whole, and nothing else."""
    ink = np.pad(shape.astype(np.uint8), 2)
    height, width = shape.shape
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(9, width // 10)), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(9, height // 10), 1), np.uint8))
    if _longest(across, cv2.CC_STAT_WIDTH) < SPANS * width or _longest(upright, cv2.CC_STAT_HEIGHT) < SPANS * height:
        return False
    if ink.sum() > THICKEST * max(height, width) * (height + width):
        return False  # thick letters that stand on a line
    rest = (ink > 0) & (cv2.dilate(across | upright, np.ones((3, 3), np.uint8)) == 0)
    return rest.sum() <= REST * shape.sum()


def _longest(lines: np.ndarray, side: int) -> int:
    return int(cv2.connectedComponentsWithStats(lines, connectivity=8)[2][1:, side].max(initial=0))


def _is_rule(component: np.ndarray, others: np.ndarray, size: tuple[int, int]) -> bool:
    """A straight line from edge to edge of the picture, longer than the rest, which is on one side and not near."""
    if len(others) < 2:
        return False  # a letter under its bar
    room, around = AWAY * typical_height(others), box(others)
    for axis in (0, 1):
        start, across, length, thickness = component[[axis, 1 - axis, axis + 2, 3 - axis]]
        first, last = around[axis], around[axis + 2]
        before, behind = across - around[3 - axis], around[1 - axis] - across - thickness
        spans = start <= CUT and start + length >= size[1 - axis] - CUT
        spans &= min(first - start, start + length - last, max(before, behind)) >= room
        if spans and thickness <= max(4, 0.02 * length):
            return True
    return False


def _without(clean: np.ndarray, shape: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Paper in the shape's place, its soft edge included."""
    left, top, width, height = component[:4]
    gone = np.zeros(clean.shape, np.uint8)
    gone[top : top + height, left : left + width] = shape
    return np.where(cv2.dilate(gone, np.ones((5, 5), np.uint8)), np.uint8(255), clean)
