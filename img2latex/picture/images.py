"""Any picture -> the model's input: loaded, levelled, cropped, measured, scaled and padded.

Training and serving use the same function, `crops`. Grey pictures here are uint8 HxW, 0 ink to 255 paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from img2latex.config import LETTER_HEIGHT, ModelConfig
from img2latex.picture import framing, neighbours
from img2latex.picture.components import INK, box_with_traces, connected, long_lines, typical_height
from img2latex.picture.levelling import MAX_SIDE, level, resized
from img2latex.picture.levels import percentile
from img2latex.picture.loading import load
from img2latex.picture.strokes import scaled_and_thinned

MAX_WIDTH, MAX_HEIGHT = 2000, 1000  # px of the model's input
MARGIN = 2  # px of paper around the ink; the convolutions pad with paper anyway
MIN_SCALE, MAX_SCALE = 0.02, 8.0
_FEW = 55.0  # letter heights squared: a crop of less area is shown larger ...
LARGER = 1.45  # ... at most by this factor
_MEASURE_HEIGHT = 24.0  # px: letters are measured in a copy scaled to this letter height ...
_MEASURE_PIXELS = 4_000_000  # ... or to so many pixels, if that is less (specks were taken for letters)
_LINE = 32  # px in that copy: no stroke of a letter is as long
_BROKEN = 0.3  # of the height of a letter: if most components are lower, they are pieces of strokes
_MANY = 100  # pieces
_HIGHEST = 0.4  # of a page: no letter is so high or wide
_THROUGH = 0.2  # of a page's width or height: no stroke is so long and straight
_THIN = 140  # ink is darker than this in that copy: at 128 thin letters fall into pieces


@dataclass
class Crop:
    """What the model sees of a picture: uint8 HxW; the height of a typical letter before scaling, px."""

    picture: np.ndarray
    letter_height: float
    framed: bool = False  # a closed frame around all of it was taken away

    @property
    def blank(self) -> bool:
        return self.letter_height == 0


def crop(picture, letter_height: float = LETTER_HEIGHT, thickest_stroke: float = 0.0) -> Crop:
    """A picture -> levelled, cropped to the ink, scaled until its letters are `letter_height` pixels high.

    A short formula gets larger letters: there is little context to help with its small signs, and it costs little.

    Args:
        picture: anything `load` takes.
        letter_height: px, of a typical letter of the result; up to 1.45 times as much in a short formula.
        thickest_stroke: px of the result, to which thicker strokes are thinned; 0: they stay.

    Returns:
        The crop with `MARGIN` px of paper around it; if the picture is empty, a white square of 2 * MARGIN px whose
        `blank` is True.

    Raises:
        PictureError: see `load`.
    """
    return next(crops(picture, (letter_height,), thickest_stroke))


def crops(picture, letter_heights: Sequence[float], thickest_stroke: float = 0.0) -> Iterator[Crop]:
    """The picture as `crop` returns it, at several letter heights; levelled, cropped and measured once.

    Each is made when it is asked for. With the first one comes what `crop` raises.
    """
    clean, framed = framing.remove(level(load(picture)))
    clean = neighbours.remove(clean)
    components = connected(clean)
    if not len(components):
        yield from (Crop(np.full((2 * MARGIN, 2 * MARGIN), 255, np.uint8), 0.0) for _ in letter_heights)
        return
    left, top, right, bottom = box_with_traces(clean, components)
    ink = clean[top:bottom, left:right]
    height = _letter_height(ink, components)
    larger = min(max(math.sqrt(_FEW * height**2 / ink.size), 1.0), LARGER)
    for wanted in letter_heights:
        yield Crop(_scale(ink, larger * wanted / height, thickest_stroke), height, framed)


def is_squared(components: np.ndarray, shape: tuple[int, int]) -> bool:
    """Squared paper whose lines stayed is one component with all that is written on it, of most of the page's ink."""
    high, wide, area = components[:, 3], components[:, 2], components[:, 4]
    through = (high > _HIGHEST * shape[0]) & (wide > _HIGHEST * shape[1])
    return bool((through & (area > area.sum() / 2)).any())


def letters(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """A page, levelled; its components N x 5 (see `connected`); the height of a typical letter, px, or 0."""
    clean = level(grey)
    components = connected(clean)
    height = typical_height(components) if len(components) else 0.0
    if is_squared(components, clean.shape) or height > _HIGHEST * len(clean):
        clean = np.where(long_lines(clean < INK, _THROUGH), np.uint8(255), clean)
        components = connected(clean)
        height = typical_height(components) if len(components) else 0.0
    # Squared paper leaves strokes in pieces; a few of them are a formula in small print.
    if len(components) > _MANY and np.median(components[:, 3]) < _BROKEN * height:
        side = np.ones(2 * (max(2, round(height / 2)),), np.uint8)
        joined = cv2.morphologyEx((clean < INK).view(np.uint8), cv2.MORPH_CLOSE, side)
        height = typical_height(connected(255 - 255 * joined))
    return clean, components, height


def prepare(picture, letter_height: float = LETTER_HEIGHT, thickest_stroke: float = 0.0) -> np.ndarray:
    """Only the picture of `crop`: uint8 HxW, 0 ink, 255 paper."""
    return crop(picture, letter_height, thickest_stroke).picture


def prepare_for(model: ModelConfig, picture, scale: float = 1.0) -> np.ndarray:
    """A picture as a model reads it, its letters `scale` times as high: uint8 HxW, 0 ink, 255 paper."""
    return prepare(picture, scale * model.letter_height, model.thickest_stroke)


def _letter_height(ink: np.ndarray, components: np.ndarray) -> float:
    """Height of a typical letter, px. Letters that touch at 80 dpi do not at 300: the second time it is measured in a
    copy that always has the same size of letters."""
    first = typical_height(components)
    factor = min(_MEASURE_HEIGHT / first, MAX_SCALE, (_MEASURE_PIXELS / ink.size) ** 0.5)
    copy = _darkened(resized(ink, factor))
    components = connected(copy, _THIN) if max(copy.shape) <= 2 * MAX_SIDE else components[:0]
    return typical_height(components) / factor if len(components) else first


def _darkened(grey: np.ndarray) -> np.ndarray:
    """Stretched until a tenth of the letters' ink is black: in small print thin strokes are grey and fall into pieces.

    Straight lines longer than letters do not count: the lines of a table may be black where its letters are grey.
    """
    drawn = (grey < 240).view(np.uint8)
    for side in ((1, _LINE), (_LINE, 1)):
        drawn = drawn - cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones(side, np.uint8))
    ink = grey[drawn.view(bool)]
    darkest = min(percentile(ink, 10), 200.0) if ink.size else 0.0
    table = np.clip(255 - (255.0 - np.arange(256)) * (255 / (255 - darkest)), 0, 255).astype(np.uint8)
    return cv2.LUT(grey, table)


def _scale(ink: np.ndarray, factor: float, thickest_stroke: float) -> np.ndarray:
    height, width = ink.shape
    room = min((MAX_WIDTH - 2 * MARGIN) / width, (MAX_HEIGHT - 2 * MARGIN) / height)
    factor = min(max(factor, MIN_SCALE), MAX_SCALE, room)
    scaled = scaled_and_thinned(ink, factor, thickest_stroke) if thickest_stroke else resized(ink, factor)
    return cv2.copyMakeBorder(scaled, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=255)


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
