r"""`\SI`, `\qty`, `\num`, `\unit`, `\si` and `\ang` of the siunitx package, written out as it prints them by default.

Source: the manual of siunitx 3. What is not known here is refused.
"""

from __future__ import annotations

import re

from img2latex.latex.errors import LatexError

_PREFIXES: dict[str, str] = dict(pair.split() for pair in r"""
\yocto y; \zepto z; \atto a; \femto f; \pico p; \nano n; \micro µ; \milli m; \centi c; \deci d;
\deca da; \deka da; \hecto h; \kilo k; \mega M; \giga G; \tera T; \peta P; \exa E; \zetta Z; \yotta Y
""".split(";"))
_UNITS: dict[str, str] = dict(pair.split() for pair in r"""
\metre m; \meter m; \gram g; \second s; \ampere A; \kelvin K; \mole mol; \candela cd; \hertz Hz; \newton N;
\pascal Pa; \joule J; \watt W; \coulomb C; \volt V; \farad F; \siemens S; \weber Wb; \tesla T; \henry H; \lumen lm;
\lux lx; \becquerel Bq; \gray Gy; \sievert Sv; \katal kat; \minute min; \hour h; \day d; \litre L; \liter L;
\tonne t; \electronvolt eV; \dalton Da; \bar bar; \radian rad; \steradian sr; \neper Np; \decibel dB; \bel B;
\hectare ha; \astronomicalunit au; \ohm Ω; \percent %; \degreeCelsius °C; \celsius °C; \degree °; \arcminute ′;
\arcsecond ″; \kilogram kg; \angstrom Å; \kg kg; \g g; \mg mg; \ug µg; \m m; \km km; \cm cm; \mm mm; \um µm; \nm nm;
\s s; \ms ms; \us µs; \ns ns; \mol mol; \mmol mmol; \umol µmol; \V V; \mV mV; \kV kV; \A A; \mA mA; \uA µA; \N N;
\kN kN; \J J; \kJ kJ; \eV eV; \keV keV; \MeV MeV; \GeV GeV; \TeV TeV; \W W; \mW mW; \kW kW; \MW MW; \Hz Hz; \kHz kHz;
\MHz MHz; \GHz GHz; \Pa Pa; \kPa kPa; \MPa MPa; \K K; \L L; \mL mL; \l L; \ml mL; \kWh kWh
""".split(";"))
_SIGNS = {"µ": r"\mu ", "Ω": r"\Omega ", "%": r"\%", "°": r"{}^{\circ}", "′": r"{}^{\prime}", "″": r"{}^{\prime\prime}",
          "Å": r"\mathring{\mathrm{A}}"}  # fmt: skip
_POWERS = {r"\squared": "2", r"\cubed": "3", r"\square": "2", r"\cubic": "3"}
_MACRO = re.compile(r"\\(?:[A-Za-z]+|.)|\{[^{}]*\}|\S")
_LITERAL = re.compile(r"(\\mu|\\micro|µ|μ)?\s*(\\[A-Za-z]+|\\%|[A-Za-z]+|°C?|%|Ω|1)(?:\^\{?(-?\d+)\}?)?")
_NUMBER = re.compile(
    r"(?P<sign>[-+]|\\pm|<|>)?(?P<digits>\d*[.,]?\d*)(?:\((?P<last>\d+)\)|(?:\+-|\\pm)(?P<error>\d+[.,]?\d*))?"
    r"(?:[eEdD](?P<power>[-+]?\d+))?"
)


def expand(command: str, arguments: list[str]) -> str:
    r"""LaTeX that looks as `\SI{5}{\kilo\gram}` does.

    Args:
        command: `\SI`, `\qty`, `\num`, `\unit`, `\si` or `\ang`.
        arguments: as many as it has.

    Raises:
        LatexError: a number or a unit is not known.
    """
    if command == r"\num":
        return number(arguments[0])
    if command in (r"\unit", r"\si"):
        return unit(arguments[0])
    if command == r"\ang":
        return angle(arguments[0])
    value, of = number(arguments[0]), unit(arguments[1])
    return f"{value}{of.removeprefix('{}')}" if of.startswith("{}^") and "mathrm" not in of else rf"{value}\,{of}"


