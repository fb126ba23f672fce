r"""LaTeX to SymPy, and what SymPy can do with it: print, evaluate, solve, differentiate.

SymPy's own LaTeX parser guesses where a formula is ambiguous and takes unknown commands (`\pm`, `\hat`, `\iint`) for
letters. So it gets tokens that leave nothing to guess (`unambiguous.py`), and its result is printed, parsed again and
compared. In doubt: None.
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
from img2latex.export.unambiguous import RELATIONS, DoubtError, is_name, written_out
from img2latex.latex import LatexError
from img2latex.latex.tokens import tokenize

WORK = ("expression", "evaluate", "solve", "differentiate", "code")
MAX_LENGTH = 2000  # characters of a result that a person still reads
MAX_EXPONENT = 1000  # of numbers: 9^{9^{9}} has more digits than the memory of this machine
TICK = 0.25  # seconds between two checks for an answer
MEMORY = 2 << 30  # bytes of address space of the process that computes

_CLASSES = (sympy.Eq, sympy.Ne, sympy.Lt, sympy.Gt, sympy.Le, sympy.Le, sympy.Ge, sympy.Ge)
_RELATIONS = dict(zip(RELATIONS, _CLASSES, strict=True))
_DIRECTIONS = {sympy.Symbol(sign) for sign in ("+", "-", "+-")}  # of limits, which SymPy keeps as symbols


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
    except (DoubtError, LatexError, LaTeXParsingError):
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
        written_out(latex)  # most formulas are in doubt, and cost no process
    except (DoubtError, LatexError):
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
    except (DoubtError, LatexError, LaTeXParsingError):
        return False


def _understood(latex: str) -> _Formula:
    """The formula, with one relation at most; raises DoubtError."""
    sides, sign, names = written_out(latex)
    trees = [_side(tokens, names) for tokens in sides]
    expressions = [written.evaluated(tree) for tree in trees]
    relation = _RELATIONS[sign] if sign else None
    return _Formula(trees, relation, relation(*expressions, evaluate=False) if relation else expressions[0])


def _side(tokens: list[str], names: dict[str, str]) -> sympy.Expr:
    """The tree of tokens without a relation, not evaluated; `names` maps made-up commands to names."""
    expression = parse_latex(" ".join(tokens), strict=True)
    read = {token.lstrip("\\") for token in tokens if is_name(token)}
    atoms = expression.atoms(sympy.Symbol, AppliedUndef) - _DIRECTIONS
    found = {atom.func.__name__ if isinstance(atom, AppliedUndef) else atom.name for atom in atoms}
    if not found <= read <= found | {"d"}:  # d of dx is no name
        raise DoubtError
    _check_extents(expression, names)
    if not _is_tame(expression):
        raise DoubtError
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


# Expressions ---------------------------------------------------------------------------------------------------------


def _check_extents(expression: sympy.Expr, names: dict[str, str]) -> None:
    """Raises DoubtError where a variable is bound to a sum, a limit, a derivative, and used outside of it too."""
    if sympy.Symbol("i") in expression.free_symbols:
        raise DoubtError  # an index without its sum, or the imaginary unit
    for node in expression.atoms(*written.OPERATORS):
        if isinstance(node, sympy.Derivative) and not set(node.variables) <= node.expr.free_symbols:
            raise DoubtError  # dy/dx is not the derivative of a letter y
        bound = _bound(node)
        letters = {sympy.latex(symbol) for symbol in bound}
        if bound & expression.free_symbols or any(letters & set(tokenize(name)[1:]) for name in names.values()):
            raise DoubtError  # x_{i} depends on the i of its sum
    for node in expression.atoms(sympy.Add):
        for part in node.args:
            others = set().union(*(other.free_symbols for other in node.args if other is not part))
            if part.has(sympy.Derivative) and others & part.free_symbols:
                raise DoubtError  # \frac{d}{dx} x^2+x


def _check_numbers(tree: sympy.Basic) -> None:
    """Raises DoubtError at a part without variables that has no real value, or one that people would dispute."""
    if tree.free_symbols or not isinstance(tree, sympy.Expr) or tree.has(*written.OPERATORS, AppliedUndef):
        for part in tree.args:
            _check_numbers(part)
        return
    try:
        written.value(tree)
    except (written.UndefinedError, written.UnclearError):
        raise DoubtError from None


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
