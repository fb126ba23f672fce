"""Is a picture that was handed over as one formula a page?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from img2latex.page import finder
from img2latex.picture import loading

LETTERS = 30  # outside formulas, from which on they are text ...
SHARE = 0.25  # ... if they are so large a part of all
_SIZES = 0.4, 2.5  # heights of a letter, relative to the typical one
_APART = 4.0, 2.0  # heights of a letter between two formulas, beside each other and one above the other, at least


@dataclass(frozen=True)
class Overview:
    """What stands in a picture: how many formulas, how many groups of those near each other, and whether text."""

    formulas: int
    groups: int
    has_text: bool

    @property
    def is_page(self) -> bool:
        """One formula of several lines may be found as several, but near each other, or as two."""
        return self.groups > 2 or self.has_text

    def __str__(self) -> str:
        """In words, such as `5 formulas and text`."""
        count = f"{self.formulas} formula{'s' * (self.formulas != 1)}" if self.formulas else ""
        return " and ".join(filter(None, (count, "text" * self.has_text)))


def overview(picture) -> Overview:
    """What stands in a picture.

    Args:
        picture: whatever `loading.load` takes.

    Raises:
        loading.PictureError: it cannot be read.
    """
    view = finder.prepare(loading.load(picture))
    if not len(view.marks):
        return Overview(0, 0, False)
    found = [np.array(box.sides) for box in finder.shipped().boxes(view) if box.kind != "number"]
    marks, letter = view.page_marks, view.letter
    heights = marks[:, 3] - marks[:, 1]
    letters = marks[(heights > _SIZES[0] * letter) & (heights < _SIZES[1] * letter)]
    outside = _outside(letters, found)
    has_text = outside >= LETTERS and outside > SHARE * len(letters)
    return Overview(len(found), _groups(found, letter), has_text)


def _outside(letters: np.ndarray, boxes: list[np.ndarray]) -> int:
    """How many letters, N x 4, have their middle in no box (both left, top, right, bottom)."""
    x, y = (letters[:, :2] + letters[:, 2:]).T / 2
    inside = np.zeros(len(letters), bool)
    for left, top, right, bottom in boxes:
        inside |= (x > left) & (x < right) & (y > top) & (y < bottom)
    return int((~inside).sum())


def _groups(boxes: list[np.ndarray], letter: float) -> int:
    """How many groups of boxes there are; within one each is near another."""
    waiting, count = list(boxes), 0
    while waiting:
        group, count = [waiting.pop()], count + 1
        for box in group:
            near = [i for i, other in enumerate(waiting) if _near(box, other, letter)]
            group += [waiting.pop(i) for i in reversed(near)]
    return count


def _near(box: np.ndarray, other: np.ndarray, letter: float) -> bool:
    gaps = np.maximum(box[:2], other[:2]) - np.minimum(box[2:], other[2:])
    return bool((gaps < np.array(_APART) * letter).all())
