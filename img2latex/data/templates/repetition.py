"""Formulas whose parts look alike: series, products, chains, matrices, systems, nests and long numbers.

A model that loses its place among repeated parts leaves one out or reads one twice, and formulas from papers have too
few of them to learn from. A part is a template in which `#k` is its index, `#n` the next one, `#m` the index as a
factor (nothing for 1), in matrices `#i` and `#j` row and column, in nests `#*` what is inside. The rest of the template
is drawn once per formula, so that the parts differ in their indices alone.
"""

from functools import reduce
from random import Random
from string import ascii_letters

from img2latex.data.templates.algebra import braced
from img2latex.data.templates.engine import Rule, Templates, chance, join, one_of, table_body

Rows = list[list[str]]
GREEK = [rf"\{name}" for name in "alpha beta gamma delta lambda mu nu xi rho sigma tau phi varphi psi omega".split()]
FENCES = [("(", ")"), ("[", "]"), (r"\{", r"\}"), ("|", "|"), (r"\langle ", r"\rangle ")]
JOINTS = r", , , , , ; = = = \neq < < \leq \geq > : \mid \equiv \cup \cap \oplus \otimes \wedge \vee".split()
JOINTS += r"\to \rightarrow \subset \subseteq \cdot \circ \quad".split()
POOLS = ["01", "01", ["0", "1", "-1"], "0123456789", "1", "ab0", [str(k) for k in range(-9, 100)], ascii_letters,
         [r"\frac{1}{2}", r"-\frac{1}{2}", "0", "1"], "*0", "xy1", ["+", "-", "0"]]  # fmt: skip
MATRICES = ["pmatrix", "pmatrix", "bmatrix", "bmatrix", "vmatrix", "array", "matrix", "Vmatrix", "smallmatrix"]
MAX_TOKENS = 230  # of a label: many repeated parts need room, and the model writes at most 256

