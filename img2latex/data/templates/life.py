"""All of school biology together: genetics and molecules, quantities, ecology and physiology."""

import re
from fractions import Fraction
from math import log10
from random import Random

from img2latex.data.templates import genetics, molecules
from img2latex.data.templates.algebra import decimal, digit, whole
from img2latex.data.templates.engine import Rule, Templates, block, chance, number, plain

UNITS = {
    r"\mathrm{mL}": 20, r"\mathrm{h}": 8, r"\mu \mathrm{L}": 6, r"\mathrm{cm}": 8, r"\mathrm{min}": 8,
    r"\mathrm{mol} / \mathrm{L}": 8,
    r"\mathrm{J}": 8, r"\mathrm{g}": 8, r"\mathrm{nm}": 5, r"\mathrm{mg}": 5, r"\mathrm{m}": 4, r"\mathrm{kg}": 4,
    r"\mathrm{mm}": 4,
    r"\mu \mathrm{m}": 5, r"\mathrm{L}": 3, r"\mathrm{s}": 3, r"\mathrm{d}": 3, r"\mathrm{km}^{2}": 2,
    r"\mathrm{hm}^{2}": 2,
    r"\mathrm{mmol} / \mathrm{L}": 4, r"\mathrm{mg} / \mathrm{L}": 3, r"\mathrm{g} / \mathrm{L}": 2, r"\mathrm{kJ}": 4,
    r"\mathrm{lx}": 2,
    r"\mathrm{mmHg}": 2, r"\mathrm{kPa}": 2, r"\mathrm{mV}": 4, r"\mathrm{ppm}": 2, r"\mathrm{bp}": 3,
    r"\mathrm{kb}": 2, r"\mathrm{kDa}": 2,
    r"\mathrm{mol} \cdot \mathrm{L}^{-1}": 4, r"\mu \mathrm{mol} \cdot \mathrm{m}^{-2} \cdot \mathrm{s}^{-1}": 4,
    r"\mathrm{r} / \mathrm{min}": 2,
    r"\mathrm{mg} \cdot \mathrm{kg}^{-1}": 2, r"\mathrm{kJ} /\left(\mathrm{m}^{2} \cdot \mathrm{a}\right)": 2,
    r"\mathrm{mg} / \mathrm{h}": 3,
    r"\mu \mathrm{g} / \mathrm{mL}": 2, r"\mathrm{m}^{2}": 2, r"\mathrm{kcal}": 1, r"\Omega": 0.5, r"\mathrm{Hz}": 1,
    r"\mathrm{MPa}": 1,
    r"\mathrm{mg} \cdot \mathrm{dm}^{-2} \cdot \mathrm{h}^{-1}": 2, r"\mathrm{U} / \mathrm{mL}": 1, r"\mathrm{Bq}": 0.5,
}  # fmt: skip


def amount(rng: Random) -> str:
    """A number as a laboratory or field book has it."""
    return rng.choice([
        str(rng.randint(1, 60)), str(rng.randint(1, 9) * 10 ** rng.randint(1, 3)), decimal(rng),
        f"0.{rng.randint(1, 9)}",
        f"{rng.randint(1, 9)}.{rng.randint(0, 9)}",
        rf"{rng.randint(1, 9)}.{rng.randint(0, 9)} \times 10^{{{rng.choice([-9, -6, -4, -3, 3, 4, 5, 6, 8])}}}",
    ])


NAMED = [("V", r"\mathrm{mL}"), ("V", r"\mathrm{L}"), ("m", r"\mathrm{g}"), ("m", r"\mathrm{kg}"),
         ("t", r"\mathrm{h}"), ("t", r"\mathrm{min}"),
         ("t", r"\mathrm{s}"), ("L", r"\mathrm{cm}"), ("d", r"\mu \mathrm{m}"), ("c", r"\mathrm{mol} / \mathrm{L}"),
         ("E", r"\mathrm{kJ}")]


