r"""Marks that are small or easily taken for others: bold italic beside bold upright, staggered indices, strokes through
terms, units with their thin spaces, remainders, binomials, the signs of physics.
"""

import re
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase

from img2latex.data.templates.engine import Rule, Templates, block, chance, join, pick, polynomial
from img2latex.data.templates.layouts import piece

GREEK = block(r"""
    \alpha   \beta   \gamma   \delta   \epsilon   \theta   \lambda   \mu   \nu   \rho   \sigma   \tau   \phi   \psi
    \omega   \xi   \eta   \kappa   \varepsilon   \varphi   \chi   \zeta   \pi
""")
SPACE_TIME = [r"\mu", r"\nu", r"\lambda", r"\rho", r"\sigma", r"\alpha", r"\beta", r"\gamma", r"\kappa", *"ijklabcdmn"]

# Bold: `<bi>` is italic, `<bu>` upright, `<b>` what the formula's author uses throughout.
BOLD: dict[str, Rule] = {
    "bi": lambda rng: rf"\{rng.choice(['boldsymbol', 'boldsymbol', 'bm'])}{{{_bold_letter(rng)}}}",
    "bu": lambda rng: rf"\mathbf{{{rng.choice(ascii_letters)}}}",
    "bg": lambda rng: rf"\boldsymbol{{{rng.choice(GREEK)}}}", "b": [], "x": [*ascii_lowercase], "gk": GREEK,
    "cap": [*ascii_uppercase], "i": [*"ijknmtk012"], "t": ["t", "k", "n"], "tr": ["T", r"\top", r"\mathrm{T}",
                                                                                  r"\prime"],
    "d": [*"123456789"],
}  # fmt: skip
VECTORS = block(r"""
    <b>_{<t1>+1}=<b> <b>_{<t1>}+<b>_{<t1>}   <b>_{<t1>}=<b>_{<t1>} <b>_{<t1>}+<b>_{<t1>}   <b1>=<b2> <b3>+<b4>
    <b1>_{<t1>|<t1>-1}=<b2>_{<t1>} <b1>_{<t1>-1|<t1>-1}+<b3>_{<t1>} <b4>_{<t1>}
    \hat{<b1>}=(<b2>^{<tr>} <b2>)^{-1} <b2>^{<tr>} <b3>
    <b1>_{<t1>}=<b2>_{<t1>|<t1>-1} <b3>_{<t1>}^{<tr>} \left(<b3>_{<t1>} <b2>_{<t1>|<t1>-1} \
        <b3>_{<t1>}^{<tr>}+<b4>_{<t1>}\right)^{-1}
    <b1>\sim N(<bg>, <b2>)   <b1>\sim\mathcal{N}(<bg>, \boldsymbol{\Sigma})
    <b1> \cdot <b2>=<x1>_{1} <x2>_{1}+<x1>_{2} <x2>_{2}   <b1> \times <b2>=-<b2> \times <b1>
    \nabla \times <b1>=<b2>   \nabla \cdot <b1>=0   <b1>=m <b2>   <b1>=q(<b2>+<b3> \times <b4>)
    \frac{d <b1>}{d t}=<b2>
    \frac{\partial <b1>}{\partial t}+(<b1> \cdot \nabla) <b1>=-\frac{1}{\rho} \nabla p+\nu \nabla^{2} <b1>
    \|<b1>\|_{2}   \|<b1>-<b2>\|^{2}   |<b1>+<b2>|   f(<b1>)=<b2>^{<tr>} <b1>+<x1>   <b1>^{<tr>} <b2> <b1>>0
    <b1>=<x1> <b2>+<x2> <b3>   p(<b1> \mid <b2>)=\frac{p(<b2> \mid <b1>) p(<b1>)}{p(<b2>)}
    <b1>=\sum_{<i>} <x1>_{<i>} <b2>_{<i>}   <b1>(t)=<x1> <b2>   <bi> <bu> <x>   <bi1>=<bu1> <x>   <bu1>=<bi1>+<x>
    <bi>_{<i>}+<bu>_{<i>}   (<bi1>, <bu1>, <x1>)   <bi1>-<bu1>   \langle <bi1>, <bu1>\rangle   <bi1> \neq <bu1>
    <bi1>^{<tr>} <bu1> <bi1>   <bi>^{<d>} <bu>_{<i>}   <bi>, <bu>, <x>, <bg>   <bi>   <bu>   <bg>   <bi>_{<i>}
    <bu>_{<i>}   <bg1>=<b1> <bg2>   <bg>_{<i>}=<x1> <bg>   <x1> \in <bi>   <x>=<bi1> \cdot <bi2>   \hat{<b1>}
    \dot{<b1>}=<b2> <b1>+<b3> <b4>   <b1>=\begin{pmatrix} <x1> \\ <x2> \\ <x3> \end{pmatrix}
    <b1>=\begin{bmatrix} <x1>_{11} & <x1>_{12} \\ <x1>_{21} & <x1>_{22} \end{bmatrix}
    <b1>=(<x1>_{1}, <x1>_{2}, \ldots, <x1>_{n})^{<tr>}   \bar{<b1>}=\frac{1}{n} \sum_{i=1}^{n} <b1>_{i}
    <b1>=<b2> \boldsymbol{\Lambda} <b2>^{-1}   <b1>=<b2>_{0}+t <b3>   <b1>(<b2>)=<b3>   \int_{V} <b1> \cdot d <b2>
    \oint <b1> \cdot d <b2>=0   \boldsymbol{\nabla} \times <b1>   L(<bg1>, <b1>)=\log p(<b1> \mid <bg1>)
    <bg1>_{<t1>+1}=<bg1>_{<t1>}-\eta \nabla L(<bg1>_{<t1>})   \boldsymbol{\omega} \times <b1>
    \operatorname{Cov}(<b1>)=<b2>   \mathbb{E}[<b1>]=<bg>   \det <b1>=<d>   <b1>=\boldsymbol{0}   <b1>=\mathbf{0}
    <b1> <b1>^{-1}=\mathbf{I}   <b1>=\hat{<b2>}+<bg>
    \mathcal{L}=\frac{1}{2} <b1>^{<tr>} <b2> <b1>-<b3>^{<tr>} <b1>   <b1>_{1}, <b1>_{2}, \ldots, <b1>_{n}
""")


