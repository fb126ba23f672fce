"""Rows and columns are aligned in the LaTeX as they are in the picture, whatever the decoder made of them."""

import re
from functools import cache

import pytest

from img2latex import Recognizer
from img2latex.data import render
from img2latex.latex import normalize
from img2latex.picture import images
from img2latex.reader.alignment import as_seen

LETTER = 22
ROWS = [r"(x+1)(x-2)+3", r"\frac{a}{b}", r"y^{2}-\sum_{i=1}^{n}x_{i}+z"]


def aligned(side, rows):
    environment = "gathered" if side == "centre" else "aligned"
    inside = r"\\".join(("&" if side == "left" else "") + row for row in rows)
    return rf"\begin{{{environment}}}{inside}\end{{{environment}}}"


@cache
def crop_of(latex):
    (picture,) = render.render([latex], render.Look(dpi=150))
    return images.crop(picture, LETTER)


def seen(written, drawn):
    crop = crop_of(drawn)
    return normalize(" ".join(as_seen(normalize(written).split(), crop.picture, LETTER, crop.framed)))


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("drawn", ["left", "right", "centre"])
@pytest.mark.parametrize("written", ["left", "right", "centre"])
def test_rows_are_aligned_as_in_the_picture(written, drawn, count):
    right = aligned(drawn, ROWS[:count])
    assert seen(aligned(written, ROWS[:count]), right) == normalize(right)


EQUATIONS = [("x^{2}+y", "=z"), ("w", r"=\frac{a+b}{2}-3c"), ("2u", "=v")]
AT_SIGN = r"\begin{aligned}" + r"\\".join("&".join(pair) for pair in EQUATIONS) + r"\end{aligned}"


@pytest.mark.parametrize("sign", ["=", r"\leq ", r"\approx ", r"\to "])
@pytest.mark.parametrize("other", ["left", "right", "centre"])
def test_rows_are_aligned_at_the_sign_at_which_they_are_in_the_picture(other, sign):
    at_sign, apart = (latex.replace("=", sign) for latex in (AT_SIGN, aligned(other, map("".join, EQUATIONS))))
    assert seen(apart, at_sign) == normalize(at_sign)
    if other != "left":  # the rows of a chain begin at one place too, where its left sides are equally wide
        assert seen(at_sign, apart) == normalize(apart)


@pytest.mark.parametrize("rows", [r"x&=y+z\\&=2a-b\\&=1", r"x+1&=y\\z&\leq y+3\\w-3&=5", r"a+b&=c&d+1&=e\\f&=g+h&i&=j"])
def test_chains_and_several_signs_stay_as_they_are(rows):
    latex = rf"\begin{{aligned}}{rows}\end{{aligned}}"
    assert seen(latex, latex) == normalize(latex)


@pytest.mark.parametrize("tag", [r"\tag{1}", r"\tag{2.13}"])
def test_the_number_of_an_equation_is_no_part_of_a_row(tag):
    assert seen(aligned("left", ROWS) + tag, aligned("right", ROWS) + tag) == normalize(aligned("right", ROWS) + tag)


@pytest.mark.parametrize("latex", [
    r"\begin{cases}x+1\\y\end{cases}",
    r"a=\begin{gathered}x+1\\y\end{gathered}",  # more than rows
    r"\begin{gathered}x=1\end{gathered}",
    r"\frac{x}{y}",
])  # fmt: skip
def test_other_formulas_stay_as_they_are(latex):
    assert seen(latex, latex) == normalize(latex)


@pytest.mark.parametrize("written", ["left", "right", "centre"])
def test_rows_of_one_width_stay_as_they_are_written(written):
    rows = ["x+1", "x+2"]
    assert seen(aligned(written, rows), aligned("centre", rows)) == normalize(aligned(written, rows))


def test_rows_that_are_not_in_the_picture_change_nothing():
    written = aligned("left", [*ROWS, "x", "y", "z"])
    assert seen(written, aligned("right", ROWS)) == normalize(written)


CELLS = r"1 & x+y & 0.25\\20 & \frac{1}{2} & 3.125\\300 & & 10"