def quantity(rng: Random) -> str:
    """A number or a range with its unit, sometimes named."""
    unit, low = rng.choices(list(UNITS), list(UNITS.values()))[0], rng.randint(1, 60)
    name, its_unit = rng.choice(NAMED)
    lines = [
        f"{amount(rng)} {unit}", rf"{low} \sim {low + rng.randint(1, 60)} {unit}", f"{name}={amount(rng)} {its_unit}",
        rf"\geqslant {amount(rng)} {unit}", rf"{low} \pm {rng.randint(1, 9) / 10} {unit}",
        rf"{low} \mathrm{{mg}} /\left(100 \mathrm{{cm}}^{{2}} \cdot \mathrm{{h}}\right)",
        rf"{low} {its_unit} \times 3={3 * low} {its_unit}",
    ]
    line = rng.choices(lines, [8, 3, 2, 0.7, 1, 0.3, 0.3])[0]
    return re.sub(r"(?<=\d) \\mathrm\{", r" \\mathrm{~", line) if chance(rng, 0.3) else line


def percent(rng: Random) -> str:
    """A percentage, a range of them, or one computed."""
    n, whole_ = rng.randint(1, 100), rng.randint(1, 40) * 25
    share = Fraction(rng.randint(1, whole_), whole_)
    top = rng.randint(1, 90)
    return rng.choices(
        [rf"{n} \%", rf"{rng.choice(['0.9', decimal(rng), '13.51', '0.01'])} \%",
        rf"{top} \% \sim {top + rng.randint(1, 10)} \%",
         rf"\frac{{{share.numerator}}}{{{share.denominator}}} \times 100 \%={plain(round(float(share * 100), 2))} \%"
         if (share * 10000).denominator == 1 else rf"{n / 10} \%",
         rf"{n} \%+{100 - n} \%=100 \%", rf"(1-{n} \%) \times {whole_}={plain(Fraction(whole_ * (100 - n), 100))}",
         rf"<{n} \%", rf"\mathrm{{{rng.choice('ATGC')}}}={n} \%"],
        [6, 3, 2, 3, 0.6, 1, 0.4, 1],
    )[0]


def temperature(rng: Random) -> str:
    """Degrees Celsius."""
    low = rng.choice([37, 37, 37, 25, 25, 0, 4, 10, 18, 30, 40, 50, 55, 72, 90, 94, 95, 100, 121,
    rng.randint(-80, 100)])
    degree = r"^{\circ} \mathrm{C}"
    return rng.choices(
        [low_ := f"{low}{degree}", rf"{low} \sim {low + rng.randint(1, 15)}{degree}", f"T={low_}",
        rf"{low}.{rng.randint(1, 9)}{degree}",
         rf"{low}{degree}, {rng.randint(1, 60)} \mathrm{{{rng.choice(['min', 's', 'h'])}}}", rf"{low} \pm 1{degree}",
         rf"{low}^{{\circ}}"],
        [6, 3, 0.6, 1, 1.5, 0.4, 0.4],
    )[0]


# The other label of a famous experiment.
TRITIUM = r"^{3} \mathrm{H}"
PARTNERS = {"P": r"^{35} \mathrm{S}", "S": r"^{32} \mathrm{P}", "N": r"^{14} \mathrm{N}", "O": r"^{14} \mathrm{C}"}


