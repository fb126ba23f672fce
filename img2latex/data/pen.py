"""Strokes -> pictures: what a pen, a pencil, chalk or a mouse leaves of them.

A `Look` says how large the writing is and what it is written with; `draw` draws it, in shades of grey on white.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from img2latex.data.augment import noise_bank
from img2latex.data.ink import InkError, letter_height

SUPERSAMPLE = 4  # pictures are drawn this much larger with hard edges: pens then come in steps of half a pixel
FRACTION_BITS = 4  # OpenCV takes fixed-point coordinates
MAX_WIDTH, MAX_HEIGHT = 1600, 1000  # px, of a drawn picture
THINNEST = 1.2  # px of a pen


@dataclass(frozen=True)
class Look:
    """How an ink is drawn.

    Attributes:
        letter: height of a letter, px.
        pen_width: width of the pen, px.
        pressure: how much the width sways along a stroke, as a share of it.
        taper: how much thinner a stroke is at its ends, as a share of the width.
        chisel: how much wider the pen is along `angle` (radians) than across, as a share of the width.
        tone: grey of the ink, 0 black to 255 paper.
        grain: share of the ink that the paper's roughness leaves out, as a pencil or chalk does.
    """

    letter: float = 60.0
    pen_width: float = 4.0
    pressure: float = 0.0
    taper: float = 0.0
    chisel: float = 0.0
    angle: float = 0.0
    tone: float = 0.0
    grain: float = 0.0


# Pens: share of the drawings; width as a share of a letter, pressure, taper, chisel, tone and grain, each from .. to.
PENS: dict[str, tuple[float, tuple[tuple[float, float], ...]]] = {
    "mouse": (0.30, ((0.035, 0.10), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0))),
    "ballpoint": (0.28, ((0.03, 0.09), (0, 0.3), (0, 0.5), (0, 0), (0, 100), (0, 0.3))),
    "pencil": (0.17, ((0.02, 0.08), (0, 0.35), (0, 0.5), (0, 0), (60, 150), (0.2, 0.8))),
    "felt": (0.15, ((0.10, 0.25), (0, 0.15), (0, 0.2), (0, 0.4), (0, 60), (0, 0))),
    "marker": (0.05, ((0.08, 0.18), (0, 0.1), (0, 0), (0.2, 1.0), (0, 90), (0, 0.2))),
    "chalk": (0.05, ((0.05, 0.15), (0, 0.3), (0, 0.2), (0, 0), (0, 60), (0.4, 0.9))),
}


def random_look(rng: np.random.Generator, pen: str | None = None) -> Look:
    """Writing by one of `PENS`, or by the one named, with letters 20 to 56 px high."""
    names = list(PENS)
    pen = pen or names[rng.choice(len(names), p=[PENS[name][0] for name in names])]
    width, *rest = (rng.uniform(*span) for span in PENS[pen][1])
    pressure, taper, chisel, tone, grain = rest
    letter = float(np.exp(rng.uniform(math.log(20), math.log(56))))
    return Look(letter, width * letter, pressure, taper, chisel, rng.uniform(0, math.pi), tone, grain)


def draw(
    strokes: Sequence[np.ndarray], look: Look = Look(), rng: np.random.Generator | None = None, *, margin: int = 12
) -> np.ndarray:
    """Draws an ink on white, with round caps and joins and soft edges, as an HTML canvas or a pen does.

    Args:
        strokes: the ink; a stroke of one point (or of zero length) becomes a dot.
        look: the scale and the pen. An ink that would be larger than 1600 x 1000 px is drawn smaller, its pen thinner.
        rng: of the pen's pressure and of the grain.
        margin: white px around the ink.

    Returns:
        uint8 array (H, W), 0 ink, 255 paper.

    Raises:
        InkError: no point at all, or one that is not finite.
    """
    if not len(strokes) or not all(len(stroke) for stroke in strokes):
        raise InkError("an ink without points")
    points = np.concatenate(strokes)
    if not np.isfinite(points).all():
        raise InkError("an ink with points that are not finite")
    rng = rng or np.random.default_rng(0)
    low, extent = points.min(0), np.ptp(points, axis=0)
    wanted = look.letter / letter_height(strokes)
    scale = min(wanted, MAX_WIDTH / max(extent[0], 1e-9), MAX_HEIGHT / max(extent[1], 1e-9))
    pen = max(THINNEST, look.pen_width * (scale / wanted) ** 0.7)
    border = margin + pen * (1 + look.chisel) / 2
    width, height = (math.ceil(side) for side in extent * scale + 2 * border)
    canvas = np.full((height * SUPERSAMPLE, width * SUPERSAMPLE), 255, np.uint8)
    for stroke in strokes:
        # In OpenCV a pixel's middle has whole coordinates, on paper its corner has.
        at = ((stroke - low) * scale + border) * SUPERSAMPLE - 0.5
        fixed = np.round(at * (1 << FRACTION_BITS)).astype(np.int32)
        _draw_stroke(canvas, np.repeat(fixed, 2, axis=0) if len(fixed) == 1 else fixed, pen, look, rng)
    if look.chisel:
        canvas = cv2.erode(canvas, _chisel(look, pen))
    picture = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return _inked(picture, look, pen, rng)


def _draw_stroke(canvas: np.ndarray, fixed: np.ndarray, pen: float, look: Look, rng: np.random.Generator) -> None:
    """Draws a stroke of at least two points, whose width may sway and taper."""
    if not look.pressure and not look.taper:
        cv2.polylines(canvas, [fixed], False, 0, _thickness(pen), cv2.LINE_8, FRACTION_BITS)
        return
    count = len(fixed) - 1  # lines from point to point, each of one width
    knots = rng.uniform(-look.pressure, look.pressure, 2 + count // 6)
    sway = np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)
    middle = np.minimum(np.arange(count), np.arange(count)[::-1]) / max(1.0, min(4.0, count / 2))
    widths = pen * (1 + sway) * (1 - look.taper * np.maximum(0, 1 - middle))
    for start, end, width in zip(fixed[:-1], fixed[1:], widths, strict=True):
        cv2.line(canvas, start, end, 0, _thickness(max(width, THINNEST)), cv2.LINE_8, FRACTION_BITS)


def _thickness(pen: float) -> int:
    return 2 * round((pen * SUPERSAMPLE - 1) / 2)  # OpenCV draws an even one a pixel wider than it says


def _chisel(look: Look, pen: float) -> np.ndarray:
    """The line that a broad nib adds to a round one, as a kernel."""
    reach = max(1, round(pen * SUPERSAMPLE * look.chisel / 2))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    step = np.array([math.cos(look.angle), math.sin(look.angle)]) * reach
    start, end = np.round(reach - step).astype(int), np.round(reach + step).astype(int)
    cv2.line(kernel, start.tolist(), end.tolist(), 1, max(1, round(pen)))
    return kernel


def _inked(picture: np.ndarray, look: Look, pen: float, rng: np.random.Generator) -> np.ndarray:
    """The drawing in its tone of grey, with the grain of the paper in it."""
    if not look.tone and not look.grain:
        return picture
    cover = np.float32(255) - picture
    if look.grain:
        cover *= 1 - look.grain * _roughness(picture.shape, max(1.0, pen / 3), rng)
    return (255 - cover * np.float32(1 - look.tone / 255)).round().astype(np.uint8)


def _roughness(shape: tuple[int, int], size: float, rng: np.random.Generator) -> np.ndarray:
    """Where paper takes no ink: 0 to 1, float32 of the given height and width, in spots of about `size` px."""
    bank = noise_bank()
    height, width = (min(math.ceil(side / size), most) for side, most in zip(shape, bank.shape, strict=True))
    top, left = rng.integers(bank.shape[0] - height + 1), rng.integers(bank.shape[1] - width + 1)
    patch = cv2.resize(bank[top : top + height, left : left + width], shape[::-1], interpolation=cv2.INTER_LINEAR)
    return ((patch.astype(np.float32) - 128) / 48).clip(0, 1)
