"""What SymPy understands: hand-checked readings, none where there is doubt, answers, limits of time and memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from img2latex.export.symbolic import MEMORY, WORK, answer, answers, parse, work
from tests.conftest import told, workers
from tests.latex import test_latex

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0  # seconds that a busy machine may need
a, b, c, e, k, m, n, p, q, r, t, x, y = sp.symbols("a b c e k m n p q r t x y")
f = sp.Function("f")
few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

READ = [
    (r"x^{2}+10", x**2 + 10),
    (r"-x^{2}", -(x**2)),
    (r"2^{-x}", 2 ** (-x)),
    (r"12.5x", sp.Float("12.5") * x),
    (r"\frac{-b+\sqrt{b^{2}-4ac}}{2a}", (-b + sp.sqrt(b**2 - 4 * a * c)) / (2 * a)),
    (r"\sqrt[3]{x+1}", sp.cbrt(x + 1)),
    (r"x\cdot y\times2", 2 * x * y),
    (r"a/b/c", a / (b * c)),
    (r"\frac{n(n+1)}{2}", n * (n + 1) / 2),
    (r"a(b+c)", a * (b + c)),
    (r"(x+1)(x-2)", (x + 1) * (x - 2)),
    (r"x^{2}(x+1)", x**2 * (x + 1)),
    (r"\pi r^{2}", sp.pi * r**2),
    (r"e^{x}+e", sp.exp(x) + sp.E),
    (r"e+1", e + 1),
    (r"|x-1|^{2}", sp.Abs(x - 1) ** 2),
    (r"n!", sp.factorial(n)),
    (r"\binom{n}{k}", sp.binomial(n, k)),
    (r"\lfloor x\rfloor+\lceil y\rceil", sp.floor(x) + sp.ceiling(y)),
    (r"\sin2x\cos3x", sp.sin(2 * x) * sp.cos(3 * x)),
    (r"\sin^{2}x", sp.sin(x) ** 2),
    (r"\sin^{-1}x", sp.asin(x)),
    (r"\sin(x+1)y", sp.sin(x + 1) * y),
    (r"\sin\frac{x}{2}", sp.sin(x / 2)),
    (r"\ln|x|", sp.log(sp.Abs(x))),
    (r"\log_{2}x", sp.log(x) / sp.log(2)),
    (r"\log_{2}8", sp.Integer(3)),
    (r"\lg x", sp.log(x) / sp.log(10)),
    (r"f(x+1)", f(x + 1)),
    ("f(b)-f(a)", f(b) - f(a)),
    (r"2[x-(a+1)]", 2 * (x - (a + 1))),
    (r"n(n-1)(n-2)", n * (n - 1) * (n - 2)),
    (r"\lim_{n\to\infty}(1+\frac{1}{n})^{n}", sp.Limit((1 + 1 / n) ** n, n, sp.oo, "+-")),
    (r"\sum_{n=0}^{\infty}\frac{x^{n}}{n!}", sp.Sum(x**n / sp.factorial(n), (n, 0, sp.oo))),
    (r"p^{2}+2pq+q^{2}=1", sp.Eq(p**2 + 2 * p * q + q**2, 1)),
    (r"PV=nRT", sp.Eq(sp.Symbol("P") * sp.Symbol("V"), n * sp.Symbol("R") * sp.Symbol("T"))),
    (r"x_{1}+x_{\mathrm{max}}^{2}", sp.Symbol("x_{1}") + sp.Symbol(r"x_{\max}") ** 2),
    (r"\theta_{0}t", sp.Symbol(r"\theta_{0}") * t),
    (r"E=mc^{2}", sp.Eq(sp.Symbol("E"), m * c**2)),
    (r"2x+1\leq3", sp.Le(2 * x + 1, 3)),
    (r"x\neq y", sp.Ne(x, y)),
    (r"\int_{0}^{1}x^{2}\,\mathrm{d}x", sp.Integral(x**2, (x, 0, 1))),
    (r"\int_{0}^{1}x\,dx+1", sp.Integral(x, (x, 0, 1)) + 1),
    (r"\int x+1\,dx", sp.Integral(x + 1, x)),
    (r"\int\frac{dx}{x}", sp.Integral(1 / x, x)),
    (r"\int_{1}^{2}\frac{t\,dt}{t+1}", sp.Integral(t / (t + 1), (t, 1, 2))),
    (r"\frac{d}{dx}x^{2}", sp.Derivative(x**2, x)),
    (r"\frac{\partial}{\partial x}(x^{2}y)", sp.Derivative(x**2 * y, x)),
    (r"\sum_{k=1}^{n}k^{2}+1", sp.Sum(k**2, (k, 1, n)) + 1),
    (r"\prod_{k=1}^{n}k", sp.Product(k, (k, 1, n))),
    (r"\lim_{x\to0}\frac{\sin x}{x}", sp.Limit(sp.sin(x) / x, x, 0, "+-")),
    (r"\lim_{x\to0^{+}}\ln x", sp.Limit(sp.log(x), x, 0, "+")),
]

DOUBTFUL = [
    "", "{", r"a\pm b", r"\hat{x}", r"\mathbf{x}", r"\overline{x}", r"f'(x)", r"x^{\prime}", r"f_{1}(x)", r"f^{2}(x)",
    r"y(1-x)", r"P(A)", r"P(A|B)", r"1,\ldots,n", r"1+2+\cdots+n", r"1/2x", r"6/2(1+2)", r"\sin x(y+1)", r"\sin x/2",
    r"\sin(x)^{2}", r"\sin(x,y)", r"\log x", "x2", r"2\frac{1}{2}", "2x3", "n!!", r"x|_{0}^{1}", r"a:b", r"\iint xdxdy",
    r"\frac{dy}{dx}", r"\frac{d^{2}}{dx^{2}}x^{3}", r"\frac{d}{dx}x^{2}+x", r"e^{i\pi}", r"x_{i}+i",
    r"\sum_{i=1}^{n}x_{i}", r"\sum_{i=1}^{n}i^{2}+i", r"\sum_{i}i", r"\{x\}", "(a,b)", "a<b<c", "a=b=c", r"\int x",
    r"\int xdxy", r"\int\int xdx", r"adx", r"\mathrm{Var}(X)", r"\mathrm{H}_{2}\mathrm{O}", "x^{*}", "x)", "x+",
    r"\begin{matrix}a\end{matrix}", r"\sqrt{-4}", r"\frac{1}{0}", r"\infty-\infty", r"\frac{\Delta y}{\Delta x}",
    "AB^{2}", r"Aa\times Aa", "A^{T}", "X^{B}X^{b}", "C_{n}^{k}", "f^{(n)}", "[x]", "E[X]", r"\frac{h(a+b)}{2}",
    r"f(1+\frac{v}{c})", "x(t)", r"\lambda(a)", "f[x]",
]  # fmt: skip
HUGE = ["9^{9^{9^{9}}}", "9^{9^{9}}", "x^{x^{x^{x}}}", "(9!)!", "((10^{1000})^{1000})^{1000}", "e^{10^{9}}"]
LONG = "+".join("x" * 200)


@pytest.mark.parametrize("latex, expected", READ)
def test_what_is_read(latex, expected):
    read = parse(latex)
    assert read == expected or sp.expand(read - expected) == 0


@pytest.mark.parametrize("latex", DOUBTFUL)
def test_no_reading_in_doubt(latex):
    assert parse(latex) is None


@pytest.mark.parametrize("latex", [*HUGE, LONG])
def test_no_reading_of_what_fills_the_memory(latex):
    assert parse(latex) is None


def test_chemistry_and_look_alikes_are_not_computed():
    """Of the formulas that the label rules are tested on, those full of notation are not taken for arithmetic."""
    notation = (r"\hat", r"\mathbf", r"\ce", r"\overline", r"\prime", r"matrix", "{cases}", r"\dots", r"\stackrel", "'")
    authored = [author for author, _, _ in test_latex.FORMULAS if r"\tag" not in author]
    chosen = [author for author in authored if any(mark in author for mark in notation)]
    assert len(chosen) > 15
    assert {author: parse(author) for author in chosen} == dict.fromkeys(chosen)


ANSWERS = [
    ("2+3", "evaluate", "5"),
    (r"\frac{1}{3}+\frac{1}{6}", "evaluate", r"\frac{1}{2} \approx 0.5"),
    ("0.1+0.2", "evaluate", r"\approx 0.3"),
    (r"\int_{0}^{1}x^{2}dx", "evaluate", r"\frac{1}{3} \approx 0.333333"),
    (r"\sum_{n=1}^{\infty}\frac{1}{n^{2}}", "evaluate", r"\frac{\pi^{2}}{6} \approx 1.64493"),
    (r"\sum_{n=1}^{\infty}n", "evaluate", r"\infty"),
    (r"\lim_{x\to0}\frac{\sin x}{x}", "evaluate", "1"),
    (r"\frac{d}{dx}x^{2}", "evaluate", "2 x"),
    ("3=3", "evaluate", r"\text{true}"),
    ("3<2", "evaluate", r"\text{false}"),
    ("x+y", "evaluate", None),
    ("x=1", "evaluate", None),
    ("2x=10", "solve", "x = 5"),
    ("x^{2}-5x+6=0", "solve", r"x \in \left\{2, 3\right\}"),
    ("x^{2}+1=0", "solve", r"x \in \left\{- i, i\right\}"),
    ("ax=b", "solve", r"x = \frac{b}{a}"),
    ("x^{2}<4", "solve", r"x \in \left(-2, 2\right)"),
    ("t+1=3", "solve", "t = 2"),
    ("a=b", "solve", None),
    ("x+1", "solve", None),
    ("x^{5}-x+1=0", "solve", None),
    ("x^{3}", "differentiate", "3 x^{2}"),
    ("y=x^{3}", "differentiate", r"\frac{d}{d x} y = 3 x^{2}"),
    (r"f(x)=\sin x", "differentiate", r"\frac{d}{d x} f{\left(x \right)} = \cos{\left(x \right)}"),
    ("ab", "differentiate", None),
    ("x^{2}+y^{2}=1", "differentiate", None),
    (r"\log_{2}x", "expression", r"\frac{\ln{\left(x \right)}}{\ln{\left(2 \right)}}"),
    (r"2a(b+c)x", "expression", r"2 a x \left(b + c\right)"),
    (r"a\pm b", "expression", None),
    # Solutions hold in the formula as it is written, not only in what SymPy makes of it.
    (r"\sqrt{x}\sqrt{x}=-1", "solve", r"x \in \emptyset"),
    (r"\sqrt{x}\sqrt{x}=4", "solve", "x = 4"),
    (r"\frac{x^{2}}{x}=0", "solve", r"x \in \emptyset"),
    (r"\frac{x-1}{x-1}=x", "solve", r"x \in \emptyset"),
    (r"\frac{x^{2}}{x}<4", "solve", r"x \in \left(-\infty, 0\right) \cup \left(0, 4\right)"),
    (r"x\cdot\frac{1}{x}=1", "solve", None),
    (r"\log_{x}8=3", "solve", "x = 2"),
    (r"\ln x+\ln(x-1)=\ln2", "solve", "x = 2"),
    (r"\sqrt{x-1}<2", "solve", r"x \in \left[1, 5\right)"),
    (r"|x|=x", "solve", r"x \in \left[0, \infty\right)"),
    (r"\sqrt{x}=a", "solve", None),  # a^{2} if a is not negative
    (r"ax^{2}=b", "solve", r"x \in \left\{- \sqrt{\frac{b}{a}}, \sqrt{\frac{b}{a}}\right\}"),
    # A gap that SymPy cancels is not cancelled without a word.
    (r"f(x)=\frac{x^{2}}{x}", "differentiate", None),
    (r"f(x)=\frac{x^{2}}{x}", "expression", None),
    (r"f(x)=\frac{x^{2}}{x}", "code", None),
    (r"x\cdot\frac{1}{x}=1", "evaluate", None),
    (r"\frac{x}{x}", "evaluate", None),
    (r"\sum_{n=0}^{3}\frac{n^{2}}{n}", "evaluate", None),
    (r"(\sqrt{x})^{2}", "expression", None),
    (r"\frac{1}{x}+\frac{1}{2x}", "expression", r"\frac{3}{2 x}"),
    (r"\frac{x^{2}+1}{x^{2}+1}", "evaluate", "1"),
    # Roots of odd degree are real; what has no real value, or one that people dispute, has no answer.
    (r"\sqrt[3]{-27}+1", "evaluate", "-2"),
    (r"\sqrt[3]{-2}", "evaluate", r"- \sqrt[3]{2} \approx -1.25992"),
    (r"\sqrt[3]{x}=-2", "solve", "x = -8"),
    (r"x^{1/3}=-2", "solve", None),
    (r"(-8)^{\frac{1}{3}}", "evaluate", None),
    (r"\sqrt[4]{-16}", "evaluate", None),
    (r"\arcsin2", "evaluate", None),
    (r"\sum_{n=1}^{3}\sqrt{n-2}", "evaluate", None),
    ("0.1+0.2=0.3", "evaluate", r"\text{true}"),
    (r"|x|", "differentiate", None),
]  # fmt: skip


@pytest.mark.parametrize("latex, what, expected", ANSWERS)
def test_answers(latex, what, expected):
    assert answer(latex, what) == expected


@pytest.mark.parametrize("latex", [latex for latex, _ in READ] + [r"\lambda+E+\beta x_{1}", r"\frac{1}{2}+x"])
def test_code_makes_the_expression(latex):
    made = {}
    exec(answer(latex, "code"), made)
    assert made["expression"] == parse(latex)


def test_a_solution_of_an_equation_with_periods_is_not_cut_short():
    assert answer(r"\sin x=0", "solve").count(r"\mathbb{Z}") == 2


def test_work_in_its_own_process():
    formula = r"\int_{0}^{1}x^{2}dx"
    assert work(formula, "evaluate", PATIENCE) == r"\frac{1}{3} \approx 0.333333"
    assert work(r"a\pm b", "evaluate", PATIENCE) is None
    assert work("9^{9^{9^{9}}}", "evaluate", PATIENCE) is None
    with pytest.raises(ValueError, match="integrate"):
        work(formula, "integrate")


def running(pid):
    """Whether a process runs: one that has ended may stay in the list until it is asked how."""
    return told(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1] not in ([], ["Z"])


ENDLESS = r"\prod_{n=1}^{1000000}(n^{n}+\frac{1}{n})"


def test_work_is_killed_when_its_time_is_over():
    assert work(ENDLESS, "evaluate", seconds=0.5) is None
    assert workers() == set()
    assert parse(ENDLESS) is not None  # so it was the time, not a doubt


def test_one_process_gives_all_answers():
    found, processes = {}, set()
    for news in answers("x^{2}=4", WORK, PATIENCE):
        processes |= workers()
        found |= dict([news] if news else [])
    assert list(found) == list(WORK) and len(processes) == 1
    assert found == {what: answer("x^{2}=4", what) for what in WORK}


def test_what_takes_too_long_does_not_hold_up_the_others():
    found = dict(news for news in answers(ENDLESS, ["evaluate", "code"], seconds=3) if news)
    assert list(found) == ["evaluate", "code"] and found["evaluate"] is None


@pytest.mark.parametrize("news", [0, 1])
def test_the_process_ends_with_who_asked(news):
    """Before the first answer, and while the second is worked out: the iterator can be closed at any moment."""
    asking = answers(ENDLESS, ["expression", "evaluate"], PATIENCE)
    while news:
        news -= next(asking) is not None
    assert next(asking) is None and len(workers()) == 1
    asking.close()
    assert workers() == set()


def test_no_process_outlives_a_killed_app():
    code = f"from img2latex.export.symbolic import *\nfor _ in answers({ENDLESS!r}, ['evaluate'], 1e9): print('now')"
    with subprocess.Popen([sys.executable, "-uc", code], cwd=ROOT, stdout=subprocess.PIPE) as app:
        app.stdout.readline()
        (child,) = workers(app.pid)
        app.kill()
    deadline = time.monotonic() + PATIENCE
    while running(child):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_work_has_a_limit_of_memory():
    code = f"from img2latex.export import symbolic; symbolic._limit_memory(); bytearray({2 * MEMORY})"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "MemoryError" in run.stderr


def test_nothing_is_evaluated_as_python(tmp_path):
    victim = tmp_path / "victim"
    victim.touch()
    call = f"__import__('os').remove('{victim}')"
    for text in (call, f"x_{{{call}}}", rf"\mathrm{{{call}}}"):
        assert [answer(text, what) for what in WORK] == [None] * len(WORK)
    assert victim.exists()


def _grown(parts):
    pairs = st.tuples(parts, parts)
    functions = st.sampled_from([sp.sin, sp.cos, sp.exp, sp.sqrt, sp.Abs, sp.atan])
    return st.one_of(
        pairs.map(sum),
        pairs.map(lambda pair: pair[0] * pair[1]),
        pairs.map(lambda pair: pair[0] / (2 + sp.Abs(pair[1]))),
        st.tuples(functions, parts).map(lambda pair: pair[0](pair[1])),
        st.tuples(parts, st.integers(-2, 3)).map(lambda pair: (pair[0] + 3) ** pair[1]),
    )


LEAVES = st.one_of(st.sampled_from([x, a, sp.Symbol("x_{1}")]), st.integers(-3, 9).map(sp.Integer))


@few
@given(st.recursive(LEAVES, _grown, max_leaves=6))
def test_what_sympy_prints_is_read_rightly_or_not_at_all(expression):
    read = parse(sp.latex(expression, ln_notation=True))
    point = {x: sp.Rational(7, 10), a: sp.Rational(6, 5), sp.Symbol("x_{1}"): sp.Rational(-4, 5)}
    if read is not None:
        read = read.subs(sp.Symbol("e"), sp.E)  # alone, the letter may be either
        ours, theirs = complex(read.evalf(subs=point)), complex(expression.evalf(subs=point))
        assume(max(abs(theirs.real), abs(theirs.imag)) < 1e300)  # else more than a float holds
        assert abs(ours - theirs) <= 1e-6 * max(1, abs(theirs))


TOKENS = st.sampled_from(
    r"x a 2 ( ) + - = / ^{2} _{1} \sin \frac{a}{b} \int dx | ! \sum_{k=1}^{n} \lim \sqrt{x} f".split()
)


@few
@given(st.lists(TOKENS, max_size=7).map(" ".join))
@example(r"\sqrt{x} ^{2}")  # is x for some x only: no answer
def test_no_text_makes_it_fail(latex):
    assert answer(latex, "expression") is None or parse(latex) is not None
