r"""Trains a checkpoint.

    python train.py                                   # on formulas the project makes itself
    python train.py --data shards/train --val shards/val --out runs/mine --max-epochs 5 --batch-size 16 --device cuda
    python train.py --recipe math --data-root shards --init checkpoints/math
    python train.py --out runs/mine --resume          # goes on after a stop, whenever it came
    torchrun --nproc_per_node=2 train.py              # on several GPUs
    torchrun --nproc_per_node=2 train.py --threads 1 --local-seconds 25     # or with a process for each core of a CPU
    tensorboard --logdir runs

A run is a folder: `state.pt` (everything needed to go on), `config.json` and `model.safetensors` (the averaged weights
that scored best, as a checkpoint, ready for `Recognizer.from_pretrained`), the folder `last` (the same at the last
validation), and TensorBoard's events. `python -m img2latex.training.average` makes one checkpoint of several.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from img2latex.config import TrainConfig
from img2latex.training.loop import SETTINGS, train
from img2latex.training.run import start_processes


def main(arguments: list[str] | None = None) -> int:
    config, resume = parse(arguments)
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    out = Path(config.out)
    try:
        start_processes(config.device)
        out.mkdir(parents=True, exist_ok=True)
        train(config, out, resume)
    except (ValueError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntrain.py: stopped; --resume goes on from the last saved state", file=sys.stderr)
        return 130
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
    return 0


def parse(arguments: list[str] | None = None) -> tuple[TrainConfig, bool]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resume", action="store_true", help="go on from the state in --out")
    simple = {"int": int, "float": float, "str": str, "str | None": str, "float | None": float, "int | None": int}
    for field in dataclasses.fields(TrainConfig):
        flag = "--" + field.name.replace("_", "-")
        if field.type == "list[str]":
            metavar = "TOKEN" if field.name == "new_tokens" else "FOLDER[=WEIGHT]"
            parser.add_argument(flag, nargs="+", default=[], metavar=metavar)
        elif field.type in simple:
            parser.add_argument(flag, type=simple[field.type], default=field.default, help=f"default {field.default}")
        elif "bool" in field.type:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default)
        elif field.name == "curriculum":
            parser.add_argument(flag, type=json.loads, default=field.default, metavar="[[SHARE, TOKENS], ...]")
    values = parser.parse_args(arguments)
    if values.resume:  # what is not told anew stays as it was
        parser.set_defaults(**settings_of(Path(values.out)))
        values = parser.parse_args(arguments)
    values = vars(values)
    resume = values.pop("resume")
    return TrainConfig(**values), resume


def settings_of(out: Path) -> dict:
    """The settings that a run was started with, as far as this version knows them."""
    try:
        saved = json.loads((out / SETTINGS).read_text())
    except (OSError, ValueError):
        return {}
    return {field.name: saved[field.name] for field in dataclasses.fields(TrainConfig) if field.name in saved}


if __name__ == "__main__":
    sys.exit(main())
