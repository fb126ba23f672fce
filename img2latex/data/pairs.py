r"""Pictures that exist already, with their formulas -> shards.

    python -m img2latex.data.pairs FOLDER --out shards/docs --prefix qpp pagmo --without formulas.tsv.gz

FOLDER holds `images/` and `labels.tsv` (picture name <tab> LaTeX). Labels that stand in val or test of a list given by
`--without` are dropped.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from img2latex.data.corpus import read
from img2latex.data.shards import Row, write_shard
from img2latex.images import PictureError, load
from img2latex.latex import normalize


def rows(folder: Path, prefixes: list[str], held_out: set[str], counts: Counter) -> Iterator[Row]:
    """Pictures of the folder whose name begins with one of the prefixes; what is left out is counted in `counts`."""
    with open(folder / "labels.tsv", encoding="utf-8") as file:
        for line in file:
            name, _, latex = line.rstrip("\n").partition("\t")
            if not name.startswith(tuple(prefixes)):
                continue
            try:
                label = normalize(latex)
                picture = load(folder / "images" / name)
            except PictureError:
                counts["unreadable pictures"] += 1
                continue
            except ValueError:
                counts["unreadable labels"] += 1
                continue
            if label in held_out:
                counts["held out"] += 1
                continue
            counts["pictures"] += 1
            yield Row(picture, name.rpartition("_")[0], latex.replace("\t", " "), label)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.pairs", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="with images/ and labels.tsv")
    parser.add_argument("--out", type=Path, required=True, help="folder for the shard")
    parser.add_argument("--prefix", nargs="+", default=[""], help="only pictures named so")
    parser.add_argument("--without", nargs="+", type=Path, default=[], help="lists whose val and test are held out")
    options = parser.parse_args(arguments)
    counts: Counter = Counter()
    try:
        held_out = {f.label for path in options.without for f in read(path) if f.split != "train"}
        options.out.mkdir(parents=True, exist_ok=True)
        write_shard(options.out / "pairs-00000.zip", rows(options.folder, options.prefix, held_out, counts))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
