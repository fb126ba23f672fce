r"""Formula lists with a split column -> leak-free lists of `source <tab> latex`, one a split, ready to be rendered.

    python -m img2latex.data.corpus math.tsv.gz biology.tsv.gz --out lists --train 120000 --held-out ink/*.jsonl.gz

Beside each train.tsv stands symbols.tsv: the tokens of its formulas that can stand alone.

A list has a header with at least `split`, `source` and `latex`. A formula that stands in val or test, in any spelling
that `normalize` makes equal, never reaches train, whichever file it comes from; `--held-out` names files that are not
made into lists.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from img2latex.data import held_out
from img2latex.data.alone import alone
from img2latex.data.ink import read_expressions
from img2latex.data.variation import vary
from img2latex.files.atomic import replacing
from img2latex.latex.tokens import split_label

# Shares of a training list by kind of source, and sources too monotonous to be taken whole.
SHARES = {"school": 0.42, "display": 0.33, "notes": 0.15, "inline": 0.10}
KINDS = {"arxiv_display": "display", "arxiv_inline": "inline"}
SCHOOL = ("k12", "tal", "gaokao", "conic", "agieval", "math_harness", "qwen_math", "deepseek_math", "orcca", "tora")
LOOKS = 16  # of a symbol alone
COMMON = 0.008  # share of formulas from which on a token is common: its frequency is matched
STEPS, LEAST, MOST = 200, -6.0, 3.0  # of the fit, and the range of a formula's weight in it, as logarithms
CAPS = {"stacks_project": 8000, "metabolic_reactions": 1000, "sbml_kinetics": 600, "metabolite_formulas": 1500}


class Formula(NamedTuple):
    split: str
    source: str
    latex: str
    label: str


def read(path: Path, max_tokens: int = 250, jobs: int | None = None) -> list[Formula]:
    """Formulas of one list that can be read as LaTeX and have at most `max_tokens` tokens.

    Args:
        jobs: processes; by default one a core.

    Raises:
        ValueError: see `held_out.read_table`.
    """
    rows = [(row["split"], row["source"], row["latex"]) for row in held_out.read_table(path)]
    with multiprocessing.Pool(jobs) as pool:
        labels = pool.map(held_out.label, (latex for _, _, latex in rows), chunksize=1000)
    pairs = zip(rows, labels, strict=True)
    return [Formula(*row, label) for row, label in pairs if label and label.count(" ") < max_tokens]


def kind(source: str) -> str:
    """The share of the mix that a source belongs to."""
    if source.startswith(SCHOOL):
        return "school"
    return KINDS.get(source, "notes")


def split_apart(formulas: Iterable[Formula], kept_out: Iterable[str] = ()) -> tuple[dict[str, list[Formula]], int]:
    """Formulas by split, each label once, and none of train that stands in another split or in `kept_out`.

    Returns:
        split -> formulas, and how many were dropped from train as leaks.
    """
    splits: dict[str, dict[str, Formula]] = defaultdict(dict)
    for formula in formulas:
        split = "train" if formula.split in held_out.TRAINING else formula.split
        splits[split].setdefault(formula.label, formula)
    kept_out = set(kept_out).union(*(labels for split, labels in splits.items() if split != "train"))
    train = splits.get("train", {})
    leaks = [label for label in train if label in kept_out]
    for label in leaks:
        del train[label]
    return {split: list(found.values()) for split, found in splits.items()}, len(leaks)


def shuffled(formulas: list[Formula], balance: float, rng: random.Random) -> list[Formula]:
    """Random order, in which those with a rare token tend to come first.

    A formula's weight is (formulas that have its rarest token) ** -balance; with 0 all orders are alike.
    """
    occurrences = Counter(token for formula in formulas for token in set(split_label(formula.label)))
    rarest = (min((occurrences[token] for token in split_label(each.label)), default=1) for each in formulas)
    return _drawn(formulas, (count**-balance for count in rarest), rng)


def _drawn(formulas: list[Formula], weights: Iterable[float], rng: random.Random) -> list[Formula]:
    """Drawn by weight without replacement (Efraimidis and Spirakis 2006)."""
    keys = [rng.expovariate(weight) for weight in weights]
    return [formulas[i] for i in sorted(range(len(formulas)), key=keys.__getitem__)]


def resembling(formulas: list[Formula], others: Sequence[str], rng: random.Random) -> list[Formula]:
    """Random order in which the first formulas have each common token about as often as the labels `others` have it.

    A formula's weight is the product of those of its tokens, fitted by scaling them in turn (Darroch and Ratcliff
    1972).
    """
    found = Counter(token for label in others for token in set(split_label(label)))
    common = {token: i for i, token in enumerate(t for t, n in found.items() if n >= COMMON * len(others))}
    wanted = np.array([found[token] / len(others) for token in common])
    has = np.zeros((len(formulas), len(common)), np.float32)
    for row, formula in zip(has, formulas, strict=True):
        row[[common[token] for token in set(split_label(formula.label)) if token in common]] = 1
    weights = np.zeros(len(common))
    for _ in range(STEPS):
        together = np.clip(has @ weights, LEAST, MOST)
        share = np.exp(together)
        share = share / share.sum() @ has
        weights += 0.3 * np.log(wanted / np.maximum(share, 1e-4))
    return _drawn(formulas, np.exp(together).tolist(), rng)


def mix(
    formulas: list[Formula], size: int, seed: int, balance: float = 0.0, like: Sequence[str] = (),
    shares: dict[str, float] = SHARES,
) -> list[Formula]:  # fmt: skip
    """At most `size` formulas by the shares of their kinds, monotonous sources capped, in random order.

    Args:
        balance: how much more often those with rare tokens are chosen; see `shuffled`.
        like: labels whose tokens the mix should have as often, instead; see `resembling`.
    """
    rng = random.Random(seed)
    formulas = resembling(formulas, like, rng) if like else shuffled(formulas, balance, rng)
    taken: Counter = Counter()
    kept: list[Formula] = []
    for formula in formulas:
        if taken[formula.source] < CAPS.get(formula.source, size):
            taken[formula.source] += 1
            kept.append(formula)
    pools: dict[str, list[Formula]] = defaultdict(list)
    for formula in kept:
        pools[kind(formula.source)].append(formula)
    if not pools["display"]:  # biology: too few of its sources belong to a share
        return kept[:size]
    mixed = [f for name, share in shares.items() for f in pools[name][: round(size * share)]]
    return rng.sample(mixed, len(mixed))


def punctuate(formulas: list[Formula], share: float, seed: int) -> list[Formula]:
    """Puts a comma or full stop behind a share of the formulas, as sentences do; most lists have lost theirs.

    A model that seldom sees one takes it for the beginning of another term.
    """
    rng = random.Random(seed)
    marks = [f"{space}{mark}" for space in ("", "", r"\ ", r"\,", "~") for mark in ",,.."] + [r"\;;"]

    def punctuated(formula: Formula) -> Formula:
        ended = formula._replace(latex=formula.latex + rng.choice(marks))
        has_one = held_out.label(formula.latex, ending=True) != formula.label
        return formula if has_one or held_out.label(ended.latex) != formula.label else ended

    return [punctuated(formula) if rng.random() < share else formula for formula in formulas]


def varied(formulas: list[Formula], share: float, seed: int, kept_out: set[str]) -> list[Formula]:
    """Replaces a share of the formulas by variations (see variation.py) that can be read and are not in `kept_out`."""
    rng = random.Random(seed)

    def variation(formula: Formula) -> Formula:
        latex = vary(formula.latex, rng)
        label = held_out.label(latex)
        return formula._replace(latex=latex, label=label) if label and label not in kept_out else formula

    return [variation(formula) if rng.random() < share else formula for formula in formulas]


def symbols(formulas: list[Formula], kept_out: set[str]) -> list[Formula]:
    """Each token of the formulas that can stand alone, `LOOKS` times: to be seen in as many looks."""
    tokens = alone(token for formula in formulas for token in split_label(formula.label))
    return [Formula("train", "symbol", token, token) for token in tokens if token not in kept_out for _ in range(LOOKS)]


def write(formulas: Iterable[Formula], path: Path) -> None:
    """Writes `source <tab> latex` lines, in one step."""
    with replacing(path) as draft:
        draft.write_text("".join(f"{f.source}\t{f.latex}\n" for f in formulas), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.corpus", description=__doc__.split("\n")[0])
    parser.add_argument("lists", nargs="+", type=Path, help="files with columns split, source, latex; plain or .gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for train, symbols, val and test.tsv of each")
    parser.add_argument("--train", type=int, default=120_000, help="formulas in a training list, at most")
    parser.add_argument("--held-out", nargs="+", type=Path, default=[], help="more files whose val and test stay out")
    parser.add_argument("--endings", type=float, default=0.1, metavar="SHARE",
                        help="share of training formulas to end with a comma or full stop (default 0.1)")  # fmt: skip
    parser.add_argument("--varied", type=float, default=0.0, metavar="SHARE",
                        help="share of training formulas to get other letters and accents (default 0)")  # fmt: skip
    parser.add_argument("--balance", type=float, default=0.0, metavar="EXPONENT",
                        help="prefer rare tokens, weight (formulas with them) ** -EXPONENT (default 0)")  # fmt: skip
    parser.add_argument("--like", type=Path, metavar="INK",
                        help="have tokens as often as these handwritten expressions have them")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        kept_out = held_out.labels(options.held_out)
        everything = [(path.parent.name, read(path)) for path in options.lists]
        inks = read_expressions(options.like) if options.like else ()
        like = [label for ink in inks if (label := held_out.label(ink.latex))]
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    kept_out |= {f.label for _, formulas in everything for f in formulas if f.split not in held_out.TRAINING}
    for name, formulas in everything:
        splits, leaks = split_apart(formulas, kept_out)
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        for split, found in splits.items():
            if split == "train":
                found = mix(found, options.train, options.seed, options.balance, like)
                found = varied(found, options.varied, options.seed, kept_out)
                found = punctuate(found, options.endings, options.seed)
                write(symbols(found, kept_out), folder / "symbols.tsv")
            write(found, folder / f"{split}.tsv")
            print(f"{name} {split}: {len(found)} formulas", f"({leaks} leaks dropped)" if split == "train" else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
