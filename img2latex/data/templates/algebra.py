"""School algebra whose results are computed, so that every line is true: numbers, equations, powers, counting.

Each function takes a `random.Random` and returns LaTeX; `RULES` names them for templates.
"""

from fractions import Fraction
from math import comb, gcd, perm
from random import Random

from img2latex.data.templates.engine import Rule, chance, nonzero, number, plain, polynomial, root, times, total

LETTERS = ["x", "y", "z", "a", "b", "m", "n", "k", "t"]


def whole(rng: Random) -> str:
    """A natural number, mostly small."""
    return str(rng.choices([rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 2025)], [6, 3, 1])[0])


def digit(rng: Random) -> str:
    """2 to 9, which reads well as a coefficient or exponent."""
    return str(rng.randint(2, 9))


def signed(rng: Random) -> str:
    """A whole number, seldom 0."""
    return str(rng.choice([nonzero(rng, 9), nonzero(rng, 9), nonzero(rng, 30), 0]))


def fraction(rng: Random) -> Fraction:
    """A proper or improper fraction that is not whole."""
    bottom = rng.randint(2, 9)
    return Fraction(rng.choice([top for top in range(1, 12) if top % bottom]), bottom)


def decimal(rng: Random) -> str:
    """One to three decimals."""
    places = rng.choice([1, 1, 2, 2, 3])
    return f"{rng.choice([rng.random(), 10 * rng.random(), 100 * rng.random()]) + 10**-places:.{places}f}"


def value(rng: Random) -> str:
    """What a school exercise has for an answer: a number, a fraction, a root, a part of pi."""
    kind = rng.choices(["integer", "fraction", "root", "surd", "decimal", "pi"], [6, 4, 2, 2, 2, 1])[0]
    if kind == "integer":
        return signed(rng)
    if kind == "fraction":
        return rng.choice(["", "", "-"]) + number(fraction(rng))
    if kind == "root":
        return rng.choice(["", "", "-"]) + root(rng.randint(2, 48))
    if kind == "surd":
        return fr"{rng.choice(['', '-'])}\frac{{{root(rng.choice([2, 3, 5, 6, 7, 12]))}}}{{{rng.randint(2, 6)}}}"
    return decimal(rng) if kind == "decimal" else times(fraction(rng), r"\pi")


def arithmetic(rng: Random) -> str:
    """A sum of primary school with its result."""
    return rng.choice([_chain, _products, _fractions, _division, _percentage, brackets, _decimals])(rng)


def _chain(rng: Random) -> str:
    parts = [rng.randint(1, 99) for _ in range(rng.randint(2, 6))]
    signs = [1] + [rng.choice([1, 1, -1]) for _ in parts[1:]]
    line = total([str(sign * part) for sign, part in zip(signs, parts, strict=True)])
    return f"{line}={sum(sign * part for sign, part in zip(signs, parts, strict=True))}" if chance(rng, 0.8) else line


def _products(rng: Random) -> str:
    a, b, c, d = (rng.randint(2, 60) for _ in range(4))
    sign = rng.choice([1, -1])
    dot = rng.choice([r"\times", r"\times", r"\cdot"])
    mark = "+" if sign > 0 else "-"
    return f"{a} {dot} {b}{mark}{c} {dot} {d}={a * b}{mark}{c * d}={a * b + sign * c * d}"


def _fractions(rng: Random) -> str:
    a, b = fraction(rng), fraction(rng)
    sign, result = rng.choice([("+", a + b), ("-", a - b), (r"\times", a * b), (r"\div", a / b)])
    return f"{number(a)} {sign} {number(b)}={number(result)}"


def _division(rng: Random) -> str:
    quotient, divisor, extra = rng.randint(2, 40), rng.randint(2, 12), rng.randint(2, 9)
    product = quotient * divisor
    return rng.choice([
        fr"{product} \div {divisor}={quotient}",
        fr"\left({product} \div {divisor}\right) \times {extra}={quotient * extra}",
        fr"{product} \div {divisor}+{extra} \times {divisor}={quotient + extra * divisor}",
        fr"{product + divisor - 1} \div {divisor}={quotient} \cdots \cdots {divisor - 1}",
    ])


