"""What the finder's network is given of a page."""

import numpy as np
import pytest

from img2latex.data.render import Look, render
from img2latex.page import finder


@pytest.fixture(scope="module")
def formula():
    (picture,) = render([r"\int_{0}^{1}x^{2}\,dx=\frac{1}{3}"], Look(dpi=150))
    return np.pad(picture, 60, "maximum")


def test_wide_margins_cost_nothing_and_a_formula_is_found_where_it_stands(formula):
    down, across = 400, 500
    close, wide = (finder.prepare(page) for page in (formula, np.pad(formula, ((down, 300), (across, 100)), "maximum")))
    assert np.abs(np.subtract(wide.ink.shape, close.ink.shape)).max() <= finder.STRIDE
    (here,), (there,) = (finder.shipped().boxes(view) for view in (close, wide))
    assert np.subtract(there.sides, here.sides) == pytest.approx((across, down) * 2, abs=2)


def test_places_on_the_page_and_in_the_view_are_told_both_ways(formula):
    view = finder.prepare(np.pad(formula, 200, "maximum"))
    assert view.origin > (100, 100)
    assert view.in_view(view.page_marks) == pytest.approx(view.marks)
    for left, top, right, bottom in view.marks.round().astype(int):
        assert view.ink[0, 0, top : bottom + 1, left : right + 1].max() > 0.1, "a mark without ink"