def _bold_letter(rng: Random) -> str:
    return rng.choice(GREEK) if chance(rng, 0.2) else rng.choice(ascii_letters)


def bold(rng: Random) -> str:
    """Vectors and matrices: all bold italic, all bold upright, or both beside plain letters."""
    habit = rng.choice(["bi", "bi", "bi", "bu", "both"])
    templates = Templates(BOLD | {"b": ["<bi>", "<bu>"] if habit == "both" else [f"<{habit}>"]})
    return templates.fill(rng, rng.choice(VECTORS))


# Units: `~` stands for the thin space, the half-high dot or nothing that the author puts between two of them.
UNITS = block(r"""
    m~s^{-1}   m~s^{-2}   m~s^{-2}   kg~m^{-3}   kg~m~s^{-2}   J~mol^{-1}   kJ~mol^{-1}   J~mol^{-1}~K^{-1}   N~m
    N~m^{-1}   Pa~s   W~m^{-2}   W~m^{-2}~K^{-4}   mol~L^{-1}   mmol~L^{-1}   µmol~L^{-1}   µg~mL^{-1}   µg~L^{-1}
    ng~mL^{-1}   mol~dm^{-3}   J~kg^{-1}~K^{-1}   N~m^{2}~kg^{-2}   C~V^{-1}   A~m^{-1}   V~m^{-1}   cm^{2}~s^{-1}
    µmol~m^{-2}~s^{-1}   kW~h   mA~h   mg~kg^{-1}   mg~dL^{-1}   J~s   eV   m~K   µW~cm^{-2}   kJ~kg^{-1}
    mL~min^{-1}   L~min^{-1}   µm~s^{-1}
""")
WHOLE = block(r"""
    µg   µm   µL   µM   µs   µA   µV   µF   µW   µmol   µg/mL   µg/L   µL/min   µg/kg   µmol/L   µm/s   µN   µH   µC
    µT   µJ   µmol/min   ms   ns   mM   nM   pM   mV   mA   kV   kHz   MHz   GHz   mm   cm   km   nm   mg   kg   ng
    mL   dL   L   kPa   MPa   hPa   kDa   Da   m/s   km/h   g/mL   mg/L   g/cm^{3}   kg/m^{3}   m/s^{2}   J/mol
    kJ/mol   N/m   W/m^{2}   mmHg   min   h   s   m   g   J   N   Pa   K   V   W   Hz   mol   T   bar   rpm   ppm
    cm^{-1}   m^{2}   cm^{3}   m^{3}   kcal   mol/L   mmol/L   mg/dL   Bq   Gy   Sv   lx   cd   dB   U/mL   IU
    cells/mL
""")
SIGNS = [r"\Omega", r"k\Omega", r"M\Omega", r"\Omega~m", "Å", "Å", r"\%", r"\%", r"^{\circ}C", r"^{\circ}C",
         r"^{\circ}", r"^{\circ}F"]  # fmt: skip