WORDS: dict[str, Rule] = {
    "a": one_of(*"abcdefghkmnpqrstuvwABCDEFGHKLMNPQRSTUVWX", *GREEK, *GREEK),
    "x": one_of(*"xxxxxyztuvwsrz", r"\theta", r"\omega"),
    "bold": [r"\mathbf{<x>}", r"\mathbf{<a>}", r"\vec{<x>}", r"\hat{<a>}", r"\bar{<x>}", r"\boldsymbol{<a>}"],
    "f": ["f", "g", "h", "u", "F", "P", r"\phi", r"\psi", "<a>"],
    "s": ["2", "3", "s", "p", "n", "4"],
    "trig": [r"\cos", r"\sin", r"\tan", r"\exp", r"\log", r"\ln", r"\sinh"],
    "one": [
        (8, "<a>_{#k}"), (5, "<x>_{#k}"), (3, "<x>^{#k}"), (3, "#k"), (1, "<a>^{(#k)}"), (1, "<bold>_{#k}"),
        (1, "<f>_{#k}(<x>)"), (1, "<f>(<x>_{#k})"), (1, "<a>_{#k}^{2}"), (1, "<a>_{n-#k}"), (1, "<a>_{#k #n}"),
        (1, "<a>_{i_{#k}}"), (1, "<x>_{#k}^{<a>_{#k}}"),
    ],
    "sum": ["<x>-#k", "<x>+#k", "<x>-<x>_{#k}", "1+<one>", "1-<one>", "<one>+<one>", "<one>-<one>", "<x>-<a>_{#k}",
            "1-<x>^{#k}", "#k+1", "<x>^{2}+#k^{2}", r"1-\frac{<x>^{2}}{#k^{2} \pi^{2}}", "1+<x>^{#k}"],
    "term": [
        (6, "<one>"), (6, "<one> <one>"), (4, "<a>_{#k} <x>^{#k}"), (3, r"\frac{<one>}{<one>}"), (2, r"#m <a>_{#k}"),
        (3, r"<a>_{#k} \cos #m <x>"), (2, r"<a>_{#k} \sin (#m <x>)"), (2, r"\frac{<trig> #m <x>}{#k}"),
        (3, r"<a>_{#k} \cos #m <x>+<a>_{#k} \sin #m <x>"), (2, r"<a>_{#k} e^{i #m <x>}"), (2, "<a>_{#k} <bold>_{#k}"),
        (3, r"\frac{<x>^{#k}}{#k !}"), (2, r"\frac{<a>_{#k}}{<sum>}"), (2, r"\frac{1}{#k^{<s>}}"),
        (1, r"\frac{1}{#k \cdot #n}"), (1, r"\frac{1}{#k (#n)}"), (2, r"\frac{<f>^{(#k)}(<x>)}{#k !}(x-a)^{#k}"),
        (1, r"\binom{<s>}{#k} <x>^{#k}"), (1, "<a>_{#k} <trig> <a>_{#k}"), (1, r"|<x>_{#k}-<a>_{#k}|"),
        (2, "(<sum>)^{2}"), (1, "(<sum>)(<sum>)"), (1, r"\frac{<sum>}{<sum>}"), (1, r"\sqrt{<one>}"),
        (1, r"\sqrt{<sum>}"), (1, r"\frac{\partial <f>}{\partial <x>_{#k}} d <x>_{#k}"),
        (1, r"\frac{\partial^{2} <f>}{\partial <x>_{#k}^{2}}"), (1, r"\int_{<x>_{#k}}^{<x>_{#n}} <f>(x) d x"),
        (1, r"P(A_{#k}) P(B | A_{#k})"), (1, r"\sum_{i=1}^{n} <a>_{i #k}"), (1, r"<a>^{n-#k} <x>^{#k}"),
        (1, r"\|<x>_{#k}\|^{2}"), (1, r"\langle <x>, <bold>_{#k}\rangle <bold>_{#k}"), (1, r"#m <x> <x>^{\prime}"),
        (1, r"\left(\frac{<one>}{<one>}\right)^{#k}"), (1, r"<f>\left(\frac{#k}{<a>}\right)"), (1, "<a>_{#k}!"),
        (1, r"\overline{<a>_{#k}}"), (1, r"<a>_{#k} \otimes <a>_{#k}"), (1, r"d <x>_{#k}"), (1, r"\frac{#k}{#n}"),
    ],
    "factor": [
        (6, "(<sum>)"), (2, r"\left(<sum>\right)"), (2, "<one>"), (1, r"\frac{<one>}{<one>}"), (1, "(<sum>)^{#k}"),
        (1, "(<sum>)^{2}"), (1, r"\left(\frac{<sum>}{<sum>}\right)"), (1, "<one> !"), (1, r"\sqrt{<one>}"),
        (1, r"\left(1+\frac{<one>}{<one>}\right)"), (1, r"\int_{0}^{<one>} d <x>_{#k}"), (1, r"\sum_{<x>_{#k}=1}^{n}"),
        (1, r"\forall <x>_{#k}"), (1, r"e^{<one>}"), (1, r"\Gamma(<one>)"), (1, r"[<one>]"),
    ],
    "cell": [
        (8, "<a>_{#i #j}"), (2, "<x>_{#i}^{#j}"), (2, "<x>_{#i} <a>_{#j}"), (1, "<a>_{#i, #j}"), (1, "#i #j"),
        (2, r"\frac{\partial <f>_{#i}}{\partial <x>_{#j}}"), (1, "<f>_{#i}(<x>_{#j})"), (1, "<bold>_{#i #j}"),
        (1, r"\langle <bold>_{#i}, <bold>_{#j}\rangle"), (1, "<a>_{#i}+<a>_{#j}"), (1, "<a>_{#j}^{(#i)}"),
        (1, r"\frac{1}{<a>_{#i}+<a>_{#j}}"), (1, r"\frac{<a>_{#i #j}}{<a>_{#j}}"), (1, r"\mathbf{<a>}_{#i #j}"),
    ],
    "layer": [  # a nest: `#*` is the same again, one deeper
        (4, r"1+\frac{1}{#*}"), (4, r"<a>_{#k}+\frac{1}{#*}"), (3, r"<a>_{#k}+\frac{<a>_{#k}}{#*}"),
        (3, r"#k+\frac{1}{#*}"), (3, r"#k+\cfrac{1}{#*}"), (2, r"<a>_{#k}+\cfrac{<a>_{#k}}{#*}"),
        (2, r"\frac{<x>}{#k+#*}"), (2, r"1-\frac{#k <x>}{#*}"), (1, r"#k-\cfrac{<x>^{2}}{#*}"),
        (2, r"2+\frac{#k^{2}}{#*}"), (2, r"\frac{1}{1+#*}"), (1, r"\frac{#*}{#k}+<one>"), (1, r"\frac{<one>}{1-#*}"),
        (3, r"\sqrt{#k+#*}"), (2, r"\sqrt{<x>+#*}"), (2, r"\sqrt{<one>-#*}"), (1, r"\sqrt[#n]{<x> #*}"),
        (1, r"\sqrt{1+#k #*}"), (1, r"<f>\left(#*\right)"), (2, r"<f>(#*)"), (1, r"<trig>(<one>+#*)"),
        (1, r"(#*)<x>+<a>_{#k}"), (1, r"\left(#*\right)^{#k}"), (1, r"[<one>,#*]"), (1, r"<a>_{#k}+<x>(#*)"),
        (1, r"\{<one>, #*\}"), (1, r"\left(<one>+#*\right)"), (.6, r"<x>^{#*}"), (.6, r"e^{<one>+#*}"),
    ],
    "core": ["<x>", "1", "<one>", "<sum>", r"\frac{1}{<x>}", "<a>", r"\cdots ", r"\ddots ", "<x>^{2}", "2"],
    "head": [(6, ""), (1, "<f>(x)="), (1, "<a>="), (1, "<a>_{n}="), (1, "y="), (.5, "0="), (.5, r"\sum_{k} <a>_{k}="),
             (.5, "-"), (.5, r"<f>(x)=\frac{<a>_{0}}{2}+"), (.3, r"\Rightarrow ")],
    "tail": [(6, ""), (1, "=0"), (1, "=1"), (1, "=<a>"), (.5, r"\leq <a>"), (.5, "=n"), (.5, r"<\infty"),
             (.5, "=<f>(x)"), (.3, ","), (.3, ".")],
}  # fmt: skip
PARTS = Templates(WORDS)


