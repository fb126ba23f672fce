r"""Arrows with labels: reactions and equilibria, enzyme kinetics, sequences of maps, convergence.

An arrow is written as authors write it, `\xrightarrow`, `\overset` over `\longrightarrow`, mhchem's `\ce{<=>[..][..]}`;
`normalize` gives those that look alike one label.
"""

from random import Random

from img2latex.data.templates import molecules
from img2latex.data.templates.engine import Rule, Templates, block, chance, first_new, join

OVER = ["light", "light", "heat", "enzyme", "catalyst", "sunlight", "ATP", "yeast", "amylase", "kinase", "photons",
        "reflux", "oxidation", "catalase", "hexokinase", "aldolase", "enolase", "isomerase", "dehydrogenase", "fast",
        "RNA polymerase", "ribosome", "electrolysis", "high pressure", "light energy", "enzyme 1"]  # fmt: skip
UNDER = ["chlorophyll", "chlorophyll", "heat", "enzyme", "chloroplast", "catalyst", "slow", "pH 7", "dark", "reduction",
         "mitochondria", "acid", "base", "cold", "room temp.", "reverse", "2 h", "dil.", "conc.", "overnight",
         "phosphatase", "low pressure"]  # fmt: skip
# Glycolysis and the citric acid cycle, as a chain of steps.
STEPS = ["glucose", "G6P", "F6P", "F1,6BP", "DHAP", "G3P", "1,3BPG", "3PG", "2PG", "PEP", "pyruvate", "acetyl-CoA",
         "citrate", "isocitrate", "succinate", "fumarate", "malate", "oxaloacetate", "lactate"]  # fmt: skip
SPECIES = [*"ABCDEFHLMNPRSXY", "ES", "EI", "ESI", "EP", "AB", "LR", "HA", "TS"]
RATES = ["1", "2", "3", "-1", "-2", "f", "r", "b", "on", "off", "cat", "a", "d", "i", "eq", "obs", r"\alpha", "+", "-",
         "12", "21", "0", "m", "p"]  # fmt: skip


def word(rng: Random, words: list[str]) -> str:
    """A word in upright letters."""
    command, said = rng.choice(["text", "text", "text", "mathrm", "textrm"]), rng.choice(words)
    return rf"\{command}{{{said.replace(' ', '~')}}}"


def molecule(rng: Random) -> str:
    """A molecule or ion."""
    pool = rng.choice([molecules.COMMON, list(molecules.CATIONS), list(molecules.ANIONS), molecules.ABBREVIATIONS])
    return molecules.chem(rng.choice(pool))


def rate(rng: Random) -> str:
    """A rate constant, its letter italic or upright, its index too."""
    index = rng.choice(RATES)
    if index.isalpha() and len(index) > 1:
        index = rng.choice([index, rf"\mathrm{{{index}}}", rf"\text{{{index}}}"])
    letter = rng.choice(["k", "k", "k", "k", r"\mathrm{k}", r"\mathrm{k}", "K", r"\lambda", r"\alpha", "v"])
    prime = "^{\\prime}" if chance(rng, 0.05) else ""
    return letter if chance(rng, 0.08) else f"{letter}_{{{index}}}{prime}"


