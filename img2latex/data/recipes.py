"""What each checkpoint is trained on: folders of shards below one data root, with their shares of the batches.

`docs/data.md` says how each folder is made. In `train.py` and `preview.py`: `--recipe NAME --data-root DIR`.
"""

from __future__ import annotations

from pathlib import Path

RECIPES: dict[str, dict[str, float]] = {
    # From nothing: printed and handwritten formulas.
    "base": {"math": 0.74, "biology": 0.14, "ink": 0.12},
    # From base: as papers, web pages and hands write it, what lists hold too seldom, enough biology not to forget it,
    # and what is no formula.
    "math": {
        "math": 0.14, "rare": 0.12, "small": 0.06, "repeating": 0.10, "layouts": 0.12, "web": 0.06, "biology": 0.04,
        "ink": 0.03, "exchanged": 0.23, "composed": 0.04, "docs": 0.05, "none": 0.01,
    },
    # From math: biology first; mathematics keeps what biology shares with it (statistics, kinetics) in shape.
    "biology": {
        "biology": 0.60, "math": 0.15, "layouts": 0.05, "web": 0.04, "ink": 0.05, "composed": 0.05, "none": 0.03,
    },
}


def sources(name: str, root: Path) -> list[str]:
    """The recipe's folders as `FOLDER=WEIGHT`, which is how `train.py --data` names them.

    Raises:
        ValueError: there is no such recipe, or the root lacks a folder of it.
    """
    check_name(name)
    missing = [folder for folder in RECIPES[name] if not (root / folder).is_dir()]
    if missing:
        raise ValueError(f"the recipe {name} needs {', '.join(missing)} in {root}: docs/data.md says how they are made")
    return [f"{root / folder}={weight}" for folder, weight in RECIPES[name].items()]


def check_name(name: str) -> None:
    """Raises ValueError if there is no such recipe."""
    if name not in RECIPES:
        raise ValueError(f"there is no recipe {name}, only {', '.join(RECIPES)}")
