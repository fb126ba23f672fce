r"""A formula's tokens with nothing left to guess, for SymPy's LaTeX parser.

That parser guesses where a formula is ambiguous (`1/2x`, `a(b+c)`, `\sin x(y+1)`). Here tokens are refused where people
read them in more than one way, and elsewhere the extent of each part is written out in parentheses.
"""

from __future__ import annotations

from img2latex.latex import beautify, normalize, unnumbered
from img2latex.latex.spelling import CAPITAL_GREEK, GREEK
from img2latex.latex.tokens import tokenize

MAX_TOKENS = 300  # the parser needs seconds for more
RELATIONS = ("=", r"\neq", "<", ">", r"\leq", r"\leqslant", r"\geq", r"\geqslant")

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


class DoubtError(Exception):
    """The formula has more than one meaning, or none."""


def written_out(latex: str) -> tuple[list[list[str]], str | None, dict[str, str]]:
    """The tokens of each side without ambiguities, the relation between two sides, the names in them."""
    tokens, names = _named(_plain(tokenize(unnumbered(normalize(latex)))))
    places = [i for i in _outside_groups(tokens) if tokens[i] in RELATIONS]
    if len(tokens) > MAX_TOKENS or len(places) > 1:
        raise DoubtError
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
                raise DoubtError
            name = beautify(" ".join(tokens[i:end]))
            places = {known: made_up for made_up, known in names.items()}
            made_up = places.get(name, _MADE_UP + chr(ord("a") + len(names)))
            if not made_up[-1].isalpha():
                raise DoubtError  # more names than letters
            names[made_up] = name
            out.append(made_up)
        else:
            out.append(tokens[i])
        i = end
    return out, names


def is_name(token: str) -> bool:
    return token in _LETTERS or token.startswith(_MADE_UP)




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
    raise DoubtError


def _outside_groups(tokens: list[str], start: int = 0) -> list[int]:
    """Indexes, from `start` to the end of the group that it is in, of what is in no deeper group."""
    found, i = [], start
    while i < len(tokens) and tokens[i] not in _CLOSING:
        found.append(i)
        i = _closing(tokens, i) + 1
    return found


def _operand_end(tokens: list[str], start: int) -> int:
    """Index behind one factor with its scripts; raises DoubtError if none begins at `start`."""
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
    elif not is_name(token) and token != r"\infty":
        raise DoubtError
    return _scripts_end(tokens, end)


def _scripts_end(tokens: list[str], start: int) -> int:
    end = start
    while end < len(tokens) and tokens[end] in ("^", "_", "!"):
        end = end + 1 if tokens[end] == "!" else _closing(tokens, end + 1) + 1
    return end


def _check(tokens: list[str]) -> None:
    """Raises DoubtError at what the parser does not know, and at what people read in more than one way."""
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else ""
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        if not (token in _KNOWN or token.startswith(_MADE_UP)):
            raise DoubtError
        if token == "." and not (before.isdigit() and after.isdigit()):
            raise DoubtError
        if token == "!" and after == "!":
            raise DoubtError  # a double factorial is not the factorial of a factorial
        if token.isdigit() and (is_name(before) or before in (")", "]", "|")):
            raise DoubtError  # x2: a script that was read too high or too low
        if token == r"\frac" and before.isdigit():
            raise DoubtError  # two and a half, or two halves
        if token in (r"\Delta", r"\delta") and is_name(after):
            raise DoubtError  # a difference, not a factor
        if _is_pair(token, after):
            raise DoubtError
        if token == "[" and before != r"\sqrt" and "(" not in tokens[i : _closing(tokens, i)]:
            raise DoubtError  # [x] may round, count a concentration, hold an argument
        if token == "^":
            _check_power(before, tokens[i + 2 : _closing(tokens, i + 1)])
    _check_bars(tokens)


def _is_pair(first: str, second: str) -> bool:
    """Whether two letters side by side are a line from A to B, or the alleles Aa, rather than factors."""
    letters = first.isalpha() and second.isalpha()
    return letters and (first.lower() == second.lower() or {first, second} <= _POINTS)