def _percentage(rng: Random) -> str:
    whole_amount, percent = rng.randint(2, 60) * 10, rng.randint(1, 19) * 5
    part = plain(Fraction(whole_amount * percent, 100))
    return rng.choice([
        fr"{whole_amount} \times {percent} \%={part}",
        fr"{part} \div {whole_amount} \times 100 \%={percent} \%",
        fr"{whole_amount} \times(1-{percent} \%)={plain(Fraction(whole_amount * (100 - percent), 100))}",
    ])


def brackets(rng: Random) -> str:
    a, b, c = rng.randint(10, 99), rng.randint(2, 30), rng.randint(2, 9)
    return rng.choice([
        fr"({a}+{b}) \times {c}={a} \times {c}+{b} \times {c}={(a + b) * c}",
        fr"{c} \times[{a}-({b}+{c})]={c * (a - b - c)}",
        f"(-{b})^{{2}}-{a}={b * b - a}",
        f"|{b}-{a}|={abs(b - a)}",
    ])


def _decimals(rng: Random) -> str:
    a, b = Fraction(rng.randint(1, 999), 100), Fraction(rng.randint(1, 99), 10)
    sign, result = rng.choice([("+", a + b), ("-", a - b), (r"\times", a * b)])
    return f"{plain(a)} {sign} {plain(b)}={plain(result)}"


def linear_equation(rng: Random) -> str:
    """An equation of degree one, with or without its solution."""
    solution, a, c = Fraction(nonzero(rng, 12), rng.choice([1, 1, 1, 2, 3])), nonzero(rng,
    9), rng.choice([0, 0, nonzero(rng, 6)])
    if a == c:
        c = 0
    b, x = nonzero(rng, 20), rng.choice(LETTERS)
    left, right = polynomial([a, b], x), polynomial([c, (a - c) * solution + b], x)
    return rng.choice([
        f"{left}={right}",
        f"{left}={right}, {x}={number(solution)}",
        fr"{left}={right} \Rightarrow {x}={number(solution)}",
        fr"\frac{{{left}}}{{{rng.randint(2, 7)}}}={number(fraction(rng))}",
        f"{rng.randint(2, 6)}({left})={right}",
    ])


def quadratic(rng: Random) -> str:
    """A quadratic with whole roots: standard form, factors, roots, discriminant, formula, square completed."""
    p, q, a, x = nonzero(rng, 9), nonzero(rng, 9), rng.choice([1, 1, 1, 2, 3, -1]), rng.choice(["x", "x", *LETTERS])
    standard = polynomial([a, -a * (p + q), a * p * q], x)
    factors = times(a, f"({x}{-p:+d})({x}{-q:+d})") if p != q else times(a, f"({x}{-p:+d})^{{2}}")
    low, high = sorted((p, q))
    vertex, peak = Fraction(p + q, 2), -Fraction(a * (p - q) ** 2, 4)
    square = f"({x}{_plus(-vertex)})^{{2}}" if vertex else f"{x}^{{2}}"
    b, c = -a * (p + q), a * p * q
    formula = fr"\frac{{{-b} \pm \sqrt{{{b * b - 4 * a * c}}}}}{{{2 * a}}}" if b else number(high)
    return rng.choice([
        f"{standard}=0",
        f"{standard}={factors}",
        f"{factors}=0",
        f"{standard}=0, {x}_{{1}}={low}, {x}_{{2}}={high}",
        f"{'f(y)' if x == 'y' else 'y'}={total([times(a, square), number(peak) if peak else ''])}",
        f"{x}={formula}",
        fr"\Delta={bracket(b)}^{{2}}-4 \times {bracket(a)} \times {bracket(c)}={b * b - 4 * a * c}",
        f"{x}_{{1}}+{x}_{{2}}={p + q}, {x}_{{1}} {x}_{{2}}={p * q}",
    ])


def _plus(shift: Fraction) -> str:
    return number(shift) if shift < 0 else f"+{number(shift)}"


def bracket(n: int) -> str:
    """A number as a factor: a negative one in parentheses."""
    return f"({n})" if n < 0 else str(n)


