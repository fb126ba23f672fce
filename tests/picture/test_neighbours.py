"""Half a line of text at the edge of a crop is no part of the formula; rows and limits of the formula itself are."""

import numpy as np
import pytest

from img2latex.data.render import Look, render
from img2latex.picture.images import prepare
from img2latex.picture.levelling import level
from img2latex.picture.neighbours import remove

FORMULAS = [r"f(x)=\frac{2x-3}{x+1}", r"\sum_{k=0}^{n}\binom{n}{k}=2^n", r"\int_0^1 x\,dx=\frac12"]
TEXT = r"\text{of the function and find its domain and range for each of them}"
OWN_ROWS = [
    r"\begin{array}{cccccc}A&B&C&D&E&F\\a&c&e&m&n&x\end{array}", r"\frac{A+B}{a\,c\,e\,m\,n\,x}",
    r"\begin{aligned}A&=B+C\\x&=a+m+n+u+v\end{aligned}", r"\sum_{i=1,j=2,k=3}^{n}x", r"\lim_{x\to\infty,y\to\infty}f",
    r"\underbrace{a+b+c+d+e+f+g}_{nnnnnnnnn}", r"\begin{pmatrix}1&0&0&0&0\\0&1&0&0&0\end{pmatrix}",
    r"\begin{cases}1&x>0\\0&\text{otherwise}\end{cases}",
]  # fmt: skip


def close(grey):
    rows, columns = np.where(grey < 128)
    return grey[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


@pytest.mark.parametrize("dpi", [110, 200])
@pytest.mark.parametrize("share", [0.45, 0.55])
def test_a_line_of_text_cut_by_the_lower_edge_goes(share, dpi):
    *formulas, text = (close(grey) for grey in render([*FORMULAS, TEXT], Look(dpi=dpi, display=True)))
    for formula in formulas:
        beside = (text.shape[1] - formula.shape[1]) // 2
        page = np.pad(
            formula, ((9, dpi // 8), (beside, text.shape[1] - formula.shape[1] - beside)), constant_values=255
        )
        seen = prepare(np.vstack([page, text[: round(share * len(text))]]))
        assert seen.shape == pytest.approx(prepare(page).shape, rel=0.15)


@pytest.mark.parametrize("dpi", [150, 200])
def test_the_tips_of_a_line_of_text_go_with_the_dots_among_them(dpi):
    formula, text = (close(grey) for grey in render([FORMULAS[0], TEXT], Look(dpi=dpi, display=True)))
    room = text.shape[1] - formula.shape[1]
    page = np.pad(formula, ((9, dpi // 8), (room // 2, room - room // 2)), constant_values=255)
    seen = prepare(np.vstack([page, text[: round(0.25 * len(text))]]))
    assert seen.shape == pytest.approx(prepare(page).shape, rel=0.05)


@pytest.mark.parametrize("dpi", [110, 160])
def test_a_short_cut_line_beside_the_formula_goes_however_close(dpi):
    formula, text = (close(grey) for grey in render([FORMULAS[0], TEXT[:30] + "}"], Look(dpi=dpi, display=True)))
    half = text[len(text) // 2 :]
    page = np.pad(formula, ((1, 9), (half.shape[1] + dpi // 4, 9)), constant_values=255)
    above = np.pad(half, ((0, 0), (0, page.shape[1] - half.shape[1])), constant_values=255)
    assert prepare(np.vstack([above, page])).shape == pytest.approx(prepare(page).shape, rel=0.05)


@pytest.mark.parametrize("dpi", [160, 200])
def test_a_line_of_text_cut_by_the_upper_edge_goes(dpi):
    *formulas, text = (close(grey) for grey in render([*FORMULAS, TEXT], Look(dpi=dpi, display=True)))
    for formula in formulas:
        page = np.pad(formula, ((dpi // 8, 9), (0, text.shape[1] - formula.shape[1])), constant_values=255)
        assert prepare(np.vstack([text[len(text) // 2 :], page])).shape == pytest.approx(prepare(page).shape, rel=0.15)


@pytest.mark.parametrize("cut", [0, 1])
@pytest.mark.parametrize("dpi", [100, 150, 220])
def test_rows_and_limits_at_the_edge_of_a_close_crop_stay(dpi, cut):
    for grey in render(OWN_ROWS, Look(dpi=dpi, display=True)):
        clean = level(close(grey))
        clean = clean[cut : len(clean) - cut]
        assert remove(clean) is clean
