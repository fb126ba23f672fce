"""Removes the printed lines of notebook paper, so that they neither join letters nor are read as signs.

Pictures here are uint8 HxW, dark ink on paper that is equally light everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from img2latex.picture.components import box, stroke_width, typical_height, without_dust
from img2latex.picture.levels import percentile

DRAWN, DARK = 0.88, 0.55  # of the paper's grey: what is darker may be a line, and may be a pen's stroke
DARKER = 0.2  # of the paper's grey, by which a stroke on a line is darker than the line
FEWEST = 3  # lines that make a ruling: fewer may be the bars of fractions
MANY = 9  # lines that make one even if they end within the picture, as those of a table do
EDGE = 2  # px from the picture's edge: a line that gets so near was longer
ACROSS = 0.92  # of the picture's width, at least, is what a line of the page spans
STEEPEST = 0.04  # rise over run
THICKEST = 0.015  # of the picture's height, and at least 7 px: the soft edges and steps of a slanting line count
STEEPER, THICKER = 0.08, 10.0  # the same in photographs, which are blurred: rise over run; px
FADING, NEAR = 0.03, 8  # of the width, and px: how far from its edge a line may fade on a photograph
PALE = 0.4  # of the contrast of a photograph's ink, which a line has at least
IRREGULAR = 0.15  # of the distance between two lines, at most
STRAIGHT = 1.0  # px, that the middle of a line strays from a straight one in half of its columns
OTHER_TONE, OTHER_WIDTH = 0.75, 1.7  # of the pen's: at most as dark, at least as thick, what another pen has drawn
FAR_PALER = 0.6  # of the pen's tone, at most, what surely has another
HAIR, THINNER = 0.035, 0.6  # of a letter's height and of the pen's width, at most, a line that no bar is as thin as
SOLID = 1.5  # px: a thinner line may look pale for falling between two pixels ...
BROAD = 2.5  # px: ... and one as thick as this does not
CRUMB = 0.25  # of a letter: what is smaller may be left of another line
BEYOND = 1.5  # letters beyond the writing on both sides, or on one more than on the other: longer than bars are
BEYOND_ALONE = 0.6  # ... on both sides, at least, where all of the writing is on one side of the only line
BEYOND_OTHER = 0.5  # ... on one side, of a line that another pen has drawn
BEYOND_THROUGH = 0.4  # ... on both sides, of one that letters cross in two places
BEYOND_SURELY = 0.1  # ... on one side, of one that is far thicker than the pen's, or broad and far paler
BEYOND_MARGIN = 0.25  # ... above or below the writing, of an upright one of that kind
LEANS = -1.0, -0.5, 0.0, 0.5, 1.0  # columns for each row, of strokes that cross a line
UPRIGHT = 2.0  # letters: what crosses a line and is straight for so long may be the line between two columns


def remove(grey: np.ndarray, paper: int, photographed: bool = False) -> np.ndarray:
    """The picture without the lines of ruled or squared paper; the same array where there are none.

    A ruling is three or more thin lines from the left edge to the right one, all equally far apart, some perhaps
    missing; squared paper has as many from top to bottom. A few lines that end before the edges belong to a table.
    One or two lines are of the paper if they run straight from edge to edge and on both sides beyond the writing: a
    little if letters cross them or another pen has drawn them, as their tone and thickness tell, else further than
    bars and the lines of tables do. On a photograph two straight lines from edge to edge are of the paper: a table is
    not photographed along its lines. An upright line without others is a margin's if another pen has drawn it.
    Where a pen crosses a line, its stroke stays whole.

    Args:
        grey: the picture.
        paper: its grey level where nothing is drawn.
        photographed: so its lines may be blurred and slanted, and fade near the edges.
    """
    rest, margin = _without_lines(grey, paper, photographed)
    # A margin's line beside the writing hides how far lines reach. It is looked for once: a part of it may have stayed.
    return _without_lines(rest, paper, photographed)[0] if margin else rest


def _without_lines(grey: np.ndarray, paper: int, photographed: bool) -> tuple[np.ndarray, bool]:
    """The picture without the lines that show now, and whether an upright one was looked for as a margin's."""
    if _is_framed(grey, paper):
        return grey, False  # a table cut out along its frame
    black = _black(grey, paper) if photographed else 0
    rows = _lines(grey, paper, black=black)
    bars = not rows.any()  # many a formula ends with a `|`
    columns = _lines(np.ascontiguousarray(grey.T), paper, bars, black).T
    lines = rows | columns
    if not lines.any():
        return grey, False
    strokes = (grey < paper - (1 - DARK) * (paper - black)) & ~lines
    if not strokes.any():
        return grey, False  # three lines and nothing else are a congruence sign
    darker = grey < percentile(grey[lines], 20) - DARKER * (paper - black)  # most of `lines` are their edges
    if photographed:  # the core of a blurred line is darker here and there
        darker = cv2.morphologyEx(darker.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 1), np.uint8)).view(bool)
    kept = darker | (rows & _joined(strokes, rows)) | (columns & _joined(strokes.T, columns.T).T)
    return np.where(lines & ~kept, np.uint8(paper), grey), bars


