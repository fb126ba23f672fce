"""Strokes -> pictures, as the app's drawing pad would show them.

A *stroke* is an (N, 2) float array of x, y points, y growing downwards, in any unit; an *ink* is a list of strokes.
`vary` moves an ink the way another hand (or the same hand, an hour later) would; `draw` turns it into a picture.

    python -m img2latex.data.ink --ink FOLDER --out DIR --copies 3 --seed 1 --split train

draws the CROHME expressions of a folder of `*.jsonl.gz` files into shards. A label that stands in val or test, of that
folder or of a file given by `--held-out`, is not drawn for train.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import math
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from img2latex.data import held_out
from img2latex.data.shards import Row, write_shard

Strokes = list[np.ndarray]

# Which files of the ink folder make up which of our splits.
SPLITS = {
    "train": ("crohme_train.jsonl.gz", "crohme_train_extra.jsonl.gz"),
    "val": ("crohme_test2013.jsonl.gz",),
    "test": ("crohme_test2014.jsonl.gz",),
}
SUPERSAMPLE = 4  # pictures are drawn this much larger with hard edges: pens then come in steps of half a pixel
FRACTION_BITS = 4  # OpenCV takes fixed-point coordinates
MAX_WIDTH, MAX_HEIGHT = 1600, 1000  # px, of a drawn picture
SHARD_SIZE = 5000  # pictures


class InkError(ValueError):
    """An ink file that can't be read, said in one sentence."""


@dataclass(frozen=True)
class Ink:
    """One handwritten expression or symbol.

    `relative` is (width, height) relative to the median symbol height of the expression it was cut from, or None.
    """

    id: str
    latex: str
    split: str
    strokes: Strokes
    writer: str | None = None
    relative: tuple[float, float] | None = None


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
        relative = tuple(row["rel"]) if row.get("rel") else None
        ink = Ink(row["id"], row["latex"], row.get("split", ""), strokes, row.get("writer"), relative)
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


# --- strokes -> picture -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """How an ink is put on paper: height of a letter and width of the pen, both in px."""

    letter: float = 60.0
    pen_width: float = 4.0


def random_look(rng: np.random.Generator, strength: float = 1.0) -> Look:
    """Letters 40 to 80 px high and a pen of 2 to 7 px at full strength; narrower about the usual ones below it."""
    letter = 60 + rng.uniform(-20, 20) * min(1.0, strength)
    pen = 4 * math.exp(rng.normal(0, 0.3 * min(1.0, strength)))
    return Look(letter, float(np.clip(pen, 2, 7)))


def draw(strokes: Sequence[np.ndarray], look: Look = Look(), *, margin: int = 12) -> np.ndarray:
    """Draws an ink in black on white, with round caps and joins and soft edges, as an HTML canvas does.

    Args:
        strokes: the ink; a stroke of one point (or of zero length) becomes a dot.
        look: the scale and the pen. An ink that would be larger than 1600 x 1000 px is drawn smaller, its pen thinner.
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
    low, extent = points.min(0), np.ptp(points, axis=0)
    wanted = look.letter / letter_height(strokes)
    scale = min(wanted, MAX_WIDTH / max(extent[0], 1e-9), MAX_HEIGHT / max(extent[1], 1e-9))
    pen = max(1.5, look.pen_width * (scale / wanted) ** 0.7)
    border = margin + pen / 2
    width, height = (math.ceil(side) for side in extent * scale + 2 * border)
    canvas = np.full((height * SUPERSAMPLE, width * SUPERSAMPLE), 255, np.uint8)
    thickness = 2 * round((pen * SUPERSAMPLE - 1) / 2)  # OpenCV draws an even one a pixel wider than it says
    for stroke in strokes:
        # In OpenCV a pixel's middle has whole coordinates, on paper its corner has.
        at = ((stroke - low) * scale + border) * SUPERSAMPLE - 0.5
        fixed = np.round(at * (1 << FRACTION_BITS)).astype(np.int32)
        fixed = np.repeat(fixed, 2, axis=0) if len(fixed) == 1 else fixed
        cv2.polylines(canvas, [fixed], False, 0, thickness, cv2.LINE_8, FRACTION_BITS)
    return cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)


# --- the command ------------------------------------------------------------------------------------------------------


def held_out_files(folder: Path) -> list[Path]:
    """The files of val and test in an ink folder."""
    return [folder / name for split in ("val", "test") for name in SPLITS[split] if (folder / name).exists()]


def labelled(inks: Iterable[Ink], kept_out: set[str], left_out: Counter[str]) -> Iterator[tuple[Ink, str]]:
    """Expressions with their labels; those without one or with one of `kept_out` are counted in `left_out`."""
    for ink in inks:
        label = held_out.label(ink.latex)
        if label is None:
            left_out["unreadable"] += 1
        elif label in kept_out:
            left_out["held out"] += 1
        else:
            yield ink, label


def expression_rows(inks: Iterable[tuple[Ink, str]], copies: int, seed: int, strength: float = 1.0) -> Iterator[Row]:
    """Draws each expression `copies` times, each time by another hand, pen and scale (strength 0: plainly, all alike).

    A picture depends on the seed, the expression's id and the copy's number alone, not on what was drawn before it.
    """
    for ink, label in inks:
        for copy in range(copies):
            rng = np.random.default_rng([seed, copy, zlib.crc32(ink.id.encode())])
            look = random_look(rng, strength) if strength > 0 else Look()
            yield Row(draw(vary(ink.strokes, rng, strength), look), f"crohme_{ink.split}", ink.latex, label)


def write_shards(out: Path, stem: str, rows: Iterable[Row], size: int = SHARD_SIZE) -> int:
    """Writes `out/stem-000.zip`, `-001.zip`, ... of at most `size` pictures; returns how many in all."""
    rows, written = iter(rows), 0
    for number in itertools.count():
        head = list(itertools.islice(rows, 1))
        if not head:
            return written
        rest = itertools.islice(rows, size - 1)
        written += write_shard(out / f"{stem}-{number:03d}.zip", itertools.chain(head, rest), origin=stem)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.ink", description=__doc__.split("\n")[0])
    parser.add_argument("--ink", type=Path, required=True, help="folder with crohme_*.jsonl.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for the shards")
    parser.add_argument("--split", choices=SPLITS, default="train", help="val: test 2013; test: test 2014")
    parser.add_argument("--held-out", nargs="+", type=Path, default=[], help="more files whose val and test stay out")
    parser.add_argument("--copies", type=int, default=1, help="pictures of each expression")
    parser.add_argument("--strength", type=float, default=1.0, help="variation; 0 draws the ink as it is")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    try:
        # What is only scored may share labels; what is trained on may share none with it.
        others = [*held_out_files(args.ink), *args.held_out] if args.split == "train" else []
        found = (ink for name in SPLITS[args.split] for ink in read_expressions(args.ink / name))
        inks = list(labelled(found, held_out.labels(others), left_out := Counter()))
    except (OSError, ValueError) as error:
        print(f"ink: {error}", file=sys.stderr)
        return 1
    rows = expression_rows(inks, args.copies, args.seed, args.strength)
    bar = tqdm(rows, total=len(inks) * args.copies, desc=args.split, unit=" pictures", disable=None)
    written = write_shards(args.out, f"ink-{args.split}", bar)
    reasons = ", ".join(f"{count} {why}" for why, count in sorted(left_out.items())) or "none"
    print(f"ink: {written} pictures of {len(inks)} expressions in {args.out}; expressions left out: {reasons}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