def isotope(rng: Random) -> str:
    """A labelled atom or molecule."""
    mass, symbol = rng.choice([(32, "P"), (32, "P"), (15, "N"), (15, "N"), (14, "N"), (14, "C"), (14, "C"), (35, "S"),
    (35, "S"), (18, "O"), (18, "O"), (3, "H"), (13, "C"),
                               (131, "I"), (2, "H"), (60, "Co"), (40, "K"), (12, "C"), (90, "Sr")])
    label = rng.choice(["", "{ }"]) + rf"^{{{mass}}} \mathrm{{{symbol}}}"
    heads = {"C": [r"\mathrm{O}_{2}", r"_{6} \mathrm{H}_{12} \mathrm{O}_{6}", r"\mathrm{H}_{4}"],
             "N": [r"\mathrm{H}_{4} \mathrm{Cl}", r"\mathrm{H}_{3}", r"\mathrm{H}_{4}^{+}", r"_{2}",
                   "-" + r"\mathrm{DNA}"],
             "O": ["_{2}"], "H": [r"_{2} \mathrm{O}", r"-\text{leucine}"],
                   "P": [r"\text{-DNA}", r"\mathrm{O}_{4}^{3-}"], "S": [r"\text{-protein}"]}
    other = rng.choice(["14", "15"])
    return rng.choice([
        label, label, label + rng.choice(heads.get(symbol, [""])), label + rng.choice(heads.get(symbol, [""])),
        rf"{label}, {PARTNERS.get(symbol, TRITIUM)}",
        rf"^{{{other}}} \mathrm{{N}} /^{{{other}}} \mathrm{{N}}-\mathrm{{DNA}}",
        r"^{15} \mathrm{N} /^{14} \mathrm{N}-\mathrm{DNA}",
        r"\mathrm{H}_{2}^{18} \mathrm{O}", r"\mathrm{C}^{18} \mathrm{O}_{2}", r"[\mathrm{H}]",
        rf"{rng.choice([4, 12, 20, 24])}[\mathrm{{H}}]", r"^{18} \mathrm{O}_{2}",
        rf"T_{{1 / 2}}={rng.randint(2, 60)} \mathrm{{d}}",
    ])  # fmt: skip


def strand(rng: Random) -> str:
    """Bases in a row, with their ends; a strand and its complement; amino acids."""
    bases = "".join(rng.choice("ATGC") for _ in range(rng.randint(3, 12)))
    rna = bases.replace("T", "U")
    partner = bases.translate(str.maketrans("ATGC", "TACG"))
    amino = rng.sample("Met Ala Gly Ser Leu Lys Phe Val Pro Thr Tyr Cys His Gln Asn Asp Glu Arg Trp Ile".split(), 3)
    return rng.choice([
        rf"5^{{\prime}}-\mathrm{{{bases}}}-3^{{\prime}}", rf"3^{{\prime}}-\mathrm{{{partner}}}-5^{{\prime}}",
        rf"\mathrm{{{rna[:3]}}}",
        rf"\begin{{aligned}} & 5^{{\prime}}-\mathrm{{{bases}}}-3^{{\prime}} \\ "
        rf"& 3^{{\prime}}-\mathrm{{{partner}}}-5^{{\prime}} \end{{aligned}}",
        rf"5^{{\prime}} \cdots \mathrm{{{bases}}} \cdots 3^{{\prime}}", rf"\mathrm{{{rna}}}",
        rf"\mathrm{{{'-'.join(amino)}}}",
        rf"5^{{\prime}}-\mathrm{{{bases[:4]}}} \downarrow \mathrm{{{bases[4:] or 'A'}}}-3^{{\prime}}",
        r"5^{\prime} \rightarrow 3^{\prime}",
        rf"\frac{{\mathrm{{A}}+\mathrm{{T}}}}{{\mathrm{{G}}+\mathrm{{C}}}}={rng.choice(['', '0.'])}{rng.randint(1, 9)}",
    ])


