"""Of equal parts in a row there are as many in the LaTeX as in the picture, whatever the decoder made of them."""

import numpy as np
import pytest

from img2latex.data import render
from img2latex.latex import normalize
from img2latex.picture import images
from img2latex.reader.counting import recounted

# What stands before the equal parts, one of them, how many there are, and what stands behind.
ROWS = [
    ("0.", "3", 9, ""),
    (r"999999:", "1", 5, ""),
    ("", "1", 6, "=n"),
    ("", "x+", 7, "x=8x"),
    ("", "x^{2}+", 6, "x^{2}=0"),
    (r"\nu", r"|\nu", 9, ""),
    ("", r"\frac{1}{2}+", 5, r"\frac{1}{2}"),
    (r"B\oplus B\oplus b\oplus B", r"\oplus b", 5, ""),
    (r"\bar{a}", r"\circ\bar{a}", 6, ""),
    (r"\underbrace{y", r"\otimes y", 6, "}_{n}"),
    (r"\overbrace{1", "+1", 7, "}^{k}"),
]
FORMULAS = [
    "1000", "100000000", "f_{9}=10000", "x=1+1+1+1", r"\log(1+\log(3+\log(5+\log(7+t_{9}))))", "abc+1111",
    r"\frac{1}{3}=0.3333\ldots", "ffffffff", r"\mathrm{AAAA}\times\mathrm{aaaa}", r"\sum_{i=1}^{n}1111", "x",
    r"T_{i}T_{i}T_{i}T_{i}T_{i}", r"\begin{aligned}x&=1111\\y&=1\end{aligned}",
]  # fmt: skip


DIGITS = r"0.222727777277\ldots<222772227777"
OTHER = r"\alpha\beta\gamma+1=2z"
RIGHT = [before + count * part + behind for before, part, count, behind in ROWS]


@pytest.fixture(scope="module", params=[90, 150, 300])
def dpi(request):
    return request.param


@pytest.fixture(scope="module")
def pictures(dpi):
    """What the model sees of each formula."""
    formulas = [*RIGHT, *FORMULAS, DIGITS, OTHER]
    drawn = render.render(formulas, render.Look(dpi=dpi))
    return {latex: images.crop(picture, 22).picture for latex, picture in zip(formulas, drawn, strict=True)}


@pytest.mark.parametrize("more", [-1, 1, 2])
def test_equal_parts_are_as_many_as_in_the_picture(pictures, dpi, more):
    mended = 0
    for right, (before, part, count, behind) in zip(RIGHT, ROWS, strict=True):
        written = normalize(before + (count + more) * part + behind)
        read = " ".join(recounted(written.split(), pictures[right]))
        assert read in (written, normalize(right))
        mended += read == normalize(right)
    assert mended >= len(ROWS) - (6 if dpi < 100 else 2)  # small letters may touch


def test_what_is_right_stays(pictures):
    for latex in (*RIGHT, *FORMULAS):
        assert recounted(normalize(latex).split(), pictures[latex]) == normalize(latex).split()


def test_the_row_that_is_told_wrongly_is_mended_and_no_other(pictures):
    right = normalize(DIGITS).split()
    for place in (len(right) - 1, 7):
        assert recounted(right[:place] + right[place : place + 1] + right[place:], pictures[DIGITS]) == right


def test_a_formula_that_is_another_one_than_in_the_picture_stays(pictures):
    for written in ("x = 1 1 1 1 1", "y + y + y + y + y + y", "2 2 2 2 2 2 2 2 2 2"):
        assert recounted(written.split(), pictures[OTHER]) == written.split()


def test_nothing_stays_nothing():
    blank = np.full((40, 60), 255, np.uint8)
    for written in ("", "1 1 1 1 1", r"\underbrace { \underbrace { 1 1 1 1 } _ { n } } _ { m }"):
        assert recounted(written.split(), blank) == written.split()