NAMES = ["m", "c", "V", "t", "d", "v", "l", "h", "I", "U", "E", "T", "p", "F", r"\lambda", r"\rho", "R", "g", "a",
         "s", "n", r"K_{\mathrm{m}}", r"K_{m}", r"K_{\mathrm{d}}", r"V_{\max}", r"\Delta H", r"\Delta G", r"\Delta T",
         r"t_{1/2}", "f", r"\mathrm{IC}_{50}", r"E_{\mathrm{a}}", "v_{0}", r"c_{1}", r"K_{\mathrm{i}}", r"C_{\max}",
         r"\tau", "r", "A"]  # fmt: skip
MICRO = [r"\mu", r"\mu", r"\upmu", r"\text{\textmu}", r"\text{\textmu}", r"\text{\textmu}", r"\text{\textmu}"]
GAPS = [r"\,", r"\,", r"\,", r"\,", r"\cdot", r"\;", r"~"]


def unit(rng: Random, gap: str, micro: str, whole: bool) -> str:
    """A unit in upright letters; with `whole` all its letters in one group, as `\\mathrm{m\\,s^{-2}}`."""
    plain = rng.choices([rng.choice(UNITS), rng.choice(WHOLE), rng.choice(SIGNS)], [5, 5, 1])[0]
    if chance(rng, 0.25):
        plain = rng.choice([text for text in UNITS + WHOLE if "µ" in text])
    if whole and "µ" not in plain and "Å" not in plain:
        return rf"\mathrm{{{plain.replace('~', f'{gap} ')}}}"
    shown = ""
    for part in re.findall(r"\^\{[^{}]*\}|\\[A-Za-z]+|\\%|[A-Za-z]+|.", plain):
        made = rf"\mathrm{{{part}}}" if part.isalpha() and part not in "µÅ" else part
        shown = join(shown, {"~": gap, "µ": micro, "Å": r"\text{\AA}"}.get(part, made))
    return shown


def amount(rng: Random) -> str:
    """A number as a laboratory has it."""
    return rng.choice([
        str(rng.randint(1, 999)), str(rng.randint(1, 99)), f"{rng.uniform(0.1, 99):.{rng.choice([1, 2])}f}",
        f"{rng.randint(1, 9)}.{rng.randint(0, 99)}\\times 10^{{{rng.choice([-12, -9, -6, -4, -3, 3, 5, 6, 8])}}}",
        f"0.{rng.randint(1, 99):02}", "9.81", f"{rng.randint(1, 99)}\\pm {rng.randint(1, 9)}",
        f"-{rng.randint(1, 300)}",
    ])  # fmt: skip


def quantity(rng: Random) -> str:
    """One to three quantities with their units, named, compared or computed with."""
    gap, micro, whole = rng.choice(GAPS), rng.choice(MICRO), chance(rng, 0.25)
    before = rng.choice([r"\,", r"\,", r"\,", r"\ ", "~", ""])
    def one() -> str:
        text = unit(rng, gap, micro, whole)
        return f"{amount(rng)}{before if text[0] != '^' else '{}'}{text}"
    name = rng.choice(NAMES)
    return rng.choices([
        one(), f"{name}={one()}", f"{name}={one()}={one()}", f"{name}\\approx {one()}", rf"\frac{{{one()}}}{{{one()}}}",
        f"{name}={rng.choice(NAMES)} {rng.choice(NAMES)}={one()}", rf"{name}=\frac{{{one()}}}{{{one()}}}={one()}",
        f"{one()}<{name}<{one()}", f"({amount(rng)}\\pm {rng.randint(1, 9)})\\,{unit(rng, gap, micro, whole)}",
        f"{name}/{unit(rng, gap, micro, False).lstrip('^')}", f"[{name}]={unit(rng, gap, micro, whole)}",
    ], [4, 8, 2, 1, 1, 1, 1, 1, 1, .5, .5])[0]  # fmt: skip


