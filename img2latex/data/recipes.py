"""What each checkpoint is trained on: folders of shards below one data root, with their shares of the batches.

`docs/data.md` says how each folder is made. In `train.py` and `preview.py`: `--recipe NAME --data-root DIR`.
"""

from __future__ import annotations

from pathlib import Path

RECIPES: dict[str, dict[str, float]] = {
    # From nothing: printed and handwritten formulas of all kinds.
    "base": {"math": 0.60, "biology": 0.12, "ink": 0.12, "composed": 0.09, "docs": 0.03, "none": 0.01},
    # From base: mathematics as papers, web pages and hands write it, and enough biology not to forget it.
    "math": {"math": 0.54, "web": 0.16, "biology": 0.06, "ink": 0.11, "composed": 0.09, "docs": 0.03, "none": 0.01},
    # From base: biology first; mathematics keeps what biology shares with it (statistics, kinetics) in shape.
    "biology": {"biology": 0.52, "math": 0.22, "web": 0.06, "ink": 0.06, "composed": 0.12, "none": 0.01},
}


def sources(name: str, root: Path) -> list[str]:
    """The recipe's folders as `FOLDER=WEIGHT`, which is how `train.py --data` names them.

    Raises:
        ValueError: there is no such recipe, or the root lacks a folder of it.
    """
    if name not in RECIPES:
        raise ValueError(f"there is no recipe {name}, only {', '.join(RECIPES)}")
    missing = [folder for folder in RECIPES[name] if not (root / folder).is_dir()]
    if missing:
        raise ValueError(f"the recipe {name} needs {', '.join(missing)} in {root}: docs/data.md says how they are made")
    return [f"{root / folder}={weight}" for folder, weight in RECIPES[name].items()]
