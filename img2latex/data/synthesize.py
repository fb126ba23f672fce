"""Realistic formulas out of nothing but a seed, so that training works on a fresh clone.

    python -m img2latex.data.synthesize math --n 100 --seed 0
    python -m img2latex.data.synthesize biology --n 20 --categories

`math` and `biology` follow school and first-year books. Four more kinds have what those contain too rarely to be
learned: `rare` every command of the vocabulary equally often, `repeating` parts that look alike, among which a reader
loses its place, `layouts` tables, derivations, diagrams and what stands around a formula, `untidy` labelled arrows,
equation numbers, written arithmetic and marks that are easily overlooked. The rules are in `img2latex/data/templates/`.
All of it is LaTeX with amsmath, amssymb, mathtools, mhchem, cancel and xcolor.
"""

import argparse
from pathlib import Path

from img2latex.data import held_out
from img2latex.data.templates import layouts, life, mathematics, repetition, untidy, vocabulary
from img2latex.data.templates.engine import MAX_TOKENS, formulas

TEMPLATES = {  # with the weights of their categories, the authors' habits, and the tokens of a label at most
    "math": (mathematics.TEMPLATES, mathematics.WEIGHTS, mathematics.restyle, MAX_TOKENS),
    "biology": (life.TEMPLATES, life.WEIGHTS, life.restyle, MAX_TOKENS),
    "repeating": (repetition.TEMPLATES, repetition.WEIGHTS, mathematics.restyle, repetition.MAX_TOKENS),
    "layouts": (layouts.TEMPLATES, layouts.WEIGHTS, lambda rng, latex: latex, layouts.MAX_TOKENS),
    "untidy": (untidy.TEMPLATES, untidy.WEIGHTS, untidy.restyle, untidy.MAX_TOKENS),
}
KINDS = ["rare", *TEMPLATES]


def math(seed: int, n: int) -> list[str]:
    """`n` formulas of mathematics and physics as LaTeX; a smaller `n` gives the beginning of the same list.

    Raises:
        ValueError: `n` is negative.
    """
    return [latex for _, latex in labelled("math", seed, n)]


def biology(seed: int, n: int) -> list[str]:
    """`n` formulas of school biology and its chemistry as LaTeX; a smaller `n` gives the beginning of the same list.

    Raises:
        ValueError: `n` is negative.
    """
    return [latex for _, latex in labelled("biology", seed, n)]


def rare(seed: int, n: int) -> list[str]:
    """`n` small random layouts that go through the whole vocabulary again and again; they mean nothing.

    Raises:
        ValueError: `n` is negative.
    """
    return [latex for _, latex in labelled("rare", seed, n)]


def labelled(kind: str, seed: int, n: int) -> list[tuple[str, str]]:
    """The same formulas as (category, LaTeX).

    Args:
        kind: One of `KINDS`.
        seed: Any whole number; the same seed gives the same formulas on every machine.
        n: How many.

    Raises:
        ValueError: `kind` is unknown or `n` is negative.
    """
    if kind not in KINDS:
        raise ValueError(f"There are formulas of {', '.join(KINDS)}, none of {kind!r}.")
    if kind == "rare":
        return vocabulary.formulas(f"rare {seed}", n)
    templates, weights, restyle, longest = TEMPLATES[kind]
    return formulas(templates, weights, restyle, f"{kind} {seed}", n, longest)


def main(arguments: list[str] | None = None) -> None:
    """The command line: prints one formula a line."""
    parser = argparse.ArgumentParser(description="Prints random formulas, one a line.")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--n", type=int, default=100, help="how many (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed prints the same formulas (default: 0)")
    parser.add_argument("--categories", action="store_true", help="print the category and a tab before each formula")
    parser.add_argument("--held-out", nargs="+", type=Path, default=[], help="files whose val and test stay out")
    options = parser.parse_args(arguments)
    if options.n < 0:
        parser.error(f"--n must be 0 or more, not {options.n}")
    try:
        kept_out = held_out.labels(options.held_out)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    for category, latex in labelled(options.kind, options.seed, options.n):
        if not kept_out or held_out.label(latex) not in kept_out:
            print(f"{category}\t{latex}" if options.categories else latex)


if __name__ == "__main__":
    main()
