"""Molecules, ions and reactions of school biology. Equations balance in atoms and charge: tables are checked by a test,
combustions, condensations, hydrolyses and dissociations are computed.

A formula is written plainly here, `HCO3^-` or `Ca(OH)2`, and set by `chem`; a reaction is
`left -> right | conditions | energy`, each `;`-separated, `<->` for reversible.
"""

import re
from collections import Counter
from math import gcd
from random import Random

from img2latex.data.templates.engine import Rule, chance, first_new

COMMON = """
CO2 CO2 CO2 CO2 O2 O2 O2 H2O H2O H2O N2 NH3 CH4 H2 CO NO NO2 SO2 H2S H2O2 C6H12O6 C6H12O6 C2H5OH C2H5OH C3H6O3 C3H4O3
CH3COOH
C12H22O11 CH3CH2OH (CH2O) C5H10O5 C5H10O4 C3H8O3 C2H5NO2 CO(NH2)2 NaCl NaCl HCl NaOH KOH NaHCO3 Na2CO3 CaCO3 Ca(OH)2
CaCl2
CuSO4 CuSO4 KNO3 NaNO3 NaNO2 NH4Cl NH4NO3 (NH4)2SO4 KH2PO4 K2HPO4 NaH2PO4 Na2HPO4 H3PO4 H2CO3 H2SO4 HNO3 MgSO4 MgCl2
KCl KI FeSO4
FeCl3 ZnSO4 MnSO4 MnCl2 SiO2 BaCl2 Ba(OH)2 KMnO4 Fe2O3 MnO2 H3BO3 NaClO CH3COONa CH3COONH4 C6H8O7 KClO3 Na2HPO4 NaF
""".split()
METABOLITES = """
C5H6O5 C3H7O7P C4H9NO2 C5H5N5 C4H6O5 C4H5N3O C3H7O6P C5H6N2O2 C4H4N2O2 C5H4N4O3 C8H10N4O2 C18H36O2 C16H32O2 C4H4O5
C3H5O6P C5H9N3
C2H7NO3S C18H24O2 C6H14O6 C10H14N2O5 C10H16N5O13P3 C10H15N5O10P2 C10H14N5O7P C6H13O9P C21H30O2 C27H46O C19H28O2
C18H32O16 C4H6O4
C4H4O4 C10H17N3O6S C5H5N5O C10H13N5O5 C5H4N4O C10H12N4O5 C18H34O2 C18H32O2 C18H30O2 C20H32O2 C6H14O12P2 C3H8O10P2
C18H37NO2
C28H37N5O7 C62H89N17O14 C21H29N7O14P2 C21H36N7O16P3S C12H24O2 C14H28O2 C10H20O2 C6H12O2 C4H8O2 C20H40O2 C22H32O2
C15H22N6O5S
C9H12N2O6 C9H13N3O5 C10H13N5O4 C10H16N5O12P3 C6H13O10P C5H11O8P C4H9O7P C7H15O10P C16H30O2 C6H13N3O3 C5H12N2O2
C18H22O2 C7H8N4O2
C10H16N5O14P3 C9H15N2O15P3 C9H16N3O14P3 C6H8O6 C20H30O C17H20N4O6 C8H11NO2 C9H13NO3 C10H12N2O C13H16N2O2 C15H11I4NO4
C10H14N2
C55H72O5N4Mg C34H32FeN4O4 C16H18N2O4S C9H8O4 C10H9NO2 C15H20O4 C19H22O6 C2H4 C40H56 C12H22O11 C24H42O21 C57H110O6
C51H98O6 C2H4O2 CH2O2
""".split()
AMINO_ACIDS = """
C2H5NO2 C3H7NO2S C3H7NO2 C3H7NO3 C4H7NO4 C5H10N2O3 C6H14N2O2 C9H11NO3 C6H13NO2 C5H11NO2S C9H11NO2 C4H8N2O3 C6H9N3O2
C5H11NO2
C4H9NO3 C11H12N2O2 C6H14N4O2 C5H9NO2 C5H9NO4
""".split()
FATTY_ACIDS = """
C18H36O2 C16H32O2 C18H34O2 C18H32O2 C18H30O2 C12H24O2 C14H28O2 C10H20O2 C6H12O2 C4H8O2 C20H40O2 C20H32O2 C22H32O2
""".split()
ABBREVIATIONS = """
ATP ATP ATP ADP AMP DNA RNA mRNA tRNA rRNA NADH NADPH NAD^+ NADP^+ FADH2 FAD GTP UTP dATP dNTP cAMP PEP RuBP ATP PCR
HIV IAA ABA GnRH TSH ADH
SOD CoA DNAase Rubisco EcoRI MHC CD4 Hb HbO2 IgG PrP LDL HDL DDT PEG GFP CRISPR TMV SARS
""".split()
CATIONS = {"Na^+": 29, "K^+": 24, "H^+": 10, "Ca^2+": 8, "Mg^2+": 7, "Cu^2+": 3, "NH4^+": 3, "Fe^2+": 2, "Fe^3+": 2,
           "Zn^2+": 1,
           "Mn^2+": 1, "Al^3+": 1, "Ba^2+": 1, "Ag^+": 1, "Pb^2+": 1, "Co^2+": 1, "Li^+": .5, "H3O^+": .5}
