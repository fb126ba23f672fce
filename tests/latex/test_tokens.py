"""Tokens: LaTeX is split in one way only, and nothing is lost on the way to ids and back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from img2latex.latex.tokens import BOS, EOS, PAD, SPECIAL, UNK, Tokenizer, build_vocab, tokenize

VOCAB = (*SPECIAL, "x", "y", "2", "^", "{", "}", r"\frac")


@pytest.mark.parametrize(
    "latex, tokens",
    [
        ("", []),
        (" \n\t ", []),
        ("x2", ["x", "2"]),
        ("10", ["1", "0"]),
        (r"\alpha b", [r"\alpha", "b"]),
        (r"\alphab", [r"\alphab"]),
        (r"\alpha2", [r"\alpha", "2"]),
        (r"\alpha_\beta", [r"\alpha", "_", r"\beta"]),
        (r"\{x\}", [r"\{", "x", r"\}"]),
        (r"\|x\|", [r"\|", "x", r"\|"]),
        (r"a\\b", ["a", r"\\", "b"]),
        (r"\\alpha", [r"\\", "a", "l", "p", "h", "a"]),
        (r"\\\alpha", [r"\\", r"\alpha"]),
        (r"\begin{array}{c}", [r"\begin{array}", "{", "c", "}"]),
        ("\\begin { align* }\\end\n{align*}", [r"\begin{align*}", r"\end{align*}"]),
        (r"\begin{}", [r"\begin", "{", "}"]),
        (r"\beginner{x}", [r"\beginner", "{", "x", "}"]),
        ("a~b", ["a", "~", "b"]),
        ("\\", ["\\"]),
        ("x\\", ["x", "\\"]),
        ("αβ", ["α", "β"]),
        ("\\\n", ["\\\n"]),
    ],
)
def test_tokenize(latex, tokens):
    assert tokenize(latex) == tokens


@given(st.text(alphabet="ab12 \\{}^_&~\n$αbegin*nd", max_size=60))
def test_nothing_but_white_space_is_lost(latex):
    assert re.sub(r"\s", "", "".join(tokenize(latex))) == re.sub(r"\s", "", latex)


@given(st.text(alphabet="ab12 {}^_&~$\\", max_size=60))
def test_tokens_joined_by_spaces_are_the_same_tokens(latex):
    tokens = tokenize(latex)
    tokens = tokens[:-1] if tokens and tokens[-1] in ("\\", "\\ ") else tokens  # a lone backslash is no LaTeX
    tokens = [t for t in tokens if t != "\\ "]
    assert tokenize(" ".join(tokens)) == tokens


@given(st.lists(st.sampled_from(VOCAB[len(SPECIAL) :]), max_size=20))
def test_known_tokens_come_back_from_their_ids(tokens):
    tokenizer = Tokenizer(VOCAB)
    assert tokenizer.decode(tokenizer.encode(tokens)) == tokens


def test_ids_are_places_in_the_vocabulary():
    tokenizer = Tokenizer(VOCAB)
    assert len(tokenizer) == len(VOCAB)
    assert tokenizer.encode(["x", r"\frac"]) == [4, 10]


def test_an_unknown_token_is_told_as_unknown():
    assert Tokenizer(VOCAB).encode(["x", r"\omega"]) == [4, UNK]


def test_decoding_stops_at_eos_and_passes_over_what_is_no_formula():
    assert Tokenizer(VOCAB).decode([BOS, 4, PAD, 5, EOS, 6]) == ["x", "y"]


@pytest.mark.parametrize("vocab", [(), ("x",), SPECIAL[::-1], (*SPECIAL[:3], "x")])
def test_a_vocabulary_without_the_special_tokens_is_refused(vocab):
    with pytest.raises(ValueError, match="must begin with"):
        Tokenizer(vocab)


def test_a_vocabulary_with_a_token_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        Tokenizer((*VOCAB, "x"))


def test_build_vocab_counts_and_sorts():
    labels = [["b", "a"], ["b", "c"], ["b", "<pad>"]]
    assert build_vocab(labels) == (*SPECIAL, "a", "b", "c")
    assert build_vocab(labels, min_count=2) == (*SPECIAL, "b")
    assert Tokenizer(build_vocab(labels)).decode([5]) == ["b"]
