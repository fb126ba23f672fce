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
OWN = 0.5  # share of the expressions whose new symbols are by the same writer, where he has written such
ROOM = 1.3  # times the width of the old symbol: the most that a new one may take


def new_names(expression: Ink, label: str, rng: np.random.Generator) -> dict[str, str]:
    """Token -> its replacement everywhere. A token that is not always a symbol of its own keeps its name."""
    if WORDS.search(label):
        return {}
    written, labelled = Counter(token for token, _ in expression.symbols), Counter(split_label(label))
    known = [token for token in sorted(written) if token in KINDRED and written[token] == labelled[token]]
    chosen = [token for token in known if rng.random() < RENAMED]
    return {token: KINDRED[token][rng.integers(len(KINDRED[token]))] for token in chosen}


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
