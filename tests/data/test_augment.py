"""Augmentation: the same seed gives the same picture, and the formula stays in it."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from img2latex.data import augment as module
from img2latex.data.augment import EFFECTS, augment, glyph_height, ink_box

SEEDS = range(200)


def printed(text: str = "x+2y=37", scale: float = 1.0) -> np.ndarray:
    """Black text on white paper, letters about 21 pixels high at scale 1, with a margin of 10 pixels."""
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    picture = np.full((height + base + 20, width + 20), 255, np.uint8)
    cv2.putText(picture, text, (10, height + 10), cv2.FONT_HERSHEY_SIMPLEX, scale, 0, 2, cv2.LINE_AA)
    return picture


def named(name: str):
    return next(effect for effect, *_ in EFFECTS if effect.__name__ == name)


def alone(name: str, seed: int = 0, picture: np.ndarray | None = None) -> np.ndarray:
    picture = printed() if picture is None else picture
    return named(name)(picture, np.random.default_rng(seed), glyph_height(picture))


def test_the_seed_alone_decides():
    picture = printed()
    for seed in range(40):
        first, second = (augment(picture, np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(first, second)
    different = {augment(picture, np.random.default_rng(seed)).tobytes() for seed in SEEDS}
    assert len(different) > 0.8 * len(SEEDS)


def test_the_given_picture_is_not_changed():
    picture = printed()
    before = picture.copy()
    for seed in SEEDS:
        result = augment(picture, np.random.default_rng(seed))
        assert not np.shares_memory(result, picture)
    for effect, *_ in EFFECTS:
        effect(picture, np.random.default_rng(1), 20.0)
    assert np.array_equal(picture, before)


def test_strength_zero_changes_nothing_and_more_strength_changes_more():
    picture = printed()
    assert all(np.array_equal(augment(picture, np.random.default_rng(seed), strength=0), picture) for seed in SEEDS)
    untouched = [
        sum(np.array_equal(augment(picture, np.random.default_rng(seed), strength), picture) for seed in SEEDS)
        for strength in (0.2, 1.0, 3.0)
    ]
    assert untouched[0] > untouched[1] > untouched[2]


def test_half_pass_nearly_clean(monkeypatch):
    met = []

    def noted(effect):
        def counted(picture, rng, glyph):
            met[-1].add(effect.__name__)
            return effect(picture, rng, glyph)

        return counted

    monkeypatch.setattr(module, "EFFECTS", tuple((noted(effect), *chances) for effect, *chances in EFFECTS))
    picture = printed()
    for seed in range(600):
        met.append(set())
        augment(picture, np.random.default_rng(seed))
    harmless = {effect.__name__ for effect, clean, _ in EFFECTS if clean > 0}
    spared = np.prod([1 - rough for _, clean, rough in EFFECTS if clean == 0])  # a rough one that met no harm by luck
    assert np.mean([names <= harmless for names in met]) == pytest.approx((1 + spared) / 2, abs=0.06)
    expected = sum(clean + rough for _, clean, rough in EFFECTS) / 2
    assert np.mean([len(names) for names in met]) == pytest.approx(expected, rel=0.1)


def test_every_effect_has_its_place_in_the_table():
    assert len({effect for effect, *_ in EFFECTS}) == len(EFFECTS)
    assert all(0 <= clean <= 1 and 0 < rough <= 1 for _, clean, rough in EFFECTS)
    order = [effect.__name__ for effect, *_ in EFFECTS]
    assert order.index("margins") < order.index("neighbours"), "rows cut by the edge must stay at the edge"
    assert order.index("warp") < order.index("neighbours")
    assert order.index("bilevel") < order.index("shadow"), "a threshold would turn a shadow into black"
    assert order[-1] == "jpeg"


@pytest.mark.parametrize("name", [effect.__name__ for effect, *_ in EFFECTS])
def test_each_effect_does_something_and_keeps_the_type(name):
    picture = printed()
    results = [alone(name, seed) for seed in range(12)]
    assert all(result.dtype == np.uint8 and result.ndim == 2 and result.size for result in results)
    assert any(result.shape != picture.shape or not np.array_equal(result, picture) for result in results)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([0, 120, 255]), st.integers(0, 2**32 - 1))
def test_no_picture_is_too_small_or_too_empty(height, width, tone, seed):
    for strength in (1.0, 20.0):  # 20: every effect that has a chance at all
        result = augment(np.full((height, width), tone, np.uint8), np.random.default_rng(seed), strength)
        assert result.dtype == np.uint8 and result.ndim == 2 and result.size


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8)]
)
def test_what_is_no_picture_is_refused(wrong):
    with pytest.raises(ValueError, match="needs a uint8 picture"):
        augment(wrong, np.random.default_rng(0))


def test_letters_are_measured():
    assert glyph_height(printed("ABHEFKLM", 1.0)) == pytest.approx(24, abs=3)
    assert glyph_height(printed("ABHEFKLM", 2.0)) == pytest.approx(45, abs=5)
    assert glyph_height(np.full((30, 50), 255, np.uint8)) == 30, "blank: its height stands in"


def test_scale_keeps_letters_readable_and_pictures_affordable():
    small, large = printed(scale=0.35), printed(scale=8)
    for seed in range(40):
        assert alone("scale", seed, small).shape[0] >= small.shape[0] * 0.9, "8 pixels must not get fewer"
        assert alone("scale", seed, large).size <= large.size * 1.05
    heights = [alone("scale", seed).shape[0] / printed().shape[0] for seed in range(100)]
    assert min(heights) < 0.5 and max(heights) > 1.4


def test_margins_and_cuts_are_paper_only():
    top, bottom, left, right = ink_box(printed())
    ink = (bottom - top, right - left)
    for seed in range(30):
        for name in ("cut_margins", "margins"):
            result = alone(name, seed)
            top, bottom, left, right = ink_box(result)
            assert (bottom - top, right - left) == ink, "no ink lost"
        assert np.all(np.array(alone("cut_margins", seed).shape) <= np.array(ink) + 2 * 7)


def test_weight_goes_both_ways():
    before = (255.0 - printed()).sum()
    after = np.array([(255.0 - alone("weight", seed)).sum() for seed in range(30)]) / before
    assert after.min() < 0.95 and after.max() > 1.1


def test_a_hairline_survives_thinning_and_blur():
    line = np.full((60, 200), 255, np.uint8)
    line[30, 20:180] = 0
    cv2.putText(line, "abc", (20, 25), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2, cv2.LINE_AA)
    cv2.putText(line, "def", (20, 55), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2, cv2.LINE_AA)
    for name in ("weight", "blur", "bilevel", "resample"):
        for seed in range(30):
            column = alone(name, seed, line)[:, 150]
            assert column.min() < 190, f"{name} with seed {seed} rubbed the fraction bar out"


def test_blank_paper_stays_blank():
    """At every width: OpenCV 5.0's own `blur` paints black bars on paper of some widths."""
    for name in ("weight", "warp", "blur", "bilevel", "contrast", "show_through", "resample", "scale", "margins"):
        for width in range(5, 90):
            assert alone(name, width, np.full((20, width), 255, np.uint8)).min() > 250, f"{name} of width {width}"


