"""A thick pen's strokes come to the model as thin as others', with their counters open; thin ones stay as they are."""

import cv2
import numpy as np
import pytest

from img2latex.picture import images, strokes


def eight(pen: int) -> np.ndarray:
    """An 8 of two circles, 200 px high, and a dash, by a pen of so many px."""
    paper = np.full((300, 400), 255, np.uint8)
    for middle, radius in (((120, 100), 40), ((120, 190), 50)):
        cv2.circle(paper, middle, radius, 0, pen, cv2.LINE_AA)
    cv2.line(paper, (220, 150), (330, 150), 0, pen, cv2.LINE_AA)
    return paper


def thickness(crop: np.ndarray) -> float:
    """Ink of the middle column of the dash, px."""
    columns = (255.0 - crop).sum(axis=0) / 255
    return float(columns[-len(columns) // 5])


@pytest.mark.parametrize("pen", [40, 60])
def test_a_thick_stroke_is_thinned_to_the_given_width(pen):
    assert thickness(images.prepare(eight(pen), 40.0)) > 5
    assert thickness(images.prepare(eight(pen), 40.0, 3.0)) == pytest.approx(3, abs=0.8)


def test_counters_open():
    plain, thinned = (images.prepare(eight(60), 40.0, thickest) for thickest in (0.0, 3.0))
    assert (thinned > 200).mean() > (plain > 200).mean() + 0.2


def test_a_thin_stroke_stays_as_it_is():
    assert np.array_equal(images.prepare(eight(8), 40.0, 3.0), images.prepare(eight(8), 40.0))


def test_the_margin_is_as_wide_as_without():
    ink = images.prepare(eight(50), 40.0, 3.0) < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    edges = rows[0], columns[0], len(ink) - 1 - rows[-1], ink.shape[1] - 1 - columns[-1]
    assert all(abs(edge - images.MARGIN) <= 1 for edge in edges)


def test_a_dot_stays():
    paper = eight(50)
    cv2.circle(paper, (370, 250), 25, 0, -1, cv2.LINE_AA)  # as wide as the pen
    thinned = images.prepare(paper, 40.0, 3.0)
    assert cv2.connectedComponents((thinned < 128).view(np.uint8))[0] == 1 + 3  # paper; 8, dash, dot


def test_a_blot_becomes_no_empty_picture():
    assert strokes.scaled_and_thinned(np.zeros((30, 50), np.uint8), 1.0, 2.0).min() < 128
