"""Vectors, coordinates, sequences, matrices and calculus with computed results, and SymPy's own expressions.

Each function takes a `random.Random` and returns LaTeX; `RULES` names them for templates.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from random import Random

from img2latex.data.templates.algebra import bracket
from img2latex.data.templates.engine import Rule, chance, nonzero, number, polynomial, root, table_body, times, total

Rows = list[list]
FENCES = {"pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "vmatrix": ("|", "|")}


def _matrix(rng: Random, rows: Rows, kind: str) -> str:
    """As an amsmath matrix or as an array between delimiters: books have both, and they look nearly the same."""
    if chance(rng, 0.75):
        return fr"\begin{{{kind}}} {table_body(rows)} \end{{{kind}}}"
    left, right = FENCES[kind]
    return fr"\left{left}\begin{{array}}{{{'c' * len(rows[0])}}} {table_body(rows)} \end{{array}}\right{right}"


def _numbers(rng: Random, size: int) -> Rows:
    return [[rng.randint(-5, 9) for _ in range(size)] for _ in range(size)]


def matrix(rng: Random) -> str:
    """Numbers in a matrix: alone, added, multiplied, inverted, a system; and the general form with dots."""
    kind = rng.choice(["pmatrix", "bmatrix"])
    make = rng.choice([_named, _matrix_sum, _matrix_product, _inverse, _general, _system])
    return make(rng, kind)


def _named(rng: Random, kind: str) -> str:
    return f"{rng.choice('ABMPQ')}={_matrix(rng, _numbers(rng, rng.choice([2, 2, 3])), kind)}"


def _matrix_sum(rng: Random, kind: str) -> str:
    a, b = _numbers(rng, 2), _numbers(rng, 2)
    both = [[p + q for p, q in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]
    return f"{_matrix(rng, a, kind)}+{_matrix(rng, b, kind)}={_matrix(rng, both, kind)}"


def _matrix_product(rng: Random, kind: str) -> str:
    a, b = _numbers(rng, 2), _numbers(rng, 2)
    product = [[_dot(row, column) for column in zip(*b, strict=True)] for row in a]
    return f"{_matrix(rng, a, kind)} {_matrix(rng, b, kind)}={_matrix(rng, product, kind)}"


def _inverse(rng: Random, kind: str) -> str:
    p, q, s = rng.randint(1, 5), rng.randint(-4, 4), rng.choice([1, -1])
    inverse = [[number(Fraction(1, p)), number(Fraction(-q, p * s))], [0, s]]
    return f"{_matrix(rng, [[p, q], [0, s]], kind)}^{{-1}}={_matrix(rng, inverse, kind)}"


def _general(rng: Random, kind: str) -> str:
    letter, last_row, last_column = rng.choice("axbu"), rng.choice("mn3"), rng.choice("npk")
    rows = [[f"{letter}_{{{r} 1}}", f"{letter}_{{{r} 2}}", r"\cdots", f"{letter}_{{{r} {last_column}}}"] for r in "12"]
    rows.append([r"\vdots", r"\vdots", r"\ddots", r"\vdots"])
    rows.append([cell.replace("{2", "{" + last_row) for cell in rows[1]])
    return f"{letter.upper()}={_matrix(rng, rows, kind)}"


def _system(rng: Random, kind: str) -> str:
    size = rng.choice([2, 2, 3])
    unknowns = list("xyz")[:size] if chance(rng, 0.5) else [f"x_{{{k + 1}}}" for k in range(size)]
    a, solution = _numbers(rng, size), [rng.randint(-3, 3) for _ in range(size)]
    right = [[_dot(row, solution)] for row in a]
    return f"{_matrix(rng, a, kind)}{_matrix(rng, [[u] for u in unknowns], kind)}={_matrix(rng, right, kind)}"


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(p * q for p, q in zip(a, b, strict=True))


def determinant(rng: Random) -> str:
    """A determinant with its value, or a characteristic equation."""
    (a, b), (c, d) = _numbers(rng, 2)
    name = rng.choice("ABM")
    if chance(rng, 0.3):
        rows = [[rf"{a}-\lambda", b], [c, rf"{d}-\lambda"]]
        shown = _matrix(rng, rows, "vmatrix")
        characteristic = polynomial([1, -a - d, a * d - b * c], r"\lambda")
        return rf"|{name}-\lambda E|={shown}={characteristic}"
    if chance(rng, 0.3):
        return rf"\det {name}={_matrix(rng, _numbers(rng, 3), 'vmatrix')}"
    shown = _matrix(rng, [[a, b], [c, d]], "vmatrix")
    return rf"{shown}={a} \times {bracket(d)}-{bracket(b)} \times {bracket(c)}={a * d - b * c}"


def _point(entries: Sequence[int]) -> str:
    return f"({', '.join(map(str, entries))})"


def vector(rng: Random) -> str:
    """Coordinates of vectors: sums, dot products, lengths, angles."""
    size = rng.choice([2, 2, 3])
    a, b = ([rng.randint(-6, 6) for _ in range(size)] for _ in range(2))
    a[0], b[0] = a[0] or 1, b[0] or 2
    mark = rng.choice([r"\vec{%s}", r"\boldsymbol{%s}", r"\mathbf{%s}", r"\overrightarrow{%s}"])
    u, v = (mark % letter for letter in rng.choice([("a", "b"), ("m", "n"), ("u", "v"), ("p", "q")]))
    if mark.startswith(r"\overrightarrow"):
        u, v = rng.sample([mark % pair for pair in ("A B", "A C", "O P", "B D", "P Q", "C D")], 2)
    products = total([fr"{p} \times {bracket(q)}" for p, q in zip(a, b, strict=True)])
    squares = "+".join(f"{bracket(p)}^{{2}}" for p in a)
    k = rng.randint(2, 5)
    added = [p + q for p, q in zip(a, b, strict=True)]
    taken = [p - k * q for p, q in zip(a, b, strict=True)]
    return rng.choice([
        f"{u}={_point(a)}, {v}={_point(b)}",
        f"{u}+{v}={_point(added)}",
        f"{u}-{k} {v}={_point(taken)}",
        fr"{u} \cdot {v}={products}={_dot(a, b)}",
        fr"|{u}|=\sqrt{{{squares}}}={root(_dot(a, a))}",
        fr"\cos \langle {u}, {v}\rangle=\frac{{{u} \cdot {v}}}{{|{u}||{v}|}}",
        fr"{u} \parallel {v} \Leftrightarrow x_{{1}} y_{{2}}-x_{{2}} y_{{1}}=0",
        fr"{u} \perp {v} \Leftrightarrow {u} \cdot {v}=0",
    ])


def distance(rng: Random) -> str:
    """Points, slopes, distances and lines of coordinate geometry."""
    (x1, y1), (x2, y2) = [(nonzero(rng, 9), nonzero(rng, 9)) for _ in range(2)]
    if x1 == x2:
        x2 = x1 + 1
    first, second = rng.sample("ABCDPQMN", 2)
    slope = Fraction(y2 - y1, x2 - x1)
    a, b, c, r = nonzero(rng, 5), nonzero(rng, 5), nonzero(rng, 12), rng.randint(2, 9)
    rise, run = f"{y2}-{bracket(y1)}", f"{x2}-{bracket(x1)}"
    put_in = total([fr"{a} \times {bracket(x1)}", fr"{b} \times {bracket(y1)}", str(c)])
    length = fr"\sqrt{{{bracket(a)}^{{2}}+{bracket(b)}^{{2}}}}"
    return rng.choice([
        f"{first}({x1}, {y1}), {second}({x2}, {y2})",
        fr"|{first} {second}|=\sqrt{{({run})^{{2}}+({rise})^{{2}}}}={root((x1 - x2) ** 2 + (y1 - y2) ** 2)}",
        fr"k_{{{first} {second}}}=\frac{{{rise}}}{{{run}}}={number(slope)}",
        f"y{-y1:+d}={times(slope, f'(x{-x1:+d})') or '0'}",
        f"{total([times(a, 'x'), times(b, 'y'), str(c)])}=0",
        fr"d=\frac{{|{put_in}|}}{{{length}}}={_over_root(abs(a * x1 + b * y1 + c), a * a + b * b)}",
        f"(x{-x1:+d})^{{2}}+(y{-y1:+d})^{{2}}={r * r}",
        f"x^{{2}}+y^{{2}}{2 * x1:+d} x{2 * y1:+d} y{c:+d}=0",
        fr"M\left({number(Fraction(x1 + x2, 2))}, {number(Fraction(y1 + y2, 2))}\right)",
    ])


def _over_root(top: int, under: int) -> str:
    """top / sqrt(under), rationalised."""
    square = max(k for k in range(1, int(under**0.5) + 1) if under % (k * k) == 0)
    inside = under // (square * square)
    return times(Fraction(top, square * inside), "" if inside == 1 else root(inside)) or "0"


def progression(rng: Random) -> str:
    """Arithmetic and geometric sequences with true members and sums."""
    a, d, q, n = nonzero(rng, 9), nonzero(rng, 6), rng.choice([2, 3, -2]), rng.randint(5, 20)
    general, s = polynomial([d, a - d], "n"), rng.choice(["S", "T"])
    members = [a + k * d for k in range(4)]
    small = rng.randint(3, 6)
    squares = "+".join(f"{i}^{{2}}" for i in range(1, small + 1))
    return rng.choice([
        f"a_{{n}}={general}",
        fr"{', '.join(map(str, members))}, \cdots",
        fr"a_{{n}}={a}+(n-1) \times {bracket(d)}={general}",
        fr"{s}_{{{n}}}=\frac{{{n}({a}{a + (n - 1) * d:+d})}}{{2}}={n * (2 * a + (n - 1) * d) // 2}",
        fr"a_{{n}}={a} \times {bracket(q)}^{{n-1}}",
        fr"{s}_{{{small}}}=\frac{{{a}\left(1-{bracket(q)}^{{{small}}}\right)}}{{1-{bracket(q)}}}"
        f"={a * (1 - q**small) // (1 - q)}",
        f"a_{{{n}}}={a}{(n - 1) * d:+d}={a + (n - 1) * d}",
        fr"1+2+3+\cdots+{n}=\frac{{{n} \times {n + 1}}}{{2}}={n * (n + 1) // 2}",
        fr"\sum_{{k=1}}^{{{n}}}({polynomial([d, a - d], 'k')})={n * (2 * a + (n - 1) * d) // 2}",
        fr"\sum_{{i=1}}^{{{small}}} i^{{2}}={squares}={small * (small + 1) * (2 * small + 1) // 6}",
    ])


def _value(coefficients: Sequence[int | Fraction], x: int) -> int | Fraction:
    """Of the polynomial, highest power first, at x."""
    return sum(c * x**power for power, c in enumerate(reversed(coefficients)))


def derivative(rng: Random) -> str:
    """A polynomial and its derivative, tangent or extremum."""
    coefficients = [nonzero(rng, 5)] + [rng.randint(-9, 9) for _ in range(rng.randint(2, 4))]
    slopes = [c * (len(coefficients) - 1 - place) for place, c in enumerate(coefficients[:-1])]
    f, at = rng.choice("fghF"), rng.randint(-2, 3)
    shown, slope = polynomial(coefficients), polynomial(slopes)
    return rng.choice([
        fr"{f}^{{\prime}}(x)={slope}",
        fr"{f}(x)={shown}, {f}^{{\prime}}(x)={slope}",
        fr"\left({shown}\right)^{{\prime}}={slope}",
        fr"\frac{{\mathrm{{d}}}}{{\mathrm{{d}} x}}\left({shown}\right)={slope}",
        fr"y={shown}, \frac{{\mathrm{{d}} y}}{{\mathrm{{d}} x}}={slope}",
        f"{f}'({at})={_value(slopes, at)}",
        fr"{f}^{{\prime \prime}}(x)={polynomial([c * (len(slopes) - 1 - i) for i, c in enumerate(slopes[:-1])])}",
    ])


def integral(rng: Random) -> str:
    """Integrals of polynomials, indefinite and definite, with their value."""
    coefficients = [nonzero(rng, 6)] + [rng.randint(-6, 6) for _ in range(rng.randint(1, 3))]
    degree = len(coefficients)
    primitive = [Fraction(c, degree - place) for place, c in enumerate(coefficients)] + [0]
    low, high = sorted(rng.sample(range(-2, 5), 2))
    inside, outside = polynomial(coefficients), polynomial(primitive)
    inside = fr"\left({inside}\right)" if len([c for c in coefficients if c]) > 1 else inside
    result = number(_value(primitive, high) - _value(primitive, low))
    return rng.choice([
        fr"\int {inside} \mathrm{{d}} x={outside}+C",
        fr"\int_{{{low}}}^{{{high}}} {inside} \mathrm{{d}} x={result}",
        fr"\int_{{{low}}}^{{{high}}} {inside} \mathrm{{d}} x="
        fr"\left.\left({outside}\right)\right|_{{{low}}}^{{{high}}}={result}",
        fr"S=\int_{{{low}}}^{{{high}}}\left|{polynomial(coefficients)}\right| \mathrm{{d}} x",
        fr"\left[{outside}\right]_{{{low}}}^{{{high}}}",
    ])


@lru_cache(maxsize=1)
def _sympy():
    """SymPy takes a second to import, which only this rule should pay."""
    import sympy

    return sympy


def _expression(rng: Random, depth: int):
    """A random SymPy expression in x, sometimes y."""
    sp = _sympy()
    x, y = sp.symbols("x y")
    if depth == 0 or chance(rng, 0.15):
        return rng.choice([x, x, x, y, sp.Integer(rng.randint(2, 9)),
        sp.Rational(rng.randint(1, 7), rng.randint(2, 9))])
    inner = _expression(rng, depth - 1)
    kind = rng.randrange(8)
    if kind < 2:
        return inner + _expression(rng, depth - 1)
    if kind < 4:
        return inner * _expression(rng, depth - 1)
    if kind == 4:
        return (inner + x) ** rng.choice([2, 3, sp.Rational(1, 2), -1])
    if kind == 5:
        return inner / (x + rng.randint(1, 9))
    if kind == 6:
        return rng.choice([sp.sin, sp.cos, sp.exp, sp.log, sp.tan, sp.sqrt, sp.atan, sp.sinh, sp.Abs])(x + inner)
    return x ** rng.randint(2, 5) - inner


def expression(rng: Random) -> str:
    """`sympy.latex` of something random: an expression, a derivative with its value, integral, limit, sum, relation."""
    sp = _sympy()
    x, n = sp.Symbol("x"), sp.Symbol("n")
    body = _expression(rng, rng.choice([1, 2, 2, 3, 3]))
    kind = rng.randrange(8)
    if kind == 0:
        result = sp.Eq(sp.Derivative(body + x**2, x), (body + x**2).diff(x), evaluate=False)
    elif kind == 1:
        result = sp.Integral(body, (x, rng.randint(0, 1), rng.randint(2, 9)) if chance(rng, 0.5) else x)
    elif kind == 2:
        result = sp.Limit(body, x, rng.choice([0, 1, sp.oo]), dir=rng.choice(["+-", "+", "-"]))
    elif kind == 3:
        result = sp.Sum(body.subs(x, n), (n, rng.randint(0, 2), rng.choice([sp.oo, rng.randint(5, 20)])))
    elif kind == 4:
        result = rng.choice([sp.Eq, sp.Le, sp.Lt, sp.Ge])(body + x, rng.randint(-9, 9), evaluate=False)
    else:
        result = body
    return sp.latex(result, fold_short_frac=chance(rng, 0.1), ln_notation=chance(rng, 0.5))


RULES: dict[str, Rule] = {
    "matrix": matrix, "determinant": determinant, "vector": vector, "distance": distance, "progression": progression,
    "derivative": derivative, "integral": integral, "expression": expression,
}
