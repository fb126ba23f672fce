"""Whether both engines read the same, in float32, on many pictures: tokens, probabilities, attention.

    python -m benchmarks.agree                           # 90 pictures: formulas of our own at three resolutions
    python -m benchmarks.agree --limit 500               # ... and at seventeen
    python -m benchmarks.agree FOLDER ... --limit 500    # pictures in folders and below
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import formulas
from img2latex import Recognizer
from img2latex.picture.loading import SUFFIXES, PictureError

CLOSE = 1e-4  # of probabilities and attention


def pictures_in(folders: list[Path], limit: int) -> list[Path]:
    """Pictures in folders and below, in an order that is always the same and has nothing to do with their names."""
    found = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    random.Random(3).shuffle(found)
    return found[:limit]


def compare(checkpoint: str, paths: list[Path]) -> bool:
    """Prints how alike they are; False if a token or, by more than `CLOSE`, a number differs."""
    readers = [Recognizer.from_pretrained(checkpoint, engine=engine, threads=1) for engine in ("torch", "onnx")]
    read, same, furthest = 0, 0, 0.0
    bar = tqdm(paths, unit="picture")
    for path in bar:
        try:
            one, other = (reader.recognize(path) for reader in readers)
        except PictureError:
            continue
        read += 1
        if one.tokens != other.tokens:
            tqdm.write(f"{path}: {one.latex} by torch, {other.latex} by onnx")
            continue
        same += 1
        looked = zip(one.attention, other.attention, strict=True)
        for mine, theirs in [(one.probabilities, other.probabilities), *looked]:
            furthest = max(furthest, float(np.abs(np.subtract(mine, theirs)).max(initial=0)))
        bar.set_postfix_str(f"the same tokens in {same} of {read}", refresh=False)
    print(f"{read} pictures, the same tokens in {same}, numbers at most {furthest:.1e} apart")
    return 0 < read == same and furthest <= CLOSE


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agree", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--limit", type=int, default=90, help="pictures, at most")
    parser.add_argument("--checkpoint", default="math")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as aside:
        if not options.folders:
            sheets = -(-options.limit // len(formulas.FORMULAS))
            for dpi in tqdm(np.linspace(80, 240, sheets).round().astype(int).tolist(), unit="sheet"):
                formulas.draw(Path(aside, str(dpi)), dpi)
        paths = pictures_in(options.folders or [Path(aside)], options.limit)
        return 0 if compare(options.checkpoint, paths) else 1


if __name__ == "__main__":
    sys.exit(main())