LABELS: dict[str, Rule] = {
    "over": lambda rng: word(rng, OVER), "under": lambda rng: word(rng, UNDER), "mol": molecule, "k": rate,
    "let": [*"fghpqrstuabcdeijmnxFGHTSR"], "gk": r"\alpha \beta \gamma \phi \psi \pi \delta \eta \iota \nu".split(),
    "map": ["<let>", "<let>", "<gk>", "<let>_{1}", "<let>^{*}", r"<gk>_{*}", r"\mathrm{id}", r"\cong", r"\sim", "<let>"
            r"\circ <let>", r"\partial", r"d^{n}", r"\tilde{<let>}", r"\bar{<let>}", r"<let>\otimes 1"],
    "mode": ["d", "P", "p", "w", r"\mathcal{D}", r"\mathrm{a.s.}", r"\text{a.s.}", r"\mathbb{P}", "L^{2}", r"L^{1}",
             r"\text{d}", r"\mathrm{P}", r"\text{f.s.}", "f", r"\|\cdot\|", r"\text{weakly}", ""],
    "tends": [r"<i>\to\infty", r"<i>\to\infty", r"<i> \rightarrow \infty", r"x\to 0", r"x\to a", r"t\to 0",
              r"h\to 0^{+}", r"N\to\infty", r"\varepsilon\to 0", r"x\to -\infty", r"\delta\to 0", r"t\to t_{0}"],
    "i": [*"nnnnmkNj"], "deg": ["25", "37", "100", "200", "450", "500", "80", "1000"],
    "amount": [r"<deg>^{\circ}\mathrm{C}", r"<deg>\,^{\circ}\mathrm{C}", r"\mathrm{pH}\,7", r"\mathrm{pH}=7", r"\Delta",
               r"h\nu", r"\Delta T", r"<deg>\,\mathrm{K}", r"\mathrm{Pt}", r"\mathrm{Ni}", r"\mathrm{Fe}", r"\nu", "n",
               r"\mathrm{MnO_2}", r"\mathrm{H^+}", r"\mathrm{H_2SO_4}", r"\mathrm{NaOH}", r"\mathrm{Pd/C}", "2+"],
    "condition": [(3, "<over>"), (2, "<mol>"), (2, "<amount>"), (1, "<k>")],
    "beneath": [(3, "<under>"), (2, "<mol>"), (2, "<amount>"), (1, "<k>")],
    "mx": ["<let>", "X", "Y", "A", "B", "M", "N", "V", "W", "<gk>"],
}  # fmt: skip
PARTS = Templates(LABELS)


def _long(command: str, above: str, below: str) -> str:
    return f"{command}[{below}]{{{above}}}" if below else f"{command}{{{above}}}"


def _stacked(arrow: str, above: str, below: str, under_first: bool) -> str:
    """`\\overset` and `\\underset` around a plain arrow."""
    shown = arrow
    for command, label in [(r"\underset", below), (r"\overset", above)][:: 1 if under_first else -1]:
        shown = f"{command}{{{label}}}{{{shown}}}" if label else shown
    return shown


def _mhchem(mark: str, above: str, below: str) -> str:
    labels = f"[${above}$]" if above or below else ""
    return rf"\ce{{{mark}{labels}{f'[${below}$]' if below else ''}}}"


def labelled(rng: Random, above: str, below: str) -> str:
    """An arrow to the right with these labels; either may be empty."""
    kind = rng.random()
    if kind < 0.72 or not (above or below):
        return _long(r"\xrightarrow", above, below)
    if kind < 0.82:
        return _mhchem("->", above, below)
    if above and not below and kind < 0.9:
        return rf"\stackrel{{{above}}}{{\longrightarrow}}"
    return _stacked(rng.choice([r"\longrightarrow", r"\longrightarrow", r"\rightarrow"]), above, below, chance(rng,
                                                                                                               0.5))


def equilibrium(rng: Random, above: str, below: str) -> str:
    """Harpoons in both directions, with labels or without."""
    kind = rng.random()
    if not (above or below):
        return rng.choice([r"\rightleftharpoons", r"\rightleftharpoons", r"\ce{<=>}", r"\ce{<=>}", r"\ce{<=>>}",
                           r"\ce{<<=>}", r"\xrightleftharpoons{}", r"\xrightleftharpoons{\qquad}"])  # fmt: skip
    if kind < 0.5:
        return _long(r"\xrightleftharpoons", above, below)
    if kind < 0.72:
        return _mhchem(rng.choice(["<=>", "<=>", "<=>", "<=>>", "<<=>"]), above, below)
    return _stacked(r"\rightleftharpoons", above, below, chance(rng, 0.5))


def pair(rng: Random, above: str, below: str) -> tuple[str, str]:
    """Both labels, the upper or the lower alone."""
    kind = rng.random()
    return (above, below) if kind < 0.5 else (above, "") if kind < 0.75 else ("", below)


