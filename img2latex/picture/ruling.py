"""Takes the printed lines of a notebook's page away, so that they neither join letters nor get read.

Pictures here are uint8 HxW, dark ink on paper that is equally light everywhere.
"""

from __future__ import annotations

import cv2
import numpy as np

from img2latex.picture.components import stroke_width, typical_height, without_dust
from img2latex.picture.levels import percentile

DRAWN, DARK = 0.88, 0.55  # of the paper's grey: what is darker may be a line, and may be a pen's stroke
DARKER = 0.2  # of the paper's grey, by which a stroke on a line is darker than the line
FEWEST = 3  # lines that make a ruling: fewer may be the bars of fractions
MANY = 9  # lines that make one even if they end within the picture, as those of a table do
EDGE = 2  # px from the picture's edge: a line that gets so near was longer
ACROSS = 0.92  # of the picture's width, at least, is what a line of the page spans
STEEPEST = 0.04  # rise over run
THICKEST = 0.015  # of the picture's height, and at least 7 px: the soft edges and steps of a slanting line count
IRREGULAR = 0.15  # of the distance between two lines, at most
STRAIGHT = 1.0  # px, that the middle of a line strays from a straight one in half of its columns
OTHER_TONE, OTHER_WIDTH = 0.75, 1.7  # of the pen's: at most as dark, at least as thick, what another pen has drawn
HAIR, THINNER = 0.035, 0.6  # of a letter's height and of the pen's width, at most, a line that no bar is as thin as
SOLID = 1.5  # px: a thinner line may look pale for falling between two pixels
BEYOND = 1.5  # letters beyond the writing, on either side, at least: a line drawn by the same pen ...
BEYOND_ALONE = 0.6  # ... and the only one, with all of the writing on one side of it
BEYOND_OTHER = 0.5  # ... and, on one side, one of another pen
BEYOND_THROUGH = 0.4  # ... and one that letters cross in two places
UPRIGHT = 2.0  # letters: what crosses a line and is straight for so long may be the line between two columns


def remove(grey: np.ndarray, paper: int) -> np.ndarray:
    """The picture without the lines of ruled or squared paper; the same array where there are none.

    A ruling is three or more thin lines from the left edge to the right one, all equally far apart, some perhaps
    missing; squared paper has as many from top to bottom. A few lines that end before the edges belong to a table.
    One or two lines are of the paper if they run straight from edge to edge and on both sides beyond the writing: a
    little if letters cross them or another pen has drawn them, as their tone and thickness tell, else further than
    bars and the lines of tables do.
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
    darker = grey < percentile(grey[lines], 20) - DARKER * paper  # most of `lines` are their edges
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
    fits &= thickness <= max(7.0, THICKEST * height)
    fits[0] = False  # the paper
    middles = found[fits, cv2.CC_STAT_TOP] + found[fits, cv2.CC_STAT_HEIGHT] / 2
    thin = np.where(long, labels, 0)  # closing has lengthened the others up to the edges
    cut = np.logical_and(*(np.isin(np.arange(len(found)), thin[:, end]) for end in (slice(EDGE), slice(-EDGE, None))))
    fewest = FEWEST if 2 * cut[fits].sum() >= fits.sum() else MANY
    if fits.sum() < fewest or not _is_regular(np.sort(middles)):
        fits &= cut
        few = np.flatnonzero(fits) if fits.sum() < FEWEST else []
        lines = fits[labels]
        fits[:] = False
        for line in few:
            fits[line] = _is_of_paper(thin == line, lines, len(few) == 1, grey, paper)
        if not fits.any():
            return np.zeros(grey.shape, bool)
    return cv2.dilate(fits[labels].view(np.uint8), np.ones((5, 1), np.uint8)).view(bool)


def _is_of_paper(line: np.ndarray, lines: np.ndarray, alone: bool, grey: np.ndarray, paper: int) -> bool:
    """Is a single line from edge to edge no part of the writing?

    Args:
        line: bool HxW.
        lines: this and another, bool HxW.
        alone: there is no other.
        grey, paper: see `remove`.
    """
    columns = np.flatnonzero(line.any(axis=0))
    middle = (line * np.arange(len(line))[:, None]).sum(axis=0)[columns] / line.sum(axis=0)[columns]
    if len(columns) < 3:
        return False  # too few to tell how straight it is
    slope, start = np.polyfit(columns, middle, 1)
    strays = np.abs(middle - slope * columns - start)
    free = strays <= np.percentile(strays, 60)  # of letters that stand on the line
    slope, start = np.polyfit(columns[free], middle[free], 1)
    if np.median(np.abs(middle - slope * columns - start)) > STRAIGHT:
        return False
    around = cv2.dilate(lines.view(np.uint8), np.ones((5, 1), np.uint8)).view(bool)
    strokes = ((grey < DRAWN * paper) & ~around).view(np.uint8)
    marks = without_dust(cv2.connectedComponentsWithStats(strokes, connectivity=8)[2][1:])
    if len(marks) < 2:
        return False  # a letter over its bar
    letter = typical_height(marks)
    left, right = marks[:, 0].min() / letter, (line.shape[1] - (marks[:, 0] + marks[:, 2]).max()) / letter
    beyond = min(left, right)
    tone, width = _pen(grey, strokes, paper)
    depth = paper - grey[line].astype(float)
    own = np.percentile(depth, 75)
    thickness = (depth >= own / 2).sum() / len(columns)
    pale = thickness >= SOLID and own < OTHER_TONE * tone
    hair = thickness < min(HAIR * letter, THINNER * width)
    if pale or hair or thickness > OTHER_WIDTH * width:
        return bool(max(left, right) >= BEYOND_OTHER)
    if _crossings(strokes, around, letter) >= 2:
        return bool(beyond >= BEYOND_THROUGH)
    height = slope * (marks[:, 0] + marks[:, 2] / 2) + start
    above, below = marks[:, 1] + marks[:, 3] <= height, marks[:, 1] >= height
    if above.any() and below.any():
        return False  # it may be the bar of a fraction
    return bool(beyond >= (BEYOND_ALONE if alone else BEYOND))


def _crossings(strokes: np.ndarray, lines: np.ndarray, letter: float) -> int:
    """In how many places strokes cross the lines; those between the columns of a table do not count."""
    whole = _joined(strokes.view(bool), lines)
    upright = cv2.morphologyEx(whole.view(np.uint8), cv2.MORPH_OPEN, np.ones((round(UPRIGHT * letter), 1), np.uint8))
    return cv2.connectedComponents((whole & lines & (upright == 0)).view(np.uint8), connectivity=8)[0] - 1


def _pen(grey: np.ndarray, strokes: np.ndarray, paper: int) -> tuple[float, float]:
    """By how many levels strokes are darker than paper, and their width in px."""
    tone = paper - percentile(grey[strokes > 0], 25)
    return tone, stroke_width((strokes > 0) & (grey < paper - tone / 2))


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
