"""Expressions of polygons: the number of corners tells the token, so that each can be found again."""

from dataclasses import replace

import numpy as np
import pytest

from img2latex.data.compose import Stock
from img2latex.data.exchange import KINDRED, exchange, new_names
from img2latex.data.ink import Ink
from img2latex.latex import normalize

TOKENS = [*KINDRED, "(", "=", "-"]
LABEL = "3 x + x ^ { 7 } = k ( p - 3 )"
PLACES = {  # of each symbol in the order of writing: left, top, width, height
    "3": (0, 0, 20, 40),
    "x": (30, 18, 24, 22),
    "+": (60, 10, 25, 25),
    "x'": (100, 18, 24, 22),
    "7": (128, 0, 12, 18),
    "=": (150, 15, 25, 10),
    "k": (185, 0, 22, 41),
    "(": (215, -5, 9, 50),
    "p": (230, 19, 20, 33),
    "-": (260, 20, 22, 2),
    "3'": (290, 1, 21, 39),
    ")": (315, -5, 9, 50),
}


def polygon(token: str, left: float, top: float, width: float, height: float) -> np.ndarray:
    """A closed outline in the box, with three corners for the first token, four for the second, and so on."""
    corners = 3 + TOKENS.index(token) if token in TOKENS else 90
    angles = np.linspace(0, 2 * np.pi, corners + 1)
    return np.stack([left + width * (1 + np.cos(angles)) / 2, top + height * (1 + np.sin(angles)) / 2], 1)


def token_of(stroke: np.ndarray) -> str:
    return TOKENS[len(stroke) - 4] if len(stroke) - 4 < len(TOKENS) else ")"


def box(stroke: np.ndarray) -> np.ndarray:
    return np.array([*stroke.min(0), *np.ptp(stroke, axis=0)])


@pytest.fixture(scope="module")
def expression() -> Ink:
    strokes = [polygon(name.rstrip("'"), *place) for name, place in PLACES.items()]
    symbols = tuple((name.rstrip("'"), (place,)) for place, name in enumerate(PLACES))
    return Ink("e1", LABEL, "train", strokes, "ann", symbols)


@pytest.fixture(scope="module")
def stock() -> Stock:
    samples = {token: {"bob": [[polygon(token, 0, 0, 500, 1000)]]} for token in KINDRED}
    return Stock(samples, {})


def test_names_change_everywhere_or_not_at_all_and_what_is_written_is_what_the_label_says(expression, stock):
    labels = set()
    for seed in range(60):
        latex, other = exchange(expression, LABEL, stock, np.random.default_rng(seed))
        strokes = other.strokes
        labels.add(latex)
        old, new = LABEL.split(), latex.split()
        assert [a for a in new if a not in KINDRED] == [a for a in old if a not in KINDRED]
        assert len({*zip(old, new, strict=True)}) == len({*old})  # each name has one successor
        symbols = [token for token in new if token not in ("^", "{", "}")]
        assert [token_of(stroke) for stroke in strokes] == symbols
    assert len(labels) > 40


def test_everything_stays_in_its_place_and_as_high_as_it_was(expression, stock):
    for seed in range(30):
        _, other = exchange(expression, LABEL, stock, np.random.default_rng(seed))
        for stroke, place in zip(other.strokes, PLACES.values(), strict=True):
            left, top, width, height = box(stroke)
            assert left + width / 2 == pytest.approx(place[0] + place[2] / 2, abs=3)
            assert top + height / 2 == pytest.approx(place[1] + place[3] / 2, abs=3)
            assert 0.7 < height / place[3] < 1.4 and width < 1.4 * max(place[2], 0.5 * place[3])


def test_bars_and_brackets_are_left_as_they_were_written(expression, stock):
    for seed in range(20):
        _, other = exchange(expression, LABEL, stock, np.random.default_rng(seed))
        for place, (token, _) in enumerate(expression.symbols):
            if token not in KINDRED:
                np.testing.assert_array_equal(other.strokes[place], expression.strokes[place])


def test_a_letter_of_a_word_keeps_its_name(expression):
    strokes = expression.strokes[:2]
    for latex in (r"\sin s", "s s", r"\mathrm { s } + x"):
        words = Ink("e", latex, "train", strokes, None, (("s", (0,)), ("x", (1,))))
        names = [new_names(words, normalize(latex), np.random.default_rng(seed)) for seed in range(40)]
        assert any("s" in some for some in names) == (latex == r"\sin s")


def test_what_belongs_to_no_symbol_stays(expression, stock):
    bar = np.array([[0.0, 60.0], [300.0, 60.0]])
    more = replace(expression, strokes=[bar, *expression.strokes], symbols=shifted(expression, 1))
    for seed in range(20):
        _, other = exchange(more, LABEL, stock, np.random.default_rng(seed))
        assert sum(np.array_equal(stroke, bar) for stroke in other.strokes) == 1
        assert [token_of(other.strokes[place]) for _, (place,) in other.symbols] == [name for name, _ in other.symbols]


def test_the_writer_writes_what_he_has_given(expression):
    """Half of the time, with the shapes of his own: here without the last corner."""
    theirs = {token: {"ann": [[polygon(token, 0, 0, 500, 1000)[:-1]]], "bob": [[polygon(token, 0, 0, 500, 1000)]]}
              for token in KINDRED}  # fmt: skip
    own = 0
    for seed in range(60):
        label, other = exchange(expression, LABEL, Stock(theirs, {}), np.random.default_rng(seed))
        pairs = zip(other.symbols, expression.symbols, strict=True)
        new = [other.strokes[place] for (name, (place,)), (old, _) in pairs if name != old]
        own += bool(new) and all(not np.allclose(stroke[0], stroke[-1]) for stroke in new)
    assert 25 <= own <= 55


def shifted(expression: Ink, by: int) -> tuple:
    return tuple((token, tuple(place + by for place in places)) for token, places in expression.symbols)