ANIONS = {"Cl^-": 5, "NO3^-": 4, "HCO3^-": 4, "OH^-": 2, "SO4^2-": 2, "PO4^3-": 2, "HPO4^2-": 2, "H2PO4^-": 2,
          "CO3^2-": 1, "NO2^-": 1,
          "I^-": 1, "S^2-": 1, "O2^-": 1, "HS^-": .5, "MnO4^-": .5, "CH3COO^-": 1, "F^-": .5, "SO3^2-": .5, "Br^-": .5,
          "SCN^-": .3}

REACTIONS = """
C6H12O6 + 6 H2O + 6 O2 -> 6 CO2 + 12 H2O | enzyme;enzymes | energy;ATP
C6H12O6 + 6 O2 -> 6 CO2 + 6 H2O | enzyme | energy;38 ATP;36 ATP
C6H12O6 -> 2 C3H4O3 + 4 [H] | enzyme | energy;2 ATP
2 C3H4O3 + 6 H2O -> 6 CO2 + 20 [H] | enzyme | energy;2 ATP
24 [H] + 6 O2 -> 12 H2O | enzyme | energy;34 ATP
C6H12O6 -> 2 C2H5OH + 2 CO2 | enzyme;yeast | energy;2 ATP
C6H12O6 -> 2 C3H6O3 | enzyme;lactic acid bacteria | energy;2 ATP
2 C3H4O3 + 4 [H] -> 2 C3H6O3 | enzyme
2 C3H4O3 + 4 [H] -> 2 C2H5OH + 2 CO2 | enzyme
6 CO2 + 12 H2O -> C6H12O6 + 6 H2O + 6 O2 | light;chloroplast;light, chlorophyll
6 CO2 + 6 H2O -> C6H12O6 + 6 O2 | light;sunlight;chlorophyll
CO2 + H2O -> (CH2O) + O2 | light;chloroplast
CO2 + 2 H2O -> (CH2O) + H2O + O2 | light
CO2 + 2 H2S -> (CH2O) + 2 S + H2O | light;bacteria
2 H2O -> 4 [H] + O2 | light
2 H2O -> O2 + 4 H^+ + 4 e^- | light
2 H2O2 -> 2 H2O + O2 | catalase;FeCl3;MnO2;enzyme
C2H5OH + O2 -> CH3COOH + H2O | enzyme;acetic acid bacteria | energy
C6H12O6 + 2 O2 -> 2 CH3COOH + 2 H2O + 2 CO2 | enzyme | energy
C2H5OH + 3 O2 -> 2 CO2 + 3 H2O | enzyme;burning | energy
2 NH3 + 3 O2 -> 2 HNO2 + 2 H2O | nitrifying bacteria | energy
2 HNO2 + O2 -> 2 HNO3 | nitrifying bacteria | energy
NH4^+ + 2 O2 -> NO3^- + H2O + 2 H^+ |
2 NO3^- + 10 e^- + 12 H^+ -> N2 + 6 H2O |
N2 + 8 H^+ + 8 e^- -> 2 NH3 + H2 | nitrogenase
N2 + 6 H^+ + 6 e^- -> 2 NH3 | nitrogenase
CO2 + H2O <-> H2CO3 | carbonic anhydrase
H2CO3 <-> H^+ + HCO3^- |
HCO3^- + H^+ <-> H2CO3 |
HPO4^2- + H^+ <-> H2PO4^- |
NH3 + H^+ <-> NH4^+ |
NH3 + H2O <-> NH4^+ + OH^- |
C3H6O3 + NaHCO3 -> C3H5O3Na + H2O + CO2 |
CO(NH2)2 + H2O -> 2 NH3 + CO2 | urease
C12H22O11 + H2O -> C6H12O6 + C6H12O6 | sucrase;maltase;lactase;enzyme
2 H2S + O2 -> 2 S + 2 H2O | sulfur bacteria | energy
4 Fe^2+ + O2 + 4 H^+ -> 4 Fe^3+ + 2 H2O | | energy
CO2 + 4 H2 -> CH4 + 2 H2O | archaea
CH3COOH -> CH4 + CO2 | bacteria
CH4 + 2 O2 -> CO2 + 2 H2O | | energy
Ca(OH)2 + CO2 -> CaCO3 + H2O |
2 NaOH + CO2 -> Na2CO3 + H2O |
CaCO3 + CO2 + H2O -> Ca^2+ + 2 HCO3^- |
CaCO3 + 2 HCl -> CaCl2 + H2O + CO2 |
2 NaHCO3 -> Na2CO3 + H2O + CO2 | heat
NaHCO3 + HCl -> NaCl + H2O + CO2 |
HCl + NaOH -> NaCl + H2O |
H2SO4 + 2 NaOH -> Na2SO4 + 2 H2O |
2 H2 + O2 -> 2 H2O | burning
2 Na + 2 H2O -> 2 NaOH + H2 |
Zn + H2SO4 -> ZnSO4 + H2 |
Fe + CuSO4 -> FeSO4 + Cu |
N2 + 3 H2 <-> 2 NH3 | catalyst
2 SO2 + O2 <-> 2 SO3 | catalyst
SO3 + H2O -> H2SO4 |
4 NH3 + 5 O2 -> 4 NO + 6 H2O | Pt
3 NO2 + H2O -> 2 HNO3 + NO |
2 NO + O2 -> 2 NO2 |
Cl2 + H2O <-> HCl + HClO |
2 KMnO4 -> K2MnO4 + MnO2 + O2 | heat
2 KClO3 -> 2 KCl + 3 O2 | MnO2
Cu + 4 HNO3 -> Cu(NO3)2 + 2 NO2 + 2 H2O |
2 Al + 6 HCl -> 2 AlCl3 + 3 H2 |
Ag^+ + Cl^- -> AgCl |
CO3^2- + 2 H^+ -> CO2 + H2O |
MnO4^- + 5 Fe^2+ + 8 H^+ -> Mn^2+ + 5 Fe^3+ + 4 H2O |
CH3COOH + C2H5OH <-> CH3COOC2H5 + H2O | enzyme
Fe^3+ + 3 OH^- -> Fe(OH)3 |
Cu^2+ + 2 OH^- -> Cu(OH)2 |
4 Fe + 3 O2 -> 2 Fe2O3 |
"""

