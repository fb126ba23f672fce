"""A formula in the formats that people paste it into."""

from __future__ import annotations

import re

from img2latex.export.mathml import mathml
from img2latex.export.tree import UnfitError, tree
from img2latex.export.typst import typst
from img2latex.latex import LatexError, beautify, unnumbered

__all__ = ["formats", "markup"]

# What cannot stand between dollars: dollars, an environment that makes a display, a comment, an empty line, a number.
_STANDALONE = re.compile(
    r"\$|\\(?:tag|l?eqno)(?![A-Za-z])|\\[()\[\]]|(?<!\\)%|\n\s*\n"
    r"|\\begin\s*\{\s*(?:equation|align|alignat|flalign|split|gather|multline|eqnarray|IEEEeqnarray|displaymath|math|dmath"
    r"|subequations)\*?\s*\}"
)


def formats(latex: str, seconds: float = 5.0) -> dict[str, str]:
    r"""The formats of `markup`, and SymPy (Python code) if the formula has only one meaning.

    Args:
        latex: what a person sees and may have edited.
        seconds: the time limit of SymPy, which runs in a process of its own (`symbolic.work`).
    """
    from img2latex.export import symbolic  # here, since it imports SymPy, which takes a second

    found = markup(latex)
    code = symbolic.work(latex, "code", seconds) if len(found) > 1 else None
    return found | ({"SymPy": code} if code else {})


def markup(latex: str) -> dict[str, str]:
    r"""Format -> the formula in it, in this order: LaTeX, `$…$`, `$$…$$`, MathML, Typst.

    Args:
        latex: what a person sees and may have edited.

    Returns:
        Only formats that can express it: none for an empty formula, LaTeX alone if it does not parse. Only LaTeX and
        `$$…$$` keep the number of an equation.
    """
    latex = latex.strip()
    if not latex:
        return {}
    try:
        inner = beautify(latex)
        nodes = tree(latex)
    except LatexError:
        return {"LaTeX": latex}
    rows = inner.startswith(r"\begin{aligned}") and not latex.startswith(r"\begin{aligned}")  # lines parted by \\
    if not rows and not _STANDALONE.search(latex):
        inner = latex  # as it was typed
    found = {"LaTeX": latex, "$…$": f"${unnumbered(inner)}$", "$$…$$": f"$${inner}$$"}
    for name, write in (("MathML", mathml), ("Typst", typst)):
        try:
            found[name] = write(nodes)
        except UnfitError:
            continue
    return found
