"""What each checkpoint is trained on: folders below one data root, with their shares of the batches.

A folder holds shards, or is `written`, `exchanged` or `composed` in a folder that `data.handwriting` packed.
`runs/math.sh` makes them, `runs/handwriting.sh` its own. `train.py` and `preview.py` take `--recipe` and `--data-root`.
"""

from __future__ import annotations

from pathlib import Path

from img2latex.data.handwriting import MODES

RECIPES: dict[str, dict[str, float]] = {
    # From nothing: printed and handwritten formulas.
    "base": {"math": 0.74, "biology": 0.14, "ink/written": 0.12},
    # From base: print in the looks of papers, web pages and worksheets, what lists of formulas hold too seldom (long
    # repetitions, tables, single symbols), and enough biology and handwriting to tell them.
    "math": {
        "untidy": 0.15, "math": 0.15, "repeating": 0.15, "layouts": 0.13, "symbols": 0.10, "rare": 0.06, "small": 0.05,
        "biology": 0.05, "web": 0.05, "docs": 0.05, "ink/written": 0.03, "ink/composed": 0.02, "none": 0.01,
    },
    # From math: biology first; mathematics keeps what biology shares with it (statistics, kinetics) in shape.
    "biology": {
        "biology": 0.45, "untidy": 0.12, "math": 0.12, "layouts": 0.04, "web": 0.03, "ink/written": 0.05,
        "ink/exchanged": 0.06, "ink/composed": 0.08, "small": 0.02, "none": 0.03,
    },
    # From math: handwriting, composed of formulas with tokens as often as people are known to write them; enough print
    # that a printed picture taken for handwriting is still read.
    "handwriting": {
        "handwriting/composed": 0.32, "handwriting/written": 0.26, "handwriting/exchanged": 0.17,
        "handwriting/alone": 0.10, "math": 0.03, "rare": 0.03, "untidy": 0.02, "layouts": 0.02, "repeating": 0.02,
        "symbols": 0.01, "biology": 0.01, "none": 0.01,
    },
}


def sources(name: str, root: Path) -> list[str]:
    """The recipe's folders as `FOLDER=WEIGHT`, which is how `train.py --data` names them.

    Raises:
        ValueError: there is no such recipe, or the root lacks a folder of it.
    """
    check_name(name)
    missing = [folder for folder in RECIPES[name] if not _is_there(root / folder)]
    if missing:
        lacking = ", ".join(missing)
        raise ValueError(f"the recipe {name} needs {lacking} in {root}: docs/train.md says how they are made")
    return [f"{root / folder}={weight}" for folder, weight in RECIPES[name].items()]


def check_name(name: str) -> None:
    """Raises ValueError if there is no such recipe."""
    if name not in RECIPES:
        raise ValueError(f"there is no recipe {name}, only {', '.join(RECIPES)}")


def _is_there(folder: Path) -> bool:
    return folder.is_dir() or (folder.name in MODES and folder.parent.is_dir())
