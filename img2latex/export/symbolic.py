r"""LaTeX to SymPy, and what SymPy can do with it: print, evaluate, solve, differentiate.

SymPy's own LaTeX parser guesses where a formula is ambiguous (`1/2x`, `a(b+c)`, `\sin x(y+1)`) and takes what it does
not know for a letter (`\pm`, `\hat`, `\iint`). So a formula is checked token by token before it is parsed, its extents
are written out in parentheses, and what was understood is printed, read again and compared. In doubt: None.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from keyword import iskeyword
from math import inf, isfinite
from pathlib import Path
from queue import Empty, Queue
from random import Random
from threading import Thread

import sympy
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.core.traversal import bottom_up, postorder_traversal
from sympy.parsing.latex import parse_latex
from sympy.parsing.latex.errors import LaTeXParsingError
from sympy.printing.python import PythonPrinter

from img2latex.export import written
from img2latex.latex import LatexError, beautify, normalize, unnumbered
from img2latex.latex.spelling import CAPITAL_GREEK, GREEK
from img2latex.latex.tokens import tokenize

WORK = ("expression", "evaluate", "solve", "differentiate", "code")
MAX_TOKENS = 300  # the parser needs seconds for more
MAX_LENGTH = 2000  # characters of a result that a person still reads
MAX_EXPONENT = 1000  # of numbers: 9^{9^{9}} has more digits than the memory of this machine
TICK = 0.25  # seconds between two checks for an answer
MEMORY = 2 << 30  # bytes of address space of the process that computes

_RELATIONS = {
    "=": sympy.Eq, r"\neq": sympy.Ne, "<": sympy.Lt, ">": sympy.Gt, r"\leq": sympy.Le, r"\leqslant": sympy.Le,
    r"\geq": sympy.Ge, r"\geqslant": sympy.Ge,
}  # fmt: skip
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | GREEK | CAPITAL_GREEK
_FUNCTIONS = frozenset(
    r"\exp \ln \log \lg \sin \cos \tan \csc \sec \cot \arcsin \arccos \arctan \sinh \cosh \tanh".split()
)
_BIG = frozenset(r"\sum \prod \int \lim".split())
_TIMES = frozenset(r"* \cdot \times".split())
_DIVIDE = frozenset(r"/ \div".split())
_OPENING = {"{": "}", "(": ")", "[": "]", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
_CLOSING = frozenset(_OPENING.values())
_KNOWN = (
    _LETTERS | _FUNCTIONS | _BIG | _TIMES | _DIVIDE | _CLOSING | frozenset("0123456789.+-=!|^_") | set(_OPENING)
    | frozenset(r"\frac \binom \sqrt \infty \partial \rightarrow".split())
)  # fmt: skip
_ENDS_OPERAND = frozenset("+-") | _TIMES | _DIVIDE | _CLOSING
_SUBSCRIPT = _LETTERS | frozenset("0123456789+-,{}") | {r"\mathrm", r"\max", r"\min", r"\infty"}
_MADE_UP = r"\name"  # a command that the parser takes for a letter
_POINTS = frozenset("ABCDEFGHMNOPQ")  # AB is a line
_COUNTED = frozenset("ACP")  # C_{n}^{k} is a number of choices
_CALLED = frozenset("fghFGH")  # f(x) is a call
_FACTORS = frozenset("abckmn") | {r"\pi"}  # a(b+c) is a product; any other letter before a parenthesis may be either
_DIRECTIONS = {sympy.Symbol(sign) for sign in ("+", "-", "+-")}  # of limits, which SymPy keeps as symbols


class _Doubt(Exception):
    """The formula has more than one meaning, or none."""


@dataclass(frozen=True)
class _Formula:
    """What was understood: the trees of one side or two as they were written, and what SymPy makes of them."""

    sides: list[sympy.Expr]
    relation: type[Relational] | None
    expression: sympy.Basic

    @property
    def symbols(self) -> set[sympy.Symbol]:
        """All symbols, also those that SymPy has cancelled."""
        return set().union(*(side.free_symbols for side in self.sides))

    def lost(self) -> set[written.Condition]:
        """Conditions that the formula needs to have a value, and SymPy's simplified form does not."""
        both = self.expression.args if self.relation else [self.expression]
        return written.lost(self.sides, both)


