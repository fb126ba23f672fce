r"""Canonical tokens -> what a person would have typed: `\sin`, `\text{if}`, `\left( \right)` around tall content.

Each pass takes tokens and gives tokens, some of them longer (`\left(`, `\mathrm{kg}`); `spelled` joins them.
None changes the label: what a person gets back is normalized to the tokens that it was made from.
"""

from __future__ import annotations

import re

from img2latex.latex import units
from img2latex.latex.delimiters import stretch
from img2latex.latex.spelling import CAPITAL_GREEK, GREEK, INTEGRALS, LIMIT_WORDS, SIGNS, STYLE_COMMAND
from img2latex.latex.tokens import closing, without_number

_TEXT_WORDS = frozenset(
    """
if for and or otherwise where when with all such that is are as let then else so the of in on to at by from not
some any each every iff since even odd while subject s.t because hence therefore we have has there exists if~and~only~if
""".split()
)
# Ca(OH)_2 is no operator.
_METALS = frozenset("Al Ag Au Ba Be Bi Ca Cd Co Cr Cu Fe Hg Li Mg Mn Na Ni Pb Pd Pt Sb Sn Sr Ti Zn".split())
_DIFFERENTIALS = (["d"], [r"\mathrm", "{", "d", "}"])
_STYLED = {*STYLE_COMMAND.values(), r"\vec", r"\hat", r"\bar"} - {r"\mathrm"}  # of a variable of integration
_MODULO = [r"\mathrm", "{", "m", "o", "d", "}"]


def idiomatic(tokens: list[str]) -> list[str]:
    """The tokens of a label as a person writes them; `spelled` makes one string of them."""
    tokens, number = without_number(tokens)
    for rewrite in (_columns, _primes, _moduli, _differentials, stretch, _wide_cases, _units, _words):
        tokens = rewrite(tokens)
    return tokens + number


def _columns(tokens: list[str]) -> list[str]:
    r"""`\begin{array}` and the places of its columns become one token: their bars and letters are no formula."""
    out, i = [], 0
    while i < len(tokens):
        end = closing(tokens, i + 1) + 1 if tokens[i] == r"\begin{array}" else i + 1
        out.append("".join(tokens[i:end]))
        i = end
    return out


def _wide_cases(tokens: list[str]) -> list[str]:
    r"""`cases` of three columns and more, which LaTeX refuses, become an array behind a brace."""
    out, opened, separators = list(tokens), [], []
    for i, token in enumerate(tokens):
        if token.startswith(r"\begin{"):
            opened.append(i)
            separators.append([0])
        elif token in ("&", r"\\") and opened:
            separators[-1] = [*separators[-1], 0] if token == r"\\" else [*separators[-1][:-1], separators[-1][-1] + 1]
        elif token.startswith(r"\end{"):
            start, columns = opened.pop(), max(separators.pop()) + 1
            if token == r"\end{cases}" and columns > 2:
                out[start], out[i] = r"\left\{\begin{array}{" + "l" * columns + "}", r"\end{array}\right."
    return out


def _primes(tokens: list[str]) -> list[str]:
    """`x^{\\prime\\prime}` becomes `x''`."""
    out, i = [], 0
    while i < len(tokens):
        if tokens[i] == "^" and i + 1 < len(tokens) and tokens[i + 1] == "{" and out and out[-1] != "{":
            end = closing(tokens, i + 1)
            inside = tokens[i + 2 : end]
            if inside and set(inside) == {r"\prime"}:
                out += ["'"] * len(inside)
                i = end + 1
                continue
        out.append(tokens[i])
        i += 1
    return out


def _moduli(tokens: list[str]) -> list[str]:
    r"""`a\bmod 2`, and `a\pmod{4}` for what is in brackets."""
    out, i = [], 0
    while i < len(tokens):
        end = i + len(_MODULO)
        bracket = _bracket_closing(tokens, i) if tokens[i] == "(" and tokens[i + 1 : end + 1] == _MODULO else None
        if bracket and bracket > end + 1:
            out += [r"\pmod", "{", *_moduli(tokens[end + 1 : bracket]), "}"]
            i = bracket + 1
        elif tokens[i:end] == _MODULO and _is_between(out, tokens[end:]):
            out.append(r"\bmod ")
            i = end
        else:
            out.append(tokens[i])
            i += 1
    return out


def _bracket_closing(tokens: list[str], start: int) -> int | None:
    """Index of the `)` for the `(` at `start`, in the same group and cell."""
    level = depth = 0
    for i in range(start, len(tokens)):
        depth += (tokens[i] == "{") - (tokens[i] == "}")
        if depth < 0 or tokens[i] in ("&", r"\\") or tokens[i].startswith((r"\begin", r"\end")):
            return None
        if depth == 0:
            level += (tokens[i] == "(") - (tokens[i] == ")")
            if level == 0:
                return i
    return None


def _is_between(before: list[str], after: list[str]) -> bool:
    """Whether there is an operand on both sides."""
    starts = not before or before[-1] in SIGNS | {"{", "(", "[", "&", r"\\"} or before[-1].startswith(r"\begin")
    ends = not after or after[0] in SIGNS - {"-"} | {"}", ")", "]", "&", r"\\", "_", "^", "."}
    return not starts and not ends and not after[0].startswith(r"\end")


# Thin spaces ---------------------------------------------------------------------------------------------------------


