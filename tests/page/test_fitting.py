"""Boxes are drawn around whole letters; their kind and how sure they are follow from the ink around them too."""

import numpy as np
import pytest

from img2latex.page.cells import KINDS, Box, targets
from img2latex.page.fitting import fitted
from img2latex.page.marks import LETTER_HEIGHT, marks

SCALE = LETTER_HEIGHT / 8  # places are told as on a page of 240 x 800 px with letters 8 px high
SHAPE = (round(30 * SCALE), round(100 * SCALE))  # cells of 8 px
PITCH = 8  # px from a letter to the next


def letters(left, count, top=97, height=8):
    return [(left + PITCH * i, top, left + PITCH * i + 6, top + height) for i in range(count)]


def around(boxes):
    sides = np.array(boxes, float)
    return (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())


def fit(ink, formulas, thought, short_sighted=1.0):
    """Boxes `thought` (sides and kind) on a page where the network is taught `formulas` (sides and kind).

    Its cells see upper and lower sides nearer than they are by the factor `short_sighted`.
    """
    boxes = SCALE * np.array([sides for sides, _ in formulas], float).reshape(-1, 4)
    scores, distances, _ = targets(SHAPE, boxes, np.array([KINDS.index(kind) for _, kind in formulas], int))
    distances[1::2] *= short_sighted
    page = marks(SCALE * np.array(ink, float).reshape(-1, 4), 0.9 * scores, distances)
    found = fitted([Box(tuple(SCALE * np.array(sides)), kind, 0.9) for sides, kind in thought], page)
    return [Box(tuple((np.array(box.sides) / SCALE).round(6).tolist()), box.kind, box.confidence) for box in found]


WORDS_BEFORE, FORMULA, WORDS_AFTER = letters(40, 12), letters(148, 6), letters(204, 12)  # words are 14 and 10 px apart


@pytest.mark.parametrize("left, right", [(0, 0), (9, 0), (0, -9), (-9, 7), (12, -12)])
def test_a_side_that_is_off_by_a_letter_goes_to_the_gap_between_words(left, right):
    true = around(FORMULA)
    thought = (true[0] + left, true[1] + 1, true[2] + right, true[3])
    (box,) = fit(WORDS_BEFORE + FORMULA + WORDS_AFTER, [(true, "inline")], [(thought, "inline")])
    assert (box.sides, box.kind) == (true, "inline")
    assert box.confidence > 0.5


def test_a_displayed_formula_takes_what_stands_close_above_and_below_it():
    line, above = letters(300, 10), letters(330, 2, top=85)
    true = around(line + above)
    (box,) = fit(line + above, [(true, "displayed")], [(around(line), "displayed")])
    assert box.sides == true


def test_a_displayed_formula_of_several_rows_is_found_though_its_cells_do_not_see_all_of_it():
    rows = [mark for top in range(60, 140, 16) for mark in letters(240, 24, top)]
    true = around(rows)
    (box,) = fit(rows, [(true, "displayed")], [(true, "displayed")], short_sighted=0.5)
    assert (box.sides, box.kind) == (true, "displayed")


@pytest.mark.parametrize(
    "mark, taken",
    [
        ((165, 92, 169, 95), True),  # a hat over the third letter
        ((165, 80, 169, 83), False),  # a dot in the line above
        ((164, 86, 170, 94), False),  # the tail of a letter in the line above
    ],
)
def test_an_accent_close_above_a_letter_belongs_to_the_formula(mark, taken):
    true = around(FORMULA)
    (box,) = fit([*WORDS_BEFORE, *FORMULA, *WORDS_AFTER, mark], [(true, "inline")], [(true, "inline")])
    assert box.sides == (around([*FORMULA, mark]) if taken else true)


