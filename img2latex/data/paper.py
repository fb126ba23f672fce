"""What handwriting stands on: ruled, squared, dotted, tinted and crumpled paper, and what scanners make of it.

Pictures are uint8 HxW, 0 ink, 255 paper. What a camera adds (light, perspective, blur) is `augment.py`'s.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from img2latex.data import augment
from img2latex.data.augment import multiply, stretch

FRACTION_BITS = 4
# Papers with their shares: what is drawn on, and whether a scanner has made it black and white.
PAPERS = {"blank": 0.46, "line": 0.14, "ruled": 0.14, "squared": 0.09, "dotted": 0.02, "crumpled": 0.05, "scan": 0.10}
PHONE = (augment.warp, augment.gradient, augment.shadow, augment.blur, augment.resample, augment.jpeg)


def on_paper(picture: np.ndarray, rng: np.random.Generator, letter: float, kind: str | None = None) -> np.ndarray:
    """A drawing on one of `PAPERS`, or on the one named, with more or less of the paper around it.

    Args:
        picture: the drawing.
        letter: height of a letter in it, px.
    """
    kind = kind or str(rng.choice(list(PAPERS), p=list(PAPERS.values())))
    if kind == "blank":
        return picture
    if kind == "scan":
        return scanned(picture, rng, letter)
    picture, paper = _with_room(picture, rng, letter)
    if kind == "crumpled":
        grid = rng.uniform(200, 255, (int(rng.integers(3, 8)), int(rng.integers(4, 14))))
        return multiply(picture, stretch(grid, picture.shape))
    _rule(paper, picture, rng, letter, kind)
    if rng.random() < 0.12:  # the margin's line
        place = rng.uniform(0, 0.12) * paper.shape[1]
        _line(paper, (place, 0), (place + rng.normal(0, 3), paper.shape[0]), rng.uniform(110, 190), rng.uniform(1, 3))
    if rng.random() < 0.5:
        paper = cv2.GaussianBlur(paper, (0, 0), rng.uniform(0.4, 1.0))
    return multiply(picture, paper)


def photographed(picture: np.ndarray, rng: np.random.Generator, letter: float, chance: float = 1.0) -> np.ndarray:
    """What a phone makes of a sheet: a slant, uneven light, blur, lost resolution, each with the given chance."""
    for effect in PHONE:
        if chance == 1 or rng.random() < chance:
            picture = effect(picture, rng, letter)
    return picture


def scanned(picture: np.ndarray, rng: np.random.Generator, letter: float) -> np.ndarray:
    """Black and white by a threshold, with specks on the paper and holes in the ink."""
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.3, 0.015 * letter))
    black = soft < 255 - (255 - int(soft.min())) * rng.uniform(0.15, 0.55)  # of the ink's contrast
    specks, holes = rng.poisson(rng.choice([0, 2, 10])), int(rng.choice([0, 0.002, 0.008]) * picture.size)
    for count, value in ((specks, True), (holes, False)):
        spots = np.zeros(picture.shape, np.uint8)
        spots.flat[rng.integers(0, picture.size, count)] = 1
        size = int(rng.integers(1, max(1, round(0.05 * letter)) + 1))
        black[cv2.dilate(spots, np.ones((size, size), np.uint8)) > 0] = value
    return np.where(black, np.uint8(0), np.uint8(255))


def _with_room(picture: np.ndarray, rng: np.random.Generator, letter: float) -> tuple[np.ndarray, np.ndarray]:
    """The drawing with paper around it, and as much empty paper."""
    up, down, left, right = (int(side) for side in rng.uniform(0, 1, 4) ** 2 * letter * (1.6, 1.6, 3, 3))
    picture = cv2.copyMakeBorder(picture, up, down, left, right, cv2.BORDER_CONSTANT, value=255)
    return picture, np.full_like(picture, 255)


def _rule(paper: np.ndarray, picture: np.ndarray, rng: np.random.Generator, letter: float, kind: str) -> None:
    """Draws the lines of a page, which writing keeps to more or less."""
    height, width = paper.shape
    rows = np.flatnonzero((picture < 128).any(axis=1))
    bottom = float(rows[-1]) if len(rows) else height / 2
    base = bottom + letter * rng.normal(-0.1, 0.35) if rng.random() < 0.7 else rng.uniform(0, height)
    gap = letter * (rng.uniform(0.35, 1.0) if kind in ("squared", "dotted") else rng.uniform(1.1, 2.8))
    tone, thick = rng.uniform(70, 225), max(0.8, letter * rng.uniform(0.01, 0.06))
    tone = max(tone, 170) if kind == "dotted" else tone
    tilt = math.tan(rng.normal(0, 0.012))
    if kind == "line":
        _line(paper, (0, base - tilt * width / 2), (width, base + tilt * width / 2), tone, thick)
        return
    across = np.arange(base % gap - gap, height + gap, gap)
    along = np.arange(rng.uniform(0, gap), width + gap, gap)
    if kind == "dotted":
        for y in across:
            for x in along:
                _line(paper, (x, y + tilt * x), (x + 1, y + tilt * x), tone, 1.5 * thick)  # without length: not drawn
        return
    for y in across:
        _line(paper, (0, y - tilt * width / 2), (width, y + tilt * width / 2), tone, thick)
    for x in along if kind == "squared" else ():
        _line(paper, (x + tilt * height / 2, 0), (x - tilt * height / 2, height), tone, thick)


def _line(paper: np.ndarray, start: tuple, end: tuple, tone: float, thick: float) -> None:
    """A line of any width: one too thin for a pixel is paler instead."""
    tone = 255 - (255 - tone) * min(1.0, thick)
    ends = (tuple(round(c * (1 << FRACTION_BITS)) for c in end_) for end_ in (start, end))
    cv2.line(paper, *ends, tone, max(1, round(thick)), cv2.LINE_AA, FRACTION_BITS)