def indices(rng: Random, count: int) -> list[str]:
    """Numbers in a row, mostly from 0 or 1; also odd or even ones, squares, powers, downwards, letters, any."""
    start, letter = rng.choice([1, 1, 1, 1, 0, 0, 2, 3]), ord(rng.choice("aijkp"))
    made = rng.choices([
        lambda k: start + k, lambda k: 2 * k + 1, lambda k: 2 * k + 2, lambda k: (k + 1) ** 2, lambda k: 2**k,
        lambda k: count - k, lambda k: chr(letter + k), lambda k: rng.randint(0, 12),
    ], [12, 2, 2, 1, 1, 1, 1, 1])[0]  # fmt: skip
    return [str(made(k)) for k in range(count)]


def part(template: str, index: str) -> str:
    """The template at this index."""
    following = str(int(index) + 1) if index.isdigit() else f"{index}+1"
    return template.replace("#k", index).replace("#n", following).replace("#m", "" if index == "1" else index)


def _row(rng: Random, word: str, dots: float = 0.15) -> list[str]:
    """Parts made of one template, at times with dots and a last part counted with a letter."""
    template = PARTS.draw(rng, word)
    row = [part(template, index) for index in indices(rng, rng.randint(3, 10 if len(template) < 12 else 8))]
    if chance(rng, dots):
        row.append(rng.choice([r"\cdots", r"\ldots"]))
        if chance(rng, 0.6):
            row.append(part(template, rng.choice("nNmk")))
    return row


def series(rng: Random) -> str:
    """A sum of terms, their signs all alike, in turn or at random."""
    terms = _row(rng, "term")
    pattern = rng.choices(["+", "-", "+-", "-+", "?"], [8, 1, 2, 1, 2])[0]
    signs = [rng.choice("+-") if pattern == "?" else pattern[place % len(pattern)] for place in range(len(terms) - 1)]
    text = terms[0] + "".join(sign + term for sign, term in zip(signs, terms[1:], strict=True))
    return PARTS.draw(rng, "head") + text + PARTS.draw(rng, "tail")


def product(rng: Random) -> str:
    """Factors side by side or with a sign between them."""
    joint = rng.choice(["", "", "", r" \cdot ", r" \times "])
    text = reduce(lambda left, right: join(left + joint, right), _row(rng, "factor"))
    return PARTS.draw(rng, "head") + text + PARTS.draw(rng, "tail")


