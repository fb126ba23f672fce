"""Handwriting that nobody wrote: the layout of an expression that somebody did, with other symbols by other hands.

There are some ten thousand handwritten expressions with strokes, and a model that sees them often knows them by heart.
So names and digits are replaced, equal ones by equal ones, and written by somebody else; place and size of everything
stay as they were written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from img2latex.data import ink
from img2latex.data.compose import Hand, Stock
from img2latex.data.dvi import Part
from img2latex.data.ink import Ink, Strokes
from img2latex.data.variation import WORDS
from img2latex.latex.tokens import split_label

# Classes of tokens written about as high, and standing as high on the line, each with how often it occurs in formulas:
# what a name becomes is drawn by it, so that context goes on telling a 0 from an o and a w from an omega.
ALIKE = (
    r"x 203 a 147 n 113 c 60 m 58 s 58 v 52 e 49 u 47 r 44 z 41 \pi 32 w 25 \alpha 23 o 19 \sigma 16 \omega 14",
    r"b 64 t 59 P 43 R 41 T 39 E 37 S 37 A 36 L 35 k 35 M 33 V 32 N 31 C 27 X 26 H 25 B 23 D 22 F 22 G 22 l 22 I 20"
    r" d 20 \theta 19 h 15 Q 15 U 15 \lambda 15 \Delta 15 K 14 Z 10 \delta 10 W 9 Y 9 J 7",
    r"y 270 p 231 q 117 g 112 j 79 \mu 74 \gamma 37",
    r"f 54 \beta 9 \phi 9",
    "0 1 1 1 2 1 3 1 4 1 5 1 6 1 7 1 8 1 9 1",
    r"< 1 > 1 \leq 1 \geq 1",
    r"+ 2 \times 1 \pm 1",
)
KINDRED: dict[str, tuple[list[str], np.ndarray]] = {}  # token -> its class, and the share of each in it
for _class in map(str.split, ALIKE):
    _shares = np.array(_class[1::2], float)
    KINDRED |= dict.fromkeys(_class[::2], (_class[::2], _shares / _shares.sum()))
RENAMED = 0.5  # of the names and digits in an expression
REWRITTEN = 0.5  # of the expressions: by somebody else throughout; in the others only what has another name
OWN = 0.5  # share of the expressions whose new symbols are by the same writer, where he has written such
ROOM = 1.3  # times the width of the old symbol: the most that a new one may take


def new_names(expression: Ink, label: str, rng: np.random.Generator) -> dict[str, str]:
    """Token -> its replacement everywhere. A token that is not always a symbol of its own keeps its name."""
    if WORDS.search(label):
        return {}
    written, labelled = Counter(token for token, _ in expression.symbols), Counter(split_label(label))
    known = [token for token in sorted(written) if token in KINDRED and written[token] == labelled[token]]
    chosen = [token for token in known if rng.random() < RENAMED and token != "d"]  # which mostly is a differential's
    return {token: str(rng.choice(KINDRED[token][0], p=KINDRED[token][1])) for token in chosen}


def exchange(expression: Ink, label: str, stock: Stock, rng: np.random.Generator) -> tuple[str, Ink]:
    """The expression with other names, and symbols by another hand: its label and its ink."""
    names = {old: new for old, new in new_names(expression, label, rng).items() if new in stock.samples}
    hand = Hand(stock, rng)
    if rng.random() < OWN:
        hand.writer = expression.writer or hand.writer
    throughout = rng.random() < REWRITTEN
    strokes, symbols = [], []
    for token, places in expression.symbols:
        old = [expression.strokes[place] for place in places]
        name = names.get(token, token)
        if token in names or (throughout and token in KINDRED and token in stock.samples):
            old = _in_place(hand.sample(Part(name, (0, 0, 1, 1))), old, rng)
        symbols.append((name, tuple(range(len(strokes), len(strokes) + len(old)))))
        strokes += old
    known = {place for _, places in expression.symbols for place in places}
    strokes += [stroke for place, stroke in enumerate(expression.strokes) if place not in known]
    renamed = " ".join(names.get(token, token) for token in split_label(label))
    return renamed, replace(expression, strokes=strokes, symbols=tuple(symbols))


def _in_place(new: Strokes, old: Strokes, rng: np.random.Generator) -> Strokes:
    """A symbol as high as the one that it takes the place of (as wide, if that one is flat), about its middle."""
    (low, extent), (place, room) = ink.bounds(new), ink.bounds(old)
    side = 1 if room[1] > 0.3 * room[0] and extent[1] > 0.3 * extent[0] else 0
    scale = np.full(2, room[side] / extent[side] * np.exp(rng.normal(0, 0.08)))
    scale[0] = min(scale[0], max(ROOM * room[0], 0.6 * room[1]) / extent[0])
    return [(stroke - low - extent / 2) * scale + place + room / 2 for stroke in new]
