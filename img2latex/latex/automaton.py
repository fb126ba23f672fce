r"""The token automaton: which ids are allowed next in a formula, so that every result parses and renders.

It is an LL(1) grammar. The state of an unfinished formula is a stack of symbols, the next on top: behind `\frac {` a
list that ends with `}`, below it an argument, and below that the list in which the fraction stands. The moves of a
symbol are the tokens allowed next, each with the symbols that replace it. For each symbol the fewest tokens that
complete it are known, and so is the shortest way to close any state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from img2latex.latex import spelling as sp
from img2latex.latex.errors import LatexError
from img2latex.latex.normal_form import normalize, problem
from img2latex.latex.tokens import EOS, SPECIAL

Moves = dict[str, tuple[str, ...]]  # each allowed token -> the symbols that replace this one, the next one last
State = tuple[int, ...]  # symbols; empty once the formula has ended

DEEPEST = 40  # tokens that close what is open, at most: labels need 11, and errors.MAX_DEPTH is 60
NEVER = 10_000  # tokens: more than any limit

# Accents of plain text: KaTeX refuses them in a formula.
_REFUSED = frozenset(r"""\" \' \= \. \^ \` \~""".split())


class Grammar:
    """An automaton over ids.

    Args:
        vocab: tokens in the order of their ids.
        rules: the moves of each symbol; a formula starts with the first symbol. Tokens outside `vocab` are ignored.
    """

    start: State = (0,)

    def __init__(self, vocab: Sequence[str], rules: Mapping[str, Moves]):
        ids = {token: i for i, token in enumerate(vocab)}
        symbols = {name: i for i, name in enumerate(rules)}
        afters = set().union(*(moves.values() for moves in rules.values()))  # few, for many thousands of moves
        states: dict[tuple[str, ...], State] = {after: tuple(symbols[name] for name in after) for after in afters}
        self._moves: list[dict[int, State]] = [
            {ids[token]: states[after] for token, after in moves.items() if token in ids} for moves in rules.values()
        ]
        self._least = _least(self._moves)
        # by how many tokens the shortest formula grows if this token comes next: symbols x V
        self._excess = np.full((len(rules), len(vocab)), NEVER)
        taken = {state: 1 + self.closing(state) for state in states.values()}
        for row, moves, least in zip(self._excess, self._moves, self._least, strict=True):
            row[list(moves)] = [taken[state] - least for state in moves.values()]
            row[EOS] -= EOS in moves

    def step(self, state: State, token: int) -> State:
        """The state behind `token`; a token that is not allowed (a prefix forced it) changes nothing."""
        after = self._moves[state[-1]].get(token) if state else None
        return state if after is None else state[:-1] + after

    def closing(self, state: State) -> int:
        """The fewest tokens, without eos, that end the formula."""
        return sum(self._least[symbol] for symbol in state)

    def allowed(self, states: Sequence[State], room: Sequence[int]) -> np.ndarray:
        """The ids allowed next in each of B unfinished formulas.

        Args:
            states: B of them.
            room: of each, how many tokens without eos it may still get: behind every allowed id the formula can be
                closed within it, and with no more room than `closing` needs, only closing ids are allowed.

        Returns:
            bool, B x V; at least one id of each row.
        """
        spare = []
        for state, tokens in zip(states, room, strict=True):
            spare.append([max(min(tokens, DEEPEST + 1) - self.closing(state), 0)])
        return self._excess[[state[-1] for state in states]] <= np.array(spare)


def _least(moves: Sequence[Mapping[int, State]]) -> list[int]:
    """The fewest tokens of each symbol (eos is none); `NEVER` where the vocabulary lacks what would end it."""
    # few, however many tokens; what eos leaves may seem to take one, too, which is never the fewest
    ways = [{(1, after) for after in set(of.values())} | {(0, of[EOS]) for _ in of.keys() & {EOS}} for of in moves]
    least, before = [NEVER] * len(moves), None
    while least != before:
        before = least
        least = [min([NEVER, *(taken + sum(before[s] for s in after) for taken, after in of)]) for of in ways]
    return least


@cache
def free(size: int) -> Grammar:
    """Any tokens in any order, for a vocabulary of `size`."""
    vocab = [*SPECIAL, *(str(i) for i in range(len(SPECIAL), size))]
    return Grammar(vocab, {"any": dict.fromkeys(vocab[len(SPECIAL) :], ("any",)) | {SPECIAL[EOS]: ()}})


