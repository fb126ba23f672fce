"""Tokens of LaTeX and their ids.

A token is a command (`\\alpha`, `\\tag*`), an escaped character (`\\{`), all of `\\begin{name}` or `\\end{name}`, or a
character.
White space separates tokens and is none itself; the visible space between two upright words is written `~`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from img2latex.latex.errors import LatexError
from img2latex.latex.spelling import NUMBERED

TOKEN = re.compile(r"\\tag\*|\\(?:begin|end)\s*\{\s*[A-Za-z]+\*?\s*\}|\\[A-Za-z]+|\\.|[^\s\\]|\\$", re.DOTALL)

PAD, BOS, EOS, UNK = range(4)
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")


def tokenize(latex: str) -> list[str]:
    """Splits LaTeX into tokens; `" ".join` of them is the same formula."""
    return [re.sub(r"\s", "", t) if t.startswith(("\\begin", "\\end")) else t for t in TOKEN.findall(latex)]


def split_label(label: str) -> list[str]:
    r"""The tokens of a canonical label, as `normalize` writes it: they stand between single spaces.

    >>> split_label(r"\frac { 1 } { x }")
    ['\\frac', '{', '1', '}', '{', 'x', '}']
    """
    return label.split()


def closing(tokens: Sequence[str], start: int) -> int:
    """Index of the brace that closes the one at `start`.

    Raises:
        LatexError: none does.
    """
    level = 0
    for i in range(start, len(tokens)):
        level += (tokens[i] == "{") - (tokens[i] == "}")
        if level == 0:
            return i
    raise LatexError("a brace is opened and never closed")


def without_number(tokens: list[str]) -> tuple[list[str], list[str]]:
    """A formula and, apart from it, the number of the equation; nothing if it has none."""
    end = next((i for i, token in enumerate(tokens) if token in NUMBERED), len(tokens))
    return tokens[:end], tokens[end:]


class Tokenizer:
    """Tokens to ids and back.

    Args:
        vocab: every token the model knows, in the order of its ids; begins with `SPECIAL`.

    Raises:
        ValueError: a vocabulary without the special tokens in front, or with a token twice.
    """

    def __init__(self, vocab: Sequence[str]):
        if tuple(vocab[: len(SPECIAL)]) != SPECIAL:
            raise ValueError(f"the vocabulary must begin with {', '.join(SPECIAL)}")
        self.vocab = tuple(vocab)
        self.ids = {token: i for i, token in enumerate(self.vocab)}
        if len(self.ids) != len(self.vocab):
            raise ValueError("the vocabulary holds a token twice")

    def __len__(self) -> int:
        return len(self.vocab)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Ids without bos and eos; a token outside the vocabulary becomes `UNK`."""
        return [self.ids.get(token, UNK) for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Tokens up to eos; pad and bos are skipped."""
        tokens = []
        for i in ids:
            if i == EOS:
                break
            if i not in (PAD, BOS):
                tokens.append(self.vocab[i])
        return tokens


def build_vocab(labels: Iterable[Sequence[str]], min_count: int = 1) -> tuple[str, ...]:
    """The vocabulary of tokenized labels: special tokens, then all that occur `min_count` times, sorted."""
    counts: dict[str, int] = {}
    for tokens in labels:
        for token in tokens:
            counts[token] = counts.get(token, 0) + 1
    return SPECIAL + tuple(sorted(t for t, n in counts.items() if n >= min_count and t not in SPECIAL))