def differential(rng: Random) -> str:
    r"""An integral with its thin space: `\int f(x)\,dx`."""
    letter = rng.choice("xxxxtyzur")
    d = rng.choice(["d", "d", "d", r"\mathrm{d}"])
    gap = rng.choice([r"\,", r"\,", r"\,", "", r"\;"])
    limits = rng.choice(["", r"_{0}^{\infty}", "_{0}^{1}", "_{a}^{b}", r"_{-\infty}^{\infty}", r"_{0}^{2\pi}",
                         r"_{\Omega}"])
    body = rng.choice([piece(rng, 12), f"f({letter})", f"{letter}^{{{rng.randint(2, 9)}}}", rf"e^{{-{letter}^{{2}}}}"])
    head = rng.choice(["", "I=", "F(x)=", "A="])
    return join(join(rf"{head}\int{limits} {body}{gap}", d), letter)


def _indices(rng: Random, letters: list[str]) -> str:
    """Two to four indices, up and down, one after the other, each group with its own place."""
    groups, text = rng.choice([2, 2, 2, 3]), ""
    up = chance(rng, 0.6)
    for k in range(groups):
        inner = " ".join(rng.choice(letters) for _ in range(rng.choice([1, 1, 1, 2])))
        text += ("{}" if k else "") + f"{'^' if up else '_'}{{{inner}}}"
        up = not up
    return text


def tensor(rng: Random) -> str:
    """Tensors with staggered indices, beside some whose indices stand above each other."""
    letters = rng.sample(SPACE_TIME, rng.choice([3, 4, 4]))
    def one() -> str:
        base = rng.choice(["T", "F", "R", "g", r"\Gamma", r"\Lambda", "A", "S", r"\epsilon", r"\delta", "M", "t", "C",
                           r"\omega", "G", "B", "h", r"\Sigma", r"\Gamma", "R", r"\mathbf{T}", r"\tilde{R}", "K",
                           r"\eta"])  # fmt: skip
        kind = rng.random()
        if kind < 0.7:
            return base + _indices(rng, letters)
        a, b, c = (rng.choice(letters) for _ in range(3))
        return base + rng.choice([f"^{{{a}}}_{{{b}}}", f"_{{{a} {b}}}", f"^{{{a} {b}}}", f"^{{{a}}}_{{{b} {c}}}"])
    return rng.choice([
        lambda: one(), lambda: one(), lambda: f"{one()}={one()} {one()}", lambda: f"{one()} {one()}",
        lambda: f"{one()}={one()}", lambda: f"{one()}+{one()}=0", lambda: christoffel(rng), lambda: christoffel(rng),
        lambda: rf"\nabla_{{{letters[0]}}} {one()}=\partial_{{{letters[0]}}} {one()}+{one()} {one()}",
        lambda: f"{one()}=-{one()}", lambda: rf"x^{{\prime {letters[0]}}}={one()} x^{{{letters[1]}}}",
        lambda: one() + "-" + rng.choice(["", r"\frac{1}{2}"]) + f"{one()}={one()}",
    ])()  # fmt: skip