def parse(latex: str) -> sympy.Basic | None:
    r"""The SymPy expression or relation that a formula stands for; None where there is doubt.

    Arithmetic is done (2+3 is 5); sums, integrals, limits, derivatives and relations are left as they stand. `e` is
    Euler's number if it is the base of a power anywhere, otherwise a letter. A bare `\log` is in doubt, since its base
    is. Numbers too large to be written out are refused, so that what is returned can be worked with.

    Numbers are real: what has no real value is in doubt, and roots of odd degree are real. Where SymPy cancels
    (`\frac{x^{2}}{x}` is x to it) the gap is lost; `answer` is strict there.

    Source: SymPy's parser, antlr backend (`sympy.parsing.latex`).
    """
    formula = _read(latex)
    return formula and formula.expression


@lru_cache(maxsize=1)  # the same formula is asked several things
def _read(latex: str) -> _Formula | None:
    """The formula, None where there is doubt."""
    try:
        formula = _understood(latex)
        expression = formula.expression
        # a dot parts a letter from a parenthesis, none is needed behind a derivative: one of both reads well
        prints = (_printed(expression, mul_symbol=dot) for dot in ("dot", None))
        trusted = any(_agrees(text, expression) for text in prints)
    except (_Doubt, LatexError, LaTeXParsingError):
        return None
    except (ArithmeticError, AttributeError, IndexError, RecursionError, TypeError, ValueError):
        return None  # SymPy's parser fails in many ways on what it does not expect
    return formula if trusted and not expression.has(sympy.nan, sympy.zoo) else None


def work(latex: str, what: str, seconds: float = 5.0) -> str | None:
    r"""One answer, see `answers`.

    Raises:
        ValueError: `what` is none of `WORK`.
    """
    return next(found[1] for found in answers(latex, [what], seconds) if found)


def answers(latex: str, wanted: Sequence[str], seconds: float = 5.0) -> Iterator[tuple[str, str | None] | None]:
    r"""SymPy's answers about a formula, computed in one process that ends when the iterator is closed.

    Args:
        latex: any text; it is parsed, never evaluated.
        wanted: "expression" (as understood), "evaluate", "solve" (an equation or inequality, for the one unknown or for
            x), "differentiate" (by the one variable, or by x or t), or "code" (Python that makes the expression).
        seconds: wall-clock time for each answer, after the process has started; after a timeout a new process goes on.

    Yields:
        (wanted, LaTeX or Python code); (wanted, None) if the formula is in doubt or there is no answer in time. None
        alone after each `TICK` without an answer, so that the caller can close the iterator.

    Raises:
        ValueError: something wanted is none of these.
    """
    for what in wanted:
        if what not in WORK:
            raise ValueError(f"{what!r} is none of {', '.join(WORK)}")
    left = list(wanted)
    try:
        _written_out(latex)  # most formulas are in doubt, and cost no process
    except (_Doubt, LatexError):
        yield from ((what, None) for what in left)
        return
    while left:
        with _process(latex, left) as lines:
            line = yield from _next(lines, inf)  # it has imported SymPy, which is not the formula's fault
            while left and line is not None:
                line = yield from _next(lines, seconds)
                yield left.pop(0), json.loads(line) if line else None


