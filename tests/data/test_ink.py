"""Strokes that are written here are read and moved; nothing is read from outside."""

import gzip
import json

import numpy as np
import pytest

from img2latex.data import ink

CROSS = [np.array([[0.0, 0.0], [60.0, 60.0]]), np.array([[60.0, 0.0], [0.0, 60.0]])]
STEM = [np.array([[0.0, 0.0], [0.0, 60.0]])]


def write(path, rows):
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        for row in rows:
            lines.write((row if isinstance(row, str) else json.dumps(row)) + "\n")
    return path


def expression(number: int, latex: str, split: str = "train") -> dict:
    return {"id": f"e{number}", "latex": latex, "split": split, "strokes": [stroke.tolist() for stroke in CROSS]}


# --- vary


def test_variation_is_repeatable_and_keeps_the_given_ink():
    before = [stroke.copy() for stroke in CROSS]
    one = ink.vary(CROSS, np.random.default_rng(3))
    two = ink.vary(CROSS, np.random.default_rng(3))
    other = ink.vary(CROSS, np.random.default_rng(4))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert any(a.shape != b.shape or not np.allclose(a, b) for a, b in zip(one, other, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(before, CROSS, strict=True))


def test_no_strength_no_change():
    still = ink.vary(CROSS, np.random.default_rng(0), strength=0)
    assert all(np.array_equal(a, b) for a, b in zip(still, CROSS, strict=True))


def test_variation_stays_near_the_writing():
    for seed in range(50):
        for before, after in zip(CROSS, ink.vary(CROSS, np.random.default_rng(seed)), strict=True):
            ends = np.abs(after[[0, -1]] - before[[0, -1]]).max()
            assert 0 < ends < 45  # of 60: slanted and stretched, but still a stroke of a cross


def test_smoothing_keeps_the_ends_and_cuts_the_corner():
    corner = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    soft = ink.smooth(corner)
    assert np.array_equal(soft[[0, -1]], corner[[0, -1]])
    assert np.hypot(*(soft - [10, 0]).T).min() > 1
    assert np.array_equal(ink.smooth(corner[:2]), corner[:2])


def test_resampling_keeps_the_line_and_sets_the_step():
    line = ink.resample(np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 0.0]]), 2.0)
    assert np.allclose(line, [[x, 0] for x in range(0, 11, 2)])
    assert ink.resample(np.array([[3.0, 3.0], [3.0, 3.0]]), 1.0).shape == (1, 2)


def test_dots_and_bars_do_not_count_as_letters():
    bar, dot = np.array([[0.0, 70.0], [500.0, 72.0]]), np.array([[30.0, 90.0], [31.0, 92.0]])
    assert ink.letter_height([*STEM, *STEM, bar, dot]) == pytest.approx(60)
    assert ink.letter_height([bar]) == pytest.approx(500)  # nothing but a bar


def test_all_strokes_of_an_ink_are_smoothed_and_read_anew_each_for_itself():
    """A dot, a corner and a bar, far apart: none takes points of its neighbours."""
    dot, corner = np.array([[5.0, 5.0]]), np.array([[100.0, 0.0], [110.0, 0.0], [110.0, 60.0]])
    bar = np.array([[300.0, 50.0], [340.0, 50.0]])
    for seed in range(20):
        moved = ink.vary([dot, corner, bar, corner + 400, dot], np.random.default_rng(seed))
        assert len(moved) == 5 and len(moved[0]) == len(moved[-1]) == 1
        whole = np.concatenate([dot, corner, bar, corner + 400]).mean(0)
        for before, after in zip([dot, corner, bar, corner + 400], moved, strict=False):
            reach = 0.9 * np.abs(before - whole).max() + 30  # a stretch and a turn go out from the whole
            assert np.abs(after - before.mean(0)).max() < np.ptp(before, axis=0).max() + reach
            steps = np.hypot(*np.diff(after, axis=0).T)
            assert not len(steps) or steps.max() < 0.75 * np.hypot(*np.ptp(before, axis=0)) + 5, "no leap"


def test_symbols_become_uneven_each_about_its_place():
    strokes = [stroke + [100 * k, 0] for k in range(6) for stroke in CROSS]
    symbols = tuple(("x", (2 * k, 2 * k + 1)) for k in range(6))
    written = ink.Ink("e", "x" * 6, "train", strokes, None, symbols)
    tall = []
    for seed in range(30):
        moved = ink.uneven(written, np.random.default_rng(seed))
        for k in range(6):
            (low, size), (was, extent) = ink.bounds(moved[2 * k : 2 * k + 2]), ink.bounds(strokes[2 * k : 2 * k + 2])
            assert np.abs(low + size / 2 - was - extent / 2).max() < 40
            tall.append(size[1] / extent[1])
        one, other = moved[2:4]
        assert np.allclose(one.mean(0), other.mean(0)), "the strokes of a symbol move together"
    assert 0.03 < np.std(tall) < 0.15 and np.mean(tall) == pytest.approx(1, abs=0.05)


def test_a_line_may_sag_where_symbols_are_not_known():
    level = ink.Ink("e", "-", "train", [np.linspace((0.0, 0.0), (600.0, 0.0), 50), *STEM])
    (line, _), (same, _) = (ink.uneven(level, np.random.default_rng(seed)) for seed in (1, 1))
    assert np.array_equal(line, same) and np.ptp(line[:, 1]) > 1
    assert np.abs(np.diff(line[:, 1])).max() < 2


# --- files


def test_reading_keeps_every_field(tmp_path):
    row = expression(1, "x") | {"writer": "w7", "syms": [["x", [0, 1]]], "strokes": [[[0, 1], [2, 3]], [[4, 5]]]}
    (only,) = ink.read_expressions(write(tmp_path / "a.jsonl.gz", [row]))
    assert (only.id, only.latex, only.split, only.writer) == ("e1", "x", "train", "w7")
    assert only.symbols == (("x", (0, 1)),)
    assert [stroke.tolist() for stroke in only.strokes] == [[[0, 1], [2, 3]], [[4, 5]]]


def test_symbols_without_latex_are_left_out(tmp_path):
    path = write(tmp_path / "a.jsonl.gz", [expression(1, ""), expression(2, "y")])
    assert [symbol.latex for symbol in ink.read_symbols(path)] == ["y"]


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1, 2]",
        '{"id": "a", "latex": "x"}',
        '{"id": "a", "latex": "x", "strokes": []}',
        '{"id": "a", "latex": "x", "strokes": [[[0, 1, 2], [3, 4, 5]]]}',
        '{"id": "a", "latex": "x", "strokes": [[[0, "far"]]]}',
        '{"id": "a", "latex": "x", "strokes": [[[0, NaN]]]}',
    ],
)
def test_a_bad_line_is_named(tmp_path, line):
    path = write(tmp_path / "a.jsonl.gz", [expression(1, "x"), line])
    with pytest.raises(ink.InkError, match="line 2"):
        list(ink.read_expressions(path))


@pytest.mark.parametrize("content", [None, b"plain text", gzip.compress(b"{}\n" * 500, mtime=0)[:30]])
def test_a_bad_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "a.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ink.InkError):
        list(ink.read_expressions(path))