def number(text: str) -> str:
    text = re.sub(r"\s|~|\\,|[{}]", "", text)
    found = _NUMBER.fullmatch(text)
    if not text or not found:
        raise LatexError(f"{text} is no number for siunitx")
    digits = found["digits"].replace(",", ".")
    digits = f"0{digits}" if digits.startswith(".") else digits
    power = "" if found["power"] is None else rf"10^{{{int(found['power'])}}}"
    if not digits and not power:
        raise LatexError(f"{text} is no number for siunitx")
    last = found["last"] or (found["error"] and _last_digits(digits, found["error"].replace(",", ".")))
    digits += f"({last})" if last else ""
    return f"{(found['sign'] or '').replace('+', '')} {digits}" + (r"\times" if digits and power else "") + power


def _last_digits(digits: str, error: str) -> str:
    """An uncertainty as it is told in brackets: of the last digits of the number."""
    if len(error.partition(".")[2]) != len(digits.partition(".")[2]):
        raise LatexError(f"{digits} has an uncertainty of another precision")
    return error.replace(".", "").lstrip("0")


def angle(text: str) -> str:
    """Degrees, minutes and seconds, parted by semicolons."""
    parts = text.split(";")
    if len(parts) > 3 or not any(parts):
        raise LatexError(f"{text} is no angle for siunitx")
    marks = (r"\circ", r"\prime", r"\prime\prime")
    return "".join(f"{number(part)}^{{{mark}}}" for part, mark in zip(parts, marks, strict=False) if part.strip())


def unit(text: str) -> str:
    r"""Units as macros (`\kilo\gram\per\metre\cubed`) or as they are written (`kg.m^{-3}`, `kg/m^3`)."""
    if not text.strip():
        raise LatexError("siunitx needs a unit")
    return _of_macros(text) if all(token[0] in "\\{" for token in _MACRO.findall(text)) else _literal(text)


def _of_macros(text: str) -> str:
    written: list[str] = []
    prefix, per, power = "", False, ""
    for token in _MACRO.findall(text):
        if token in _PREFIXES:
            prefix = _PREFIXES[token]
        elif token == r"\per":
            per = True
        elif token in (r"\square", r"\cubic"):
            power = _POWERS[token]
        elif token in _POWERS and written:
            written[-1] = _raised(written[-1], _POWERS[token])
        elif token in (r"\tothe", r"\raiseto", r"\of"):
            raise LatexError(f"{token} of siunitx is not known")
        elif token in _UNITS:
            written.append(_raised(_symbol(prefix + _UNITS[token]) + ("^{-1}" if per else ""), power))
            prefix, per, power = "", False, ""
        elif token != r"\,":
            raise LatexError(f"{token} is no unit for siunitx")
    if prefix or per or power or not written:
        raise LatexError("a unit of siunitx is missing")
    return r"\,".join(written)


def _raised(symbol: str, power: str) -> str:
    if not power:
        return symbol
    return symbol.removesuffix("^{-1}") + (f"^{{-{power}}}" if symbol.endswith("^{-1}") else f"^{{{power}}}")


def _symbol(letters: str) -> str:
    """Upright letters, but for signs that are no letters."""
    written, run = "", ""
    for letter in f"{letters} ":
        if letter in _SIGNS or letter == " ":
            written += (rf"\mathrm{{{run}}}" if run else "") + _SIGNS.get(letter, "")
            run = ""
        else:
            run += letter
    return written


def _literal(text: str) -> str:
    """Units with powers, between points or spaces, and behind a slash."""
    text = re.sub(r"\s*(?:\.|~|\\,|\\cdot|\*|\s)\s*", ".", text.strip())
    written = ""
    for i, factors in enumerate(text.split("/")):
        parts = []
        for factor in factors.split("."):
            found = _LITERAL.fullmatch(factor)
            name = found and _UNITS.get(found[2], found[2].replace("\\%", "%"))
            if not found or name.startswith("\\"):
                raise LatexError(f"{factor} is no unit for siunitx")
            power = f"^{{{found[3]}}}" if found[3] else ""
            parts.append(_symbol(("µ" if found[1] else "") + name) + power)
        written += "/" * bool(i) + r"\,".join(parts)
    return written
