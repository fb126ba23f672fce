"""Layouts that lists of formulas rarely hold and people often photograph: tables with lines, derivations over several
lines, sums in columns, diagrams, matrices of all sorts, and marks around a formula.

What stands in a cell or a line is drawn from the other templates. Where LaTeX has several ways to write one picture,
the rules keep to the one that the labels use.
"""

import re
from random import Random
from string import ascii_letters, ascii_uppercase

from img2latex.data.templates import mathematics, university
from img2latex.data.templates.algebra import braced, decimal, fraction, value
from img2latex.data.templates.engine import Rule, Templates, block, chance, first_new, number, table_body
from img2latex.latex.tokens import tokenize

MAX_TOKENS = 160  # of a label
SUBJECTS = "short power linear quadratic expression physics calculus analysis numbers logarithm".split()
SEVERAL_LINES = re.compile(r"&|\\\\|\\begin")
ARROWS = [r"\to", r"\longrightarrow", r"\hookrightarrow", r"\twoheadrightarrow", r"\leftarrow", "=", r"\mapsto",
          r"\xrightarrow{<name>}", r"\xrightarrow{<name>}", r"\xleftarrow{<name>}"]  # fmt: skip
MATRICES = ["pmatrix", "bmatrix", "vmatrix", "matrix", "Vmatrix"]


def piece(rng: Random, longest: int = 14) -> str:
    """A short formula or part of one, on one line and at most so many tokens as written."""
    return first_new(lambda: _formula(rng, longest), {"x"})


def _formula(rng: Random, longest: int) -> str:
    text = mathematics.restyle(rng, mathematics.TEMPLATES.draw(rng, rng.choice(SUBJECTS)))
    return "x" if len(tokenize(text)) > longest or SEVERAL_LINES.search(text) else text


def symbol(rng: Random) -> str:
    """A letter, Latin or Greek, perhaps with an index."""
    base = rng.choice(ascii_letters) if chance(rng, 0.7) else university.WORDS["gk"](rng)
    return base if chance(rng, 0.7) else f"{base}_{{{rng.choice('0123ijkn')}}}"


def integer(rng: Random) -> str:
    """A whole number, mostly of one digit."""
    return str(rng.choice([rng.randint(0, 9), rng.randint(0, 9), rng.randint(-9, 99), rng.randint(0, 999)]))