def _black(grey: np.ndarray, paper: int) -> int:
    """The grey level of the ink of a photograph, which may be pale."""
    ink = grey[grey < DRAWN * paper]
    return percentile(ink, 20) if len(ink) else 0


def _lines(grey: np.ndarray, paper: int, bars: bool = False, black: int = 0) -> np.ndarray:
    """Where lines from the left edge to the right one make a ruling: bool HxW, their soft edges included.

    Args:
        grey, paper: see `remove`.
        black: see `_black`; 0 if it is no photograph.
        bars: they look like bars of a formula, unless no pen that writes formulas draws such.
    """
    height, width = grey.shape
    reach = max(15, width // 20) | 1
    steepest, thickest, edge, pale = STEEPEST, 7.0, EDGE, DRAWN * paper
    if black:
        steepest, thickest, edge = STEEPER, THICKER, max(NEAR, round(FADING * width))
        pale = max(pale, paper - PALE * (paper - black))
    drawn = (grey < pale).view(np.uint8)
    long = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8))
    whole = cv2.morphologyEx(long, cv2.MORPH_CLOSE, np.ones((3, reach), np.uint8))  # joins the steps of a slanting one
    labels, found = cv2.connectedComponentsWithStats(whole, connectivity=8)[1:3]
    thickness = found[:, cv2.CC_STAT_AREA] / np.maximum(found[:, cv2.CC_STAT_WIDTH], 1)
    fits = found[:, cv2.CC_STAT_WIDTH] >= ACROSS * width
    fits &= found[:, cv2.CC_STAT_HEIGHT] <= steepest * width + 3 * thickness
    fits &= thickness <= max(thickest, THICKEST * height)
    fits[0] = False  # the paper
    middles = found[fits, cv2.CC_STAT_TOP] + found[fits, cv2.CC_STAT_HEIGHT] / 2
    thin = np.where(long, labels, 0)  # closing has lengthened the others up to the edges
    cut = np.logical_and(*(np.isin(np.arange(len(found)), thin[:, end]) for end in (slice(edge), slice(-edge, None))))
    fewest = FEWEST if 2 * cut[fits].sum() >= fits.sum() else MANY
    if bars or fits.sum() < fewest or not _is_regular(np.sort(middles)):
        fits &= cut
        few = np.flatnonzero(fits) if fits.sum() < FEWEST or black else []
        lines = fits[labels]
        fits[:] = False
        for line in few:
            several = black and len(few) > 1 and not bars
            fits[line] = several or _is_of_paper(thin == line, lines, len(few) == 1, grey, paper, bars)
        if not fits.any():
            return np.zeros(grey.shape, bool)
    lines = cv2.dilate(fits[labels].view(np.uint8), np.ones((5, 1), np.uint8)).view(bool)
    for line in np.flatnonzero(fits) if black else ():
        lines |= _band(thin == line, thickness[line] / 2 + 2)
    return lines


def _band(line: np.ndarray, reach: float) -> np.ndarray:
    """What is within `reach` px of a line, carried on to both edges where it fades; bool HxW."""
    columns, middle = _middles(line)
    height, width = line.shape
    course = np.polyval(np.polyfit(columns, middle, min(2, len(columns) - 1)), np.arange(width))
    return np.abs(np.arange(height)[:, None] - course) <= reach


