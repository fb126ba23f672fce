r"""Genotypes, crosses, ratios and probabilities of school genetics; offspring and frequencies are computed.

Genes are written `\gene{Aa}` here; `life.restyle` sets them upright or in italics, all of a formula alike.
"""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, gcd
from random import Random

from img2latex.data.templates.engine import Rule, chance, number, plain

LOCI = dict(zip("ABDETRYCMHSGPNFLWKVQ", [30, 26, 14, 8, 8, 10, 6, 8, 5, 5, 5, 4, 4, 4, 4, 3, 3, 2, 2, 1], strict=True))
SEX_LOCI = "AABBBRRDHWEGTNMF"
RATIOS = {
    "1:1": 27, "3:1": 22, "1:1:1:1": 15, "9:3:3:1": 14, "2:1": 12, "1:2:1": 9, "9:7": 4, "9:6:1": 4, "9:3:4": 4,
    "12:3:1": 4, "13:3": 4,
    "15:1": 4, "27:9:9:9:3:3:3:1": 2, "63:1": 1, "1:4:6:4:1": 3, "4:2:2:1": 3, "6:3:2:1": 3, "3:3:1:1": 4, "2:1:1": 4,
    "1:2": 3, "1:3": 3,
    "7:1": 2, "5:1": 1, "8:1": 1, "3:1:3:1": 2, "1:1:1": 2, "6:2:1": 1, "2:3:3": 1, "45:15:3:1": 1, "2:2:1:1": 1,
    "7:1:1:1": 1,
    "1:1:2": 1, "5:3": 1, "27:37": 1, "1:2:1:2:4:2:1:2:1": 1, "36:5:5:4": .5, "41:7:7:9": .5, "9:1:1:9": .5,
    "52:3:9": 1, "10:6": .5, "11:5": .5,
}  # fmt: skip
ALLELE_SERIES = [
    "I^{A} I^{A}", "I^{A} i", "I^{B} I^{B}", "I^{B} i", "I^{A} I^{B}", "i i", "C^{R} C^{W}", "L^{M} L^{N}",
    "A_{1} A_{2}", "A^{+} a", "C^{R} C^{R}",
    "a_{1} a_{2}", "H^{+} H^{-}", "B_{1} B_{3}", "Hb^{A} Hb^{S}", "L^{M} L^{M}", "G g^{-}", "S_{1} S_{3}",
]  # fmt: skip


def loci(rng: Random, n: int) -> list[str]:
    """Distinct gene letters, mostly in alphabetic order."""
    chosen: list[str] = []
    while len(chosen) < n:
        letter = rng.choices(list(LOCI), list(LOCI.values()))[0]
        if letter not in chosen:
            chosen.append(letter)
    return sorted(chosen) if chance(rng, 0.8) else chosen


def pair(rng: Random, letter: str) -> str:
    """`Aa`, `AA` or `aa`."""
    return rng.choices([letter + letter.lower(), letter * 2, letter.lower() * 2], [5, 3, 3])[0]


def gene(text: str) -> str:
    """Marks letters as genes, to be set later."""
    return rf"\gene{{{text}}}"


def autosomal(rng: Random) -> str:
    """One to four pairs."""
    return gene("".join(pair(rng, letter) for letter in loci(rng, rng.choices([1, 2, 3, 4], [4, 6, 3, 0.6])[0])))


def linked(chromosome: str, allele: str) -> str:
    """An allele on a sex chromosome; none for Y and W."""
    return gene(chromosome) + (f"^{{{gene(allele)}}}" if allele else "")


def sex_parents(rng: Random) -> tuple[list[str], list[str]]:
    """The two chromosomes of each parent: first the sex with two equal ones."""
    letter = rng.choice(SEX_LOCI)
    double, single = ("Z", "W") if chance(rng, 0.18) else ("X", "Y")
    alleles = [rng.choice([letter, letter.lower()]) for _ in range(3)]
    both = [linked(double, allele) for allele in sorted(alleles[:2])]
    return both, [linked(double, alleles[2]), gene(single)]


def sex_linked(rng: Random) -> str:
    """A sex-linked genotype, sometimes with an autosomal pair before it."""
    before = gene("".join(pair(rng, letter) for letter in loci(rng, rng.choice([1, 1, 2])))) + " " if chance(rng,
    0.4) else ""
    return before + " ".join(rng.choice(sex_parents(rng)))


