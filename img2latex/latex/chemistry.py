r"""`\ce{..}` of the mhchem package, written out: KaTeX and plain LaTeX do not know it."""

from __future__ import annotations

import re

# An arrow, what stands above it and what below.
_ARROW = re.compile(r"(<=>>|<<=>|<=>|<->|->|<-)(?:\[([^\[\]]*)\])?(?:\[([^\[\]]*)\])?")
_PLAIN = {"<=>": r"\rightleftharpoons", "<=>>": r"\rightleftharpoons", "<<=>": r"\rightleftharpoons",
          "<->": r"\leftrightarrow", "->": r"\rightarrow", "<-": r"\leftarrow"}
_LABELLED = {"<=>": r"\xrightleftharpoons", "<=>>": r"\xrightleftharpoons", "<<=>": r"\xrightleftharpoons",
             "<->": r"\xleftrightarrow", "->": r"\xrightarrow", "<-": r"\xleftarrow"}


def expand(formula: str) -> str:
    r"""`H2SO4 -> 2H+ + SO4^2-` becomes upright letters with scripts.

    Args:
        formula: the argument of `\ce`, without braces around it.

    Returns:
        LaTeX without `\ce`.
    """
    parts, at = [], 0
    for arrow in _ARROW.finditer(formula):
        parts += [_words(formula[at : arrow.start()]), _arrow(*arrow.groups(default=""))]
        at = arrow.end()
    return " ".join([*parts, _words(formula[at:])])


def _arrow(mark: str, above: str, below: str) -> str:
    if not above and not below:
        return _PLAIN[mark]
    return _LABELLED[mark] + (f"[{_label(below)}]" if below else "") + f"{{{_label(above)}}}"


def _label(text: str) -> str:
    """Of an arrow: chemistry too, unless it stands between dollars."""
    formula = re.fullmatch(r"\$(.*)\$", text)
    return formula[1] if formula else _words(text)


def _words(formula: str) -> str:
    return " ".join(_word(word) for word in formula.split())


def _word(word: str) -> str:
    if word.startswith("\\") or word in ("+", "-", "="):
        return word
    amount = re.match(r"\d+(?:/\d+)?", word)
    head = amount[0] if amount else ""
    rest = word[len(head) :]
    charge = re.search(r"(?<=[A-Za-z0-9)\]}])\^?\{?(\d*[+-])\}?$", rest)
    # `Ca2+` means Ca with two charges only behind `^`; a bare digit before the sign counts atoms, as in `SO4-`
    tail = ""
    if charge:
        sign = charge[1] if "^" in charge[0] else charge[1][-1]
        rest = rest[: len(rest) - len(sign)] if "^" not in charge[0] else rest[: charge.start()]
        tail = f"^{{{sign}}}"
    rest = re.sub(r"(?<=[A-Za-z)\]])(\d+)", r"_{\1}", rest)
    rest = re.sub(r"[.*](?=\d*[A-Z])", r"\\cdot ", rest)  # water of crystals: CuSO4.5H2O
    rest = re.sub(r"\\[A-Za-z]+|[A-Za-z]+", lambda m: m[0] if m[0][0] == "\\" else rf"\mathrm{{{m[0]}}}", rest)
    return head + rest + tail