def identity(rng: Random) -> str:
    """A product multiplied out, or a sum in factors."""
    a, b, c = nonzero(rng, 7), nonzero(rng, 9), nonzero(rng, 9)
    x, y = rng.sample(LETTERS, 2)
    square = f"({total([times(abs(a), x), times(b, y)])})^{{2}}"
    return rng.choice([
        f"{square}={total([times(a * a, x + '^{2}'), times(2 * abs(a) * b, f'{x} {y}'), times(b * b, y + '^{2}')])}",
        f"{times(a * a, x + '^{2}')}-{times(b * b, y + '^{2}')}=({total([times(abs(a), x), times(abs(b), y)])})"
        f"({total([times(abs(a), x), times(-abs(b), y)])})",
        f"({x}{b:+d})({x}{c:+d})={polynomial([1, b + c, b * c], x)}",
        f"({polynomial([abs(a), b], x)})({x}{c:+d})={polynomial([abs(a), abs(a) * c + b, b * c], x)}",
        f"{x}^{{3}}+{abs(b) ** 3}=({x}+{abs(b)})({polynomial([1, -abs(b), b * b], x)})",
        f"{times(abs(a), x)}({polynomial([1, b, c], x)})={polynomial([abs(a), abs(a) * b, abs(a) * c, 0], x)}",
        polynomial([rng.randint(-9, 9) for _ in range(rng.randint(3, 6))], x),
    ])


def radical(rng: Random) -> str:
    """Square roots simplified, added, rationalised; cube roots."""
    inside, k, m, n = rng.choice([2, 3, 5, 6, 7, 10]), rng.randint(2, 7), rng.randint(2, 9), rng.randint(2, 9)
    small, large = sorted(rng.sample(range(2, 12), 2))
    return rng.choice([
        fr"\sqrt{{{k * k * inside}}}={root(k * k * inside)}",
        fr"\sqrt{{{k * k * inside}}}+\sqrt{{{m * m * inside}}}={root(k * k * inside)}+{root(m * m * inside)}"
        f"={root((k + m) ** 2 * inside)}",
        fr"\frac{{{k}}}{{\sqrt{{{inside}}}}}={times(Fraction(k, inside), root(inside))}",
        fr"\frac{{1}}{{\sqrt{{{large}}}-\sqrt{{{small}}}}}="
        fr"\frac{{\sqrt{{{large}}}+\sqrt{{{small}}}}}{{{large - small}}}",
        fr"\sqrt{{{m}^{{2}}+{n}^{{2}}}}=\sqrt{{{m * m + n * n}}}",
        fr"\sqrt[3]{{{m**3}}}={m}",
        fr"\sqrt[{rng.randint(3, 6)}]{{{polynomial([k, n])}}}",
        fr"\sqrt{{{m}+\sqrt{{{n}}}}}",
        fr"\sqrt{{(-{m})^{{2}}}}={m}",
        fr"(\sqrt{{{large}}}+\sqrt{{{small}}})(\sqrt{{{large}}}-\sqrt{{{small}}})={large - small}",
    ])


def power(rng: Random) -> str:
    """Laws of powers, scientific notation, bases that agree."""
    base, m, n = rng.choice(["2", "3", "5", "10", "a", "x", "m", "(-2)"]), rng.randint(2, 9), rng.randint(2, 9)
    mantissa = f"{rng.randint(100, 999) / 100:.2f}".rstrip("0").rstrip(".")
    return rng.choice([
        fr"{base}^{{{m}}} \cdot {base}^{{{n}}}={base}^{{{m + n}}}",
        fr"\left({base}^{{{m}}}\right)^{{{n}}}={base}^{{{m * n}}}",
        fr"{base}^{{{m + n}}} \div {base}^{{{n}}}={base}^{{{m}}}",
        fr"{mantissa} \times 10^{{{nonzero(rng, 12)}}}",
        fr"\left(\frac{{{m}}}{{{n + 10}}}\right)^{{-1}}={number(Fraction(n + 10, m))}",
        fr"{m}^{{-2}}=\frac{{1}}{{{m * m}}}",
        fr"{m * m}^{{\frac{{1}}{{2}}}}={m}",
        f"2^{{{m}}}={2**m}, 3^{{{n}}}={3**n}",
        f"(-{m})^{{{rng.choice([2, 4])}}}>0",
        f"2^{{x}}=8^{{x-{2 * m}}}, x={3 * m}",
    ])


