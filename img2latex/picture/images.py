"""A picture, whatever it is, -> the model's input: loaded, levelled, cropped, measured, scaled and padded.

Training and serving pictures both pass through `prepare`. Grey pictures here are uint8 HxW, 0 ink to 255 paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from img2latex.config import LETTER_HEIGHT
from img2latex.picture import framing, neighbours
from img2latex.picture.components import box_with_traces, components, typical_height
from img2latex.picture.levelling import MAX_SIDE, level, resized
from img2latex.picture.levels import percentile
from img2latex.picture.loading import load

MAX_WIDTH, MAX_HEIGHT = 2000, 1000  # px of the model's input
MARGIN = 2  # px of paper around the ink; the convolutions pad with paper anyway
MIN_SCALE, MAX_SCALE = 0.02, 8.0
_FEW = 55.0  # letter heights squared: a crop of less area is shown larger ...
LARGER = 1.45  # ... at most by this factor
_MEASURE_HEIGHT = 24.0  # px, the letter height at which letters are measured ...
_MEASURE_PIXELS = 4_000_000  # ... or less in a larger picture, where specks were taken for letters
_LINE = 32  # px there: no stroke of a letter is as long
_THIN = 140  # darker than this is ink there: at 128 thin letters fall into bits


@dataclass
class View:
    """What the model sees of a picture: uint8 HxW, and how high a typical letter was before it was scaled, in px."""

    picture: np.ndarray
    letter_height: float

    @property
    def blank(self) -> bool:
        return self.letter_height == 0


def view(picture, letter_height: float = LETTER_HEIGHT) -> View:
    """A picture -> levelled, cropped to the ink, scaled until its letters are `letter_height` pixels high.

    A short formula is scaled to larger letters: its small signs have to be read without the help of others, and it
    costs little.

    Args:
        picture: whatever `load` takes.
        letter_height: px; a typical letter of the result is that high, and up to 1.45 times as high in a short formula.

    Returns:
        the view with `MARGIN` px of paper around; white, 2 * MARGIN px square and `blank` where nothing is written.

    Raises:
        PictureError: see `load`.
    """
    return views(picture, (letter_height,))[0]


def views(picture, letter_heights: Sequence[float]) -> list[View]:
    """The same picture at several sizes of letters, as `view` shows it; levelled, cropped and measured once."""
    clean = neighbours.remove(framing.remove(level(load(picture))))
    marks = components(clean)
    if not len(marks):
        return [View(np.full((2 * MARGIN, 2 * MARGIN), 255, np.uint8), 0.0) for _ in letter_heights]
    left, top, right, bottom = box_with_traces(clean, marks)
    crop = clean[top:bottom, left:right]
    height = _letter_height(crop, marks)
    larger = min(max(math.sqrt(_FEW * height**2 / crop.size), 1.0), LARGER)
    return [View(_scale(crop, larger * wanted / height), height) for wanted in letter_heights]


def letters(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """A page, levelled; the marks on it, as `components` gives them; the height of a typical one, px, 0 without any."""
    clean = level(grey)
    marks = components(clean)
    return clean, marks, typical_height(marks) if len(marks) else 0.0


def prepare(picture, letter_height: float = LETTER_HEIGHT) -> np.ndarray:
    """The picture of `view` alone: uint8 HxW, 0 ink, 255 paper."""
    return view(picture, letter_height).picture


def _letter_height(crop: np.ndarray, marks: np.ndarray) -> float:
    """Measured twice: letters that touch at 80 dpi do not at 300, so the second look is always at the same size."""
    first = typical_height(marks)
    factor = min(_MEASURE_HEIGHT / first, MAX_SCALE, (_MEASURE_PIXELS / crop.size) ** 0.5)
    seen = _darkened(resized(crop, factor))
    marks = components(seen, _THIN) if max(seen.shape) <= 2 * MAX_SIDE else marks[:0]
    return typical_height(marks) / factor if len(marks) else first


def _darkened(grey: np.ndarray) -> np.ndarray:
    """Stretched until a tenth of the letters' ink is black: thin strokes are grey in small print, and fall to bits.

    What is straight for longer than a letter is high is no letter: the lines of a table are black where those are grey.
    """
    drawn = (grey < 240).view(np.uint8)
    for side in ((1, _LINE), (_LINE, 1)):
        drawn = drawn - cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones(side, np.uint8))
    ink = grey[drawn.view(bool)]
    darkest = min(percentile(ink, 10), 200.0) if ink.size else 0.0
    table = np.clip(255 - (255.0 - np.arange(256)) * (255 / (255 - darkest)), 0, 255).astype(np.uint8)
    return cv2.LUT(grey, table)


def _scale(crop: np.ndarray, factor: float) -> np.ndarray:
    height, width = crop.shape
    room = min((MAX_WIDTH - 2 * MARGIN) / width, (MAX_HEIGHT - 2 * MARGIN) / height)
    crop = resized(crop, min(max(factor, MIN_SCALE), MAX_SCALE, room))
    return cv2.copyMakeBorder(crop, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=255)


def pad(pictures: list[np.ndarray], multiple: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of several sizes -> one batch, padded with paper to the right and below.

    Returns:
        uint8 B x H x W with H and W multiples of `multiple`, and int64 B x 2 of each picture's own height and width.
    """
    sizes = np.array([p.shape for p in pictures], np.int64)
    height, width = (-(-sizes.max(axis=0) // multiple) * multiple).tolist()
    batch = np.full((len(pictures), height, width), 255, np.uint8)
    for row, p in zip(batch, pictures, strict=True):
        row[: p.shape[0], : p.shape[1]] = p
    return batch, sizes
