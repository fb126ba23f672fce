"""Handwriting for any formula: its printed layout, with each glyph written by hand.

TeX says where things stand (`dvi.py`), a stock of handwritten symbols what they look like, and one `Hand` writes a
whole formula, so that its letters agree with each other. Which symbols stand for which glyph of which font is not
written down here: each symbol's command is typeset once, and the glyph that comes out is the one it can replace.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from img2latex.data import held_out, ink
from img2latex.data.dvi import Box, Part, layouts
from img2latex.data.ink import Ink, Strokes
from img2latex.latex.tokens import split_label

STOCK_FILES = ("mathnote_symbols", "unipen_chars", "detexify", "detypify")
PER_WRITER = 3  # samples of one symbol by one writer that are kept
PER_SYMBOL = 2500
PER_COLLECTION = 1200  # of them from one collection, so that all collections have some
COMMON = 60  # samples from which on a token is common: its samples are compared with those of other tokens
NEIGHBOURS = 15
KIN = 2  # of them must have a sample's own token
ENOUGH = 25  # symbols that a writer must have to be chosen for a whole formula
UPRIGHT = 0.7  # share of formulas with single upright letters (chemistry) that is composed: context shows what they are
BATCH = 1000  # formulas that are laid out at once

# Marks that nobody wrote alone: what to write instead.
STAND_INS = {
    r"\hat{}": r"\wedge",
    r"\check{}": r"\vee",
    r"\tilde{}": r"\sim",
    r"\bar{}": "-",
    r"\vec{}": r"\rightarrow",
    r"\dot{}": ".",
    r"\breve{}": r"\smile",
    r"\acute{}": "/",
    r"\grave{}": r"\backslash",
    r"\mathring{}": r"\circ",
    r"\not": "/",
    # Each width is a glyph of its own.
    **{rf"\widehat{{\hphantom{{{word}}}}}": r"\wedge" for word in ("a", "aa", "AB", "ABC")},
    **{rf"\widetilde{{\hphantom{{{word}}}}}": r"\sim" for word in ("a", "aa", "AB", "ABC")},
}
# Commands of text mode: in a formula they print something else, or nothing.
_TEXT_ONLY = re.compile(r"\\(text|-|(l|L|o|O|aa|AA|ae|AE|oe|OE|ss|SS|th|TH|dh|DH|dj|DJ|ng|NG)$|c\{)")
_BOLD = re.compile(r"\\(?:math(?:bf|sf|tt|it)|boldsymbol|bm|pmb) ")
_UPRIGHT = re.compile(r"\\mathrm \{ [A-Za-z] \}")
TWO_DOTS = [np.array([[0.0, 0.0]]), np.array([[1000.0, 0.0]])]
DELIMITERS = {*"()[]|/", r"\{", r"\}", r"\|", r"\langle", r"\rangle", r"\lfloor", r"\rfloor", r"\lceil", r"\rceil"}
DELIMITERS |= {r"\backslash", r"\uparrow", r"\downarrow", r"\updownarrow", r"\Uparrow", r"\Downarrow"}
# Where along an arrow its shaft may grow, as shares of its length: everywhere but in its head, or heads.
SHAFTS = {
    **dict.fromkeys((r"\rightarrow", r"\Rightarrow", r"\mapsto", r"\hookrightarrow"), (0.0, 0.6)),
    **dict.fromkeys((r"\leftarrow", r"\Leftarrow", r"\hookleftarrow"), (0.4, 1.0)),
    **dict.fromkeys((r"\leftrightarrow", r"\Leftrightarrow"), (0.35, 0.65)),
}
LONG = {r"\rightarrow": (r"\longrightarrow",), r"\leftarrow": (r"\longleftarrow",)}  # more samples for a joined arrow


# --- the stock --------------------------------------------------------------------------------------------------------


@dataclass
class Stock:
    """Handwritten symbols.

    `samples` maps a token to its samples by writer; `glyphs` maps a glyph ("cmmi:97") to the tokens that print it.
    """

    samples: dict[str, dict[str, list[Strokes]]]
    glyphs: dict[str, tuple[str, ...]]

    def __post_init__(self):
        known = Counter(writer for by_writer in self.samples.values() for writer in by_writer)
        self.writers = sorted(writer for writer, symbols in known.items() if symbols >= ENOUGH)

    def tokens(self, part: Part) -> list[str]:
        """The tokens whose samples may stand for a part; none if nobody has written it."""
        names = self.glyphs.get(part.what, (part.what, *LONG.get(part.what, ())))
        return [name for name in names if name in self.samples]


def build_stock(symbols: Iterable[Ink]) -> Stock:
    """Sorts symbols by token and writer, drops those that look like another, and learns which glyph each token prints.

    A symbol without a writer counts as a writer of its own.
    """
    samples: dict[str, dict[str, list[Strokes]]] = defaultdict(lambda: defaultdict(list))
    counts: Counter = Counter()  # of tokens, and of tokens by writer
    for symbol in symbols:
        token = symbol.latex.replace(r"\mathds", r"\mathbb")
        writer = symbol.writer or symbol.id
        full = counts[token] >= PER_SYMBOL or counts[token, symbol.split] >= PER_COLLECTION
        if full or counts[token, writer] >= PER_WRITER or _TEXT_ONLY.match(token):
            continue
        samples[token][writer].append(symbol.strokes)
        counts.update((token, (token, symbol.split), (token, writer)))
    drop_strangers(samples)
    samples[r"\ddot{}"] = {"": [TWO_DOTS]}
    for mark, token in STAND_INS.items():
        if token in samples:
            samples[mark] = samples[token]
    return Stock(dict(samples), _learn_glyphs(list(samples)))


def load_stock(folder: Path) -> Stock:
    """Builds the stock from a folder of ink; expressions and symbols of val and test splits stay out."""
    return build_stock(_training_symbols(folder))


def _training_symbols(folder: Path) -> Iterator[Ink]:
    """Symbols cut from expressions, then those of the collections; `split` names where each is from."""
    for name in ink.SPLITS["train"]:
        for expression in ink.read_expressions(folder / name) if (folder / name).exists() else ():
            for token, places in expression.symbols:
                strokes = [expression.strokes[place] for place in places]
                yield Ink("", token, name, strokes, expression.writer or expression.id)
    for name in STOCK_FILES:
        for symbol in ink.read_symbols(folder / f"{name}.jsonl.gz"):
            if symbol.split in held_out.TRAINING:
                yield replace(symbol, split=name)


def drop_strangers(samples: dict[str, dict[str, list[Strokes]]]) -> None:
    """Takes out samples that look like other tokens only: half an x cut out as an x, a d without its stem.

    A sample stays if some of its nearest neighbours among the common tokens have its own token. Tokens with few samples
    are kept as they are: they have too few neighbours to compare with.
    """
    common = {token: pool for token, pool in samples.items() if sum(map(len, pool.values())) >= COMMON}
    if not common:
        return
    names, looks = [], []
    for token, pool in common.items():
        mine = [thumbnail(strokes) for sample in pool.values() for strokes in sample]
        names += [token] * len(mine)
        looks += mine
    names, looks = np.array(names), np.array(looks)
    # Only the first samples of each token are compared with, so that all tokens have equally many.
    compared = np.concatenate([np.flatnonzero(names == token)[:COMMON] for token in common])
    keep = iter(_has_kin(names, looks, compared))
    for pool in common.values():
        for writer, mine in list(pool.items()):
            pool[writer] = [strokes for strokes in mine if next(keep)]
            if not pool[writer]:
                del pool[writer]


def _has_kin(names: np.ndarray, looks: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """Whether the nearest neighbours of each thumbnail N x 144 among `compared`, without itself, share its name: N."""
    keep = np.empty(len(names), bool)
    squares = (looks[compared] ** 2).sum(1)
    for start in range(0, len(names), 1000):
        some = np.arange(start, min(start + 1000, len(names)))
        distance = squares - 2 * looks[some] @ looks[compared].T
        distance[some[:, None] == compared] = np.inf
        nearest = np.argpartition(distance, min(NEIGHBOURS, len(compared) - 1), axis=1)[:, :NEIGHBOURS]
        keep[some] = (names[compared[nearest]] == names[some, None]).sum(1) >= KIN
    return keep


def thumbnail(strokes: Strokes) -> np.ndarray:
    """A symbol as 12 x 12 soft pixels, float32 (144,), its proportions kept."""
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    canvas = np.zeros((24, 24), np.uint8)
    for stroke in strokes:
        at = (stroke - low - extent / 2) * (20 / max(extent.max(), 1e-6)) + 11.5
        fixed = np.round(at * 16).astype(np.int32)
        fixed = np.repeat(fixed, 2, axis=0) if len(fixed) == 1 else fixed
        cv2.polylines(canvas, [fixed], False, 255, 2, cv2.LINE_AA, 4)
    look = cv2.resize(canvas, (12, 12), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    return look / max(float(np.linalg.norm(look)), 1e-6)


def _learn_glyphs(tokens: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Typesets each token in its sizes and fonts; where that prints a single glyph, the token can stand for it."""
    trials = [
        (token, trial.replace("@", token))
        for token in tokens
        for trial in (
            "@",
            r"\textstyle @",
            *((r"\mathrm{@}",) if token not in STAND_INS else ()),
            *((r"\text{@}",) if len(token) == 1 else ()),
            *((rf"\{size} @" for size in ("big", "Big", "bigg", "Bigg")) if token in DELIMITERS else ()),
        )
    ]
    glyphs: dict[str, dict[str, None]] = defaultdict(dict)
    for (token, _), parts in zip(trials, layouts([latex for _, latex in trials]), strict=True):
        if parts and len(parts) == 1 and ":" in parts[0].what:
            glyphs[parts[0].what][token] = None
    return {glyph: tuple(found) for glyph, found in glyphs.items()}


