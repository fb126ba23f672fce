r"""Pictures that exist already, with their formulas -> shards.

    python -m img2latex.data.pairs FOLDER --out shards/docs --prefix qpp pagmo --held-out formulas.tsv.gz

FOLDER holds `images/` and `labels.tsv` (picture name <tab> LaTeX). Labels that stand in val or test of a file given by
`--held-out` are dropped.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from img2latex.data import held_out
from img2latex.data.shards import Row, write_shard
from img2latex.latex import normalize
from img2latex.picture.loading import PictureError, load


def read(folder: Path, prefixes: list[str]) -> list[tuple[str, str]]:
    """Name and LaTeX of the folder's pictures whose name begins with one of the prefixes."""
    lines = (folder / "labels.tsv").read_text(encoding="utf-8").split("\n")
    found = (line.partition("\t")[::2] for line in lines if line)
    return [(name, latex) for name, latex in found if name.startswith(tuple(prefixes))]


def rows(folder: Path, named: list[tuple[str, str]], kept_out: set[str], counts: Counter) -> Iterator[Row]:
    """Pictures with their labels; what is left out is counted in `counts`."""
    for name, latex in named:
        try:
            label = normalize(latex)
            picture = load(folder / "images" / name)
        except PictureError:
            counts["unreadable pictures"] += 1
            continue
        except ValueError:
            counts["unreadable labels"] += 1
            continue
        if label in kept_out:
            counts["held out"] += 1
            continue
        label = normalize(latex, ending=True)
        counts["pictures"] += 1
        yield Row(picture, name.rpartition("_")[0], latex, label)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.pairs", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="with images/ and labels.tsv")
    parser.add_argument("--out", type=Path, required=True, help="folder for the shard")
    parser.add_argument("--prefix", nargs="+", default=[""], help="only pictures named so")
    parser.add_argument("--held-out", nargs="+", type=Path, default=[], help="files whose val and test stay out")
    options = parser.parse_args(arguments)
    counts: Counter = Counter()
    try:
        kept_out = held_out.labels(options.held_out)
        named = read(options.folder, options.prefix)
        write_shard(options.out / "pairs-00000.zip", rows(options.folder, named, kept_out, counts))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
