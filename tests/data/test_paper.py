"""Papers bear what they say they bear, and the writing on them stays."""

import cv2
import numpy as np
import pytest

from img2latex.data import paper, pen
from tests.data.test_ink import CROSS

LETTER = 40.0
SEEDS = range(12)


@pytest.fixture(scope="module")
def writing() -> np.ndarray:
    strokes = [stroke + [90 * k, 0] for k in range(5) for stroke in CROSS]
    return pen.draw(strokes, pen.Look(letter=LETTER, pen_width=5))


def lines(drawn: np.ndarray) -> tuple[int, int]:
    """How many rows and columns of a page are darker from edge to edge, those side by side counted once.

    Lines that slant go through several rows, so each of the four edges is looked at by itself.
    """
    level, upright = drawn[:, [0, -1]].min(axis=1) < 250, drawn[[0, -1]].min(axis=0) < 250
    return tuple(int((np.diff(side.astype(int), prepend=0) == 1).sum()) for side in (level, upright))


def on(kind: str, writing: np.ndarray, seed: int) -> np.ndarray:
    return paper.on_paper(writing, np.random.default_rng(seed), LETTER, kind)


def test_blank_paper_changes_nothing(writing):
    assert np.array_equal(on("blank", writing, 0), writing)


@pytest.mark.parametrize("kind", paper.PAPERS)
def test_the_writing_stays_on_every_paper(kind, writing):
    for seed in SEEDS:
        drawn = on(kind, writing, seed)
        assert drawn.dtype == np.uint8 and all(a >= b for a, b in zip(drawn.shape, writing.shape, strict=True))
        _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(drawn, writing, cv2.TM_CCOEFF_NORMED))
        there = drawn[y : y + writing.shape[0], x : x + writing.shape[1]]
        assert (there[writing == 0] < 90).mean() > 0.9


def test_a_line_goes_from_edge_to_edge(writing):
    level = [lines(on("line", writing, seed))[0] for seed in SEEDS]
    assert {1} <= set(level) <= {0, 1, 2} and np.mean(level) > 0.5  # two where it slants; 0 where it lies off the sheet


def test_ruled_paper_has_lines_across_and_squared_paper_both_ways(writing):
    ruled, squared = ([lines(on(kind, writing, seed)) for seed in SEEDS] for kind in ("ruled", "squared"))
    assert np.mean([across for across, _ in ruled]) > 1.5 and np.mean([down for _, down in ruled]) < 2
    assert np.mean([across for across, _ in squared]) >= 2 and np.mean([down for _, down in squared]) >= 6


def test_dots_stand_in_rows_and_are_no_lines(writing):
    for seed in SEEDS:
        drawn = on("dotted", np.full((300, 300), 255, np.uint8), seed)
        marked = (drawn < 254).mean()
        assert 0 < marked < 0.3
        assert cv2.connectedComponents((drawn < 254).astype(np.uint8))[0] > 40


def test_crumpled_paper_is_uneven_everywhere(writing):
    drawn = on("crumpled", np.full((200, 400), 255, np.uint8), 1)
    assert 190 < drawn.min() < 230 and drawn.std() > 3 and drawn.max() > 230


def test_a_scan_is_black_and_white_with_specks_and_holes(writing):
    scans = [on("scan", writing, seed) for seed in range(40)]
    assert all(set(np.unique(scan)) == {0, 255} for scan in scans)
    far = np.pad(np.ones(np.array(writing.shape) - 16, bool), 8) & (writing == 255)
    assert 0.2 < np.mean([(scan[far] == 0).any() for scan in scans]) <= 1  # specks
    assert 0.2 < np.mean([(scan[writing == 0] == 255).any() for scan in scans]) <= 1  # holes


def test_pale_writing_survives_a_scan():
    pale = pen.draw(CROSS, pen.Look(letter=LETTER, pen_width=3, tone=150))
    kept = [(on("scan", pale, seed)[pale < 160] == 0).mean() for seed in range(40)]
    assert min(kept) > 0.7


def test_the_same_seed_gives_the_same_sheet(writing):
    for kind in paper.PAPERS:
        assert np.array_equal(on(kind, writing, 3), on(kind, writing, 3))


def test_papers_are_shares():
    assert sum(paper.PAPERS.values()) == pytest.approx(1)


def test_a_phone_leaves_the_writing_readable_and_changes_each_picture(writing):
    seen = [paper.photographed(writing, np.random.default_rng(seed), LETTER) for seed in SEEDS]
    for picture in seen:
        ink = cv2.resize(picture, writing.shape[::-1]) < (int(picture.min()) + int(picture.max())) / 2
        assert 0.3 < ink.sum() / (writing < 128).sum() < 3 and picture.dtype == np.uint8
    assert len({picture.tobytes() for picture in seen}) == len(seen)
    assert np.array_equal(paper.photographed(writing, np.random.default_rng(0), LETTER, chance=0), writing)
