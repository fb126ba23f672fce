"""Made-up raw data in the layout of the real one, so that every step from data to checkpoint can be tried anywhere.

    PYTHONPATH=. python runs/made_up.py DATA

DATA receives `math/` and `biology/` (tables of formulas), `ink/` (handwriting as strokes) and `pairs/docs_html`
(pictures with labels), as docs/train.md describes them. The handwriting is made up: each symbol stands below as strokes
on a grid of 4 x 6. docs/ink.png shows it, composed into formulas:

    python -m img2latex.data.handwriting --ink DATA/ink --formulas LIST --out PACKED
    python -m img2latex.data.preview --data PACKED/composed --n 24 --out docs/ink.png
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from img2latex.data import ink, synthesize
from img2latex.data.compose import STOCK_FILES
from img2latex.data.render import render

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
SPLITS = {"train": 60, "val": 8, "test": 8}  # rows of a table, and handwritten expressions
PICTURES = 12


def strokes(drawn: str) -> ink.Strokes:
    """A symbol's strokes in units of the grid, rounded as a pen rounds them."""
    lines = (np.array([[int(x), int(y)] for x, y in line.split()], np.float32) for line in drawn.split("/"))
    return [ink.smooth(line) for line in lines]


def row(tokens: list[str], name: str, split: str) -> dict:
    """Symbols side by side, as a row of a file of ink."""
    lines, symbols = [], []
    for place, token in enumerate(tokens):
        drawn = [(line + [6 * place, 0]).round(2).tolist() for line in strokes(SYMBOLS[token])]
        symbols.append((token, list(range(len(lines), len(lines) + len(drawn)))))
        lines += drawn
    return {"id": name, "latex": " ".join(tokens), "split": split, "strokes": lines, "writer": name, "syms": symbols}


def write_ink(path: Path, rows: list[dict]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def expressions(split: str, count: int, rng: np.random.Generator) -> list[dict]:
    """Sums and comparisons of letters and digits."""
    signs = ("+", "-", "=", "<", r"\times", r"\leq")
    names = [token for token in SYMBOLS if token.isalnum() or token in (r"\alpha", r"\pi", r"\theta")]
    parts = ([str(rng.choice(pool)) for pool in (names, signs, names, signs, names)] for _ in range(count))
    return [row(tokens, f"{split}{number}", split) for number, tokens in enumerate(parts)]


def table(kind: str) -> str:
    """Formulas of `synthesize` with the columns split, source and latex."""
    made = iter(synthesize.labelled(kind, 0, sum(SPLITS.values())))
    lines = [f"{split}\t{category}\t{latex}" for split, count in SPLITS.items()
             for _, (category, latex) in zip(range(count), made, strict=False)]  # fmt: skip
    return "\n".join(["split\tsource\tlatex", *lines]) + "\n"


def main(out: Path) -> None:
    for kind in ("math", "biology"):
        (out / kind).mkdir(parents=True, exist_ok=True)
        (out / kind / "formulas.tsv.gz").write_bytes(gzip.compress(table(kind).encode()))
    (out / "ink").mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for split, count in SPLITS.items():
        write_ink(out / "ink" / ink.SPLITS[split][0], expressions(split, count, rng))
    for name in STOCK_FILES:
        write_ink(out / "ink" / f"{name}.jsonl.gz", [row([token], f"{name} {token}", "train") for token in SYMBOLS])
    images = out / "pairs" / "docs_html" / "images"
    images.mkdir(parents=True, exist_ok=True)
    formulas = synthesize.math(1, PICTURES)
    drawn = [(f"ours_{k}.png", *pair) for k, pair in enumerate(zip(formulas, render(formulas), strict=True))]
    for name, _, picture in drawn:
        if picture is not None:
            Image.fromarray(picture).save(images / name)
    (images.parent / "labels.tsv").write_text("".join(f"{n}\t{f}\n" for n, f, p in drawn if p is not None))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
