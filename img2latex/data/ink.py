"""Handwriting as strokes: read from files, and moved the way another hand would move it.

A *stroke* is an (N, 2) float array of x, y points, y growing downwards, in any unit; an *ink* is a list of strokes.
`pen.py` draws them, `handwriting.py` trains on them.
"""

from __future__ import annotations

import gzip
import itertools
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Strokes = list[np.ndarray]

# Which files of the ink folder make up which of our splits.
SPLITS = {
    "train": (
        "crohme_train.jsonl.gz",
        "crohme_train_extra.jsonl.gz",
        "crohme_2019_train.jsonl.gz",
        "crohme_matrices_train.jsonl.gz",
        "expressmatch_rest_train.jsonl.gz",
    ),
    "val": ("crohme_test2013.jsonl.gz",),
    "test": ("crohme_test2014.jsonl.gz",),
}


class InkError(ValueError):
    """An ink file that can't be read, said in one sentence."""


@dataclass(frozen=True)
class Ink:
    """One handwritten expression or symbol.

    `symbols` are the tokens of an expression with the numbers of the strokes that each is made of, where known.
    """

    id: str
    latex: str
    split: str
    strokes: Strokes
    writer: str | None = None
    symbols: tuple[tuple[str, tuple[int, ...]], ...] = ()


def read_expressions(path: str | Path) -> Iterator[Ink]:
    """Reads a `*.jsonl.gz` file of expressions: one JSON object a line with id, latex, split and strokes.

    Raises:
        InkError: the file is missing, is not gzip, or a line is not such an object; the line's number is named.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _parse(line, f"{path}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InkError(f"cannot read ink from {path}: {error}") from None


def read_symbols(path: str | Path) -> Iterator[Ink]:
    """Reads a `*.jsonl.gz` file of single symbols. The rows look like expressions; those without LaTeX are left out."""
    return (symbol for symbol in read_expressions(path) if symbol.latex)


def _parse(line: str, where: str) -> Ink:
    try:
        row = json.loads(line)
        # One array cut into strokes: much faster than an array for each of them.
        lengths = [len(stroke) for stroke in row["strokes"] if stroke]
        points = np.array(list(itertools.chain.from_iterable(row["strokes"])), np.float32).reshape(-1, 2)
        strokes = np.split(points, np.cumsum(lengths)[:-1])
        symbols = tuple((token, tuple(places)) for token, places in row.get("syms") or ())
        ink = Ink(row["id"], row["latex"], row.get("split", ""), strokes, row.get("writer"), symbols)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InkError(f"{where}: not an ink (id, latex, strokes of [x, y] points)") from None
    if not len(points) or len(points) != sum(lengths) or not np.isfinite(points).all():
        raise InkError(f"{where}: an ink without points, or with one that is not a finite [x, y]")
    return ink


# --- strokes -> strokes -----------------------------------------------------------------------------------------------


def letter_height(strokes: Sequence[np.ndarray]) -> float:
    """Guesses how tall a letter is, in the strokes' unit: dots and bars say nothing about it, so they are left out."""
    points = np.concatenate(strokes)
    starts = np.cumsum([0, *map(len, strokes[:-1])])
    extents = np.maximum.reduceat(points, starts) - np.minimum.reduceat(points, starts)
    largest = float(extents.max())
    upright = extents[(extents[:, 1] > extents[:, 0] / 3) & (extents[:, 1] > largest / 50), 1]
    return float(np.percentile(upright, 60)) if len(upright) else largest or 1.0


def smooth(stroke: np.ndarray, rounds: int = 2) -> np.ndarray:
    """Rounds a polyline by Chaikin's corner cutting; both ends stay where they are."""
    for _ in range(rounds if len(stroke) > 2 else 0):
        near, far = 0.75 * stroke[:-1] + 0.25 * stroke[1:], 0.25 * stroke[:-1] + 0.75 * stroke[1:]
        inner = np.stack([near, far], 1).reshape(-1, 2)[1:-1]
        stroke = np.concatenate([stroke[:1], inner, stroke[-1:]])
    return stroke


def resample(stroke: np.ndarray, step: float) -> np.ndarray:
    """Points every `step` along a polyline, both ends included: a pen read at another rate."""
    length = _along(stroke)[-1]
    return spaced(stroke, max(2, math.ceil(length / step) + 1)) if length else stroke[:1]


def spaced(stroke: np.ndarray, count: int) -> np.ndarray:
    """`count` points along a polyline, both ends included, as far from each other everywhere."""
    along = _along(stroke)
    at = np.linspace(0, along[-1], count)
    return np.array([np.interp(at, along, axis) for axis in stroke.T]).T


def _along(stroke: np.ndarray) -> np.ndarray:
    """How long the polyline is up to each of its points."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])


def bounds(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Left and top, and width and height of an ink, the last two above 0."""
    points = np.concatenate(strokes)
    return points.min(0), np.maximum(np.ptp(points, axis=0), 1e-6)


