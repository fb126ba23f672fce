"""Expressions of polygons: the number of corners tells the token, so that each can be found again."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from img2latex.data.compose import Stock
from img2latex.data.exchange import KINDRED, Expression, exchange, find_symbols, load_expressions, main, new_names
from img2latex.data.ink import Ink, resample
from img2latex.data.shards import Shard

TOKENS = [*KINDRED, "(", "=", "-"]
LATEX = "3 x + x ^ { 7 } = k ( p - 3 )"
PLACES = {  # of each symbol in the order of writing: left, top, width, height
    "3": (0, 0, 20, 40), "x": (30, 18, 24, 22), "+": (60, 10, 25, 25), "x'": (100, 18, 24, 22), "7": (128, 0, 12, 18),
    "=": (150, 15, 25, 10), "k": (185, 0, 22, 41), "(": (215, -5, 9, 50), "p": (230, 19, 20, 33), "-": (260, 20, 22, 2),
    "3'": (290, 1, 21, 39), ")": (315, -5, 9, 50),
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
def written() -> Ink:
    strokes = [polygon(name.rstrip("'"), *place) for name, place in PLACES.items()]
    return Ink("e1", LATEX, "train", strokes, "ann")


@pytest.fixture(scope="module")
def expression(written) -> Expression:
    return Expression(written, tuple((name.rstrip("'"), (place,)) for place, name in enumerate(PLACES)))


@pytest.fixture(scope="module")
def stock() -> Stock:
    samples = {token: {"bob": [[polygon(token, 0, 0, 500, 1000)]]} for token in KINDRED}
    return Stock(samples, {})


def cut(written: Ink, places: dict[str, tuple[int, ...]]) -> list[Ink]:
    """Symbols cut from an expression: moved, larger, and with other points along the same lines."""
    found = []
    for number, (latex, strokes) in enumerate(places.items()):
        of_it = [np.round(resample(7.3 * written.strokes[place] - 200, 20)) for place in strokes]
        found.append(Ink(f"{written.id}#{number}", latex, written.split, of_it))
    return found


def test_the_strokes_of_each_symbol_are_found():
    strokes = [
        np.array([[0.0, 0], [10, 20]]), np.array([[10.0, 0], [0, 20]]),  # x
        np.array([[30.0, 10], [50, 10]]), np.array([[70.0, 0], [70, 20]]), np.array([[40.0, 0], [40, 20]]),  # +, 1, +
    ]
    written = Ink("e", "x + 1", "train", strokes)
    places = {"x": (0, 1), "+": (2, 4), "1": (3,)}
    assert find_symbols(written, cut(written, places)).symbols == tuple(places.items())


def test_an_expression_with_a_symbol_from_elsewhere_is_not_used(written):
    symbols = cut(written, {"3": (0,), "x": (1,)})
    assert find_symbols(written, symbols) is not None
    strange = Ink("e1#2", "z", "train", [np.array([[0.0, 0], [50, 100], [100, 0], [0, 60], [70, 70], [10, 0]])])
    assert find_symbols(written, [*symbols, strange]) is None
    assert find_symbols(Ink("e2", "3", "train", written.strokes[:1]), cut(written, {"3": (0,), "x": (1,)})) is None


def test_names_change_everywhere_or_not_at_all_and_what_is_written_is_what_the_label_says(expression, stock):
    labels = set()
    for seed in range(60):
        latex, strokes = exchange(expression, stock, np.random.default_rng(seed))
        labels.add(latex)
        old, new = LATEX.split(), latex.split()
        assert [a for a in new if a not in KINDRED] == [a for a in old if a not in KINDRED]
        assert len({*zip(old, new, strict=True)}) == len({*old})  # each name has one successor
        symbols = [token for token in new if token not in ("^", "{", "}")]
        assert [token_of(stroke) for stroke in strokes] == symbols
    assert len(labels) > 40


def test_everything_stays_in_its_place_and_as_high_as_it_was(expression, stock):
    for seed in range(30):
        _, strokes = exchange(expression, stock, np.random.default_rng(seed))
        for stroke, place in zip(strokes, PLACES.values(), strict=True):
            left, top, width, height = box(stroke)
            assert left + width / 2 == pytest.approx(place[0] + place[2] / 2, abs=3)
            assert top + height / 2 == pytest.approx(place[1] + place[3] / 2, abs=3)
            assert 0.7 < height / place[3] < 1.4 and width < 1.4 * max(place[2], 0.5 * place[3])


def test_bars_and_brackets_are_left_as_they_were_written(expression, stock):
    for seed in range(20):
        _, strokes = exchange(expression, stock, np.random.default_rng(seed))
        for place, (token, _) in enumerate(expression.symbols):
            if token not in KINDRED:
                np.testing.assert_array_equal(strokes[place], expression.ink.strokes[place])


def test_a_letter_of_a_word_keeps_its_name(written):
    strokes = written.strokes[:2]
    for latex in (r"\sin s", "s s", r"\mathrm { s } + x"):
        words = Expression(Ink("e", latex, "train", strokes), (("s", (0,)), ("x", (1,))))
        names = [new_names(words, np.random.default_rng(seed)) for seed in range(40)]
        assert any("s" in some for some in names) == (latex == r"\sin s")


def save(path: Path, rows: list[Ink]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for row in rows:
            strokes = [stroke.tolist() for stroke in row.strokes]
            fields = {"id": row.id, "latex": row.latex, "split": row.split, "strokes": strokes, "writer": row.writer}
            file.write(json.dumps(fields) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, written) -> Path:
    folder = tmp_path_factory.mktemp("ink")
    short = Ink("e2", "3 x", "train", written.strokes[:2], "ann")
    other = [Ink(f"o#{digit}", digit, "train", [polygon(digit, 0, 0, 500, 1000)], "bob") for digit in "123456789"]
    save(folder / "crohme_train.jsonl.gz", [short, Ink("e3", "x", "train", written.strokes[1:2])])
    save(folder / "crohme_train_extra.jsonl.gz", [])
    save(folder / "crohme_test2013.jsonl.gz", [Ink("t", "5 x", "test2013", written.strokes[:2])])
    save(folder / "crohme_symbols.jsonl.gz", [*cut(short, {"3": (0,), "x": (1,)}), *other])
    for name in ("mathnote_symbols", "unipen_chars", "detexify"):
        save(folder / f"{name}.jsonl.gz", [])
    return folder


def test_expressions_without_known_symbols_are_left_out(folder):
    assert [expression.ink.id for expression in load_expressions(folder)] == ["e2"]


def test_the_command_draws_other_formulas_and_none_that_is_held_out(folder, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["--ink", str(folder), "--out", str(out), "--copies", "150", "--seed", "3"]) == 0
    shard = Shard(out / "exchanged-000.zip")
    assert {*shard.labels} == {f"{digit} x" for digit in "12346789"} and {*shard.sources} == {"exchanged_train"}
    assert f"{len(shard)} pictures of 1 expressions" in capsys.readouterr().out
    assert main(["--ink", str(tmp_path / "none"), "--out", str(out)]) == 1
    assert capsys.readouterr().err.startswith("exchange: cannot read ink from")