@contextmanager
def _process(latex: str, wanted: Sequence[str]) -> Iterator[Queue]:
    """A process that computes, and the lines that it writes, the last one empty; killed at the end."""
    command = [sys.executable, "-m", "img2latex.export.symbolic"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    home = Path(__file__).resolve().parents[2]
    lines: Queue = Queue()
    with subprocess.Popen(command, cwd=home, encoding="utf-8", **pipes) as process:
        reader = Thread(target=lambda: [lines.put(line) for line in chain(process.stdout, [""])], daemon=True)
        reader.start()
        try:
            process.stdin.write(json.dumps([latex, *wanted]) + "\n")
            process.stdin.flush()
            yield lines
        finally:
            process.kill()
            reader.join()


def _next(lines: Queue, seconds: float) -> Iterator[None]:
    """Returns the next line, None if there is none in time or at all; yields while it waits."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return lines.get(timeout=min(TICK, seconds)) or None
        except Empty:
            yield
    return None


def answer(latex: str, what: str) -> str | None:
    """One of `answers`, computed in this process without limits: only for formulas known to be harmless."""
    formula = _read(latex)
    try:
        text = formula and _ANSWERS[what](formula)
    except (ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError):
        return None  # SymPy fails in many ways on what it cannot work out
    return text if text and len(text) <= MAX_LENGTH else None


def main() -> None:
    """The process that computes: reads formula and wanted answers as a line of JSON, writes a line for each answer."""
    _limit_memory()
    parse("x")  # the first formula builds the parser's tables
    latex, *wanted = json.loads(sys.stdin.readline())
    Thread(target=_end_with_parent, daemon=True).start()
    print("ready", flush=True)
    for what in wanted:
        print(json.dumps(answer(latex, what)), flush=True)


def _end_with_parent() -> None:
    """The parent keeps the pipe open as long as it lives; without it this process must end."""
    sys.stdin.read()
    os._exit(1)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit holds there too
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


# Reading -------------------------------------------------------------------------------------------------------------


def _agrees(latex: str, expression: sympy.Basic) -> bool:
    """Whether what was printed is read as the expression that it was printed from."""
    try:
        return _same(_understood(latex).expression, expression) is True
    except (_Doubt, LatexError, LaTeXParsingError):
        return False


def _understood(latex: str) -> _Formula:
    """The formula, with one relation at most; raises _Doubt."""
    sides, sign, names = _written_out(latex)
    trees = [_side(tokens, names) for tokens in sides]
    expressions = [written.evaluated(tree) for tree in trees]
    relation = _RELATIONS[sign] if sign else None
    return _Formula(trees, relation, relation(*expressions, evaluate=False) if relation else expressions[0])


def _written_out(latex: str) -> tuple[list[list[str]], str | None, dict[str, str]]:
    """The tokens of each side without ambiguities, the relation between two sides, the names in them."""
    tokens, names = _named(_plain(tokenize(unnumbered(normalize(latex)))))
    places = [i for i in _outside_groups(tokens) if tokens[i] in _RELATIONS]
    if len(tokens) > MAX_TOKENS or len(places) > 1:
        raise _Doubt
    at = places[0] if places else len(tokens)
    sides = [tokens[:at], tokens[at + 1 :]] if places else [tokens]
    for side in sides:
        _check(side)
    return [_integrals(_arguments(_calls(side))) for side in sides], tokens[at] if places else None, names


def _plain(tokens: list[str]) -> list[str]:
    r"""An upright d or e is d or e: `\mathrm{d}x`."""
    out: list[str] = []
    for token in tokens:
        out.append(token)
        if out[-4:] in ([r"\mathrm", "{", "d", "}"], [r"\mathrm", "{", "e", "}"]):
            out[-4:] = [out[-2]]
    return out


def _named(tokens: list[str]) -> tuple[list[str], dict[str, str]]:
    r"""A letter with its subscript is one name: `x_{\max}` becomes a made-up command. Also returns {command: name}."""
    out, names, i = [], {}, 0
    while i < len(tokens):
        end = i + 1
        if tokens[i] in _LETTERS and tokens[end : end + 1] == ["_"]:
            end = _closing(tokens, i + 2) + 1
            counted = tokens[i] in _COUNTED and tokens[end : end + 1] == ["^"]
            if counted or not _SUBSCRIPT.issuperset(tokens[i + 3 : end - 1]):
                raise _Doubt
            name = beautify(" ".join(tokens[i:end]))
            places = {known: made_up for made_up, known in names.items()}
            made_up = places.get(name, _MADE_UP + chr(ord("a") + len(names)))
            if not made_up[-1].isalpha():
                raise _Doubt  # more names than letters
            names[made_up] = name
            out.append(made_up)
        else:
            out.append(tokens[i])
        i = end
    return out, names


def _side(tokens: list[str], names: dict[str, str]) -> sympy.Expr:
    """The tree of tokens without a relation, not evaluated; `names` maps made-up commands to names."""
    expression = parse_latex(" ".join(tokens), strict=True)
    read = {token.lstrip("\\") for token in tokens if _is_name(token)}
    atoms = expression.atoms(sympy.Symbol, AppliedUndef) - _DIRECTIONS
    found = {atom.func.__name__ if isinstance(atom, AppliedUndef) else atom.name for atom in atoms}
    if not found <= read <= found | {"d"}:  # d of dx is no name
        raise _Doubt
    _check_extents(expression, names)
    if not _is_tame(expression):
        raise _Doubt
    tree = _meant(expression, names)
    _check_numbers(tree)
    return tree


def _meant(expression: sympy.Expr, names: dict[str, str]) -> sympy.Expr:
    """The tree with made-up commands, pi and e replaced by what they stand for."""
    meant = {sympy.Symbol(made_up[1:]): sympy.Symbol(name) for made_up, name in names.items()}
    meant[sympy.Symbol("pi")] = sympy.pi
    e = sympy.Symbol("e")
    if any(power.base == e for power in expression.atoms(sympy.Pow)):
        meant[e] = sympy.E
    with sympy.evaluate(False):
        return bottom_up(expression, lambda node: meant.get(node, node), atoms=True)


def _is_name(token: str) -> bool:
    return token in _LETTERS or token.startswith(_MADE_UP)


# Tokens, before they are parsed. `_check` raises, the others write out what the parser would guess.


def _closing(tokens: list[str], start: int) -> int:
    """Index of what closes the group that opens at `start`."""
    waiting: list[str] = []
    for i in range(start, len(tokens)):
        if tokens[i] in _OPENING:
            waiting.append(_OPENING[tokens[i]])
        elif tokens[i] in _CLOSING and (not waiting or waiting.pop() != tokens[i]):
            break
        if not waiting:
            return i
    raise _Doubt


def _outside_groups(tokens: list[str], start: int = 0) -> list[int]:
    """Indexes, from `start` to the end of the group that it is in, of what is in no deeper group."""
    found, i = [], start
    while i < len(tokens) and tokens[i] not in _CLOSING:
        found.append(i)
        i = _closing(tokens, i) + 1
    return found


def _operand_end(tokens: list[str], start: int) -> int:
    """Index behind one factor with its scripts; raises _Doubt if none begins at `start`."""
    token = tokens[start] if start < len(tokens) else ""
    end = start + 1
    if token.isdigit():
        while end < len(tokens) and (tokens[end].isdigit() or tokens[end] == "."):
            end += 1
    elif token in (r"\frac", r"\binom"):
        end = _closing(tokens, _closing(tokens, end) + 1) + 1
    elif token == r"\sqrt":
        end = _closing(tokens, end) + 1
        end = _closing(tokens, end) + 1 if tokens[start + 1] == "[" else end
    elif token == "|":
        end = next((i for i in _outside_groups(tokens, end) if tokens[i] == "|"), len(tokens)) + 1
    elif token in _FUNCTIONS or (token in _CALLED and tokens[end : end + 1] == ["("]):
        end = _closing(tokens, _scripts_end(tokens, end)) + 1
    elif token in _OPENING:
        end = _closing(tokens, start) + 1
    elif not _is_name(token) and token != r"\infty":
        raise _Doubt
    return _scripts_end(tokens, end)


def _scripts_end(tokens: list[str], start: int) -> int:
    end = start
    while end < len(tokens) and tokens[end] in ("^", "_", "!"):
        end = end + 1 if tokens[end] == "!" else _closing(tokens, end + 1) + 1
    return end


def _check(tokens: list[str]) -> None:
    """Raises _Doubt at what the parser does not know, and at what people read in more than one way."""
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else ""
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        if not (token in _KNOWN or token.startswith(_MADE_UP)):
            raise _Doubt
        if token == "." and not (before.isdigit() and after.isdigit()):
            raise _Doubt
        if token == "!" and after == "!":
            raise _Doubt  # a double factorial is not the factorial of a factorial
        if token.isdigit() and (_is_name(before) or before in (")", "]", "|")):
            raise _Doubt  # x2: a script that was read too high or too low
        if token == r"\frac" and before.isdigit():
            raise _Doubt  # two and a half, or two halves
        if token in (r"\Delta", r"\delta") and _is_name(after):
            raise _Doubt  # a difference, not a factor
        if _is_pair(token, after):
            raise _Doubt
        if token == "[" and before != r"\sqrt" and "(" not in tokens[i : _closing(tokens, i)]:
            raise _Doubt  # [x] may round, count a concentration, hold an argument
        if token == "^":
            _check_power(before, tokens[i + 2 : _closing(tokens, i + 1)])
    _check_bars(tokens)


def _is_pair(first: str, second: str) -> bool:
    """Whether two letters side by side are a line from A to B, or the alleles Aa, rather than factors."""
    letters = first.isalpha() and second.isalpha()
    return letters and (first.lower() == second.lower() or {first, second} <= _POINTS)


def _check_power(base: str, exponent: list[str]) -> None:
    """Raises _Doubt at what is no power: A^{T}, X^{B}, f^{(n)}."""
    if base.isupper() and len(exponent) == 1 and _is_name(exponent[0]):
        raise _Doubt
    if exponent[:1] == ["("] and _closing(exponent, 0) == len(exponent) - 1:
        raise _Doubt


def _check_bars(tokens: list[str]) -> None:
    """One pair of bars in a group is an absolute value; more may pair in several ways, or be a condition."""
    for start in [0, *(i + 1 for i, token in enumerate(tokens) if token in _OPENING)]:
        bars = [i for i in _outside_groups(tokens, start) if tokens[i] == "|"]
        if len(bars) not in (0, 2) or any(tokens[i + 1 : i + 2] == ["_"] for i in bars):
            raise _Doubt


def _calls(tokens: list[str]) -> list[str]:
    """A dot between a letter and a parenthesis that are multiplied; f(x) stays; raises _Doubt at all others."""
    out: list[str] = []
    for i, token in enumerate(tokens):
        out.append(token)
        if token in _CALLED and tokens[i + 1 : i + 2] == ["^"]:
            i = _closing(tokens, i + 2)
            if tokens[i + 1 : i + 2] == ["("]:
                raise _Doubt  # f^{2}(x), f^{-1}(x)
        elif _is_name(token) and tokens[i + 1 : i + 2] in (["("], ["["]):
            inside = tokens[i + 2 : _closing(tokens, i + 1)]
            is_sum = any(inside[j] in ("+", "-") for j in _outside_groups(inside))
            is_argument = len(inside) == 1 or "x" in inside or "t" in inside
            if token in inside or (token in _FACTORS and is_sum):
                out.append(r"\cdot")
            elif token not in _CALLED or tokens[i + 1] == "[" or not is_argument:
                raise _Doubt  # y(x+1) is a product or a value, h(a+b) is twice a trapezoid
    return out


def _arguments(tokens: list[str]) -> list[str]:
    r"""Parentheses around the argument of each function."""
    out, i = [], 0
    while i < len(tokens):
        if tokens[i] in _FUNCTIONS:
            start = _scripts_end(tokens, i + 1)
            end, argument = _argument(tokens, start)
            out += _applied(tokens[i], tokens[i + 1 : start], _arguments(argument))
            i = end
        else:
            out.append(tokens[i])
            i += 1
    _check_quotients(out)
    return out


def _argument(tokens: list[str], start: int) -> tuple[int, list[str]]:
    """The argument of a function that begins at `start`, with the index behind it."""
    if tokens[start : start + 1] == ["("]:
        end = _closing(tokens, start) + 1
        if end < len(tokens) and tokens[end] in ("^", "(", "[", "!"):
            raise _Doubt
        return end, tokens[start + 1 : end - 1]
    end = start
    while end < len(tokens) and tokens[end] not in _ENDS_OPERAND | _FUNCTIONS | _BIG:
        if tokens[end] in ("(", "["):
            raise _Doubt  # \sin x(y+1)
        end = _operand_end(tokens, end)
    if end == start or (end < len(tokens) and tokens[end] in _TIMES | _DIVIDE):
        raise _Doubt  # \sin x/2
    return end, tokens[start:end]


def _applied(function: str, scripts: list[str], argument: list[str]) -> list[str]:
    if function == r"\log" and (scripts[:1] != ["_"] or "^" in scripts):
        raise _Doubt
    if function != r"\log" and "_" in scripts or "!" in scripts:
        raise _Doubt
    return [function, *scripts, "(", *argument, ")"]


def _check_quotients(tokens: list[str]) -> None:
    """Raises _Doubt at 1/2x, which is half of x to some and one over 2x to others."""
    for i, token in enumerate(tokens):
        if token in _DIVIDE:
            end = _operand_end(tokens, i + 1)
            if end < len(tokens) and tokens[end] not in _ENDS_OPERAND:
                raise _Doubt


def _integrals(tokens: list[str]) -> list[str]:
    """Braces around each integral from its sign to its dx, parentheses around what is integrated."""
    if r"\int" not in tokens:
        return tokens
    at = tokens.index(r"\int")
    start = _scripts_end(tokens, at + 1)
    end = _differential(tokens, start)
    integrand, rest = tokens[start:end], tokens[end + 2 :]
    if end < 0:  # the dx stands in the numerator
        end = _operand_end(tokens, start)
        above, below = _split_fraction(tokens[start:end])
        integrand, rest = [r"\frac", "{", *(above[:-2] or ["1"]), "}", "{", *below, "}"], tokens[end:]
        variable = above[-2:]
    else:
        variable = tokens[end : end + 2]
    if rest and rest[0] not in _ENDS_OPERAND:
        raise _Doubt
    limits = tokens[at:start]
    whole = ["{", *limits, "(", *(integrand or ["1"]), ")", *variable, "}"]
    return [*tokens[:at], *whole, *_integrals(rest)]


def _differential(tokens: list[str], start: int) -> int:
    """Index of the d of the first dx outside of groups, -1 if there is none; raises _Doubt at an integral before it."""
    for i in _outside_groups(tokens, start):
        if tokens[i] == r"\int":
            break
        if tokens[i] == "d" and i + 1 < len(tokens) and _is_name(tokens[i + 1]):
            return i
    else:
        return -1
    raise _Doubt


def _split_fraction(tokens: list[str]) -> tuple[list[str], list[str]]:
    r"""What stands above, ending in dx, and below in `\frac{dx}{x}`."""
    if tokens[:1] != [r"\frac"]:
        raise _Doubt
    middle = _closing(tokens, 1)
    above, below = tokens[2:middle], tokens[middle + 2 : -1]
    if above[-2:-1] != ["d"] or not _is_name(above[-1]) or r"\int" in tokens:
        raise _Doubt
    return above, below


# Expressions ---------------------------------------------------------------------------------------------------------


def _check_extents(expression: sympy.Expr, names: dict[str, str]) -> None:
    """Raises _Doubt where a variable is bound to a sum, a limit, a derivative, and used outside of it too."""
    if sympy.Symbol("i") in expression.free_symbols:
        raise _Doubt  # an index without its sum, or the imaginary unit
    for node in expression.atoms(*written.OPERATORS):
        if isinstance(node, sympy.Derivative) and not set(node.variables) <= node.expr.free_symbols:
            raise _Doubt  # dy/dx is not the derivative of a letter y
        bound = _bound(node)
        letters = {sympy.latex(symbol) for symbol in bound}
        if bound & expression.free_symbols or any(letters & set(tokenize(name)[1:]) for name in names.values()):
            raise _Doubt  # x_{i} depends on the i of its sum
    for node in expression.atoms(sympy.Add):
        for part in node.args:
            others = set().union(*(other.free_symbols for other in node.args if other is not part))
            if part.has(sympy.Derivative) and others & part.free_symbols:
                raise _Doubt  # \frac{d}{dx} x^2+x


def _check_numbers(tree: sympy.Basic) -> None:
    """Raises _Doubt at a part without variables that has no real value, or one that people would dispute."""
    if tree.free_symbols or not isinstance(tree, sympy.Expr) or tree.has(*written.OPERATORS, AppliedUndef):
        for part in tree.args:
            _check_numbers(part)
        return
    try:
        written.value(tree)
    except (written.UndefinedError, written.UnclearError):
        raise _Doubt from None


def _bound(node: sympy.Expr) -> set[sympy.Symbol]:
    """The variables that mean nothing outside of a sum, product, definite integral or limit."""
    if isinstance(node, sympy.Limit):
        return {node.args[1]}
    return {limits[0] for limits in getattr(node, "limits", ()) if len(limits) == 3}


def _is_tame(expression: sympy.Expr) -> bool:
    """Whether it can be worked out without numbers that fill the memory."""
    for node in postorder_traversal(expression):  # parts first, so that a part is tame when its value is asked for
        if isinstance(node, sympy.Pow):
            stacked = any(power.exp.has(sympy.Pow) for power in node.exp.atoms(sympy.Pow))
            large = stacked or _is_large(node.exp, MAX_EXPONENT) or _is_large(node, 10**MAX_EXPONENT)
        elif isinstance(node, (sympy.factorial, sympy.binomial, sympy.exp)):
            large = any(_is_large(argument, MAX_EXPONENT) for argument in node.args)
        else:
            large = False
        if large:
            return False
    return True


def _is_large(number: sympy.Expr, limit: int) -> bool:
    if number.free_symbols or number.has(*written.OPERATORS, AppliedUndef):
        return False
    value = abs(number.evalf(5))
    return bool(value.is_number and value.is_finite and value > limit)


def _same(a: sympy.Basic, b: sympy.Basic) -> bool | None:
    """Whether two expressions or relations agree; None if it is unclear."""
    if isinstance(a, Relational) or isinstance(b, Relational):
        return _same_relation(a, b)
    if a == b:
        return True
    if a.has(*written.OPERATORS, AppliedUndef) or b.has(*written.OPERATORS, AppliedUndef):
        return None
    return _agree(a, b)


def _same_relation(a: sympy.Basic, b: sympy.Basic) -> bool | None:
    if not isinstance(a, Relational) or not isinstance(b, Relational):
        return False
    answers = []
    for other in (b, b.reversed):
        if other.rel_op == a.rel_op:
            sides = [_same(a.lhs, other.lhs), _same(a.rhs, other.rhs)]
            answers.append(False if False in sides else None if None in sides else True)
    return True if True in answers else None if None in answers else False


def _agree(a: sympy.Expr, b: sympy.Expr) -> bool | None:
    """Compares values where each variable is between -1.4 and 1.4: there powers of powers stay small."""
    symbols = sorted(a.free_symbols | b.free_symbols, key=str)
    random = Random(0)
    good = 0
    for trial in range(8):  # all combinations of signs of three variables
        signs = [1 - 2 * (trial >> place % 3 & 1) for place in range(len(symbols))]
        point = {symbol: sign * random.uniform(0.3, 1.4) for symbol, sign in zip(symbols, signs, strict=True)}
        try:
            first, second = (complex(side.evalf(15, subs=point)) for side in (a, b))
        except (ArithmeticError, TypeError, ValueError):  # a pole, or no number at all
            continue
        size = max(abs(first), abs(second))
        if isfinite(size) and abs(first - second) > 1e-9 * max(size, 1):
            return False
        good += isfinite(size)
    return True if good >= 3 else None


# Answers -------------------------------------------------------------------------------------------------------------


def _printed(expression: sympy.Basic, **settings) -> str:
    return sympy.latex(expression, ln_notation=True, inv_trig_style="full", **settings)


def _as_read(formula: _Formula) -> str | None:
    return None if formula.lost() else _printed(formula.expression)


def _evaluated(formula: _Formula) -> str | None:
    r"""The value, `\frac{1}{3} \approx 0.333333`; with variables: sums, integrals, limits, derivatives worked out."""
    expression = formula.expression
    if formula.lost():
        return None
    if formula.relation:
        return None if formula.symbols else rf"\text{{{str(_holds(formula, {})).lower()}}}"
    value = expression.doit()
    if not isinstance(value, sympy.Expr) or value.has(sympy.nan, sympy.zoo, sympy.I):
        return None
    if value.free_symbols or value.has(AppliedUndef):
        as_given = value.has(*written.OPERATORS) or value == expression or _printed(value) == _printed(expression)
        return None if as_given else _printed(value)
    if value.is_Integer or value.is_infinite:
        return _printed(value)
    number = value.evalf(6)
    if not number.is_Float:
        return None
    exact = "" if value.has(sympy.Float, *written.OPERATORS) else _printed(value)
    return rf"{exact} \approx {_printed(number)}".strip()


def _solved(formula: _Formula) -> str | None:
    """`x = 5`, or the set that x is in; each solution holds in the formula as it is written."""
    unknown = _variable(formula.symbols, ("x",))
    if unknown is None or formula.relation is None or unknown not in formula.expression.free_symbols:
        return None
    rational = all(written.is_rational(side, unknown) for side in formula.sides)
    domain = sympy.Complexes if formula.relation is sympy.Eq and rational else sympy.Reals
    solutions = sympy.solveset(formula.expression, unknown, domain)
    solutions = _checked(solutions, formula, unknown)
    if isinstance(solutions, sympy.FiniteSet) and len(solutions) == 1:
        return f"{_printed(unknown)} = {_printed(*solutions)}"
    return rf"{_printed(unknown)} \in {_printed(solutions)}"


def _checked(solutions: sympy.Set, formula: _Formula, unknown: sympy.Symbol) -> sympy.Set:
    """Those of the solutions that hold in the formula as it is written.

    Raises:
        UnclearError: there may be others, or what a solution is depends on the values of other variables.
    """
    if solutions.has(sympy.ConditionSet, sympy.Intersection, sympy.Complement, sympy.CRootOf):
        raise written.UnclearError
    finite, others = isinstance(solutions, sympy.FiniteSet), sorted(formula.symbols - {unknown}, key=str)
    if others:
        if formula.lost() and not finite:
            raise written.UnclearError
        _check_with(others, solutions, formula, unknown)
        return solutions
    if finite:
        solutions = sympy.FiniteSet(*(number for number in solutions if _holds(formula, {unknown: number})))
    else:
        solutions = written.restricted(solutions, formula.lost(), unknown)
    _check_members(solutions, formula, unknown, {})
    return solutions


def _check_with(others: list[sympy.Symbol], solutions: sympy.Set, formula: _Formula, unknown: sympy.Symbol) -> None:
    """Raises UnclearError if the solutions are not right for some values of the other variables."""
    random, good = Random(0), 0
    for trial in range(8):  # all combinations of signs of three variables
        point = {}
        for place, other in enumerate(others):
            point[other] = (1 - 2 * (trial >> place % 3 & 1)) * sympy.Rational(random.randint(30, 300), 100)
        if written.is_defined(formula.sides, {unknown: sympy.Rational(7, 10), **point}):
            _check_members(solutions.subs(point), formula, unknown, point)
            good += 1
    if good < 3:
        raise written.UnclearError


def _check_members(solutions: sympy.Set, formula: _Formula, unknown: sympy.Symbol, point: dict) -> None:
    """Raises UnclearError if some solutions do not hold, or if some of a row of other numbers do."""
    for number in _members(solutions):
        if not _holds(formula, {unknown: number, **point}):
            raise written.UnclearError
    ends = [end for interval in solutions.atoms(sympy.Interval) for end in interval.args[:2] if end.is_finite]
    row = [n + shift for n in range(-12, 13) for shift in (0, sympy.Rational(3, 8))]
    row += [end + shift for end in ends for shift in (-sympy.Rational(1, 1000), 0, sympy.Rational(1, 1000))]
    for number in map(sympy.sympify, row):
        holds = _holds(formula, {unknown: number, **point})
        if (holds or ends) and (solutions.contains(number) == sympy.true) != holds:
            raise written.UnclearError


def _members(solutions: sympy.Set) -> Iterator[sympy.Expr]:
    """Some members of a set, and all of a finite one; raises UnclearError for a set of another kind."""
    if isinstance(solutions, sympy.FiniteSet):
        yield from solutions
    elif isinstance(solutions, sympy.Union):
        for part in solutions.args:
            yield from _members(part)
    elif isinstance(solutions, sympy.Interval):
        low = solutions.start if solutions.start.is_finite else sympy.Min(solutions.end, 0) - 100
        high = solutions.end if solutions.end.is_finite else sympy.Max(solutions.start, 0) + 100
        yield from (low + (high - low) * sympy.Rational(part, 8) for part in range(1, 8))
    elif isinstance(solutions, sympy.ImageSet) and solutions.base_set == sympy.Integers:
        yield from (solutions.lamda(n) for n in range(-3, 4))
    elif solutions != sympy.EmptySet:
        raise written.UnclearError


def _holds(formula: _Formula, point: dict[sympy.Symbol, sympy.Expr]) -> bool:
    return written.holds(formula.sides, formula.relation, point)


def _differentiated(formula: _Formula) -> str | None:
    r"""The derivative; of `y = ...` and `f(x) = ...` that of the right side, with what it is."""
    *defined, expression = formula.expression.args if formula.relation else [formula.expression]
    variable = _variable(expression.free_symbols, ("x", "t"))
    if variable is None or formula.lost() or formula.relation not in (None, sympy.Eq):
        return None
    derivative = sympy.diff(expression, variable)
    if derivative.has(sympy.re, sympy.im, sympy.sign):
        return None  # it has none everywhere: |x|
    if not defined:
        return _printed(derivative)
    (left,) = defined
    called = isinstance(left, AppliedUndef) and left.args == (variable,)
    if not (called or left.is_Symbol) or left in expression.free_symbols:
        return None
    return rf"\frac{{d}}{{d {_printed(variable)}}} {_printed(left)} = {_printed(derivative)}"


def _variable(symbols: set[sympy.Symbol], preferred: tuple[str, ...]) -> sympy.Symbol | None:
    """The only symbol, or else the first preferred one that is there."""
    if len(symbols) == 1:
        return next(iter(symbols))
    return next((sympy.Symbol(name) for name in preferred if sympy.Symbol(name) in symbols), None)


def _coded(formula: _Formula) -> str | None:
    """Python that makes the expression: imports, symbols, one assignment."""
    expression = formula.expression
    if formula.lost():
        return None
    lines = ["from sympy import *", ""]
    renamed = {}
    for symbol in sorted(expression.atoms(sympy.Symbol) - _DIRECTIONS, key=str):
        renamed[symbol] = sympy.Symbol(_identifier(symbol.name))
        lines.append(f"{renamed[symbol]} = Symbol({symbol.name!r})")
    for name in sorted({call.func.__name__ for call in expression.atoms(AppliedUndef)}):
        lines.append(f"{name} = Function({name!r})")
    return "\n".join([*lines, f"expression = {PythonPrinter().doprint(expression.xreplace(renamed))}"])


def _identifier(name: str) -> str:
    """`x_{\\max}` becomes x_max; a name that Python or SymPy has taken gets a line behind it."""
    word = re.sub(r"\W+", "_", name).strip("_").replace("__", "_")
    return f"{word}_" if iskeyword(word) or hasattr(sympy, word) else word


_ANSWERS = {
    "expression": _as_read,
    "evaluate": _evaluated,
    "solve": _solved,
    "differentiate": _differentiated,
    "code": _coded,
}

if __name__ == "__main__":
    main()
