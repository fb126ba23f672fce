r"""Pages set by Typst, for `img2latex.evaluate --pages`: nothing on them was made by what made the training pages.

    python -m benchmarks.typst_pages --formulas formulas.tsv --out pages/typst --count 20
    python -m img2latex.evaluate --pages pages/typst

Another program sets them, in its own fonts and math fonts, and the sentences were written for this. Formulas come
from a list (a line: source <tab> LaTeX), or from `benchmarks.formulas`.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import typst

from benchmarks.formulas import FORMULAS
from img2latex.data import colours, lists, pages
from img2latex.export import markup
from img2latex.picture import pdf

HEADS = {
    "article": "#set page(margin: 2.4cm, numbering: \"1\")\n#set par(justify: true)\n#set text(10.5pt)",
    "columns": "#set page(margin: 1.8cm, columns: 2)\n#set par(justify: true)\n#set text(9.5pt)",
    "notes": "#set page(paper: \"us-letter\", margin: 3cm, header: [_Lecture notes_ #h(1fr) §4])\n#set text(11pt)",
    "exercises": "#set page(margin: 2cm)\n#set enum(numbering: \"a)\")\n#set text(11pt)",
    "slides": "#set page(paper: \"presentation-16-9\", margin: 1.6cm)\n#set text(20pt)",
    "manual": "#set page(margin: (x: 3cm, y: 2cm))\n#set text(10pt)",
}
MOST = 2000  # formulas of a list
FACES = ("New Computer Modern", "Libertinus Serif", "DejaVu Sans Mono")
# `@` stands for a formula.
SENTENCES = """
Let @ be the space of all bounded sequences, and write @ for its norm.
Since the series converges for every choice of @, its sum depends on @ alone.
We now show that @ implies @, which was claimed in Section 3.
The second author was supported by a grant; part of this work was done in Kyoto in 2019.
It is well known (see, e.g., [12, p. 87]) that no such map exists if @ holds.
In particular @, so the two definitions agree whenever @ is even.
A sample of 1,240 patients was drawn at random; 37.5 % of them had been treated before.
Suppose, on the contrary, that @. Then @ for some @, a contradiction.
By Theorem 2.1 we may assume that @ is compact and that @ vanishes on its boundary.
How fast does the error decrease as @ grows? Table 1 answers this for @.
If the mass is 5 kg and the spring constant 20 N/m, the period does not depend on @.
Die Funktion @ ist auf ganz @ stetig, aber nirgends differenzierbar.
Zeige, dass die Gerade durch die Punkte A und B den Kreis mit der Gleichung @ berührt.
On en déduit que @ est une suite croissante et majorée, donc convergente.
The algorithm stops after at most @ steps, and needs no more than 64 MB of memory.
I thank A. Weber, who pointed out a gap in the proof of (b), and the referee for many remarks.
Consequently the rate @ is optimal, up to a constant that depends only on @.
Figure 3 shows the result for two values of @; the dashed line is the prediction.
Find all real numbers @ with @, and sketch the set of solutions.
""".strip().split("\n")
CODE = ("x = solve(A, b)", "for k in range(10):", "    s += f(a[k], n-1) / 2", "mp.diff(lambda t: t**3, 1.0)",
        "print(x[0:3], y_1)", "{ 'alpha': 0.05, 'n': 12 }", "$ make test > log.txt 2>&1")  # fmt: skip
TITLES = ("A remark on convergence", "Results", "Proof of the main theorem", "Exercises", "Notation", "Conclusion")


class Source:
    """A Typst document that is written down, with the formulas on it."""

    def __init__(self, short: list[tuple[str, str]], long: list[tuple[str, str]], kind: str, rng: np.random.Generator):
        self.short, self.long, self.kind, self.rng = short, long, kind, rng
        self.formulas: list[tuple[str, str]] = []  # kind and LaTeX of each, by its number

    def write(self) -> str:
        face = str(self.rng.choice(FACES[:2] if self.kind != "manual" else FACES))
        blocks = [f'{HEADS[self.kind]}\n#set text(font: "{face}")', f"= {self.rng.choice(TITLES)}"]
        makers = {"exercises": [self._list, self._text, self._shown], "slides": [self._list, self._shown, self._shown],
                  "manual": [self._text, self._code, self._shown, self._text],
                  "notes": [self._text, self._theorem, self._shown, self._shown]}  # fmt: skip
        chosen = makers.get(self.kind, [self._text, self._shown, self._text, self._shown, self._table])
        for _ in range(4 if self.kind == "slides" else 16):
            blocks.append(chosen[self.rng.integers(len(chosen))]())
        return "\n\n".join(blocks)

    def _coloured(self, kind: str, latex: str, body: str) -> str:
        self.formulas.append((kind, latex))
        return f"text(fill: rgb{colours.colour(len(self.formulas) - 1)})[{body}]"

    def _sentence(self) -> str:
        words = str(self.rng.choice(SENTENCES)).split("@")
        told = [words[0]]
        for word in words[1:]:
            latex, math = self.short[self.rng.integers(len(self.short))]
            told.append(f"#{self._coloured('inline', latex, f'${math}$')}{word}")
        return "".join(told)

    def _text(self) -> str:
        return " ".join(self._sentence() for _ in range(self.rng.integers(2, 6)))

    def _theorem(self) -> str:
        return f"*Lemma {self.rng.integers(1, 20)}.* _{self._sentence()}_"

    def _list(self) -> str:
        return "\n".join(f"+ {self._sentence()}" for _ in range(self.rng.integers(2, 5)))

    def _code(self) -> str:
        return "```\n" + "\n".join(self.rng.choice(CODE, 4)) + f"\n```\nHere `{self.rng.choice(CODE)}` is called twice."

    def _table(self) -> str:
        cells = ", ".join(f"[{self.rng.uniform(0, 50):.2f}]" for _ in range(9))
        return f"#align(center, table(columns: 3, [run], [error], [seconds], {cells}))"

    def _shown(self) -> str:
        latex, math = self.long[self.rng.integers(len(self.long))]
        number = ""
        if self.rng.random() < 0.4:
            told = f"({self.rng.integers(1, 60)})"
            number = f"numbering: _ => {self._coloured('number', told, told)}, "
        body = self._coloured("displayed", latex, f"#math.equation(block: true, {number}$ {math} $)")
        return f"#{body}"


def formulas(path: Path | None, rng: np.random.Generator) -> list[tuple[str, str]]:
    """LaTeX and Typst of each formula that Typst can express, of MOST from a list."""
    bodies = list(FORMULAS) if path is None else [latex for _, latex in lists.read(path)]
    rng.shuffle(bodies)
    spelled = ((latex, markup(latex).get("Typst")) for latex in bodies[:MOST])
    return [(latex, math) for latex, math in spelled if math and _compiles(math)]


def _compiles(math: str) -> bool:
    try:
        typst.compile(f"$ {math} $".encode(), format="svg")
    except typst.TypstError:
        return False
    return True


def draw(found: list[tuple[str, str]], rng: np.random.Generator) -> Iterator[tuple[np.ndarray, list]]:
    """Endless pages: of each its picture (0 ink) and its formulas, (box, kind, LaTeX) each."""
    short = [pair for pair in found if len(pair[0]) < 40 and not re.search(r"\\begin|\\\\", pair[0])]
    long = [pair for pair in found if 15 < len(pair[0]) < 200]
    for kind in itertools.cycle(HEADS):
        source = Source(short, long, kind, rng)
        made = typst.compile(source.write().encode(), format="pdf")
        dpi = 100 if kind == "slides" else 150
        grey, inks = colours.separate(np.asarray(pdf.draw_page(made, 1, dpi=dpi)))
        placed = []
        for number, places in inks.items():
            if number < len(source.formulas):  # their colours repeat after a page's worth of formulas
                what, latex = source.formulas[number]
                placed += [(box, what, latex) for box in colours.boxes(places, dpi / 7, what != "inline")]
        yield grey, placed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.typst_pages", description=__doc__.split("\n")[0])
    parser.add_argument("--formulas", type=Path, help="a line: source <tab> latex (default: benchmarks.formulas)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    try:
        made = draw(formulas(options.formulas, rng), rng)
        pages.write(options.out, itertools.islice(made, options.count), options.count)
    except (ValueError, OSError) as error:
        print(f"typst_pages: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
