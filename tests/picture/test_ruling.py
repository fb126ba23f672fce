"""The lines of a notebook's page go, what is written on them stays; bars that belong to a formula are no such lines."""

import cv2
import numpy as np
import pytest

from img2latex.data import pen as pens
from img2latex.data.render import Look, render
from img2latex.picture import images
from img2latex.picture.levelling import level
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
        seen = images.crop(on_paper(plain, squared, grey))
        assert seen.letter_height == pytest.approx(images.crop(plain).letter_height, rel=0.1)


@pytest.mark.parametrize("formula", BARS + FORMULAS)
def test_bars_of_a_formula_are_no_lines_of_paper(formula):
    (picture,) = render([formula], Look(dpi=200))
    rows, columns = np.where(picture < 255)
    close = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    for given in (picture, close):
        assert remove(given, 255) is given


def test_lines_as_dark_as_the_formula_and_hardly_wider_belong_to_it(written):
    for places in ((5, 100), (5, 30, 95), (100,)):
        picture = written[0][:, 25:-25].copy()
        for place in places:
            picture[place : place + 2] = 0
        assert remove(picture, 255) is picture


HAND = [  # strokes of a letter of 60 px: x = 2 y, drawn by a pen
    np.array([(0, 20), (40, 60)]), np.array([(40, 20), (0, 60)]),
    np.array([(70, 36), (110, 36)]), np.array([(70, 48), (110, 48)]),
    np.array([(150, 10), (170, 0), (185, 14), (150, 60), (190, 60)]),
    np.array([(220, 20), (240, 45)]), np.array([(262, 20), (222, 80)]),
]  # fmt: skip


def by_hand(pen=5, left=60, right=60):
    """x = 2y in a steady hand, black on white."""
    return np.pad(pens.draw(HAND, pens.Look(60, pen), margin=20), ((0, 0), (left, right)), constant_values=255)


def ruled(picture, height, grey, thickness=2, rise=0.0):
    """With a line across the whole picture at that share of its height."""
    rows, columns = picture.shape
    line, middle = np.full_like(picture, 255), height * rows
    ends = [(-9, round(middle + rise * columns / 2)), (columns + 9, round(middle - rise * columns / 2))]
    cv2.line(line, *ends, grey, thickness, cv2.LINE_AA)
    return np.minimum(picture, line)


@pytest.mark.parametrize("height", [0.3, 0.6, 0.9])
@pytest.mark.parametrize(("grey", "thickness", "rise"), [(190, 2, 0), (120, 2, 0.02), (150, 3, -0.02), (60, 1, 0.01)])
def test_one_line_of_paper_under_or_through_the_writing_goes(height, grey, thickness, rise):
    plain = by_hand()
    found, drawn = remove(ruled(plain, height, grey, thickness, rise), 255), plain < 128
    assert (found[drawn] < 128).mean() > 0.95
    assert (found[~cv2.dilate(drawn.astype(np.uint8), np.ones((9, 9))).astype(bool)] < 215).mean() < 0.005


@pytest.mark.parametrize("pen", [2, 5, 12])
def test_two_lines_of_paper_go_whatever_the_pen(pen):
    plain = by_hand(pen)
    found = images.crop(ruled(ruled(plain, 0.1, 130), 0.95, 130, rise=0.015))
    assert found.picture.shape == pytest.approx(images.crop(plain).picture.shape, rel=0.1)


def test_a_line_of_paper_goes_where_the_writing_reaches_one_edge():
    plain = by_hand(right=0)
    assert remove(ruled(plain, 0.9, 140), 255)[:, :40].min() > 200


def with_margin(picture, place, grey, thickness):
    """With an upright line across the whole picture, that many px from its left edge."""
    return np.ascontiguousarray(ruled(np.ascontiguousarray(picture.T), place / picture.shape[1], grey, thickness).T)


@pytest.mark.parametrize(("grey", "thickness"), [(190, 4), (120, 6)])
@pytest.mark.parametrize("line", [None, 0.95])
def test_the_line_of_a_margin_goes_with_or_without_one_under_the_writing(line, grey, thickness):
    plain = by_hand(left=120)
    page = with_margin(plain if line is None else ruled(plain, line, 60), 25, grey, thickness)
    found = remove(page, 255)
    assert (found[plain < 128] < 128).mean() > 0.95
    assert (found[~cv2.dilate((plain < 128).astype(np.uint8), np.ones((9, 9))).astype(bool)] < 215).mean() < 0.005


@pytest.mark.parametrize("photographed", [False, True])
def test_a_margin_that_strokes_cross_all_along_stays_and_ends_the_search(photographed):
    page = with_margin(by_hand(2), 20, 140, 6)
    for row in range(1, len(page), 4):  # where a stroke crosses the line, the line stays: here, everywhere
        page[row : row + 2, 13:27] = 0
    assert (remove(page, 255, photographed)[:, 18:22] < 200).mean() > 0.9



