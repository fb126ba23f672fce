"""The grammar: formulas that people write pass, broken ones do not, and all that passes parses and renders."""

import json

import numpy as np
import pytest
import torch

from benchmarks.katex import katex, katex_page
from benchmarks.walks import LONGEST, failures, walk
from img2latex.latex import beautify, normalize, problem, to_katex
from img2latex.latex.automaton import DEEPEST, NEVER, formulas, free
from img2latex.latex.katex import commands
from img2latex.latex.tokens import BOS, EOS, PAD, SPECIAL, UNK, Tokenizer
from img2latex.reader.checkpoints import CHECKPOINTS
from tests.latex.test_latex import FORMULAS, IDIOMS
from tests.tiny import TOKENS

torch.set_num_threads(1)
VOCAB = tuple(json.loads((CHECKPOINTS / "math" / "config.json").read_text())["vocab"])
TOKENIZER, GRAMMAR = Tokenizer(VOCAB), formulas(VOCAB)
# Of the vocabulary, but in no formula: alone they do not render, or nobody but the author knows what they mean.
UNKNOWN = {r"\d", r"\o", r"\genfrac", *SPECIAL[:2], SPECIAL[UNK]}


def may(state, room=NEVER):
    """The tokens that may come next."""
    return {VOCAB[i] for i in GRAMMAR.allowed([state], [room])[0].nonzero()[0].tolist()}


def state_behind(latex):
    """The state behind tokens that all may come."""
    state = GRAMMAR.start
    for token in latex.split():
        assert token in may(state), f"{token} may not come"
        state = GRAMMAR.step(state, TOKENIZER.ids[token])
    return state


NUMBERED = (*VOCAB, *(token for token in (r"\tag", r"\tag*", "'") if token not in VOCAB))


@pytest.mark.parametrize("latex, next_one, may_come", [
    (r"x", r"\tag", True), (r"x ^ { 2 }", r"\tag*", True), (r"x \tag {", "1", True), (r"x \tag { 1", ".", True),
    (r"x \tag { 1", "'", True), (r"x \tag* {", "[", True), (r"x \tag { 1 }", SPECIAL[EOS], True),
    (r"", r"\tag", False), (r"x _", r"\tag", False), (r"\frac { x", r"\tag", False),
    (r"\begin{aligned} x", r"\tag", False), (r"x \tag {", "}", False), (r"x \tag {", "[", False),
    (r"x \tag { 1", r"\alpha", False), (r"x \tag { 1", "~", False),
    (r"x \tag { 1 }", "x", False), (r"x \tag { 1 }", r"\tag", False), (r"x \tag { 1", SPECIAL[EOS], False),
])  # fmt: skip
def test_the_number_of_an_equation_stands_at_the_end_only(latex, next_one, may_come):
    grammar, ids = formulas(NUMBERED), {token: i for i, token in enumerate(NUMBERED)}
    state = grammar.start
    for token in latex.split():
        state = grammar.step(state, ids[token])
    assert bool(grammar.allowed([state], [NEVER])[0, ids[next_one]]) is may_come


def walks(count, seed):
    """Random formulas that are not empty, as ids."""
    return [ids for ids in walk(VOCAB, count, torch.Generator().manual_seed(seed)) if ids]


def spelled(ids):
    return " ".join(VOCAB[i] for i in ids)


# What people write


@pytest.mark.parametrize(
    "latex",
    [
        r"E=mc^2",
        r"x_1^{2}+{}^{14}\mathrm{C}_6",
        r"{x^a}^b+{x_i}_j",
        r"f''(x)=\lim_{h\to 0}\frac{f'(x+h)-f'(x)}{h}",
        r"\left[\frac{a}{b}\right.",
        r"\sqrt[3]{x}+\sqrt{\frac{\sqrt[n+1]{y}}{2}}",
        r"\hat{\mathbf{x}}\in\mathbb{R}^{n\times m},\ \boldsymbol{\alpha}\not\equiv\mathbf{1}",
        r"f(x)=\begin{cases}0&\text{if and only if }x<0\\1&\text{otherwise}\end{cases}",
        r"\begin{aligned}a&=b\\&=c+\begin{pmatrix}1&0\\&1\end{pmatrix}^{-1}\\\\&\leq d\end{aligned}",
        r"\begin{array}{|l|cr}\hline[a]&b&c\\\hline\\1&2&3\\\hline\end{array}",
        r"\sum_{\substack{i<j\\k}}a_{ij}\overset{!}{=}\underbrace{b+\cdots}_{n}",
        r"A\xrightarrow[k_{-1}]{k_1}B\xrightarrow{}C",
        r"\binom{n}{k}\bigcap_{i}\overline{A}_i\{\frac{}{}|",
        r"\mathcal{L}\mathfrak{g}\mathscr{F}\mathsf{T}\mathtt{x1}",
        r"]a,b[\ \cup\ )0,1(",
    ],
)
def test_what_people_write_may_come(latex):
    assert SPECIAL[EOS] in may(state_behind(normalize(latex)))