# With compounds known by their abbreviations: nothing to balance.
SCHEMES = [
    r"\mathrm{ADP}+\mathrm{Pi}+<energy> <arrow> \mathrm{ATP}+\mathrm{H}_{2} \mathrm{O}",
    r"\mathrm{ATP}+\mathrm{H}_{2} \mathrm{O} <arrow> \mathrm{ADP}+\mathrm{P}_{\mathrm{i}}+<energy>",
    r"\mathrm{ATP} \rightleftharpoons \mathrm{ADP}+\mathrm{Pi}+\text{energy}",
    r"\mathrm{NADP}^{+}+2 \mathrm{e}^{-}+\mathrm{H}^{+} <arrow> \mathrm{NADPH}",
    r"\mathrm{NAD}^{+}+2[\mathrm{H}] <arrow> \mathrm{NADH}+\mathrm{H}^{+}",
    r"\mathrm{NADH}+\mathrm{H}^{+}+\frac{1}{2} \mathrm{O}_{2} <arrow> \mathrm{NAD}^{+}+\mathrm{H}_{2} \mathrm{O}",
    r"\mathrm{CO}_{2}+\mathrm{C}_{5} <arrow> 2 \mathrm{C}_{3}",
    r"2 \mathrm{C}_{3} \xrightarrow{\mathrm{ATP}, \mathrm{NADPH}}(\mathrm{CH}_{2} \mathrm{O})+\mathrm{C}_{5}",
    r"\mathrm{DNA} \xrightarrow{\text{transcription}} \mathrm{RNA} \xrightarrow{\text{translation}} \text{protein}",
    r"\mathrm{DNA} <arrow> \mathrm{mRNA} <arrow> \text{protein}",
    r"\mathrm{RNA} \xrightarrow{\text{reverse transcriptase}} \mathrm{DNA}",
    r"\mathrm{E}+\mathrm{S} \rightleftharpoons \mathrm{ES} <arrow> \mathrm{E}+\mathrm{P}",
    r"E+S \underset{k_{-1}}{\stackrel{k_{1}}{\rightleftharpoons}} E S \stackrel{k_{2}}{\longrightarrow} E+P",
    r"\mathrm{Hb}+\mathrm{O}_{2} \rightleftharpoons \mathrm{HbO}_{2}",
    r"\mathrm{CO}_{2}+\mathrm{H}_{2} \mathrm{O} \rightleftharpoons \mathrm{H}_{2} \mathrm{CO}_{3} "
    r"\rightleftharpoons \mathrm{H}^{+}+\mathrm{HCO}_{3}^{-}",
    r"\left(\mathrm{C}_{6} \mathrm{H}_{10} \mathrm{O}_{5}\right)_{n}+n \mathrm{H}_{2} \mathrm{O} "
    r"\xrightarrow{\text{<starch>}} n \mathrm{C}_{6} \mathrm{H}_{12} \mathrm{O}_{6}",
    r"n \mathrm{C}_{6} \mathrm{H}_{12} \mathrm{O}_{6} <arrow>"
    r"\left(\mathrm{C}_{6} \mathrm{H}_{10} \mathrm{O}_{5}\right)_{n}+n \mathrm{H}_{2} \mathrm{O}",
    r"\mathrm{N}_{2}+8 \mathrm{H}^{+}+8 \mathrm{e}^{-}+16 \mathrm{ATP} "
    r"\rightarrow 2 \mathrm{NH}_{3}+\mathrm{H}_{2}+16 \mathrm{ADP}+16 \mathrm{Pi}",
    r"6 \mathrm{CO}_{2}+18 \mathrm{ATP}+12 \mathrm{NADPH} "
    r"<arrow> \mathrm{C}_{6} \mathrm{H}_{12} \mathrm{O}_{6}+18 \mathrm{ADP}+12 \mathrm{NADP}^{+}",
    r"{ }^{14} \mathrm{CO}_{2} \rightarrow{ }^{14} \mathrm{C}_{3} "
    r"\rightarrow\left({ }^{14} \mathrm{CH}_{2} \mathrm{O}\right)",
    r"\mathrm{H}_{2}^{18} \mathrm{O} \rightarrow{ }^{18} \mathrm{O}_{2}",
    r"{ }^{14} \mathrm{CO}_{2} \rightarrow{ }^{14} \mathrm{C}_{4} \rightarrow{ }^{14} \mathrm{C}_{3} "
    r"\rightarrow{ }^{14} \mathrm{C}_{6} \mathrm{H}_{12} \mathrm{O}_{6}",
    r"\mathrm{C}^{18} \mathrm{O}_{2} \rightarrow\left(\mathrm{CH}_{2}^{18} \mathrm{O}\right)",
    r"\mathrm{A} \xrightarrow{\text{enzyme } 1} \mathrm{B} \xrightarrow{\text{enzyme } 2} \mathrm{C}",
    r"\mathrm{G}_{1} \rightarrow \mathrm{S} \rightarrow \mathrm{G}_{2} \rightarrow \mathrm{M}",
    r"\text{<product1>} \xrightarrow{\text{enzyme } <digit>} \text{<product2>}",
    r"\text{grass} \rightarrow <chain> \rightarrow \text{eagle}",
    r"\mathrm{TRH} \rightarrow \mathrm{TSH} \rightarrow \text{thyroxine}",
    r"\text{glucose}+<n> \mathrm{O}_{2} \rightarrow \text{<product>}+\text{energy}",
    r"\mathrm{Fe}^{2+}-\mathrm{e}^{-} \rightarrow \mathrm{Fe}^{3+}",
    r"\mathrm{R}-\mathrm{CH}\left(\mathrm{NH}_{2}\right)-\mathrm{COOH}",
    r"\mathrm{A}-\mathrm{P} \sim \mathrm{P} \sim \mathrm{P}", r"-\mathrm{NH}-\mathrm{CO}-", r"-\mathrm{COOH}",
    r"-\mathrm{NH}_{2}",
    r"\mathrm{H}_{2} \mathrm{~N}-\mathrm{CH}_{2}-\mathrm{COOH}",
]  # fmt: skip

