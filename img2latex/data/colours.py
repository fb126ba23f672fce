"""Formulas printed each in a colour of its own, which gives their places on a page to the pixel.

No colour has any red: the red channel shows the page as if printed in black, the other two identify the formula that a
dark pixel belongs to. Boxes are (left, top, right, bottom) in px, ends exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

LEVELS = 15
COUNT = LEVELS * LEVELS  # colours; on one page no more formulas than that can be told apart
_STEP = 17  # grey levels between two colours of a channel
_FEWEST = 3  # px of a component: smaller ones are where soft edges of two letters touch
_INK = 5  # px of a formula: a single letter has more at 100 dpi; fewer are such edges, of a colour that nothing has
_BACK = 20  # a formula that is set so many places before the last one of a page may come on the next
_LOST = COUNT // 4  # formulas in succession that a page has not: those behind them have floated from far before
Box = tuple[int, int, int, int]


def colour(number: int) -> tuple[int, int, int]:
    """Red, green and blue of a formula by its number; they repeat after COUNT."""
    green, blue = divmod(number % COUNT, LEVELS)
    return 0, _STEP * (green + 1), _STEP * (blue + 1)


def separate(picture: np.ndarray) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """A page drawn in colours -> the page in black, and where the ink of each colour is.

    Args:
        picture: uint8 H x W x 3, red first.

    Returns:
        uint8 H x W, 0 ink; and of each colour seen, its number -> the places of its ink, N x 2 (row, column).
    """
    grey = np.ascontiguousarray(picture[..., 0])
    rows, columns = np.nonzero(grey < 150)
    ink = 255.0 - grey[rows, columns]
    found = []
    for channel in (1, 2):
        left = 255.0 - picture[rows, columns, channel]
        found.append((1 - left / ink) * 255 / _STEP)
    levels = np.rint(found)
    exact = (np.abs(found - levels) < 0.3).all(axis=0) & (levels >= 1).all(axis=0) & (levels <= LEVELS).all(axis=0)
    numbers = ((levels[0] - 1) * LEVELS + levels[1] - 1).astype(int)[exact]
    places = np.stack((rows[exact], columns[exact]), axis=1)
    return grey, {int(number): places[numbers == number] for number in np.unique(numbers)}


def placed(
    inks: dict[int, np.ndarray], kinds: Sequence[str], passed: int, em: float
) -> tuple[list[tuple[Box, int]], int]:  # fmt: skip
    """The boxes of a page's formulas, whose colours repeat from page to page; those of one lie close to each other.

    Args:
        inks: of the page, as `separate` finds them.
        kinds: of the document's formulas, by their numbers.
        passed: the last formula of the page before.
        em: of the text around, px.

    Returns:
        Each box with its formula's number, and the last formula of the page.
    """
    first = passed - _BACK
    seen = [number for number, places in inks.items() if len(places) >= _INK]
    order = np.array(sorted(first + (number - first) % COUNT for number in seen), int)
    runs = np.split(order, np.flatnonzero(np.diff(order) > _LOST) + 1)
    last = int(max(runs, key=len).max(initial=passed))
    found = []
    for which in order.tolist():
        number, which = which % COUNT, which - COUNT if which > last else which
        if 0 <= which < len(kinds):
            found += [(box, which) for box in boxes(inks[number], em, kinds[which] != "inline")]
    return found, last


def boxes(places: np.ndarray, em: float, whole: bool) -> list[Box]:
    """The boxes of a formula's ink: one if it is `whole`, else one for each line of text that it is broken over.

    Args:
        places: of its ink, as `separate` finds them.
        em: of the text around, px.
    """
    top, left = places.min(axis=0)
    mask = np.zeros(places.max(axis=0) - (top, left) + 1, np.uint8)
    mask[tuple((places - (top, left)).T)] = 1
    reach = max(1, round(0.15 * em))
    joined = cv2.dilate(mask, np.ones((reach, 2 * reach + 1), np.uint8))
    _, labels = cv2.connectedComponents(joined, connectivity=8)
    own = labels[tuple((places - (top, left)).T)]
    parts: list[Box] = []
    for label in np.unique(own):
        mine = places[own == label]
        if len(mine) >= _FEWEST:
            parts.append((*mine.min(axis=0)[::-1].tolist(), *(mine.max(axis=0)[::-1] + 1).tolist()))
    if whole:
        return [_around(parts)] if parts else []
    count = 0
    while count != len(parts):  # a prime is above none of its neighbours, but above what they make together
        count, lines = len(parts), []
        for part in sorted(parts):
            near = [line for line in lines if _share_line(line, part)]
            lines = [line for line in lines if line not in near] + [_around([part, *near])]
        parts = lines
    return parts


def _share_line(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) or min(a[3], b[3]) > max(a[1], b[1])


def _around(parts: list[Box]) -> Box:
    sides = np.array(parts)
    return (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())
