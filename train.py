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
import inspect
import json
import re
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from img2latex.config import TrainConfig
from img2latex.data import recipes
from img2latex.training.loop import SETTINGS, train
from img2latex.training.run import start_processes


def main(arguments: list[str] | None = None) -> int:
    try:
        config, resume = parse(arguments)
        torch.set_num_threads(config.threads)
        torch.manual_seed(config.seed)
        out = Path(config.out)
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
    """The settings of a run, and whether it is resumed; a resumed run keeps its own where the command names none.

    Raises:
        ValueError: options that contradict each other or the resumed run.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     argument_default=argparse.SUPPRESS)  # fmt: skip
    parser.add_argument("--resume", action="store_true", default=False, help="go on from the state in --out")
    simple = {"int": int, "float": float, "str": str, "str | None": str, "float | None": float, "int | None": int}
    comments = dict(re.findall(r"^    (\w+): .*# (.+)$", inspect.getsource(TrainConfig), re.MULTILINE))
    for field in dataclasses.fields(TrainConfig):
        name, about = flag(field.name), comments.get(field.name, "")
        if field.type == "list[str]":
            metavar = "TOKEN" if field.name == "new_tokens" else "FOLDER[=WEIGHT]"
            parser.add_argument(name, nargs="+", metavar=metavar, help=about)
        elif field.type in simple:
            about = "; ".join(filter(None, [about, f"default {field.default}"]))
            parser.add_argument(name, type=simple[field.type], help=about)
        elif "bool" in field.type:
            parser.add_argument(name, action=argparse.BooleanOptionalAction, help=about)
        elif field.name == "curriculum":
            parser.add_argument(name, type=json.loads, metavar="[[SHARE, TOKENS], ...]",
                                help="longest label until each share of the run is done")  # fmt: skip
    given = vars(parser.parse_args(arguments))
    resume = given.pop("resume")
    saved = settings_of(Path(given.get("out", TrainConfig.out))) if resume else {}
    check(given, saved, resume)
    if "max_epochs" in given:
        saved.pop("minutes", None)  # a run by the clock goes on by epochs
    return TrainConfig(**{**saved, **given}), resume


FIXED = ("data", "recipe", "data_root", "init", "new_tokens", "d_model", "num_layers", "letter_height",
         "thickest_stroke", "column_stride", "dropout", "backwards")  # from a run's start to its end  # fmt: skip
EXCLUSIVE = (  # one of each pair would be ignored
    ("recipe", "data"), ("minutes", "max_epochs"), ("init", "d_model"), ("init", "num_layers"),
)  # fmt: skip
# option -> the one it needs
NEEDED = {"data_root": "recipe", "new_tokens": "init", "freeze_stem": "init", "freeze_trunk": "init"}


def check(given: dict, saved: dict, resume: bool) -> None:
    """Raises ValueError for an option that would be ignored, also because of a resumed run's settings."""
    if "recipe" in given:
        recipes.check_name(given["recipe"])
    for name in FIXED if resume else ():
        if name in given and given[name] != saved.get(name, given[name]):
            raise ValueError(f"a resumed run keeps the {flag(name)} that it was started with ({saved[name]}): "
                             "for another one, start a new run with --init")  # fmt: skip
    for one, other in EXCLUSIVE:
        if one in given and other in given:
            raise ValueError(f"{flag(one)} and {flag(other)} exclude each other")
    for name, needed in NEEDED.items():
        if given.get(name) and needed not in given and not saved.get(needed):
            raise ValueError(f"{flag(name)} needs {flag(needed)}")


def flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def settings_of(out: Path) -> dict:
    """The settings that a run was started with, as far as this version knows them."""
    try:
        saved = json.loads((out / SETTINGS).read_text())
    except (OSError, ValueError):
        return {}
    return {field.name: saved[field.name] for field in dataclasses.fields(TrainConfig) if field.name in saved}


if __name__ == "__main__":
    sys.exit(main())