@pytest.mark.parametrize(
    "latex, broken",
    [
        ("", "}"), ("x", "}"), ("x", "&"), ("x", r"\\"), ("x", r"\end{cases}"), ("x", r"\hline"), ("x", "~"),
        ("x _", "y"), ("x _ {", "}"), ("x _ { a }", "_"), ("x ^ { a }", "^"), ("x ^ { a }", "_"), ("x _ { a", "<eos>"),
        (r"\frac", "x"), (r"\frac { a }", "+"), (r"\frac { a } {", "<eos>"), (r"\frac { a }", "<eos>"),
        (r"\hat", "["), (r"\sqrt [", "]"), (r"\sqrt [ n", "}"), (r"\sqrt [ n ]", "x"), (r"\sqrt [", r"\begin{matrix}"),
        (r"\sqrt [", "{"), (r"\sqrt [ \sqrt", "["), (r"\sqrt", "^"),
        (r"\mathrm {", "1"), (r"\mathrm {", "}"), (r"\mathrm { a ~", "}"), (r"\mathrm { a", "_"), (r"\mathcal {", "1"),
        (r"\boldsymbol {", "1"), (r"\not", ","), (r"\not", r"\frac"), ("{ x }", "y"), ("{ x }", "<eos>"), ("{ }", "}"),
        (r"\begin{aligned}", r"\end{aligned}"), (r"\begin{aligned} x", r"\end{cases}"), (r"\begin{aligned} x", "}"),
        (r"\begin{aligned} x &", r"\end{aligned}"), (r"\begin{aligned} x &", r"\\"), (r"\begin{aligned}", r"\\"),
        (r"\begin{aligned}", "["), (r"\begin{cases} x", r"\hline"), (r"\begin{matrix} { x", "&"),
        (r"\begin{array}", "x"), (r"\begin{array} {", "}"), (r"\begin{array} { | |", "}"), (r"\begin{array} { c", "x"),
        (r"\begin{array} { c } x", r"\hline"), (r"\begin{array} { c } \hline", "_"),
        (r"\substack { x", "&"), (r"\substack", "x"), (r"\substack {", "}"),
    ],
)  # fmt: skip
def test_what_is_broken_may_not_come(latex, broken):
    assert broken in VOCAB and broken not in may(state_behind(latex))


def test_every_token_that_renders_has_its_place():
    reachable = set(may(GRAMMAR.start))
    for opened in (r"\mathrm { a", r"\begin{array} { c } x", r"\frac {", "x _ { a", r"\mathtt {", "x", r"x \tag { 1"):
        reachable |= may(state_behind(opened))
    for token in sorted(VOCAB):
        if token.startswith(r"\begin") and token != r"\begin{array}":
            reachable |= may(state_behind(f"{token} x"))
    assert set(VOCAB) - reachable - {r"\hline"} == UNKNOWN
    assert r"\hline" in may(state_behind(r"\begin{array} { c }"))


# Closing


@pytest.mark.parametrize(
    "latex, tokens",
    [
        ("", 0), ("x", 0), ("x ^", 3), ("x ^ {", 2), ("x ^ { y", 1),
        (r"\frac", 4), (r"\frac {", 3), (r"\frac { x }", 2),
        (r"\sqrt", 2), (r"\sqrt [", 4), (r"\mathrm", 3), (r"\mathrm { a ~", 2), (r"\not", 1), ("{", 5), ("{ }", 4),
        (r"\begin{cases}", 2), (r"\begin{cases} x", 1), (r"\begin{cases} x &", 2), (r"\begin{cases} x \\", 2),
        (r"\begin{array}", 5), (r"\begin{array} { c", 3), (r"\frac { \sqrt { x", 4),
    ],
)  # fmt: skip
def test_the_fewest_tokens_that_close_are_known(latex, tokens):
    assert GRAMMAR.closing(state_behind(latex)) == tokens


def test_with_no_more_room_than_that_only_what_closes_may_come():
    assert may(state_behind(r"\begin{cases} \frac { x"), room=4) == {"}"}
    assert may(state_behind(r"\frac { x } {"), room=1) == {"}"}
    assert may(state_behind("x ^ {"), room=2) >= {"x", r"\alpha"}
    assert not may(state_behind("x ^ {"), room=2) & {"{", r"\frac", "_", "}"}
    assert may(state_behind("x"), room=0) == {SPECIAL[EOS]}
    assert r"\frac" in may(GRAMMAR.start, room=5) and r"\frac" not in may(GRAMMAR.start, room=4)


