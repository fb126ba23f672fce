"""Pages made for training: the boxes that are told are where the formulas stand."""

import itertools

import numpy as np
import pytest

from img2latex.data import colours, floats, pages, render, typeset, webpages
from img2latex.data.prose import FORMULA, LANGUAGES, Prose
from img2latex.page import finder

FORMULAS = [r"x^{2}+1", r"\alpha_{i}", r"\frac{a}{b}", r"f(x)=2"]
SHOWN = [r"\sum_{k=1}^{n}k=\frac{n(n+1)}{2}", r"\int_{0}^{1}x\,dx", r"E=mc^{2}"]


@pytest.fixture
def sources():
    return itertools.cycle(FORMULAS).__next__, itertools.cycle(SHOWN).__next__


def test_each_colour_is_told_from_the_others_and_looks_black():
    picture = np.full((20, 12 * colours.COUNT, 3), 255, np.uint8)
    for number in range(colours.COUNT):
        picture[5:15, 12 * number + 2 : 12 * number + 10] = colours.colour(number)
    grey, inks = colours.separate(picture)
    assert sorted(inks) == list(range(colours.COUNT))
    assert all(colours.boxes(inks[k], 10, True) == [(12 * k + 2, 5, 12 * k + 10, 15)] for k in inks)
    assert set(np.unique(grey)) == {0, 255}


