r"""Calibrates the confidence on validation pictures, and saves the checkpoint with the result.

    python -m img2latex.scoring.calibrate runs/mine --shards shards/val --drawn shards/drawn --out checkpoints/math

Logistic regression (Platt 1999) on the values of `recognizer.evidence`, so that of results with confidence 0.9, nine in
ten are exactly right. The product of the token probabilities is not enough: it is too low for long formulas, where many
small doubts add up, and too high for short handwritten ones. Drawings have a curve of their own (`--drawn`): they
are read at three sizes, and of handwriting of the same probabilities less is right.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np

from img2latex.config import ModelConfig
from img2latex.reader import checkpoints
from img2latex.reader.recognizer import Recognizer, evidence
from img2latex.scoring.evaluation import from_shards, predicted, read_all
from img2latex.scoring.metrics import calibration_error

PULL = 0.05  # strength of the regularization, so that a few pictures do not outweigh the product of the probabilities
STEPS = 50


def fit(found: np.ndarray, right: np.ndarray) -> tuple[float, ...]:
    """`ModelConfig.calibration`: maximum likelihood, regularized towards the product of the probabilities.

    Args:
        found: N x 4, the `evidence` of each.
        right: whether each was exactly right, N.
    """
    x, y = np.asarray(found, np.float64), np.asarray(right, np.float64)
    neutral = curve = np.array(ModelConfig.calibration)

    def loss(curve: np.ndarray) -> float:
        odds = x @ curve
        return float((np.logaddexp(0, odds) - y * odds).sum() + PULL * ((curve - neutral) ** 2).sum())

    for _ in range(STEPS):  # Newton's, which converge within ten: it is convex
        sure = 1 / (1 + np.exp(-np.clip(x @ curve, -500, 500)))
        slope = x.T @ (sure - y) + 2 * PULL * (curve - neutral)
        bend = (x.T * (sure * (1 - sure))) @ x + 2 * PULL * np.eye(len(curve))
        step = np.linalg.solve(bend, slope)
        while loss(curve - step) > loss(curve) and np.abs(step).max() > 1e-12:
            step = step / 2
        curve = curve - step
    every, offset, weakest, length = curve.tolist()
    return max(every, 0.01), offset, max(weakest, 0.0), length  # a surer token never makes a reading less sure


def fitted(reader: Recognizer, folders: list[Path], careful: bool = False) -> tuple[float, ...]:
    """The calibration for the pictures of these shards; prints the calibration error before and after.

    Raises:
        ValueError: there are no pictures in these shards.
    """
    chosen = [example for folder in folders for example in from_shards(folder)]
    if not chosen:
        raise ValueError("there are no pictures in these shards")
    results, _ = read_all(reader, chosen, batch_size=16, careful=careful)
    right = np.array([predicted(r, e.label) == e.label for r, e in zip(results, chosen, strict=True)], float)
    found = np.array([evidence(r.probabilities) for r in results])
    weights = fit(found, right)
    before, after = (calibration_error(1 / (1 + np.exp(-found @ w)), right) for w in (ModelConfig.calibration, weights))
    print(f"{len(chosen)} pictures, {right.mean():.3f} exact; ECE {before:.4f} before, {after:.4f} after")
    return weights


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.scoring.calibrate", description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", help="name, folder or ORG/NAME")
    parser.add_argument("--shards", nargs="+", type=Path, required=True, help="folders of validation shards")
    parser.add_argument("--drawn", nargs="+", type=Path, default=[], help="of drawings, for a curve of their own")
    parser.add_argument("--out", type=Path, required=True, help="folder for the calibrated checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        reader = Recognizer.from_pretrained(options.checkpoint, threads=options.threads)
        curves = {"calibration": fitted(reader, options.shards), "calibration_drawn": ()}
        if options.drawn:
            curves["calibration_drawn"] = fitted(reader, options.drawn, careful=True)
    except (ValueError, OSError) as error:
        print(f"calibrate: {error}", file=sys.stderr)
        return 1
    config, tensors = checkpoints.read(options.checkpoint)
    checkpoints.write(dataclasses.replace(config, **curves), tensors, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
