"""What frames a formula goes, whatever its shape; lines that belong to a formula stay."""

import cv2
import numpy as np
import pytest

from img2latex.data import pen as pens
from img2latex.data.render import Look, render
from img2latex.picture import images, levelling
from img2latex.picture.framing import remove

FORMULAS = [r"\frac{a+b}{c-1}=x^2", r"(2+i)z=1+i", r"\sqrt{x+1}\equiv y", "4"]
LINES = [
    r"\sqrt{x^2+y^2+z^2+1+2xy+2yz+2zx}",
    r"\overline{a+b+c}",
    r"\frac{1}{x+y+z}",
    r"\left|\begin{matrix}a&b\\c&d\end{matrix}\right|",
    r"|x|",
    r"[a-b+c]",
    r"\odot",
    r"\boxdot",
    r"\left\lfloor\frac{a}{b}\right\rfloor",
    r"\begin{array}{|c|c|}\hline a & b \\ \hline c & d \\ \hline \end{array}",
    r"1 + 3 > n",
    r"\bar{l}",
]


def paper(picture, room, grey=255):
    return cv2.copyMakeBorder(picture, room, room, room, room, cv2.BORDER_CONSTANT, value=grey)


def boxed(picture, thickness=2, grey=40, around=10):
    return paper(paper(paper(picture, 14), thickness, grey), around)


def cut_box(picture):
    """Of the box, a screenshot shows the left and upper side."""
    return boxed(picture)[10:-14, 10:-14]


def cell(picture):
    """Lines of a table that go on to the edges of the picture."""
    found = paper(picture, 30)
    for line in (10, -11):
        found[line] = found[:, line] = 120
    return found


def rounded(picture):
    found = paper(picture, 40)
    height, width = found.shape
    right, bottom = width - 18, height - 18
    corners = np.array([(28, 18), (right - 10, 18), (right, 28), (right, bottom - 10), (right - 10, bottom),
                        (28, bottom), (18, bottom - 10), (18, 28)])  # fmt: skip
    return cv2.polylines(found, [corners], True, 90, 2, cv2.LINE_AA)


def drawn_by_hand(picture):
    found = paper(picture, 40)
    height, width = found.shape
    corners = np.array([(18, 15), (width - 14, 21), (width - 20, height - 15), (15, height - 20)])
    return cv2.polylines(found, [corners], True, 60, 3, cv2.LINE_AA)


def rule_above(picture):
    found = paper(picture, 25)
    found[1:3] = 100
    return found


FRAMES = [
    boxed, lambda p: boxed(p, 7), lambda p: boxed(p, 1, 190), lambda p: boxed(p, around=0), lambda p: boxed(boxed(p)),
    cut_box, cell, rounded, drawn_by_hand,
]  # fmt: skip


@pytest.fixture(scope="module")
def written():
    return render(FORMULAS, Look(dpi=150))


def is_alike(seen, expected):
    """Levels and with them the edges of letters differ a little beside a line."""
    a, b = seen.picture, expected.picture
    assert seen.letter_height == pytest.approx(expected.letter_height, rel=0.2)
    assert a.shape == pytest.approx(b.shape, rel=0.2)
    a, b = (cv2.resize(p, (60, 15), interpolation=cv2.INTER_AREA).ravel() for p in (a, b))
    assert np.corrcoef(a, b)[0, 1] > 0.8


@pytest.mark.parametrize("framed", FRAMES, ids=range(len(FRAMES)))
def test_frames_go_and_the_formula_stays(framed, written):
    for plain in written:
        is_alike(images.crop(framed(plain)), images.crop(paper(plain, 40)))


def test_a_rule_above_a_formula_goes(written):
    for plain in written[:3]:
        is_alike(images.crop(rule_above(plain)), images.crop(paper(plain, 40)))


@pytest.mark.parametrize("formula", LINES + FORMULAS)
def test_lines_of_a_formula_stay(formula):
    (picture,) = render([formula], Look(dpi=150))
    rows, columns = np.where(picture < 255)
    close = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    for given in (paper(picture, 20), close):
        clean = levelling.level(given)
        assert remove(clean)[0] is clean


def test_an_empty_frame_and_nothing_at_all_stay():
    for given in (np.full((80, 200), 255, np.uint8), boxed(np.full((80, 200), 255, np.uint8))):
        assert remove(given)[0] is given


@pytest.mark.parametrize("pen", [8, 12])
def test_thick_letters_that_stand_on_a_line_of_the_paper_are_no_frame(pen):
    letters = [np.array([(40, 0), (40, 80)]), np.array([(40, 10), (70, 10), (70, 40), (40, 40)])]
    letters.append(np.array([(90, 0), (90, 60)]))
    ring = np.array([(5, 20), (20, 8), (20, 34), (5, 20)])
    picture = pens.draw([ring, *letters], pens.Look(60, pen), margin=20)
    line = picture.shape[0] - 20 - round(0.3 * picture.shape[0])
    picture[line : line + 3] = 90
    assert remove(picture)[0] is picture