def christoffel(rng: Random) -> str:
    """Connection and curvature, staggered or not, in the letters of one author."""
    a, b, c, d, e = rng.sample(SPACE_TIME, 5)
    staggered = chance(rng, 0.75)
    up = lambda x, y: f"^{{{x}}}{'{}' if staggered else ''}_{{{y}}}"  # noqa: E731
    comma = chance(rng, 0.2)
    def derived(by: str, one: str, two: str) -> str:
        if comma:
            return f"g_{{{one} {two}, {by}}}"
        return rf"\partial_{{{by}}} g_{{{one} {two}}}"
    left, right = rng.choice([("(", ")"), (r"\left(", r"\right)"), ("[", "]")])
    gamma = lambda x, y, z: rf"\Gamma{up(x, f'{y} {z}')}"  # noqa: E731
    curvature = rf"R{up(d, f'{a} {b} {c}')}=\partial_{{{b}}} {gamma(d, c, a)}-\partial_{{{c}}} {gamma(d, b, a)}"
    metric = f"{left}{derived(b, c, d)}+{derived(c, b, d)}-{derived(d, b, c)}{right}"
    speed = [rf"\frac{{d x^{{{index}}}}}{{d \tau}}" for index in (b, c)]
    return rng.choice([
        rf"{gamma(a, b, c)}=\frac{{1}}{{2}} g^{{{a} {d}}}{metric}",
        rf"{gamma(a, b, c)}=\frac{{1}}{{2}} g^{{{a} {d}}}{metric}",
        curvature, f"{curvature}+{gamma(d, b, e)} {gamma(e, c, a)}-{gamma(d, c, e)} {gamma(e, b, a)}",
        rf"\frac{{d^{{2}} x^{{{a}}}}}{{d \tau^{{2}}}}+{gamma(a, b, c)} {speed[0]} {speed[1]}=0",
        rf"R_{{{a} {b}}}=R{up(c, f'{a} {c} {b}')}", f"{gamma(a, b, c)}={gamma(a, c, b)}",
        rf"\nabla_{{{a}}} V^{{{b}}}=\partial_{{{a}}} V^{{{b}}}+{gamma(b, a, c)} V^{{{c}}}",
    ])  # fmt: skip


def struck(rng: Random) -> str:
    """Terms that cancel out, factors struck out of a fraction, digits, whole brackets."""
    stroke = rng.choice([r"\cancel"] * 6 + [r"\bcancel", r"\xcancel"])
    def out(text: str) -> str:
        return f"{stroke}{{{text}}}"
    letter = rng.choice("xxxxyabnt")
    a, b, c = rng.sample(range(1, 10), 3)
    n, m, k = rng.randint(2, 12), rng.randint(2, 12), rng.randint(2, 12)
    power, part = f"{letter}^{{{rng.randint(2, 5)}}}", piece(rng, 6)
    bracket = f"({letter}{rng.choice('+-')}{a})"
    other, left = f"({letter}{rng.choice('+-')}{b})", f"{letter}-{c}"
    mark, km, pi = rng.choice("abcmn"), out(r"\mathrm{km}"), out(r"\pi")
    part_of_one = out(rf"\frac{{{a}}}{{{b}}}")
    return rng.choice([
        rf"\frac{{{out(bracket)} {other}}}{{{out(bracket)}}}={letter}",
        rf"\frac{{{other} {out(bracket)}}}{{{out(bracket)}}}",
        rf"\frac{{{out(bracket)}({left})}}{{{out(bracket)} {other}}}=\frac{{{left}}}{{{other[1:-1]}}}",
        f"{out(power)}+{n} {letter}-{out(power)}={n} {letter}",
        f"{power}+{out(f'{n} {letter}')}-{out(f'{n} {letter}')}+{m}",
        rf"\frac{{{out(str(n * k))}^{{{n}}}}}{{{out(str(m * k))}_{{{m}}}}}",
        rf"\frac{{{out(str(k))} \cdot {n}}}{{{out(str(k))} \cdot {m}}}=\frac{{{n}}}{{{m}}}",
        rf"\frac{{{out(mark)} {letter}}}{{{out(mark)} y}}",
        rf"{n}\,{km} \times \frac{{{m}\,\mathrm{{m}}}}{{{km}}}", f"{out(part)}+{a}-{out(part)}={a}",
        f"{a} {letter}+{out(str(b))}={c}+{out(str(b))}",
        rf"\frac{{{n} {out(letter)}}}{{{out(letter)}}}={n}",
        rf"\frac{{{n} {letter}^{{{out('3')}2}}}}{{{m} {out(letter)}}}",
        rf"\frac{{{out(power)}}}{{{out(power)}({letter}+{a})}}",
        f"{letter}^{{2}}-{out(f'{a} {letter}')}+{out(f'{a} {letter}')}-{a * a}",
        rf"\lim_{{{letter} \to {c}}} \frac{{{out(f'({left})')} {other}}}{{{out(f'({left})')}}}",
        rf"\frac{{{n}!}}{{{m}!}}=\frac{{{n} \cdot {out(f'{m}!')}}}{{{out(f'{m}!')}}}",
        rf"{out(letter)}^{{{out('2')}}} {mark}",
        rf"\frac{{{a} {pi} r^{{{out('2')}}}}}{{{pi} {out('r')}}}",
        f"{out(polynomial([1, a, b], letter))}=0",
        rf"\boxed{{{letter}={a}}}, \quad {out(f'{letter}=-{b}')}", rf"{letter}=\boxed{{{part}}}",
        out(f"{letter}={a}"),
        rf"{out(bracket)}^{{{out('2')}}}=\boxed{{{bracket}}}", rf"{a}+\boxed{{{b}}}={a + b}",
        out(bracket),
        rf"{part_of_one} {letter}={part_of_one} {mark}", f"{a}-{out(str(c))}+{out(str(c))}={a}",
    ])  # fmt: skip