def nucleic(rng: Random) -> str:
    """Counts of bases, copies, bonds and masses, computed."""
    pairs, a = rng.randint(1, 20) * 100, rng.randint(5, 45)
    g, n, m = 50 - a, rng.randint(2, 8), rng.randint(10, 900)
    acids, chains = rng.randint(20, 600), rng.randint(1, 4)
    return rng.choice([
        rf"\mathrm{{A}}=\mathrm{{T}}={a} \%, \mathrm{{G}}=\mathrm{{C}}={g} \%",
        rf"\mathrm{{G}}=\frac{{{2 * pairs}-2 \times {pairs * a // 50}}}{{2}}={pairs - pairs * a // 50}",
        rf"\left(2^{{{n}}}-1\right) \times {m}={(2**n - 1) * m}",
        rf"2^{{{n - 1}}} \times {m}={2 ** (n - 1) * m}",
        rf"\frac{{2}}{{2^{{{n}}}}}=\frac{{1}}{{{2 ** (n - 1)}}}" if n > 2 else r"\frac{2}{2^{n}}",
        rf"{acids}-{chains}={acids - chains}",
        rf"{acids} \times 128-18 \times({acids}-{chains})={acids * 128 - 18 * (acids - chains)}",
        r"a n-18(n-m)", r"18(n-m)", r"\left(2^{n}-1\right) m", r"2^{n-1} m", "n-m", rf"{acids} \times 6={acids * 6}",
        rf"\frac{{{acids * 3}}}{{3}}={acids}",
        r"\mathrm{A}+\mathrm{G}=\mathrm{T}+\mathrm{C}", r"\frac{\mathrm{A}+\mathrm{G}}{\mathrm{T}+\mathrm{C}}=1",
        r"\frac{\mathrm{A}_{1}+\mathrm{T}_{1}}{\mathrm{G}_{1}+\mathrm{C}_{1}}=k",
        rf"4^{{{n}}}={4**n}", rf"2^{{{n}}}={2**n}", rf"20^{{{n}}}",
        rf"N=N_{{0}} \times 2^{{{n}}}={m} \times 2^{{{n}}}={m * 2**n}",
    ])


def acidity(rng: Random) -> str:
    """pH values and their definition."""
    low = rng.randint(10, 75) / 10
    n = rng.randint(2, 12)
    ph = rng.choice([r"\mathrm{pH}", r"\mathrm{pH}", "p H"])
    strong = rng.randint(2, 9)
    return rng.choice([
        f"{ph}={rng.choice(['7.4', '7.35', '6.8', '7', str(low)])}",
        rf"{ph}={low} \sim {round(low + rng.randint(1, 15) / 10, 1)}",
        rf"{ph}=-\lg c\left(\mathrm{{H}}^{{+}}\right)", rf"{ph}=-\log _{{10}}\left[\mathrm{{H}}^{{+}}\right]",
        rf"\left[\mathrm{{H}}^{{+}}\right]=10^{{-{n}}}, {ph}={n}",
        rf"{ph}=-\lg \left({strong} \times 10^{{-{n}}}\right)={plain(round(n - log10(strong), 2))}",
        rf"{ph}=p K_{{a}}+\lg \frac{{\left[\mathrm{{A}}^{{-}}\right]}}{{[\mathrm{{HA}}]}}",
        rf"{ph}>{rng.randint(7, 12)}",
        r"K_{w}=\left[\mathrm{H}^{+}\right]\left[\mathrm{OH}^{-}\right]=10^{-14}",
        rf"\Delta {ph}={low / 10:.2f}",
    ])


def field_work(rng: Random) -> str:
    """Populations counted and energy passed on, computed."""
    marked, again, found = rng.randint(20, 120), rng.randint(20, 90), rng.randint(2, 15)
    caught = again * found
    up, share = rng.randint(2, 90) * 100, rng.randint(8, 25)
    births, deaths = rng.randint(5, 60), rng.randint(2, 50)
    counts = [rng.randint(1, 60) for _ in range(rng.randint(3, 5))]
    years, start, growth = rng.randint(2, 9), rng.randint(2, 90), rng.choice(["1.2", "1.5", "2", "0.8"])
    cells, power = rng.randint(20, 300), rng.randint(3, 7)
    return rng.choice([
        rf"N=\frac{{M \times n}}{{m}}=\frac{{{marked} \times {caught}}}{{{found}}}={marked * again}",
        rf"\frac{{{up * share // 100}}}{{{up}}} \times 100 \%={share} \%",
        rf"{up} \times {share} \%={up * share // 100}",
        rf"r=b-d={births} \%-{deaths} \%={births - deaths} \%",
        rf"\frac{{{'+'.join(map(str, counts))}}}{{{len(counts)}}}={number(Fraction(sum(counts), len(counts)))}",
        rf"N_{{{years}}}={start} \times {growth}^{{{years}}}",
        rf"{cells} \div 80 \times 400 \times 10^{{4}}={cells * 5} \times 10^{{4}}",
        rf"\frac{{{rng.randint(2, 50)}}}{{20 \%}}", rf"\frac{{1}}{{(10 \%)^{{{rng.randint(1, 3)}}}}}",
        rf"K / 2={up // 2}", rf"K={up}", r"\frac{C}{V} \times M",
        rf"\frac{{{cells}}}{{0.1}} \times 10^{{{power}}}={cells} \times 10^{{{power + 1}}}",
        rf"{cells} \times 10^{{{power}}}",
        rf"{10 * rng.randint(1, 60)} \times {10 * rng.choice([1, 4])}",
    ])


