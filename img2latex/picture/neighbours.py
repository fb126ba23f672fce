"""Removes what is left of lines of text above or below a formula that the picture's edge cuts.

Pictures and components here are those of `components.py`.
"""

from __future__ import annotations

import cv2
import numpy as np

from img2latex.picture.components import INK, box, connected, stroke_width, typical_height, without_dust

GAP = 0.3  # letters of empty rows, at least, between the formula and a line of text above or below it
LOWER = 1.15  # letters: what is left of a cut line is no higher
FEWEST = 8  # letters of a line of text
WIDE = 4.0  # letters: limits of a sum are less wide
WIDER = 1.0  # letters that text reaches beyond the formula on a side, at least: the last row of a fraction does not
DOT = 2.0  # times the width of a stroke: the dot of an i is no larger
CUT = 0.85  # of the width of all its letters, at least, end at the picture's edge; a formula's signs and indices do not
STEMS = 1.6  # times the width of a stroke: what a cut letter shows at the edge is narrower than a foot or a bowl


def remove(clean: np.ndarray) -> np.ndarray:
    """The picture without lines of text that its upper or lower edge cuts; the same array where there are none."""
    for flip in (False, True, False):  # without the lower line the upper one may be clearer
        upright = clean[::-1] if flip else clean
        rows = _cut_rows(upright)
        if rows:
            rest = upright.copy()
            rest[:rows] = 255
            clean = np.ascontiguousarray(rest[::-1] if flip else rest)
    return clean


def _cut_rows(clean: np.ndarray) -> int:
    """How many rows at the upper edge hold a line of text that the edge cuts, the empty ones below it included."""
    drawn = clean < INK
    empty = np.flatnonzero(~drawn.any(axis=1))
    if not len(empty) or empty[0] == 0:
        return 0
    height = int(empty[0])
    below = np.flatnonzero(drawn[height:].any(axis=1))
    if not len(below):
        return 0
    rest = connected(clean[height:])
    letter = typical_height(rest)
    if len(rest) < 2 or not 2 <= height <= LOWER * letter:
        return 0
    components = without_dust(cv2.connectedComponentsWithStats(drawn[:height].view(np.uint8), connectivity=8)[2][1:])
    left, _, right, _ = box(components)
    first, _, last, _ = box(rest)
    beyond = max(first - left, right - last)
    if len(components) < FEWEST or right - left < WIDE * letter or beyond < WIDER * letter:
        return 0
    beside = max(first - right, left - last) > WIDER * letter
    if below[0] < GAP * letter and not beside:
        return 0
    stroke = max(1.0, stroke_width(drawn[height:]))
    at_edge = components[:, 1] == 0
    letters = at_edge | (components[:, 2:4].max(axis=1) > DOT * stroke)
    if components[at_edge, 2].sum() < CUT * components[letters, 2].sum():
        return 0
    ends = np.diff(np.flatnonzero(np.diff(np.pad(drawn[0], 1).astype(np.int8))))[::2]
    return height + int(below[0]) if np.median(ends) <= STEMS * stroke else 0