UNDER_ARROW = [r"\text{enzyme}", r"\mathrm{pH} 7", r"37^{\circ} \mathrm{C}", r"\mathrm{Mg}^{2+}"]

WORDS: dict[str, Rule] = {
    "arrow": [(3, r"\rightarrow"), (2, r"\longrightarrow"), (2, r"\xrightarrow{\text{enzyme}}"),
              (1, r"\xrightarrow{\text{<condition>}}")],
    "condition": ["light", "enzyme", "ATP synthase", "chloroplast", "mitochondria", "heat", "catalyst", "dark"],
    "energy": [r"\text{energy}", r"\text{energy}", r"30.54 \mathrm{~kJ}", r"\text{heat}"],
    "starch": ["amylase", "enzyme", "acid"],
    "product": ["pyruvate", "lactate", "ethanol", "glucose", "starch", "maltose", "tyrosine", "melanin", "citrate",
                "amino acids", "urea"],
    "chain": [rf"\text{{{prey}}} \rightarrow \text{{{hunter}}}" for prey, hunter in (
        ("rabbit", "fox"), ("mouse", "snake"), ("insect", "frog"), ("locust", "bird"), ("grasshopper", "toad"),
        ("aphid", "ladybird"))],
}


def chem(formula: str) -> str:
    r"""Sets a plainly written formula: `chem("HCO3^-")` is `\mathrm{HCO}_{3}^{-}`."""
    body, _, charge = formula.partition("^")
    parts = []
    for part in re.findall(r"[A-Za-z]+|\d+|\D", body):
        parts.append(rf"\mathrm{{{part}}}" if part.isalpha() else f"_{{{part}}}" if part.isdigit() else part)
    return re.sub(r"\}(?=\\)", "} ", "".join(parts)) + (f"^{{{charge}}}" if charge else "")