def chain(rng: Random) -> str:
    """Terms with relations, commas or operations between them, in a fence or without."""
    text = f" {rng.choice(JOINTS)} ".join(_row(rng, rng.choice(["one", "one", "term"]), dots=0.3))
    left, right = rng.choice(FENCES)
    return f"{left}{text}{right}" if chance(rng, 0.4) else text


def _chosen(rng: Random, height: int, width: int) -> Rows:
    """Entries out of a few, each often."""
    pool = rng.choice(POOLS)
    return [[rng.choice(pool) for _ in range(width)] for _ in range(height)]


def _banded(rng: Random, height: int, width: int) -> Rows:
    """Something on the diagonal and beside it or on one side, zeros or blanks elsewhere."""
    template = rng.choice(["1", "#i", PARTS.draw(rng, "a"), PARTS.draw(rng, "cell")])
    zero = rng.choice(["0", "0", ""])
    below, above = rng.choice([(0, 0), (0, 0), (1, 1), (0, 9), (9, 0), (0, 1)])
    return [[_cell(template, i, j) if -below <= j - i <= above else zero for j in range(1, width + 1)]
            for i in range(1, height + 1)]  # fmt: skip


def _indexed(rng: Random, height: int, width: int) -> Rows:
    """Rows and columns counted from 0 or 1, now and then with dots before the last."""
    template, start = PARTS.draw(rng, "cell"), rng.choice([1, 1, 1, 0])
    rows = [str(start + i) for i in range(height)]
    columns = [str(start + j) for j in range(width)]
    if chance(rng, 0.2) and min(height, width) > 2:
        rows[-2:], columns[-2:] = ["", rng.choice("mnN")], ["", rng.choice("nmk")]
    return [[_cell(template, i, j) for j in columns] for i in rows]


def _cell(template: str, i: int | str, j: int | str) -> str:
    """The template in this row and column; dots where one of them is left open."""
    if i == "" or j == "":
        return r"\ddots" if i == j else r"\vdots" if i == "" else r"\cdots"
    return template.replace("#i", str(i)).replace("#j", str(j))


def matrix(rng: Random) -> str:
    """A matrix of 2 to 6 rows and columns, named or not, with a vector beside it at times."""
    height, width = rng.randint(2, 6), rng.randint(2, 6)
    if chance(rng, 0.6):
        width = height
    rows = rng.choices([_chosen, _banded, _indexed], [3, 2, 4])[0](rng, height, width)
    kind, letter = rng.choice(MATRICES), PARTS.draw(rng, "x")
    text = rng.choice(["", "", "", "A=", r"\det ", "M^{-1}="]) + _environment(rng, kind, rows)
    if chance(rng, 0.25):
        text += _environment(rng, kind, [[f"{letter}_{{{k + 1}}}"] for k in range(width)])
        if chance(rng, 0.5):
            text += "=" + _environment(rng, kind, [[f"b_{{{k + 1}}}"] for k in range(height)])
    return text


def _environment(rng: Random, kind: str, rows: Rows) -> str:
    if kind != "array":
        return rf"\begin{{{kind}}} {table_body(rows)} \end{{{kind}}}"
    columns = rng.choice("ccrl") * len(rows[0])
    bar = rng.randrange(1, len(columns)) if len(columns) > 1 and chance(rng, 0.3) else 0
    columns = columns[:bar] + "|" * (bar > 0) + columns[bar:]
    left, right = rng.choice([("(", ")"), ("[", "]"), ("|", "|")])
    return rf"\left{left}\begin{{array}}{{{columns}}} {table_body(rows)} \end{{array}}\right{right}"


def table(rng: Random) -> str:
    """Two rows of values with a line between them, as of a function or a random variable."""
    width = rng.randint(3, 8)
    template, largest = PARTS.draw(rng, "one"), rng.choice([3, 20, 200])
    above = [part(template, str(k)) for k in range(1, width + 1)] if chance(rng, 0.4) else None
    rows = [above or _numbers(rng, largest, width), _numbers(rng, largest, width)]
    first, second = (" & ".join([name, *row]) for name, row in zip(["x", rng.choice("yfP")], rows, strict=True))
    return rf"\begin{{array}}{{c|{'c' * width}}} {first} \\ \hline {second} \end{{array}}"


