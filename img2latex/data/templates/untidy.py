r"""What books and worksheets hold and lists of tidy formulas lack: labelled arrows, equation numbers and what looks
like one, written arithmetic, bold italic, units, staggered indices, strokes, several lines, tall vectors, colours.

A number is written `\tag{1}`; where it stands is the renderer's choice.
"""

import re
from random import Random
from string import ascii_letters, ascii_lowercase

from img2latex.data.templates import layouts, life, mathematics, notation, reactions, written
from img2latex.data.templates.engine import Rule, Templates, chance, table_body, variable_power
from img2latex.data.templates.layouts import SEVERAL_LINES, piece, symbol
from img2latex.latex.tokens import tokenize

MAX_TOKENS = 180  # of a label
COLOURS = ["gray", "gray", "gray", "lightgray", "black!55", "black!45", "black!35", "orange", "orange", "cyan",
           "blue", "red", "brown", "teal", "olive", "magenta", "green", "black!30"]  # fmt: skip
STEP = re.compile(r"\\begin\{[a-z]+\}|\\end\{[a-z]+\}|\\left|\\right|\\[A-Za-z]+|\\.|.", re.DOTALL)
OPENING, CLOSING = ("{", "(", "[", r"\left", r"\{", r"\langle"), ("}", ")", "]", r"\right", r"\}", r"\rangle")
SIGNS = ("=", "+", "-", r"\leq", r"\geq", r"\approx", r"\rightarrow", r"\to", r"\equiv")


def one_line(rng: Random, longest: int = 60) -> str:
    """A formula on one line, out of any of the subjects."""
    while True:
        source = rng.random()
        if source < 0.5:
            text = mathematics.restyle(rng, mathematics.TEMPLATES.draw(rng, rng.choice(list(mathematics.WEIGHTS))))
        elif source < 0.65:
            text = life.restyle(rng, life.TEMPLATES.draw(rng, rng.choice(list(life.WEIGHTS))))
        else:
            text = TEMPLATES.draw(rng, rng.choice(["bold", "physics", "kinetics", "reaction", "convergence", "tensor",
                                                 "differential", "quantity", "modular", "best", "sum"]))  # fmt: skip
        if len(tokenize(text)) <= longest and not SEVERAL_LINES.search(text):
            return text


def several_lines(rng: Random) -> str:
    """A derivation, a system, a matrix or a formula that goes on in another line."""
    if chance(rng, 0.3):
        return layouts.TEMPLATES.draw(rng, rng.choice(["derivation", "piecewise", "matrix"]))
    return TEMPLATES.draw(rng, rng.choice(["lines", "lines", "vectors", "wide-line"]))


def letter(rng: Random) -> str:
    """A letter without an index, Latin or Greek."""
    return symbol(rng).partition("_")[0]


def environment(name: str, rows: list) -> str:
    """Rows of cells, or cells of a single column, in an environment."""
    cells = [[row] if isinstance(row, str) else row for row in rows]
    return rf"\begin{{{name}}} {table_body(cells)} \end{{{name}}}"


def number(rng: Random) -> str:
    """The number of an equation, with its command."""
    n, m = rng.randint(1, 9), rng.randint(1, 30)
    k = rng.choice([rng.randint(1, 9), rng.randint(1, 9), rng.randint(10, 150)])
    letter = rng.choice("abcdefx")
    text = rng.choices(
        [str(k), f"{n}.{m}", f"{n}.{m}{letter}", f"{k}{letter}", f"{rng.choice('ABCDES')}.{m}",
         f"{rng.choice('ABS')}{m}", f"{k}'", "*", "**", f"{n}-{m}", f"{n}.{rng.randint(1, 9)}.{m}",
         rng.choice(["i", "ii", "iii", "iv", "v", "vi"]), rng.choice("abcdefIPQR"), f"{rng.choice('ABC')}-{m}",
         f"{n}.{m}'", f"{n}, {n + 1}"],
        [40, 20, 6, 5, 6, 2, 5, 4, 1, 5, 4, 3, 3, 1, 1, 0.5],
    )[0]  # fmt: skip
    if chance(rng, 0.12):
        return rf"\tag*{{[{text}]}}"
    return rf"\tag{{{text}}}"


def numbered(rng: Random) -> str:
    """A formula with its number."""
    text = one_line(rng) if chance(rng, 0.8) else several_lines(rng)
    return f"{text}{rng.choice(['', '', '', '', ',', '.'])} {number(rng)}"