def atoms(formula: str) -> Counter:
    """How many of each element a plainly written formula holds."""
    stack, last = [Counter()], Counter()
    for symbol, count, opening, closing in re.findall(
        r"([A-Z][a-z]?)|(\d+)|([(\[])|([)\]])", formula.partition("^")[0]
    ):
        if opening:
            stack.append(Counter())
        elif count:
            stack[-1].update({element: n * (int(count) - 1) for element, n in last.items()})
        else:
            last = stack.pop() if closing else Counter([symbol])
            stack[-1].update(last)
    return stack[0]


def spell(counts: Counter) -> str:
    """Elements and their numbers as a formula, in the order that biochemistry uses."""
    return "".join(f"{e}{counts[e] if counts[e] > 1 else ''}" for e in ("C", "H", "N", "O", "P", "S") if counts[e])


def side(species: list[tuple[int, str]]) -> str:
    """`2 A + B` as LaTeX."""
    return "+".join(f"{n if n > 1 else ''} {chem(formula)}".strip() for n, formula in species)


def arrow(rng: Random, conditions: list[str], reversible: bool = False) -> str:
    """An arrow, or an equals sign, with or without a condition over it."""
    if reversible:
        return r"\rightleftharpoons" if chance(rng, 0.85) else r"\leftrightarrow"
    if conditions and chance(rng, 0.65):
        condition = rng.choice(conditions)
        shown = chem(condition) if re.search(r"\d|Pt", condition) else rf"\text{{{condition}}}"
        return rng.choices(
            [rf"\xrightarrow{{{shown}}}", rf"\stackrel{{{shown}}}{{\longrightarrow}}", rf"\overset{{{shown}}}{{=}}",
             rf"\xrightarrow[{rng.choice(UNDER_ARROW)}]{{{shown}}}"],
            [6, 1, 1, 1],
        )[0]
    return rng.choices([r"\rightarrow", r"\longrightarrow", "="], [5, 2, 2])[0]