@cache
def formulas(vocab: tuple[str, ...], may_be_empty: bool = True) -> Grammar:
    """Formulas in the spelling of `latex.normalize`, of the tokens of one vocabulary; by default also the empty one."""
    symbols = [token for token in vocab if _is_written(token) and token not in _REFUSED and not problem(token)]
    items = _items(symbols)
    # KaTeX takes the first `]` for the end of an option, and the parser drops braces that hide one
    hidden = {token for token in items if token.startswith(r"\begin")} | {"{", "]"}
    optional = {token: opened for token, opened in items.items() if token not in hidden}
    optional |= dict.fromkeys(sp.OPTIONAL_THEN_ONE, ("argument",))
    rules = _list("formula", SPECIAL[EOS], items, may_be_empty=may_be_empty)
    number: Moves = {r"\tag": ("end", r"\tag"), r"\tag*": ("end", r"\tag*")}
    for written in ("base", "sub", "sup"):
        rules[f"formula: {written}"] |= number
    rules |= {"end": {SPECIAL[EOS]: ()}}
    rules |= _word(r"\tag", sp.NUMBER_CHARACTERS, spaces=False)
    rules |= _word(r"\tag*", [*sp.NUMBER_CHARACTERS, *"()[]"], spaces=False)
    rules |= {"argument": {"{": ("in argument",)}} | _list("in argument", "}", items, may_be_empty=True)
    rules |= {"script": {"{": ("in script",)}} | _list("in script", "}", items)
    rules |= {"option or argument": {"[": ("argument", "in option"), "{": ("in argument",)}}
    rules |= _list("in option", "]", optional)
    rules |= {"negated": dict.fromkeys((t for t in symbols if t not in {",", ".", ";", "]"}), ())}
    rules |= {"stack": {"{": ("in stack",)}} | _table("in stack", "}", items, cells=False)
    letters = [t for t in symbols if t.isalnum() or t in sp.CAPITAL_GREEK | sp.BOLD_SYMBOLS]
    for command in sp.STYLE_COMMAND.values():
        rules |= _word(command, [t for t in letters if _is_written(f"{command} {{ {t} }}")])
    rules |= _columns()
    for look in _LOOKS:
        rules |= _table(look, rf"\end{{{look}}}", items, cells=look != "gathered")
    return Grammar(vocab, rules)


_LOOKS = sorted(look for name, look in sp.ENVIRONMENTS.items() if name == look)


def _is_written(latex: str) -> bool:
    """Is this how `normalize` writes it?"""
    try:
        return normalize(latex) == latex
    except LatexError:
        return False


def _items(symbols: Iterable[str]) -> Moves:
    """What may stand in a list, each with what must follow it."""
    items: Moves = dict.fromkeys(symbols, ())
    items |= dict.fromkeys(sp.ONE_ARGUMENT, ("argument",))
    items |= dict.fromkeys(sp.TWO_ARGUMENTS, ("argument", "argument"))
    items |= dict.fromkeys(sp.OPTIONAL_THEN_ONE, ("option or argument",))
    items |= {command: (command,) for command in sp.STYLE_COMMAND.values()}
    items |= {r"\not": ("negated",), r"\substack": ("stack",), "{": ("in argument",)}
    items |= {rf"\begin{{{look}}}": (look,) for look in _LOOKS}
    return items | {r"\begin{array}": ("array", "columns")}


def _list(name: str, closer: str, items: Moves, may_be_empty: bool = False) -> dict[str, Moves]:
    """A list of items with their scripts, `_` before `^`, as symbols by what came last; `name` is that of its start."""
    # braces of their own are there to carry a script
    begin = {token: (f"{name}: {'braces' if token == '{' else 'base'}", *after) for token, after in items.items()}
    sub, sup = {"_": (f"{name}: sub", "script")}, {"^": (f"{name}: sup", "script")}
    close: Moves = {closer: ()}
    return {
        name: begin | sub | sup | (close if may_be_empty else {}),  # the base of a script at the start is not seen
        f"{name}: base": begin | sub | sup | close,
        f"{name}: sub": begin | sup | close,
        f"{name}: sup": begin | close,
        f"{name}: braces": sub | sup,
    }


def _table(name: str, closer: str, items: Moves, cells: bool = True) -> dict[str, Moves]:
    """Rows of lists, with cells parted by `&` or without; neither the first row nor the last cell is empty."""
    rules = _list(name, closer, items)
    start = rules[name]
    cell: Moves = {"&": (f"{name}: cell",)} if cells else {}
    row: Moves = {r"\\": (f"{name}: row",)}
    rule: Moves = {r"\hline": (f"{name}: rule",)} if name == "array" else {}
    for written in ("base", "sub", "sup"):
        rules[f"{name}: {written}"] |= cell | row
    rules[f"{name}: row"] = start | cell | row | rule
    rules[name] = start | cell | rule
    if rule:
        plain = {token: after for token, after in start.items() if token not in ("_", "^")}
        rules[f"{name}: rule"] = plain | cell | row | rule | {closer: ()}
    elif cells:  # the parser takes `[t]` right behind \begin{aligned} for its position
        rules[name] = {token: after for token, after in rules[name].items() if token != "["}
    if cells:
        rules[f"{name}: cell"] = start | cell
    return rules


def _word(command: str, letters: Iterable[str], spaces: bool = True) -> dict[str, Moves]:
    """`\\mathrm { i f ~ x }`: letters of one style, `~` only between them."""
    letter: Moves = dict.fromkeys(letters, (f"{command}: word",))
    space: Moves = {"~": (f"{command}: letter",)} if spaces else {}
    return {
        command: {"{": (f"{command}: letter",)},
        f"{command}: letter": letter,
        f"{command}: word": letter | space | {"}": ()},
    }


def _columns() -> dict[str, Moves]:
    """`{ c | c }` behind `\\begin{array}`, one column at least."""
    column: Moves = dict.fromkeys("lcr", ("columns: more",))
    return {
        "columns": {"{": ("columns: first",)},
        "columns: first": column | {"|": ("columns: first",)},
        "columns: more": column | {"|": ("columns: more",), "}": ()},
    }