WORDS: dict[str, Rule] = {
    "digit": digit, "n": whole, "dec": decimal,
    "sp": [r"N", "x", "P", "C", "B", "R"],
    "gk": [r"\alpha", r"\beta", r"\gamma", r"\mu", r"\lambda", r"\sigma", r"\delta", r"\kappa", r"\theta", r"\eta",
           r"\varepsilon"],
    "i": ["i", "j", "k", "1", "2", "t", "n"],
    "ion": [r"\mathrm{K}^{+}", r"\mathrm{Na}^{+}", r"\mathrm{Ca}^{2+}", r"\mathrm{Cl}^{-}"],
    "gene": [r"\mathrm{HTT}", r"\mathrm{BRCA1}", r"\mathrm{CFTR}", r"\mathrm{TP53}", r"\mathrm{HBB}", r"\mathrm{APOE}",
             r"\mathrm{SRY}", r"\mathrm{FMR1}", r"\mathrm{ADE2}", r"\mathrm{ADH1}", r"\mathrm{ACT1}"],
    "energy": molecules.WORDS["energy"], "arrow": molecules.WORDS["arrow"], "condition": molecules.WORDS["condition"],
    "starch": molecules.WORDS["starch"], "product": molecules.WORDS["product"], "chain": molecules.WORDS["chain"],
}  # fmt: skip