def factor_at_the_end(rng: Random) -> str:
    """A bracket at the end, or the beginning, that is no number: a factor, an argument, an interval."""
    n, m, x = rng.choice([1, 1, 2, 3, 4, 5, 10, 12]), rng.randint(0, 9), rng.choice(ascii_letters)
    gap = rng.choice(["", "", "", "", r"\,", r"\;", r"\ ", r"\cdot", r"\times "])
    inside = rng.choice([n, n, n, m, f"{n}.{m}", f"-{n}", x, f"{n}{x}", f"{x}-{n}", f"{n},{m}", f"{x}+1"])
    bracket = rng.choice(["({})", "({})", "({})", "[{}]"]).format(inside)
    before = rng.choice([f"{n}", x, f"{x}({m})", piece(rng, 10), f"{x}={m}({n})", f"{x}^{{2}}", f"{m}!",
                         one_line(rng, 25), r"\sin", rf"{x}^{{\prime}}", rf"f({n})=f", f"{x}=", f"({m})",
                         rf"\frac{{{x}}}{{{n}}}", f"P({m})+P"])  # fmt: skip
    return f"({n}){gap} {before}" if chance(rng, 0.12) else f"{before}{gap}{bracket}"


def summed(rng: Random) -> str:
    """A sum with limits above and below; small print follows in the denominator or the next line."""
    i, n = rng.choice("ijkn"), rng.choice(["n", "N", "m", r"\infty", "K", r"H\times W", "n-1", "d"])
    term = rng.choice([piece(rng, 8), f"{letter(rng)}_{{{i}}}", f"c_{{{i}}}x^{{{i}}}", rf"\exp(e_{{{i}}})",
                       rf"w_{{{i}}} x_{{{i}}}", rf"\alpha^{{{i}}}\cdot f^{{{i}}}", rf"\frac{{{i}}}{{{n}}}",
                       rf"\binom{{{n}}}{{{i}}}"])  # fmt: skip
    sign = rng.choice([r"\sum", r"\sum", r"\sum", r"\prod"])
    total = f"{sign}_{{{i}={rng.choice('101ab')}}}^{{{n}}}{' ' if term[0].isalpha() else ''}{term}"
    top = rng.choice([rf"\exp(e_{{{i}}})", symbol(rng), "1", piece(rng, 6)])
    return rng.choice([total, total, rf"\frac{{{top}}}{{{total}}}", f"{symbol(rng)}+{total}",
                       f"{piece(rng, 6)}+{total}"])


def _right(rng: Random) -> str:
    return rng.choice([summed, summed, lambda r: piece(r, 16), lambda r: piece(r, 10), _fraction, _fraction])(rng)


def _fraction(rng: Random) -> str:
    return rf"\frac{{{piece(rng, 10)}}}{{{piece(rng, 8)}}}"


def lines(rng: Random) -> str:
    """Two to five lines, aligned or not, with sums, fractions and lines that end in a sum."""
    count = rng.choice([2, 2, 2, 3, 3, 4, 5])
    right = [_right(rng) for _ in range(count)]
    sign, ending = rng.choice(["=", "=", "=", r"\leq", r"\approx", r"\propto"]), rng.choice(["", "", "", "", ",", ";"])
    right[:-1] = [line + ending for line in right[:-1]]
    left = [rng.choice([symbol(rng), symbol(rng), f"{symbol(rng)}^{{{rng.choice('tnk')}}}",
                        f"{rng.choice('fgyz')}(x)"]) for _ in right]
    kind = rng.choice(["pairs", "pairs", "pairs", "chain", "whole", "gathered", "right"])
    if kind in ("gathered", "right"):
        whole = [f"{a}{sign} {b}" for a, b in zip(left, right, strict=True)]
        return environment("gathered" if kind == "gathered" else "aligned", whole)
    if kind == "chain":
        left[1:] = [""] * (count - 1)
    rows = [["", f"{a}{sign} {b}"] if kind == "whole" else [a, f"{sign} {b}"] for a, b in zip(left, right, strict=True)]
    return environment("aligned", rows)


