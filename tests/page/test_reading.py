"""A whole page is read: formulas in their places, text around them, equations with their numbers."""

import numpy as np
from PIL import Image

from img2latex import read_page
from img2latex.latex import normalize
from img2latex.page import text
from img2latex.page.reading import NOTHING
from img2latex.picture import pdf
from tests.conftest import PAPER_FORMULAS as FORMULAS


def shown(page):
    return [region for region in page.regions if region.kind == "displayed"]


def test_displayed_formulas_are_found_read_and_numbered_in_order(page):
    found = [(normalize(region.latex), region.tag) for region in shown(page)]
    assert found == [(normalize(FORMULAS[0]), "1"), (normalize(FORMULAS[1]), "2")]
    assert all(region.confidence > 0.5 and region.found > 0.4 for region in shown(page))


def test_boxes_hold_the_formulas_ink(page):
    grey = np.asarray(page.picture)
    for region in shown(page):
        left, top, right, bottom = region.box
        assert grey[top:bottom, left:right].min() < 100
        assert grey[top - 8 : top - 3, left:right].min() > 200  # the line of text above is not in it


def test_markdown_has_text_and_equations_where_they_stand(page):
    told = page.markdown
    before, first, between, second, after = told.split("$$")
    assert "longest side lies opposite" in between and r"\tag{1}" in first and r"\tag{2}" in second
    assert "right triangle" in before and "many digits" in after
    assert page.warning is None


def test_a_page_of_words_has_no_formulas_and_says_so(paper, reader):
    page = read_page(paper, 2, reader)
    assert page.formulas == [] and NOTHING in page.warning
    assert "the weather and of the long way home" in page.markdown


def test_without_rapidocr_there_are_formulas_and_one_sentence(paper, reader, no_text):
    page = read_page(paper, 1, reader)
    assert page.warning == text.MISSING
    assert {region.kind for region in page.regions} <= {"displayed", "inline"} and len(shown(page)) == 2


def test_a_picture_in_the_dark_is_read_as_well(paper, reader, no_text):
    picture = Image.eval(pdf.draw_page(str(paper), 1, dpi=150), lambda tone: 235 - round(0.8 * tone))
    told = [normalize(region.latex) for region in shown(read_page(picture, reader=reader))]
    assert told == [normalize(formula) for formula in FORMULAS]


def test_an_empty_page_is_no_error(blank, reader):
    page = read_page(blank, reader=reader)
    assert page.regions == [] and page.markdown == "" and page.warning == NOTHING
