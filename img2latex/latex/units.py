r"""Units of measurement: which upright letters are units, and where they surely are no chemistry."""

from __future__ import annotations

import re

_SURE = frozenset(
    """
m g s J l km cm mm nm pm fm kg mg ng pg ms ns ps fs mol kmol mmol nmol pmol Hz kHz MHz GHz THz kN mN MN kPa MPa GPa hPa
mbar bar atm Torr mmHg kJ MJ GJ mJ eV keV MeV GeV TeV meV kcal cal Wh kWh kW MW GW mW mV kV MV mA kA nF pF mF mH mT nT
mL dL cL hL mM nM dB rpm ppm ppb Gy Sv mSv Bq kBq MBq lx lm kat rad sr kDa Da mK mC nC kg
""".split()
)
# Letters that stand for a chemical element or a quantity as well.
_DOUBTFUL = frozenset("A K N W C V F S T H M L B h d u Pa min wt".split())
_PREFIXED = frozenset("m g s l L J mol M A V F N W Pa Hz K C T S Sv Gy eV H bar cal".split())  # what takes a micro sign
_LOWER = frozenset(unit.lower() for unit in _SURE if len(unit) > 1) | {"min", "db"}
_DIGITS = frozenset("0123456789")
_MOST = 12  # groups of one quantity
_LONGEST = 40  # tokens of a number
_ONE_NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?(\\times(?=.))?)?(10\^\{-?\d+\})?")


def is_unit(word: str) -> bool:
    """Whether upright letters may be a unit, in whatever case: then they are no operator's name."""
    return word.lower() in _LOWER


def quantity(tokens: list[str], start: int, before: list[str]) -> tuple[list[str], int]:
    r"""The units that begin at `start`, with thin spaces before and between them.

    Only a number before them or a negative exponent makes it certain that they are units.

    Args:
        tokens: of a label.
        before: tokens that stand before `start`.

    Returns:
        The tokens, and where the units end; none, and `start`, where it is not certain.
    """
    written: list[list[str]] = []  # each unit with its exponent
    words: list[str] = []
    exponents: list[str] = []
    micro = False
    i = start
    before = before[-_LONGEST:]
    while len(words) < _MOST and (tokens[i : i + 1] == [r"\mathrm"] or tokens[i : i + 2] == [r"\mu", r"\mathrm"]):
        prefix = tokens[i : i + 1] if tokens[i] == r"\mu" else []
        end = tokens.index("}", i)
        group = "".join(tokens[i + len(prefix) + 2 : end]).split("~")
        i = end + 1
        written += [[rf"\mathrm{{{word}}}"] for word in group]
        written[-len(group)][:0] = prefix
        words += group
        micro |= bool(prefix)
        if prefix and group[0] not in _PREFIXED:
            return [], start
        if tokens[i : i + 2] == ["^", "{"]:
            end = tokens.index("}", i)
            exponents.append("".join(tokens[i + 2 : end]))
            written[-1] += tokens[i : end + 1]
            i = end + 1
    if not words or tokens[i : i + 1] in (["_"], ["^"], ["'"]) or not _are_units(words, exponents, micro, before):
        return [], start
    lead = [[]] if _number(before) else []
    return [token for unit in [*lead, *written] for token in [*unit, r"\,"]][:-1], i


def symbol_in_italics(tokens: list[str]) -> list[str]:
    r"""`c = 5 \mu \mathrm { g }` for `\mathrm { c } = ...`: a quantity's symbol is a variable (ISO 80000-1, 7.1.1).

    Sans serif print shows no difference. Only a label that is one symbol, one number and units is certain.
    """
    if tokens[:2] != [r"\mathrm", "{"] or tokens[3:5] != ["}", "="]:
        return tokens
    start = next((i for i in range(5, len(tokens)) if tokens[i] in (r"\mathrm", r"\mu")), len(tokens))
    units, end = quantity(tokens, start, tokens[5:start])
    per = tokens[end:]
    divided = per[:3] == ["/", r"\mathrm", "{"] and per[-1] == "}" and "".join(per[3:-1]) in _SURE | _DOUBTFUL
    is_whole = bool(units) and _ONE_NUMBER.fullmatch("".join(tokens[5:start])) and (not per or divided)
    return [tokens[2], *tokens[4:]] if is_whole else tokens


def _are_units(words: list[str], exponents: list[str], micro: bool, before: list[str]) -> bool:
    number = _number(before)
    negative = any(exponent[:1] == "-" for exponent in exponents)
    if not all(word in _SURE | _DOUBTFUL for word in words) or not all(map(_is_exponent, exponents)):
        return False
    if len(words) > 1:
        return bool(number) or negative or (bool(exponents) and _SURE.issuperset(words))
    if not number or (exponents and not negative and words[0][-1] != "m"):
        return False  # 1s^2 is an orbital
    return words[0] in _SURE or micro or "." in number or "^" in number


def _is_exponent(exponent: str) -> bool:
    return exponent.removeprefix("-").isdigit()


def _number(before: list[str]) -> str:
    """The number that the tokens end with: `9.81`, `10^{-19}`, or nothing."""
    i = len(before)
    if before[-1:] == ["}"] and "{" in before:
        opened = len(before) - 1 - before[::-1].index("{")
        power = "".join(before[opened + 1 : -1])
        is_power = before[max(opened - 3, 0) : opened] == ["1", "0", "^"] and _is_exponent(power)
        return f"10^{power}" if is_power else ""
    while i and before[i - 1] in _DIGITS | {"."}:
        i -= 1
    return "".join(before[i:]).strip(".") if before[-1:] != ["."] else ""