DISCRETE: dict[str, Rule] = {
    "a": [*"abcxynkmpqr"], "x": [*"xyzabpqt", r"\theta", r"\mathbf{x}", r"\beta"], "n": [*"nNmMkK"], "k": [*"kirjmlp"],
    "d": [*"23456789"], "num": lambda rng: str(rng.randint(0, 120)),
    "m": lambda rng: rng.choice([*"mnpqMN", str(rng.randint(2, 29))]),
    "set": [r"\mathcal{X}", "X", "C", r"\mathbb{R}", r"\Theta", r"\{1,\ldots,n\}", "S", r"\Omega", r"\mathbb{R}^{n}",
            r"\mathcal{Y}"],
    "f": ["f(<x1>)", "L(<x1>)", "p(<x1> \\mid y)", r"\sum_{i} \ell(<x1>, y_{i})", r"\|<x1>-y\|^{2}", "Q(s, a)",
          "g(<x1>)", r"\log p(x;\theta)", r"P(y \mid <x1>)", "F"],
    "best": [r"\operatorname*{arg\,max}", r"\operatorname*{arg\,min}", r"\operatorname*{argmax}",
             r"\operatorname*{argmin}", r"\arg\max", r"\arg\min", r"\operatorname*{arg\,max}",
             r"\operatorname*{arg\,min}"],
    "choose": [(5, r"\binom{<n1>}{<k1>}"), (2, r"\binom{<n1>+<k1>}{<k1>}"), (1, r"\binom{<n1>-1}{<k1>-1}"),
               (2, r"\binom{<num>}{<d>}"), (1, r"\binom{2<n1>}{<n1>}"), (1, r"\tbinom{<n1>}{<k1>}"),
               (1, r"\dbinom{<n1>}{<k1>}"), (1, r"\binom{<n1>}{<d1>}"), (1, r"\tbinom{<d1>}{<d2>}")],
}  # fmt: skip
MODULAR = block(r"""
    <a1> \equiv <a2> \pmod{<m>}   <a1> \equiv <num> \pmod{<m>}   <num> \equiv <num> \pmod{<m>}
    <a1>^{<m1>-1} \equiv 1 \pmod{<m1>}   <a1> \bmod <m>   <num> \bmod <m>=<d>   <a1>=<num> \bmod <m>
    <d> <a1> \equiv <num> \pmod{<m>}   <a1>^{<d>} \not\equiv <a2> \pmod{<m>}   (<a1>+<a2>) \bmod <m>
    <a1>^{2} \equiv -1 \pmod{4}   c \pmod{4}   <a1> \pmod{<m>}   <a1> \equiv <a2> \pmod{<m1>^{2}}
    (<a1> \bmod <m1>)+(<a2> \bmod <m1>)   <a1> \equiv <a2>^{<a1>} \pmod{<m1> <m2>}   h(<a1>)=<a1> \bmod <m>
    2^{<num>} \bmod <d>   <a1>_{n+1}=(<d> <a1>_{n}+<num>) \bmod <m>   a \equiv b \bmod <m>
""")
CHOOSING = block(r"""
    <choose>   <choose>   <choose>=<choose>   <choose>+<choose>
    (<a1>+<a2>)^{<n1>}=\sum_{<k1>=0}^{<n1>}\binom{<n1>}{<k1>} <a1>^{<n1>-<k1>} <a2>^{<k1>}
    \binom{<n1>}{<k1>}=\frac{<n1>!}{<k1>!(<n1>-<k1>)!}   P(X=<k1>)=\binom{<n1>}{<k1>} p^{<k1>}(1-p)^{<n1>-<k1>}
    \frac{<choose>}{<choose>}   2^{<choose>}   \sum_{<k1>}(-1)^{<k1>}\binom{<n1>}{<k1>}=0
    \frac{\binom{<d>}{<d>}\binom{<num>}{<d>}}{\binom{<num>}{<d>}}   <d> \cdot <choose>   \binom{<num>}{<d>}=<num>
    x^{\binom{<n1>}{2}}   <a1>_{\binom{<n1>}{<k1>}}   \left(\frac{<n1>}{<k1>}\right)
    \binom{<n1>}{<k1>} \text{ ways}
""")
BEST = block(r"""
    \hat{<x1>}=<best>_{<x1> \in <set>} <f>   <best>_{<x1>} <f>   <x1>^{*}=<best>_{<x1>} <f>
    <x1>^{*} \in <best>_{<x1> \in <set>} <f>   \hat{y}=<best>_{y \in <set>} P(y \mid x)   \pi(s)=<best>_{a} Q(s, a)
    \hat{\theta}_{\mathrm{ML}}=<best>_{\theta} \prod_{i=1}^{n} p(x_{i} \mid \theta)   \max_{<x1> \in <set>} <f>
    \min_{<x1>} <f>   <best>_{k} \|x-\mu_{k}\|
""")
CHOICES = Templates(DISCRETE)

