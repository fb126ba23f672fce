r"""Handwriting that nobody wrote: the layout of an expression that somebody did, with other symbols by other hands.

There are a few thousand handwritten expressions with strokes, and a model that sees them often knows them by heart. So
names and digits are exchanged, the same ones for the same, and written by somebody else; where everything stands, and
how large, stays as it was by hand.

    python -m img2latex.data.exchange --ink FOLDER --out DIR --copies 6 --seed 1

makes that many pictures of each training expression of a folder of `*.jsonl.gz` files whose symbols are known
(`crohme_symbols.jsonl.gz`). No label of val or test, there or in a file given by `--held-out`, is among them.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from img2latex.data import held_out, ink
from img2latex.data.compose import Hand, Stock, load_stock
from img2latex.data.ink import Ink, Strokes
from img2latex.data.layout import Part
from img2latex.data.shards import Row
from img2latex.data.variation import WORDS

SYMBOLS = "crohme_symbols.jsonl.gz"
ALIKE = tuple(  # written about as high, and standing as high on the line
    tuple(tokens.split())
    for tokens in (
        r"a c e m n o r s u v w x z \alpha \pi \sigma \omega",
        r"b d f h k l t \delta \lambda \theta",
        r"g p q y j \beta \gamma \mu \phi",
        r"A B C D E F G H I J K L M N P Q R S T U V W X Y Z \Delta",
        "0 1 2 3 4 5 6 7 8 9",
        r"< > \leq \geq",
        r"+ \times \pm",
    )
)
KINDRED = {token: tokens for tokens in ALIKE for token in tokens}
RENAMED = 0.5  # of the names and digits in an expression
REWRITTEN = 0.5  # of the expressions: by somebody else throughout; in the others only what has another name
OWN = 0.5  # of the expressions: what is written anew is by its writer, as far as he has given such symbols
CLOSE = 0.06  # of a symbol's size: how far its points may lie from where it was cut
LATER = 3  # strokes of other symbols that may have been written before a symbol was finished
POINTS = 12  # of a stroke that are compared
ROOM = 1.3  # times the width of what stood there that a symbol may take


@dataclass(frozen=True)
class Expression:
    """A handwritten expression of which each symbol is known, and the strokes (by number) that it is made of."""

    ink: Ink
    symbols: tuple[tuple[str, tuple[int, ...]], ...]


def find_symbols(expression: Ink, symbols: Sequence[Ink]) -> Expression | None:
    """Finds the strokes of an expression that its symbols were cut from; None if one of them is not found.

    Args:
        expression: all strokes of it.
        symbols: cut from it, their strokes in the order of writing, moved, scaled and with other points on them.
    """
    free, found = {place: ink.spaced(stroke, POINTS) for place, stroke in enumerate(expression.strokes)}, []
    for symbol in symbols:
        wanted = _unit([ink.spaced(stroke, POINTS) for stroke in symbol.strokes])
        distances = {
            places: float(np.abs(_unit([free[place] for place in places]) - wanted).max())
            for places in itertools.combinations(free, len(symbol.strokes))
            if places[-1] - places[0] < len(places) + LATER
        }
        nearest = min(distances, key=distances.get, default=None)
        if nearest is None or distances[nearest] > CLOSE:
            return None
        found.append((symbol.latex, nearest))
        free = {place: points for place, points in free.items() if place not in nearest}
    return Expression(expression, tuple(found))


def _unit(strokes: Strokes) -> np.ndarray:
    """Points of strokes, moved and scaled so that the longer side is 1."""
    points = np.concatenate(strokes)
    points = points - points.min(0)
    return points / max(float(points.max()), 1e-6)


def new_names(expression: Expression, rng: np.random.Generator) -> dict[str, str]:
    """Token -> what stands in its place throughout. A token that is not a symbol each time keeps its name."""
    if WORDS.search(expression.ink.latex):
        return {}
    written, labelled = Counter(token for token, _ in expression.symbols), Counter(expression.ink.latex.split())
    known = [token for token in sorted(written) if token in KINDRED and written[token] == labelled[token]]
    return {token: str(rng.choice(KINDRED[token])) for token in known if rng.random() < RENAMED}


def exchange(expression: Expression, stock: Stock, rng: np.random.Generator) -> tuple[str, Strokes]:
    """The expression with other names and symbols by another hand: LaTeX, and strokes in the unit of the ink."""
    names = {old: new for old, new in new_names(expression, rng).items() if new in stock.samples}
    hand = Hand(stock, rng)
    if rng.random() < OWN:
        hand.writer = expression.ink.writer or hand.writer
    throughout = rng.random() < REWRITTEN
    strokes: list[Strokes] = [[stroke] for stroke in expression.ink.strokes]
    for token, places in expression.symbols:
        name = names.get(token, token)
        if token in names or (throughout and token in KINDRED and token in stock.samples):
            old = [expression.ink.strokes[place] for place in places]
            for place in places:
                strokes[place] = []
            strokes[places[0]] = _in_place(hand.sample(Part(name, (0, 0, 1, 1))), old, rng)
    latex = " ".join(names.get(token, token) for token in expression.ink.latex.split())
    return latex, [stroke for some in strokes for stroke in some]


def _in_place(new: Strokes, old: Strokes, rng: np.random.Generator) -> Strokes:
    """A symbol as high as the one that it takes the place of (as wide, if that one is flat), about its middle."""
    (low, extent), (place, room) = ink.bounds(new), ink.bounds(old)
    side = 1 if room[1] > 0.3 * room[0] and extent[1] > 0.3 * extent[0] else 0
    scale = np.full(2, room[side] / extent[side] * np.exp(rng.normal(0, 0.08)))
    scale[0] = min(scale[0], max(ROOM * room[0], 0.6 * room[1]) / extent[0])
    return [(stroke - low - extent / 2) * scale + place + room / 2 for stroke in new]


# --- the command ------------------------------------------------------------------------------------------------------


def load_expressions(folder: Path) -> Iterator[Expression]:
    """The training expressions of a folder whose symbols are all found."""
    cut = defaultdict(list)
    for symbol in ink.read_symbols(folder / SYMBOLS):
        if symbol.split in held_out.TRAINING:
            cut[symbol.id.rpartition("#")[0]].append(symbol)
    for name in ink.SPLITS["train"]:
        for expression in ink.read_expressions(folder / name):
            found = find_symbols(expression, cut.get(expression.id, ()))
            if found and found.symbols:
                yield found


def exchanged_rows(
    expressions: Iterable[Expression], stock: Stock, copies: int, seed: int, kept_out: set[str]
) -> Iterator[Row]:
    """Draws each expression `copies` times, always with other symbols; a label of `kept_out` is not drawn."""
    for expression in expressions:
        for copy in range(copies):
            rng = np.random.default_rng([seed, copy, zlib.crc32(expression.ink.id.encode())])
            latex, strokes = exchange(expression, stock, rng)
            label = held_out.label(latex)
            if label and label not in kept_out:
                picture = ink.draw(ink.vary(strokes, rng), ink.random_look(rng))
                yield Row(picture, f"exchanged_{expression.ink.split}", latex, label)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.exchange", description=__doc__.split("\n")[0])
    parser.add_argument("--ink", type=Path, required=True, help="folder with crohme_*.jsonl.gz and other symbols")
    parser.add_argument("--out", type=Path, required=True, help="folder for the shards")
    parser.add_argument("--held-out", nargs="+", type=Path, default=[], help="more files whose val and test stay out")
    parser.add_argument("--copies", type=int, default=1, help="pictures of each expression")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    try:
        kept_out = held_out.labels([*ink.held_out_files(args.ink), *args.held_out])
        stock, expressions = load_stock(args.ink), list(load_expressions(args.ink))
        rows = exchanged_rows(expressions, stock, args.copies, args.seed, kept_out)
        bar = tqdm(rows, total=len(expressions) * args.copies, desc="exchanged", unit=" pictures", disable=None)
        written = ink.write_shards(args.out, "exchanged", bar)
    except (OSError, ValueError) as error:
        print(f"exchange: {error}", file=sys.stderr)
        return 1
    print(f"exchange: {written} pictures of {len(expressions)} expressions in {args.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