# --- one hand ---------------------------------------------------------------------------------------------------------


class Hand:
    """One person's writing: the same samples for the same token throughout a formula, by one writer where known."""

    def __init__(self, stock: Stock, rng: np.random.Generator):
        self.stock, self.rng = stock, rng
        self.writer = ""
        if stock.writers and rng.random() < 0.8:
            self.writer = stock.writers[rng.integers(len(stock.writers))]
        self.chosen: dict[str, list[Strokes]] = {}
        self.size = rng.uniform(0.9, 1.1)  # of letters, relative to print
        self.fidelity = rng.uniform(0.1, 0.5)  # 0 keeps the sample's proportions, 1 takes the printed glyph's
        self.spread = rng.uniform(1.1, 1.4), rng.uniform(1.0, 1.15)  # how much wider and higher than print it is set

    def sample(self, part: Part) -> Strokes:
        if part.what not in self.chosen:
            pools = [self.stock.samples[token] for token in self.stock.tokens(part)]
            own = [strokes for pool in pools for strokes in pool.get(self.writer, ())]
            self.chosen[part.what] = own or self._borrowed(pools)
        choice = self.chosen[part.what]
        return choice[self.rng.integers(len(choice))]

    def _borrowed(self, pools: list[dict[str, list[Strokes]]]) -> list[Strokes]:
        others = [mine for pool in pools for mine in pool.values()]
        return others[self.rng.integers(len(others))]

    def write(self, parts: Sequence[Part]) -> Strokes:
        """Writes all parts of a formula; strokes in points, y growing downwards."""
        strokes: Strokes = []
        for part in parts:
            box = self._spread(part)
            if part.what == "bar":
                strokes.append(self.bar(box))
            elif part.what == "root":
                strokes.append(self.root(box, part.origin * self.spread[0]))
            elif part.what in ("overbrace", "underbrace"):
                strokes += self.lying_brace(box, part.what == "overbrace")
            else:
                strokes += self.symbol(part, box)
        return self._drift(strokes)

    def _spread(self, part: Part) -> Box:
        left, top, right, bottom = part.box
        across, down = self.spread
        return left * across, top * down, right * across, bottom * down

    def symbol(self, part: Part, box: Box) -> Strokes:
        """A sample set into a glyph's place; `box` is the part's own, spread."""
        strokes = self.sample(part)
        if part.what in SHAFTS:
            return _fit_arrow(part.what, strokes, box, self.rng)
        low, extent = ink.bounds(strokes)
        printed, target = _sides(part.box), _sides(box)
        even = np.hypot(*printed) / np.hypot(*extent) * self.size * math.exp(self.rng.normal(0, 0.07))
        # Brackets, big operators and wide accents fill the room they are given.
        grows = part.what in DELIMITERS or printed[1] > 1.4 * part.size or printed[0] > 1.2 * part.size
        fidelity = 0.9 if grows else self.fidelity
        # A very short side (a bar's height) does not show the scale.
        known = (extent > 0.15 * extent.max()) & (target > 0.1 * target.max())
        scale = np.where(known, even ** (1 - fidelity) * (target / extent) ** fidelity, even)
        # Two neighbours that both are wider than in print would run into each other.
        scale[0] = min(scale[0], (target[0] + 0.08 * part.size) / extent[0])
        centre = np.array([box[0] + box[2], box[1] + box[3]]) / 2 + self.rng.normal(0, 0.03, 2) * part.size
        return [(stroke - low - extent / 2) * scale + centre for stroke in strokes]

    def bar(self, box: Box) -> np.ndarray:
        left, top, right, bottom = box
        if right - left >= bottom - top:
            ends = np.array([[left, (top + bottom) / 2], [right, (top + bottom) / 2]])
        else:
            ends = np.array([[(left + right) / 2, top], [(left + right) / 2, bottom]])
        length = float(np.abs(ends[1] - ends[0]).max())
        ends = ends + self.rng.normal(0, min(0.6, 0.03 * length + 0.2), (2, 2))
        return self._wavy(ends, 0.25)

    def root(self, box: Box, bar_left: float) -> np.ndarray:
        left, top, right, bottom = box
        width, height = bar_left - left, bottom - top
        jitter = self.rng.normal(0, 0.05, (4, 2)) * [width, min(height, 15)]
        hook = self.rng.uniform(0.4, 0.65)  # how far down the sign begins
        corners = np.array([[0.0, hook + 0.05], [0.2, hook], [0.5, 1.0], [1.0, 0.0]])
        sign = corners * [width, height] + [left, top] + jitter
        end = [right + self.rng.uniform(-0.3, 1.0), top + self.rng.normal(0, 0.5)]
        bar = self._wavy(np.array([sign[-1], end]), 0.2)
        if self.rng.random() < 0.3:  # a little hook at the bar's end
            bar = np.concatenate([bar, [bar[-1] + [0, self.rng.uniform(1, 3)]]])
        return ink.smooth(np.concatenate([ink.resample(sign, 2.0), bar[1:]]), 1)

    def lying_brace(self, box: Box, over: bool) -> Strokes:
        upright = self.sample(Part(r"\{", box))
        turned = [stroke[:, ::-1] if over else stroke[:, ::-1] * [1, -1] for stroke in upright]
        low, extent = ink.bounds(turned)
        return [(stroke - low) * (_sides(box) / extent) + box[:2] for stroke in turned]

    def _wavy(self, ends: np.ndarray, amount: float) -> np.ndarray:
        line = ink.resample(ends, 2.0)
        return ink.wobble(line, amount, 12.0, self.rng)

    def _drift(self, strokes: Strokes) -> Strokes:
        """Lets the line of writing rise, sink and sway a little, all of it together, so that bars stay over terms."""
        amplitude, phase = abs(self.rng.normal(0, 0.8)), self.rng.uniform(0, 2 * math.pi)
        wavelength, slope = self.rng.uniform(80, 200), self.rng.normal(0, 0.015)
        points, counts = ink.joined(strokes)
        x = points[:, 0]
        drop = amplitude * np.sin(2 * math.pi * x / wavelength + phase) + slope * x
        return ink.parted(points + np.stack([np.zeros_like(drop), drop], 1), counts)


