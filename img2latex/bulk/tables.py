"""The Parquet tables of a run, written part by part; a later run finds in them what is done.

A part is a file of the same name in three folders. The one in `pages` is written last: without it the part is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from img2latex.files.atomic import remove_drafts, replacing

_SOURCE = [("source", pa.string()), ("page", pa.int32())]  # the number of a PDF's page; null of a picture
FORMULAS = pa.schema([
    *_SOURCE, ("box", pa.list_(pa.int32(), 4)),  # left, top, right, bottom in px of the page's picture
    ("kind", pa.string()), ("latex", pa.string()), ("tag", pa.string()), ("confidence", pa.float64()),
    ("warning", pa.string()),
])  # fmt: skip
PAGES = pa.schema([*_SOURCE, ("width", pa.int32()), ("height", pa.int32()), ("formulas", pa.int32()),
                   ("warning", pa.string())])  # fmt: skip
BAD = pa.schema([*_SOURCE, ("reason", pa.string())])
TABLES = {"formulas": FORMULAS, "bad": BAD, "pages": PAGES}  # in the order in which they are written
SETTINGS = "settings.json"


class Done:
    """Pages that earlier runs have read or failed to read: hashes of source and number, 8 bytes each."""

    def __init__(self, keys: Iterable[tuple[str, int]] = ()):
        self._known = np.unique(np.array([_short(key) for key in keys], np.uint64))

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, key: tuple[str, int]) -> bool:
        short = np.uint64(_short(key))
        place = int(np.searchsorted(self._known, short))
        return place < len(self) and self._known[place] == short


def _short(key: tuple[str, int]) -> int:
    return int.from_bytes(blake2b(f"{key[0]}\0{key[1]}".encode(), digest_size=8).digest(), "little")


class Tables:
    """The tables in a folder; what a killed run left half done is removed.

    Args:
        settings: with which all rows of the tables must have been read.

    Raises:
        ValueError: rows there were read with other settings.
    """

    def __init__(self, folder: Path, settings: dict):
        self.folder = folder
        kept = folder / SETTINGS
        if kept.exists() and json.loads(kept.read_text()) != settings:
            raise ValueError(f"{folder} holds what was read otherwise ({kept.read_text()}): name another folder.")
        with replacing(kept) as draft:
            draft.write_text(json.dumps(settings))
        remove_drafts(folder)
        whole = {path.name for path in self._parts("pages")}
        for path in (*self._parts("formulas"), *self._parts("bad")):
            if path.name not in whole:
                path.unlink()
        self._next = 1 + max((int(name.split(".")[0].rpartition("-")[2]) for name in whole), default=-1)

    def _parts(self, table: str) -> list[Path]:
        return sorted((self.folder / table).glob("part-*.parquet"))

    def done(self) -> Done:
        """The pages in the tables."""
        parts = (*self._parts("pages"), *self._parts("bad"))
        parts_read = (pq.read_table(path, columns=["source", "page"]).to_pylist() for path in parts)
        return Done((row["source"], row["page"] or 0) for rows in parts_read for row in rows)

    def count(self, table: str) -> int:
        """Rows of a table."""
        return sum(pq.read_metadata(path).num_rows for path in self._parts(table))

    def add(self, rows: dict[str, Sequence[dict]]) -> None:
        """Writes a part: the rows of each table, possibly none."""
        name = f"part-{self._next:08d}.parquet"
        for table, schema in TABLES.items():
            if rows[table] or table == "pages":
                with replacing(self.folder / table / name) as draft:
                    pq.write_table(pa.Table.from_pylist(rows[table], schema), draft)
        self._next += 1
