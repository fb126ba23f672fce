"""The looks of handwriting that is scored: each as its name says, and the same again by the same seed."""

import numpy as np
import pytest

from img2latex.data import looks
from img2latex.data.ink import InkError
from tests.data.test_ink import CROSS

WRITING = [stroke + [90 * k, 0] for k in range(5) for stroke in CROSS]


def shown(look: str, seed: int = 0) -> np.ndarray:
    return looks.show(WRITING, look, np.random.default_rng(seed))


def share_of_ink(look: str) -> float:
    """The ink's area as a share of its box, over some seeds."""
    shares = []
    for seed in range(20):
        dark = shown(look, seed) < 200
        rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
        shares.append(dark[rows[0] : rows[-1], columns[0] : columns[-1]].mean())
    return float(np.mean(shares))


@pytest.mark.parametrize("look", looks.LOOKS)
def test_a_seed_shows_the_same(look):
    assert np.array_equal(shown(look, 3), shown(look, 3))
    assert shown(look).dtype == np.uint8 and shown(look).min() < 170
    by_chance = look not in ("plain", "pad")  # a mouse draws these straight lines alike at any speed
    assert np.array_equal(shown(look, 3), shown(look, 4)) != by_chance


def test_felt_is_broad_and_pencil_pale():
    assert share_of_ink("felt") > 1.6 * share_of_ink("plain")
    assert np.mean([shown("pencil", seed).min() for seed in range(20)]) > 40


def test_ruled_paper_is_darker_than_the_writing_alone_at_both_edges():
    edges = [shown("ruled", seed)[:, [0, -1]].min(axis=0) for seed in range(30)]
    assert np.mean([(edge < 254).all() for edge in edges]) > 0.7


def test_a_photograph_has_uneven_paper_and_grey_edges():
    for seed in range(10):
        picture = shown("photo", seed)
        corners = [picture[:5, :5], picture[:5, -5:], picture[-5:, :5], picture[-5:, -5:]]
        assert np.ptp([np.median(corner) for corner in corners]) > 3 or len(np.unique(picture)) > 100


def test_the_pad_is_filled_by_black_ink_three_pixels_wide():
    for seed in range(10):
        picture = shown("pad", seed)
        assert picture.shape == looks.PAD[::-1] and picture.min() == 0
        columns = np.flatnonzero((picture < 128).any(axis=0))
        assert columns[0] >= looks.PAD_MARGIN - 4 and columns[-1] <= looks.PAD[0] - looks.PAD_MARGIN + 4
        assert np.ptp(columns) > 500
    stem = [np.array([[0.0, 0.0], [0.0, 70.0]]), np.array([[50.0, 0.0], [50.0, 70.0]])]
    row = looks.show(stem, "pad", np.random.default_rng(0))[150]
    assert (255.0 - row).sum() / 255 == pytest.approx(2 * 3, abs=0.7)


def test_no_ink_no_look():
    for look in ("plain", "felt", "photo"):
        with pytest.raises(InkError):
            looks.show([], look, np.random.default_rng(0))
