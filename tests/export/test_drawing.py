"""Formulas drawn to be saved: what is in the SVG, what is inked on the PNG, and what can't be drawn."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from img2latex.export import drawing
from img2latex.export.symbols import SYMBOLS
from img2latex.export.tree import UnfitError
from img2latex.latex import LatexError

SVG = "{http://www.w3.org/2000/svg}"


def shapes(latex):
    """The outlines in the SVG of a formula: a letter each, or a rule."""
    root = ElementTree.fromstring(drawing.svg(latex))
    assert root.tag == f"{SVG}svg"
    return [part for part in root.iter() if part.tag in (f"{SVG}path", f"{SVG}rect")]


def ink(latex):
    """Which pixels of the PNG of a formula are dark."""
    image = Image.open(io.BytesIO(drawing.png(drawing.svg(latex))))
    assert image.format == "PNG" and np.asarray(image.convert("L"))[0, 0] == 255  # white paper, in a dark viewer too
    return np.asarray(image.convert("L")) < 128


def width(dark):
    columns = np.flatnonzero(dark.any(axis=0))
    return columns[-1] - columns[0] + 1


@pytest.mark.parametrize(
    "latex, count",
    [
        ("x^{2}+y^{2}=1", 7),
        (r"\frac{a}{b}", 3),
        (r"\sin x", 4),
        (r"\begin{pmatrix}a&b\\c&d\end{pmatrix}", 6),
        (r"\mathrm{H}_{2}\mathrm{O}", 3),
        (r"a\not=b", 3),
    ],
)
def test_every_letter_is_an_outline(latex, count):
    assert len(shapes(latex)) == count


def test_a_letter_in_the_font_would_need_the_font():
    assert "<text" not in drawing.svg(r"x\text{ if }y") and "font" not in drawing.svg(r"x\text{ if }y")


def test_the_png_is_the_same_at_a_printable_size():
    root = ElementTree.fromstring(drawing.svg("x+y"))
    dark = ink("x+y")
    assert dark.shape == pytest.approx((4 * float(root.get("height")), 4 * float(root.get("width"))), abs=4)
    assert 0.02 < dark.mean() < 0.5
    assert not any(edge.any() for edge in (dark[0], dark[-1], dark[:, 0], dark[:, -1]))  # nothing is cut off


def test_a_long_formula_makes_no_huge_png():
    assert max(ink("+".join("x" * 500)).shape) <= drawing.LONGEST + 1


@pytest.mark.parametrize("command", [r"\overline", r"\underline", r"\overbrace", r"\widehat", r"\overrightarrow"])
def test_what_spans_a_formula_is_as_long_as_the_formula(command):
    dark = ink(rf"{command}{{abc}}")
    rows = np.flatnonzero(dark.any(axis=1))
    mark = dark[rows[-1] - 8 :] if command == r"\underline" else dark[: rows[0] + 40]  # without a whole letter
    assert width(mark) > 0.75 * width(ink("abc"))


def test_every_symbol_can_be_drawn():
    plain = len(shapes("ab"))
    assert not [token for token in SYMBOLS if len(shapes(f"a{token} b")) == plain and token.strip("\\ ,;:!")]


@pytest.mark.parametrize("latex, error", [("{x", LatexError), (r"\varinjlim", UnfitError), ("x" * 4000, UnfitError)])
def test_what_cannot_be_drawn_is_told(latex, error):
    with pytest.raises(error, match=r"^\S.{8,}[^.]$"):  # a clause, which the app ends with a full stop
        drawing.svg(latex)


def test_a_letter_that_the_font_lacks_is_no_empty_box(monkeypatch):
    monkeypatch.setattr(drawing, "mathml", lambda nodes: "<math><mi>\u4e2d</mi></math>")
    with pytest.raises(UnfitError, match="\u4e2d"):
        drawing.svg("x")
