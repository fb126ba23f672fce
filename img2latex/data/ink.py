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
from collections.abc import Iterator, Sequence
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
    low, high = _corners(*joined(strokes))
    extents = high - low
    largest = float(extents.max())
    upright = extents[(extents[:, 1] > extents[:, 0] / 3) & (extents[:, 1] > largest / 50), 1]
    if not len(upright):
        return largest or 1.0
    # np.percentile(upright, 60), which takes twenty times as long.
    return float(np.interp(0.6 * (len(upright) - 1), np.arange(len(upright)), np.sort(upright)))


def joined(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """All points of an ink (N, 2), and how many of them each stroke has (S,): all strokes are moved at once."""
    return np.concatenate(strokes), np.fromiter(map(len, strokes), int, len(strokes))


def parted(points: np.ndarray, counts: np.ndarray) -> Strokes:
    """The strokes that `joined` put together."""
    return [points[a:b] for a, b in itertools.pairwise([0, *np.cumsum(counts).tolist()])]


def smooth(stroke: np.ndarray, rounds: int = 2) -> np.ndarray:
    """Rounds a polyline by Chaikin's corner cutting; both ends stay where they are."""
    return _smoothed(stroke, np.array([len(stroke)]), rounds)[0]


def _smoothed(points: np.ndarray, counts: np.ndarray, rounds: int = 2) -> tuple[np.ndarray, np.ndarray]:
    for _ in range(rounds):
        first, last = _ends(counts)
        inside = np.ones(len(points), bool)
        inside[last] = False
        inside = np.flatnonzero(inside)  # where a line begins that does not lead to the next stroke
        begin, end = points[inside], points[inside + 1]
        counts = np.maximum(2 * (counts - 1), 1)
        new_first, new_last = _ends(counts)
        cut = np.empty((int(counts.sum()), 2), points.dtype)
        rows = np.ones(len(cut), bool)
        rows[new_first[counts == 1]] = False
        cut[rows] = np.stack([0.75 * begin + 0.25 * end, 0.25 * begin + 0.75 * end], 1).reshape(-1, 2)
        cut[new_first], cut[new_last] = points[first], points[last]
        points = cut
    return points, counts


def resample(stroke: np.ndarray, step: float) -> np.ndarray:
    """Points every `step` along a polyline, both ends included: a pen read at another rate."""
    return _resampled(stroke, np.array([len(stroke)]), np.array([step]))[0]


def _resampled(points: np.ndarray, counts: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, last = _ends(counts)
    gaps = np.hypot(*np.diff(points, axis=0).T).astype(float)
    gaps[last[:-1]] = steps[:-1]  # from stroke to stroke: anything that keeps them apart
    along = np.concatenate([[0.0], np.cumsum(gaps)])
    lengths = along[last] - along[first]
    counts = np.where(lengths > 0, np.maximum(2, np.ceil(lengths / steps) + 1), 1).astype(int)
    at = np.repeat(along[first], counts) + _shares(counts) * np.repeat(lengths, counts)
    spaced = np.stack([np.interp(at, along, axis) for axis in points.T], 1)
    new_first, new_last = _ends(counts)
    spaced[new_first], spaced[new_last] = points[first], points[last]
    return spaced, counts


def _ends(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the first and the last point of each stroke are among all points."""
    after = np.cumsum(counts)
    return after - counts, after - 1


def _shares(counts: np.ndarray) -> np.ndarray:
    """How far along its stroke each point is, 0 to 1 by number."""
    within = np.arange(counts.sum()) - np.repeat(_ends(counts)[0], counts)
    return within / np.repeat(np.maximum(counts - 1, 1), counts)


def swaying(knots: np.ndarray, knot_counts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Values (N,) for the points of strokes, which go evenly from one of a stroke's knots to the next."""
    at = np.repeat(_ends(knot_counts)[0], counts) + _shares(counts) * np.repeat(knot_counts - 1, counts)
    return np.interp(at, np.arange(len(knots)), knots)


def _corners(points: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Left and top, and right and bottom of each stroke, (S, 2)."""
    first, _ = _ends(counts)
    return np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)


def bounds(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Left and top, and width and height of an ink, the last two above 0."""
    points = np.concatenate(strokes)
    return points.min(0), np.maximum(np.ptp(points, axis=0), 1e-6)


def wobble(stroke: np.ndarray, amount: float, wavelength: float, rng: np.random.Generator) -> np.ndarray:
    """Moves the points by smooth noise of standard deviation `amount`: an unsteady hand, not static."""
    return _wobbled(stroke, np.array([len(stroke)]), amount, wavelength, rng)


def _wobbled(
    points: np.ndarray, counts: np.ndarray, amount: float, wavelength: float, rng: np.random.Generator
) -> np.ndarray:
    gaps = np.hypot(*np.diff(points, axis=0, append=points[-1:]).T)
    first, last = _ends(counts)
    gaps[last] = 0
    knot_counts = np.maximum(2, np.round(np.add.reduceat(gaps, first) / wavelength).astype(int) + 2)
    knots = rng.normal(0, amount, (2, knot_counts.sum()))
    return points + np.stack([swaying(axis, knot_counts, counts) for axis in knots], 1)


def shear_and_turn(slant: float, angle: float, stretch: float) -> np.ndarray:
    """The matrix that slants (x by `slant` per unit of height), stretches in x, and then turns by `angle` radians."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return turn @ np.array([[stretch, -slant], [0.0, 1.0]])


def uneven(expression: Ink, rng: np.random.Generator, strength: float = 1.0) -> Strokes:
    """An expression whose symbols differ more in size and sit less well on a line that climbs or sags.

    Where its symbols are not known, only the line changes.
    """
    points, counts = joined(expression.strokes)
    low, high = _corners(points, counts)
    letter, spread = letter_height(expression.strokes), abs(rng.normal(0, 0.06 * strength))
    factors, shifts = np.ones((len(counts), 1)), np.zeros((len(counts), 2))
    if expression.symbols:
        places = np.concatenate([places for _, places in expression.symbols])
        sizes = np.array([len(places) for _, places in expression.symbols])  # in strokes
        first, _ = _ends(sizes)
        corner, far = np.minimum.reduceat(low[places], first), np.maximum.reduceat(high[places], first)
        factor = np.exp(rng.normal(0, spread, (len(sizes), 1)))
        shift = rng.normal(0, 0.6 * spread, corner.shape) * np.minimum(letter, (far - corner).max(1))[:, None]
        shift += (corner + far) / 2 * (1 - factor)  # it grows about its middle
        factors[places], shifts[places] = np.repeat(factor, sizes, axis=0), np.repeat(shift, sizes, axis=0)
    points = points * np.repeat(factors, counts, axis=0) + np.repeat(shifts, counts, axis=0)
    left, right = low[:, 0].min(), high[:, 0].max()
    sag = letter * rng.normal(0, 0.12 * strength)  # how far the middle of the line hangs down
    if right - left >= 2 * letter:
        points[:, 1] += sag * (1 - (2 * (points[:, 0] - left) / (right - left) - 1) ** 2)
    return parted(points, counts)


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
    points, counts = joined(strokes)
    if rng.random() < 0.8:
        points, counts = _smoothed(points, counts)
    slant, angle, stretch = rng.normal(0, (0.12 * strength, 0.025 * strength, 0.1 * strength))
    points = points @ shear_and_turn(slant, angle, math.exp(stretch)).T
    # A mouse or a slow browser gives few points: 4 to 25 a letter height.
    step = letter / (rng.uniform(8, 25) if rng.random() < 0.75 else rng.uniform(4, 8))
    low, high = _corners(points, counts)
    extents = (high - low).max(1)
    # Turning points of a small stroke must survive, so its step is finer.
    points, counts = _resampled(points, counts, np.maximum(np.minimum(step, extents / 6), letter / 40))
    points = _wobbled(points, counts, letter * abs(rng.normal(0, 0.015 * strength)), letter / 2, rng)
    sizes = np.exp(rng.normal(0, 0.03 * strength, low.shape))
    # A long stroke (a bar, a root) keeps its place; letters sit a little off it.
    shifts = rng.normal(0, 0.02 * strength, low.shape) * np.minimum(letter, extents + letter / 4)[:, None]
    shifts += (low + high) / 2 * (1 - sizes)
    points = points * np.repeat(sizes, counts, axis=0) + np.repeat(shifts, counts, axis=0)
    loss = (0.0, 0.05, 0.15)[np.searchsorted((0.7, 0.9), rng.random())] * strength
    return parted(*_with_losses(points, counts, loss, rng)) if loss else parted(points, counts)


def _with_losses(
    points: np.ndarray, counts: np.ndarray, loss: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Without a share `loss` of the points between the ends."""
    first, last = _ends(counts)
    kept = rng.random(len(points)) >= loss
    kept[first] = kept[last] = True
    return points[kept], np.add.reduceat(kept, first, dtype=int)


def held_out_files(folder: Path) -> list[Path]:
    """The files of val and test in an ink folder."""
    return [folder / name for split in ("val", "test") for name in SPLITS[split] if (folder / name).exists()]
