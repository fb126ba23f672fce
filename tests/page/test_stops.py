"""The full stop or comma behind a formula in a line is found, told, and kept in the text."""

import numpy as np
import pytest

from img2latex.page import stops
from img2latex.page.cells import Box
from tests.page.test_fitting import FORMULA, WORDS_AFTER, WORDS_BEFORE, around

FULL_STOP, COMMA = (2, 6, 4, 8), (2, 6, 4, 11)  # left, top, right, bottom, from the end of a formula and its top


def page(*marks):
    """The marks of a page, the height of its letters, and its picture."""
    grey = np.full((240, 800), 255, np.uint8)
    for left, top, right, bottom in marks:
        grey[top:bottom, left:right] = 0
    return np.array(marks, float), 8.0, grey


def placed(mark):
    _, top, right, _ = around(FORMULA)
    return tuple(int(side) for side in np.add(mark, (right, top) * 2))


@pytest.mark.parametrize("mark, sign", [(FULL_STOP, "."), (COMMA, ",")])
def test_what_stands_low_behind_a_formula_is_told(mark, sign):
    mark = placed(mark)
    drawn = page(*WORDS_BEFORE, *FORMULA, mark, *WORDS_AFTER)
    ((sides, told),) = stops.behind([Box(around(FORMULA), "inline", 0.9)], *drawn)
    assert told == sign
    assert sides[0] <= mark[0] and sides[2] >= mark[2] and sides[3] >= mark[3]


@pytest.mark.parametrize("mark, kind", [((2, 0, 4, 4), "inline"), ((12, 6, 14, 8), "inline"), (FULL_STOP, "displayed")])
def test_a_prime_a_mark_far_off_and_one_behind_a_displayed_formula_are_none(mark, kind):
    assert not [*stops.behind([Box(around(FORMULA), kind, 0.9)], *page(*FORMULA, placed(mark)))]
