r"""One validation set from several, with equally many pictures of each, to calibrate and check the confidence.

    python -m img2latex.data.mixture shards/val-* --each 50 --out shards/val-mixed

A calibration on one kind of pictures does not hold for another: mixed, short and long formulas, tidy and untidy, print
and handwriting count alike. The group of each picture is the folder that it came from.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from img2latex.data.dataset import Shards
from img2latex.data.shards import Row, write_shard


def mixed(folders: Sequence[Path], each: int, seed: int) -> Iterator[Row]:
    """`each` pictures of every folder of shards, or all it has; chosen by the seed and its place.

    Raises:
        ValueError: a folder holds no shard, or a shard is damaged.
    """
    for number, folder in enumerate(folders):
        rng = np.random.default_rng([seed, number])  # sets of one list in several looks give other formulas each
        shards = Shards(folder, "validate")
        latex = [latex for shard in shards.shards for latex in shard.latex]
        for i in sorted(rng.permutation(len(latex))[:each].tolist()):
            yield Row(shards.picture(i), folder.name, latex[i], shards.labels[i])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.mixture", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, help="folders of validation shards")
    parser.add_argument("--each", type=int, default=50, help="pictures of each folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="folder for the shard")
    options = parser.parse_args(arguments)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        count = write_shard(options.out / "mixed-00000.zip", mixed(options.folders, options.each, options.seed))
    except (ValueError, OSError) as error:
        print(f"mixture: {error}", file=sys.stderr)
        return 1
    print(f"mixture: {count} pictures of {len(options.folders)} sets in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