def any_arrow(rng: Random, above: str, below: str) -> str:
    """An arrow of a reaction: mostly to the right, at times reversible, to the left or both ways."""
    above, below = pair(rng, above, below)
    kind = rng.random()
    if kind < 0.66:
        return labelled(rng, above, below)
    if kind < 0.84:
        return equilibrium(rng, above, below)
    return _long(rng.choice([r"\xleftarrow", r"\xleftrightarrow"]), above, below)


def side(rng: Random, longest: int = 3) -> str:
    """One to three molecules with their amounts."""
    some = ["", "", "", "2", "3", "6", "12", "n", r"\frac{1}{2}"]
    amounts = [rng.choice(some) for _ in range(rng.randint(1, longest))]
    return rng.choice(["+", " + "]).join(join(amount, molecule(rng)) for amount in amounts)


def reaction(rng: Random) -> str:
    """A reaction in one to three steps with labelled arrows; photosynthesis, fermentation and others of the books."""
    if chance(rng, 0.5):
        line = rng.choice(molecules.REACTIONS.strip().split("\n"))
        equation = line.partition("|")[0]
        left, _, right = equation.replace("<->", "->").partition("->")
        sides = [_species(part) for part in (left, right)]
        if chance(rng, 0.1):
            sides.reverse()
    else:
        sides = [side(rng) for _ in range(rng.choice([2, 2, 2, 3]))]
    text = sides[0]
    for part in sides[1:]:
        arrow = any_arrow(rng, PARTS.draw(rng, "condition"), PARTS.draw(rng, "beneath"))
        text = f"{text} {arrow} {part}"
    return text


def _species(text: str) -> str:
    """`6 CO2 + 12 H2O` as LaTeX."""
    terms = [term.split() for term in text.strip().split(" + ")]
    return "+".join(join(" ".join(amount), molecules.chem(formula)) for *amount, formula in terms)


def equilibria(rng: Random) -> str:
    """A reversible reaction without labels, its arrow of any length, perhaps with its energy."""
    energy = rng.choice(["", "", "", r", \quad \Delta H<0", r"+\text{heat}", r"\quad \Delta H=-92\,\mathrm{kJ/mol}"])
    return f"{side(rng, 2)} {equilibrium(rng, '', '')} {side(rng, 2)}{energy}"


def _set(rng: Random) -> str:
    upright = [r"\mathrm{%s}", r"\mathrm{%s}", r"\mathrm{%s}", r"\text{%s}", r"\mathsf{%s}"]
    return rng.choice([*upright, "%s", "%s", "[%s]"])


def kinetics(rng: Random) -> str:
    """The scheme of Michaelis and Menten and others like it, in any spelling."""
    form = _set(rng)
    names = ["E+S", "ES", "E+P"] if chance(rng, 0.45) else _scheme(rng)
    shown = ["+".join(form % name for name in text.split("+")) for text in names]
    text = shown[0]
    for place, part in enumerate(shown[1:]):
        above, below = rate(rng), rate(rng)
        back = place == 0 or chance(rng, 0.3)
        labels = pair(rng, above, below) if chance(rng, 0.2) else (above, below if back else "")
        arrow = equilibrium(rng, *labels) if back else labelled(rng, *labels)
        text = f"{text} {arrow} {part}"
    return text


def _scheme(rng: Random) -> list[str]:
    names = [rng.choice(SPECIES) for _ in range(rng.randint(2, 4))]
    return [f"{name}+{rng.choice(SPECIES)}" if chance(rng, 0.4) else name for name in names]


def pathway(rng: Random) -> str:
    """Steps of metabolism, or letters, one after the other with the enzyme over and a molecule under the arrow."""
    start, count = rng.randrange(len(STEPS) - 3), rng.randint(2, 4)
    names = STEPS[start : start + count] if chance(rng, 0.6) else [rng.choice(SPECIES) for _ in range(count)]
    text = rf"\text{{{names[0]}}}"
    for name in names[1:]:
        arrow = any_arrow(rng, PARTS.draw(rng, "condition"), PARTS.draw(rng, "beneath"))
        text += rf" {arrow} \text{{{name}}}"
    return text