def test_what_stands_alone_on_its_line_is_displayed_and_what_stands_among_words_is_not():
    true = around(FORMULA)
    unsure = [(true, "inline"), ((true[0], true[1], true[0] + 24, true[3]), "displayed")]  # half of it votes so
    (alone,) = fit(FORMULA, unsure, [(true, "inline")])
    (among,) = fit(WORDS_BEFORE + FORMULA + WORDS_AFTER, unsure, [(true, "displayed")])
    assert (alone.kind, among.kind) == ("displayed", "inline")


def test_a_number_belongs_to_a_formula_on_its_line():
    line, number, page = letters(300, 10), letters(700, 3), letters(400, 2, top=200)
    taught = [(around(line), "displayed"), (around(number), "number"), (around(page), "number")]
    found = fit(line + number + page, taught, taught)
    assert sorted(box.kind for box in found) == ["displayed", "number"]
    assert {box.sides for box in found} == {around(line), around(number)}


def test_a_box_on_blank_paper_is_none():
    sides = (300.0, 100.0, 380.0, 110.0)
    assert fit(letters(40, 5, top=30), [(sides, "displayed")], [(sides, "displayed")]) == []
    assert fit(np.zeros((0, 4)), [(sides, "displayed")], [(sides, "displayed")]) == []


def test_a_box_whose_letters_see_other_sides_is_less_sure():
    true = around(FORMULA)
    ink = WORDS_BEFORE + FORMULA + WORDS_AFTER
    (right,) = fit(ink, [(true, "inline")], [(true, "inline")])
    whole = (true[0] - 60, true[1], true[2] + 60, true[3])
    boxes = fit(ink, [(whole, "inline")], [(true, "inline")])
    assert all(box.confidence < right.confidence for box in boxes)


@pytest.mark.parametrize("kind", ["inline", "displayed"])
@pytest.mark.parametrize("mark, of_sentence", [((0, 6, 2, 8), True), ((0, 5, 3, 10), True), ((0, -2, 2, 2), False)])
def test_a_full_stop_or_comma_behind_a_formula_among_words_belongs_to_the_sentence(kind, mark, of_sentence):
    *_, right, bottom = around(FORMULA)
    last = tuple(np.add(mark, (right + 2, bottom - 8) * 2).tolist())  # 2 px behind, from a letter's top
    words = WORDS_BEFORE + WORDS_AFTER if kind == "inline" else []
    there = around([*FORMULA, last])
    (box,) = fit(words + FORMULA + [last], [(there, kind)], [(there, kind)])
    assert box.kind == kind
    assert box.sides == (around(FORMULA) if of_sentence and kind == "inline" else there)


def test_parts_of_a_displayed_formula_with_a_wide_gap_between_are_one():
    left, right = letters(200, 8), letters(300, 8)
    whole = around(left + right)
    (box,) = fit(left + right, [(whole, "displayed")], [(around(left), "displayed"), (around(right), "displayed")])
    assert (box.sides, box.kind) == (whole, "displayed")


def test_answers_to_choose_from_on_one_line_stay_apart():
    answers = [letters(x, 4) for x in (100, 200, 300)]
    names = [mark for x in (76, 176, 276) for mark in letters(x, 2)]  # `A.` before each
    parts = [(around(answer), "inline") for answer in answers]
    found = fit(names + sum(answers, []), parts, parts)
    assert sorted(box.sides for box in found) == [sides for sides, _ in parts]


def test_the_number_of_a_page_is_no_formula_and_a_letter_alone_is():
    number, words = letters(400, 2, top=200), letters(40, 40)
    alone = [(around(number), "displayed")]
    assert fit(words + number, alone, alone) == []
    assert fit(words + number + letters(40, 12, top=200), alone, alone) == [], "with a title beside it"
    comma = (140, 206, 142, 211)  # mostly below the line that it stands on
    assert fit(words + number + letters(40, 12, top=200) + [comma], alone, alone) == [], "with a comma in the title"
    broken = [(left, top, right, top + 3) for left, top, right, _ in number] + letters(400, 2, top=205, height=3)
    assert fit(words + broken, alone, alone) == [], "of thin digits that fell to pieces"
    assert len(fit(number, alone, alone)) == 1
