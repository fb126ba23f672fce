"""Which symbols of a formula are coloured, and that KaTeX still takes the formula."""

import re

import pytest

from img2latex.latex import normalize, problem, to_katex
from img2latex.web.certainty import marked

DOUBT = r"\textcolor{#b45309}"


def doubting(latex, *places):
    """The formula for KaTeX with marks, of a model that was sure of all but these tokens (of all, if none is given)."""
    tokens = normalize(latex).split()
    unsure = places or range(len(tokens))
    return marked(to_katex(latex), tokens, [0.6 if place in unsure else 0.99 for place in range(len(tokens))])


def test_only_what_is_not_sure_is_coloured():
    assert doubting("a+b", 1) == f"a{DOUBT}{{+}}b"
    assert doubting(r"\frac{a}{2}", 2) == rf"\frac{{{DOUBT}{{a}}}}{{2}}"
    assert doubting("a+b", 99) == to_katex("a+b")


def test_the_colour_tells_how_doubtful():
    assert r"\textcolor{#b91c1c}{b}" in marked("a+b", ["a", "+", "b"], [0.95, 0.99, 0.3])


@pytest.mark.parametrize(
    "latex",
    [
        r"\left(\frac{a}{b}\right)", r"\sum_{i=1}^{n}x_{i}", r"\int_{0}^{1}x\,dx", r"\mathrm{Var}(x)", r"\text{if }x",
        r"\begin{array}{c|c}a&b\\c&d\end{array}", r"\sqrt[3]{x}", r"\xrightarrow[k]{\text{fast}}", r"x^{\prime}\tag{1}",
        r"\overset{a}{=}", r"\begin{cases}a\\b\end{cases}", r"\big|x\big|", r"a\not=b", r"\boldsymbol{x}", r"\lim_{x}",
    ],
)  # fmt: skip
def test_a_formula_full_of_doubt_is_still_the_same_formula(latex):
    found = doubting(latex)
    plain = re.sub(r"\\textcolor\{#\w+\}\{(\\?[^{}]+|\\[{}])\}", r"\1 ", found)
    assert normalize(plain) == normalize(latex)
    assert problem(plain) is None