def _middles(line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The columns that a line, bool HxW, crosses, and the row of its middle in each."""
    columns = np.flatnonzero(line.any(axis=0))
    return columns, (line * np.arange(len(line))[:, None]).sum(axis=0)[columns] / line.sum(axis=0)[columns]


def _is_of_paper(line: np.ndarray, lines: np.ndarray, alone: bool, grey: np.ndarray, paper: int, bars: bool) -> bool:
    """Whether a single line from edge to edge belongs to the paper, not to the writing.

    Args:
        line: bool HxW.
        lines: this and another, bool HxW.
        alone: there is no other.
        grey, paper, bars: see `_lines`.
    """
    columns, middle = _middles(line)
    if len(columns) < max(3, ACROSS * line.shape[1] if bars else 0):
        return False  # too few to tell how straight it is
    slope, start = np.polyfit(columns, middle, 1)
    strays = np.abs(middle - slope * columns - start)
    free = strays <= np.percentile(strays, 60)  # of letters that stand on the line
    slope, start = np.polyfit(columns[free], middle[free], 1)
    if np.median(np.abs(middle - slope * columns - start)) > STRAIGHT:
        return False
    around = cv2.dilate(lines.view(np.uint8), np.ones((5, 1), np.uint8)).view(bool)
    strokes = ((grey < DRAWN * paper) & ~around).view(np.uint8)
    components = without_dust(cv2.connectedComponentsWithStats(strokes, connectivity=8)[2][1:])
    if len(components) < 2:
        return False  # a letter over its bar
    letter = typical_height(components)
    components = components[components[:, 2:4].max(axis=1) >= CRUMB * letter]
    first, last = box(components)[::2]
    left, right = first / letter, (line.shape[1] - last) / letter
    beyond = min(left, right)
    tone, width = _pen(grey, strokes, paper)
    depth = paper - grey[line].astype(float)
    own = np.percentile(depth, 75)
    thickness = (depth >= own / 2).sum() / len(columns)
    if thickness > OTHER_WIDTH * width or (thickness >= BROAD and own < FAR_PALER * tone):
        return bool(max(left, right) >= (BEYOND_MARGIN if bars else BEYOND_SURELY) and (alone or not bars))
    if bars:
        return False
    pale = thickness >= SOLID and own < OTHER_TONE * tone
    if pale or thickness < min(HAIR * letter, THINNER * width):
        return bool(max(left, right) >= BEYOND_OTHER)
    crossings, in_table = _crossings(strokes, around, letter)
    lopsided = alone and beyond >= BEYOND_SURELY and abs(left - right) >= BEYOND
    if not in_table and (beyond >= BEYOND or lopsided):
        return True
    if crossings >= 2:
        return bool(beyond >= BEYOND_THROUGH)
    height = slope * (components[:, 0] + components[:, 2] / 2) + start
    above, below = components[:, 1] + components[:, 3] <= height, components[:, 1] >= height
    one_sided = not (above.any() and below.any())  # else it may be the bar of a fraction
    return bool(one_sided and alone and beyond >= BEYOND_ALONE)


def _crossings(strokes: np.ndarray, lines: np.ndarray, letter: float) -> tuple[int, bool]:
    """In how many places strokes cross the lines, and whether one between the columns of a table does, not counted."""
    whole = _joined(strokes.view(bool), lines, leans=(0.0,))
    upright = cv2.morphologyEx(whole.view(np.uint8), cv2.MORPH_OPEN, np.ones((round(UPRIGHT * letter), 1), np.uint8))
    across = whole & lines
    count = cv2.connectedComponents((across & (upright == 0)).view(np.uint8), connectivity=8)[0] - 1
    return count, bool((across & (upright > 0)).any())


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


def _joined(strokes: np.ndarray, rows: np.ndarray, leans: Sequence[float] = LEANS) -> np.ndarray:
    """Strokes, and what lies between those above and below a line, upright or leaning; bool HxW like the rows."""
    if not rows.any():
        return rows
    tops = rows[0].sum() + (rows[1:] & ~rows[:-1]).sum()
    thickness = int(-(-rows.sum() // tops))  # px, of one line
    drawn, joined = strokes.astype(np.uint8), np.zeros(rows.shape, bool)
    for lean in leans if tops < FEWEST * rows.shape[1] else (0.0,):  # of many lines bits would stay between letters
        joined |= cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, _leaning(lean, thickness)).view(bool)
    return joined


def _leaning(lean: float, reach: int) -> np.ndarray:
    """A kernel: a line 3 px wide that goes `lean` px to the right on each of its 2 * reach + 1 rows."""
    side = math.ceil(abs(lean) * reach)
    middles = side + 1 + np.rint(lean * np.arange(-reach, reach + 1)).astype(int)
    return (np.abs(np.arange(2 * side + 3) - middles[:, None]) <= 1).astype(np.uint8)
