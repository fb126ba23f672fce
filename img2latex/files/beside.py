"""What is needed beside the modules: in a clone it lies next to the package, in a wheel inside it (see setup.py)."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def beside(name: str) -> Path:
    """The path of `checkpoints`, `examples`, `assets`, `app.py` or `train.py`."""
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name
