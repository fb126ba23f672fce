"""What people paste elsewhere: hand-checked spellings, judged by Typst's compiler, by LaTeX and by an XML parser."""

import json
import shutil
import subprocess
from functools import cache
from xml.etree import ElementTree

import pytest
import typst as compiler
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib._mathtext_data import tex2uni

from img2latex.export import formats
from img2latex.export.mathml import XMLNS, mathml
from img2latex.export.symbols import NEGATED, SYMBOLS
from img2latex.export.tree import UnfitError, tree
from img2latex.export.typst import typst
from img2latex.latex import LatexError
from img2latex.latex.spelling import ONE_ARGUMENT, STYLE_COMMAND, TWO_ARGUMENTS
from img2latex.reader.checkpoints import CHECKPOINTS
from tests.latex import test_latex

PATIENCE = 300.0  # seconds that a busy machine may need
few = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))

# LaTeX, Typst
TYPST = [
    (r"\bcancel{x}+\xcancel{y}", "cancel(x, inverted: #true) + cancel(y, cross: #true)"),
    (r"x_{i}^{2}+12.5", "x_i^2 + 12.5"),
    (r"x_{i+1}^{n}", "x_(i + 1)^n"),
    (r"f''(x)", "f'' (x)"),
    (r"f'_{1}", "f'_1"),
    (r"f^{\prime2}", "f^(prime 2)"),
    (r"\frac{a,b}{c:d}", "frac(a comma b, c colon d)"),
    (r"a/b", r"a \/ b"),
    (r"\sqrt[3]{x}", "root(3, x)"),
    (r"\sin x", "sin x"),
    (r"\operatorname{Var}(X)", '"Var"(X)'),
    (r"\operatorname*{arg\,max}_{x}", 'op("arg max", limits: #true)_x'),
    (r"3\,\mathrm{m}\,\mathrm{s}^{-1}", '3"m s"^(- 1)'),
    (r"A\xRightarrow{f}B", "A limits(stretch(arrow.r.double, size: #(100% + 1em)))^(f) B"),
    (r"x\text{ if }y", 'x" if "y'),
    (r"\mathrm{H}_{2}\mathrm{O}", '"H"_2"O"'),
    (r"\mathrm{e}^{i}\ln\mathrm{C}_{2}2", '"e"^i""ln"C"_2""2'),
    (r"a\equiv\mathsf{if}", 'a equiv""sans("if")'),
    (r"{}^{14}\mathrm{C}", '""^14"C"'),
    (r"T^{a}{}_{b}", 'T^a ""_b'),
    (r"{x^{2}}^{3}", "attach(x^2, t: 3)"),
    (r"[0,1)", "bracket.l 0 comma 1 paren.r"),
    (r"|x|+\|y\|", "abs(x) + norm(y)"),
    (r"P(A|B)", "P (A bar.v B)"),
    (r"\{x\}", "{x}"),
    (r"\langle x,y\rangle", "lr(chevron.l x comma y chevron.r)"),
    (r"\mathbf{x}\mathbb{R}\boldsymbol{\alpha}", "upright(bold(x)) bb(R) bold(alpha)"),
    (r"\underbrace{a+b}_{n}", "underbrace(a + b, n)"),
    (r"\overset{!}{=}", "limits(=)^(!)"),
    (r"\sum_{\substack{i<n\\j<m}}a", r"sum_(i < n \ j < m) a"),
    (r"a\not\equiv b", "a equiv.not b"),
    (r"\begin{aligned}a&=b\\&=c\end{aligned}", r"a & = b \ & = c"),
    (r"\left\{\begin{aligned}a&=b\\c&=d\end{aligned}\right.", "lr(brace.l mat(delim: #none, a & = b; c & = d))"),
    (r"\begin{cases}1&x>0\\0&x\leq0\end{cases}", "cases(1 & x > 0, 0 & x <= 0)"),
    (r"\begin{pmatrix}a&b\\c&d\end{pmatrix}^{-1}", 'mat(delim: "(", a, b; c, d)^(- 1)'),
    (
        r"\begin{array}{l|r}a&b\\\hline c&d\end{array}",
        "mat(delim: #none, augment: #(hline: (1,), vline: (1,)), & a, b &; & c, d &)",
    ),
]

