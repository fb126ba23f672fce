"""Handwriting that is drawn anew each time it is seen: a source of training pictures that never repeats one.

    python -m img2latex.data.handwriting --ink FOLDER --formulas lists/math/train.tsv --held-out ... --out shards/ink
    python train.py --data shards/ink/written=0.1 shards/ink/exchanged=0.2 shards/ink/composed=0.2

The command packs strokes of expressions and symbols, and the printed layouts of formulas, into one folder. The source
then takes an expression as it was written, with its symbols exchanged (`exchange.py`), or a formula composed of symbols
(`compose.py`), or a symbol alone, lets another hand write it (`ink.py`) with some pen (`pen.py`) on some paper
(`paper.py`).
"""

from __future__ import annotations

import argparse
import functools
import gzip
import hashlib
import itertools
import json
import re
import sys
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from img2latex.data import compose, held_out, ink, paper, pen
from img2latex.data.alone import alone
from img2latex.data.dvi import Part, layouts
from img2latex.data.exchange import exchange
from img2latex.data.ink import Ink, Strokes
from img2latex.data.shards import Row, write_shard
from img2latex.files.atomic import replacing
from img2latex.latex.tokens import split_label

MODES = ("written", "exchanged", "composed", "alone")
EXPRESSIONS, SYMBOLS, LAYOUTS = "expressions.npz", "symbols.npz", "layouts.npz"
PHOTOGRAPHED = 0.2  # share of the drawings that a phone sees: `augment` seldom gives one picture all that a phone does
UPRIGHT = re.compile(r"\\mathrm \{ ([^{}]*?) \}")  # handwriting does not show it


# --- packs: strokes in a file -----------------------------------------------------------------------------------------


def write_pack(path: Path, records: Iterable[tuple[dict, Strokes]], **more) -> int:
    """Writes (what is known of it, its strokes) records and `more` values to `path`, which appears only when whole.

    Returns:
        The number of records.
    """
    known, strokes, counts = [], [], []
    for about, its in records:
        known.append(about)
        strokes += its
        counts.append(len(its))
    text = json.dumps({"records": known, **more}, ensure_ascii=False).encode()
    with replacing(path) as draft, open(draft, "wb") as file:
        np.savez(
            file, about=np.frombuffer(gzip.compress(text), np.uint8), counts=np.array(counts, np.int32),
            lengths=np.array([len(stroke) for stroke in strokes], np.int32),
            points=np.concatenate(strokes or [np.empty((0, 2))]).astype(np.float32),
        )  # fmt: skip
    return len(known)