def genotype(rng: Random) -> str:
    """Any genotype."""
    if chance(rng, 0.06):
        return rng.choice(ALLELE_SERIES)
    return autosomal(rng)


def gamete(rng: Random) -> str:
    """One letter of each pair, or a list of gametes."""
    letters = loci(rng, rng.choice([2, 2, 3]))
    one = gene("".join(rng.choice([x, x.lower()]) for x in letters))
    if chance(rng, 0.3):
        a, b = letters[:2]
        return ", ".join(gene(x + y) for x in (a, a.lower()) for y in (b, b.lower()))
    if chance(rng, 0.3):
        return rng.choice([linked("X", rng.choice(SEX_LOCI)), linked("X", rng.choice(SEX_LOCI).lower()), gene("Y")])
    return one


def offspring(first: list[str], second: list[str]) -> Counter:
    """Genotypes of a cross and their parts; a parent is a list of pairs such as `["Aa", "bb"]`."""
    each = [
        Counter("".join(sorted(a + b)) for a, b in product(one, other)) for one,
        other in zip(first, second, strict=True)
    ]
    children = Counter()
    for combination in product(*(counts.items() for counts in each)):
        parts = 1
        for _, n in combination:
            parts *= n
        children["".join(kind for kind, _ in combination)] += parts
    return reduced(children)


