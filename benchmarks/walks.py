r"""Random walks under the token automaton: does the parser read, and KaTeX render, all that a model could ever say?

    python -m benchmarks.walks --count 100000

Each walk likes some tokens better than others, so that rare things meet. Prints each formula that fails and why, then
the count; the exit status is 1 if any failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

import torch
from playwright.sync_api import Page
from tqdm import tqdm

from benchmarks.katex import katex, katex_page
from img2latex.data.web import chromium
from img2latex.latex import LatexError, beautify, to_katex
from img2latex.latex.automaton import formulas
from img2latex.latex.tokens import EOS
from img2latex.reader.checkpoints import resolve

BATCH = 500  # walks at once
LONGEST = 60  # tokens
# What makes the shape of a formula is liked oftener than the many symbols, and what makes a table wherever it can be.
SHAPES = frozenset(r"{ [ ] _ ^ \frac \sqrt \substack \overset \not \mathrm".split())
CELLS = frozenset(r"& \\ \hline".split())


def walk(vocab: tuple[str, ...], count: int, generator: torch.Generator) -> list[list[int]]:
    """Ids of `count` random formulas, each with a taste and a limit of its own; some are empty."""
    grammar = formulas(vocab)
    rarity = torch.tensor([5.0 if token in SHAPES or token.startswith(r"\begin") else 20.0 for token in vocab])
    likes = torch.rand(count, len(vocab), generator=generator).pow(rarity) + 1e-4
    for cell in sorted(CELLS & set(vocab)):
        likes[:, vocab.index(cell)] = 5 * torch.rand(count, generator=generator)
    likes[:, EOS] = 0.02 * torch.rand(count, generator=generator) * likes.sum(1)
    limits = torch.randint(1, LONGEST + 1, (count,), generator=generator).tolist()
    walks: list[list[int]] = [[] for _ in range(count)]
    states = [grammar.start] * count
    going = list(range(count))
    while going:
        room = [limits[i] - len(walks[i]) for i in going]
        odds = likes[going] * torch.from_numpy(grammar.allowed([states[i] for i in going], room))
        for i, token in zip(going, odds.multinomial(1, generator=generator)[:, 0].tolist(), strict=True):
            states[i] = grammar.step(states[i], token)
            if token != EOS:
                walks[i].append(token)
        going = [i for i in going if states[i]]
    return walks


def failures(page: Page, walks: Sequence[str]) -> list[tuple[str, str]]:
    """The formulas that do not parse or render once they are written for a person, each with the reason."""
    failed, written = [], []
    for latex in walks:
        try:
            written.append((latex, to_katex(beautify(latex))))
        except LatexError as error:
            failed.append((latex, str(error)))
    reasons = katex(page, [shown for _, shown in written])
    return failed + [(latex, reason) for (latex, _), reason in zip(written, reasons, strict=True) if reason]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.walks", description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=100_000, help="walks")
    parser.add_argument("--checkpoint", default="math", help="whose vocabulary")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    vocab = tuple(json.loads((resolve(options.checkpoint) / "config.json").read_text())["vocab"])
    generator = torch.Generator().manual_seed(options.seed)
    torch.set_num_threads(1)
    done = failed = 0
    with chromium() as browser, katex_page(browser) as page, tqdm(total=options.count) as bar:
        while done < options.count:
            walks = [w for w in walk(vocab, BATCH, generator) if w][: options.count - done]
            found = failures(page, [" ".join(vocab[i] for i in ids) for ids in walks])
            for latex, reason in found:
                print(f"{latex}\n    {reason}")
            done, failed = done + len(walks), failed + len(found)
            bar.update(len(walks))
    print(f"{done} walks, {failed} refused")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
