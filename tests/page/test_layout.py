"""Reading order, lines and paragraphs."""

import numpy as np
import pytest

from img2latex.page import layout, text
from img2latex.page.reading import in_order, tag
from img2latex.page.region import Region
from img2latex.page.writing import as_json, docx, joined, markdown, tex
from tests.export.test_word import read_back

LETTER = 10.0


def lines(boxes, alone=()):
    boxes = np.array(boxes, float)
    return layout.lines(boxes, np.isin(np.arange(len(boxes)), alone), LETTER)


def test_two_columns_are_read_one_after_the_other_below_their_title():
    title = [(0, 0, 400, 12)]
    left = [(0, y, 190, y + 12) for y in (30, 50, 70, 90)]
    right = [(215, y, 400, y + 12) for y in (30, 50, 70, 90)]
    mixed = [title[0], *(box for pair in zip(left, right, strict=True) for box in pair)]
    told = [mixed[i] for line in lines(mixed) for i in line]
    assert told == title + left + right


def test_a_formula_stays_in_its_line():
    words, formula, rest, below = (0, 0, 90, 12), (95, -3, 140, 16), (146, 0, 300, 12), (0, 22, 300, 34)
    assert lines([rest, below, formula, words]) == [[3, 2, 0], [1]]


def test_a_displayed_formula_is_a_line_of_its_own():
    assert lines([(0, 0, 90, 12), (94, 0, 200, 12)], alone=[1]) == [[0], [1]]


def region(box, kind="text", **known):
    return Region(box, kind, **known)


PAGE = [
    region((0, 0, 90, 12), text="The circle"),
    region((95, 0, 140, 12), "inline", latex="x^{2}+y^{2}=1"),
    region((142, 0, 200, 12), text=", which"),
    region((0, 18, 200, 30), text="costs 5$, has the area"),
    region((60, 50, 140, 70), "displayed", latex=r"A=\pi", tag="1.2"),
    region((0, 90, 200, 102), text="and more."),
]


def test_markdown_has_formulas_in_their_lines_and_between_them():
    assert markdown(in_order(PAGE[::-1], LETTER)) == (
        "The circle $x^{2}+y^{2}=1$, which costs 5\\$, has the area\n\n"
        "$$\nA=\\pi \\tag{1.2}\n$$\n\nand more.\n"
    )  # fmt: skip


def test_tex_is_a_document_with_the_same():
    told = tex(in_order(PAGE, LETTER))
    assert r"circle $x^{2}+y^{2}=1$, which costs 5\$, has" in told
    assert "\\begin{equation*}\nA=\\pi \\tag{1.2}\n\\end{equation*}" in told
    assert told.startswith(r"\documentclass{article}") and told.endswith("\\end{document}\n")


def test_a_word_document_has_the_same_and_loses_no_formula():
    """Asked of pandoc."""
    odd = region((202, 90, 240, 102), "inline", latex=r"\cancel{x}")
    assert read_back(docx(in_order([*PAGE, odd], LETTER))) == [
        "The circle x^{2} + y^{2} = 1, which costs 5$, has the area", r"A = \pi\text{\quad(1.2)}",
        r"and more. \cancel{x}",
    ]  # fmt: skip


def test_json_tells_boxes_in_reading_order():
    told = as_json(in_order(PAGE, LETTER), (200, 110), None)
    assert told.index('"The circle"') < told.index("x^{2}") < told.index(r"A=\\pi")


@pytest.mark.parametrize(
    "parts, whole",
    [
        (["a deriva-", "tive"], "a derivative"),
        (["已知", "$f(x)$", "是"], "已知$f(x)$是"),
        (["so", "$x$", ".", "Then"], "so $x$. Then"),
        (["f", "(", "x"], "f ( x".replace("( x", "(x")),
    ],
)
def test_words_are_joined_as_a_person_would(parts, whole):
    assert joined(parts) == whole


@pytest.mark.parametrize("latex, told", [("(1.2)", "1.2"), (r"\left(12\right)", "12"), (r"(\mathrm{A}.3)", "A.3")])
def test_an_equation_s_number_loses_its_parentheses(latex, told):
    assert tag(latex) == told


def test_a_line_of_text_is_cut_at_the_formulas_in_it():
    formulas = [(50, 0, 80, 14), (120, 200, 150, 214)]  # the second is on another line
    assert text.cut((0, 2, 200, 12), formulas) == [(0, 2, 50, 12), (80, 2, 200, 12)]


def test_formulas_are_painted_over_with_the_paper_around_them():
    grey = np.full((60, 100), 230, np.uint8)
    grey[20:40, 30:60] = 0
    clean = text.without(grey, [(30, 20, 60, 40)])
    assert (clean == 230).all() and (grey[20:40, 30:60] == 0).all()
