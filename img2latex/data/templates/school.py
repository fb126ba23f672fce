"""School mathematics as templates: what an exercise, its solution or a textbook's box would hold.

Words of the templates: `<v>` a variable, `<n>` a number, `<q>` any value, `<pt>` a point, `<e>` a linear expression ...
"""

from fractions import Fraction
from random import Random

from img2latex.data.templates import algebra, analysis
from img2latex.data.templates.algebra import braced
from img2latex.data.templates.engine import (
    Rule,
    Templates,
    chance,
    first_new,
    nonzero,
    number,
    polynomial,
    root,
    times,
    total,
)

ANGLES = {
    "30": (r"\frac{1}{2}", r"\frac{\sqrt{3}}{2}", r"\frac{\sqrt{3}}{3}"),
    "45": (r"\frac{\sqrt{2}}{2}", r"\frac{\sqrt{2}}{2}", "1"),
    "60": (r"\frac{\sqrt{3}}{2}", r"\frac{1}{2}", r"\sqrt{3}"),
    "120": (r"\frac{\sqrt{3}}{2}", r"-\frac{1}{2}", r"-\sqrt{3}"),
    "135": (r"\frac{\sqrt{2}}{2}", r"-\frac{\sqrt{2}}{2}", "-1"),
    "150": (r"\frac{1}{2}", r"-\frac{\sqrt{3}}{2}", r"-\frac{\sqrt{3}}{3}"),
}
RADIANS = {
    "30": r"\frac{\pi}{6}", "45": r"\frac{\pi}{4}", "60": r"\frac{\pi}{3}", "120": r"\frac{2 \pi}{3}",
    "135": r"\frac{3 \pi}{4}", "150": r"\frac{5 \pi}{6}",
}


def positive(rng: Random) -> str:
    """A value that a length could have."""
    return first_new(lambda: algebra.value(rng).lstrip("-"), {"0"})


def sine(rng: Random) -> str:
    """A positive value below 1."""
    top, bottom = sorted(rng.sample(range(1, 14), 2))
    return rng.choice([rf"\frac{{{top}}}{{{bottom}}}", rf"\frac{{\sqrt{{{top * top + 1}}}}}{{{bottom + 1}}}",
    f"0.{rng.randint(1, 99)}"])


def pythagoras(rng: Random) -> str:
    """A side of a right triangle from the other two."""
    a, b = rng.randint(2, 15), rng.randint(2, 15)
    first, second = rng.sample("ABCDEHMNOPQ", 2)
    sides = (f"{a}^{{2}}+{b}^{{2}}", a * a + b * b) if chance(rng, 0.6) else (f"{a + b}^{{2}}-{a}^{{2}}",
             b * b + 2 * a * b)
    return rf"{first} {second}=\sqrt{{{sides[0]}}}={root(sides[1])}"


def area(rng: Random) -> str:
    """Of a triangle or rectangle."""
    a, b = rng.randint(2, 20), rng.randint(2, 20)
    if chance(rng, 0.5):
        return rf"S={a} \times {b}={a * b}"
    return rf"S=\frac{{1}}{{2}} \times {a} \times {b}={number(Fraction(a * b, 2))}"


def mean(rng: Random) -> str:
    """An average of whole numbers."""
    values = [rng.randint(1, 99) for _ in range(rng.randint(3, 6))]
    average = number(Fraction(sum(values), len(values)))
    return rf"\bar{{x}}=\frac{{{'+'.join(map(str, values))}}}{{{len(values)}}}={average}"


def triangle(rng: Random) -> str:
    """Three corners, mostly the usual ones."""
    return " ".join(rng.choice(["ABC", "ABC", "DEF", "ABD", "AOB", "PAB", "PQR", rng.sample("ABCDEFGHMNOPQ", 3)]))


def linear(rng: Random) -> str:
    """A linear expression in x."""
    return polynomial([nonzero(rng, 5), nonzero(rng, 9)])


def quadratic(rng: Random) -> str:
    """A quadratic expression in x."""
    return polynomial([nonzero(rng, 3), rng.randint(-9, 9), rng.randint(-9, 9)])


def exact_angle(rng: Random) -> str:
    """A trigonometric value that pupils know by heart."""
    degrees = rng.choice(list(ANGLES))
    place = rng.randrange(3)
    angle = RADIANS[degrees] if chance(rng, 0.5) else rf"{degrees}^{{\circ}}"
    return rf"\{('sin', 'cos', 'tan')[place]} {angle}={ANGLES[degrees][place]}"


PIECES = Templates({"e": linear, "quad": quadratic})
ANYWHERE = [
    r"2^{x}", "|x-1|", r"\mathrm{e}^{x}-1", "0", "1", "a x", r"\sin \pi x", r"\left(\frac{1}{2}\right)^{x}", "x^{3}",
    "<e>", "<e>",
    "<quad>", "<quad>",
]
POSITIVE = [r"\ln x", r"\log _{2} x", r"\frac{1}{x}", r"-\frac{2}{x}", r"\sqrt{x}", r"x-4 \ln x"]


