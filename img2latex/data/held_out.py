"""Labels that no training data may hold: those of val and test, in any spelling and whichever file they stand in."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from img2latex.latex import normalize, unnumbered

csv.field_size_limit(1 << 24)

TRAINING = ("train", "train_extra")


def read_table(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a table (plain or .gz) with at least the columns split, source and latex.

    Raises:
        ValueError: it lacks one of them, a row is too short, or the file is damaged.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = {"split", "source", "latex"} - set(rows.fieldnames or ())
            if missing:
                raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
            for row in rows:
                if None in row.values():
                    raise ValueError(f"{path}, line {rows.line_num} has fewer columns than the header")
                yield row
    except (csv.Error, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise ValueError(f"{path} cannot be read as a table: {error}") from None


def read_strokes(path: Path) -> Iterator[dict]:
    """Rows of a `.jsonl.gz` file of handwriting, with at least split and latex.

    Raises:
        ValueError: a line is no such row, or the file is damaged.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if not {"split", "latex"} <= row.keys():
                    raise ValueError("a row without split and latex")
                yield row
    except (AttributeError, EOFError, ValueError, zlib.error) as error:
        raise ValueError(f"{path} cannot be read as handwriting: {error}") from None


def label(latex: str, ending: bool = False, numbered: bool = False) -> str | None:
    """The canonical spelling, with the sentence's comma or full stop if `ending`; None if it cannot be parsed.

    It has the equation's number only if `numbered`, for pictures that show it.
    """
    try:
        spelled = normalize(latex, ending)
    except ValueError:
        return None
    return spelled if numbered else unnumbered(spelled)


def labels(paths: Iterable[Path]) -> set[str]:
    """Canonical labels of all rows that are not for training, of tables and of `.jsonl.gz` files of handwriting.

    Raises:
        OSError: a file cannot be opened.
        ValueError: see `read_table` and `read_strokes`.
    """
    found: set[str | None] = set()
    for path in paths:
        rows = read_strokes(path) if path.name.endswith(".jsonl.gz") else read_table(path)
        found.update(label(row["latex"]) for row in rows if row["split"] not in TRAINING)
    return found - {None}
