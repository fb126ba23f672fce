import numpy as np
import pytest

from img2latex.reader import coverage

CELL, LETTER = (16, 8), 20.0


def page(*parts):
    """White, 64 x 240, with a black rectangle for each left, top, width, height."""
    picture = np.full((64, 240), 255, np.uint8)
    for left, top, width, height in parts:
        picture[top : top + height, left : left + width] = 0
    return picture


def looking_at(*columns):
    """Attention of tokens over 4 x 30 cells, each at one column in the middle."""
    attention = np.zeros((len(columns), 4, 30), np.float32)
    attention[np.arange(len(columns)), 1, columns] = 1
    return [*attention]


FORMULA, NUMBER, DOTS = (8, 20, 40, 20), (200, 20, 24, 20), (120, 36, 30, 4)


@pytest.mark.parametrize(
    ("parts", "columns", "most"),
    [
        ([FORMULA, NUMBER], (2, 26), 1.0), ([FORMULA, NUMBER], (2, 3), 0.0), ([FORMULA], (2, 3), 1.0),
        ([FORMULA, DOTS], (2, 3), 1.0), ([], (2,), 1.0), ([FORMULA], (), 1.0),
    ],
)  # fmt: skip
def test_the_part_that_no_token_looked_at(parts, columns, most):
    assert coverage.least(page(*parts), looking_at(*columns), CELL, LETTER) == most


def test_parts_closer_than_a_letter_are_one():
    near = (FORMULA[0] + FORMULA[2] + 12, *FORMULA[1:])
    assert coverage.least(page(FORMULA, near), looking_at(2), CELL, LETTER) == 1.0