def _sides(box: Box) -> np.ndarray:
    return np.array([box[2] - box[0], box[3] - box[1]])


def _fit_arrow(what: str, strokes: Strokes, box: Box, rng: np.random.Generator) -> Strokes:
    """Makes an arrow as long as its box by lengthening the shaft alone: the head keeps its shape."""
    low, extent = ink.bounds(strokes)
    height = (box[3] - box[1]) * rng.uniform(0.8, 1.2)
    scale = min(height / extent[1], (box[2] - box[0]) / extent[0])
    missing = (box[2] - box[0]) - extent[0] * scale
    start, stop = SHAFTS[what]
    middle = (box[1] + box[3]) / 2
    fitted = []
    for stroke in strokes:
        along = (stroke[:, 0] - low[0]) / extent[0]
        x = box[0] + (stroke[:, 0] - low[0]) * scale + missing * np.clip((along - start) / (stop - start), 0, 1)
        y = middle + (stroke[:, 1] - low[1] - extent[1] / 2) * scale
        fitted.append(np.stack([x, y], 1))
    return fitted


# --- formulas -> strokes ----------------------------------------------------------------------------------------------


def writable(part: Part, stock: Stock) -> bool:
    """Whether somebody has written what a part needs."""
    if part.what in ("overbrace", "underbrace"):
        return r"\{" in stock.samples
    return part.what in ("bar", "root") or bool(stock.tokens(part))


def unknown(part: Part) -> str:
    """The name of a part that nobody has written."""
    return f"{part.what} {part.name}".strip()


def pick(table: Path, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Formulas of a list in random order, short ones first choice: LaTeX and label, each label once.

    Args:
        table: lines of source, tab, LaTeX, plain or `.gz`, as `corpus` writes them.
        seed: of the order and of the choice among long formulas.
    """
    opened = gzip.open if table.suffix == ".gz" else open
    with opened(table, "rt", encoding="utf-8") as file:
        found = [line.rstrip("\n").partition("\t")[2] for line in file]
    rng, seen = np.random.default_rng(seed), set()
    for index in rng.permutation(len(found)):
        label = held_out.label(found[index])
        if label and label not in seen and _worth_writing(label, rng):
            seen.add(label)
            yield found[index], held_out.label(found[index], ending=True)


def _worth_writing(label: str, rng: np.random.Generator) -> bool:
    """Few people write long formulas by hand; and handwriting shows no bold, nor whether one letter is upright."""
    length = len(split_label(label))
    wanted = 3 <= length <= 80 and rng.random() < min(1.0, (35 / length) ** 2)
    return wanted and not _BOLD.search(label) and (not _UPRIGHT.search(label) or rng.random() < UPRIGHT)
