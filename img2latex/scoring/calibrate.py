r"""Calibrates the confidence on validation pictures, and saves the checkpoint with the result.

    python -m img2latex.scoring.calibrate runs/mine --shards shards/val --out checkpoints/math

Logistic regression (Platt 1999) on the values of `recognizer.evidence`, so that of results with confidence 0.9, nine in
ten are exactly right. The product of the token probabilities is not enough: it is too low for long formulas, where many
small doubts add up, and too high for short handwritten ones.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from img2latex.config import ModelConfig
from img2latex.reader import checkpoints
from img2latex.reader.recognizer import Recognizer, evidence
from img2latex.scoring.evaluation import from_shards, predicted, read_all
from img2latex.scoring.metrics import calibration_error


def fit(found: np.ndarray, right: np.ndarray) -> tuple[float, ...]:
    """`ModelConfig.calibration`: maximum likelihood, regularized towards the product of the probabilities.

    Args:
        found: N x 4, the `evidence` of each.
        right: whether each was exactly right, N.
    """
    x, y = (torch.from_numpy(np.asarray(values, np.float64)) for values in (found, right))
    neutral = torch.tensor(ModelConfig.calibration, dtype=torch.float64)
    curve = neutral.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([curve], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ curve, y, reduction="sum")
        value = value + 0.05 * ((curve - neutral) ** 2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    every, offset, weakest, length = curve.tolist()
    return max(every, 0.01), offset, max(weakest, 0.0), length  # a surer token never makes a reading less sure


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.scoring.calibrate", description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", help="name, folder or ORG/NAME")
    parser.add_argument("--shards", nargs="+", type=Path, required=True, help="folders of validation shards")
    parser.add_argument("--out", type=Path, required=True, help="folder for the calibrated checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        reader = Recognizer.from_pretrained(options.checkpoint, threads=options.threads)
        chosen = [example for folder in options.shards for example in from_shards(folder)]
        if not chosen:
            raise ValueError("there are no pictures in these shards")
    except (ValueError, OSError) as error:
        print(f"calibrate: {error}", file=sys.stderr)
        return 1
    results, _ = read_all(reader, chosen, batch_size=16)
    right = np.array([predicted(r, e.label) == e.label for r, e in zip(results, chosen, strict=True)], float)
    found = np.array([evidence(r.probabilities) for r in results])
    weights = fit(found, right)
    before, after = (calibration_error(1 / (1 + np.exp(-found @ w)), right) for w in (ModelConfig.calibration, weights))
    model, config = checkpoints.load(options.checkpoint)
    model.config = dataclasses.replace(config, calibration=weights)
    checkpoints.save(model, options.out)
    print(f"{len(chosen)} pictures, {right.mean():.3f} exact; ECE {before:.4f} before, {after:.4f} after")
    return 0


if __name__ == "__main__":
    sys.exit(main())
