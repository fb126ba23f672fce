"""Connected components of ink: which of them are dust, and how high a typical letter is.

Pictures here are uint8 HxW, levelled: 0 ink on 255 paper. Components are an int array N x 5: left, top, width, height
and area in px.
"""

from __future__ import annotations

import cv2
import numpy as np

INK = 128  # darker than this is ink
_TRACE = 240  # ... and darker than this a trace of ink: a thin stroke in small print, the tail of a comma
_TAIL = 0.35  # of a letter's height: how far at most a trace may reach beyond the ink
_TALL = 2.2  # times the middle letter; of 1.8, 2.2 and no bound this read long formulas of validation best
_DENSE = 0.2  # of its box that a letter covers; integrals, roots and large letters of a thin pen cover less
_SPARSE = 0.4  # of its box that the lines of a table cover at most
_FEW = 0.1  # of the height of all that is upright: letters that make up less are not what is typical


def connected(clean: np.ndarray, drawn: int = INK) -> np.ndarray:
    """Components of what is darker than `drawn`, without specks of dust."""
    mask = (clean < drawn).view(np.uint8)
    return without_dust(cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:])


def without_dust(components: np.ndarray) -> np.ndarray:
    """The larger components: dust is far smaller than letters; a full stop is a seventh of a letter's height."""
    large = np.sort(components[:, 4])[-max(1, len(components) // 4) :]
    return components[components[:, 4] >= max(1.0, 0.012 * float(np.median(large)))] if len(components) else components


def long_lines(ink: np.ndarray, share: float) -> np.ndarray:
    """Straight lines over a share of the width or of the height, with their soft edges: bool HxW, as `ink` is."""
    drawn = ink.view(np.uint8)
    lines = np.zeros_like(drawn)
    for size in ((1, max(2, round(share * ink.shape[1]))), (max(2, round(share * ink.shape[0])), 1)):
        lines |= cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones(size, np.uint8))
    return cv2.dilate(lines, np.ones((3, 3), np.uint8)).view(bool)


def box(components: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of all components, the last two exclusive."""
    return (*components[:, :2].min(axis=0), *(components[:, :2] + components[:, 2:4]).max(axis=0))


def _faint_strokes(found: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Those of the traces `found` that are strokes beside all components: the last `|` or minus sign in small print.

    They are half a letter long, thin and at most a letter away, as what is left of a shadow seldom is.
    """
    left, top, right, bottom = box(components)
    letter = typical_height(components)
    x, y, width, height = found[:, :4].T
    away = np.max((left - x - width, x - right, top - y - height, y - bottom), axis=0)
    long = np.maximum(width, height) >= max(4.0, 0.5 * letter)
    thin = np.minimum(width, height) <= max(2.0, 0.25 * letter)
    return found[(away >= 0) & (away <= letter) & long & thin]


def box_with_traces(clean: np.ndarray, components: np.ndarray) -> tuple[int, int, int, int]:
    """The box of all components, with faint strokes beside them, the grey edge of the ink and traces that touch it.

    In small print the tail of a comma is grey: without it, a comma at the edge would look like a full stop.

    Returns:
        left, top, right and bottom within the picture, the last two exclusive.
    """
    labels, found = cv2.connectedComponentsWithStats((clean < _TRACE).view(np.uint8), connectivity=8)[1:3]
    components = np.concatenate((components, _faint_strokes(found[1:], components)))
    found = found[np.bincount(labels[clean < INK], minlength=len(found)) > 0]
    left, top, right, bottom = box(components)
    x, y, width, height = found[:, :4].T
    here = (x < right) & (x + width > left) & (y < bottom) & (y + height > top)  # dust elsewhere is none of it
    far_left, far_top, far_right, far_bottom = box(found[here])
    count = len(components)
    upper = np.interp(0.75 * (count - 1), np.arange(count), np.sort(components[:, 3]))  # their 75th percentile
    letter = max(typical_height(components), upper)  # 1.1.1 in small print falls to bits
    reach = max(1, round(_TAIL * letter))
    return (
        max(0, min(left - 1, max(far_left, left - reach))),
        max(0, min(top - 1, max(far_top, top - reach))),
        min(clean.shape[1], max(right + 1, min(far_right, right + reach))),
        min(clean.shape[0], max(bottom + 1, min(far_bottom, bottom + reach))),
    )


def typical_height(components: np.ndarray) -> float:
    """Height in px of a typical letter among components (see `connected`).

    The mean of the heights, each weighted by its square, so that a capital counts more than its index, and a dot
    hardly. Bars, and components more than 2.2 times as high as the median (fraction lines, brackets, roots, integrals),
    are left out if there is anything else: with four integrals, letters of 10 px would measure 26. In that median each
    height is weighted by itself, or by less if the component covers little of its box. If nearly all components are as
    narrow as bars (11011101), the result is the median of all heights weighted by their square roots, so that neither
    fragments of letters nor the brackets of a matrix of ones decide it.
    """
    width, height, area = _without_frames(components)[:, 2:5].T.astype(float)
    upright = width < 2.2 * height
    letters = upright & (height < 3.5 * width)
    if height[letters].sum() <= _FEW * height[upright].sum():
        sides = np.maximum(height, 0.5 * width)
        return max(2.0, _middle(sides, np.sqrt(sides)))
    width, height, area = width[letters], height[letters], area[letters]
    middle = _middle(height, height * np.minimum(1, area / (_DENSE * width * height)))
    height = height[height <= _TALL * middle]
    return float((height**3).sum() / (height**2).sum())


def _without_frames(components: np.ndarray) -> np.ndarray:
    """The components without those around more than three others: the lines of a table, long roots."""
    x, y, width, height, area = components[:, :5].T
    across, down = x + width / 2, y + height / 2
    sparse = np.flatnonzero((area < _SPARSE * width * height) & (height >= np.median(height)))
    beside = np.abs(across - across[sparse, None]) < width[sparse, None] / 2  # sparse x all, each beside itself too
    within = beside & (np.abs(down - down[sparse, None]) < height[sparse, None] / 2)
    return np.delete(components, sparse[within.sum(axis=1) > 4], axis=0)


def _middle(values: np.ndarray, weights: np.ndarray) -> float:
    """The weighted median."""
    order = np.argsort(values)
    counted = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(counted, counted[-1] / 2)])


def stroke_width(drawn: np.ndarray) -> float:
    """Mean width in px of the strokes in a mask, bool HxW: twice their area for each pixel of their edge."""
    edge = drawn & (cv2.erode(drawn.view(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    return 2 * float(drawn.sum()) / max(1, int(edge.sum()))
