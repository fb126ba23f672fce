"""Strokes -> pictures: what a pen, a pencil, chalk or a mouse leaves of them.

A `Look` says how large the writing is and what it is written with; `draw` draws it, in shades of grey on white.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from img2latex.data.augment import curve, multiply, noise_bank
from img2latex.data.ink import InkError, joined, letter_height, parted, swaying

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
    "mouse": (0.26, ((0.035, 0.10), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0))),
    "ballpoint": (0.26, ((0.03, 0.09), (0, 0.3), (0, 0.5), (0, 0), (0, 100), (0, 0.3))),
    "pencil": (0.17, ((0.02, 0.08), (0, 0.35), (0, 0.5), (0, 0), (60, 150), (0.2, 0.8))),
    "felt": (0.20, ((0.10, 0.25), (0, 0.15), (0, 0.2), (0, 0.4), (0, 60), (0, 0))),
    "marker": (0.06, ((0.08, 0.18), (0, 0.1), (0, 0), (0.2, 1.0), (0, 90), (0, 0.2))),
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
    points, counts = joined(strokes)
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
    # In OpenCV a pixel's middle has whole coordinates, on paper its corner has.
    at = ((points - low) * scale + border) * SUPERSAMPLE - 0.5
    fixed = np.round(at * (1 << FRACTION_BITS)).astype(np.int32)
    fixed = np.repeat(fixed, np.repeat(1 + (counts == 1), counts), axis=0)  # a line needs two ends
    for thickness, lines in _lines(fixed, np.maximum(counts, 2), pen, look, rng).items():
        cv2.polylines(canvas, lines, False, 0, thickness, cv2.LINE_8, FRACTION_BITS)
    half = cv2.resize(canvas, (2 * width, 2 * height), interpolation=cv2.INTER_AREA)
    if look.chisel:
        half = cv2.erode(half, _chisel(look, pen))
    return _inked(cv2.resize(half, (width, height), interpolation=cv2.INTER_AREA), look, pen, rng)


def _lines(
    fixed: np.ndarray, counts: np.ndarray, pen: float, look: Look, rng: np.random.Generator
) -> dict[int, list[np.ndarray]]:
    """What to draw with which thickness: whole strokes, or pieces of those whose width sways and tapers."""
    if not look.pressure and not look.taper:
        return {int(_thickness(pen)): parted(fixed, counts)}
    counts = counts - 1  # of lines from point to point, each of one width
    after = np.cumsum(counts)
    number = np.arange(after[-1])
    knots = 2 + counts // 6
    sway = swaying(rng.uniform(-look.pressure, look.pressure, knots.sum()), knots, counts)
    from_end = np.minimum(number - np.repeat(after - counts, counts), np.repeat(after - 1, counts) - number)
    middle = np.minimum(1, from_end / np.repeat(np.clip(counts / 2, 1, 4), counts))
    widths = _thickness(np.maximum(pen * (1 + sway) * (1 - look.taper * (1 - middle)), THINNEST))
    stroke = np.repeat(np.arange(len(counts)), counts)
    cuts = np.flatnonzero((np.diff(widths) != 0) | (np.diff(stroke) != 0)) + 1
    lines = defaultdict(list)
    for start, end in itertools.pairwise([0, *cuts.tolist(), len(number)]):
        skipped = stroke[start]  # each stroke has a point more than it has lines
        lines[int(widths[start])].append(fixed[start + skipped : end + skipped + 1])
    return lines


def _thickness(pen: float | np.ndarray) -> np.ndarray:
    # OpenCV draws an even one a pixel wider than it says.
    return 2 * np.round((np.asarray(pen) * SUPERSAMPLE - 1) / 2).astype(int)


def _chisel(look: Look, pen: float) -> np.ndarray:
    """The line that a broad nib adds to a round one, as a kernel for pictures of twice the size."""
    reach = max(1, round(pen * look.chisel))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    step = np.array([math.cos(look.angle), math.sin(look.angle)]) * reach
    start, end = np.round(reach - step).astype(int), np.round(reach + step).astype(int)
    cv2.line(kernel, start.tolist(), end.tolist(), 1)
    return kernel


def _inked(picture: np.ndarray, look: Look, pen: float, rng: np.random.Generator) -> np.ndarray:
    """The drawing in its tone of grey, with the grain of the paper in it."""
    if look.grain:
        picture = ~multiply(~picture, curve(_roughness(picture.shape, max(1.0, pen / 3), rng), _takes(look.grain)))
    return curve(picture, np.linspace(look.tone, 255, 256).round()) if look.tone else picture


def _takes(grain: float) -> np.ndarray:
    """How much ink paper of each of the 256 roughnesses takes, 255 all of it."""
    return 255 * (1 - grain * ((np.arange(256) - 128) / 48).clip(0, 1))


def _roughness(shape: tuple[int, int], size: float, rng: np.random.Generator) -> np.ndarray:
    """A paper of the given height and width: uint8 about 128, the higher the rougher, in spots of about `size` px."""
    bank = noise_bank()
    height, width = (min(math.ceil(side / size), most) for side, most in zip(shape, bank.shape, strict=True))
    top, left = rng.integers(bank.shape[0] - height + 1), rng.integers(bank.shape[1] - width + 1)
    return cv2.resize(bank[top : top + height, left : left + width], shape[::-1], interpolation=cv2.INTER_LINEAR)