def cases(rng: Random) -> str:
    """A function in pieces, each defined where it is used."""
    if chance(rng, 0.05):
        return "|x|=" + braced(rng, [r"x, & x \geqslant 0", "-x, & x<0"]).replace("{array}{l}", "{array}{ll}")
    at = rng.choice([0, 0, nonzero(rng, 5)])
    below, above = PIECES.fill(rng, rng.choice(ANYWHERE)), PIECES.fill(rng, rng.choice(ANYWHERE + POSITIVE * (at >= 0)))
    gap = rng.choice(["", "", r"\text{if } ", r"\quad "])
    rows = [f"{below}, & {gap}x<{at}", f"{above}, & {gap}x>{at}"]
    if chance(rng, 0.2):
        rows.insert(1, f"{nonzero(rng, 9)}, & {gap}x={at}")
    else:
        rows[0] = rows[0].replace(f"x<{at}", rf"x \leqslant {at}")
    if chance(rng, 0.4):
        rows.reverse()
    return rng.choice(["f(x)=", "f(x)=", "g(x)=", "y=", ""]) + braced(rng, rows).replace("{array}{l}", "{array}{ll}")


def inequality_system(rng: Random) -> str:
    """Two inequalities or conditions behind a brace."""
    signs = [r"\geqslant", r"\leqslant", "<", ">"]
    rows = [f"{linear(rng)} {rng.choice(signs)} {rng.choice([str(nonzero(rng, 12)), linear(rng)])}" for _ in range(2)]
    if chance(rng, 0.3):
        rows = [r"x \geqslant 0", r"y \geqslant 0", fr"x+{rng.randint(2, 9)} y \leqslant {rng.randint(4, 40)}"]
    if chance(rng, 0.3):
        lines = [total(["x", times(nonzero(rng, 5), "y"), str(nonzero(rng, 9))]) for _ in range(3)]
        rows = [f"{line} {rng.choice(signs[:2])} 0" for line in lines]
    return braced(rng, rows)


WORDS: dict[str, Rule] = {
    "n": algebra.whole, "d": algebra.digit, "q": algebra.value, "fr": algebra.RULES["fraction"], "z": algebra.signed,
    "dec": algebra.decimal, "len": positive, "sine": sine, "pythagoras": pythagoras, "area": area, "mean": mean,
    "square_unit": [r"\mathrm{cm}^{2}", r"\mathrm{m}^{2}", r"\mathrm{km}^{2}", ""], "e": linear, "quad": quadratic,
                    "exact_angle": exact_angle, "poly": [(3, "<e>"), (2, "<quad>")],
    "v": ["x", "x", "x", "y", "a", "b", "m", "n", "t", "k"],
    "par": ["a", "b", "m", "k", "t", r"\lambda"],
    "pt": list("ABCDEFGHMNOPQ"),
    "tri": triangle,
    "line": ["l", "m", "n", "a", "b", "A B", "C D", "P Q", "l_{1}", "l_{2}"],
    "plane": [r"\alpha", r"\beta", r"\gamma"],
    "th": [r"\theta", r"\alpha", r"\beta", r"\varphi", "A", "B", "x"],
    "deg": ["30", "45", "60", "90", "120", "<d>5", "<d>0", "<n>"],
    "ang": [r"\frac{\pi}{<d>}", r"\frac{\pi}{6}", r"\frac{\pi}{3}", r"\frac{2 \pi}{3}", r"<deg>^{\circ}", r"\pi"],
    "arg": ["x", r"\alpha", r"2 x", r"\left(x+\frac{\pi}{<d>}\right)", r"\left(<d> x-\frac{\pi}{<d>}\right)", r"\theta",
            r"(\alpha+\beta)", r"\omega x", r"\frac{x}{2}", r"<deg>^{\circ}", r"(\pi-\alpha)"],
    "trig": [(4, r"\sin"), (4, r"\cos"), (3, r"\tan"), (.4, r"\cot"), (.3, r"\sec")],
    "le": [(4, r"\leqslant"), (3, "<"), (3, ">"), (4, r"\geqslant"), (1, r"\neq")],
    "less": [r"\leqslant", "<"],
    "f": ["f", "f", "g", "h", "F", r"\varphi"],
    "set": list("ABMNPQSU"),
    "num": [r"\mathbf{R}", r"\mathbf{N}^{*}", r"\mathbf{Z}", r"\mathbf{Q}", r"\mathbf{N}", r"\mathbf{N}_{+}",
            r"\mathbf{R}^{+}"],
    "vec": [r"\overrightarrow{<pt1> <pt2>}", r"\overrightarrow{<pt1> <pt2>}", r"\vec{<par>}", r"\boldsymbol{<par>}"],
    "end": ["<z>", "<q>", "a", "m", r"\frac{\pi}{<d>}"],
    "interval": ["(<end>, <end>)", "[<end>, <end>]", "(<end>, <end>]", "[<end>, <end>)", r"(-\infty, <end>)",
                 r"(<end>,+\infty)", r"[<end>,+\infty)", r"(-\infty, <end>]", r"\left(0, \frac{1}{<d>}\right)"],
    "logic": [r"\therefore ", r"\because ", "", "", "", ""],
    "unit": [r"\mathrm{cm}", r"\mathrm{m}", r"\mathrm{km}", r"\mathrm{kg}", r"\mathrm{cm}^{2}", r"\mathrm{m}^{3}",
             r"\mathrm{s}",
             r"\mathrm{km} / \mathrm{h}", r"\mathrm{m} / \mathrm{s}", r"\mathrm{min}", r"\mathrm{mL}",
             r"\mathrm{dm}^{3}"],
}