def _expansion(rng: Random) -> list[str]:
    """Terms of a series, the last of them dots or not."""
    x, count = rng.choice("xxxtzh"), rng.randint(3, 5)
    product = lambda k, form: r"\cdot ".join(form.format(2 * j) for j in range(1, k + 1))  # noqa: E731
    step = rng.choice([
        lambda k: rf"\frac{{{x}^{{{2 * k + 1}}}}}{{{product(k, '{}')}}}" if k else x,
        lambda k: rf"\frac{{{x}^{{{2 * k}}}}}{{{product(k, '{}^{{2}}')}}}" if k else "1",
        lambda k: rf"\frac{{{x}^{{{k}}}}}{{{k}!}}" if k > 1 else x if k else "1",
        lambda k: f"a_{{{k}}} {variable_power(x, k)}" if k else "a_{0}",
        lambda k: rf"\frac{{f^{{({k})}}(a)}}{{{k}!}}{variable_power(f'({x}-a)', k)}" if k else "f(a)",
        lambda k: rf"\frac{{{k + 1}}}{{{k + 2}}}",
        lambda k: f"{k + 1}{variable_power(x, k)}" if k else "1", lambda k: rf"\frac{{1}}{{{k + 1}^{{2}}}}",
        lambda k: f"{letter(rng)}_{{{k}}}",
    ])  # fmt: skip
    return [*(step(k) for k in range(count)), r"\cdots"] if chance(rng, 0.8) else [step(k) for k in range(count + 1)]


def _joined(terms: list[str], signs: str) -> str:
    return terms[0] + "".join(signs[k % len(signs)] + term for k, term in enumerate(terms[1:]))


def wide_line(rng: Random) -> str:
    """A long formula that goes on in a second or third line: after a sign, or with a bracket of its own."""
    if chance(rng, 0.45):  # a product of two expansions
        parts = [rf"\left({_joined(_expansion(rng), rng.choice(['+', '-', '-+']))}\right)" for _ in range(2)]
        parts[0] = rng.choice([r"\int_{0}^{\infty}", r"\int_{0}^{1}", "", "", "y=", r"\sum_{n}", "f(x)="]) + parts[0]
        parts[1] += rng.choice(["", r"\,dx", "dx", "=0", r"^{2}"])
    else:
        count = rng.choice([2, 2, 2, 3])
        head = rng.choice([f"{symbol(rng)}=", "f(x)=", "", f"{piece(rng, 8)}=",
                           rf"({symbol(rng)}+{symbol(rng)})^{{{rng.randint(3, 7)}}}="])
        parts = [_joined(_expansion(rng), rng.choice(["+", "-", "+-"])) for _ in range(count)]
        sign = rng.choice("+-")
        before = chance(rng, 0.7)  # the sign begins the line or ends the one before it
        if before:
            parts[1:] = [sign + part for part in parts[1:]]
        else:
            parts[:-1] = [part + sign for part in parts[:-1]]
        parts[0] = head + parts[0]
    kind = rng.choice(["left", "shifted", "right", "gathered"])
    if kind in ("right", "gathered"):
        return environment("aligned" if kind == "right" else "gathered", parts)
    shift = r"\quad " if kind == "shifted" else ""
    return environment("aligned", [["", (shift if k else "") + part] for k, part in enumerate(parts)])


def _column(rng: Random, height: int) -> list[str]:
    """Cells of a vector, alike but for an index, all equal, or of any kind."""
    letter = rng.choice(["<a>_{#}", "<a>_{#}", "<a>_{#}", "<a>_{#1}", "<a>_{1#}", "#", "<a>", "<n>", "<n>", "<any>",
                         "<a>(#)", "<a>^{#}"])
    base = rng.choice([*ascii_lowercase, r"\alpha", r"\lambda", r"\theta", r"\dot{x}", r"\hat{y}", r"\mu", "X"])
    cells = [letter.replace("<a>", base).replace("#", str(k + 1)) for k in range(height)]
    some = {"<any>": lambda: symbol(rng), "<n>": lambda: str(rng.choice([0, 0, 1, 1, 2, -1, rng.randint(-99, 99)]))}
    cells = [some[cell]() if cell in some else cell for cell in cells]
    if height > 3 and chance(rng, 0.15):
        cells[height - 2] = r"\vdots"
        cells[-1] = cells[-1].replace(str(height), "n")
    return cells


def vectors(rng: Random) -> str:
    """Column vectors and matrices of one to eight rows: equalities, sums, products."""
    height = rng.randint(1, 8)  # rows
    kind = rng.choice(["pmatrix", "bmatrix", "pmatrix", "bmatrix", "vmatrix", "Bmatrix", *["matrix"] * (height > 1)])
    def one(width: int = 1) -> str:
        columns = [_column(rng, height) for _ in range(width)]
        return environment(kind, list(zip(*columns, strict=True)))
    name = rng.choice([rf"\mathbf{{{rng.choice(ascii_letters)}}}", symbol(rng),
                       rf"\vec{{{rng.choice(ascii_lowercase)}}}",
                       rf"\boldsymbol{{{rng.choice(ascii_letters)}}}"])  # fmt: skip
    wide = rng.randint(2, 4)
    return rng.choice([
        lambda: f"{one()}={one()}", lambda: f"{one()}={one()}", lambda: f"{one()}+{one()}={one()}",
        lambda: f"{name}={one()}",
        lambda: f"{one()}", lambda: f"{one(wide)}", lambda: f"{name}={one(wide)}",
        lambda: f"{one()}={one(wide)} {name}",
        lambda: f"{one()}-{one()}", lambda: f"{one(wide)}={one(wide)}", lambda: rf"{name}=\lambda {one()}",
        lambda: f"{one()}^{{T}}",
    ])()  # fmt: skip