WORDS: dict[str, Rule] = {
    "piece": piece, "part": lambda rng: piece(rng, 8), "sym": symbol, "int": integer, "value": value, "dec": decimal,
    "let": lambda rng: rng.choice(ascii_letters), "lo": lambda rng: rng.choice("abcfghknpqrstuvxyz"),
    "caps": lambda rng: " ".join(rng.choice(ascii_uppercase) for _ in range(rng.choice([2, 2, 3, 3, 4]))),
    "i": [*"ijkmn"], "n": [*"nmNK"], "bit": [*"01"], "truth": [*"TF"], "d": [*"123456789"],
    "fr": lambda rng: rng.choice(["", "", "-"]) + number(fraction(rng)), "ratio": r"\frac{<sym>}{<sym>}".split(),
    "word": "Area Volume speed distance time mass force total cost profit number probability energy work rate".split(),
    "text": [r"\text{<word>}"], "claim": ["p", "q", "r", "A", "B", "P", "Q", r"\neg p", r"\neg q"],
    "logic": [rf"<claim1> \{sign} <claim2>" for sign in ("wedge", "vee", "to", "Rightarrow", "leftrightarrow")],
    "money": [r"\$<int1>.<d><d>", r"\$<d><d>", r"\$<d><d>.<d><d>"],
    "link": ["and", "or", "if", "where", "for all", "with"],
    "label": block(r"n   k   n \text{ times}   m+n   =0   \text{const}   1   A   \text{(1)}   \text{odd}"),
    "name": block(r"f   g   h   \phi   \pi   i   \alpha   f_{1}   \sim   f^{*}   \delta"),
    "down": r"\downarrow \downarrow \uparrow \| \Downarrow".split(),
    "condition": block(r"""
        <let><0   <let>><int>   <let>=<int>   <let> \geq <int>   <int> \leq x<<int>   x \in <let>
    """),
    "limit": block(r"""
        1 \leq <i> \leq <n>   <i> \neq <n>   <i><<n>   <i> \in <let>   <i> \mid <n>   <i>+<n>=k   <i>=1
    """),
    "element": "C N O U H B He Th Pu".split(), "big": r"\sum \sum \prod \max \min \bigcup \lim".split(),
    "integrals": r"\iint \iiint \iiint \oint \int\cdots\int".split(), "volume": ["V", "S", "A", "x d y", "x d y d z"],
    "around": block(r"""
        \underbrace{<piece>}_{<label>}   \overbrace{<piece>}^{<label>}   \overbrace{<piece>}^{<sym>}
        \underbrace{<piece>}   \boxed{<piece>}   \boxed{<sym>=<value>}   \cancel{<sym>}
        \frac{\cancel{<int>} <sym>}{\cancel{<int>}}
        \widehat{<caps>}   \overline{<caps>}   \overrightarrow{<caps>}   \overleftrightarrow{<caps>}
        \widetilde{<caps>}   \overset{\frown}{<caps>}   \overline{<piece>}   \underline{<piece>}
        <sym> \overset{<label>}{=} <piece>
        <sym> \xrightarrow{<label>} <sym>   <sym> \xrightarrow[<sym>]{<label>} <sym>   \lfloor <piece>\rfloor
        <sym> \xleftarrow{<label>} <sym>   <sym> \xleftarrow[<sym>]{<label>} <sym>   \lceil <piece>\rceil
        \underset{<sym> \in <let>}{\max} <piece>   \left.<piece>\right|_{<label>}^{<int>}
    """),
    "limits": block(r"""
        <big>_{\substack{<limit> \\ <limit>}} <part>   <big>_{\substack{<limit> \\ <limit> \\ <limit>}} <part>
        <integrals>_{<let>} <part> d <volume>   \varinjlim_{<i>} <let>_{<i>}   \varprojlim <let>_{<i>}
        \lim_{\longleftarrow} <let>_{<i>}   \lim_{\longrightarrow} <let>   {}_{<d>} <let>_{<d>}(<sym>, <sym> ; <i> ; z)
        {}_{<n>} C_{<i>}=<part>   {}_{<d>}^{<d><d>} \mathrm{<element>}   {}_{<d><d>}^{<d><d><d>} \mathrm{<element>}
        <let>^{<i> <n>}{}_{<lo> <lo>}   \mathop{<let>}_{<i>}^{<n>} <part>
    """),
    "words": block(r"""
        \text{<word>}=<piece>   <text>=\frac{<text>}{<text>}   <piece> \quad \text{<link>} \quad <piece>
        \text{Let } <sym>=<int> \text{. Then } <piece>   <money>+<money>=<money>   <money> \times <d>=<money>
        <piece> \tag{<d>}   \text{Step } <d>: <piece>
    """),
}  # fmt: skip
PARTS = Templates(WORDS)
EVERY, FIRST, NONE = range(1, 10), [1], []
LINES = [  # below which rows and beside which columns there is a line, and whether there is one around all
    (EVERY, EVERY, True), (EVERY, EVERY, True), (FIRST, EVERY, True), (NONE, NONE, True), (FIRST, NONE, False),
    (FIRST, FIRST, False), (FIRST, FIRST, False), (NONE, EVERY, False), (EVERY, NONE, False), (NONE, FIRST, False),
]  # fmt: skip
CELLS = ["int", "int", "sym", "value", "fr", "dec", "ratio", "part", "bit", "truth"]


def _grid(rng: Random, height: int, width: int) -> list[list[str]]:
    """Cells that are mostly all of one kind; one in twenty is empty."""
    kind = rng.choice(CELLS)
    return [[PARTS.draw(rng, kind) if chance(rng, 0.95) else "" for _ in range(width)] for _ in range(height)]


