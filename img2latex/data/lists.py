"""Lists of formulas -> shards of pictures, whatever draws them: LaTeX (render.py) or a browser (web.py)."""

import argparse
import functools
import gzip
import hashlib
import itertools
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from img2latex.data import held_out
from img2latex.data.shards import Row, Shard, ShardError, encode, write_shard

BATCH = 400  # formulas that are drawn at once, with one look


class RenderError(ValueError):
    """Nothing can be drawn: a program is missing, or the list of formulas is not readable."""


def _batch(draw: Callable, task: tuple[list[tuple[str, str]], Any]) -> tuple[list[Row], Counter]:
    """The work of a worker process: (source, latex) pairs -> rows of a shard, and counts of why others failed."""
    pairs, look = task
    labelled = [(source, latex, held_out.label(latex, ending=True, numbered=True)) for source, latex in pairs]
    kept = [row for row in labelled if row[2]]
    pictures = draw([latex for _, latex, _ in kept], look)
    rows = [Row(encode(p), *row) for p, row in zip(pictures, kept, strict=True) if p is not None]
    return rows, Counter({"no label": len(pairs) - len(kept), "not drawn": len(kept) - len(rows)})


def _origin(pairs: Sequence[tuple[str, str]], some_looks: Sequence) -> str:
    """A digest of what a shard is made from."""
    return hashlib.sha256(repr((pairs, [astuple(look) for look in some_looks])).encode()).hexdigest()[:32]


def _is_done(path: Path, origin: str) -> bool:
    try:
        shard = Shard(path)
        shard.verify()
        return shard.origin == origin
    except ShardError:
        return False


def _plan(pairs: list[tuple[str, str]], folder: Path, name: str, seed: int, per_shard: int, looks: Callable):
    """Yields (path, origin, tasks) for each shard: shuffled formulas, each batch with a look of its own."""
    order = np.random.default_rng(seed).permutation(len(pairs))
    endless = looks(seed)
    for number, start in enumerate(range(0, len(pairs), per_shard)):
        mine = [pairs[k] for k in order[start : start + per_shard]]
        batches = [mine[k : k + BATCH] for k in range(0, len(mine), BATCH)]
        its_looks = list(itertools.islice(endless, len(batches)))
        tasks = list(zip(batches, its_looks, strict=True))
        yield folder / f"{name}-{number:05d}.zip", _origin(mine, its_looks), tasks


def build(rows: Iterable[tuple[str, str]], out_dir: str | os.PathLike, draw: Callable, looks: Callable,
          name: str = "render", seed: int = 0, jobs: int = 2, per_shard: int = 5000) -> Counter:  # fmt: skip
    """Draws (source, latex) pairs into shards `out_dir/name-00000.zip` and so on.

    Shuffled by `seed`, so that each shard is a fair sample. A shard that is there, whole and made from the same
    formulas and seed is left alone: an interrupted run resumes, and a finished one changes nothing.

    Args:
        rows: source and raw LaTeX of each picture; the label is normalize(latex, ending=True).
        draw: (formulas, look) -> pictures or None, as `render.render`; for several jobs, one that can be pickled.
        looks: seed -> endless looks for `draw`, which are dataclasses.
        jobs: worker processes.
        per_shard: formulas, not pictures, per shard: some may be refused.

    Returns:
        Counts: "pictures" (all shards together), "skipped shards", and of the new ones "no label" and "not drawn".
    """
    pairs = [(source, latex) for source, latex in rows]
    counts: Counter = Counter()
    todo = []
    for path, origin, tasks in _plan(pairs, Path(out_dir), name, seed, per_shard, looks):
        if _is_done(path, origin):
            counts.update({"skipped shards": 1, "pictures": len(Shard(path))})
        else:
            todo.append((path, origin, tasks))
    tasks = [task for *_, some in todo for task in some]
    # spawn: a parent that runs threads (torch, OpenCV) must not be forked.
    pool = multiprocessing.get_context("spawn").Pool(jobs) if jobs > 1 and len(tasks) > 1 else None
    try:
        batch = functools.partial(_batch, draw)
        results = pool.imap(batch, tasks) if pool else map(batch, tasks)
        with tqdm(total=sum(len(task[0]) for task in tasks), unit="formula", desc=name) as bar:
            for path, origin, some in todo:
                made: list[Row] = []
                for formulas, _ in some:
                    new, why = next(results)
                    made += new
                    counts.update(why)
                    bar.update(len(formulas))
                counts["pictures"] += write_shard(path, made, origin)
    finally:
        if pool:
            pool.terminate()
            pool.join()
    return counts


def read(path: str | os.PathLike) -> list[tuple[str, str]]:
    """Reads a UTF-8 file, plain or .gz, of `source <tab> latex` lines."""
    path = Path(path)
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            rows = [tuple(line.rstrip("\n").split("\t")) for line in file if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RenderError(f"{path} cannot be read as a list of formulas: {error}") from None
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise RenderError(f"{path}: formula {number} has {len(row)} columns, not the two of `source <tab> latex`")
    return rows


def parser(module: str, description: str) -> argparse.ArgumentParser:
    """The options that all modules have that draw lists of formulas."""
    parser = argparse.ArgumentParser(prog=f"python -m img2latex.data.{module}", description=description.split("\n")[0])
    parser.add_argument("--list", required=True, help="file of `source <tab> latex` lines, plain or .gz")
    parser.add_argument("--out", required=True, help="folder for the shards")
    parser.add_argument("--name", default="render", help="first part of the shards' names")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-shard", type=int, default=5000, help="formulas per shard")
    parser.add_argument("--limit", type=int, help="take only so many formulas from the top of the list")
    return parser


def in_a_line(counts: Counter) -> str:
    """Counts in a line."""
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