def reduced(counts: Counter) -> Counter:
    """The same proportions in the smallest whole numbers."""
    divisor = gcd(*counts.values())
    return Counter({kind: n // divisor for kind, n in counts.items()})


def phenotypes(genotypes: Counter) -> Counter:
    """Genotypes grouped by what is seen: `A_bb`."""
    seen = Counter()
    for kind, n in genotypes.items():
        pairs = [kind[place : place + 2] for place in range(0, len(kind), 2)]
        seen["".join(p if p.islower() else p[0] + "_" for p in pairs)] += n
    return reduced(seen)


def _parents(rng: Random) -> tuple[list[str], list[str]]:
    letters = loci(rng, rng.choices([1, 2, 3], [3, 5, 2])[0])
    hybrid = [x + x.lower() for x in letters]
    recessive = [x.lower() * 2 for x in letters]
    kind = rng.choices(["self", "test", "pure", "any"], [3, 2, 2, 3])[0]
    if kind == "self":
        return hybrid, hybrid
    if kind == "test":
        return hybrid, recessive
    if kind == "pure":
        first = [rng.choice([x * 2, x.lower() * 2]) for x in letters]
        return first, [p.swapcase() for p in first]
    return [pair(rng, x) for x in letters], [pair(rng, x) for x in letters]


def cross(rng: Random) -> str:
    """Parents, often with their offspring and its ratio."""
    if chance(rng, 0.45):
        return _sex_cross(rng)
    first, second = _parents(rng)
    head = rng.choice([r"\mathrm{P}: ", "P: ", r"\mathrm{F}_{1}: "]) if chance(rng, 0.25) else ""
    children = offspring(first, second)
    if first == second and chance(rng, 0.3):
        line = rf"{head}{gene(''.join(first))} {rng.choice([OTIMES, SELFED])}"
    else:
        line = rf"{head}{gene(''.join(first))} \times {gene(''.join(second))}"
        if len(children) > 9 or chance(rng, 0.45):
            return line
        line += rng.choice([r" \rightarrow", r" \rightarrow", r" \rightarrow \mathrm{F}_{1}:", r" \longrightarrow"])
    kinds = phenotypes(children) if len(children) > 4 or (len(children) > 1 and chance(rng, 0.4)) else children
    return f"{line} {_listed(kinds, rng)}"


OTIMES, SELFED = r"\xrightarrow{\otimes}", r"\xrightarrow{\text{selfing}}"


def _sex_cross(rng: Random) -> str:
    mother, father = sex_parents(rng)
    line = rf"{' '.join(mother)} \times {' '.join(father)}"
    if chance(rng, 0.25):
        letter = rng.choice("ABDET")
        one, other = pair(rng, letter), pair(rng, letter)
        return rf"{gene(one)} {' '.join(mother)} \times {gene(other)} {' '.join(father)}"
    if chance(rng, 0.45):
        return rng.choice(["", r"\mathrm{P}: "]) + line
    # sons have the mother's chromosome in front, daughters the dominant allele
    children = Counter(
        " ".join([a, b] if b in (gene("Y"), gene("W")) else sorted([a, b])) for b, a in product(father, mother)
    )
    children = reduced(children)
    shown = ": ".join(children)
    ratio = ":".join(map(str, children.values()))
    return rf"{line} \rightarrow {shown}" + (f"={ratio}" if len(children) > 1 else "")


def _listed(kinds: Counter, rng: Random) -> str:
    names = [gene(kind) for kind in kinds]
    if len(names) == 1:
        return names[0]
    if chance(rng, 0.5):
        return f"{': '.join(names)}={':'.join(map(str, kinds.values()))}"
    return ": ".join(f"{n if n > 1 else ''} {name}".strip() for name, n in zip(names, kinds.values(), strict=True))


def ratio(rng: Random) -> str:
    """A ratio of the books, or counts that come near to one."""
    text = rng.choices(list(RATIOS), list(RATIOS.values()))[0]
    kind = rng.choices(["plain", "counts", "about", "equals", "of"], [5, 4, 1, 1, 1])[0]
    if kind == "counts":
        scale = rng.randint(12, 400) / min(3, len(text))
        parts = [int(part) * scale for part in text.split(":")]
        counts = [max(1, round(rng.gauss(part, part**0.5))) for part in parts]
        return ":".join(map(str, counts)) + (rf" \approx {text}" if min(parts) > 60 and chance(rng, 0.5) else "")
    if kind == "about":
        return rf"{rng.choice(['', 'F_{2}: ', chr(92) + 'mathrm{F}_{2}: '])}{text}"
    if kind == "of":
        parts = text.split(":")
        top = rng.choice(parts)
        return rf"{text} \Rightarrow {number(Fraction(int(top), sum(map(int, parts))))}"
    if kind == "equals":
        factors = rng.choice([("(3:1)(3:1)", "9:3:3:1"), ("(1:1)(1:1)", "1:1:1:1"), ("(3:1)(1:1)", "3:1:3:1"),
        ("(1:2:1)(1:1)", "1:1:2:2:1:1")])
        return "=".join(factors) if chance(rng, 0.3) else f"={text}"
    return text


def genotype_ratio(rng: Random) -> str:
    """Genotypes with their shares in a generation or population."""
    letter = loci(rng, 1)[0]
    kinds = [letter * 2, letter + letter.lower(), letter.lower() * 2]
    if chance(rng, 0.4):
        first, second = loci(rng, 2), None
        hybrid = [x + x.lower() for x in first]
        second = rng.choice([hybrid, [x.lower() * 2 for x in first], [hybrid[0], first[1].lower() * 2]])
        children = phenotypes(offspring(hybrid, second))
        return ": ".join(f"{n if n > 1 else ''} {gene(kind)}".strip() for kind, n in children.items())
    if chance(rng, 0.5):
        p, q = rng.choice([(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 1), (9, 1), (1, 4)])
        shares = reduced(Counter(dict(zip(kinds, [p * p, 2 * p * q, q * q], strict=True))))
    else:
        shares = Counter(dict(zip(kinds, rng.choices([1, 1, 2, 3, 4, 6, 9], k=3), strict=True)))
    if chance(rng, 0.35):
        del shares[rng.choice(kinds)]
    shares = reduced(shares)
    names = ": ".join(gene(kind) for kind in shares)
    numbers = ":".join(map(str, shares.values()))
    if chance(rng, 0.3):
        whole = sum(shares.values())
        return ", ".join(f"{number(Fraction(n, whole))} {gene(kind)}" for kind, n in shares.items())
    return f"{names}={numbers}"


def share(rng: Random) -> Fraction:
    """A probability as genetics has it."""
    bottom = rng.choices([2, 4, 8, 16, 3, 6, 9, 12, 32, 64], [6, 8, 5, 5, 5, 3, 2, 2, 1, 1])[0]
    return Fraction(rng.choice([1, 1, 1, rng.randint(1, bottom - 1)]), bottom)


def fraction(rng: Random) -> str:
    """A probability alone."""
    return number(share(rng))


def probability(rng: Random) -> str:
    """Products, complements, sums and binomial terms of probabilities."""
    f = [share(rng) for _ in range(rng.choice([2, 2, 3]))]
    product_ = f[0] * f[1] * (f[2] if len(f) > 2 else 1)
    line = r" \times ".join(map(number, f))
    n = rng.randint(2, 6)
    k = rng.randint(1, n - 1)
    p = rng.choice([Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(1, 3), Fraction(2, 3)])
    choose = rng.choice([rf"\mathrm{{C}}_{{{n}}}^{{{k}}}", rf"C_{{{n}}}^{{{k}}}", rf"\binom{{{n}}}{{{k}}}"])
    event = rng.choice(["P", "P(A)", gene(rng.choice(["aa", "Aabb", "bb"])), r"P(\text{ill})", r"P(\text{carrier})"])
    paren = rf"\left({number(p)}\right)"
    binomial = comb(n, k) * p**k * (1 - p) ** (n - k)
    both = f[0] * (1 - f[1]) + f[1] * (1 - f[0])
    return rng.choice([
        f"{line}={number(product_)}",
        f"{line}={number(product_)}",
        f"{event}={line}={number(product_)}",
        line,
        rf"1-{number(f[0])}={number(1 - f[0])}",
        rf"1-{line}={number(1 - product_)}",
        rf"{number(f[0])} \times\left(1-{number(f[1])}\right)={number(f[0] * (1 - f[1]))}",
        rf"{number(f[0])} \times {number(1 - f[1])}+{number(1 - f[0])} \times {number(f[1])}={number(both)}",
        rf"{choose} \times {paren}^{{{k}}} \times\left({number(1 - p)}\right)^{{{n - k}}}={number(binomial)}",
        rf"{paren}^{{{n}}}={number(p**n)}",
        rf"{line} \times 100 \%={plain(product_ * 100)} \%" if (product_ * 10000).denominator == 1 else line,
        rf"{number(f[0] / 2)}+{number(f[1])} \times \frac{{1}}{{2}}={number(f[0] / 2 + f[1] / 2)}",
        rf"\frac{{{number(f[0])}}}{{{number(f[0])}+{number(f[1])}}}={number(f[0] / (f[0] + f[1]))}",
    ])


def hardy_weinberg(rng: Random) -> str:
    """Allele and genotype frequencies that agree with each other."""
    bottom = rng.choice([2, 3, 4, 5, 10, 10, 20, 25, 50, 60, 100, 100, 200])
    q = Fraction(rng.choice([1, 1, rng.randint(1, bottom - 1)]), bottom)
    if chance(rng, 0.4):
        q = Fraction(rng.randint(1, 9), 10)
    p = 1 - q
    dec = [plain(x) for x in (p * p, 2 * p * q, q * q)]
    exact = (p * p * 10000).denominator == 1  # then four decimals hold all of it
    x = rng.choice([("A", "a"), ("B", "b"), ("T", "t"), ("R", "r")])
    hom, het, rec = gene(x[0] * 2), gene("".join(x)), gene(x[1] * 2)
    n, m, k = (rng.randint(5, 400) for _ in range(3))
    counted = Fraction(2 * n + m, 2 * (n + m + k))
    generation = rng.randint(2, 6)
    left_over = Fraction(1, 2**generation)
    return rng.choice([
        r"p^{2}+2 p q+q^{2}=1", "p+q=1", r"(p+q)^{2}=p^{2}+2 p q+q^{2}=1",
        rf"q^{{2}}={number(q * q)}, q={number(q)}",
        rf"q^{{2}}={number(q * q)} \Rightarrow q={number(q)}, p={number(p)}",
        rf"2 p q=2 \times {number(p)} \times {number(q)}={number(2 * p * q)}",
        f"{dec[0]}+{dec[1]}+{dec[2]}=1" if exact else f"p=1-q={number(p)}",
        rf"p={number(p)}, q={number(q)}",
        rf"\frac{{2 p q}}{{p^{{2}}+2 p q}}={number(2 * p * q / (p * p + 2 * p * q))}",
        rf"{hom}=p^{{2}}={number(p * p)}, {het}=2 p q={number(2 * p * q)}, {rec}=q^{{2}}={number(q * q)}",
        rf"{gene(x[0])}=\frac{{2 \times {n}+{m}}}{{2 \times({n}+{m}+{k})}}={number(counted)}",
        rf"{gene(x[0])}=\frac{{2 {hom}+{het}}}{{2({hom}+{het}+{rec})}} \times 100 \%",
        rf"p={dec[0]}+\frac{{1}}{{2}} \times {dec[1]}={plain(p)}" if exact else f"q={number(q)}",
        rf"{het}=\left(\frac{{1}}{{2}}\right)^{{{generation}}}={number(left_over)}",
        rf"{hom}={rec}=\frac{{1}}{{2}}\left(1-\frac{{1}}{{2^{{{generation}}}}}\right)={number((1 - left_over) / 2)}",
        rf"\frac{{1}}{{2^{{n}}}} {het}, \frac{{1}}{{2}}\left(1-\frac{{1}}{{2^{{n}}}}\right) {hom}",
        r"D=p_{A B}-p_{A} p_{B}", r"f(\gene{Aa})=2 p q(1-F)", rf"q=\sqrt{{{number(q * q)}}}={number(q)}",
    ])


def linkage(rng: Random) -> str:
    """Linked genes written as fractions."""
    a, b = sorted(loci(rng, 2))
    four = [a + b, a + b.lower(), a.lower() + b, a.lower() + b.lower()]
    one, other, third, fourth = (gene(rng.choice(four)) for _ in range(4))
    distance = rng.randint(1, 45)
    return rng.choice([
        rf"\frac{{{one}}}{{{other}}} \times \frac{{{third}}}{{{fourth}}}",
        rf"\frac{{{one}}}{{{other}}}",
        f"{': '.join(map(gene, four))}={50 - distance}:{distance}:{distance}:{50 - distance}",
        rf"\mathrm{{RF}}=\frac{{{distance * 4}}}{{400}} \times 100 \%={distance} \%",
    ])


def chromosomes(rng: Random) -> str:
    """Numbers of chromosomes, karyotypes, generations."""
    n = rng.choice([2, 3, 4, 7, 8, 9, 10, 12, 14, 19, 20, 21, 23, 24, 39])
    form, sets = rng.choice([r"\mathrm{n}", "n"]), rng.choice([3, 4, 6, 8])
    i = rng.choice(["1", "2", "2", "3", "n", "n+1"])
    base = rng.choice([r"\mathrm{F}", r"\mathrm{F}", "F", r"\mathrm{BC}", r"\mathrm{G}", r"\mathrm{T}", r"\mathrm{P}",
    r"\mathrm{S}"])
    return rng.choice([
        rf"2 {form}={2 * n}", rf"2 {form}={2 * n}", f"{form}={n}",
        rf"2 {form}={2 * n - 2}+\mathrm{{{rng.choice(['XX', 'XY'])}}}",
        rf"{2 * n - 2}+\mathrm{{{rng.choice(['XX', 'XY', 'ZW', 'ZZ'])}}}", rf"{sets} {form}={sets * n}",
        rf"2 {form}+{rng.randint(1, 2)}", rf"2 {form}-1",
        rf"{rng.choice(['45, X', '46, XX', '46, XY', '47, XXY', '47, XYY', '47, XXX'])}".replace(" ",
        r" \mathrm{") + "}",
        f"{base}_{{{i}}}", f"{base}_{{{i}}}", r"\mathrm{P}, \mathrm{F}_{1}, \mathrm{F}_{2}",
        rf"2^{{{rng.randint(2, 23)}}}", f"2^{{{form}}}",
        rf"\mathrm{{X}} \mathrm{{{rng.choice('XYO')}}}", r"\mathrm{F}_{1} \times \mathrm{F}_{1}",
        r"\mathrm{F}_{1} \times \mathrm{P}", rf"{base}_{{1}} \stackrel{{\otimes}}{{\longrightarrow}} {base}_{{2}}",
    ])


CATEGORIES: dict[str, tuple[float, Rule]] = {
    "genotype": (10, genotype),
    "sex-linked": (6, sex_linked),
    "gamete": (2.5, gamete),
    "cross": (11, cross),
    "ratio": (7, ratio),
    "genotype-ratio": (5, genotype_ratio),
    "fraction": (2, fraction),
    "probability": (10, probability),
    "hardy-weinberg": (6, hardy_weinberg),
    "linkage": (1.5, linkage),
    "chromosomes": (3, chromosomes),
}
