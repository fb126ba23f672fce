"""Takes the printed lines of a notebook's page away, so that they neither join letters nor get read.

Pictures here are uint8 HxW, dark ink on paper that is equally light everywhere.
"""

from __future__ import annotations

import cv2
import numpy as np

DRAWN, DARK = 0.88, 0.55  # of the paper's grey: what is darker may be a line, and may be a pen's stroke
DARKER = 0.2  # of the paper's grey, by which a stroke on a line is darker than the line
FEWEST = 3  # lines that make a ruling: fewer may be the bars of fractions
MANY = 9  # lines that make one even if they end within the picture, as those of a table do
EDGE = 2  # px from the picture's edge: a line that gets so near was longer
ACROSS = 0.92  # of the picture's width, at least, is what a line of the page spans
STEEPEST = 0.04  # rise over run
THICKEST = 0.015  # of the picture's height
IRREGULAR = 0.15  # of the distance between two lines, at most


def remove(grey: np.ndarray, paper: int) -> np.ndarray:
    """The picture without the lines of ruled or squared paper; the same array where there are none.

    A ruling is three or more thin lines from the left edge to the right one, all equally far apart, some perhaps
    missing; squared paper has as many from top to bottom. A few lines that end before the edges belong to a table.
    Where a pen crosses a line, its stroke stays whole.

    Args:
        grey: the picture.
        paper: its grey level where nothing is drawn.
    """
    if _is_framed(grey, paper):
        return grey  # a table cut out along its frame
    rows = _lines(grey, paper)
    if not rows.any():
        return grey  # nobody's paper has upright lines alone, but many a formula ends with a `|`
    columns = _lines(np.ascontiguousarray(grey.T), paper).T
    lines = rows | columns
    strokes = (grey < DARK * paper) & ~lines
    if not strokes.any():
        return grey  # three lines and nothing else are a congruence sign
    darker = grey < np.percentile(grey[lines], 20) - DARKER * paper  # most of `lines` are their edges
    kept = darker | (rows & _joined(strokes, rows)) | (columns & _joined(strokes.T, columns.T).T)
    return np.where(lines & ~kept, np.uint8(paper), grey)


def _lines(grey: np.ndarray, paper: int) -> np.ndarray:
    """Where lines from the left edge to the right one make a ruling: bool HxW, their soft edges included."""
    height, width = grey.shape
    reach = max(15, width // 20) | 1
    drawn = (grey < DRAWN * paper).view(np.uint8)
    long = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8))
    whole = cv2.morphologyEx(long, cv2.MORPH_CLOSE, np.ones((3, reach), np.uint8))  # joins the steps of a slanting one
    labels, found = cv2.connectedComponentsWithStats(whole, connectivity=8)[1:3]
    thickness = found[:, cv2.CC_STAT_AREA] / np.maximum(found[:, cv2.CC_STAT_WIDTH], 1)
    fits = found[:, cv2.CC_STAT_WIDTH] >= ACROSS * width
    fits &= found[:, cv2.CC_STAT_HEIGHT] <= STEEPEST * width + 3 * thickness
    fits &= thickness <= max(4.0, THICKEST * height)
    fits[0] = False  # the paper
    middles = found[fits, cv2.CC_STAT_TOP] + found[fits, cv2.CC_STAT_HEIGHT] / 2
    thin = np.where(long, labels, 0)  # closing has lengthened the others up to the edges
    cut = np.logical_and(*(np.isin(np.arange(len(found)), thin[:, end]) for end in (slice(EDGE), slice(-EDGE, None))))
    fewest = FEWEST if 2 * cut[fits].sum() >= fits.sum() else MANY
    if fits.sum() < fewest or not _is_regular(np.sort(middles)):
        return np.zeros(grey.shape, bool)
    return cv2.dilate(fits[labels].view(np.uint8), np.ones((5, 1), np.uint8)).view(bool)


def _is_framed(grey: np.ndarray, paper: int) -> bool:
    """Do lines run along all four edges of the picture?"""
    drawn = grey < DRAWN * paper
    return all(side[:EDGE].any(axis=0).mean() >= ACROSS for side in (drawn, drawn[::-1], drawn.T, drawn.T[::-1]))


def _is_regular(places: np.ndarray) -> bool:
    gaps = np.diff(places)
    if gaps.min() <= 5:
        return False
    steps = gaps / gaps.min()
    return bool((np.abs(steps - steps.round()) <= IRREGULAR * steps).all())


def _joined(strokes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Strokes, and what lies between those above and below a line; bool HxW like the rows."""
    if not rows.any():
        return rows
    tops = rows[0].sum() + (rows[1:] & ~rows[:-1]).sum()
    thickness = int(-(-rows.sum() // tops))  # px, of one line
    across = np.ones((2 * thickness + 1, 3), np.uint8)
    return cv2.morphologyEx(strokes.astype(np.uint8), cv2.MORPH_CLOSE, across).view(bool)
