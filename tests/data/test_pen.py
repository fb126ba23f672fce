"""Pens leave what they say they leave: how wide, how dark, with how much grain."""

import numpy as np
import pytest

from img2latex.data import pen
from img2latex.data.ink import InkError
from tests.data.test_ink import CROSS, STEM

ZIGZAG = [np.array([[30.0 * x, 60.0 * (x % 2)] for x in range(12)])]


def dark(picture: np.ndarray) -> float:
    """The ink's area in px."""
    return float((255.0 - picture).sum() / 255)


def widths(picture: np.ndarray) -> np.ndarray:
    """Of an upright stroke, px in each row, its round ends left out."""
    inked = (255.0 - picture).sum(axis=1) / 255
    rows = np.flatnonzero(inked)
    return inked[rows[0] + len(rows) // 6 : rows[-1] - len(rows) // 6]


@pytest.mark.parametrize("width", [2.0, 3.0, 4.0, 5.5, 7.0])
def test_a_stroke_covers_what_a_round_pen_covers(width):
    picture = pen.draw(STEM, pen.Look(letter=60, pen_width=width))
    assert dark(picture) == pytest.approx(60 * width + np.pi * width**2 / 4, abs=0.35 * 60)  # a third of a px in width


@pytest.mark.parametrize("look", [pen.Look(pen_width=6), pen.Look(pen_width=6, pressure=0.001)])
def test_a_point_becomes_a_round_dot(look):
    dot = pen.draw([np.array([[5.0, 5.0]])], look)
    assert dark(dot) == pytest.approx(np.pi * 9, rel=0.15)
    assert np.abs(dot.astype(int) - dot.T.astype(int)).max() < 128
    across, down = (dot < 128).any(0).sum(), (dot < 128).any(1).sum()
    assert across == down == 6


def test_a_picture_is_black_on_white_with_soft_edges_and_a_margin():
    picture = pen.draw(CROSS, pen.Look(letter=60, pen_width=4), margin=10)
    assert picture.dtype == np.uint8 and picture.shape == (84, 84)
    assert picture.min() == 0 and picture.max() == 255
    assert ((picture > 0) & (picture < 255)).any()
    assert (picture[:9] == 255).all() and (picture[:, -9:] == 255).all()
    assert picture[42, 42] == 0 and picture[42, 14] == 255


def test_letters_have_the_height_asked_for():
    tall = pen.draw(CROSS, pen.Look(letter=80, pen_width=2), margin=0)
    small = pen.draw([stroke * 7 for stroke in CROSS], pen.Look(letter=40, pen_width=2), margin=0)
    assert tall.shape == (82, 82) and small.shape == (42, 42)


def test_a_long_expression_is_bounded_and_its_pen_thinner():
    many = [stroke + [100 * k, 0] for k in range(60) for stroke in CROSS]
    picture = pen.draw(many, pen.Look(letter=60, pen_width=6))
    assert pen.MAX_WIDTH <= picture.shape[1] <= pen.MAX_WIDTH + 2 * 12 + 8
    letters = (picture[picture.shape[0] // 2] < 128).astype(int)
    assert (np.diff(letters) == 1).sum() == 60  # they have not run into each other


@pytest.mark.parametrize("strokes", [[], [np.zeros((0, 2))], [np.array([[0.0, np.nan]])]])
def test_no_picture_of_nothing(strokes):
    with pytest.raises(InkError):
        pen.draw(strokes)


def test_a_pen_that_sways_draws_every_stroke_from_end_to_end():
    strokes = [*CROSS, *(stroke + [150, 0] for stroke in ZIGZAG), np.array([[90.0, 30.0]])]
    plain = pen.draw(strokes, pen.Look(pen_width=6))
    sways = pen.draw(strokes, pen.Look(pen_width=6, pressure=0.3), np.random.default_rng(1))
    assert plain.shape == sways.shape
    off = (plain < 128) != (sways < 128)
    assert 0 < off.sum() < 0.25 * (plain < 128).sum()
    assert sways[plain > 250].min() > 100, "no line where there is no stroke: strokes are not joined to each other"


def test_pressure_varies_the_width_and_a_taper_thins_the_ends():
    line = [np.linspace((0.0, 0.0), (0.0, 200.0), 60)]
    even, sways = (
        widths(pen.draw(line, pen.Look(letter=200, pen_width=12, pressure=p), np.random.default_rng(2)))
        for p in (0, 0.4)
    )
    assert np.ptp(even) < 0.5 and 12 * 0.15 < np.ptp(sways) < 12 * 0.85
    tapers = pen.draw(line, pen.Look(letter=200, pen_width=12, taper=0.5))
    inked = (255.0 - tapers).sum(axis=1) / 255
    rows = np.flatnonzero(inked)
    assert inked[rows[0] + 6] < 0.75 * inked[rows[len(rows) // 2]] == pytest.approx(0.75 * 12, abs=0.5)


def test_a_chisel_is_wider_one_way_than_the_other():
    upright = [np.array([[0.0, 0.0], [0.0, 300.0]])]
    level = [stroke[:, ::-1] for stroke in upright]
    for angle, broad, narrow in ((0.0, upright, level), (np.pi / 2, level, upright)):
        look = pen.Look(letter=300, pen_width=6, chisel=1.0, angle=angle)
        wide, thin = (dark(pen.draw(strokes, look)) / 300 for strokes in (broad, narrow))
        assert wide == pytest.approx(12.5, abs=0.7) and thin == pytest.approx(6.5, abs=0.5)


def test_tone_is_the_grey_of_the_ink_and_paper_stays_white():
    picture = pen.draw(STEM, pen.Look(pen_width=8, tone=100))
    assert picture.min() == 100 and picture.max() == 255


def test_grain_leaves_paper_free_in_spots():
    even, grainy = (pen.draw(STEM, pen.Look(pen_width=10, grain=g), np.random.default_rng(0)) for g in (0, 0.8))
    inside = even == 0
    assert grainy[inside].min() == 0 and grainy[inside].max() > 120 and (grainy[~inside] >= even[~inside]).all()
    assert 0.05 < (grainy[inside] > 60).mean() < 0.7


def test_the_same_seed_draws_the_same():
    look = pen.Look(pen_width=5, pressure=0.3, grain=0.5)
    one, same, other = (pen.draw(ZIGZAG, look, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


@pytest.mark.parametrize("name", pen.PENS)
def test_each_pen_is_as_wide_and_as_dark_as_its_table_says(name):
    _, (width, pressure, _, chisel, tone, _) = pen.PENS[name]
    tall, seen = [np.linspace((0.0, 0.0), (0.0, 60.0), 40)], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        look = pen.random_look(rng, name)
        assert 20 <= look.letter <= 56 and width[0] <= look.pen_width / look.letter <= width[1]
        picture = pen.draw(tall, look, rng)
        darkest = int(picture.min())
        assert tone[0] - 1 <= darkest <= tone[1] + 120  # a thin line does not fill a pixel
        across = (picture < (darkest + 255) / 2).sum(axis=1)
        seen.append(across[len(across) // 2] / look.letter)
    assert width[0] - 0.03 < np.median(seen) < width[1] * (1 + pressure[1]) * (1 + chisel[1]) + 0.03


def test_pens_are_taken_by_their_shares():
    assert sum(share for share, _ in pen.PENS.values()) == pytest.approx(1)
    rng = np.random.default_rng(0)
    broad = sum((look := pen.random_look(rng)).pen_width > 0.1 * look.letter for _ in range(3000)) / 3000
    assert 0.15 <= broad <= 0.3  # felt pens, most markers, half of the chalk


def test_no_other_pen_is_known():
    with pytest.raises(KeyError):
        pen.random_look(np.random.default_rng(0), "quill")