PHYSICS: dict[str, Rule] = {
    "v": lambda rng: rf"\vec{{{rng.choice('rvpFEBAabuxLjSkn')}}}", "psi": [r"\psi", r"\Psi", r"\phi", r"\varphi",
                                                                           r"\chi", r"\psi_{n}", r"\Psi_{0}",
                                                                           r"\psi^{*}"],
    "op": [r"\hat{H}", r"\hat{p}", r"\hat{x}", r"\hat{A}", r"\hat{a}", r"\hat{a}^{\dagger}", r"\hat{L}_{z}",
           r"\mathcal{H}", r"\hat{B}", "H", r"\hat{S}"],
    "ket": [r"|<psi>\rangle", r"|<n>\rangle", r"|0\rangle", r"|1\rangle", r"|+\rangle", r"|\uparrow\rangle",
            r"|<n>, <m>\rangle", r"|\alpha\rangle"],
    "bra": [r"\langle<psi>|", r"\langle <n>|", r"\langle 0|", r"\langle \beta|"], "n": [*"nmkjl01"], "m": [*"mlspq"],
    "q": [*"xyztrq", r"\theta"],
    "f": ["u", "f", "T", r"\phi", r"\psi", "V", "E", "B", r"\rho", "S"],
    "scr": lambda rng: rf"\{rng.choice(['mathcal', 'mathscr'])}{{{rng.choice('LHEFPSADJMN')}}}",
    "gk": GREEK, "d": ["1", "2", "5", "v"], "dot": [r"\dot{<moved>}", r"\ddot{<moved>}"],
    "moved": ["x", "q", "r", r"\theta", r"\phi", "y", "z", "p", "m"],
}  # fmt: skip
PHYSICS_LINES = block(r"""
    i \hbar \frac{\partial}{\partial t} <psi1>=<op> <psi1>
    -\frac{\hbar^{2}}{2 m} \nabla^{2} <psi1>+V <psi1>=E <psi1>   <op> <ket>=E <ket>
    \langle <psi1>|<op>|<psi1>\rangle   [<op1>, <op2>]=i \hbar   \langle <psi1>|<psi2>\rangle=<n>
    <op1>=-i \hbar \frac{\partial}{\partial <q>}   <op>=-i \hbar \nabla   \nabla \cdot <v>=0
    \nabla \times <v1>=-\frac{\partial <v2>}{\partial t}
    \frac{\partial^{2} <f1>}{\partial <q1>^{2}}=\frac{1}{c^{2}} \frac{\partial^{2} <f1>}{\partial t^{2}}
    \frac{\partial <f1>}{\partial t}=D \nabla^{2} <f1>
    \nabla <f1>=\left(\frac{\partial <f1>}{\partial x}, \frac{\partial <f1>}{\partial y}\right)   <v1>=m <v2>
    <v1>=q(<v2>+<v3> \times <v4>)   <v1> \cdot <v2>=0   <v1>=<v2> \times <v3>   \frac{d <v1>}{d t}=<v2>   <scr>=T-V
    \frac{d}{d t} \frac{\partial <scr1>}{\partial \dot{q}}-\frac{\partial <scr1>}{\partial q}=0
    <dot1>+\omega^{2} x=0   m <dot>=-k x   <dot1>=-\frac{\partial H}{\partial q}
    \ddot{x}+2 \gamma \dot{x}+\omega_{0}^{2} x=0   \ddot{\theta}=-\frac{g}{l} \sin \theta   E=\hbar \omega   E=h \nu
    p=\hbar k   \lambda=\frac{h}{p}   \Delta x \Delta p \geq \frac{\hbar}{2}
    E_{n}=\hbar \omega \left(n+\frac{1}{2}\right)   <ket>=\frac{1}{\sqrt{2}}(<ket>+<ket>)   <bra> <op> <ket>
    |<n>\rangle \langle <n>|   \sum_{n}|n\rangle \langle n|=1   \partial_{<gk1>} <f>
    \partial_{\mu} F^{\mu \nu}=J^{\nu}   \partial_{t} <f1>+\partial_{x} <f1>=0   \frac{\partial <f1>}{\partial <q1>}
    \frac{\partial^{2} <f1>}{\partial <q1> \partial <q2>}   \nabla^{2} <f1>=<gk>   \nabla <f1>   \Box \phi=0
    \oint <v1> \cdot d <v2>=\mu_{0} I   \iint <v1> \cdot d <v2>=\frac{Q}{\varepsilon_{0}}
    \nabla \times <v1>=\mu_{0} <v2>+\mu_{0} \varepsilon_{0} \frac{\partial <v3>}{\partial t}   |<psi1>|^{2}
    \langle <q>\rangle   \langle <q1>^{2}\rangle-\langle <q1>\rangle^{2}   <psi1>(x, t)=A e^{i(k x-\omega t)}
    <psi1>(<v1>)   \int|<psi1>|^{2} d^{3} r=1   <op> <psi1>   (i \gamma^{\mu} \partial_{\mu}-m) <psi1>=0
    <scr>[<f>]   <scr>=-\frac{1}{4} F_{\mu \nu} F^{\mu \nu}   a_{\pm}=\sqrt{\frac{m \omega}{2 \hbar}}
    \bar{<psi1>} \gamma^{\mu} <psi1>   <ket> \otimes <ket>   S=\int <scr> d t   \delta S=0   <v1>(t)=<v1>_{0}+<v2> t
    \hat{<m>}   \ell(\ell+1) \hbar^{2}   m_{\ell} \hbar   \psi_{n \ell m}(r, \theta, \varphi)
    \nabla \phi \cdot \hat{n}   \frac{\partial \rho}{\partial t}+\nabla \cdot <v1>=0   <v1>=-\nabla \phi   k_{B} T
    \frac{1}{2} m \dot{x}^{2}   \dot{Q}=-k A \frac{d T}{d x}   <v1>_{1}+<v1>_{2}   |<v1>|=<d>   \overrightarrow{A B}
    \hbar=\frac{h}{2 \pi}   <gk1>=\frac{\partial <f1>}{\partial <gk2>}
""")
FIELD = Templates(PHYSICS)

CATEGORIES: dict[str, Rule] = {
    "bold": bold, "quantity": quantity, "differential": differential, "tensor": tensor, "struck": struck,
    "modular": lambda rng: CHOICES.fill(rng, pick(rng, MODULAR)),
    "binomial": lambda rng: CHOICES.fill(rng, pick(rng, CHOOSING)),
    "best": lambda rng: CHOICES.fill(rng, pick(rng, BEST)),
    "physics": lambda rng: FIELD.fill(rng, pick(rng, PHYSICS_LINES)),
}  # fmt: skip
