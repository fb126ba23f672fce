r"""Calibrates a checkpoint on validation pictures: what tells handwriting from print, and the confidence in either.

    python -m img2latex.scoring.calibrate runs/mine --shards shards/val --handwritten shards/ink --out checkpoints/math

Confidence is a logistic regression (Platt 1999) on the values of `recognizer.evidence`, so that of results with
confidence 0.9, nine in ten are exactly right. The product of the token probabilities is not enough: it is too low for
long formulas, where many small doubts add up, and too high for short handwritten ones. Handwriting (`--handwritten`)
has a curve of its own: of readings of the same probabilities less is right. Another logistic regression tells it from
print, by what `Engine.summary` makes of a picture. A model that was trained with `train.py --backwards` becomes part of
the checkpoint with `--backwards RUN`: it helps to choose among candidates, for handwriting's curve too.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from img2latex.config import ModelConfig
from img2latex.picture import images
from img2latex.reader import checkpoints
from img2latex.reader.pool import Engine
from img2latex.reader.recognizer import HANDWRITTEN_ABOVE, Recognizer, evidence
from img2latex.scoring.evaluation import Example, from_shards, predicted, read_all
from img2latex.scoring.metrics import calibration_error

Tensors = Mapping[str, np.ndarray]
UNCALIBRATED = {"temperature": 1.0, "calibration": ModelConfig.calibration}
UNCALIBRATED |= {"calibration_handwriting": (), "handwriting": (), "dropout": 0.0}
PULL = 0.05  # towards the product of the probabilities, which a few pictures should not outweigh
STEPS = 50
EVEN, LEAST = 10.0, 1e-3  # pull of the weights that tell handwriting towards 0; added to their values' spread
MOST = 1200  # pictures of either kind, enough to tell them apart


def regression(x: np.ndarray, right: np.ndarray, neutral: np.ndarray, pull: float) -> np.ndarray:
    """Weights K of a logistic regression: maximum likelihood, regularized towards neutral ones.

    Args:
        x: N x K.
        right: 0 or 1, N.
        pull: by which the squared distances from `neutral`, K, count.
    """
    weights = neutral.astype(np.float64)

    def loss(weights: np.ndarray) -> float:
        odds = x @ weights
        return float((np.logaddexp(0, odds) - right * odds).sum() + pull * ((weights - neutral) ** 2).sum())

    for _ in range(STEPS):  # Newton's, which converge within ten: it is convex
        sure = 1 / (1 + np.exp(-np.clip(x @ weights, -500, 500)))
        slope = x.T @ (sure - right) + 2 * pull * (weights - neutral)
        bend = (x.T * (sure * (1 - sure))) @ x + 2 * pull * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > 1e-12:
            step = step / 2
        weights = weights - step
    return weights


def fit(found: np.ndarray, right: np.ndarray) -> tuple[float, ...]:
    """A curve of `ModelConfig`, regularized towards the product of the probabilities.

    Args:
        found: N x 4, the `evidence` of each.
        right: whether each was exactly right, N.
    """
    found, right = np.asarray(found, np.float64), np.asarray(right, np.float64)
    every, offset, weakest, length = regression(found, right, np.array(ModelConfig.calibration), PULL).tolist()
    return max(every, 0.01), offset, max(weakest, 0.0), length  # a surer token never makes a reading less sure


def told_apart(engine: Engine, printed: Sequence[Example], handwritten: Sequence[Example]) -> tuple[float, ...]:
    """`ModelConfig.handwriting`: the weights of a picture's summary, and a bias."""
    few = [kind[:: -(-len(kind) // MOST)] for kind in (printed, handwritten)]
    by_hand = np.repeat((0.0, 1.0), [len(kind) for kind in few])
    shown = (images.prepare_for(engine.config, example.picture) for kind in few for example in kind)
    x = np.array([engine.summary(engine.encode(picture)) for picture in shown], np.float64)
    mean, spread = x.mean(0), x.std(0) + LEAST
    x = np.column_stack(((x - mean) / spread, np.ones(len(x))))
    found = regression(x, by_hand, np.zeros(x.shape[1]), EVEN)
    right = (x @ found > HANDWRITTEN_ABOVE) == by_hand
    print(f"{len(x)} pictures; {right.mean():.4f} are rightly called printed or handwritten")
    weights = found[:-1] / spread
    return *(round(weight, 5) for weight in weights.tolist()), round(float(found[-1] - weights @ mean), 5)


def fitted(reader: Recognizer, chosen: list[Example], handwritten: bool) -> tuple[float, ...]:
    """The curve for pictures of either kind, read as the app reads it; prints how far off confidence was and is now."""
    results, _ = read_all(reader, chosen, batch_size=16, handwritten=handwritten)
    right = np.array([predicted(r, e.label) == e.label for r, e in zip(results, chosen, strict=True)], float)
    found = np.array([evidence(r.probabilities, r.share if handwritten else None) for r in results])
    weights = fit(found, right)
    before, after = (calibration_error(1 / (1 + np.exp(-found @ w)), right) for w in (ModelConfig.calibration, weights))
    print(f"{len(chosen)} pictures, {right.mean():.3f} exact; ECE {before:.4f} before, {after:.4f} after")
    return weights


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.scoring.calibrate", description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", help="name, folder or ORG/NAME")
    parser.add_argument("--shards", nargs="+", type=Path, required=True, help="validation shards of printed formulas")
    parser.add_argument("--handwritten", nargs="+", type=Path, default=[], help="and of handwritten ones")
    parser.add_argument("--backwards", help="a checkpoint that reads backwards: name, folder or ORG/NAME")
    parser.add_argument("--out", type=Path, required=True, help="folder for the calibrated checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        config, *weights = joined(options.checkpoint, options.backwards)
        with tempfile.TemporaryDirectory() as folder:
            checkpoints.write(config, weights[0], folder, weights[1])
            reader = Recognizer.from_pretrained(folder, threads=options.threads, handwriting=None)
        printed, handwritten = ([*pictures(folders)] for folders in (options.shards, options.handwritten))
        found = {"calibration": fitted(reader, printed, handwritten=False)}
        found |= {"calibration_handwriting": (), "handwriting": ()}
        if handwritten:
            found["handwriting"] = told_apart(reader.engine, printed, handwritten)
            found["calibration_handwriting"] = fitted(reader, handwritten, handwritten=True)
    except (ValueError, OSError) as error:
        print(f"calibrate: {error}", file=sys.stderr)
        return 1
    checkpoints.write(dataclasses.replace(config, **found), weights[0], options.out, weights[1])
    return 0


def joined(checkpoint: str, backwards: str | None) -> tuple[ModelConfig, Tensors, Tensors | None]:
    """A checkpoint's config and weights, and those of the model beside it that reads backwards: another, or its own.

    Raises:
        ValueError: the other one does not read backwards, or has another vocabulary or build.
    """
    config, tensors = checkpoints.read(checkpoint)
    if backwards:
        other, turned = checkpoints.read(backwards)
        expected = dataclasses.replace(config, direction="backwards", **UNCALIBRATED)
        if dataclasses.replace(other, **UNCALIBRATED) != expected:
            raise ValueError(f"{backwards} is not a model like {checkpoint} that was trained backwards")
        return dataclasses.replace(config, direction="both"), tensors, turned
    has_both = config.direction == "both"
    return config, tensors, checkpoints.read(checkpoint, weights=checkpoints.BACKWARDS)[1] if has_both else None


def pictures(folders: list[Path]) -> list[Example]:
    """The pictures of shards.

    Raises:
        ValueError: there are none in one of them.
    """
    found = []
    for folder in folders:
        inside = [*from_shards(folder)]
        if not inside:
            raise ValueError(f"there are no pictures in these shards: {folder}")
        found += inside
    return found


if __name__ == "__main__":
    sys.exit(main())