def parse_reaction(line: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]], bool, list[str], list[str]]:
    """A line of `REACTIONS`: left, right, reversible, conditions, energy terms."""
    equation, conditions, energy = (line + "||").split("|")[:3]
    reversible = "<->" in equation
    sides = []
    for text in equation.replace("<->", "->").split("->"):
        words = [term.split() for term in text.split(" + ")]
        sides.append([(int(word[0]) if len(word) == 2 else 1, word[-1]) for word in words])
    listed = [[item.strip() for item in text.split(";") if item.strip()] for text in (conditions, energy)]
    return sides[0], sides[1], reversible, listed[0], listed[1]


TABLE = [parse_reaction(line) for line in REACTIONS.strip().splitlines()]


def reaction(rng: Random) -> str:
    """An equation of the table, or one computed."""
    if chance(rng, 0.55):
        return rng.choice([combustion, condensation, condensation, fat, peptide_hydrolysis, dissociation])(rng)
    left, right, reversible, conditions, energy = rng.choice(TABLE)
    tail = ""
    if energy and chance(rng, 0.6):
        term = rng.choice(energy)
        number, _, name = term.rpartition(" ")
        tail = r"+\text{energy}" if term == "energy" else rf"+{number} \mathrm{{{name}}}"
    first = rng.random() < 0.5
    left = left if first else left[::-1]
    return f"{side(left)} {arrow(rng, conditions, reversible)} {side(right)}{tail}"