def table(rng: Random) -> str:
    """Values, truths or names, with lines around all, below the head, beside the first column, or everywhere."""
    height, width = rng.randint(2, 6), rng.randint(2, 7)
    rows = _grid(rng, height, width)
    if chance(rng, 0.5):
        rows[0] = [PARTS.draw(rng, rng.choice(["sym", "sym", "logic", "text"])) for _ in rows[0]]
    if chance(rng, 0.4):
        kind = rng.choice(["sym", "text", "int"])
        rows = [[PARTS.draw(rng, kind), *row[1:]] for row in rows]
    below, beside, frame = rng.choice(LINES)
    lines = [r"\hline " * (place in below) + " & ".join(row) for place, row in enumerate(rows)]
    text, letter = r" \\ ".join(lines), rng.choice("cccccllr")
    columns = "".join("|" * (place in beside) + letter for place in range(width))
    if frame:
        columns, text = f"|{columns}|", rf"\hline {text} \\ \hline"
    return rf"\begin{{array}}{{{columns}}} {text} \end{{array}}"


def column(rng: Random) -> str:
    """Addition, subtraction or multiplication as written by hand, one number below the other."""
    sign, digits, places = rng.choice(["+", "+", "-", r"\times"]), rng.randint(1, 5), rng.choice([0, 0, 0, 1, 2])
    numbers = [rng.randint(1, 10**digits) for _ in range(rng.choice([2, 2, 2, 3]) if sign == "+" else 2)]
    first, *others = numbers
    result = {"+": sum(numbers), "-": first - sum(others), r"\times": first * others[0]}[sign]
    *above, last = [f"{n / 10**places:.{places}f}" for n in numbers]
    places *= 2 if sign == r"\times" else 1
    below = f"{result / 10**places:.{places}f}"
    rows = [*above, f"{sign} {last}", rf"\hline {below}"]
    return rf"\begin{{array}}{{r}} {table_body([[row] for row in rows])} \end{{array}}"


def derivation(rng: Random) -> str:
    """Two to five lines, aligned at their relation or at their beginning, or centred below each other."""
    count, longest = rng.randint(2, 5), rng.choice([8, 14, 22])
    relation = rng.choice(["=", "=", "=", "=", r"\leq", r"\geq", r"\Rightarrow", "<", r"\approx", r"\equiv"])
    right = [piece(rng, longest) for _ in range(count)]
    if chance(rng, 0.4):  # a step changes a part of the line above it
        right = [f"{right[0]}{rng.choice('+-=')}{symbol(rng)}" for _ in right]
    kind = rng.choice(["chain", "chain", "pairs", "whole", "centred"])
    if kind == "centred":
        return rf"\begin{{gathered}} {table_body([[line] for line in right])} \end{{gathered}}"
    left = [symbol(rng) if kind == "pairs" else piece(rng, 10) for _ in right]
    if kind == "chain":
        left[1:] = [""] * (count - 1)
    rows = [["", f"{a} {relation} {b}"] if kind == "whole" else [a, f"{relation} {b}"]
            for a, b in zip(left, right, strict=True)]  # fmt: skip
    text = rf"\begin{{aligned}} {table_body(rows)} \end{{aligned}}"
    return rf"\left\{{{text}\right." if kind == "pairs" and chance(rng, 0.25) else text


def piecewise(rng: Random) -> str:
    """A function by cases with conditions, or a few equations behind a brace."""
    count = rng.randint(2, 4)
    if chance(rng, 0.3):
        return braced(rng, [f"{piece(rng, 10)}={integer(rng)}" for _ in range(count)])
    before = rng.choice([r"\text{if } ", r"\text{if }", r"\text{for } ", r"\text{when } ", "", ""])
    comma = rng.choice(["", ","])
    rows = [[PARTS.draw(rng, rng.choice(["int", "sym", "part"])) + comma, before + PARTS.draw(rng, "condition")]
            for _ in range(count)]  # fmt: skip
    if chance(rng, 0.4):
        rows[-1][1] = rng.choice([r"\text{otherwise}", r"\text{else}", r"\text{otherwise.}"])
    return rf"{rng.choice(['f(x)=', 'f(n)=', symbol(rng) + '=', ''])}\begin{{cases}} {table_body(rows)} \end{{cases}}"


