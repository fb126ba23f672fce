"""What of a picture no token looked at: a part that stands apart was left out, such as the number of an equation.

Token probabilities do not tell it, for nothing is wrong with what was written; cross-attention does. (Tu et al. 2016
follow what attention has covered for the same reason, in translation.)
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

INK = 128  # grey levels; darker is ink
LOWEST = 0.5  # letters high at least: dots and dashes get little attention also where they are read


def least(picture: np.ndarray, attention: Sequence[np.ndarray], cell: tuple[int, int], letter: float) -> float:
    """Of the part of a picture that got least attention, the most that it got from one token; 1.0 without either.

    Parts are ink with the height of a letter or more between them. The cells around a part count as its own, since
    attention may lie beside a letter.

    Args:
        picture: uint8 H x W, dark ink.
        attention: for each token, over the rows x columns of cells.
        cell: height and width of one, px.
        letter: height of a letter, px.
    """
    if not len(attention):
        return 1.0
    ink = picture < INK
    size = max(1, round(letter))
    count, parts = cv2.connectedComponents(cv2.dilate(ink.astype(np.uint8), np.ones((size, size), np.uint8)))
    rows, columns = np.nonzero(ink)
    which = parts[rows, columns]
    looked = np.array(attention)  # T x rows x columns
    found = 1.0
    for part in range(1, count):
        inside = which == part
        if rows[inside].max() - rows[inside].min() + 1 < LOWEST * letter:
            continue
        cells = np.zeros(looked.shape[1:], np.uint8)
        cells[rows[inside] // cell[0], columns[inside] // cell[1]] = 1
        cells = cv2.dilate(cells, np.ones((3, 3), np.uint8)).astype(bool)
        found = min(found, float(looked[:, cells].sum(axis=1).max(initial=0.0)))
    return found