def _numbers(rng: Random, largest: int, width: int) -> list[str]:
    return [str(rng.randint(0, largest)) for _ in range(width)]


def equations(rng: Random) -> str:
    """A system of 2 to 5 linear equations or like lines, in a brace, in columns or aligned."""
    height, width = rng.randint(2, 5), rng.randint(2, 5)
    letters = rng.choice([[f"x_{{{k + 1}}}" for k in range(5)], list("xyzuv"), list("abcde"),
                          [f"{PARTS.draw(rng, 'a')}_{{{k}}}" for k in range(5)]])  # fmt: skip
    cell = PARTS.draw(rng, "cell") if chance(rng, 0.5) else ""
    lines = []
    for i in range(1, height + 1):
        terms = [f"{_cell(cell, i, j) if cell else rng.choice(['', '2', '3', '5'])} {letter}"
                 for j, letter in enumerate(letters[:width], 1)]  # fmt: skip
        signed = terms[0] + "".join(rng.choice("++-") + term for term in terms[1:])
        lines.append((signed, f"b_{{{i}}}" if cell else str(rng.randint(0, 20))))
    if chance(rng, 0.6):
        return braced(rng, [f"{left}={right}" for left, right in lines])
    return rf"\begin{{aligned}} {table_body([[left, f'={right}'] for left, right in lines])} \end{{aligned}}"


def nest(rng: Random) -> str:
    """One and the same around itself, two to seven deep: continued fractions, roots, brackets, functions."""
    template = PARTS.draw(rng, "layer")
    row = indices(rng, rng.randint(2, 4 if "^{#*}" in template else 7))
    text = part(PARTS.draw(rng, "core"), row[-1])
    for index in reversed(row[:-1]):
        text = part(template, index).replace("#*", text)
    return PARTS.draw(rng, "head") + text + PARTS.draw(rng, "tail")


def digits(rng: Random) -> str:
    """Long numbers of few digits: ones and zeros, periods, groups of three; alone, in a sum or in a list."""
    made = [_long_number(rng) for _ in range(rng.choice([1, 1, 2, 3, 4]))]
    joint = rng.choice(["+", "-", "=", ",", r"\times", "<", r"\approx", ":", ";"])
    return f" {joint} ".join(made)


def _long_number(rng: Random) -> str:
    length = rng.randint(4, 16)
    pool = rng.choice(["01", "1", "0", "9", "3", "123", "0123456789", "27", "10"])
    text = "".join(rng.choice(pool) for _ in range(length))
    if chance(rng, 0.3):
        text = (rng.choice(["142857", "12", "3", "6", "09", "123"]) * length)[:length]
    form = rng.choice(["whole", "whole", "decimal", "groups", "base", "dots"])
    if form == "groups":
        return rng.choice(["{,}", r"\,", "~"]).join(text[k : k + 3] for k in range(0, length - length % 3, 3))
    return {"decimal": f"0.{text}", "base": f"{text}_{{2}}", "dots": rf"0.{text}\ldots"}.get(form, text)


def word(rng: Random) -> str:
    """The same few letters again and again: monomials written out, strands, exact sequences, primes."""
    pool = rng.sample(list("abcdxyzuvwABCGTXYZ") + GREEK, rng.randint(1, 4))
    joint = rng.choice(["", "", *r"\cdot \otimes \oplus \to \times , + \circ \wedge \mid".split()])
    text = f" {joint} ".join(rng.choice(pool) for _ in range(rng.randint(4, 14)))
    forms = [text, text, f"({text})", rf"\underbrace{{{text}}}_{{n}}", rf"\mathrm{{{text}}}", f"0 {joint} {text}"]
    return rng.choice(forms)


CATEGORIES: dict[str, Rule] = {
    "series": series, "product": product, "chain": chain, "matrix": matrix, "table": table, "equations": equations,
    "nest": nest, "digits": digits, "word": word,
}  # fmt: skip
WEIGHTS = {"series": 8, "product": 4, "chain": 5, "matrix": 6, "table": 0.6, "equations": 2, "nest": 6, "digits": 1.5,
           "word": 1.5}  # fmt: skip
TEMPLATES = Templates(CATEGORIES)
