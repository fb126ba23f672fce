"""Realistic formulas out of nothing but a seed, so that training works on a fresh clone.

    python -m img2latex.data.synthesize math --n 100 --seed 0
    python -m img2latex.data.synthesize biology --n 20 --categories

`math` and `biology` follow what school and first-year books hold; `rare` shows every command of the vocabulary equally
often, which those two cannot. The rules are in `img2latex/data/grammars/`. All of it is LaTeX with amsmath and amssymb.
"""

import argparse

from img2latex.data.grammars import life, mathematics, vocabulary
from img2latex.data.grammars.grammar import formulas


def math(seed: int, n: int) -> list[str]:
    """`n` formulas of mathematics and physics as LaTeX; those of a smaller `n` are their beginning.

    Raises:
        ValueError: `n` is negative.
    """
    return [latex for _, latex in labelled("math", seed, n)]


def biology(seed: int, n: int) -> list[str]:
    """`n` formulas of school biology and its chemistry as LaTeX; those of a smaller `n` are their beginning.

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
        kind: "math", "biology" or "rare".
        seed: Any whole number; the same seed gives the same formulas on every machine.
        n: How many.

    Raises:
        ValueError: `kind` is unknown or `n` is negative.
    """
    if kind == "math":
        return formulas(mathematics.GRAMMAR, mathematics.WEIGHTS, mathematics.restyle, f"math {seed}", n)
    if kind == "biology":
        return formulas(life.GRAMMAR, life.WEIGHTS, life.restyle, f"biology {seed}", n)
    if kind == "rare":
        return vocabulary.formulas(f"rare {seed}", n)
    raise ValueError(f"There are formulas of math, biology and rare, none of {kind!r}.")


def main(arguments: list[str] | None = None) -> None:
    """The command line: prints one formula a line."""
    parser = argparse.ArgumentParser(description="Prints random formulas, one a line.")
    parser.add_argument("kind", choices=["math", "biology", "rare"])
    parser.add_argument("--n", type=int, default=100, help="how many (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed prints the same formulas (default: 0)")
    parser.add_argument("--categories", action="store_true", help="print the category and a tab before each formula")
    options = parser.parse_args(arguments)
    if options.n < 0:
        parser.error(f"--n must be 0 or more, not {options.n}")
    for category, latex in labelled(options.kind, options.seed, options.n):
        print(f"{category}\t{latex}" if options.categories else latex)


if __name__ == "__main__":
    main()