def logarithm(rng: Random) -> str:
    """Logarithms with whole or rational results, and their laws."""
    base, n, m = rng.choice([2, 3, 5]), rng.randint(2, 5), rng.randint(2, 5)
    a, b = rng.sample(range(2, 13), 2)
    return rng.choice([
        fr"\log _{{{base}}} {base**n}={n}",
        fr"\log _{{{base}}} \frac{{1}}{{{base**n}}}=-{n}",
        fr"\log _{{{base**n}}} {base**m}={number(Fraction(m, n))}",
        fr"\log _{{{base}}} {a}+\log _{{{base}}} {b}=\log _{{{base}}} {a * b}",
        fr"\lg {a}+\lg {b}=\lg {a * b}",
        fr"\ln {a}^{{{n}}}={n} \ln {a}",
        fr"\log _{{{a}}} {b}=\frac{{\ln {b}}}{{\ln {a}}}",
        fr"{base}^{{\log _{{{base}}} {b}}}={b}",
        fr"\log _{{{base}}}({polynomial([1, nonzero(rng, 9)])})={n}",
        fr"\log _{{\frac{{1}}{{{base}}}}}({polynomial([rng.randint(1, 4), nonzero(rng, 9)])})>{m}",
        fr"\lg 0.{'0' * (n - 1)}1=-{n}",
    ])


def linear_system(rng: Random) -> str:
    """Two or three linear equations with whole solutions."""
    size = rng.choices([2, 3], [3, 1])[0]
    unknowns = rng.choice(["x y z", "x y z", "a b c", "m n p"]).split()[:size]
    solution = [nonzero(rng, 6) for _ in unknowns]
    rows = []
    for _ in unknowns:
        row = [rng.randint(-5, 5) for _ in unknowns]
        row[rng.randrange(size)] = rng.randint(1, 4)
        left = total([times(c, u) for c, u in zip(row, unknowns, strict=True)])
        rows.append(f"{left}={sum(c * s for c, s in zip(row, solution, strict=True))}")
    answer = [f"{u}={s}" for u, s in zip(unknowns, solution, strict=True)]
    if chance(rng, 0.25):
        return fr"{braced(rng, rows)} \Rightarrow {braced(rng, answer)}"
    return braced(rng, answer if chance(rng, 0.15) else rows)


def braced(rng: Random, rows: list[str]) -> str:
    """Lines behind one large left brace, as `cases` or as an array, both of which books have."""
    body = r" \\ ".join(rows)
    if chance(rng, 0.6):
        return fr"\begin{{cases}} {body} \end{{cases}}"
    return fr"\left\{{\begin{{array}}{{l}} {body} \end{{array}}\right."


def counting(rng: Random) -> str:
    """Permutations, combinations, binomial coefficients with their values."""
    n = rng.randint(3, 10)
    k, m = rng.randint(1, n - 1), rng.randint(1, 4)
    letter = rng.choice([r"\mathrm{C}", "C"])
    arrange = letter.replace("C", "A")
    chosen = Fraction(comb(n, 2), comb(n + 2, 2))
    return rng.choice([
        f"{letter}_{{{n}}}^{{{k}}}={comb(n, k)}",
        f"{arrange}_{{{n}}}^{{{k}}}={perm(n, k)}",
        fr"\binom{{{n}}}{{{k}}}={comb(n, k)}",
        fr"\binom{{{n}}}{{{k}}}=\frac{{{n} !}}{{{k} !({n}-{k}) !}}={comb(n, k)}",
        fr"{letter}_{{{n}}}^{{{k}}} \cdot {letter}_{{5}}^{{{m}}}={comb(n, k) * comb(5, m)}",
        fr"P=\frac{{{letter}_{{{n}}}^{{2}}}}{{{letter}_{{{n + 2}}}^{{2}}}}={number(chosen)}",
        f"{letter}_{{n}}^{{{m}}}+{letter}_{{n}}^{{{m + 1}}}={letter}_{{n+1}}^{{{m + 1}}}",
        f"T_{{r+1}}={letter}_{{{n}}}^{{r}} x^{{{n}-r}}(-{m})^{{r}}",
    ])


