"""How well training symbols cover other hands: whether what looks most like a val symbol is its own token.

    python -m img2latex.data.diversity --packed shards/ink --ink ink/crohme_test2013.jsonl.gz

Counts the symbols whose nearest neighbour among all training symbols by other writers is of the same token.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from img2latex.data import handwriting, held_out, ink
from img2latex.data.compose import Stock, thumbnail
from img2latex.data.ink import Strokes


def symbols(path: Path) -> Iterator[tuple[str, str | None, Strokes]]:
    """Token, writer and strokes of each val or test symbol of a file of expressions, or of single symbols."""
    for found in ink.read_expressions(path):
        alone = ((found.latex, range(len(found.strokes))),) if " " not in found.latex.strip() else ()
        for token, places in (found.symbols or alone) if found.split not in held_out.TRAINING else ():
            yield token, found.writer, [found.strokes[place] for place in places]


def covered(asked: Sequence[tuple[str, str | None, Strokes]], stock: Stock) -> list[bool]:
    """Whether each symbol's nearest neighbour by another writer has the same token."""
    known = [(token, writer, thumbnail(strokes)) for token, by_writer in stock.samples.items()
             for writer, mine in by_writer.items() for strokes in mine]  # fmt: skip
    tokens, writers = (np.array([one[place] for one in known]) for place in (0, 1))
    looks = np.stack([look for _, _, look in known])
    found = []
    for token, writer, strokes in asked:
        near = looks @ thumbnail(strokes)  # both are of length 1
        near[writers == (writer or "")] = -1
        found.append(bool(tokens[near.argmax()] == token))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.diversity", description=__doc__.split("\n")[0])
    parser.add_argument("--packed", type=Path, required=True, help="folder that img2latex.data.handwriting has packed")
    parser.add_argument("--ink", nargs="+", type=Path, required=True, help="files of strokes, .jsonl.gz")
    parser.add_argument("--limit", type=int, default=2000, help="symbols of each file, at random")
    options = parser.parse_args(arguments)
    try:
        stock = handwriting.read_stock(options.packed / handwriting.SYMBOLS)
        for path in options.ink:
            every = list(symbols(path))
            chosen = [every[i] for i in np.random.default_rng(0).permutation(len(every))[: options.limit]]
            print(f"{path.name}: {np.mean(covered(chosen, stock)):.3f} of {len(chosen)} symbols")
    except (OSError, ValueError) as error:
        print(f"diversity: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