def maps(rng: Random) -> str:
    """Exact sequences and chains of maps with a name over, under or on both sides of an arrow."""
    count = rng.randint(2, 5)
    shape = rng.choice(["{}", "{}_{{n}}", "{}^{{*}}", "{}", r"\mathcal{{{}}}", "H_{{n}}({})", r"\mathbb{{{}}}", "{}"])
    names = [shape.format(rng.choice("ABCFGRZ") if "math" in shape else PARTS.draw(rng, "mx")) for _ in range(count)]
    if "{{n}}" in shape:  # a chain complex, or one of other groups
        degrees = rng.choice([["n+1", "n", "n-1", "n-2", "n-3"], "01234"])
        names = [f"{rng.choice('ACMXV')}_{{{degree}}}" for degree in degrees[:count]]
    exact = chance(rng, 0.35)
    text = r"0 \to " + names[0] if exact else names[0]
    command = rng.choice([r"\xrightarrow"] * 5 + [r"\xleftarrow", r"\xleftrightarrow"])
    for name in names[1:]:
        labels = pair(rng, PARTS.draw(rng, "map"), first_new(lambda: PARTS.draw(rng, "map"), set()))
        labels = labels if chance(rng, 0.6) else (labels[0] or labels[1], "")
        text += f" {_long(command, *labels)} {name}"
    return text + (r" \to 0" if exact else "")


def convergence(rng: Random) -> str:
    r"""`X_n \xrightarrow[n\to\infty]{d} N(0,1)` and its like."""
    left = PARTS.fill(rng, rng.choice(block(r"""
        X_{<i>}   a_{<i>}   f_{n}(x)   \bar{X}_{n}   \sqrt{n}(\bar{X}_{n}-\mu)   S_{n}   \hat{\theta}_{n}   x_{k}
        \frac{S_{n}-n\mu}{\sigma\sqrt{n}}   \frac{1}{n}\sum_{i=1}^{n}X_{i}   u_{n}   F_{n}(t)   \frac{\sin x}{x}
        \left(1+\frac{1}{n}\right)^{n}   \|f_{n}-f\|   (a_{n}+b_{n})   \mu_{n}   e^{-x}   P_{n}   y_{n}-x_{n}   Z_{<i>}
        \frac{f(x+h)-f(x)}{h}   \frac{a_{n+1}}{a_{n}}   \sqrt[n]{n}   \int_{0}^{n}f(x)\,dx   \ln x
    """)))  # fmt: skip
    right = PARTS.fill(rng, rng.choice(block(r"""
        N(0,1)   a   X   0   \mathcal{N}(0,\sigma^{2})   \mu   f(x)   e   1   \theta   +\infty   f^{\prime}(x)   \infty
        \mathcal{N}(0,1)   \chi_{k}^{2}   \ell   Y   L   \delta_{0}   F(t)   x^{*}   N(\mu,\Sigma)   \frac{1}{2}   l
        \int_{0}^{\infty}f(x)\,dx   \mathbb{E}[X]
    """)))  # fmt: skip
    mode, tends = PARTS.draw(rng, "mode"), PARTS.draw(rng, "tends")
    labels = pair(rng, mode, tends) if mode and chance(rng, 0.5) else (mode, tends)
    return " ".join([left, _long(r"\xrightarrow", *labels), right])


def short(rng: Random) -> str:
    """Two letters with an arrow between them, whose labels are of any kind."""
    label = lambda: PARTS.draw(rng, rng.choice(["map", "condition", "beneath", "k", "tends", "let"]))  # noqa: E731
    shape = rng.choice(["%s", r"\mathrm{%s}", "%s"])
    left, right = (shape % rng.choice("ABCDEFGHMNPQRSTXYZ") for _ in range(2))
    return f"{left} {any_arrow(rng, label(), label())} {right}"


CATEGORIES: dict[str, Rule] = {
    "reaction": reaction, "equilibria": equilibria, "kinetics": kinetics, "pathway": pathway, "maps": maps,
    "convergence": convergence, "short-arrow": short,
}  # fmt: skip
