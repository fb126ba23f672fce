"""Files that appear whole or not at all: nobody ever reads half of one, even after a crash."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yields the name of a draft to write; without an error it then replaces `path` in one step, else it is removed.

    The draft lies beside `path`, whose folder is made if it is missing. A killed process leaves it behind,
    under a hidden name that ends with `.part`.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "notes.txt"
    >>> with replacing(path) as draft:
    ...     _ = draft.write_text("whole")
    >>> path.read_text()
    'whole'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def remove_drafts(folder: Path) -> None:
    """Removes drafts of killed processes in a folder and below it; no other process may be writing there."""
    for draft in folder.rglob(".*.part"):
        draft.unlink()