def probability(rng: Random) -> str:
    """Probabilities as fractions: product, complement, binomial, expectation."""
    p, q = sorted((Fraction(rng.randint(1, 5), rng.randint(6, 12)), Fraction(rng.randint(1, 5), rng.randint(6, 12))))
    n, letter = rng.randint(3, 5), rng.choice(["X", r"\xi", "Y"])
    k = rng.randint(1, n - 1)
    values = sorted(rng.sample(range(0, 9), 3))
    shares = [Fraction(1, 6), Fraction(1, 2), Fraction(1, 3)]
    rng.shuffle(shares)
    mean = total([fr"{v} \times {number(s)}" for v, s in zip(values, shares, strict=True)])
    return rng.choice([
        fr"P(A B)=P(A) P(B)={number(p)} \times {number(q)}={number(p * q)}",
        fr"P(\overline{{A}})=1-P(A)=1-{number(p)}={number(1 - p)}",
        fr"P(B \mid A)=\frac{{P(A B)}}{{P(A)}}={number(p / q) if p < q else 1}",
        fr"P({letter}={k})=\mathrm{{C}}_{{{n}}}^{{{k}}}"
        fr"\left({number(p)}\right)^{{{k}}}\left({number(1 - p)}\right)^{{{n - k}}}"
        f"={number(comb(n, k) * p**k * (1 - p) ** (n - k))}",
        f"E({letter})={mean}={number(sum(v * s for v, s in zip(values, shares, strict=True)))}",
        fr"{letter} \sim B\left({n}, {number(p)}\right)",
        fr"D({letter})={n} \times {number(p)} \times {number(1 - p)}={number(n * p * (1 - p))}",
        fr"P(A \cup B)=P(A)+P(B)-P(A B)={number(p + q - p * q)}",
    ])


def _solve_inequality(rng: Random) -> str:
    a, b, bound = rng.choice([-5, -4, -3, -2, 2, 3, 4, 5, 6]), nonzero(rng, 20), nonzero(rng, 12)
    sign, turned = rng.choice([("<", ">"), (">", "<"), (r"\leqslant", r"\geqslant"), (r"\geqslant", r"\leqslant")])
    lines = [
        f"{polynomial([a, b])} & {sign} {a * bound + b}", f"{times(a, 'x')} & {sign} {a * bound}",
        f"x & {turned if a < 0 else sign} {bound}",
    ]
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def _factor(rng: Random) -> str:
    p, q = nonzero(rng, 9), nonzero(rng, 9)
    low, high = sorted((p, q))
    return _lines(rng, [
        f"{polynomial([1, -p - q, p * q])}=0", f"(x{-p:+d})(x{-q:+d})=0", f"x_{{1}}={low}, x_{{2}}={high}",
    ])


def _cross_multiply(rng: Random) -> str:
    a, b = rng.sample(range(2, 12), 2)
    c = rng.randint(1, 9)
    return _lines(rng, [
        rf"\frac{{{a}}}{{x}}=\frac{{{b}}}{{x+{c}}}", f"{a}(x+{c})={b} x", f"{times(a - b, 'x')}={-a * c}",
        f"x={number(Fraction(a * c, b - a))}",
    ])


def _telescope(rng: Random) -> str:
    n = rng.randint(4, 30)
    return (
        rf"\begin{{aligned}} S_{{{n}}} "
        rf"&=\frac{{1}}{{1 \times 2}}+\frac{{1}}{{2 \times 3}}+\cdots+\frac{{1}}{{{n} \times {n + 1}}} \\ "
        rf"&=1-\frac{{1}}{{2}}+\frac{{1}}{{2}}-\frac{{1}}{{3}}+\cdots+\frac{{1}}{{{n}}}-\frac{{1}}{{{n + 1}}} \\ "
        rf"&=1-\frac{{1}}{{{n + 1}}}=\frac{{{n}}}{{{n + 1}}} \end{{aligned}}"
    )


def modular(rng: Random) -> str:
    """Whole numbers: congruences, divisors, factorials, parts."""
    n, a, b = rng.randint(3, 30), rng.randint(4, 99), rng.randint(4, 99)
    x = Fraction(rng.randint(11, 99), 10)
    return rng.choice([
        fr"{a + n * rng.randint(1, 5)} \equiv {a} \pmod{{{n}}}",
        fr"\gcd({a}, {b})={gcd(a, b)}",
        f"({a}, {b})={gcd(a, b)}, [{a}, {b}]={a * b // gcd(a, b)}",
        fr"{a} \bmod {n}={a % n}",
        fr"\lfloor {plain(x)}\rfloor={x.numerator // x.denominator}",
        fr"\left\lceil\frac{{{a}}}{{{n}}}\right\rceil={-(-a // n)}",
        r"a^{p-1} \equiv 1(\bmod p), p \nmid a",
        fr"{n} \mid {n * b}",
        fr"x \equiv {a % n} \pmod{{{n}}}",
    ])