CATEGORIES: dict[str, tuple[float, Rule]] = genetics.CATEGORIES | {
    "molecule": (8, molecules.molecule),
    "ion": (4, molecules.ion),
    "reaction": (10, molecules.reaction),
    "scheme": (3, molecules.SCHEMES),
    "quantity": (6, quantity),
    "percent": (3, percent),
    "temperature": (3, temperature),
    "isotope": (3, isotope),
    "strand": (3, strand),
    "nucleic": (4, nucleic),
    "acidity": (2, acidity),
    "field-work": (3, field_work),
    "ecology": (4, block(r"""
        N_{t}=N_{0} \lambda^{t}   N_{t}=N_{0} \times <dec>^{<digit>}
        \frac{d <sp1>}{d t}=r <sp1>\left(1-\frac{<sp1>}{K}\right)   \frac{d N}{d t}=r N   N(t)=N_{0} \mathrm{e}^{r t}
        N(t)=\frac{K}{1+\mathrm{e}^{a-r t}}   \lambda=\frac{N_{t+1}}{N_{t}}
        \frac{d N_{1}}{d t}=r_{1} N_{1} \frac{K_{1}-N_{1}-\alpha_{12} N_{2}}{K_{1}}
        \frac{d <sp1>}{d t}=<gk1> <sp1>-<gk2> <sp1> <sp2>   \frac{d <sp1>}{d t}=<gk1> <sp2> <sp1>-<gk2> <sp1>
        H=-\sum_{i=1}^{S} p_{i} \ln p_{i}   H^{\prime}=-\sum p_{i} \log _{2} p_{i}   D=1-\sum_{i=1}^{S} p_{i}^{2}
        S=c A^{z}   \frac{d S}{d t}=-\beta S I   \frac{d I}{d t}=\beta S I-\gamma I   \frac{d R}{d t}=\gamma I
        R_{0}=\frac{\beta}{\gamma}   R_{0}=<dec>   1-\frac{1}{R_{0}}   N=\frac{M n}{m}   \text{NPP}=\text{GPP}-R
        \frac{N_{t+1}}{N_{t}}=<dec>   E_{n+1}=<digit>0 \% E_{n}   f(N)=\frac{a N}{1+a h N}
        x_{t+1}=<dec> x_{t}\left(1-x_{t}\right)
        \begin{cases} \frac{d S}{d t}=-\beta S I \\ \frac{d I}{d t}=\beta S I-\gamma I \\ \frac{d R}{d t}=\gamma I \
            \end{cases}
        \begin{aligned} \frac{d <sp1>}{d t} &=a <sp1>-b <sp1> <sp2> \\ \frac{d <sp2>}{d t} &=c <sp1> <sp2>-d <sp2> \
            \end{aligned}
        \mathbf{n}_{t+1}=\mathbf{L n}_{t}
        \begin{pmatrix} N_{0} \\ N_{1} \end{pmatrix}_{t+1}=\begin{pmatrix} 0 & <digit> \\ 0.<digit> & 0 \
            \end{pmatrix}\begin{pmatrix} N_{0} \\ N_{1} \end{pmatrix}_{t}
        r=\frac{\ln N_{<digit>}-\ln N_{0}}{<digit>}   K=<n>, r=<dec>   T=\frac{\sum x l_{x} m_{x}}{\sum l_{x} m_{x}}
        R_{0}=\sum_{x} l_{x} m_{x}   D=<n> / \mathrm{hm}^{2}   N^{*}=\frac{K}{2}
        \frac{\partial u}{\partial t}=D \frac{\partial^{2} u}{\partial x^{2}}+r u\left(1-\frac{u}{K}\right)
    """)),
    "kinetics": (4, block(r"""
        v=\frac{V_{\max }[S]}{K_{m}+[S]}   \frac{1}{v}=\frac{K_{m}}{V_{\max }} \cdot \frac{1}{[S]}+\frac{1}{V_{\max }}
        v=\frac{V_{\max }[S]}{K_{m}\left(1+\frac{[I]}{K_{i}}\right)+[S]}   K_{m}=\frac{k_{-1}+k_{2}}{k_{1}}
        K_{m}=<dec> \mathrm{mmol} / \mathrm{L}   V_{\max }=<n>   \theta=\frac{[L]^{n}}{K_{d}+[L]^{n}}
        K_{d}=\frac{[P][L]}{[P L]}   \Delta G=\Delta H-T \Delta S   \Delta G=\Delta G^{\circ}+R T \ln Q
        \Delta G^{\circ}=-R T \ln K   \Delta G=-<digit>0.5 \mathrm{~kJ} / \mathrm{mol}
        k=A \mathrm{e}^{-\frac{E_{a}}{R T}}   Q_{10}=\left(\frac{R_{2}}{R_{1}}\right)^{\frac{10}{T_{2}-T_{1}}}
        Q_{10}=<dec>   E=\frac{R T}{z F} \ln \frac{[\mathrm{ion}]_{\text{out}}}{[\mathrm{ion}]_{\text{in}}}
        E_{\mathrm{K}}=-<digit>0 \mathrm{~mV}
        E_{\mathrm{K}}=\frac{R T}{F} \ln \frac{\left[\mathrm{K}^{+}\right]_{o}}{\left[\mathrm{K}^{+}\right]_{i}}
        V_{m}=-<digit>0 \mathrm{~mV}   C \frac{d V}{d t}=-g_{L}\left(V-E_{L}\right)+I
        I_{\mathrm{Na}}=g_{\mathrm{Na}} m^{3} h\left(V-E_{\mathrm{Na}}\right)
        \tau \frac{d V}{d t}=-\left(V-V_{0}\right)+R I   J=-D \frac{d C}{d x}   J=-P\left(C_{1}-C_{2}\right)
        \Psi_{w}=\Psi_{s}+\Psi_{p}   \Psi_{s}=-i C R T   \pi=c R T   N=N_{0} \mathrm{e}^{-\lambda t}
        t_{1 / 2}=\frac{\ln 2}{\lambda}   \mathrm{BMI}=\frac{m}{h^{2}}   \mathrm{BMI}=\frac{<digit>0}{1.<digit>^{2}}
        \mathrm{CO}=\mathrm{SV} \times \mathrm{HR}   P=\frac{F}{A}   Q=\frac{\pi r^{4} \Delta P}{8 \eta L}
        A=\varepsilon b c   A=\lg \frac{I_{0}}{I}   \frac{d[P]}{d t}=k_{2}[E S]   \frac{d m}{d t}=\alpha-\delta m
        \frac{d <gk1>}{d t}=k_{1}-k_{2} <gk1>   \frac{V_{\max }}{2}   c_{1} V_{1}=c_{2} V_{2}
        <digit1> \times 100=<digit1>00   v_{<digit>}=<dec>   R_{f}=\frac{<digit>.<digit>}{<digit>.9}
        \frac{[\mathrm{A}^{-}]}{[\mathrm{HA}]}=10^{\mathrm{pH}-\mathrm{p} K_{a}}
        T_{m}=4(\mathrm{G}+\mathrm{C})+2(\mathrm{A}+\mathrm{T})   10 \times <digit1>0=<digit1>00
        [<ion>]_{\text{out}}>[<ion>]_{\text{in}}
    """)),
    "population-genetics": (3, block(r"""
        \bar{w}=p^{2} w_{11}+2 p q w_{12}+q^{2} w_{22}   p^{\prime}=\frac{p^{2} w_{11}+p q w_{12}}{\bar{w}}
        \Delta p=\frac{s p q^{2}}{1-s q^{2}}   \hat{q}=\sqrt{\frac{\mu}{s}}   F=1-\frac{H_{o}}{H_{e}}
        F_{S T}=\frac{H_{T}-H_{S}}{H_{T}}   H_{t}=\left(1-\frac{1}{2 N}\right)^{t} H_{0}   R=h^{2} S
        h^{2}=\frac{V_{A}}{V_{P}}   V_{P}=V_{G}+V_{E}   V_{P}=V_{A}+V_{D}+V_{E}
        N_{e}=\frac{4 N_{m} N_{f}}{N_{m}+N_{f}}   r B>C   d=-\frac{3}{4} \ln \left(1-\frac{4}{3} p\right)
        \theta=4 N_{e} \mu   \pi=\frac{n}{n-1} \sum_{i j} x_{i} x_{j} \pi_{i j}   p_{t+1}=p_{t}(1-\mu)+q_{t} \nu
        \hat{q}=\frac{\mu}{\mu+\nu}   h^{2}=0.<digit><digit>   s=0.0<digit>, h=0.<digit>   w_{11}=1, w_{22}=1-s
        p_{<i>}=0.<digit><digit>   r^{2}=\frac{D^{2}}{p_{A} q_{A} p_{B} q_{B}}   \chi^{2}=\sum \frac{(O-E)^{2}}{E}
        \chi^{2}=2.<digit><3.84   \chi^{2}=<digit>.<digit>, P<0.05   \mu=<digit> \times 10^{-<digit>}
        \operatorname{Cov}(x, y)=r V_{A}   P(X=k)=\frac{\lambda^{k} \mathrm{e}^{-\lambda}}{k !}
        \bar{x}=\frac{1}{n} \sum_{i=1}^{n} x_{i}   s=\sqrt{\frac{\sum(x_{i}-\bar{x})^{2}}{n-1}}
        \mathrm{SE}=\frac{s}{\sqrt{n}}   \bar{z}=<dec> \pm 0.<digit>   L=\prod_{i} P\left(x_{i} \mid <gk>\right)
        N_{e}=<n>   \operatorname{LOD}=\log _{10} \frac{L(\theta)}{L(0.5)}   P=0.0<digit>   p<0.0<digit>
        n=<n>, \alpha=0.05   \sigma_{<i>}^{2}=<dec>
    """)),
    "other": (3, block(r"""
        \mathrm{B}_{12}   \mathrm{T}_{<digit>}   \mathrm{H}<digit> \mathrm{N}<digit>   \mathrm{PS} \mathrm{I}
        \mathrm{PS} \mathrm{II}   \mathrm{C}_{3}   \mathrm{C}_{4}   \mathrm{C}_{5}   \mathrm{G}_{1}   \mathrm{G}_{2}
        \mathrm{P}_{680}   \mathrm{P}_{700}   <gene>   <gene>^{+/-}   \Delta <gene>   \operatorname{PrP}^{s c}
        \operatorname{PrP}^{c}   \mathrm{V}_{\mathrm{C}}   \mathrm{LD}_{50}   \mathrm{OD}_{600}=0.<digit>
        \mathrm{OD}_{280}   \mathrm{VO}_{2 \max }   \mathrm{CD} 4^{+}   \mathrm{CD} 8^{+}   \mathrm{IL}-<digit>
        \mathrm{Rh}^{-}   \mathrm{H}^{+}-\mathrm{ATPase}   \mathrm{A} \beta   \mathrm{TNF}-\alpha
        \beta-\text{carotene}   \alpha-\text{helix}   \gamma-\mathrm{GABA}   \mathrm{IFN}-\gamma   a>b>c
        \text{a} \rightarrow \text{b} \rightarrow \text{c}   A>B   <digit> n   \text{(<digit>)} \mathrm{F}_{<digit>}
        \mathrm{p} \mathrm{UC} 19   \lambda \mathrm{DNA}   \Phi \mathrm{X} 174   \mathrm{T}_{2} \text{ phage}
        1-\mathrm{MCP}   2,4-\mathrm{D}   \mathrm{CO}_{2} \text{ fixation}   S / V   \frac{S}{V}=<dec>
        R Q=\frac{V_{\mathrm{CO}_{2}}}{V_{\mathrm{O}_{2}}}=<dec>   \mathrm{P}_{\mathrm{O}_{2}}
        P_{\mathrm{CO}_{2}}=<digit>0 \mathrm{mmHg}   40 \times   10 \times   <digit>00 \times
        \mathrm{A}-\mathrm{T}, \mathrm{G}-\mathrm{C}   \mathrm{ATP}: \mathrm{ADP}=<digit>:<digit>
        \mathrm{C}: \mathrm{N}=<n>:1   \mathrm{N}, \mathrm{P}, \mathrm{K}
        \mathrm{C}, \mathrm{H}, \mathrm{O}, \mathrm{N}   \mathrm{IgG}, \mathrm{IgM}
        \mathrm{Na}^{+}-\mathrm{K}^{+} \text{ pump}
    """)),
}