class Pack:
    """Reads what `write_pack` wrote: `records`, and the strokes of each by its number.

    Raises:
        ValueError: the file is no pack.
    """

    def __init__(self, path: Path):
        try:
            with np.load(path) as arrays:
                about = json.loads(gzip.decompress(arrays["about"].tobytes()))
                points, lengths, counts = arrays["points"], arrays["lengths"], arrays["counts"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(f"{path} is no pack of strokes: {error}") from None
        self.about, self.records, self.points = about, about["records"], points
        self.ends = np.cumsum([0, *lengths])  # where each stroke begins among the points
        self.starts = np.cumsum([0, *counts])  # where each record begins among the strokes

    def strokes(self, number: int) -> Strokes:
        first, last = self.starts[number], self.starts[number + 1]
        return [self.points[a:b] for a, b in itertools.pairwise(self.ends[first : last + 1])]


def digest(label: str) -> int:
    """A label as a number: a set of these is small."""
    return int.from_bytes(hashlib.blake2b(label.encode(), digest_size=6).digest(), "big")


# --- the source -------------------------------------------------------------------------------------------------------


class Handwriting:
    """Handwriting of one of `MODES` from a folder that `main` has packed, with the interface of `dataset.Shards`.

    Args:
        folder: the packed folder.
        mode: `written`, `exchanged`, `composed` or `alone`: a single symbol (see `often`).

    Raises:
        ValueError: the folder lacks a pack, or there is no such mode.
    """

    def __init__(self, folder: Path, mode: str):
        if mode not in MODES:
            raise ValueError(f"there is no handwriting {mode}, only {', '.join(MODES)}")
        self.mode = mode
        self.pack = Pack(folder / (LAYOUTS if mode == "composed" else EXPRESSIONS))
        self.kept_out = set(self.pack.about["kept_out"])
        self.labels = [UPRIGHT.sub(r"\1", record["label"]) for record in self.pack.records]
        self.stock = None if mode == "written" else read_stock(folder / SYMBOLS)
        if mode == "alone":
            known = [token for token in alone(self.stock.samples) if digest(token) not in self.kept_out]
            self.labels = often(known, self.labels)

    def sample(self, number: int, rng: np.random.Generator) -> tuple[np.ndarray, str]:
        """A picture and its label, of as many tokens as `labels[number]`."""
        label, strokes = self.written(number, rng)
        look = pen.random_look(rng)
        picture = pen.draw(ink.vary(strokes, rng), look, rng)
        picture = paper.on_paper(picture, rng, look.letter)
        if rng.random() < PHOTOGRAPHED:
            picture = paper.photographed(picture, rng, look.letter, chance=0.75)
        return picture, label

    def written(self, number: int, rng: np.random.Generator) -> tuple[str, Strokes]:
        """The label and the strokes of a formula, before they are varied."""
        label = self.labels[number]
        if self.mode == "alone":
            by_writer = [*self.stock.samples[label].values()]
            samples = by_writer[rng.integers(len(by_writer))]
            return label, samples[rng.integers(len(samples))]
        if self.mode == "composed":
            return label, compose.Hand(self.stock, rng).write(self._parts(number))
        expression = self.expression(number)
        if self.mode == "exchanged":
            renamed, other = exchange(expression, label, self.stock, rng)
            if digest(renamed) not in self.kept_out:
                label, expression = renamed, other
        return label, ink.uneven(expression, rng)

    def expression(self, number: int) -> Ink:
        about = self.pack.records[number]
        symbols = tuple((token, tuple(places)) for token, places in about["symbols"])
        return Ink("", self.labels[number], "train", self.pack.strokes(number), about["writer"], symbols)

    def _parts(self, number: int) -> list[Part]:
        parts = []
        for (what, name), points in zip(self.pack.records[number]["parts"], self.pack.strokes(number), strict=True):
            (left, top), (right, bottom), (origin, size) = points.tolist()
            parts.append(Part(what, (left, top, right, bottom), name, origin, size))
        return parts


def often(tokens: list[str], labels: list[str]) -> list[str]:
    """The tokens, half of them each once, half as often as labels hold them: people draw a plus more than an aleph."""
    counts = Counter(token for label in labels for token in split_label(label))
    total = max(1, sum(counts[token] for token in tokens))
    return [token for token in tokens for _ in range(1 + round(len(tokens) * counts[token] / total))]


@functools.cache
def read_stock(path: Path) -> compose.Stock:
    """The symbols of a pack, by token and writer."""
    pack = Pack(path)
    samples: dict[str, dict[str, list[Strokes]]] = defaultdict(lambda: defaultdict(list))
    for number, (token, writer) in enumerate(pack.records):
        samples[token][writer].append(pack.strokes(number))
    glyphs = {glyph: tuple(tokens) for glyph, tokens in pack.about["glyphs"].items()}
    return compose.Stock({token: dict(by_writer) for token, by_writer in samples.items()}, glyphs)


# --- the command ------------------------------------------------------------------------------------------------------


def expressions(folder: Path, kept_out: set[str], left_out: Counter) -> Iterator[tuple[dict, Strokes]]:
    """Training expressions of a folder of ink whose labels are not kept out, as records of a pack."""
    for name in ink.SPLITS["train"]:
        if not (folder / name).exists():
            continue
        for found in ink.read_expressions(folder / name):
            label = held_out.label(found.latex)
            if label is None or label in kept_out:
                left_out["held out" if label else "unreadable"] += 1
            else:
                about = {"label": label, "writer": found.writer, "symbols": found.symbols}
                yield about, found.strokes


def composable(
    formulas: Iterable[tuple[str, str]], stock: compose.Stock, kept_out: set[str], left_out: Counter
) -> Iterator[tuple[dict, Strokes]]:
    """(LaTeX, label) pairs whose every glyph somebody has written, with where it stands, as records of a pack."""
    fresh = ((latex, label) for latex, label in formulas if label not in kept_out)
    while batch := list(itertools.islice(fresh, compose.BATCH)):
        for (_, label), parts in zip(batch, layouts([latex for latex, _ in batch]), strict=True):
            unknown = {compose.unknown(part) for part in parts or () if not compose.writable(part, stock)}
            if unknown or not parts:
                left_out.update(unknown or ["refused by LaTeX"])
                continue
            boxes = [np.array([*part.box, part.origin, part.size]).reshape(3, 2) for part in parts]
            yield {"label": label, "parts": [(part.what, part.name) for part in parts]}, boxes


def symbols(stock: compose.Stock) -> Iterator[tuple[tuple[str, str], Strokes]]:
    """All samples of a stock, as records of a pack."""
    for token, by_writer in stock.samples.items():
        for writer, mine in by_writer.items():
            for strokes in mine:
                yield (token, writer), strokes


def pack(folder: Path, out: Path, tables: Sequence[Path], others: Sequence[Path], seed: int) -> dict[str, int]:
    """Makes the packs of a source; returns how many records each has."""
    kept_out = held_out.labels([*ink.held_out_files(folder), *others])
    digests = sorted(map(digest, kept_out))
    left_out: Counter = Counter()
    stock = compose.load_stock(folder)
    out.mkdir(parents=True, exist_ok=True)
    count = write_pack(out / EXPRESSIONS, expressions(folder, kept_out, left_out), kept_out=digests)
    write_pack(out / SYMBOLS, symbols(stock), glyphs=stock.glyphs)
    chosen = itertools.chain.from_iterable(compose.pick(table, seed) for table in tables)
    bar = tqdm(composable(chosen, stock, kept_out, left_out), desc="formulas", unit="", disable=None)
    composed = write_pack(out / LAYOUTS, bar, kept_out=digests)
    print("left out, most frequent first:", *(f"\n  {n:6d}  {why}" for why, n in left_out.most_common(20)))
    written = sum(map(len, (mine for by_writer in stock.samples.values() for mine in by_writer.values())))
    return {"expressions": count, "symbols": written, "formulas": composed}


def drawn(folder: Path, split: str, rng: np.random.Generator, pens: str | None, sheet: str | None) -> Iterator[Row]:
    """The expressions of a split, each drawn once with another pen on another paper, or with those named."""
    for name in ink.SPLITS[split]:
        for found in ink.read_expressions(folder / name):
            label = held_out.label(found.latex)
            if label:
                look = pen.random_look(rng, pens)
                picture = pen.draw(ink.vary(found.strokes, rng), look, rng)
                yield Row(paper.on_paper(picture, rng, look.letter, sheet), f"crohme_{split}", found.latex, label)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.handwriting", description=__doc__.split("\n")[0])
    parser.add_argument("--ink", type=Path, required=True, help="folder with crohme_*.jsonl.gz and symbols")
    parser.add_argument("--out", type=Path, required=True, help="folder for the packs, or for shards with --split")
    parser.add_argument("--formulas", nargs="+", type=Path, default=[], help="lists to compose: source, tab, LaTeX")
    parser.add_argument("--held-out", nargs="+", type=Path, default=[], help="more files whose val and test stay out")
    parser.add_argument("--split", choices=("val", "test"), help="draw the expressions of a split into a shard instead")
    parser.add_argument("--pen", choices=pen.PENS, help="with --split: draw all with this pen")
    parser.add_argument("--paper", choices=paper.PAPERS, help="with --split: draw all on this paper")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    try:
        if args.split:
            rows = drawn(args.ink, args.split, np.random.default_rng(args.seed), args.pen, args.paper)
            print(f"handwriting: {write_shard(args.out / f'ink-{args.split}.zip', rows)} pictures in {args.out}")
        else:
            made = pack(args.ink, args.out, args.formulas, args.held_out, args.seed)
            print(f"handwriting: {', '.join(f'{n} {what}' for what, n in made.items())} in {args.out}")
    except (OSError, ValueError) as error:
        print(f"handwriting: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
