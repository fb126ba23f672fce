"""Formulas are added to a page that was read and taken away: what its Markdown says then."""


from img2latex import read_page
from img2latex.page.editing import with_formula, without_formula
from img2latex.page.reading import NOTHING


def test_a_formula_taken_away_becomes_text_and_comes_back_without_it(page):
    first = page.formulas[0]
    without = without_formula(page, first)
    assert without.formulas == page.formulas[1:]
    assert len(without.regions) == len(page.regions)  # words in place of the formula
    assert "theorem" in without.markdown and without.markdown.count("$$") == 2
    back, formula = with_formula(without, first.box, first.reading, first)
    assert formula in back.formulas and back.markdown == page.markdown


def test_a_box_in_a_line_cuts_the_text_there(page):
    line = next(region for region in page.regions if "many digits" in region.text)
    left, top, right, bottom = line.box
    middle = (left + 0.4 * (right - left), top, left + 0.5 * (right - left), bottom)
    changed, formula = with_formula(page, tuple(map(round, middle)), page.formulas[0].reading)
    assert formula.kind == "inline"
    around = [region for region in changed.regions if region.line == formula.line]
    assert [region.kind for region in around] == ["text", "inline", "text"]
    assert len(" ".join(region.text for region in around)) < len(line.text)


def test_a_page_that_gets_its_first_formula_no_longer_says_that_there_is_none(page, blank, reader, no_text):
    empty = read_page(blank, reader=reader)
    assert NOTHING in empty.warning
    changed, formula = with_formula(empty, (10, 10, 90, 40), page.formulas[0].reading)
    assert NOTHING not in changed.warning and changed.formulas == [formula] and formula.kind == "displayed"
    assert without_formula(changed, formula).formulas == []
