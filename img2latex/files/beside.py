"""Files that the package needs beside its modules: in a clone next to it, in a wheel inside it (see setup.py)."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def beside(name: str) -> Path:
    """The path of `checkpoints`, `examples`, `assets`, `app.py` or `train.py`."""
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name