def equal_parts(rng: Random) -> str:
    """Five to twelve equal terms, factors or rows."""
    count = rng.randint(5, 12)
    term = rng.choice([piece(rng, 5), symbol(rng), str(rng.randint(1, 99)), r"\frac{1}{2}", "x^{2}", "(x+1)"])
    sign = rng.choice(["+", "+", "+", r"\cdot ", r"\times ", "-", ",", "=", ""])
    if chance(rng, 0.25):
        rows = [term] * min(count, 8)
        if chance(rng, 0.3):
            rows[-1] = symbol(rng)
        return environment(rng.choice(["pmatrix", "bmatrix", "aligned", "gathered"]), rows)
    return sign.join([term] * count) + rng.choice(["", f"={symbol(rng)}", rf"={count} \cdot {term}", "=0"])


def _places(text: str) -> list[tuple[int, int]]:
    """Where the terms and the braced parts of a formula on one line stand."""
    found, start, at, depth, open_braces = [], 0, 0, 0, []
    for token in STEP.findall(text):
        if token in SIGNS and depth == 0:
            found.append((start, at))
            start = at if token in "+-" else at + len(token)
        depth += (token in OPENING) - (token in CLOSING)
        if token == "{":
            open_braces.append(at + 1)
        elif token == "}":
            found.append((open_braces.pop(), at))
        at += len(token)
    return [(a, b) for a, b in [*found, (start, at)] if text[a:b].strip(" +-")]


def coloured(rng: Random) -> str:
    """A formula with a term, a script or a side in grey or another colour."""
    while True:
        text = one_line(rng, 40)
        if r"\left." in text or r"\right." in text:
            continue
        text = re.sub(r"\\(?:left|right)(?![A-Za-z])", "", text)
        places = [(a, b) for a, b in _places(text) if b - a < 0.7 * len(text) and _whole(text[:a], text[a:b])]
        if len(places) > 1:
            break
    a, b = rng.choice([places[0], places[-1], rng.choice(places)])
    return rf"{text[:a]}\textcolor{{{rng.choice(COLOURS)}}}{{{text[a:b]}}}{text[b:]}"


def _whole(before: str, part: str) -> bool:
    """Can braces stand around the part: it is no word, its brackets pair, its scripts have a base."""
    opening = re.search(r"\\([A-Za-z]+)\s*(?:\[[^\[\]]*\])?\{$", before)
    wordy = opening and opening[1] in ("begin", "end", "text", "mathrm", "operatorname", "mbox", "textrm", "ce",
                                       "mathbb", "mathcal")
    balanced = all(part.count(x) == part.count(y) for x, y in ["{}", "()", "[]"])
    return not wordy and balanced and not part.lstrip().startswith(("^", "_", "'")) and "&" not in part


CATEGORIES: dict[str, Rule] = (
    reactions.CATEGORIES | written.CATEGORIES | notation.CATEGORIES
    | {"numbered": numbered, "no-number": factor_at_the_end, "sum": summed, "lines": lines, "wide-line": wide_line,
       "vectors": vectors, "equal-parts": equal_parts, "coloured": coloured}
)  # fmt: skip
TEMPLATES = Templates(CATEGORIES)
WEIGHTS = {
    # labelled arrows
    "reaction": 5, "equilibria": 2, "kinetics": 5, "pathway": 3, "maps": 3, "convergence": 3, "short-arrow": 3,
    # equation numbers, and what looks like one
    "numbered": 14, "no-number": 4,
    # written arithmetic
    "addition": 2, "subtraction": 1.5, "multiplication": 1.5, "division": 4, "polynomial-division": 2,
    # letters, units, marks
    "bold": 10, "quantity": 9, "differential": 2, "tensor": 4, "struck": 4, "modular": 2, "binomial": 2, "best": 1.5,
    "physics": 3,
    # rows
    "lines": 6, "wide-line": 4, "vectors": 5, "equal-parts": 2, "sum": 1,
    "coloured": 3,
}  # fmt: skip


def restyle(rng: Random, latex: str) -> str:
    """Signs that met are merged; spelling is each rule's own."""
    return latex.replace("+-", "-").replace("--", "+") if r"\tag" not in latex else latex
