r"""Averages checkpoints that were trained from the same start, weight by weight.

    python -m img2latex.training.average runs/mine/last=3 runs/mine=1 math=1 --out runs/average

The average of weights that were trained differently from one start often reads better than each of them, at the cost of
one model (Wortsman et al. 2022, "Model soups"). The confidence must then be calibrated again:
`python -m img2latex.scoring.calibrate`.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from img2latex.config import ModelConfig
from img2latex.reader import checkpoints

Checkpoint = tuple[ModelConfig, dict[str, np.ndarray]]


def average(read: Sequence[Checkpoint], shares: Sequence[float]) -> Checkpoint:
    """The mean of checkpoints' weights, each counted by its share; the calibration is reset.

    Args:
        read: config and weights of each, as `checkpoints.read` returns them.

    Raises:
        ValueError: a share is not positive, or two checkpoints differ in more than their weights and calibration.
    """
    if not all(share > 0 for share in shares):
        raise ValueError("a share must be more than 0")
    fresh = {name: getattr(ModelConfig, name) for name in ("calibration", "calibration_handwriting", "handwriting")}
    configs = [dataclasses.replace(config, **fresh) for config, _ in read]
    configs = [dataclasses.replace(each, direction=each.direction.replace("both", "forwards")) for each in configs]
    if any(config != configs[0] for config in configs):
        raise ValueError("only checkpoints of the same build and vocabulary can be averaged")
    weights = {
        name: np.average([each[name] for _, each in read], axis=0, weights=shares).astype(first.dtype)
        for name, first in read[0][1].items()
    }
    return configs[0], weights


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m img2latex.training.average", description=__doc__.split("\n")[0])
    parser.add_argument("checkpoints", nargs="+", metavar="CHECKPOINT[=SHARE]", help="name, folder or ORG/NAME")
    parser.add_argument("--out", type=Path, required=True, help="folder for the average")
    options = parser.parse_args(arguments)
    try:
        named = [text.rpartition("=") if "=" in text else (text, "", "1") for text in options.checkpoints]
        read = [checkpoints.read(name) for name, _, _ in named]
        checkpoints.write(*average(read, [_share(share) for _, _, share in named]), options.out)
    except (ValueError, OSError) as error:
        print(f"average: {error}", file=sys.stderr)
        return 1
    print(f"the average of {len(read)} checkpoints is in {options.out}")
    return 0


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number to count a checkpoint by") from None


if __name__ == "__main__":
    sys.exit(main())