def test_shadows_are_soft():
    """No step between neighbouring pixels that could pass for a stroke, however small the picture."""
    for scale in (0.4, 1.0):
        paper = np.full_like(printed(scale=scale), 255)
        for seed in range(30):
            shaded = named("shadow")(paper, np.random.default_rng(seed), glyph_height(printed(scale=scale))).astype(int)
            assert np.abs(np.diff(shaded, axis=0)).max() < 25 and np.abs(np.diff(shaded, axis=1)).max() < 25


def test_noise_spares_pale_ink():
    picture = printed()
    pale = (200 + picture * 0.1).astype(np.uint8)  # 25 levels between ink and paper
    for seed in range(20):
        change = alone("noise", seed, pale).astype(float) - pale
        assert 0 < change.std() < 3


def test_warp_cuts_nothing():
    before = (255.0 - printed()).sum()
    for seed in range(30):
        assert (255.0 - alone("warp", seed)).sum() == pytest.approx(before, rel=0.15)


def test_neighbours_touch_the_edge_and_leave_a_gap():
    picture, sides = printed(), set()
    for seed in range(60):
        result = alone("neighbours", seed)
        above = result.shape[0] - picture.shape[0]
        at_the_top = np.array_equal(result[above:], picture)
        assert at_the_top or np.array_equal(result[:-above], picture), "the formula itself is unchanged"
        strip = result[:above] if at_the_top else result[::-1][:above]
        assert np.all(strip[-8:] == 255), "a gap of at least 0.4 of a letter parts them"
        if strip.min() < 128:
            sides.add(at_the_top)
    assert sides == {True, False}


def test_dark_mode_turns_paper_dark():
    result = alone("dark_mode")
    assert np.median(result) < 70 and result.max() > 150


def test_effects_are_mild_enough_to_see_the_ink():
    """Whatever happens, ink and its surroundings stay apart: the contrast of strokes to the paper beside them."""
    picture = printed()
    ink = cv2.dilate(cv2.threshold(picture, 128, 255, cv2.THRESH_BINARY_INV)[1], np.ones((3, 3))) > 0
    for name in ("fade", "contrast", "shade", "gradient", "shadow", "dark_mode", "noise", "specks", "blur", "jpeg"):
        for seed in range(20):
            result = alone(name, seed).astype(float)
            assert result.shape == picture.shape
            assert abs(result[ink].mean() - result[~ink].mean()) > 30, f"{name} with seed {seed}"


def test_the_loader_keeps_its_cores():
    assert cv2.getNumThreads() == 1, "OpenCV calls one thread of its own one"
