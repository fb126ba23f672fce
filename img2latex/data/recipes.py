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
    # From base: two fifths handwriting, print in the looks of papers, web pages and worksheets, what lists of formulas
    # hold too seldom, enough biology not to forget it, and pictures that hold no formula.
    "math": {
        "ink/written": 0.16, "ink/exchanged": 0.14, "ink/composed": 0.10, "untidy": 0.14, "math": 0.14, "rare": 0.08,
        "small": 0.05, "layouts": 0.04, "repeating": 0.03, "biology": 0.05, "web": 0.04, "docs": 0.02, "none": 0.01,
    },
    # From math: biology first; mathematics keeps what biology shares with it (statistics, kinetics) in shape.
    "biology": {
        "biology": 0.45, "untidy": 0.12, "math": 0.12, "layouts": 0.04, "web": 0.03, "ink/written": 0.05,
        "ink/exchanged": 0.06, "ink/composed": 0.08, "small": 0.02, "none": 0.03,
    },
    # From math: handwriting, composed of formulas with tokens as often as people are known to write them; enough print
    # that a printed picture taken for handwriting is still read.
    "handwriting": {
        "handwriting/composed": 0.34, "handwriting/written": 0.26, "handwriting/exchanged": 0.20, "untidy": 0.04,
        "math": 0.04, "rare": 0.03, "layouts": 0.03, "repeating": 0.03, "small": 0.01, "biology": 0.01, "none": 0.01,
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