def wobble(stroke: np.ndarray, amount: float, wavelength: float, rng: np.random.Generator) -> np.ndarray:
    """Moves the points by smooth noise of standard deviation `amount`: an unsteady hand, not static."""
    length = float(np.hypot(*np.diff(stroke, axis=0).T).sum())
    knots = rng.normal(0, amount, (max(2, round(length / wavelength) + 2), 2))
    at, places = np.linspace(0, len(knots) - 1, len(stroke)), np.arange(len(knots))
    noise = [np.interp(at, places, axis) for axis in knots.T]
    return stroke + np.array(noise).T


def shear_and_turn(strokes: Iterable[np.ndarray], slant: float, angle: float, stretch: float) -> Strokes:
    """Slants (x by `slant` per unit of height), stretches in x, and then turns by `angle` radians."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = turn @ np.array([[stretch, -slant], [0.0, 1.0]])
    return [stroke @ matrix.T for stroke in strokes]


def uneven(expression: Ink, rng: np.random.Generator, strength: float = 1.0) -> Strokes:
    """An expression whose symbols differ more in size and sit less well on a line that climbs or sags.

    Where its symbols are not known, only the line changes.
    """
    letter, (low, extent) = letter_height(expression.strokes), bounds(expression.strokes)
    strokes = list(expression.strokes)
    spread = abs(rng.normal(0, 0.06 * strength))
    for _, places in expression.symbols:
        corner, size = bounds([strokes[place] for place in places])
        centre, factor = corner + size / 2, math.exp(rng.normal(0, spread))
        shift = rng.normal(0, 0.6 * spread, 2) * min(letter, float(size.max()))
        for place in places:
            strokes[place] = (strokes[place] - centre) * factor + centre + shift
    sag = letter * rng.normal(0, 0.12 * strength)  # how far the middle of the line hangs down
    if extent[0] < 2 * letter:
        return strokes

    def drop(stroke: np.ndarray) -> np.ndarray:
        along = 2 * (stroke[:, 0] - low[0]) / extent[0] - 1
        return stroke + np.stack([np.zeros_like(along), sag * (1 - along**2)], 1)

    return [drop(stroke) for stroke in strokes]


def vary(strokes: Strokes, rng: np.random.Generator, strength: float = 1.0) -> Strokes:
    """The same writing by a slightly other hand: still the same formula.

    Args:
        strokes: the ink, in any unit.
        rng: the source of all chance; the same state gives the same ink.
        strength: 0 leaves the ink as it is, 1 is about the spread between writers.

    Returns:
        new strokes in the same unit, as many as before; the given ones are not changed.
    """
    if strength <= 0:
        return [stroke.copy() for stroke in strokes]
    letter = letter_height(strokes)
    strokes = [smooth(stroke) for stroke in strokes] if rng.random() < 0.8 else strokes
    slant, angle, stretch = rng.normal(0, (0.12 * strength, 0.025 * strength, 0.1 * strength))
    strokes = shear_and_turn(strokes, slant, angle, math.exp(stretch))
    # A mouse or a slow browser gives few points: 4 to 25 a letter height.
    step = letter / (rng.uniform(8, 25) if rng.random() < 0.75 else rng.uniform(4, 8))
    tremble = letter * abs(rng.normal(0, 0.015 * strength))
    loss = rng.choice([0.0, 0.05, 0.15], p=[0.7, 0.2, 0.1]) * strength
    return [_vary_stroke(stroke, rng, letter, step, tremble, loss, strength) for stroke in strokes]


def _vary_stroke(
    stroke: np.ndarray,
    rng: np.random.Generator,
    letter: float,
    step: float,
    tremble: float,
    loss: float,
    strength: float,
) -> np.ndarray:
    # Turning points of a small stroke must survive, so its step is finer.
    low, high = stroke.min(0), stroke.max(0)
    extent = float((high - low).max())
    stroke = resample(stroke, max(min(step, extent / 6), letter / 40))
    stroke = wobble(stroke, tremble, letter / 2, rng)
    centre = (low + high) / 2
    size = np.exp(rng.normal(0, 0.03 * strength, 2))
    # A long stroke (a bar, a root) keeps its place; letters sit a little off it.
    shift = rng.normal(0, 0.02 * strength * min(letter, extent + letter / 4), 2)
    stroke = (stroke - centre) * size + centre + shift
    if not loss:
        return stroke
    kept = rng.random(len(stroke)) >= loss
    kept[[0, -1]] = True
    return stroke[kept]


def held_out_files(folder: Path) -> list[Path]:
    """The files of val and test in an ink folder."""
    return [folder / name for split in ("val", "test") for name in SPLITS[split] if (folder / name).exists()]
