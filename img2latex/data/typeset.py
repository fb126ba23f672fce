r"""Pages of LaTeX documents: papers in one and two columns, exercise sheets, exams, slides; each formula in its colour.

One run of `pdflatex` sets a document of many pages; PDFium draws them.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from img2latex.data import colours, floats, render
from img2latex.data.prose import FORMULA, Prose
from img2latex.latex.escaping import escaped
from img2latex.picture import pdf

KINDS = {"paper": 4, "columns": 5, "exam": 2, "notes": 3, "slides": 2}
LANGUAGES = {"en": 6, "de": 2, "fr": 1, "es": 1}
_PREAMBLE = r"""\documentclass[{}]{{article}}
\usepackage[T1]{{fontenc}}\usepackage[utf8]{{inputenc}}
\usepackage{{amsmath}}
\newcommand\bmmax{{0}}\newcommand\hmmax{{0}}
{}
\usepackage{{array,mathtools,mathrsfs,bm,cancel,xcolor,graphicx}}
{}
"""
MARKED = 0.03  # share of the words that are set in another face, or bear a mark
_SANS = r"\renewcommand\familydefault{\sfdefault}"
# A formula is set only if it fits; its number (#3) has a colour of its own.
_COMMANDS = r"""
\newsavebox\tried
\newcommand\shown[4]{\sbox\tried{$\displaystyle #2$}\ifdim\wd\tried<0.86\linewidth\ifdim\ht\tried<0.4\textheight
\begin{equation*}{\color[RGB]{#1}#2}\if!#3!\else\tag*{\textcolor[RGB]{#3}{#4}}\fi\end{equation*}\fi\fi}
\newcommand\within[2]{\sbox\tried{$#2$}\ifdim\wd\tried<0.8\linewidth{\color[RGB]{#1}$#2$}\fi}
\begin{document}
"""
_ERROR = re.compile(r"^l\.(\d+) ", re.M)


class Document:
    """A LaTeX document that is written down line by line; a formula has a line of its own.

    Args:
        inline, displayed: give the next formula of each kind.
    """

    def __init__(self, inline: Callable[[], str], displayed: Callable[[], str], rng: np.random.Generator):
        self.inline, self.displayed, self.rng = inline, displayed, rng
        self.kind = render.pick(KINDS, rng)
        self.prose = Prose(render.pick(LANGUAGES, rng), rng)
        self.formulas: list[tuple[str, str]] = []  # kind and LaTeX of each, by its number
        self.density = float(rng.choice([0.0, 0.03, 0.08, 0.15, 0.25]))
        self.coded = float(rng.choice([0.0, 0.0, 0.0, 0.03, 0.1]))  # share of the words that are code
        self.numbered = float(rng.choice([0.1, 0.5, 0.9]))
        self.font = render.pick(render.FONTS, rng)
        self.lines: list[str] = []

    def write(self, pages: int) -> str:
        """The document's source, of roughly so many pages."""
        size = int(self.rng.choice([10, 10, 11, 12]))
        options, more = f"{size}pt", self._geometry()
        if self.kind == "columns":
            options += ",twocolumn"
        elif self.kind == "slides":
            more = r"\usepackage[paperwidth=12.8cm,paperheight=9.6cm,margin=0.8cm]{geometry}" + _SANS
        if self.rng.random() < 0.6:
            more += floats.heads(self)
        if self.rng.random() < 0.1 and self.kind in ("paper", "notes"):
            more += r"\usepackage{lineno}\linenumbers"
        if self.rng.random() < 0.3:
            more += rf"\linespread{{{self.rng.uniform(1.05, 1.5):.2f}}}"
        head = "".join((_PREAMBLE.format(options, render.FONTS[self.font][1], more), render.HELP, _COMMANDS))
        self.lines = head.split("\n")
        for _ in range(pages):
            self._page()
        return "\n".join([*self.lines, r"\end{document}", ""])

    def _geometry(self) -> str:
        paper = "a4paper" if self.rng.random() < 0.7 else "letterpaper"
        sides, ends = self.rng.uniform(1.5, 4), self.rng.uniform(1.5, 3.5)
        return rf"\usepackage[{paper},hmargin={sides:.1f}cm,vmargin={ends:.1f}cm]{{geometry}}"

    def _page(self) -> None:
        if self.kind == "slides":
            self.lines.append(rf"\clearpage{{\Large\bfseries {self.title()}}}\par\bigskip")
            blocks = [self._paragraph, self._shown, self._list]
            self._fill([blocks[k] for k in self.rng.integers(len(blocks), size=self.rng.integers(2, 5))])
            return
        common = {"paper": 12, "columns": 22, "exam": 12, "notes": 14}[self.kind]
        exam = self.kind == "exam"
        own = {self._paragraph: 2 if exam else 8, self._shown: 3 if exam else 7, self._section: 0.5 if exam else 1,
               self._theorem: 0 if exam else 1.5, self._list: 6 if exam else 1}  # fmt: skip
        others = {floats.figure: 0.5, floats.table: 0.8}
        if not exam:
            others |= {floats.code: 0.8, floats.references: 0.3, floats.algorithm: 0.4, floats.contents: 0.15}
            others |= {floats.front: 0.2}
        choices = [*own, *(partial(other, self) for other in others)]
        shares = np.array([*own.values(), *others.values()])
        self._fill([choices[k] for k in self.rng.choice(len(choices), common, p=shares / shares.sum())])

    def _fill(self, blocks: Sequence[Callable[[], None]]) -> None:
        for before, block in itertools.pairwise([None, *blocks]):
            if before == block == self._shown:  # two without a word between them look like rows of one
                self.text(self.prose.sentence(self.density))
            block()

    def _number(self, kind: str, latex: str) -> str:
        self.formulas.append((kind, latex))
        return ",".join(map(str, colours.colour(len(self.formulas) - 1)))

    def formula(self, latex: str | None = None, mark: str = "") -> None:
        """A formula in the line, with what follows at once."""
        latex = latex or self.inline()
        self.lines.append(rf"\within{{{self._number('inline', latex)}}}{{{latex}}}{mark}")

    def text(self, words: list[str]) -> None:
        """Words as lines; after a formula a comma or a full stop may follow at once."""
        line: list[str] = []
        for word in words:
            if word == FORMULA:
                self.lines.append(" ".join(line))
                self.formula(mark=str(self.rng.choice(["", "", "", ",", "."])))
                line = []
            elif self.rng.random() < self.coded:
                line.append(rf"\texttt{{{escaped(self.prose.code())}}}")
            elif self.rng.random() < MARKED:
                line.append(self._marked(escaped(word)))
            else:
                line.append(escaped(word))
        self.lines.append(" ".join(line))

    def _marked(self, word: str) -> str:
        """A word in another face, with the sign of a note, or a logo: none of them is a formula."""
        number = self.rng.integers(1, 99)
        return str(self.rng.choice([
            rf"\emph{{{word}}}", rf"\textbf{{{word}}}", rf"\textsc{{{word}}}", rf"\textsf{{{word}}}", rf"\S{number}",
            rf"\texttt{{{word}}}", rf"{word}\textsuperscript{{{number}}}", rf"{word}\footnote{{{word} {number}}}",
            rf"\S~{number}.{number}", r"\TeX{}", r"\LaTeX{}", rf"`{word}'", rf"``{word}''", rf"{word}---{word}", r"\&",
            rf"N\textsuperscript{{o}} {number}", rf"\textit{{{word} {word}}}", rf"p.~{number}", rf"\textbf{{{number}}}",
            rf"{word}\,/\,{word}", r"\copyright",
        ]))  # fmt: skip

    def _paragraph(self) -> None:
        self.text(self.prose.paragraph(self.density * self.rng.uniform(0.3, 1.7)))
        if self.rng.random() < 0.7:
            self.lines.append("")

    def _shown(self) -> None:
        latex = self.displayed()
        mine = self._number("displayed", latex)
        tag, number = "", ""
        if self.rng.random() < self.numbered:
            number = str(self.rng.choice(["(%d)", "(%d.%d)", "(A.%d)", "(%da)", "[%d]", "(*)"]))
            number = number.replace("%d", "{}").format(*self.rng.integers(1, 40, 2))
            tag = self._number("number", number)
        mark = str(self.rng.choice(["", ",", "."]))
        self.lines.append(rf"\shown{{{mine}}}{{{latex}{mark}}}{{{tag}}}{{{number}}}")
        if self.rng.random() < 0.3:
            self.lines.append("")

    def title(self) -> str:
        return " ".join(self.prose.name() for _ in range(self.rng.integers(1, 5)))

    def _section(self) -> None:
        command = str(self.rng.choice(["section", "subsection", "section*", "paragraph"]))
        self.lines += ["", rf"\{command}{{{self.title()}}}"]

    def _theorem(self) -> None:
        head = str(self.rng.choice(["Theorem", "Lemma", "Definition", "Satz", "Proof", "Example", "Remark"]))
        self.lines += ["", rf"\medskip\noindent\textbf{{{head} {self.rng.integers(1, 30)}.}} \begingroup\itshape"]
        self.text(self.prose.paragraph(min(2 * self.density, 0.3), 2))
        self.lines += [r"\endgroup", ""]

    def _list(self) -> None:
        kind = str(self.rng.choice(["enumerate", "itemize"]))
        self.lines.append(rf"\begin{{{kind}}}")
        for _ in range(int(self.rng.integers(2, 7))):
            self.lines.append(r"\item")
            if self.kind == "exam" and self.rng.random() < 0.5:
                self.text([self.prose.name(), FORMULA])
            else:
                self.text(self.prose.sentence(max(self.density, 0.05)))
        self.lines.append(rf"\end{{{kind}}}")


def compiled(document: Document, source: str, folder: Path) -> Path | None:
    """The PDF of a document, its faulty formulas left out; None if LaTeX fails."""
    lines = source.split("\n")
    path = folder / "page.tex"
    for _ in range(4):
        path.write_text("\n".join(lines), encoding="utf-8")
        ended = render.run(["pdflatex", "-interaction=nonstopmode", path.name], folder, 2000)
        log = path.with_suffix(".log").read_text(encoding="latin-1") if path.with_suffix(".log").exists() else ""
        faulty = {int(number) - 1 for number in _ERROR.findall(log)}
        faulty = {k for k in faulty if k < len(lines) and lines[k].startswith((r"\shown", r"\within"))}
        if not faulty:
            made = path.with_suffix(".pdf")
            return made if ended and made.exists() and "Fatal error" not in log else None
        for k in faulty:
            lines[k] = ""
    return None


def draw(document: Document, pages: int, dpi: float) -> Iterator[tuple[np.ndarray, list]]:
    """The pages of a document: of each its picture (0 ink) and its formulas, (box, kind, LaTeX) each."""
    with tempfile.TemporaryDirectory() as folder:
        made = compiled(document, document.write(pages), Path(folder))
        if made is None:
            return
        passed, kinds = 0, [kind for kind, _ in document.formulas]
        em = 10 * dpi / pdf.POINTS
        for number in range(1, pdf.page_count(str(made)) + 1):
            picture = np.asarray(pdf.draw_page(str(made), number, dpi=dpi))
            grey, inks = colours.separate(picture)
            found, passed = colours.placed(inks, kinds, passed, em)
            yield grey, [(box, *document.formulas[which]) for box, which in found]