def complex_number(rng: Random) -> str:
    """Sums, products, moduli and conjugates of complex numbers."""
    a, b, c, d = (nonzero(rng, 6) for _ in range(4))

    def z(p: int, q: int) -> str:
        return total([str(p) if p else "", times(q, r"\mathrm{i}")])

    return rng.choice([
        f"z={z(a, b)}",
        f"({z(a, b)})({z(c, d)})={z(a * c - b * d, a * d + b * c)}",
        fr"|z|=\sqrt{{{bracket(a)}^{{2}}+{bracket(b)}^{{2}}}}={root(a * a + b * b)}",
        fr"\bar{{z}}={z(a, -b)}",
        fr"\frac{{{z(a, b)}}}{{{z(c, d)}}}=\frac{{({z(a, b)})({z(c, -d)})}}{{{c * c + d * d}}}",
        r"z=r(\cos \theta+\mathrm{i} \sin \theta)=r \mathrm{e}^{\mathrm{i} \theta}",
        fr"\mathrm{{i}}^{{{4 * rng.randint(2, 505) + 3}}}=-\mathrm{{i}}",
        fr"z+\bar{{z}}={2 * a}, z \bar{{z}}={a * a + b * b}",
        fr"\operatorname{{Re}}({z(a, b)})={a}",
    ])


def derivation(rng: Random) -> str:
    """A worked solution on several lines."""
    ways = [_solve_linear, _complete_square, _simplify, _solve_inequality, _factor, _cross_multiply, _telescope]
    return rng.choice(ways)(rng)


def _lines(rng: Random, lines: list[str]) -> str:
    starts = [line.replace("=", "&=", 1) for line in dict.fromkeys(lines)]
    if chance(rng, 0.4):
        mark = rng.choice([r"\Rightarrow ", r"\therefore "])
        starts = starts[:1] + [mark + line for line in starts[1:]]
    return r"\begin{aligned} " + r" \\ ".join(starts) + r" \end{aligned}"


def _solve_linear(rng: Random) -> str:
    x, a, shift, solution = rng.choice(LETTERS), rng.randint(2, 9), nonzero(rng, 20), nonzero(rng, 12)
    right = a * solution + shift
    return _lines(rng, [
        f"{polynomial([a, shift], x)}={right}", f"{times(a, x)}={right}{-shift:+d}", f"{times(a, x)}={a * solution}",
        f"{x}={solution}",
    ])


def _complete_square(rng: Random) -> str:
    half, r = nonzero(rng, 8), rng.randint(1, 9)
    low, high = sorted((-half - r, -half + r))
    return _lines(rng, [
        f"{polynomial([1, 2 * half, half * half - r * r])}=0", f"(x{half:+d})^{{2}}={r * r}", fr"x{half:+d}=\pm {r}",
        f"x_{{1}}={low}, x_{{2}}={high}",
    ])


def _simplify(rng: Random) -> str:
    a, b = nonzero(rng, 9), nonzero(rng, 9)
    f = rng.choice(["f(x)", "y", "g(x)", "S"])
    lines = [
        f"{f} &=(x{a:+d})^{{2}}-(x{b:+d})^{{2}}", f"&=x^{{2}}{2 * a:+d} x+{a * a}-x^{{2}}{-2 * b:+d} x-{b * b}",
        f"&={polynomial([2 * (a - b), a * a - b * b])}",
    ]
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


RULES: dict[str, Rule] = {
    "arithmetic": arithmetic, "linear_equation": linear_equation, "quadratic": quadratic, "identity": identity,
    "radical": radical, "power": power, "logarithm": logarithm, "linear_system": linear_system, "counting": counting,
    "probability": probability, "modular": modular, "complex_number": complex_number, "derivation": derivation,
    "whole": whole, "digit": digit, "signed": signed, "decimal": decimal, "value": value,
    "fraction": lambda rng: number(fraction(rng)),
}
