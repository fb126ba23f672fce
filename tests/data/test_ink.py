"""Strokes that are written here become pictures; nothing is read from outside."""

import gzip
import json

import numpy as np
import pytest

from img2latex.data import ink
from img2latex.data.shards import Shard
from img2latex.latex import normalize

CROSS = [np.array([[0.0, 0.0], [60.0, 60.0]]), np.array([[60.0, 0.0], [0.0, 60.0]])]
STEM = [np.array([[0.0, 0.0], [0.0, 60.0]])]


def dark(picture: np.ndarray) -> float:
    """The ink's area in px."""
    return float((255.0 - picture).sum() / 255)


def write(path, rows):
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        for row in rows:
            lines.write((row if isinstance(row, str) else json.dumps(row)) + "\n")
    return path


def expression(number: int, latex: str, split: str = "train") -> dict:
    return {"id": f"e{number}", "latex": latex, "split": split, "strokes": [stroke.tolist() for stroke in CROSS]}


# --- draw


@pytest.mark.parametrize("pen", [2.0, 3.0, 4.0, 5.5, 7.0])
def test_a_stroke_covers_what_a_round_pen_covers(pen):
    picture = ink.draw(STEM, ink.Look(letter=60, pen_width=pen))
    assert dark(picture) == pytest.approx(60 * pen + np.pi * pen**2 / 4, abs=0.35 * 60)  # a third of a px in its width


def test_a_point_becomes_a_round_dot():
    dot = ink.draw([np.array([[5.0, 5.0]])], ink.Look(pen_width=6))
    assert dark(dot) == pytest.approx(np.pi * 9, rel=0.15)
    assert np.abs(dot.astype(int) - dot.T.astype(int)).max() < 128
    across, down = (dot < 128).any(0).sum(), (dot < 128).any(1).sum()
    assert across == down == 6


def test_a_picture_is_black_on_white_with_soft_edges_and_a_margin():
    picture = ink.draw(CROSS, ink.Look(letter=60, pen_width=4), margin=10)
    assert picture.dtype == np.uint8 and picture.shape == (84, 84)
    assert picture.min() == 0 and picture.max() == 255
    assert ((picture > 0) & (picture < 255)).any()
    assert (picture[:9] == 255).all() and (picture[:, -9:] == 255).all()
    assert picture[42, 42] == 0 and picture[42, 14] == 255


def test_letters_have_the_height_asked_for():
    tall = ink.draw(CROSS, ink.Look(letter=80, pen_width=2), margin=0)
    small = ink.draw([stroke * 7 for stroke in CROSS], ink.Look(letter=40, pen_width=2), margin=0)
    assert tall.shape == (82, 82) and small.shape == (42, 42)


def test_a_long_expression_is_bounded_and_its_pen_thinner():
    many = [stroke + [100 * k, 0] for k in range(60) for stroke in CROSS]
    picture = ink.draw(many, ink.Look(letter=60, pen_width=6))
    assert ink.MAX_WIDTH <= picture.shape[1] <= ink.MAX_WIDTH + 2 * 12 + 8
    letters = (picture[picture.shape[0] // 2] < 128).astype(int)
    assert (np.diff(letters) == 1).sum() == 60  # they have not run into each other


@pytest.mark.parametrize("strokes", [[], [np.zeros((0, 2))], [np.array([[0.0, np.nan]])]])
def test_no_picture_of_nothing(strokes):
    with pytest.raises(ink.InkError):
        ink.draw(strokes)


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


# --- files


def test_reading_keeps_every_field(tmp_path):
    row = expression(1, "x") | {"writer": "w7", "rel": [0.5, 1.5], "strokes": [[[0, 1], [2, 3]], [[4, 5]]]}
    (only,) = ink.read_expressions(write(tmp_path / "a.jsonl.gz", [row]))
    assert (only.id, only.latex, only.split, only.writer, only.relative) == ("e1", "x", "train", "w7", (0.5, 1.5))
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


@pytest.mark.parametrize("content", [None, b"plain text", gzip.compress(b"{}\n" * 500)[:30]])
def test_a_bad_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "a.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ink.InkError):
        list(ink.read_expressions(path))


# --- the command


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "crohme_train.jsonl.gz", [expression(1, "x ^ 2"), expression(2, r"\frac { 1"), expression(3, "y")])
    write(tmp_path / "crohme_train_extra.jsonl.gz", [expression(4, r"a \le b", "train_extra")])
    return tmp_path


def test_the_command_writes_shards(folder, capsys):
    assert ink.main(["--ink", str(folder), "--out", str(folder / "out"), "--copies", "2", "--seed", "5"]) == 0
    shard = Shard(folder / "out" / "ink-train-000.zip")
    shard.verify()
    assert shard.labels == [normalize(latex) for latex in ("x^2", "y", r"a \leq b") for _ in "12"]
    assert shard.sources == ["crohme_train"] * 4 + ["crohme_train_extra"] * 2
    assert shard.latex[0] == "x ^ 2"
    assert not np.array_equal(shard.picture(0), shard.picture(1))
    assert "6 pictures of 3 expressions" in (said := capsys.readouterr().out) and "left out: 1 unreadable" in said


def test_equal_seeds_give_equal_files(folder):
    for name, seed in (("one", "1"), ("two", "1"), ("three", "2")):
        assert ink.main(["--ink", str(folder), "--out", str(folder / name), "--seed", seed]) == 0
    one, two, three = ((folder / name / "ink-train-000.zip").read_bytes() for name in ("one", "two", "three"))
    assert one == two and one != three


def test_a_missing_folder_fails_without_a_traceback(tmp_path, capsys):
    assert ink.main(["--ink", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "crohme_train.jsonl.gz" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_shards_are_cut_at_their_size(tmp_path):
    rows = [(ink.draw(CROSS), "s", "x", "x") for _ in range(5)]
    assert ink.write_shards(tmp_path, "part", rows, size=2) == 5
    assert [len(Shard(path)) for path in sorted(tmp_path.glob("part-*.zip"))] == [2, 2, 1]
