"""A formula as a picture file: an SVG, which ziamath sets in STIX Two from our MathML, and the same as a PNG.

Letters are drawn as outlines, so that the picture looks the same everywhere and needs no font.
"""

from __future__ import annotations

from xml.etree import ElementTree

import resvg_py
import ziamath

from img2latex.export.mathml import mathml
from img2latex.export.tree import UnfitError, tree

SIZE = 24  # px of the letters
MARGIN = 6  # px of paper around the formula
ZOOM = 4  # pixels of the PNG to one of the SVG, so that it prints well
LONGEST = 6000  # pixels of the longer side of a PNG
MOST = 3000  # characters of LaTeX: ziamath needs seconds for more

_INVISIBLE = frozenset("\u2061\u00a0 ")
# What is over or under a formula, by its sign in our MathML and whether it grows: the sign that ziamath draws so.
_MARKS = {
    ("¯", "true"): "―", ("\u0332", "true"): "―", ("^", "true"): "\u0302", ("~", "true"): "\u0303",
    ("ˇ", "true"): "\u030c", ("→", "false"): "\u20d7",
}  # fmt: skip

ziamath.config.svg2 = False  # Word and older drawing programs know the elements of SVG 1 only


def svg(latex: str) -> str:
    """The formula in black on transparent ground.

    Raises:
        LatexError: the LaTeX can't be read.
        UnfitError: something in it can't be drawn.
    """
    if len(latex) > MOST:
        raise UnfitError("the formula is too long")
    formula = ElementTree.fromstring(mathml(tree(latex)))
    _respell_marks(formula)
    drawn = ziamath.Math(formula, size=SIZE, margin=MARGIN)
    for letter in set("".join(formula.itertext())) - _INVISIBLE:
        if not drawn.font.glyphindex(letter):
            raise UnfitError(f"the font has no {letter}")
    return drawn.svg()


def png(picture: str) -> bytes:
    """An SVG in black on white."""
    root = ElementTree.fromstring(picture)
    longest = max(float(root.get("width")), float(root.get("height")))
    return bytes(resvg_py.svg_to_bytes(svg_string=picture, background="white", zoom=min(ZOOM, LONGEST / longest)))


def _respell_marks(formula: ElementTree.Element) -> None:
    for parent in formula.iter():
        if parent.tag.endswith(("}mover", "}munder")):
            mark = parent[1]
            mark.text = _MARKS.get((mark.text, mark.get("stretchy")), mark.text)
