"""Draws docs/ink.png: formulas of ours in a hand of ours, since no one else's handwriting may stand in this repository.

    PYTHONPATH=. python docs/handwriting.py SHARDS
    python -m img2latex.data.preview --data SHARDS --n 24 --out docs/ink.png

Each symbol is written down below as strokes on a grid of 4 x 6; `compose` and `vary` make a living hand of it.
"""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from img2latex.data import ink, paper, pen, synthesize
from img2latex.data.compose import Hand, build_stock, writable
from img2latex.data.held_out import label
from img2latex.data.layout import layouts
from img2latex.data.shards import Row, write_shard

# Strokes are parted by `/`, points by spaces; a point is a column and a row, the row growing downwards.
SYMBOLS = {
    "a": "43 22 03 05 16 35 43 / 43 44 46 56",
    "b": "00 06 / 04 22 43 45 26 05",
    "c": "42 22 04 16 36 45",
    "d": "43 22 04 16 36 45 / 50 46",
    "e": "04 44 32 12 04 16 36 45",
    "f": "40 20 11 16 / 03 33",
    "h": "00 06 / 04 22 43 46",
    "i": "22 26 / 20",
    "k": "00 06 / 42 04 46",
    "m": "02 06 / 03 12 23 26 / 23 32 43 46",
    "n": "02 06 / 04 22 43 46",
    "p": "02 08 / 03 22 43 45 26 05",
    "q": "43 22 04 16 35 43 / 42 48 57",
    "r": "02 06 / 04 22 42",
    "s": "42 12 03 34 45 26 05",
    "t": "20 25 36 46 / 03 43",
    "u": "02 05 16 35 42 / 42 46",
    "v": "02 26 42",
    "x": "02 46 / 42 06",
    "y": "02 25 / 42 08",
    "z": "02 42 06 46",
    "A": "06 20 46 / 14 34",
    "B": "00 06 / 00 31 32 03 44 45 06",
    "C": "41 20 02 04 26 45",
    "D": "00 06 / 00 31 43 35 06",
    "F": "00 06 / 00 40 / 03 33",
    "H": "00 06 / 40 46 / 03 43",
    "M": "06 00 23 40 46",
    "N": "06 00 46 40",
    "O": "20 02 04 26 44 42 20",
    "P": "00 06 / 00 31 32 03",
    "R": "00 06 / 00 31 32 03 46",
    "S": "41 20 02 33 45 26 05",
    "T": "00 40 / 20 26",
    "X": "00 46 / 40 06",
    "0": "20 02 04 26 44 42 20",
    "1": "02 20 26",
    "2": "02 10 30 42 06 46",
    "3": "01 20 41 23 44 45 26 05",
    "4": "30 04 44 / 32 36",
    "5": "40 10 02 32 44 35 06",
    "6": "30 03 05 26 45 34 05",
    "7": "00 40 16",
    "8": "41 20 02 43 35 16 05 41",
    "9": "42 20 02 23 41 46",
    "+": "21 25 / 03 43",
    "-": "03 43",
    "=": "02 42 / 04 44",
    "<": "41 03 45",
    ">": "01 43 05",
    r"\leq": "40 02 44 / 06 46",
    r"\geq": "00 42 04 / 06 46",
    r"\times": "01 45 / 41 05",
    r"\cdot": "23",
    ",": "25 27",
    ".": "26",
    ":": "22 / 25",
    "(": "20 02 04 26",
    ")": "00 22 24 06",
    "[": "20 00 06 26",
    "]": "00 20 26 06",
    "|": "20 26",
    "/": "40 06",
    r"\pi": "02 42 / 12 06 / 32 36 46",
    r"\alpha": "42 25 06 03 12 35 46",
    r"\beta": "07 01 20 31 03 34 35 06",
    r"\lambda": "00 10 46 / 23 06",
    r"\theta": "20 02 04 26 44 42 20 / 03 43",
    r"\prime": "20 12",
    r"\sum": "40 00 23 06 46",
    r"\int": "40 30 21 15 06",
    r"\infty": "23 12 03 14 23 32 43 34 23",
    r"\rightarrow": "03 43 / 31 43 35",
    r"\Delta": "20 06 46 20",
}
COUNT = 60


def strokes(drawn: str) -> ink.Strokes:
    """A symbol's strokes in units of the grid, rounded as a pen rounds them."""
    lines = (np.array([[int(x), int(y)] for x, y in line.split()], np.float32) for line in drawn.split("/"))
    return [ink.smooth(line) for line in lines]


def pictures(count: int = COUNT) -> Iterator[Row]:
    """Short formulas of ours, each in a hand of its own with some pen on some paper."""
    stock = build_stock(ink.Ink(token, token, "train", strokes(drawn), "we") for token, drawn in SYMBOLS.items())
    ours = [*synthesize.labelled("math", 0, 600), *synthesize.labelled("biology", 0, 200)]
    rng = np.random.default_rng(0)
    rng.shuffle(ours)
    short = [(kind, latex, said) for kind, latex in ours if (said := label(latex)) and said.count(" ") < 40]
    laid_out = zip(short, layouts([latex for _, latex, _ in short]), strict=True)
    written = ((row, parts) for row, parts in laid_out if parts and all(writable(part, stock) for part in parts))
    for (kind, latex, said), parts in itertools.islice(written, count):
        look = pen.random_look(rng)
        picture = pen.draw(ink.vary(Hand(stock, rng).write(parts), rng), look, rng)
        yield Row(paper.on_paper(picture, rng, look.letter), kind, latex, said)


def main(out: Path) -> None:
    print(f"{write_shard(out / 'ours.zip', pictures())} pictures in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
