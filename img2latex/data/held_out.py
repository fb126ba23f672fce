"""Labels that no training data may hold: those of val and test, whichever file they stand in."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from img2latex.latex import normalize

csv.field_size_limit(1 << 24)

TRAINING = ("train", "train_extra")


def read_table(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a table (plain or .gz) with at least the columns split, source and latex.

    Raises:
        ValueError: it lacks one of them.
    """
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = {"split", "source", "latex"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
        yield from rows


def read_strokes(path: Path) -> Iterator[dict]:
    """Rows of a `.jsonl.gz` of handwriting, with at least split and latex."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def label(latex: str) -> str | None:
    """The canonical spelling; None where there is none."""
    try:
        return normalize(latex)
    except ValueError:
        return None


def labels(paths: Iterable[Path]) -> set[str]:
    """Canonical labels of all rows that are not for training, of tables and of `.jsonl.gz` files of strokes."""
    found: set[str | None] = set()
    for path in paths:
        rows = read_strokes(path) if path.name.endswith(".jsonl.gz") else read_table(path)
        found.update(label(row["latex"]) for row in rows if row["split"] not in TRAINING)
    return found - {None}