def _check_power(base: str, exponent: list[str]) -> None:
    """Raises DoubtError at what is no power: A^{T}, X^{B}, f^{(n)}."""
    if base.isupper() and len(exponent) == 1 and is_name(exponent[0]):
        raise DoubtError
    if exponent[:1] == ["("] and _closing(exponent, 0) == len(exponent) - 1:
        raise DoubtError


def _check_bars(tokens: list[str]) -> None:
    """One pair of bars in a group is an absolute value; more may pair in several ways, or be a condition."""
    for start in [0, *(i + 1 for i, token in enumerate(tokens) if token in _OPENING)]:
        bars = [i for i in _outside_groups(tokens, start) if tokens[i] == "|"]
        if len(bars) not in (0, 2) or any(tokens[i + 1 : i + 2] == ["_"] for i in bars):
            raise DoubtError


def _calls(tokens: list[str]) -> list[str]:
    """A dot between a letter and a parenthesis that are multiplied; f(x) stays; raises DoubtError at all others."""
    out: list[str] = []
    for i, token in enumerate(tokens):
        out.append(token)
        if token in _CALLED and tokens[i + 1 : i + 2] == ["^"]:
            i = _closing(tokens, i + 2)
            if tokens[i + 1 : i + 2] == ["("]:
                raise DoubtError  # f^{2}(x), f^{-1}(x)
        elif is_name(token) and tokens[i + 1 : i + 2] in (["("], ["["]):
            inside = tokens[i + 2 : _closing(tokens, i + 1)]
            is_sum = any(inside[j] in ("+", "-") for j in _outside_groups(inside))
            is_argument = len(inside) == 1 or "x" in inside or "t" in inside
            if token in inside or (token in _FACTORS and is_sum):
                out.append(r"\cdot")
            elif token not in _CALLED or tokens[i + 1] == "[" or not is_argument:
                raise DoubtError  # y(x+1) is a product or a value, h(a+b) is twice a trapezoid
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
            raise DoubtError
        return end, tokens[start + 1 : end - 1]
    end = start
    while end < len(tokens) and tokens[end] not in _ENDS_OPERAND | _FUNCTIONS | _BIG:
        if tokens[end] in ("(", "["):
            raise DoubtError  # \sin x(y+1)
        end = _operand_end(tokens, end)
    if end == start or (end < len(tokens) and tokens[end] in _TIMES | _DIVIDE):
        raise DoubtError  # \sin x/2
    return end, tokens[start:end]


def _applied(function: str, scripts: list[str], argument: list[str]) -> list[str]:
    if function == r"\log" and (scripts[:1] != ["_"] or "^" in scripts):
        raise DoubtError
    if function != r"\log" and "_" in scripts or "!" in scripts:
        raise DoubtError
    return [function, *scripts, "(", *argument, ")"]


def _check_quotients(tokens: list[str]) -> None:
    """Raises DoubtError at 1/2x, which is half of x to some and one over 2x to others."""
    for i, token in enumerate(tokens):
        if token in _DIVIDE:
            end = _operand_end(tokens, i + 1)
            if end < len(tokens) and tokens[end] not in _ENDS_OPERAND:
                raise DoubtError


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
        raise DoubtError
    limits = tokens[at:start]
    whole = ["{", *limits, "(", *(integrand or ["1"]), ")", *variable, "}"]
    return [*tokens[:at], *whole, *_integrals(rest)]


def _differential(tokens: list[str], start: int) -> int:
    """Index of the d of the first dx outside of groups, -1 without one; raises DoubtError at an integral before it."""
    for i in _outside_groups(tokens, start):
        if tokens[i] == r"\int":
            break
        if tokens[i] == "d" and i + 1 < len(tokens) and is_name(tokens[i + 1]):
            return i
    else:
        return -1
    raise DoubtError


def _split_fraction(tokens: list[str]) -> tuple[list[str], list[str]]:
    r"""What stands above, ending in dx, and below in `\frac{dx}{x}`."""
    if tokens[:1] != [r"\frac"]:
        raise DoubtError
    middle = _closing(tokens, 1)
    above, below = tokens[2:middle], tokens[middle + 2 : -1]
    if above[-2:-1] != ["d"] or not is_name(above[-1]) or r"\int" in tokens:
        raise DoubtError
    return above, below