def matrix(rng: Random) -> str:
    """Of numbers, fractions or small formulas: alone, in an equation, parted by lines, or a product of vectors."""
    make = rng.choice([_vectors, _parted, _parted, _column_vector, _matrices, _matrices, _matrices])
    return make(rng, rng.choice(MATRICES))


def _vectors(rng: Random, _: str) -> str:
    form = rng.choice([r"\mathbf{%s}", r"\vec{%s}", r"\hat{%s}", "%s", r"\boldsymbol{%s}"])
    return rf"\begin{{vmatrix}} {table_body([[form % name for name in 'ijk'], *_grid(rng, 2, 3)])} \end{{vmatrix}}"


def _parted(rng: Random, _: str) -> str:
    """An augmented matrix, or one of blocks."""
    height, width = rng.randint(2, 4), rng.randint(3, 5)
    rows, left = _grid(rng, height, width), width - rng.choice([1, 1, 1, width // 2])
    if chance(rng, 0.15):
        rows[1][0] = r"\hline " + rows[1][0]
    opened, closed = rng.choice([("(", ")"), ("[", "]"), ("[", "]"), ("|", "|")])
    columns = f"{'c' * left}|{'c' * (width - left)}"
    return rf"\left{opened}\begin{{array}}{{{columns}}} {table_body(rows)} \end{{array}}\right{closed}"


def _column_vector(rng: Random, kind: str) -> str:
    return f"{rng.choice(['', symbol(rng) + '='])}{_one(rng, kind, rng.randint(2, 5), 1)}"


def _matrices(rng: Random, kind: str) -> str:
    height, width = rng.randint(1, 4), rng.randint(2, 5)
    text = rng.choice(["", symbol(rng) + "="]) + _one(rng, kind, height, width)
    if chance(rng, 0.4):
        text += rng.choice(["", "=", "+", "-", r"\cdot "]) + _one(rng, kind, width, rng.choice([1, 2, width]))
        if chance(rng, 0.4):
            text += "=" + _one(rng, kind, height, rng.choice([1, width]))
    return text


def _one(rng: Random, kind: str, height: int, width: int) -> str:
    power = rng.choice(["", "", "", "", "^{T}", "^{-1}", r"^{\top}", "^{2}"]) if kind != "matrix" else ""
    return rf"\begin{{{kind}}} {table_body(_grid(rng, height, width))} \end{{{kind}}}{power}"


def diagram(rng: Random) -> str:
    """Objects in rows and columns with arrows between them, all in a direction alike."""
    across, along = rng.choice([2, 2, 3, 4]), rng.choice([1, 2, 2, 2, 3])
    arrow, down = rng.choice(ARROWS), PARTS.draw(rng, "down")
    slanted = rng.choice(["", "", "", "", r"\searrow", r"\swarrow", r"\nearrow"])
    rows = []
    for _ in range(along):
        names = [[symbol(rng), PARTS.fill(rng, arrow)] for _ in range(across)]
        rows += [sum(names, [])[:-1], [down, *[slanted, down] * (across - 1)]]
    return rf"\begin{{matrix}} {table_body(rows[:-1])} \end{{matrix}}"


def around(rng: Random) -> str:
    """A mark around or over a part: braces with a word, boxes, strokes, wide accents, labelled arrows."""
    text = PARTS.draw(rng, "around")
    forms = ["{}=<part>", "<part>={}", "{}+<sym>"]
    if r"\boxed" not in text:  # around all there is, a box is a frame, which is taken off a picture
        forms += ["{}", "{}"]
    return PARTS.fill(rng, rng.choice(forms)).replace("{}", text, 1)


CATEGORIES: dict[str, Rule] = {
    "table": table, "column": column, "derivation": derivation, "piecewise": piecewise, "matrix": matrix,
    "diagram": diagram, "around": around,
    "limits": lambda rng: PARTS.draw(rng, "limits"), "words": lambda rng: PARTS.draw(rng, "words"),
}  # fmt: skip
WEIGHTS = {
    "table": 5, "column": 1, "derivation": 5, "piecewise": 3, "matrix": 5, "diagram": 2, "around": 4, "limits": 3,
    "words": 2,
}  # fmt: skip
TEMPLATES = Templates(CATEGORIES)