def test_formulas_keep_their_kinds_behind_one_that_floated_and_behind_a_colour_of_two_letters_that_touch():
    kinds = ["displayed" if n % 3 else "inline" for n in range(3 * colours.COUNT)]
    passed = 0
    for first in range(0, 2 * colours.COUNT, 30):
        there = [*range(first, first + 30), *([first - 60] if first % 120 == 90 else [])]  # one floated two pages on
        inks = {n % colours.COUNT: np.array([(y, 20 * k + x) for y in range(5) for x in range(9)])
                for k, n in enumerate(there)}  # fmt: skip
        inks |= {(first + 30 + k) % colours.COUNT: np.array([(9, 9)]) for k in (30, 45, 60)}
        found, passed = colours.placed(inks, kinds, passed, 10)
        assert {which: box[0] // 20 for box, which in found} == {n: k for k, n in enumerate(there)}
        assert passed == first + 29


def test_a_formula_broken_over_two_lines_has_two_boxes():
    first = [(y, x) for y in range(5) for x in range(90, 99)]
    second = [(y, x) for y in range(20, 25) for x in range(9)]
    places = np.array(first + second)
    assert sorted(colours.boxes(places, 10, whole=False)) == [(0, 20, 9, 25), (90, 0, 99, 5)]
    assert colours.boxes(places, 10, whole=True) == [(0, 0, 99, 25)]


def test_a_prime_between_two_letters_is_no_formula_of_its_own():
    letter, prime, bracket = ([(y, x) for y in range(top, end) for x in range(left, left + 6)]
                              for left, top, end in ((0, 8, 20), (10, 0, 6), (20, 8, 20)))  # fmt: skip
    assert colours.boxes(np.array(letter + prime + bracket), 10, whole=False) == [(0, 0, 26, 20)]


def check(made):
    """Every box is tight around ink, and most pages have some; returns the kinds that there are."""
    kinds = set()
    for grey, formulas in made:
        for (left, top, right, bottom), kind, latex in formulas:
            part = grey[top:bottom, left:right]
            assert part.min() < 128 and latex
            assert all(side.min() < 200 for side in (part[0], part[-1], part[:, 0], part[:, -1]))
            kinds.add(kind)
    return kinds


def test_a_latex_document_tells_where_its_formulas_stand(sources):
    rng = np.random.default_rng(1)
    document = typeset.Document(*sources, rng)
    document.density, document.numbered, document.kind = 0.2, 0.9, "columns"
    made = list(typeset.draw(document, 2, 100))
    assert len(made) >= 2
    assert check(made) == set(pages.KINDS)
    told = {latex for _, formulas in made for _, kind, latex in formulas if kind == "displayed"}
    assert told == set(SHOWN)


def test_code_in_a_latex_document_is_printed_and_is_no_formula(sources):
    document = typeset.Document(*sources, np.random.default_rng(3))
    document.density, document.coded, document.kind = 0.0, 1.0, "paper"
    made = list(typeset.draw(document, 1, 90))
    assert check(made) <= {"displayed", "number"}
    assert max((grey < 128).mean() for grey, _ in made) > 0.01, "a sign that LaTeX refuses would leave the page blank"


def test_words_in_other_faces_and_a_bibliography_are_no_formulas(sources, monkeypatch):
    monkeypatch.setattr(typeset, "MARKED", 1.0)
    document = typeset.Document(*sources, np.random.default_rng(4))
    document.density, document.kind = 0.0, "paper"
    floats.references(document)
    document.lines, references = [], document.lines
    source = document.write(1).split("\n")
    monkeypatch.setattr(document, "write", lambda pages: "\n".join([*source[:-2], *references, *source[-2:]]))
    assert check(typeset.draw(document, 1, 90)) <= {"displayed", "number"}


def test_latex_sets_every_formula_that_is_made_up(tmp_path):
    (tmp_path / "list.tsv").write_text("".join(f"some\t{latex}\n" for latex in [*FORMULAS, *SHOWN]))
    formulas = pages.Formulas(tmp_path / "list.tsv", np.random.default_rng(0))
    inline = {formulas.inline() for _ in range(600)} - set(FORMULAS) - set(SHOWN)
    rows = {shown for shown in (formulas.displayed() for _ in range(60)) if r"\\" in shown}
    assert len(inline) > 200 and {shown.split("}")[0] for shown in rows} == {r"\begin{aligned", r"\begin{gathered"}
    made = [*inline, *rows]
    refused = [latex for latex, picture in zip(made, render.render(made), strict=True) if picture is None]
    assert not refused


@pytest.mark.parametrize("part", [floats.table, floats.figure, floats.algorithm, floats.contents, floats.front])
def test_what_stands_beside_paragraphs_is_printed_and_its_formulas_are_told(sources, part):
    document = typeset.Document(*sources, np.random.default_rng(6))
    document.density, document.kind = 0.2, "paper"
    for _ in range(6):
        part(document)
    document.lines, parts = [], document.lines
    source = document.write(0).split("\n")
    document.write = lambda pages: "\n".join([*source[:-2], *parts, *source[-2:]])
    made = list(typeset.draw(document, 1, 90))
    assert check(made) == (set() if part is floats.contents else {"inline"})
    assert max((grey < 128).mean() for grey, _ in made) > 0.01, "a sign that LaTeX refuses would leave the page blank"


def test_a_faulty_formula_is_left_out_of_its_document(sources):
    rng = np.random.default_rng(2)
    document = typeset.Document(lambda: r"\nosuchcommand{x}", sources[1], rng)
    document.density, document.kind = 0.2, "paper"
    assert check(typeset.draw(document, 1, 90)) <= {"displayed", "number"}


def test_a_browser_tells_where_formulas_stand_and_the_finder_is_taught_that(sources, chromium, tmp_path):
    rng = np.random.default_rng(5)
    made = list(itertools.islice(webpages.Sheets(chromium, *sources, rng).pages(), 5))
    assert check(made) >= {"displayed", "inline"}
    assert pages.write(tmp_path, made, len(made)) == 5
    lines = pages.read(tmp_path)
    first = pages.load(tmp_path, lines[0])
    assert first.boxes.shape == (len(made[0][1]), 4) and (first.picture == made[0][0]).all()
    with_letters = next(line for line in lines if line["letter"])
    view = finder.prepare(pages.load(tmp_path, with_letters).picture)
    assert view.factor * with_letters["letter"] == pytest.approx(finder.LETTER_HEIGHT, rel=0.1)


def test_a_folder_without_pages_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="is no folder of pages"):
        pages.read(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_has_so_many_formulas_as_asked_for(language):
    prose = Prose(language, np.random.default_rng(0))
    sentences = [prose.sentence(0.25) for _ in range(60)]
    words = list(itertools.chain(*sentences))
    assert 0.2 < words.count(FORMULA) / len(words) < 0.3
    assert not any((FORMULA, FORMULA) in itertools.pairwise(sentence) for sentence in sentences)
    assert FORMULA not in prose.paragraph(0.0)
