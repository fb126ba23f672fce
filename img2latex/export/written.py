r"""A formula as it is written: its value at a point, and the conditions under which it has one.

SymPy simplifies its input at once and computes with complex numbers: \frac{x^{2}}{x} becomes x and has a value at 0,
\sqrt{x}\sqrt{x} has one at -1, \sqrt[3]{-8} is not -2. Here unevaluated trees are computed as at school: roots of odd
degree are real, and an expression without a real value is undefined. Only sums, products, quotients and integer powers
are also computed with complex numbers, since equations of these are solved with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import mpmath
import sympy
from mpmath import mp
from sympy.core.function import AppliedUndef

OPERATORS = (sympy.Sum, sympy.Product, sympy.Integral, sympy.Limit, sympy.Derivative)
DIGITS = 40  # of the computation
SMALL = mpmath.mpf(10) ** -20  # differences below are rounding

Condition = tuple[str, sympy.Expr]  # its kind ("nonzero", "nonnegative" or one of a function), and the expression


class UndefinedError(ValueError):
    """The formula has no value here."""


class UnclearError(ValueError):
    """Whether it has a value depends on what its author meant, or cannot be computed."""


def evaluated(node: sympy.Basic) -> sympy.Basic:
    """The tree with its arithmetic done, roots of odd degree of negative numbers being real."""
    if not node.args:
        return node
    args = [evaluated(argument) for argument in node.args]
    if _is_odd_root(node) and args[0].is_number and args[0].is_negative:
        return -((-args[0]) ** args[1])
    return node.func(*args)


def _is_odd_root(node: sympy.Basic) -> bool:
    r"""Whether it was written as \sqrt[3]{...}; the exponent of x^{1/3} is a quotient here, not a number yet."""
    return isinstance(node, sympy.Pow) and node.exp.is_Rational and not node.exp.is_Integer and node.exp.q % 2 == 1


# Values --------------------------------------------------------------------------------------------------------------


def value(node: sympy.Expr, point: Mapping[sympy.Symbol, sympy.Expr] | None = None) -> mpmath.mpc:
    """The value of a tree at a point, which maps each symbol to a number.

    Raises:
        UndefinedError: it has none.
        UnclearError: it is unclear whether it has one.
    """
    with mp.workdps(DIGITS):
        found = _value(node, {symbol: _constant(number) for symbol, number in (point or {}).items()})
        if mpmath.isnan(found):
            raise UndefinedError
        return found


def is_defined(sides: Sequence[sympy.Expr], point: Mapping[sympy.Symbol, sympy.Expr]) -> bool:
    """Whether all of these trees have a value at a point; raises UnclearError."""
    try:
        for side in sides:
            value(side, point)
    except UndefinedError:
        return False
    return True


def holds(
    sides: Sequence[sympy.Expr], relation: type[sympy.core.relational.Relational],
    point: Mapping[sympy.Symbol, sympy.Expr],
) -> bool:  # fmt: skip
    """Whether a relation between two trees holds at a point; False if one is undefined. Raises UnclearError."""
    try:
        left, right = (value(side, point) for side in sides)
        same = abs(left - right) <= SMALL * max(1, abs(left), abs(right))
        if relation in (sympy.Eq, sympy.Ne):
            return bool(same) == (relation is sympy.Eq)
        difference = _real(left - right)
    except UndefinedError:
        return False
    if same:
        return relation in (sympy.Le, sympy.Ge)
    return bool(difference < 0) == (relation in (sympy.Lt, sympy.Le))


def _value(node: sympy.Expr, point: Mapping[sympy.Symbol, mpmath.mpc]) -> mpmath.mpc:
    if node in point:
        return point[node]
    if isinstance(node, OPERATORS):
        return _worked_out(node, point)
    if not node.args:
        return _constant(node)
    args = [_value(argument, point) for argument in node.args]
    if isinstance(node, sympy.Add):
        return mpmath.fsum(args)
    if isinstance(node, sympy.Mul):
        return mpmath.fprod(args)
    if isinstance(node, sympy.Pow):
        return _power(*args, node)
    if node.func not in _FUNCTIONS:
        raise UnclearError
    return _FUNCTIONS[node.func](*map(_real, args))


def _constant(node: sympy.Expr) -> mpmath.mpf:
    if node in (sympy.oo, -sympy.oo):
        return mpmath.inf if node is sympy.oo else -mpmath.inf
    if not node.is_number:
        raise UnclearError
    if node.is_Float:  # 0.1 is exactly a tenth
        return mpmath.mpf(str(node))
    return mpmath.mpmathify(node._to_mpmath(mp.prec))


def _worked_out(node: sympy.Expr, point: Mapping[sympy.Symbol, mpmath.mpc]) -> mpmath.mpc:
    """The value of a sum, an integral, a limit or a derivative, by SymPy."""
    expression = evaluated(node)
    if lost([node], [expression]):
        raise UnclearError
    number = expression.doit().subs({s: sympy.Float(v, DIGITS) for s, v in point.items()}).evalf(DIGITS)
    if not number.is_Number:
        raise UnclearError
    return _constant(number)


def _real(number: mpmath.mpc) -> mpmath.mpf:
    if abs(mpmath.im(number)) > SMALL * max(1, abs(number)):
        raise UndefinedError
    return mpmath.re(number)


def _power(base: mpmath.mpc, exponent: mpmath.mpc, node: sympy.Pow) -> mpmath.mpc:
    whole = mpmath.nint(mpmath.re(exponent)) if mpmath.isfinite(exponent) else mpmath.inf
    if abs(base) <= SMALL and mpmath.re(exponent) <= SMALL:
        raise UndefinedError
    if abs(exponent - whole) <= SMALL:
        return base ** int(whole)
    base, exponent = _real(base), _real(exponent)
    if base < -SMALL:
        if _is_odd_root(node):
            return -((-base) ** exponent)
        raise UndefinedError if node.exp.is_Rational else UnclearError  # people differ on (-8)^{1/3}
    return max(base, mpmath.mpf(0)) ** exponent


def _within(function: Callable, is_defined: Callable) -> Callable:
    def checked(*args):
        if not is_defined(*args):
            raise UndefinedError
        return function(*args)

    return checked


def _logarithm(number: mpmath.mpf, base: mpmath.mpf | None = None) -> mpmath.mpf:
    if number <= SMALL or base is not None and (base <= SMALL or abs(base - 1) <= SMALL):
        raise UndefinedError
    return mpmath.log(number) if base is None else mpmath.log(number) / mpmath.log(base)


def _choices(*numbers: mpmath.mpf) -> mpmath.mpf:
    """n!, or the ways to choose k of n."""
    if any(number < 0 or abs(number - mpmath.nint(number)) > SMALL for number in numbers):
        raise UnclearError
    return mpmath.factorial(*numbers) if len(numbers) == 1 else mpmath.binomial(*numbers)


def _step(function: Callable) -> Callable:
    """Rounding down or up, except of whole numbers with a rounding error."""

    def rounded(number: mpmath.mpf) -> mpmath.mpf:
        whole = mpmath.nint(number)
        return whole if abs(number - whole) <= SMALL * max(1, abs(number)) else function(number)

    return rounded


def _in_unit(function: Callable) -> Callable:
    return _within(lambda a: function(max(min(a, 1), -1)), lambda a: abs(a) <= 1 + SMALL)


_FUNCTIONS: dict[type, Callable] = {
    sympy.exp: mpmath.exp, sympy.log: _logarithm, sympy.Abs: abs, sympy.floor: _step(mpmath.floor),
    sympy.ceiling: _step(mpmath.ceil), sympy.factorial: _choices, sympy.binomial: _choices,
    sympy.sin: mpmath.sin, sympy.cos: mpmath.cos, sympy.atan: mpmath.atan, sympy.asin: _in_unit(mpmath.asin),
    sympy.acos: _in_unit(mpmath.acos), sympy.sinh: mpmath.sinh, sympy.cosh: mpmath.cosh, sympy.tanh: mpmath.tanh,
    sympy.tan: _within(mpmath.tan, lambda a: abs(mpmath.cos(a)) > SMALL),
    sympy.sec: _within(mpmath.sec, lambda a: abs(mpmath.cos(a)) > SMALL),
    sympy.cot: _within(mpmath.cot, lambda a: abs(mpmath.sin(a)) > SMALL),
    sympy.csc: _within(mpmath.csc, lambda a: abs(mpmath.sin(a)) > SMALL),
}  # fmt: skip


# Domains -------------------------------------------------------------------------------------------------------------


def lost(written: Sequence[sympy.Expr], simplified: Sequence[sympy.Expr]) -> set[Condition]:
    """Conditions that trees need to have values, and their simplified forms do not."""
    kept = {condition for node in simplified for condition in _conditions(node)}
    return {c for node in written for c in _conditions(node) if c not in kept and not _always(*c)}


def _conditions(tree: sympy.Expr) -> set[Condition]:
    found: set[Condition] = set()
    for node in sympy.preorder_traversal(tree):
        if isinstance(node, sympy.Pow):
            found |= _of_power(evaluated(node.base), evaluated(node.exp))
        elif isinstance(node, sympy.log):
            found |= set().union(*(_positive(evaluated(argument)) for argument in node.args))
            found |= set().union(*(_nonzero(evaluated(argument - 1)) for argument in node.args[1:]))
        elif isinstance(node, (sympy.tan, sympy.sec)):
            found |= _nonzero(sympy.cos(evaluated(node.args[0])))
        elif isinstance(node, (sympy.cot, sympy.csc)):
            found |= _nonzero(sympy.sin(evaluated(node.args[0])))
        elif isinstance(node, (sympy.asin, sympy.acos, sympy.factorial, sympy.binomial, AppliedUndef)):
            found |= {(node.func.__name__, evaluated(argument)) for argument in node.args}
    return {(kind, of) for kind, of in found if of.free_symbols}


def _of_power(base: sympy.Expr, exponent: sympy.Expr) -> set[Condition]:
    if not exponent.is_number:
        return set() if base.is_positive else _positive(base)
    found = _nonzero(base) if exponent.is_negative or exponent.is_zero else set()
    odd = exponent.is_Rational and exponent.q % 2 == 1
    return found if odd else found | _nonnegative(base)


def _positive(of: sympy.Expr) -> set[Condition]:
    return _nonzero(of) | _nonnegative(of)


def _nonnegative(of: sympy.Expr) -> set[Condition]:
    number, rest = of.as_coeff_Mul()
    return {("nonnegative", rest if number.is_positive else of)}


def _nonzero(of: sympy.Expr) -> set[Condition]:
    """Each factor must differ from 0, and the argument of a logarithm from 1."""
    found = set()
    for factor in sympy.Mul.make_args(of):
        factor = factor.base if isinstance(factor, sympy.Pow) else factor
        factor = factor.args[0] - 1 if isinstance(factor, sympy.log) else factor
        factor = factor.primitive()[1] if isinstance(factor, sympy.Add) else factor
        found.add(("nonzero", -factor if factor.could_extract_minus_sign() else factor))
    return found


def _always(kind: str, of: sympy.Expr) -> bool:
    """Whether a condition holds whatever real values the symbols have, as far as SymPy can tell."""
    of = of.xreplace({symbol: sympy.Dummy(real=True) for symbol in of.free_symbols})
    return bool(of.is_zero is False if kind == "nonzero" else of.is_nonnegative if kind == "nonnegative" else False)


def restricted(solutions: sympy.Set, conditions: set[Condition], unknown: sympy.Symbol) -> sympy.Set:
    """The real numbers of a set for which conditions hold. Raises UnclearError."""
    for kind, of in conditions:
        if kind == "nonzero":
            solutions -= sympy.solveset(of, unknown, sympy.Reals)
        elif kind == "nonnegative":
            solutions &= sympy.solveset(of >= 0, unknown, sympy.Reals)
        else:
            raise UnclearError
    return solutions


def is_rational(tree: sympy.Expr, unknown: sympy.Symbol) -> bool:
    """Whether the unknown is only added, multiplied, divided and raised to whole powers."""
    if unknown not in tree.free_symbols or tree == unknown:
        return True
    if isinstance(tree, sympy.Pow):
        return evaluated(tree.exp).is_Integer and is_rational(tree.base, unknown)
    return isinstance(tree, (sympy.Add, sympy.Mul)) and all(is_rational(part, unknown) for part in tree.args)