CATEGORIES: dict[str, tuple[float, Rule]] = {
    "arithmetic": (6, algebra.arithmetic),
    "linear": (4, algebra.linear_equation),
    "quadratic": (5, algebra.quadratic),
    "identity": (3, algebra.identity),
    "radical": (4, algebra.radical),
    "power": (3, algebra.power),
    "logarithm": (3, algebra.logarithm),
    "system": (3, algebra.linear_system),
    "conditions": (2, inequality_system),
    "piecewise": (3, cases),
    "matrix": (2, analysis.matrix),
    "determinant": (1, analysis.determinant),
    "counting": (2, algebra.counting),
    "probability": (3, algebra.probability),
    "vector": (4, analysis.vector),
    "coordinates": (3, analysis.distance),
    "sequence": (3, analysis.progression),
    "derivative": (2.5, analysis.derivative),
    "integral": (2.5, analysis.integral),
    "derivation": (4, algebra.derivation),
    "numbers": (2, algebra.modular),
    "complex": (2, algebra.complex_number),
    "sympy": (4, analysis.expression),
    "inequality": (5, [
        "<e> <le> <z>", "<e> <le> <e>", "<quad> <le> 0", "<logic><z> <less1> <v> <less1> <n>", r"|<e>| <le> <n>",
        r"<par1>+<par2> \geqslant 2 \sqrt{<par1> <par2>}", r"\frac{<e>}{<e>} <le> <z>",
        r"<v1>=<q> \text{ or } <v1>=<q>",
        r"\frac{<par1>+<par2>}{2} \geqslant \sqrt{<par1> <par2>}", "<v> <le> <q>", r"<par1>>0, <par2>>0",
        "<v1> <less1> <v2> <less1> 0",
        r"\left|<par1>\right|-\left|<par2>\right| \leqslant|<par1>+<par2>| \leqslant|<par1>|+|<par2>|",
        r"\frac{1}{<par1>}+\frac{1}{<par2>} \geqslant \frac{4}{<par1>+<par2>}", r"\frac{1}{<v>} <le> \frac{<n>}{<d>}",
        r"\left(a^{2}+b^{2}\right)\left(c^{2}+d^{2}\right) \geqslant(a c+b d)^{2}",
        r"\frac{<n>-<v1>}{<d>}-\frac{<v1>}{<d>} <le> <z>",
        r"<z> <less> \frac{<e>}{<d>} <less> <n>", r"\sqrt{<e>} <le> <n>", r"<d>^{<e>} <le> \frac{1}{<n>}",
    ]),
    "function": (7, [
        "<f>(x)=<quad>", "<f>(x)=<poly>", r"<f>(x)=\frac{<e>}{<e>}", r"<f>(x)=\sqrt{<poly>}", r"y=<par> x^{2}+<z> x",
        r"<f>(<d>)=<q>", r"y=\frac{k}{x}(k \neq 0)", r"<f1>(-x)=-<f1>(x)", r"<f1>(x+<d1>)=<f1>(x)",
        r"<f>(x)=x+\frac{<n>}{x}",
        r"<f>(x)=a^{x}(a>0, a \neq 1)", r"<f>(x)=\log _{a}(<e>)", r"<f>(x)=x^{3}+a x^{2}+b x+c", r"y=k x+b(k \neq 0)",
        r"<f1>(x)=<d> \sin \left(\omega x+\varphi\right)(\omega>0)",
        r"<f>\left(x_{1}\right) <le> <f>\left(x_{2}\right)",
        r"<f>(x)=(<e>) \mathrm{e}^{x}", r"<f>(x)=\ln x-<par> x", r"<f>(x)=x \ln x-<par>(x-1)",
        r"<f>(x)=\frac{\ln x}{x}",
        r"f^{-1}(x)=\frac{<e>}{<d>}", r"(f \circ g)(x)=f(g(x))", r"<f1>(<f1>(<d>))=<z>", r"y=<f>(|x|)",
        r"<f>(x)_{\max }=<q>",
        r"y_{\min }=<q>", r"x \in<interval>", r"<f>: A \rightarrow B", r"<f1>(x)=<f1>(2 a-x)",
        r"\left|<e>\right|+\left|<e>\right| \geqslant <d>",
        r"\frac{f\left(x_{1}\right)-f\left(x_{2}\right)}{x_{1}-x_{2}} <le> 0", r"<f>(x)=a(x-h)^{2}+k",
        r"-\frac{b}{2 a}=<q>",
        r"\left(-\frac{b}{2 a}, \frac{4 a c-b^{2}}{4 a}\right)", r"<f>(x)=\lg \frac{1-x}{1+x}",
        r"<f>(x)=<n> \times <dec>^{x}",
        r"<f>\left(\frac{<n>}{<d>}\right)=<q>", r"<f>(x)=|x-a|+|x+<d>|", r"y=<f1>(x+<d>)-<d>",
    ]),
    "trigonometry": (7, [
        "<exact_angle>", "<exact_angle>", r"\sin <arg>=<sine>", r"\cos <arg>=-<sine>", r"\tan <arg>=<q>",
        r"\sin ^{2} <th1>+\cos ^{2} <th1>=1", r"\tan <th1>=\frac{\sin <th1>}{\cos <th1>}",
        r"\sin 2 <th1>=2 \sin <th1> \cos <th1>", r"\cos 2 <th1>=1-2 \sin ^{2} <th1>", r"y=<d> <trig> <arg>+<d>",
        r"<len> <trig> <arg>-<len> <trig> <arg>",
        r"\sin (\alpha+\beta)=\sin \alpha \cos \beta+\cos \alpha \sin \beta",
        r"\cos (\alpha-\beta)=\cos \alpha \cos \beta+\sin \alpha \sin \beta",
        r"\tan (\alpha+\beta)=\frac{\tan \alpha+\tan \beta}{1-\tan \alpha \tan \beta}",
        r"\frac{a}{\sin A}=\frac{b}{\sin B}=\frac{c}{\sin C}=2 R",
        r"a^{2}=b^{2}+c^{2}-2 b c \cos A", r"\cos A=\frac{b^{2}+c^{2}-a^{2}}{2 b c}", r"S=\frac{1}{2} a b \sin C",
        r"T=\frac{2 \pi}{|\omega|}",
        r"\left[k \pi-\frac{\pi}{<d>}, k \pi+\frac{\pi}{<d>}\right](k \in \mathbf{Z})",
        r"x=\frac{k \pi}{2}+\frac{\pi}{<d>}, k \in \mathbf{Z}",
        r"\sin x+\cos x=\sqrt{2} \sin \left(x+\frac{\pi}{4}\right)", r"\tan \left(\frac{\pi}{4}+<th1>\right)=<q>",
        r"\arctan <fr>", r"\cos ^{2} \frac{<th1>}{2}=\frac{1+\cos <th1>}{2}",
        r"f(x)=\sin ^{2} x+\sqrt{3} \sin x \cos x", r"<th1> \in\left(0, \frac{\pi}{2}\right)",
        r"\tan <th1>=<q>, <th1> \in\left(0, \frac{\pi}{2}\right)",
        r"2 k \pi+\frac{\pi}{<d>} <less1> x <less1> 2 k \pi+\frac{5 \pi}{6}",
        r"\frac{\sin <th1>+\cos <th1>}{\sin <th1>-\cos <th1>}=<z>", r"\sin <th1>-\cos <th1>=<fr>",
        r"\arcsin \frac{1}{2}=\frac{\pi}{6}", r"1+\tan ^{2} <th1>=\sec ^{2} <th1>",
        r"\sin 3 <th1>=3 \sin <th1>-4 \sin ^{3} <th1>", r"\alpha=<deg>^{\circ} <d>^{\prime}",
        r"l=|\alpha| r, S=\frac{1}{2} l r",
    ]),
    "geometry": (9, [
        r"\triangle <tri>", r"\angle <tri>=<deg>^{\circ}", r"\triangle <tri> \cong \triangle <tri>",
        r"\triangle <tri> \backsim \triangle <tri>", r"\triangle <tri> \sim \triangle <tri>",
        r"<pt1> <pt2>=<pt3> <pt4>", r"<line1> \perp <line2>", r"<line1> \parallel <line2>", r"<line1> / / <line2>",
        r"\angle <d>=\angle <d>", r"\angle <tri>+\angle <tri>=180^{\circ}",
        r"<pt1> <pt2>: <pt2> <pt3>=<d>: <d>", r"<pt1> <pt2>^{2}+<pt2> <pt3>^{2}=<pt1> <pt3>^{2}",
        r"S_{\triangle <tri>}=\frac{1}{2} <pt1> <pt2> \cdot <pt3> <pt4>", r"\odot <pt>", r"\widehat{<pt1> <pt2>}",
        r"\frac{<pt1> <pt2>}{<pt3> <pt4>}=\frac{<pt5> <pt6>}{<pt7> <pt8>}",
        r"\because <pt1> <pt2>=<pt1> <pt3>, \therefore \angle <pt2>=\angle <pt3>", r"R t \triangle <tri>",
        r"\mathrm{Rt} \triangle <tri>",
        r"<plane1> \perp <plane2>", r"<line> \subset <plane>", r"<line> \perp <plane>",
        r"<plane1> \cap <plane2>=<line>", r"<line1> \cap <line2>=<pt>", r"\square A B C D",
        r"<pt1> <pt2>=<len> \mathrm{cm}", "<pt1> <pt2>=<len>",
        r"V=\frac{1}{3} S h", r"V=\frac{4}{3} \pi R^{3}", r"S=4 \pi R^{2}=<n> \pi",
        r"V_{P-A B C}=\frac{1}{3} S_{\triangle A B C} \cdot P A", r"A B C D-A_{1} B_{1} C_{1} D_{1}",
        r"\angle <pt1> <pt2> <pt3>=\frac{1}{2} \angle <pt4> <pt2> <pt3>",
        r"\angle A=<deg>^{\circ}, \angle B=<deg>^{\circ}", r"<pt1> <pt2> \perp <pt3> <pt4>", "<pythagoras>",
        r"\tan \angle <tri>=\frac{<pt1> <pt2>}{<pt2> <pt3>}=<len>", r"\cos \angle <tri>=<sine>",
        r"S_{\triangle <tri>}=<len>",
        r"\therefore \triangle <tri> \cong \triangle <tri>(S A S)", r"\angle A O B=2 \angle A C B",
        r"<pt1>^{\prime} <pt2>^{\prime}", r"l=\frac{n \pi r}{180}=<len> \pi", r"A C=\sqrt{A B^{2}+B C^{2}}=<len>",
        "<area>", r"\angle <pt1>=<deg>^{\circ} <d>^{\prime} <d>^{\prime \prime}",
        r"\left\{\begin{array}{l} <pt1> <pt2>=<pt3> <pt4> \\ \angle <pt1>=\angle <pt3> \\ "
        r"<pt1> <pt5>=<pt3> <pt6> \end{array}\right.",
        r"<pt1>\left(<q>, <q>\right)", r"<pt1>(<z>, <z>), <pt2>(<z>, <z>)", r"A, B, C, D", r"C_{\triangle <tri>}=<n>",
    ]),
    "vectors": (3, [
        r"<vec1> \cdot <vec2>=<q>",
        r"\overrightarrow{<pt1> <pt3>}=\overrightarrow{<pt1> <pt2>}+\overrightarrow{<pt2> <pt3>}",
        r"\overrightarrow{<pt1> <pt2>}=\lambda \overrightarrow{<pt1> <pt3>}+\mu \overrightarrow{<pt1> <pt4>}",
        r"|<vec>|=<len>", r"<vec1> \perp <vec2>",
        r"\overrightarrow{<pt1> <pt2>}=<fr> \overrightarrow{<pt3> <pt4>}",
        r"\overrightarrow{O P}=x \overrightarrow{O A}+y \overrightarrow{O B}", r"(<vec1>+<vec2>) \cdot <vec3>=0",
        r"\left|<vec1>-<d> <vec2>\right|=<len>",
        r"\overrightarrow{<pt1> <pt2>} \cdot\left(\overrightarrow{<pt3> <pt4>}-\overrightarrow{<pt1> <pt3>}\right)",
        r"\cos \theta=\frac{<vec1> \cdot <vec2>}{|<vec1>||<vec2>|}=<sine>", r"\boldsymbol{n}=(<z>, <z>, <z>)",
        r"\left\{\begin{array}{l} \vec{n} \cdot \overrightarrow{<pt1> <pt2>}=0 \\ "
        r"\vec{n} \cdot \overrightarrow{<pt1> <pt3>}=0 \end{array}\right.",
        r"<vec1> \cdot <vec2>=|<vec1>||<vec2>| \cos <deg>^{\circ}",
        r"\langle\boldsymbol{a}, \boldsymbol{b}\rangle=<deg>^{\circ}",
        r"\overrightarrow{e_{1}}, \overrightarrow{e_{2}}", r"<vec1>^{2}=<len>",
    ]),
    "sets": (5, [
        r"<set>=\{x \mid <e> <le> <z>\}", r"<set>=\{<z>, <z>, <n>\}", r"<set1> \cap <set2>=<interval>",
        r"<set1> \cup <set2>=\mathbf{R}", r"\complement_{U} <set>",
        r"\left(\complement_{U} <set1>\right) \cap <set2>=\varnothing", r"<set1> \subseteq <set2>", r"<z> \in <set>",
        r"<q> \notin \mathbf{N}", r"\sqrt{<d>} \in \mathbf{R}",
        r"<interval>", r"<interval> \cup<interval>", r"<set>=\left\{x \mid <quad> <le> 0\right\}",
        r"\{(x, y) \mid y=<e>\}", r"<v> \in <num>", r"\forall x \in \mathbf{R}, <quad> <le> 0",
        r"\exists x_{0} \in <num>, <f>\left(x_{0}\right) <le> <z>", r"p \wedge q", r"\neg p", r"p \vee(\neg q)",
        r"\{1,2,3, \cdots, <n>\}", r"<set1> \subsetneqq <set2>", r"\varnothing \subseteq <set>",
        r"\left\{x \mid x=<d> k+1, k \in \mathbf{Z}\right\}",
        r"\operatorname{card}(<set1> \cup <set2>)=\operatorname{card}(<set1>)+\operatorname{card}(<set2>)"
        r"-\operatorname{card}(<set1> \cap <set2>)",
        r"<set>=\{x||x| \leqslant <d>\}", r"x=<z> \Rightarrow x^{2}=<n>",
        r"p \Leftrightarrow q", r"p \Rightarrow q, q \nRightarrow p",
        r"\overline{A \cup B}=\overline{A} \cap \overline{B}", r"<v> \geqslant <q> \text{ and } <v> \neq <z>",
    ]),
    "sequences": (5, [
        r"a_{n+1}=<d> a_{n}+<d>", r"a_{n}=a_{1}+(n-1) d", r"S_{n}=\frac{n\left(a_{1}+a_{n}\right)}{2}",
        r"S_{n}=\frac{a_{1}\left(1-q^{n}\right)}{1-q}", r"a_{n}=a_{1} q^{n-1}", r"\left\{a_{n}\right\}",
        r"a_{<d>}+a_{<d>}=<n>", r"S_{n}=2 a_{n}-<d>", r"T_{n}=b_{1}+b_{2}+\cdots+b_{n}",
        r"b_{n}=\frac{1}{a_{n} a_{n+1}}",
        r"\frac{1}{n(n+1)}=\frac{1}{n}-\frac{1}{n+1}", r"\frac{a_{n+1}}{a_{n}}=<q>",
        r"a_{n}=(-1)^{n} \cdot \frac{1}{<d> n-1}", r"a_{1}=<z>, a_{n+1}-a_{n}=<n>", r"\sum_{i=1}^{n} a_{i}=<q>",
        r"T_{n}=\frac{1}{2}\left(1-\frac{1}{2 n+1}\right)=\frac{n}{2 n+1}",
        r"a_{n}=\begin{cases} S_{1}, & n=1 \\ S_{n}-S_{n-1}, & n \geqslant 2 \end{cases}",
        r"1+\frac{1}{2}+\frac{1}{3}+\cdots+\frac{1}{n}", r"1^{2}+2^{2}+\cdots+n^{2}=\frac{n(n+1)(2 n+1)}{6}",
        r"a_{n+2}=a_{n+1}+a_{n}",
        r"\left(1-\frac{1}{2^{2}}\right)\left(1-\frac{1}{3^{2}}\right) \cdots\left(1-\frac{1}{n^{2}}\right)",
        r"a_{n}-a_{n-1}=<d>(n \geqslant 2)", r"\frac{S_{<n>}}{S_{<n>}}=<fr>",
        r"c_{n}=a_{n} \cdot b_{n}=(<d> n-1) \cdot 2^{n}",
    ]),
    "calculus": (4, [
        r"\lim _{x \rightarrow 0} \frac{\sin x}{x}=1",
        r"\lim _{n \rightarrow \infty}\left(1+\frac{1}{n}\right)^{n}=\mathrm{e}",
        r"\lim _{x \rightarrow <z>} \frac{<quad>}{<e>}=<q>",
        r"\lim _{\Delta x \rightarrow 0} \frac{f\left(x_{0}+\Delta x\right)-f\left(x_{0}\right)}{\Delta x}",
        r"<f>^{\prime}(x)=\frac{1}{x}-<par>", r"(u v)^{\prime}=u^{\prime} v+u v^{\prime}",
        r"\left(\frac{u}{v}\right)^{\prime}=\frac{u^{\prime} v-u v^{\prime}}{v^{2}}",
        r"<f1>^{\prime}(x)=(<e>) \mathrm{e}^{x}",
        r"y-<f1>\left(x_{0}\right)=<f1>^{\prime}\left(x_{0}\right)\left(x-x_{0}\right)",
        r"\int_{0}^{<d>} <poly> \mathrm{d} x", r"\int_{0}^{\frac{\pi}{2}} \sin x \mathrm{d} x=1",
        r"\int \frac{1}{x} \mathrm{d} x=\ln |x|+C", r"\int u \mathrm{d} v=u v-\int v \mathrm{d} u",
        r"\lim _{x \rightarrow \infty} \frac{<poly>}{<poly>}", r"\frac{\mathrm{d} y}{\mathrm{d} x}=<poly>",
        r"\frac{d^{2} y}{d x^{2}}+<d> \frac{d y}{d x}+<d> y=0",
        r"\int_{-\infty}^{+\infty} \mathrm{e}^{-x^{2}} \mathrm{d} x=\sqrt{\pi}",
        r"\frac{\partial z}{\partial x}=<poly>", r"<f1>^{\prime}(x)>0 \Leftrightarrow x \in<interval>",
        r"\ln x \leqslant x-1", r"\mathrm{e}^{x} \geqslant x+1",
        r"\int \frac{\mathrm{d} x}{\sqrt{a^{2}-x^{2}}}=\arcsin \frac{x}{a}+C",
        r"\int_{a}^{b} f(x) \mathrm{d} x=F(b)-F(a)", r"\lim _{x \rightarrow 0^{+}} x \ln x=0",
        r"\sum_{n=0}^{\infty} \frac{x^{n}}{n !}=\mathrm{e}^{x}",
        r"\sum_{n=1}^{\infty} \frac{1}{n^{2}}=\frac{\pi^{2}}{6}", r"V=\pi \int_{0}^{<d>} <poly> \mathrm{d} x",
        r"\iint_{D} x y \mathrm{d} x \mathrm{d} y", r"\prod_{k=1}^{n} \frac{k}{k+<d>}",
    ]),
    "conics": (5, [
        r"\frac{x^{2}}{<n>}+\frac{y^{2}}{<n>}=1", r"\frac{x^{2}}{a^{2}}+\frac{y^{2}}{b^{2}}=1(a>b>0)",
        r"\frac{x^{2}}{a^{2}}-\frac{y^{2}}{b^{2}}=1(a>0, b>0)", r"y^{2}=2 p x(p>0)", r"y^{2}=<n> x", r"x^{2}=-<n> y",
        r"e=\frac{c}{a}=<len>", r"c^{2}=a^{2}-b^{2}", r"y=\pm \frac{b}{a} x",
        r"\left|P F_{1}\right|+\left|P F_{2}\right|=2 a",
        r"\left|A F\right|=x_{1}+\frac{p}{2}", r"F_{1}(-c, 0), F_{2}(c, 0)",
        r"x_{1}+x_{2}=-\frac{<n> k m}{1+<d1> k^{2}}, x_{1} x_{2}=\frac{<d> m^{2}-<n>}{1+<d1> k^{2}}",
        r"|A B|=\sqrt{1+k^{2}} \cdot\left|x_{1}-x_{2}\right|", r"C: \frac{x^{2}}{<n>}-\frac{y^{2}}{<d>}=1",
        r"y=k(x-<d>)+<d>", r"x^{2}+y^{2}-<d> x+<d> y=0",
        r"\begin{cases} y=k x+m \\ \frac{x^{2}}{<n>}+y^{2}=1 \end{cases}",
        r"\left(1+<d1> k^{2}\right) x^{2}+<n> k m x+<n> m^{2}-<n>=0", r"\frac{x_{0} x}{a^{2}}+\frac{y_{0} y}{b^{2}}=1",
        r"k_{1} \cdot k_{2}=-\frac{b^{2}}{a^{2}}", r"d=\frac{\left|A x_{0}+B y_{0}+C\right|}{\sqrt{A^{2}+B^{2}}}",
        r"\begin{cases} x=<d> \cos \theta \\ y=<d> \sin \theta \end{cases}",
        r"\rho=<d> \sin \theta", r"\left(\frac{x_{1}+x_{2}}{2}, \frac{y_{1}+y_{2}}{2}\right)",
        r"(x-a)^{2}+(y-b)^{2}=r^{2}", r"\rho \cos \left(\theta-\frac{\pi}{<d>}\right)=<q>", r"l: y=k x+<z>",
    ]),
    "statistics": (4, [
        r"\bar{x}=\frac{1}{n} \sum_{i=1}^{n} x_{i}",
        r"s^{2}=\frac{1}{n}\left[\left(x_{1}-\bar{x}\right)^{2}+\left(x_{2}-\bar{x}\right)^{2}+\cdots"
        r"+\left(x_{n}-\bar{x}\right)^{2}\right]",
        r"\hat{y}=\hat{b} x+\hat{a}", r"\hat{y}=<dec> x+<dec>",
        r"X \sim N\left(\mu, \sigma^{2}\right)", r"X \sim N(<n>, <d>^{2})", r"P(X \leqslant <n>)=0.<d><d>",
        r"K^{2}=\frac{n(a d-b c)^{2}}{(a+b)(c+d)(a+c)(b+d)}", r"P(\mu-\sigma<X \leqslant \mu+\sigma)=0.6827",
        r"\hat{b}=\frac{\sum_{i=1}^{n} x_{i} y_{i}-n \bar{x} \bar{y}}{\sum_{i=1}^{n} x_{i}^{2}-n \bar{x}^{2}}",
        r"E(X)=n p, D(X)=n p(1-p)", r"P(X=k)=\mathrm{C}_{n}^{k} p^{k}(1-p)^{n-k}", r"P(A \mid B)=\frac{P(A B)}{P(B)}",
        r"\chi^{2}=<d>.<d>1>3.841", r"\bar{x}_{1}=<dec>, s_{1}^{2}=<dec>", "<mean>",
        r"r=\frac{\sum_{i=1}^{n}\left(x_{i}-\bar{x}\right)\left(y_{i}-\bar{y}\right)}"
        r"{\sqrt{\sum_{i=1}^{n}\left(x_{i}-\bar{x}\right)^{2} \sum_{i=1}^{n}\left(y_{i}-\bar{y}\right)^{2}}}",
        r"s_{\text{A}}^{2} <le> s_{\text{B}}^{2}", r"(a+b)^{n}=\sum_{k=0}^{n} \mathrm{C}_{n}^{k} a^{n-k} b^{k}",
        r"\mathrm{C}_{n}^{k}=\frac{n !}{k !(n-k) !}", r"\mathrm{A}_{n}^{m}=n(n-1) \cdots(n-m+1)",
        r"\left(x-\frac{<d>}{x}\right)^{<d>}", r"\left(\sqrt{x}+\frac{1}{<d> x}\right)^{n}",
        r"P(A)=\sum_{i=1}^{n} P\left(B_{i}\right) P\left(A \mid B_{i}\right)", r"P(\xi \geqslant <d1>)=1-P(\xi<<d1>)",
    ]),
    "steps": (4, [
        r"\because <v1>=<z>, \therefore <f>(<v1>)=<q>", r"\therefore <v>=<q>", r"\Rightarrow <v>=<q>",
        r"<v1>=<q> \text{ or } <v1>=<q>", r"<par1>=<z>, <par2>=<q>",
        r"\frac{<e1>}{<d1>}=\frac{<e2>}{<d2>} \Rightarrow <d2>(<e1>)=<d1>(<e2>)", r"\Delta=b^{2}-4 a c <le> 0",
        r"x=\frac{-b \pm \sqrt{b^{2}-4 a c}}{2 a}",
        r"x_{1}+x_{2}=-\frac{b}{a}, x_{1} x_{2}=\frac{c}{a}", r"\frac{<d>}{<e>}-\frac{<n>}{<e>}=1",
        r"<par1>^{2}+<par2>^{2}=(<par1>+<par2>)^{2}-2 <par1> <par2>",
        r"\left(<v1>+\frac{1}{<v1>}\right)^{2}=<v1>^{2}+2+\frac{1}{<v1>^{2}}", r"<v1>=<n>-<v2>",
        r"\frac{x^{2}-1}{x^{2}+2 x+1} \div \frac{x-1}{x}=\frac{x}{x+1}", r"=\frac{<n> \times <len>}{<d>}",
        r"\frac{<n>}{x}+\frac{<n>}{x+<d>}=1",
        r"\text{A. } <q> \quad \text{B. } <q>", r"\text{(<d>)} <e>=<z>", "<area> <square_unit>", r"<dec> <unit>",
        r"<n> <unit>", r"v=\frac{s}{t}=<n> \mathrm{m} / \mathrm{s}", r"<n>:<n>=<n>:<v>", r"\pm \sqrt{<n>}", r"|<z>|",
        r"-<len>", r"<n> !", r"0.\dot{<d>} \dot{<d>}", r"\frac{<par1>}{<par2>}=\frac{<n>}{<n>}", r"a b+b c+c a",
        r"a: b: c=<d>: <d>: <d>",
        r"\frac{1}{1+\frac{1}{1+\frac{1}{<v>}}}", r"\frac{\frac{<d>}{<v1>}-<v1>}{<v1>-<d>}", r"(<e>)(<e>)-(<e>)^{2}",
        r"<n> \% \sim <n> \%", r"\sqrt{<par1>}+\sqrt{<par2>} <le> \sqrt{<n>}", r"<par1> \cdot <par2>=<q>",
        r"<f>(<par>)=<q>",
    ]),
    "short": (3,
              ["<v>", "<q>", "<pt1> <pt2>", "<fr>", "<v>_{<d>}", "<par>^{<d>}", r"<deg>^{\circ}", "<f>(x)", r"<th>",
              "<n>", r"\sqrt{<n>}", "<v1>=<z>", "<v1>+<v2>", "<d> <v1> <v2>", r"<pt>_{1}", r"(<z>, <z>)", "<v>_{n+1}",
              r"\pi", r"-<fr>"]),
}
