"""The lines of a notebook's page go, what is written on them stays; bars that belong to a formula are no such lines."""

import cv2
import numpy as np
import pytest

from img2latex.data.render import Look, render
from img2latex.picture import images
from img2latex.picture.ruling import remove

FORMULAS = [r"\frac{a+b}{c-1}=x^2", r"\sum_{n=0}^\infty q^n=\frac{1}{1-q}", r"\sqrt{x+1}\equiv y"]
BARS = [
    r"\equiv",
    "=",
    r"|x|+|y|+|z|",
    "|a|=|b|=|c|",
    r"\frac{\frac{a}{b}}{\frac{c}{d}}",
    r"\left|\begin{matrix}a&b\\c&d\end{matrix}\right|",
]


@pytest.fixture(scope="module")
def written():
    """Formulas with room around them."""
    return [
        cv2.copyMakeBorder(p, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=255) for p in render(FORMULAS, Look(dpi=200))
    ]


def on_paper(picture, squared, grey, angle=0.5, distance=23):
    """The picture on lines `distance` px apart and 2 px thick, a little askew."""
    height, width = picture.shape
    lines = np.full((2 * height, 3 * width), 255, np.uint8)
    for start in (0, 1):
        lines[start::distance] = grey
        if squared:
            lines[:, start::distance] = grey
    turn = cv2.getRotationMatrix2D((1.5 * width, height), angle, 1)
    lines = cv2.warpAffine(lines, turn, lines.shape[::-1], borderValue=255)[height // 2 :, width:][:height, :width]
    return np.minimum(picture, lines)


@pytest.mark.parametrize(("squared", "grey"), [(False, 90), (False, 150), (False, 190), (True, 150), (True, 190)])
def test_the_lines_of_the_paper_go_and_the_formula_stays(squared, grey, written):
    for plain in written:
        found, ink = remove(on_paper(plain, squared, grey), 255), plain < 128
        assert (found[ink] < 128).mean() > 0.95
        assert (found[~cv2.dilate(ink.astype(np.uint8), np.ones((9, 9))).astype(bool)] < 215).mean() < 0.005
        seen = images.view(on_paper(plain, squared, grey))
        assert seen.letter_height == pytest.approx(images.view(plain).letter_height, rel=0.1)


@pytest.mark.parametrize("formula", BARS + FORMULAS)
def test_bars_of_a_formula_are_no_lines_of_paper(formula):
    (picture,) = render([formula], Look(dpi=200))
    rows, columns = np.where(picture < 255)
    close = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    for given in (picture, close):
        assert remove(given, 255) is given


def test_two_lines_or_lines_at_odd_distances_are_no_ruling(written):
    for places in ((5, 100), (5, 30, 95)):
        picture = written[0].copy()
        for place in places:
            picture[place : place + 2] = 150
        assert remove(picture, 255) is picture


@pytest.mark.parametrize("dpi", [110, 200])
@pytest.mark.parametrize("columns", ["|c|c|c|", "ccc"])
def test_lines_that_end_within_the_picture_belong_to_a_table(columns, dpi):
    rows = r" \\ \hline ".join(["p & q & r", r"a & \frac{1}{2} & b", "1 & 0 & 1", r"2 & \frac{3}{4} & x"])
    (picture,) = render([rf"\begin{{array}}{{{columns}}} \hline {rows} \\ \hline \end{{array}}"], Look(dpi=dpi))
    assert remove(picture, 255) is picture


def test_a_table_cut_out_along_its_frame_is_no_squared_paper():
    table = r"\begin{array}{|c|c|c|}\hline x & 1 & 2 \\ \hline y & 4 & 5 \\ \hline \end{array}"
    (picture,) = render([table], Look(dpi=200))
    rows, columns = np.where(picture < 255)
    close = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert remove(close, 255) is close
