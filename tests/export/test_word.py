"""Word documents, judged by pandoc, which reads their equations back as LaTeX, and by what Word asks of their XML."""

import io
import json
import re
import subprocess
import zipfile
from xml.etree import ElementTree

import pypandoc
import pytest

from img2latex.export.symbols import SYMBOLS
from img2latex.export.tree import UnfitError, tree
from img2latex.export.word import M, document, omml
from img2latex.latex import normalize
from img2latex.reader.checkpoints import CHECKPOINTS
from tests.export.test_export import MATHML, TYPST, example

FORMULAS = [
    r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}",
    r"\sum_{i=1}^{n}a_{i}b_{i}+\prod_{j}c_{j}=\int_{0}^{1}f(x)\,dx",
    r"\lim_{x\rightarrow0}\frac{\sin x}{x}=1",
    r"\begin{aligned}a&=b+c\\&=d\end{aligned}",
    r"\left(\begin{matrix}1&\frac{1}{2}\\0&1\end{matrix}\right)^{-1}",
    r"6\mathrm{CO}_{2}+6\mathrm{H}_{2}\mathrm{O}\xrightarrow[\text{leaf}]{\text{light}}\mathrm{C}_{6}\mathrm{H}_{12}\mathrm{O}_{6}",
    r"\hat{\beta}=\overline{x}+\vec{v}\cdot\underbrace{a+b}_{n}",
    r"|x|\leq\left\|y\right\|,\quad\lfloor z\rfloor\in[0,1)",
    r"\binom{n}{k}p^{k}\text{ if }k<n",
]
# What pandoc reads otherwise, although it is the same on the page.
ALIKE = {
    r"\varnothing": r"\emptyset", r"\lozenge": r"\Diamond", r"\overline": r"\bar", r"\widehat": r"\hat",
    r"\widetilde": r"\tilde", r"\overrightarrow": r"\vec", r"\mathscr": r"\mathcal", r"\boldsymbol": r"\mathbf",
    r"\overset{\overleftrightarrow{}}": r"\overleftrightarrow", r"\overset{x}{\underbrace{}}": r"\underbrace{x}",
    r"\underset{n}{\overset{a + b}{\underbrace{}}}": r"\underbrace{a+b}_{n}",
    r"\overset{f}{\Rightarrow}": r"\xRightarrow{f}",
    "smallmatrix": "matrix", "aligned": "matrix", "gathered": "matrix", r"\begin{array}{r}": "",
    r"\end{array}": "", r"\begin{cases}": r"\{\begin{matrix}", r"\end{cases}": r"\end{matrix}", r"\left\{": r"\{",
    r"\left(": "(", r"\right.": "", r"\right)": ")", "≢": r"\not\equiv", "^{''}": "''", r"\prime": "'",
    "_{}": " ", "^{}": " ", "{}_": "_",
    r"\underset{x}{\text{arg~max}}": r"\operatorname*{arg\,max}_{x}",
    r"\liminf": "liminf", r"\limsup": "limsup", "lim\\ ": "lim",
}  # fmt: skip


def read_back(docx):
    """The LaTeX of each paragraph, as pandoc reads it: that of its equations, or its text."""
    command = [pypandoc.get_pandoc_path(), "-f", "docx", "-t", "json"]
    told = json.loads(subprocess.run(command, input=docx, capture_output=True, check=True).stdout)
    return ["".join(map(said, block["c"])) for block in told["blocks"]]


def said(part):
    return part["c"][1] if part["t"] == "Math" else part["c"] if part["t"] == "Str" else " "


def alike(latex):
    """The canonical label, without what pandoc does not tell: that letters are upright."""
    for token, (character, *_) in SYMBOLS.items():
        if not character.isascii():
            latex = latex.replace(character, f"{token} ")
    for one, other in ALIKE.items():
        whole = "(?![a-zA-Z])" if one[-1].isalpha() else ""
        latex = re.sub(re.escape(one) + whole, lambda _, other=other: other, latex)
    label = normalize(re.sub(r"\\(?:mathrm|text|operatorname)\{([^{}]*)\}", r" \1", latex))
    return label.replace("aligned", "matrix")


def in_word(latex):
    """Whether Word has a spelling for it; a number of an equation is written beside it."""
    try:
        omml(tree(latex))
    except UnfitError:
        return False
    return r"\tag" not in latex


def test_all_that_the_vocabulary_can_say_is_read_back_as_it_was_written():
    vocab = json.loads((CHECKPOINTS / "math" / "config.json").read_text())["vocab"]
    samples = filter(None, map(example, vocab))
    written = [latex for latex in [*samples, *(latex for latex, _ in TYPST + MATHML), *FORMULAS] if in_word(latex)]
    assert len(written) > 500 and set(FORMULAS) < set(written)
    read = read_back(document([("", latex) for latex in written]))
    different = [
        (one, other) for one, other in zip(written, read, strict=True) if alike(one) != alike(other)
    ]
    assert different == []


# LaTeX, what is inside of m:oMath: what pandoc can't judge, or would not tell
OMML = [
    (r"\mathrm{d}x", "<r><rPr><sty p/></rPr><t>d</t></r><r><t>x</t></r>"),
    (r"x\text{ if }y", "<r><t>x</t></r><r><rPr><nor/></rPr><t>\u00a0if\u00a0</t></r><r><t>y</t></r>"),
    (r"{}_{b}", "<sSub><e><r><t>\u200b</t></r></e><sub><r><t>b</t></r></sub></sSub>"),
    (
        r"\underbrace{x}",
        "<groupChr><groupChrPr><chr ⏟/><pos bot/></groupChrPr><e><r><t>x</t></r></e></groupChr>",
    ),
    (
        r"\xrightarrow{x}",
        "<groupChr><groupChrPr><chr →/><vertJc bot/></groupChrPr><e><r><t>x</t></r></e></groupChr>",
    ),
    (
        r"\sum_{i}x+1",
        "<nary><naryPr><chr ∑/><limLoc undOvr/><supHide 1/></naryPr><sub><r><t>i</t></r></sub><sup/>"
        "<e><r><t>x</t></r></e></nary><r><t>+</t></r><r><t>1</t></r>",
    ),
    (
        r"\begin{aligned}a&=b\\&=c\end{aligned}",
        "<eqArr><e><r><t>a</t></r><r><t>&</t></r><r><t>=</t></r><r><t>b</t></r></e>"
        "<e><r><t>&</t></r><r><t>=</t></r><r><t>c</t></r></e></eqArr>",
    ),
]


@pytest.mark.parametrize("latex, inside", OMML)
def test_what_word_is_told(latex, inside):
    assert "".join(map(short, omml(tree(latex)))) == inside


def short(element):
    """An element without its namespace, its value in place of attributes."""
    tag = element.tag.removeprefix(f"{{{M}}}")
    value = element.get(f"{{{M}}}val")
    content = (element.text or "") + "".join(map(short, element))
    return f"<{tag} {value}/>" if value else f"<{tag}>{content}</{tag}>" if content else f"<{tag}/>"


def test_a_document_has_a_line_above_each_formula_and_loses_none():
    docx = document([("one.png", "x<y\\tag{2}"), ("two\x07.png", r"\cancel{x}"), ("three.png", r"\frac{1}{")])
    assert read_back(docx) == ["one.png", r"x < y\text{\quad(2)}", "two.png", r"\cancel{x}", "three.png", r"\frac{1}{"]
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        assert package.testzip() is None
        for name in package.namelist():
            ElementTree.fromstring(package.read(name))