WEIGHTS = {name: weight for name, (weight, _) in CATEGORIES.items()}
TEMPLATES = Templates(WORDS | {name: rule for name, (_, rule) in CATEGORIES.items()})

GENE = re.compile(r"\\gene\{([^{}]*)\}")
SIMPLE_FRACTION = re.compile(r"\\frac\{(\d+)\}\{(\d+)\}")


def restyle(rng: Random, latex: str) -> str:
    """Genes upright or in italics, fractions built up or with a slash, all of a formula alike, as one author would."""
    upright = chance(rng, 0.4)
    latex = GENE.sub(lambda match: _gene(match[1], upright), latex)
    if chance(rng, 0.4) and not re.search(r"\}\^\{|frac\{\\frac", latex):
        latex = SIMPLE_FRACTION.sub(r"\1 / \2", latex)
    if chance(rng, 0.12):
        latex = latex.replace(r"\frac", r"\dfrac")
    if chance(rng, 0.3):
        latex = re.sub(r"\\left(?=[(\[|])|\\right(?=[)\]|])", "", latex)
    if chance(rng, 0.05) and r"\mathrm{C}" in latex:
        latex = re.sub(r"\\mathrm\{([A-Za-z]+)\}", r"\1", latex)
    if chance(rng, 0.3):
        latex = latex.replace(r"\mathrm{e}^", "e^")
    return latex


def _gene(letters: str, upright: bool) -> str:
    shown = letters.replace("_", r"\_")
    if upright:
        return rf"\mathrm{{{shown}}}"
    return shown if "_" in letters else " ".join(shown)
