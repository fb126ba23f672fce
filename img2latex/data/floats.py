r"""What stands on a typeset page beside paragraphs and formulas: tables, plots, programs, algorithms, contents, heads.

Each function writes one of them into a `typeset.Document`. Most of it is no formula, and looks a little like one; a
formula in a cell or a line of an algorithm is numbered as everywhere.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Protocol

import numpy as np

from img2latex.data.prose import Prose
from img2latex.latex.escaping import escaped

_ELEMENTS = "H He Li C N O Na Mg Al Cl K Ca Mn Fe Cu Zn Ag Cs Au Hg Pb yes no n/a -- all none".split()
_UNITS = ["(cm)", "[kg]", "(eV)", r"(\%)", "in s", "(ms)", "[K]", r"(\AA)"]
_VALUES = [r"{}\pm 0.0{}", "-{}", r"{}\times 10^{{-{}}}", "<0.0{1}", "+{}", "{}^{{+0.{}}}_{{-0.1}}", r"\sim {}"]
_STEPS = [r"\textbf{for} # \textbf{do}", r"\textbf{while} # \textbf{do}", r"\textbf{if} # \textbf{then}",
          r"\textbf{else}", r"\textbf{return} #", r"\textbf{end}", r"\textbf{for each} # \textbf{in} # \textbf{do}",
          r"#\quad //", "#", "#", "#;"]  # a formula for each #


class Document(Protocol):
    """What is asked of a `typeset.Document`."""

    rng: np.random.Generator
    prose: Prose
    lines: list[str]
    kind: str
    density: float
    displayed: Callable[[], str]

    def text(self, words: list[str]) -> None: ...
    def formula(self, latex: str | None = None, mark: str = "") -> None: ...
    def title(self) -> str: ...


def table(document: Document) -> None:
    """Of words, numbers, notes and formulas, each column of one kind; with or without rules and a caption."""
    rng, prose = document.rng, document.prose
    columns = int(rng.integers(2, 4 if document.kind == "columns" else 7))
    kinds = rng.choice(["number", "number", "word", "short", "formula", "value"], columns)
    rule = str(rng.choice([r"\hline", ""]))
    places = rng.choice(["|", ""]).join(rng.choice(list("lcr"), columns))
    above = rng.random() < 0.6
    document.lines += ["", r"\begin{center}" + str(rng.choice(["", r"\small ", r"\footnotesize "]))]
    if above:
        _caption(document, "Table")
    document.lines.append(rf"\begin{{tabular}}{{{places}}}{rule}{rng.choice([rule, ''])}")
    for row in range(int(rng.integers(2, 10))):
        for column, kind in enumerate(kinds):
            kind = str(rng.choice(["word", "short", "formula", "unit"])) if row == 0 else kind
            if rng.random() < 0.95:
                _cell(document, kind)
            document.lines.append("&" if column < columns - 1 else r"\\" + (rule if row == 0 else ""))
    document.lines += [rule, r"\end{tabular}\par"]
    if not above:
        _caption(document, "Table")
    if rng.random() < 0.3:
        document.lines += [rf"\footnotesize \textsuperscript{{{mark}}} {escaped(' '.join(prose.sentence(0)))}\par"
                           for mark in "ab"]  # fmt: skip
    document.lines.append(r"\end{center}")


def _cell(document: Document, kind: str) -> None:
    rng, prose = document.rng, document.prose
    number = f"{rng.uniform(0, 10 ** rng.integers(1, 4)):.{rng.integers(0, 4)}f}"
    if kind == "formula":
        return _formula(document)
    if kind == "value" and document.density:
        return document.formula(str(rng.choice(_VALUES)).format(number, rng.integers(1, 9)))
    text = {"number": number, "short": str(rng.choice(_ELEMENTS))}.get(kind)
    text = text or escaped(" ".join(prose.word() for _ in range(rng.integers(1, 3))))
    if kind == "unit":
        text = f"{text} {rng.choice(_UNITS)}"
    if rng.random() < 0.1:
        text += rf"\textsuperscript{{{rng.choice(list('abcd*'))}}}"
    return document.lines.append(rf"\textbf{{{text}}}" if rng.random() < 0.08 else text)


def _formula(document: Document) -> None:
    """A formula; a word in a document that has none in its lines."""
    if document.density:
        document.formula()
    else:
        document.lines.append(escaped(document.prose.word()))


def _caption(document: Document, name: str) -> None:
    number = str(document.rng.choice(["{}", "{}.{}", "S{}"])).format(*document.rng.integers(1, 15, 2))
    head = str(document.rng.choice([r"{} {}: ", r"\textbf{{{} {}.}} ", r"\textsc{{{} {}.}} "])).format(name, number)
    document.lines.append(head)
    document.text(document.prose.sentence(document.density))
    document.lines.append(r"\par\smallskip")


def figure(document: Document) -> None:
    """A plot with ticks and curves, all of it rules and letters that are no formulas, but for names of axes."""
    rng = document.rng
    unit = rng.uniform(0.6, 1.6)
    document.lines += ["", rf"\begin{{center}}\setlength\unitlength{{{unit:.1f}pt}}\begin{{picture}}(100,70)(0,-10)",
                       r"\put(0,0){\vector(1,0){100}}\put(0,0){\vector(0,1){60}}"]  # fmt: skip
    for x in range(10, 100, int(rng.integers(10, 30))):
        document.lines.append(rf"\put({x},-8){{\tiny {x / 10:g}}}\put({x},0){{\line(0,1){{2}}}}")
        if rng.random() < 0.5:
            document.lines.append(rf"\put(-9,{0.6 * x:.0f}){{\tiny {x / 100:g}}}")
    for _ in range(int(rng.integers(1, 5))):
        a, b, c = rng.integers(0, 60, 3)
        document.lines.append(rf"\qbezier(0,{a})(50,{b})(95,{c})")
    if rng.random() < 0.4:
        document.lines.append(r"\put(103,-3){")
        _formula(document)
        document.lines.append("}")
    document.lines.append(r"\end{picture}\par\small ")
    _caption(document, str(rng.choice(["Figure", "Fig."])))
    document.lines.append(r"\end{center}")


def code(document: Document) -> None:
    """Lines of a program, or the source of formulas."""
    write = document.displayed if document.rng.random() < 0.3 else document.prose.code
    room = 34 if document.kind == "columns" else 66  # characters
    lines = (write()[:room] for _ in range(document.rng.integers(2, 9)))
    document.lines += [r"\begin{verbatim}", *lines, r"\end{verbatim}"]


def algorithm(document: Document) -> None:
    """Numbered steps with keywords, formulas and remarks, between rules."""
    rng, prose = document.rng, document.prose
    document.lines += ["", rf"\medskip\hrule\smallskip\noindent\textbf{{Algorithm {rng.integers(1, 9)}}} "
                       f"{escaped(prose.name())} {escaped(prose.word())}", r"\smallskip\hrule\smallskip"]  # fmt: skip
    mark = str(rng.choice([r"{\footnotesize %d:}", "%d", ""]))
    for number in range(1, int(rng.integers(3, 12))):
        step = str(rng.choice(_STEPS))
        room = rng.integers(0, 4) * 12
        document.lines += ["", rf"\noindent {mark.replace('%d', str(number))}\hspace{{{10 + room}pt}}"]
        for place, part in enumerate(step.split("#")):
            if place:
                _formula(document)
            if part:
                document.lines.append(part)
        if rng.random() < 0.3:
            document.text(prose.sentence(0, 4))
    document.lines += ["", r"\smallskip\hrule\medskip"]


def contents(document: Document) -> None:
    """Titles with dots up to the number of their page."""
    rng = document.rng
    for number in range(1, int(rng.integers(4, 14))):
        level = str(rng.choice(["{}", "{}.{}", r"\quad {}.{}", "{}."])).format(number, rng.integers(1, 9))
        fill, page = rng.choice([r"\dotfill", r"\hfill"]), rng.integers(1, 400)
        document.lines += ["", rf"\noindent {level}\quad {escaped(document.title())} {fill} {page}"]
    document.lines.append("")


def front(document: Document) -> None:
    """Title, authors with the signs of their addresses, abstract, and at the margin the stamp of a preprint."""
    rng, prose = document.rng, document.prose
    document.lines += ["", r"\begin{center}" + rf"{{\Large {escaped(document.title())}}}\par\medskip"]
    for number in range(1, int(rng.integers(2, 5))):
        mark = rng.choice(["1", "2", "1,2", "*", "a", r"\dag", r"\ddag,1"])
        first = rng.choice(list(string.ascii_uppercase))
        document.lines.append(rf"{first}. {escaped(prose.name())}\textsuperscript{{{mark}}}\quad")
        if number == 3:
            document.lines.append(r"\par")
    document.lines += ["", rf"\textsuperscript{{1}}\textit{{{escaped(document.title())}, {escaped(prose.name())}}}\par"]
    document.lines += [r"\end{center}", r"\begin{quote}\small\textbf{Abstract.} "]
    document.text(prose.paragraph(0.3 * document.density))
    document.lines.append(r"\end{quote}")
    if rng.random() < 0.5:
        day, month = rng.integers(1, 28), rng.choice("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
        field = rng.choice(["math.AG", "hep-th", "cs.LG", "quant-ph", "astro-ph.CO", "stat.ME"])
        told = f"arXiv:{rng.integers(10, 26)}{rng.integers(10, 13)}.{rng.integers(10000, 99999)}v{rng.integers(1, 5)}"
        told = f"{told} [{field}] {day} {month} {rng.integers(2010, 2026)}"
        document.lines += ["", r"\noindent\llap{\raisebox{-6cm}[0pt][0pt]{\rotatebox{90}{\textcolor{gray}{\Large "
                           rf"{told}}}}}}}\hspace{{0.8cm}}}}"]  # fmt: skip


def references(document: Document) -> None:
    document.lines += ["", r"\begin{enumerate}" + str(document.rng.choice(["", r"\small", r"\footnotesize"]))]
    for number in range(1, int(document.rng.integers(3, 9))):
        who, what, where, volume, rest = map(escaped, document.prose.reference())
        document.lines.append(rf"\item[{{[{number}]}}] {who}\textit{{{what}}}{where}\textbf{{{volume}}}{rest}")
    document.lines.append(r"\end{enumerate}")


def heads(document: Document) -> str:
    """For the preamble: what stands above and below the text of each page."""
    rng: np.random.Generator = document.rng
    title, page = escaped(document.title()), r"\thepage"
    numbers = [page, rf"\textbf{{{page}}}", rf"Page {page}{{}} of 10", rf"{page}/12", rf"-- {page} --", rf"[{page}]"]
    number = str(rng.choice(numbers))
    other = str(rng.choice([title, rf"\textit{{{title}}}", rf"\textsc{{{title}}}", f"Vol.~{rng.integers(1, 99)}, No. 3",
                            f"Draft: May {rng.integers(1, 30)}, 2021 10:35", ""]))  # fmt: skip
    line = str(rng.choice([r"{}\hfil {}", r"\hfil {} {}\hfil", r"{}\quad {}\hfil", r"\hfil {}\quad {}"]))
    told = line.format(*([number, other] if rng.random() < 0.5 else [other, number]))
    where, empty = ("head", "foot") if rng.random() < 0.7 else ("foot", "head")
    return rf"\makeatletter\def\@odd{where}{{{told}}}\def\@odd{empty}{{}}\makeatother"