# LaTeX, what is inside of <math>
MATHML = [
    ("x_{i}^{2}", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
    ("12.5", "<mn>12.5</mn>"),
    ("a<b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
    ("1-x", "<mn>1</mn><mo>−</mo><mi>x</mi>"),
    (r"\frac{a}{b+1}", "<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>"),
    (r"\sqrt{x}", "<msqrt><mi>x</mi></msqrt>"),
    (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
    (r"\mathrm{d}x", '<mi mathvariant="normal">d</mi><mi>x</mi>'),
    (r"\Omega", '<mi mathvariant="normal">Ω</mi>'),
    (r"\sin x", '<mi>sin</mi><mo lspace="0.1667em">\u2061</mo><mi>x</mi>'),
    (r"x\text{ if }y", "<mi>x</mi><mtext>\u00a0if\u00a0</mtext><mi>y</mi>"),
    (r"\sum_{i}^{n}", "<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>"),
    (r"\int_{0}^{1}", "<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>"),
    (r"\max_{x}", "<munder><mi>max</mi><mi>x</mi></munder>"),
    (r"\mathbf{x}\mathbb{R}\mathcal{L}\mathfrak{C}\boldsymbol{\alpha}", "".join(f"<mi>{c}</mi>" for c in "𝐱ℝℒℭ𝜶")),
    (r"\hat{x}", '<mover accent="true"><mi>x</mi><mo stretchy="false">^</mo></mover>'),
    (r"\overline{x}", '<mover><mrow><mi>x</mi></mrow><mo stretchy="true">¯</mo></mover>'),
    (r"\overset{a}{=}", "<mover><mo>=</mo><mi>a</mi></mover>"),
    (r"^{14}\mathrm{C}", '<msup><mrow /><mn>14</mn></msup><mi mathvariant="normal">C</mi>'),
    (
        r"\begin{matrix}a&b\end{matrix}",
        '<mtable columnalign="center center"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable>',
    ),
]
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
ELEMENTS = {*CHILDREN, "math", "mi", "mn", "mo", "mtext", "mrow", "msqrt", "mtable", "mtr", "mtd", "mstyle"}


@cache
def example(token):
    """A formula with a token of the vocabulary in it; None for what only ends something that another token begins."""
    if token in ONE_ARGUMENT or token in STYLE_COMMAND.values():
        return token + "{x}"
    if token in TWO_ARGUMENTS:
        return token + "{x}{y}"
    if token.startswith(r"\begin"):
        columns = "{l|c}" if "array" in token else ""
        return rf"{token}{columns}a&b\\c&d{token.replace('begin', 'end')}"
    if token.startswith(r"\end") or token in ("}", "<pad>", "<bos>", "<eos>", "<unk>"):
        return None
    special = {
        r"\sqrt": r"\sqrt[3]{x}", r"\xrightarrow": r"\xrightarrow{x}", r"\xleftarrow": r"\xleftarrow[y]{x}",
        r"\substack": r"\sum_{\substack{i\\j}}",
        r"\not": r"a\not\equiv b", r"\hline": r"\begin{array}{c}a\\\hline b\end{array}", "&": r"a&b\\c&d",
        "\\\\": r"a\\b", "^": "x^{2}", "_": "x_{2}", "{": "{x^{2}}^{3}", "~": r"\mathrm{a~b}", r"\d": r"\d{x}",
        r"\genfrac": r"\genfrac{(}{)}{0pt}{}{a}{b}", r"\{": r"\{x\}", r"\}": r"\{x\}",
    }  # fmt: skip
    return special.get(token, f"x{token} y")


CONFIG = json.loads((CHECKPOINTS / "math" / "config.json").read_text(encoding="utf-8"))
VOCAB = [token for token in CONFIG["vocab"] if example(token)]
FORMULAS = [*map(example, VOCAB), *(author for author, _, _ in test_latex.FORMULAS)]


def written(write, latex):
    try:
        return write(tree(latex))
    except UnfitError:
        return None


def compiles(formulas):
    """Has Typst's compiler lay out each formula; raises its error at the first that it refuses."""
    compiler.compile("\n\n".join(f"$ {formula} $" for formula in formulas).encode(), format="svg")


def check_mathml(text):
    root = ElementTree.fromstring(text)
    assert root.tag == f"{{{XMLNS}}}math" and root.get("display") == "block"
    for element in root.iter():
        name = element.tag.removeprefix(f"{{{XMLNS}}}")
        assert name in ELEMENTS
        assert len(element) == CHILDREN.get(name, len(element)), text
        assert not (element.text and len(element)), text


@pytest.mark.parametrize("latex, expected", TYPST)
def test_typst(latex, expected):
    assert typst(tree(latex)) == expected
    compiles([expected])


@pytest.mark.parametrize("latex, expected", MATHML)
def test_mathml(latex, expected):
    text = mathml(tree(latex))
    check_mathml(text)
    whole = expected if len(ElementTree.fromstring(f"<math>{expected}</math>")) == 1 else f"<mrow>{expected}</mrow>"
    assert text == f'<math xmlns="{XMLNS}" display="block">{whole}</math>'


def test_the_vocabulary_is_covered_but_for_what_is_named_here():
    nowhere = {"`", '"', r"\d", r"\genfrac", r"\varinjlim", r"\varprojlim"}
    assert {token for token in VOCAB if written(typst, example(token)) is None} == nowhere
    ruled = {r"\begin{array}", r"\hline"}  # neither Word nor most browsers draw rules in MathML tables
    crossed = {r"\boxed", r"\cancel", r"\bcancel", r"\xcancel"}  # nor Chromium what encloses
    assert {token for token in VOCAB if written(mathml, example(token)) is None} == nowhere | ruled | crossed


def test_all_typst_compiles():
    outputs = [output for latex in FORMULAS if (output := written(typst, latex))]
    assert len(outputs) > 400
    compiles(outputs)


def test_all_mathml_is_well_formed():
    outputs = [output for latex in FORMULAS if (output := written(mathml, latex))]
    assert len(outputs) > 400
    for output in outputs:
        check_mathml(output)


def test_typst_means_the_same_characters():
    names = dict([*SYMBOLS.values(), *NEGATED.values()])
    source = "\n".join(f"#metadata(repr(${name}$.body))<symbol>" for name in names.values())
    meant = [entry["value"] for entry in json.loads(compiler.query(source.encode(), "<symbol>"))]
    assert [value.strip("[]\ufe0e") or value[1:-1] for value in meant] == list(names)


def test_symbols_are_those_of_another_table():
    """Matplotlib's, but for glyphs of another shape there, and what it has under another name."""
    other = {r"\epsilon", r"\hbar", r"\bigcirc", r"\preceq", r"\succeq", r"\rightsquigarrow"}
    known = {command: chr(tex2uni[command[1:]]) for command in SYMBOLS if command[1:] in tex2uni.keys() - {"|"}}
    assert len(known) > 180
    assert {command for command, character in known.items() if SYMBOLS[command][0] != character} == other


def test_formats_in_order():
    found = formats(r"\frac{x}{2}", PATIENCE)
    assert list(found) == ["LaTeX", "$…$", "$$…$$", "MathML", "Typst", "SymPy"]
    assert found["LaTeX"] == r"\frac{x}{2}"
    assert found["$…$"] == r"$\frac{x}{2}$"
    assert found["$$…$$"] == r"$$\frac{x}{2}$$"
    assert found["Typst"] == "frac(x, 2)"
    assert found["SymPy"].endswith("expression = x/2")


@pytest.mark.parametrize(
    "latex, names",
    [
        ("", ""),
        (" \n", ""),
        (r"\frac{a}", "LaTeX"),
        ("日本", "LaTeX"),
        (r"a\pm b", "LaTeX $…$ $$…$$ MathML Typst"),
        (r"\begin{array}{c|c}a&b\end{array}", "LaTeX $…$ $$…$$ Typst"),
        (r"\genfrac{(}{)}{0pt}{}{a}{b}", "LaTeX $…$ $$…$$"),
    ],
)
def test_what_cannot_be_made_right_is_absent(latex, names):
    assert " ".join(formats(latex)) == names


DOLLARS = [
    r"$\hat{x}$", r"$$\hat{x}$$", r"\[\hat{x}\]", r"\(\hat{x}\)", r"\begin{align*}a\pm b&=c\\d&=e\end{align*}",
    r"\begin{equation}\hat{x}\end{equation}", r"\begin{split}\hat{a}\\b\end{split}",
    r"\hat{x}\tag{1}", r"\begin{align}\hat{a}&=b\tag*{[5]}\\c&=d\end{align}", r"\hat{x}\eqno(1)",
    "\\hat{x} % the estimate", "\\hat{x}\n\n+y", r"\hat{a}\\b", r"\hat{x}\,\%", r"\begin{cases}a\end{cases}\\\hat{b}",
    r"\begin{cases}a\pm b\\c\end{cases}", r"\text{as $\hat{x}$ grows}", r"\left(\hat{x}\right)",
]  # fmt: skip


def test_dollars_stand_around_what_latex_takes(tmp_path):
    lines = [found[name] for latex in DOLLARS for found in [formats(latex, PATIENCE)] for name in ("$…$", "$$…$$")]
    # a number in `$$…$$` is for Markdown: LaTeX takes it in its own displays only
    lines = [rf"\[{line[2:-2]}\]" if r"\tag" in line else line for line in lines]
    body = "\n\n".join(lines)
    document = rf"\documentclass{{article}}\usepackage{{amsmath,amssymb}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "dollars.tex").write_text(document)
    command = [shutil.which("latex"), "-interaction=nonstopmode", "-halt-on-error", "dollars.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_what_a_person_typed_is_kept_between_dollars():
    assert formats(r"\left(\hat{x}\right)\,y", PATIENCE)["$…$"] == r"$\left(\hat{x}\right)\,y$"


def test_only_displays_keep_the_number_of_an_equation():
    numbered, plain = formats(r"\frac{x}{2}\,\tag{1}", PATIENCE), formats(r"\frac{x}{2}", PATIENCE)
    assert numbered["LaTeX"] == r"\frac{x}{2}\,\tag{1}"
    assert numbered["$$…$$"] == r"$$\frac{x}{2}\tag{1}$$"
    for name in ("$…$", "MathML", "Typst", "SymPy"):
        assert numbered[name] == plain[name]


def _grown(parts):
    pieces = st.sampled_from(
        [
            r"\frac{%s}{%s}", "%s_{%s}", "{%s}^{%s}", "(%s,%s)", "[%s;%s)", r"\sqrt[%s]{%s}", r"|%s|%s", "%s:%s",
            r"\begin{pmatrix}%s&%s\end{pmatrix}", r"\begin{cases}%s\\%s\end{cases}", r"\overset{%s}{%s}", "%s/%s",
            "%s'%s", r"\underbrace{%s}_{%s}", r"\begin{aligned}%s&%s\\c\end{aligned}", r"\{%s|%s\}",
            r"\xrightarrow{%s}%s",
        ]
    )  # fmt: skip
    return st.tuples(pieces, parts, parts).map(lambda grown: grown[0] % grown[1:])


LEAVES = st.sampled_from(
    ["x", "12", r"\alpha", "", "f(x)", r"\mathrm{ab}", r"\text{ if }", r"\#", r"\&", r"\%"]
    + ["(", "]", "|", "^{2}", "!", ",", "."]
)


def test_a_bracket_in_braces_does_not_close_an_argument():
    root = ElementTree.fromstring(mathml(tree(r"\frac{1}{\mu((0,1])}")))
    assert [len(root[0]), "".join(root[0][1].itertext())] == [2, "μ((0,1])"]


def test_bars_beside_a_delimiter_without_partner_are_a_pair_and_a_brace_keeps_its_lines():
    assert [node.text for node in tree("|x|(")] == ["| |", "("]
    lines = tree(r"|x|=\left\{\begin{aligned}x & =0\\ -x & =1\end{aligned}\right.")
    assert [node.text for node in lines] == ["| |", "=", r"\{ ."]


@few
@given(st.recursive(LEAVES, _grown, max_leaves=8))
def test_whatever_can_be_read_comes_out_well_formed(latex):
    try:
        nodes = tree(latex)
    except LatexError:
        return
    check_mathml(mathml(nodes))
    compiles([typst(nodes)])
