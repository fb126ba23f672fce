"""A formula that was cut off before its bracket gets it back; nothing else is added."""

import numpy as np
import pytest

from img2latex.data.render import Look, render
from img2latex.latex import normalize
from img2latex.page import finder
from img2latex.page.brackets import unclosed, widened
from img2latex.page.cells import Box
from img2latex.page.reading import read_boxes

LETTER = 10.0
BOX = Box((100.0, 50.0, 160.0, 64.0), "inline", 0.9)
BRACKET, LETTERS = (162, 49, 166, 65), [(174, 54, 182, 64), (87, 54, 95, 64)]


@pytest.mark.parametrize(
    "latex, count",
    [("(0,1]", 0), ("f(x", 1), (r"\{a,b", 1), ("x)", -1), (r"\left(a\right)", 0), (r"\frac{(a}{b", 1), ("", 0)],
)
def test_brackets_are_counted_and_braces_of_tex_are_not(latex, count):
    assert unclosed(latex) == count


@pytest.mark.parametrize(
    "latex, kind, mark, wider",
    [
        ("f(x", "inline", BRACKET, True),
        ("f(x)", "inline", BRACKET, False),
        ("f(x", "displayed", BRACKET, False),
        ("x)", "inline", BRACKET, False),  # on the other side stands a letter
        ("f(x", "inline", (162, 54, 170, 64), False),  # a letter
        ("f(x", "inline", (170, 49, 174, 65), False),  # too far
    ],
)
def test_a_box_takes_the_bracket_that_it_lacks(latex, kind, mark, wider):
    marks = np.array([mark, *LETTERS], float)
    found = widened(Box(BOX.sides, kind, 0.9), latex, marks, LETTER)
    if wider:
        assert found.sides == (100, 49, 166, 65) and found.kind == kind
    else:
        assert found is None


def test_a_formula_is_read_again_with_its_bracket(reader):
    (picture,) = render([r"f(x,y)=g(2a+b\;)"], Look(dpi=150))
    view = finder.prepare(picture)
    marks = view.page_marks
    left, top, right, bottom = *marks[:, :2].min(axis=0).tolist(), *marks[:, 2:].max(axis=0).tolist()
    bracket = marks[marks[:, 2].argmax()]
    cut_off = Box((left, top, bracket[0] - 0.3 * view.letter, bottom), "inline", 0.9)
    assert unclosed(reader.recognize(picture[:, : int(cut_off.sides[2])]).latex) == 1
    (box,), (reading,) = read_boxes([cut_off], picture, view, reader)
    assert normalize(reading.latex) == normalize("f(x,y)=g(2a+b)") and box.sides[2] == pytest.approx(right)