def combustion(rng: Random) -> str:
    """Of something made of carbon, hydrogen and oxygen."""
    fuel = rng.choice([m for m in METABOLITES if re.fullmatch(r"C\d*H\d+(O\d*)?", m)])
    count = atoms(fuel)
    c, h, o = count["C"], count["H"], count["O"]
    # in quarters of O2 per fuel: 4c + h - 2o, so that 1, 2 or 4 of the fuel make all numbers whole
    quarters = 4 * c + h - 2 * o
    n = 4 // gcd(4, quarters, 2 * h)
    right = [(n * c, "CO2"), (n * h // 2, "H2O")]
    energy = r"+\text{energy}" if chance(rng, 0.3) else ""
    return f"{side([(n, fuel), (n * quarters // 4, 'O2')])} {arrow(rng, ['enzyme', 'burning'])} {side(right)}{energy}"


def _join(parts: list[str]) -> str:
    """What is left when parts condense, a water lost at each bond."""
    counts = sum((atoms(part) for part in parts), Counter())
    counts.subtract({"H": 2 * (len(parts) - 1), "O": len(parts) - 1})
    return spell(counts)


def _grouped(parts: list[str]) -> list[tuple[int, str]]:
    return [(n, part) for part, n in Counter(parts).items()]


def condensation(rng: Random) -> str:
    """Two or three amino acids or two sugars joined."""
    if chance(rng, 0.8):
        parts, conditions = rng.choices(AMINO_ACIDS, k=rng.choice([2, 2, 3])), ["enzyme", "ribosome", "dehydration"]
    else:
        parts, conditions = ["C6H12O6"] * rng.randint(2, 4), ["enzyme", "dehydration"]
    right = [(1, _join(parts)), (len(parts) - 1, "H2O")]
    return f"{side(_grouped(parts))} {arrow(rng, conditions)} {side(right)}"


def peptide_hydrolysis(rng: Random) -> str:
    """A peptide and water to its amino acids."""
    parts = rng.choices(AMINO_ACIDS, k=rng.choice([2, 2, 3]))
    left = [(1, _join(parts)), (len(parts) - 1, "H2O")]
    return f"{side(left)} {arrow(rng, ['peptidase', 'protease', 'pepsin', 'trypsin'])} {side(_grouped(parts))}"


def fat(rng: Random) -> str:
    """Glycerol and three fatty acids to a fat, or back."""
    acids = sorted(rng.choices(FATTY_ACIDS, k=rng.choice([1, 3])))
    acids = acids * 3 if len(acids) == 1 else acids
    counts = sum((atoms(acid) for acid in acids), atoms("C3H8O3"))
    counts.subtract({"H": 6, "O": 3})
    parts, whole = [(1, "C3H8O3"), *_grouped(acids)], [(1, spell(counts)), (3, "H2O")]
    if chance(rng, 0.5):
        return f"{side(whole)} {arrow(rng, ['lipase'])} {side(parts)}"
    return f"{side(parts)} {arrow(rng, ['enzyme'])} {side(whole)}"


def _charge(ion: str) -> int:
    return int(re.sub(r"\D", "", ion.partition("^")[2]) or 1)


def salt(cation: str, anion: str) -> tuple[str, int, int]:
    """The neutral salt of two ions, and how many of each it holds."""
    positive, negative = _charge(cation), _charge(anion)
    a, b = (n // gcd(positive, negative) for n in (negative, positive))
    return _many(cation, a) + _many(anion, b), a, b


def _many(ion: str, n: int) -> str:
    body = ion.partition("^")[0]
    if n == 1:
        return body
    return f"({body}){n}" if len(re.findall(r"[A-Z]|\d", body)) > 1 else f"{body}{n}"


def dissociation(rng: Random) -> str:
    """A salt into its ions."""
    cation = rng.choice([ion for ion in CATIONS if ion not in ("H^+", "H3O^+")])
    anion = rng.choice(["Cl^-", "NO3^-", "SO4^2-", "HCO3^-", "CO3^2-", "PO4^3-", "OH^-", "I^-", "CH3COO^-", "Br^-",
    "F^-", "S^2-"])
    name, a, b = salt(cation, anion)
    sign = rng.choice(["=", r"\rightarrow", r"\rightleftharpoons"])
    return f"{chem(name)} {sign} {side([(a, cation), (b, anion)])}"


def molecule(rng: Random) -> str:
    """A molecule, often alone, seldom with a number, in a list, or as an abbreviation."""
    one = chem(_molecule(rng))
    kind = rng.choices(["one", "many", "list", "name", "sum"], [6, 1, 1.5, 1.5, 1])[0]
    if kind == "many":
        return f"{rng.choice([2, 2, 3, 4, 6, 12])} {one}"
    if kind == "list":
        return ", ".join([one, *(chem(_molecule(rng)) for _ in range(rng.choice([1, 1, 2])))])
    if kind == "name":
        name = chem(rng.choice(ABBREVIATIONS))
        return rng.choice([name, name, rf"{rng.randint(2, 38)} \mathrm{{ATP}}", f"[{name}]"])
    return f"{one}+{chem(_molecule(rng))}" if kind == "sum" else one


def _molecule(rng: Random) -> str:
    return rng.choice(COMMON) if chance(rng, 0.65) else rng.choice(METABOLITES + AMINO_ACIDS)


def ion(rng: Random) -> str:
    """An ion, two or three, a concentration or a ratio of them."""
    a, b = (chem(rng.choices(list(table), list(table.values()))[0]) for table in (CATIONS, ANIONS))
    c = first_new(lambda: chem(rng.choices(list(CATIONS), list(CATIONS.values()))[0]), {a})
    one = a if chance(rng, 0.7) else b
    return rng.choices(
        [one, f"{a}, {c}", f"{a}, {c}, {b}", fr"\left[{one}\right]", f"{rng.randint(2, 12)} {one}",
        fr"c\left({one}\right)",
         f"{a} / {c}", fr"{a}-{c} \text{{ pump}}", fr"c\left({a}\right)>c\left({b}\right)",
         fr"c\left({one}\right)=10^{{-{rng.randint(2, 12)}}} \mathrm{{~mol}} / \mathrm{{L}}"],
        [6, 2, 1, 1, 1, 1, 1, 0.5, 1, 1],
    )[0]