@pytest.mark.parametrize("drawn", ["rrr", "lll", "r|rr", "l|ll", "lrr", "ccc"])
@pytest.mark.parametrize("inside", [CELLS, CELLS.replace(r"\\", r"\\\hline ", 1)], ids=["plain", "ruled"])
def test_columns_are_aligned_as_in_the_picture(drawn, inside):
    right = rf"\begin{{array}}{{{drawn}}}{inside}\end{{array}}"
    for side in "lcr":
        columns = "".join(c if c == "|" else side for c in drawn)
        assert seen(rf"\begin{{array}}{{{columns}}}{inside}\end{{array}}", right) == normalize(right)


def test_columns_whose_cells_are_equally_wide_stay_as_they_are_written():
    for columns in ("lrl", "rcl"):
        latex = rf"\begin{{array}}{{|{columns}|}}\hline 1&2&3\\4&5&6\\\hline\end{{array}}"
        assert seen(latex, latex) == normalize(latex)


@pytest.mark.parametrize("kind", ["array", "matrix", "pmatrix", "bmatrix", "vmatrix", "Vmatrix", "Bmatrix"])
def test_a_cell_is_in_the_column_where_its_ink_is(kind):
    begin = rf"\begin{{{kind}}}" + "{c|cc}" * (kind == "array")
    drawn, read = (rf"{begin}x+y & {empty} 3\\1 & 22 & z\\\frac{{a}}{{b}} & 5 & 6\end{{{kind}}}" for empty in "& ")
    assert seen(read, drawn) == normalize(drawn)


@pytest.mark.parametrize("read", ["1 & x+y & \\\\ 200 & y & z", "1 & x+y & 2 & 3 \\\\ 200 & y & z & 4", "1 & x+y & 2"])
def test_another_number_of_cells_than_in_the_picture_changes_nothing(read):
    written = rf"\begin{{array}}{{cccc}}{read}\end{{array}}"
    drawn = r"\begin{array}{r|rr}1&x+y&2\\200&y&z\end{array}"
    assert seen(written, drawn) == normalize(written)


@pytest.mark.parametrize("latex", [
    r"M^{-1}=\left(\begin{array}{rr}1&-10\\20&3\end{array}\right)\begin{pmatrix}x+y\\z\end{pmatrix}",
    r"A=\begin{bmatrix}x+y& &3\\1&22&z\\4&5&6\end{bmatrix}^{T}",
    r"\left|\begin{array}{ll}1&-10\\20&3\end{array}\right|=0",
])  # fmt: skip
def test_matrices_within_a_formula_are_as_in_the_picture(latex):
    read = normalize(re.sub(r"& &|{array}{..}", lambda found: "&" if "&" in found[0] else "{matrix}", latex).replace(
        r"\end{array}", r"\end{matrix}"))  # fmt: skip
    assert read != normalize(latex) and seen(read, latex) == normalize(latex)


BOXED = r"\begin{array}{|lr|}\hline 10&2\\3&400\\\hline\end{array}"


@pytest.mark.parametrize("read", [
    r"\begin{array}{lr}10&2\\3&400\end{array}", r"\begin{matrix}10&2\\3&400\end{matrix}", BOXED,
])  # fmt: skip
def test_a_table_gets_the_lines_around_it(read):
    assert seen(read, BOXED) == normalize(BOXED)


@pytest.mark.parametrize("latex", ["x=1", r"\begin{pmatrix}a&b\\c&d\end{pmatrix}", r"\substack{a\\c}"])
def test_what_is_no_table_gets_no_lines(latex):
    assert seen(latex, rf"\boxed{{{latex}}}") == normalize(latex)


@pytest.fixture(scope="module")
def reader():
    return Recognizer.from_pretrained("math", threads=1)


def test_an_answer_is_aligned_as_its_picture_unless_a_person_chose_otherwise(reader):
    (picture,) = render.render([aligned("left", ["x+y+1=2z", r"\frac{a}{b}=c"])], render.Look(dpi=150))
    read = reader.recognize(picture, prefix=[r"\begin{gathered}", "x"])
    assert read.tokens[0] == r"\begin{gathered}" and read.latex.startswith(r"\begin{aligned} & x+y+1=2z \\ & ")
    assert reader.recognize(picture, prefix=[r"\begin{gathered}"]).latex.startswith(r"\begin{gathered} x+y")


def test_a_table_is_read_with_the_lines_around_it(reader):
    table = r"\begin{array}{|cc|}\hline 10&2\\3&400\\\hline\end{array}"
    (picture,) = render.render([table], render.Look(dpi=150))
    assert normalize(reader.recognize(picture).latex) == normalize(table)