def test_from_anywhere_it_closes_in_the_fewest_tokens():
    generator = torch.Generator().manual_seed(4)
    for ids in walks(100, seed=3):
        state = GRAMMAR.start
        for token in ids[: len(ids) // 2]:
            state = GRAMMAR.step(state, token)
        for left in range(GRAMMAR.closing(state), -1, -1):
            assert GRAMMAR.closing(state) == left
            allowed = torch.from_numpy(GRAMMAR.allowed([state], [left])[0]).float()
            state = GRAMMAR.step(state, int(allowed.multinomial(1, generator=generator)))
        assert state == ()


def test_nothing_is_nested_deeper_than_the_parser_reads():
    state, deepest = GRAMMAR.start, 0
    for _ in range(300):
        wanted = next(token for token in (r"\frac", "{", "x", "}") if token in may(state))
        state = GRAMMAR.step(state, TOKENIZER.ids[wanted])
        deepest = max(deepest, GRAMMAR.closing(state))
    assert DEEPEST - 5 < deepest <= DEEPEST


# Random walks


def test_walks_keep_to_their_limit_and_meet_all_tokens():
    found = walks(1500, seed=1)
    assert max(map(len, found)) <= LONGEST
    assert {VOCAB[i] for ids in found for i in ids} == set(VOCAB) - UNKNOWN - {SPECIAL[EOS]}


def test_all_that_passes_parses():
    for ids in walks(1500, seed=2):
        assert problem(spelled(ids)) is None
        assert problem(beautify(spelled(ids))) is None


def test_katex_renders_all_that_passes(chromium):
    with katex_page(chromium) as page:
        assert failures(page, [spelled(ids) for ids in walks(3000, seed=0)]) == []


def test_katex_renders_what_the_rules_of_spelling_are_tested_on(chromium):
    with katex_page(chromium) as page:
        shown = [to_katex(author) for author, *_ in [*FORMULAS, *IDIOMS]]
        assert dict(zip(shown, katex(page, shown), strict=True)) == dict.fromkeys(shown)


def test_what_has_no_problem_is_shown_and_what_katex_does_not_know_has_one(chromium):
    """All that KaTeX's own list of commands holds, alone and with arguments; the list is read from its code."""
    assert len(commands()) > 800
    tried = [form % name for name in sorted(commands()) for form in ("%s", "a%s b", "a%s{bc}{de}f")]
    good = [latex for latex in tried if not problem(latex)]
    assert len(good) > 2000
    unknown = [r"\foo", r"\SIunit x", r"a\#b#c", r"\hdots", r"\idotsint", r"\ae", r"\cancelto{0}{x}", r"a\hline b"]
    with katex_page(chromium) as page:
        refusals = zip(good, katex(page, [to_katex(latex) for latex in good]), strict=True)
        assert [(latex, why) for latex, why in refusals if why] == []
        assert all(katex(page, unknown))
    assert all(problem(latex).count("\n") == 0 for latex in unknown)


def test_katex_renders_every_token_and_no_broken_formula(chromium):
    alone = [token for token in VOCAB if normal(token) and token in may(GRAMMAR.start)]
    assert len(alone) > 250
    with katex_page(chromium) as page:
        assert katex(page, [to_katex(token) for token in alone]) == [None] * len(alone)
        broken = [r"\frac{", r"x_1_2", r"\d", r"\begin{aligned}x", r"\substack{a&b}"]
        assert all(katex(page, broken))


def normal(token):
    return problem(token) is None


# Other vocabularies


def test_what_a_vocabulary_cannot_close_may_not_come():
    lame = (*SPECIAL, *(token for token in TOKENS if token != "}"))
    allowed = formulas(lame).allowed([formulas(lame).start], [NEVER])[0]
    found = {lame[i] for i in allowed.nonzero()[0].tolist()}
    assert found == {SPECIAL[EOS], "x", "y", "1", "2", "+", "=", r"\alpha"}


def test_rows_are_judged_each_for_itself():
    states = [state_behind(latex) for latex in ("", "x ^", r"\frac { x")]
    room = [9, 3, 3]
    together = GRAMMAR.allowed(states, room)
    for row in range(3):
        assert np.array_equal(together[row : row + 1], GRAMMAR.allowed(states[row : row + 1], room[row : row + 1]))


def test_a_token_that_may_not_come_changes_nothing():
    state = state_behind(r"\frac")
    assert GRAMMAR.step(state, TOKENIZER.ids["x"]) == state
    assert GRAMMAR.step(state, UNK) == state


def test_the_free_grammar_lets_all_pass():
    grammar = free(10)
    allowed = grammar.allowed([grammar.start], [5])[0]
    assert allowed.nonzero()[0].tolist() == [i for i in range(10) if i not in (PAD, BOS, UNK)]
    assert grammar.allowed([grammar.start], [0])[0].nonzero()[0].tolist() == [EOS]
    assert grammar.step(grammar.start, 7) == grammar.start and grammar.closing(grammar.start) == 0
