"""Letters of every colour reach the model equally dark; light, shadow and the other side of the sheet stay."""

import cv2
import numpy as np
import pytest

from img2latex.data.render import Look, render
from img2latex.picture import tones
from img2latex.picture.images import crop, prepare
from img2latex.picture.loading import load

FORMULAS = [r"x^2+2x+1=(x+1)^2", r"f(x)=\frac{x-1}{x+1}", r"\sum_{i=1}^{n}i^2=n", "a_n=b_{n+1}-3y"]
ON_WHITE = {
    "grey": (136, 136, 136), "paler grey": (170, 170, 170), "palest grey": (195, 195, 195), "orange": (255, 136, 0),
    "yellow": (255, 255, 0), "cyan": (0, 255, 255), "lime": (160, 255, 0), "pink": (255, 150, 180),
}  # fmt: skip
ON_BLACK = {"dark blue": (0, 0, 139), "grey": (90, 90, 90), "brown": (110, 60, 0), "dark green": (0, 130, 0)}


@pytest.fixture(scope="module", params=[160])
def formulas(request):
    """Each formula with some room around it."""
    return [np.pad(grey, 12, constant_values=255) for grey in render(FORMULAS, Look(dpi=request.param, display=True))]


def partly(grey, part, colour, paper=255):
    """RGB: black ink on white or white on black, but for the pixels of `part`, whose ink has the colour."""
    ink = (1 - grey / 255.0)[..., None]
    colours = np.full((*grey.shape, 3), 255 - paper, float)
    colours[part] = colour
    return np.rint(paper * (1 - ink) + colours * ink).astype(np.uint8)


def parts(grey):
    """Outer parts of the formula, cut where no letter is cut: its right and left end, its top and bottom."""
    empty = {0: np.flatnonzero(grey.min(axis=0) == 255), 1: np.flatnonzero(grey.min(axis=1) == 255)}
    for axis, share in ((0, 0.6), (0, 0.4), (1, 0.6), (1, 0.3)):
        side = grey.shape[1 - axis]
        cuts = empty[axis][(empty[axis] > 0.2 * side) & (empty[axis] < 0.8 * side)]
        if len(cuts):
            cut = int(cuts[np.abs(cuts - share * side).argmin()])
            part = slice(cut, None) if share > 0.5 else slice(None, cut)
            yield (slice(None), part) if axis == 0 else (part, slice(None))


def assert_alike(seen, plain):
    assert seen.shape == pytest.approx(plain.shape, rel=0.1, abs=1)
    resized = cv2.resize(seen, plain.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(resized.astype(int) - plain).mean() < 14
    assert (resized[plain < 60] < 215).mean() > 0.8


@pytest.mark.parametrize("colour", ON_WHITE)
def test_a_part_in_another_colour_is_seen_as_if_it_were_black(colour, formulas):
    for grey in formulas:
        for part in parts(grey):
            assert_alike(prepare(partly(grey, part, ON_WHITE[colour])), prepare(grey))


@pytest.mark.parametrize("colour", ON_BLACK)
def test_a_dark_part_on_a_black_slide_is_seen_as_if_it_were_white(colour, formulas):
    for grey in formulas:
        for part in parts(grey):
            assert_alike(prepare(partly(grey, part, ON_BLACK[colour], paper=0)), prepare(grey))


@pytest.mark.parametrize("colour", [(255, 255, 0), (0, 255, 255), (120, 255, 120), (255, 180, 180)])
def test_what_is_highlighted_is_read_as_the_rest(colour, formulas):
    for grey in formulas:
        for part in parts(grey):
            marked = partly(grey, (slice(0), slice(0)), 0)
            marked[part] = (marked[part] * (np.array(colour) / 255)).astype(np.uint8)
            seen, plain = prepare(marked), prepare(grey)
            assert (cv2.resize(seen, plain.shape[::-1]) < 128).mean() < 1.3 * (plain < 128).mean()


def test_the_other_side_of_the_sheet_is_no_part_of_the_formula(formulas):
    for grey in formulas:
        page = np.pad(grey, ((0, grey.shape[0]), (0, 0)), constant_values=255)
        back = cv2.GaussianBlur(page[::-1, ::-1], (0, 0), 1.2)
        page = np.minimum(page, 255 - (255 - back) // 6)
        assert prepare(page).shape == pytest.approx(prepare(grey).shape, rel=0.04, abs=1)


def test_small_print_stays_as_it_is():
    for grey in render([*FORMULAS, r"|x|+|y|\leq 1", r"\left\|\frac{i}{l}\right\|^2"], Look(dpi=85, size=10)):
        page = np.pad(grey, 8, constant_values=255)
        assert tones.even(page, np.full_like(page, 255), 255, 190.0, 0.0) is page


def test_broad_fields_of_colour_are_weighed_as_eyes_do():
    fields = np.repeat(np.repeat(255 * np.eye(3, dtype=np.uint8)[None], 60, axis=0), 60, axis=1)
    assert load(fields)[30, [30, 90, 150]].tolist() == pytest.approx([0.299 * 255, 0.587 * 255, 0.114 * 255], abs=1)


def test_a_faint_letter_on_a_grainy_scan_does_not_grow_from_the_grain(formulas):
    grain = np.random.default_rng(3).normal(0, 7, formulas[0].shape)
    page = np.clip(40 + 0.75 * formulas[0] + grain, 0, 255).astype(np.uint8)
    assert crop(page).letter_height == pytest.approx(crop(formulas[0]).letter_height, rel=0.1)