def _differentials(tokens: list[str]) -> list[str]:
    r"""`\int f\,dx`: a thin space before the differential, where an integral waits for one."""
    out: list[str] = []
    waiting = [0]  # in each open group: integrals without their differential
    fresh = -1  # where an integral and its limits, or a differential, have just ended
    i = 0
    while i < len(tokens):
        token = tokens[i]
        end = _differential(tokens, i) if token in ("d", r"\mathrm") and waiting[-1] else i
        if end > i and (_ends_term(tokens, end) or _differential(tokens, end) > end):
            apart = out and out[-1] not in SIGNS | {"{", "(", "[", "&", r"\\"} and not out[-1].startswith(r"\begin")
            out += [r"\,"] * bool(apart and fresh != len(out)) + tokens[i:end]
            waiting[-1] -= waiting[-1] > 1 or _differential(tokens, end) == end
            i = end
            continue
        out.append(token)
        i += 1
        if token in INTEGRALS:
            waiting[-1] += INTEGRALS[token]
            while i + 1 < len(tokens) and tokens[i] in ("_", "^") and tokens[i + 1] == "{":
                end = closing(tokens, i + 1) + 1
                out += tokens[i:end]
                i = end
            fresh = len(out)
        elif token == "{" or token.startswith(r"\begin"):
            waiting.append(0)
        elif (token == "}" or token.startswith(r"\end")) and len(waiting) > 1:
            waiting.pop()
    return out


def _differential(tokens: list[str], start: int) -> int:
    r"""Where `dx`, `d^{3}x`, `d\mathbf{x}_{1}` or `\mathrm{d}x` ends that begins at `start`; there, if it is none."""
    sign = next((sign for sign in _DIFFERENTIALS if tokens[start : start + len(sign)] == sign), [])
    if not sign:
        return start
    i = start + len(sign)
    if tokens[i : i + 2] == ["^", "{"] and tokens[i + 3 : i + 4] == ["}"]:
        i += 4
    variable = tokens[i : i + 1]
    if variable and (variable[0].isalpha() or variable[0] in GREEK | CAPITAL_GREEK):
        i += 1
    elif variable and variable[0] in _STYLED and tokens[i + 1 : i + 2] == ["{"]:
        i = closing(tokens, i + 1) + 1
    else:
        return start
    while tokens[i : i + 1] and tokens[i] in ("_", "^", "'"):
        i = closing(tokens, i + 1) + 1 if tokens[i] != "'" else i + 1
    return i


def _ends_term(tokens: list[str], i: int) -> bool:
    marks = SIGNS | {"}", ")", "]", r"\}", "|", "&", r"\\", "."}
    return i == len(tokens) or tokens[i] in marks or tokens[i].startswith(r"\end")


def _units(tokens: list[str]) -> list[str]:
    r"""`9.81\,\mathrm{m}\,\mathrm{s}^{-2}`: thin spaces around units, where they surely are units."""
    out, i = [], 0
    while i < len(tokens):
        quantity, end = units.quantity(tokens, i, out)
        out += quantity or [tokens[i]]
        i = max(end, i + 1)
    return out


# Words ---------------------------------------------------------------------------------------------------------------


def _words(tokens: list[str]) -> list[str]:
    out, i = [], 0
    while i < len(tokens):
        if tokens[i] == r"\mathrm":
            end = closing(tokens, i + 1)
            out.append(_upright(tokens[i + 2 : end], out, tokens[end + 1 :]))
            i = end + 1
        else:
            out.append(tokens[i])
            i += 1
    return out


def _upright(letters: list[str], before: list[str], after: list[str]) -> str:
    """One token for an upright word: text, an operator's name, or just upright letters."""
    word = "".join(letters)
    a_word = word in _TEXT_WORDS or (word.istitle() and word.lower() in _TEXT_WORDS)
    scripted = bool(after) and after[0] in ("_", "^")  # as in As_2O_3, which is no word
    if word in LIMIT_WORDS:
        star = "*" if scripted else ""
        return rf"\operatorname{star}{{{word.replace('~', chr(92) + ',')}}}"
    if "~" in letters or (a_word and not scripted):
        spaced = word.replace("~", " ")
        lead = " " if before and before[-1] not in ("{", "[", "&", r"\\") else ""
        tail = " " if after and after[0] not in ("}", "]", "&", r"\\", "_", "^", ",", ".") else ""
        return rf"\text{{{lead}{spaced}{tail}}}"
    in_script = bool(before) and before[-1] == "{"
    named = len(word) > 1 and word.isalpha() and not units.is_unit(word) and word not in _METALS
    if (
        named
        and not in_script
        and after
        and after[0] in ("(", r"\left(", "[", r"\left[", r"\{", r"\left\{")
        and word[1:].islower()
    ):
        return rf"\operatorname{{{word}}}"
    return rf"\mathrm{{{word}}}"


_COMMAND = re.compile(r"(?<!\\)\\[A-Za-z]+$")


def spelled(tokens: list[str]) -> str:
    """Tokens as a person types them: a space only where LaTeX needs one, or around `&` and `\\\\`."""
    out: list[str] = []
    for token in tokens:
        before = out[-1] if out else ""
        if token in ("&", r"\\"):
            out[-1:] = [before.rstrip(" "), f" {token} "]
        elif token.startswith((r"\begin", r"\end")):
            out.append(f"{token} " if before[-1:] in (" ", "{", "(", "[", "") else f" {token} ")
        elif token in ("[", "*") and before.endswith("\\\\ "):
            out.append(f"{{}}{token}")  # a row break would take it for a gap, or for its star
        elif token[:1].isalpha() and _COMMAND.search(before):
            out.append(f" {token}")
        else:
            out.append(token)
    return "".join(out).strip()
