"""Quantities: a number and its units tell that an upright letter before them is a variable."""

import pytest

from img2latex.latex import normalize
from img2latex.latex.units import symbol_in_italics


@pytest.mark.parametrize(
    "latex, symbol",
    [
        (r"\mathrm{c}=5\mu\mathrm{g}/\mathrm{mL}", "c"),
        (r"\mathrm{t}=0.25\mathrm{ms}", "t"),
        (r"\mathrm{E}=10^{-19}\mathrm{J}", "E"),
        (r"\mathrm{e}=1.6\times10^{-19}\mathrm{C}", "e"),
        (r"\mathrm{g}=9.81\mathrm{m~s}^{-2}", "g"),
    ],
)
def test_a_quantitys_symbol_is_a_variable(latex, symbol):
    tokens = normalize(latex).split()
    assert symbol_in_italics(tokens) == [symbol, *tokens[4:]]


@pytest.mark.parametrize(
    "latex",
    [
        r"\mathrm{A}=\mathrm{T}",  # bases
        r"\mathrm{N}=6",
        r"\mathrm{H}=2x\mathrm{mm}",  # italics stand beside it: the picture tells the difference
        r"\mathrm{t}=0.25\mathrm{ms}+t_{0}",
        r"\mathrm{V}=3\mathrm{O}",
        r"\mathrm{pH}=7\mathrm{mol}/\mathrm{L}",
        r"c=5\mu\mathrm{g}",
        r"\mathrm{c}=5\mu\mathrm{g}/\mathrm{Xy}",
    ],
)
def test_what_is_no_quantity_stays(latex):
    tokens = normalize(latex).split()
    assert symbol_in_italics(tokens) == tokens
