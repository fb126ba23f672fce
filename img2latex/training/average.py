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

import torch

from img2latex.config import ModelConfig
from img2latex.reader import checkpoints
from img2latex.reader.model import Img2Latex


def average(models: Sequence[Img2Latex], shares: Sequence[float]) -> Img2Latex:
    """The mean of the models' weights, each counted by its share; the calibration is reset.

    Raises:
        ValueError: a share is not positive, or two models differ in more than their weights and calibration.
    """
    if not all(share > 0 for share in shares):
        raise ValueError("a share must be more than 0")
    fresh = {name: getattr(ModelConfig, name) for name in ("calibration", "calibration_handwriting", "handwriting")}
    configs = [dataclasses.replace(model.config, **fresh) for model in models]
    configs = [dataclasses.replace(each, direction=each.direction.replace("both", "forwards")) for each in configs]
    if any(config != configs[0] for config in configs):
        raise ValueError("only checkpoints of the same build and vocabulary can be averaged")
    result = Img2Latex(configs[0]).eval()
    states = [model.state_dict() for model in models]
    with torch.no_grad():
        for name, tensor in result.state_dict().items():
            parts = [share / sum(shares) * state[name].double() for state, share in zip(states, shares, strict=True)]
            tensor.copy_(sum(parts))
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m img2latex.training.average", description=__doc__.split("\n")[0])
    parser.add_argument("checkpoints", nargs="+", metavar="CHECKPOINT[=SHARE]", help="name, folder or ORG/NAME")
    parser.add_argument("--out", type=Path, required=True, help="folder for the average")
    options = parser.parse_args(arguments)
    try:
        named = [text.rpartition("=") if "=" in text else (text, "", "1") for text in options.checkpoints]
        models = [checkpoints.load(name)[0] for name, _, _ in named]
        checkpoints.save(average(models, [_share(share) for _, _, share in named]), options.out)
    except (ValueError, OSError) as error:
        print(f"average: {error}", file=sys.stderr)
        return 1
    print(f"the average of {len(models)} checkpoints is in {options.out}")
    return 0


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number to count a checkpoint by") from None


if __name__ == "__main__":
    sys.exit(main())