@pytest.mark.parametrize(
    "formula", [r"|x|", r"f(x)|", r"\|v\|", r"\begin{vmatrix}a&b\\c&d\end{vmatrix}", r"\mathsf{|x|}"]
)
def test_upright_bars_that_a_close_crop_cuts_stay(formula):
    (picture,) = render([formula], Look(dpi=160))
    rows, columns = np.where(picture < 250)
    close = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert remove(close, 255) is close


@pytest.mark.parametrize(("left", "right", "grey", "thickness"), [(3, 140, 20, 4), (160, 160, 0, 4), (3, 3, 170, 4)])
def test_a_line_that_no_bar_looks_like_goes_wherever_the_writing_stands(left, right, grey, thickness):
    plain = by_hand(left=left, right=right)
    found = remove(ruled(plain, 0.75, grey, thickness), 255)
    assert (found[~cv2.dilate((plain < 128).astype(np.uint8), np.ones((9, 9))).astype(bool)] < 215).mean() < 0.005


@pytest.mark.parametrize("lean", [-40, -20, 20, 40])
def test_a_stroke_that_leans_is_whole_where_a_line_crossed_it(lean):
    strokes = [np.array([(60 * k + 40, 0), (60 * k + 40 + lean, 80)]) for k in range(4)]
    plain = np.pad(pens.draw(strokes, pens.Look(80, 6), margin=20), ((0, 0), (80, 80)), constant_values=255)
    found = remove(ruled(plain, 0.5, 150, 3), 255)
    assert found[:, :40].min() > 215
    assert cv2.connectedComponents((found < 128).view(np.uint8))[0] == 1 + len(strokes)


@pytest.mark.parametrize("dpi", [80, 110, 160, 220])
@pytest.mark.parametrize("formula", [
    r"\frac{a}{b}", r"\frac{1}{x^2+y^2-1}", r"\frac{d}{dx}", r"\underline{x+y=2}", r"\overline{AB}",
    r"\begin{array}{r}12\\+3\\\hline 15\end{array}", r"\begin{array}{c}a\\\hline b\end{array}",
    r"\begin{array}{c|c}x&1\\\hline y&2\end{array}", r"\begin{array}{c|c|c}x&1&3\\\hline y&2&4\end{array}",
    r"\begin{array}{ccc}\hline p&q&r\\\hline\end{array}", r"\cfrac{1}{1+\cfrac{1}{x}}", r"\underline{\underline{42}}",
])  # fmt: skip
def test_a_bar_that_reaches_both_edges_of_a_close_crop_stays(formula, dpi):
    (picture,) = render([formula], Look(dpi=dpi, display=True))
    rows, columns = np.where(picture < 250)
    close = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert remove(close, 255) is close


@pytest.mark.parametrize("pen", [3, 6])
def test_a_bar_drawn_by_hand_from_edge_to_edge_stays(pen):
    digit = [np.array([(60, 0), (60, 60)]), np.array([(30, 160), (60, 110), (80, 130), (35, 170), (85, 170)])]
    picture = pens.draw([*digit, np.array([(0, 84), (60, 85), (120, 83)])], pens.Look(60, pen), margin=0)
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


def photographed(picture):
    """Pale, blurred, and in a light that falls off to one side."""
    blurred = cv2.GaussianBlur(picture, (0, 0), 1.6).astype(float)
    light = np.linspace(0.9, 0.55, picture.shape[1])[None, :] + np.linspace(0, -0.1, picture.shape[0])[:, None]
    return np.clip((0.55 * blurred + 0.45 * 255) * light, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("rise", [0.0, 0.03, -0.06])
@pytest.mark.parametrize("heights", [(0.2, 0.8), (0.1, 0.45, 0.8)])
def test_the_lines_of_a_photographed_page_go_though_they_slant_and_fade(heights, rise):
    plain = cv2.copyMakeBorder(by_hand(pen=3, left=12, right=6), 40, 50, 0, 0, cv2.BORDER_CONSTANT, value=255)
    picture = plain
    for height in heights:
        picture = ruled(picture, height, 90, thickness=3, rise=rise)
    found, ink = level(photographed(picture)), cv2.dilate((plain < 128).view(np.uint8), np.ones((9, 9))) > 0
    assert (level(photographed(picture))[plain < 128] < 128).mean() > 0.85
    assert (found[~ink] < 160).mean() < 0.004


def test_the_bar_of_a_photographed_fraction_stays_in_a_close_crop():
    (picture,) = render([r"\frac{x^2+1}{2y-3}"], Look(dpi=300))
    rows, columns = np.where(picture < 255)
    picture = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    found = level(photographed(picture))
    bar = (picture < 128).all(axis=1)
    assert bar.any() and (found[bar] < 160).mean() > 0.9
