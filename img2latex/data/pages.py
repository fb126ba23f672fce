"""Pages with formulas whose boxes are known: LaTeX documents, web pages, slides, exercises, handwritten sheets.

    python -m img2latex.data.pages --formulas lists/math/train.tsv --out pages/train --count 1500 --seed 1
    python -m img2latex.data.pages --documents papers/*.tex --out pages/documents

A folder of pages holds PNG files and `pages.jsonl`, a line for each: its file, the height of its letters in px, and its
formulas, [left, top, right, bottom, kind, LaTeX] each. Kinds: `displayed`, `inline`, and `number` of an equation.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from string import Template

import cv2
import numpy as np
from tqdm import tqdm

from img2latex.data import documents, lists, render, sheets, typeset, webpages
from img2latex.data.web import chromium
from img2latex.picture import images

INDEX = "pages.jsonl"
KINDS = ("displayed", "inline", "number")
LATEX_SHARE = 0.5  # of the pages; the others are web pages, and handwriting where there is ink
INK_SHARE = 0.1
PER_DOCUMENT = 14  # pages
# Made-up formulas in a line, two spaces between them: $a, $b, $c are letters, $n a number, $W a letter of another
# alphabet, $F the name of a function, $V a name of several letters.
_INLINE = re.split(r"\s{2,}|\n", r"""
$a  $a  $a  $a  $a  $a  ${a}_{$b}  ${a}_{$b}  ${a}_{$n}  ${a}^{2}  $a=$n  $a($b)  $a($b)  $a+$b  $a>$n  ${a}_{$b}=$c
$a\in $b  \hat{$a}  $a\to $b  ($a,$b)  \frac{$a}{$b}  $a=$b$c  $a\le $b  \sqrt{$n}  $a'($b)  $n$a  $a,$b  $a-$n
$a=$b+$c  $W  $W  ${W}_{$a}  ${W}^{$n}  $a\in $W  $W($a)  $W\subseteq $W  $a\colon $W\to $W  ($W/$a$W)^{*}  $W[$a]
\tilde{$W}  $a,$b\in $W  $W=\{$a,$b,$c\}  \dim $W  ${W}_{$a}\cap ${W}_{$b}  $W\cup $W  $W'  $F $a  $F $a  $F $b=$n
$F($a)  $F($a+$b)  $a\,$F $b  $c=$F($a,$b)  O($a $F $a)  $F^{2} $a  $n $F $a  $a=$b $F $c  $a+$F $b  ($F $a)  $F $W
${a}_{1},\dots,${a}_{$n}  $a=1,\dots,$b  \{1,2,3\}  $a\in[0,1]  [0,$n]  (0,\infty)  $a\in(0,$n]  \|$a\|_{2}
\|$a-$b\|\le $c  2\times 2  $a\times $b  10^{-$n}  \pm 1  +1  -$n  ${n}^{\circ}  $a\ne 0  $a<$b<$c  $a\mapsto $b
$a\equiv $b\pmod{$n}  $a!  \binom{$a}{$b}  $a/$b  1/$n  ${a}^{-1}  ${a}^{-1}(($b,$c))  \lim_{$a\to\infty} ${b}_{$a}
d$a/d$b  \partial $a  \nabla $a  \int $a\,d$b  \sum_{$a} ${b}_{$a}  e^{$a}  \exp(2i\pi $a)  \Delta $a  \delta_{$a $b}
$a\sim $b  $a\approx $n  \langle $a,$b\rangle  $a\otimes $b  $a\cdot $b  ${a}^{($n)}  \bar{$a}_{$b}  \vec{$a}
\dot{$a}  ${a}^{*}  ${a}^{$b}_{$c}  \lfloor $a\rfloor  |$a|  $a\mid $b  $a\perp $b  \forall $a  $a\Rightarrow $b
$n\,$a  \mathit{$V}  \mathit{$V}($a)  \mathit{$V}=$n  \mathrm{$V}($a)  ${a}_{\mathrm{$V}}  ${W}_{\text{$V}}
\text{$V}=$a/$b  ${a}_{\max}  n_{\mathrm{$V}}=$n
""".strip())
_FUNCTIONS = [*r"\sin \cos \tan \log \ln \exp \max \min \dim \ker \det \gcd \sup \inf \arg \deg".split(),
              r"\operatorname{rank}", r"\operatorname{tr}"]  # fmt: skip
_NAMES = "rank size cost loss err out Ext Hom eff True False Nil next pre max in tot obs reverse SNR rms id".split()
_ALPHABETS = ("mathbf", "mathbb", "mathcal", "mathfrak", "mathrm", "mathscr")
_ALIGNED = 0.2  # of the displayed formulas are set in several rows
_ROWS = re.compile(r"\\\\|&|\\begin|\\tag")
_SYMBOLS = [*"xyznkmtabcijpqrsuvfgABCDPSTX", *r"\alpha \beta \gamma \lambda \mu \theta \pi \sigma".split()]
# The letter of an answer to choose from, before the formula.
_CHOICE = re.compile(r"^\s*\\(?:text|mathrm)\s*\{\s*[A-H]\s*\.\s*\}\s*(?=\S)")
# What is left without these is a formula: numbers, units and words look like those of the text around.
_NO_FORMULA = re.compile(r"\\(?:text\w*|mathrm|operatorname)\s*\{[^{}]*\}|\\[,;!: ]|[~{}\s\d.,:;-]")


@dataclass
class Example:
    """A page: uint8 H x W, 0 ink; the height of its letters in px; boxes N x 4 and what each is."""

    picture: np.ndarray
    letter: float
    boxes: np.ndarray
    kinds: list[str]
    latex: list[str]


class Formulas:
    """Endless formulas of a list (a line: source <tab> LaTeX), displayed ones and those that stand in a line."""

    def __init__(self, path: Path, rng: np.random.Generator):
        self.rng = rng
        bodies = [_CHOICE.sub("", body) for _, latex in lists.read(path) if (body := render.body(latex))]
        rng.shuffle(bodies)
        self.short = [body for body in bodies if len(body) < 40 and _NO_FORMULA.sub("", body)]
        self.long = [body for body in bodies if 15 < len(body) < 400]

    def inline(self) -> str:
        """Three in five are made up: letters, functions, indices, small relations, of which the lists have too few."""
        rng = self.rng
        if rng.random() < 0.4:
            return self.short[rng.integers(len(self.short))]
        names = dict(zip("abc", map(str, rng.choice(_SYMBOLS, 3)), strict=True))
        names |= {"n": str(rng.integers(0, 20)), "F": str(rng.choice(_FUNCTIONS))}
        names["V"] = str(rng.choice(_NAMES))
        names["W"] = rf"\{rng.choice(_ALPHABETS)}{{{rng.choice(list('ABCEFGHKLNPQRSVXZ'))}}}"
        return Template(str(rng.choice(_INLINE))).substitute(names)

    def displayed(self) -> str:
        """One of the list; or several as rows of one, a derivation or a list of equations."""
        if self.rng.random() > _ALIGNED:
            return self.long[self.rng.integers(len(self.long))]
        among = self.short if self.rng.random() < 0.4 else self.long
        picked = [among[k] for k in self.rng.integers(len(among), size=self.rng.integers(2, 6))]
        rows = [self.inline(), *(row for row in picked if not _ROWS.search(row))]
        if self.rng.random() < 0.3:
            return r"\begin{gathered}" + r"\\".join(rows) + r"\end{gathered}"
        sign = str(self.rng.choice(["=", "=", "=", r"\le ", r"\approx ", r"\Rightarrow "]))
        return r"\begin{aligned}" + rf"{rows[0]}&{sign}" + rf"\\&{sign}".join(rows[1:] or ["0"]) + r"\end{aligned}"


def write(folder: Path, pages: Iterable[tuple[np.ndarray, list]], total: int) -> int:
    """Writes pages (picture, formulas) as a folder; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / INDEX, "w", encoding="utf-8") as index:
        done = 0
        for number, (grey, formulas) in enumerate(tqdm(pages, total=total, mininterval=5)):
            name = f"{number:05}.png"
            cv2.imwrite(str(folder / name), grey, [cv2.IMWRITE_PNG_COMPRESSION, 3])
            rows = [[*map(int, box), kind, latex] for box, kind, latex in formulas]
            line = {"file": name, "letter": round(images.letters(grey)[2], 2), "formulas": rows}
            index.write(json.dumps(line, ensure_ascii=False) + "\n")
            index.flush()
            done += 1
    return done


def read(folder: Path) -> list[dict]:
    """The lines of a folder's index.

    Raises:
        ValueError: it has none.
    """
    try:
        text = (folder / INDEX).read_text(encoding="utf-8")
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]  # the last may be half written
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{folder} is no folder of pages: {error}") from None


def load(folder: Path, line: dict) -> Example:
    """A page of a folder by its line of the index."""
    picture = cv2.imread(str(folder / line["file"]), cv2.IMREAD_GRAYSCALE)
    formulas = line["formulas"]
    boxes = np.array([row[:4] for row in formulas], np.float32).reshape(-1, 4)
    return Example(picture, line["letter"], boxes, [row[4] for row in formulas], [row[5] for row in formulas])


def typeset_pages(formulas: Formulas, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, list]]:
    """Endless pages of LaTeX documents."""
    while True:
        document = typeset.Document(formulas.inline, formulas.displayed, rng)
        dpi = float(rng.choice([100, 150] if document.kind == "slides" else [100, 110, 120, 130, 150]))
        yield from typeset.draw(document, PER_DOCUMENT, dpi)


def mixed(sources: Sequence[Iterator], shares: Sequence[float], rng: np.random.Generator) -> Iterator:
    weights = np.array(shares) / sum(shares)
    while True:
        yield next(sources[rng.choice(len(sources), p=weights)])


def _of_document(path: Path, rng: np.random.Generator, most: int) -> list[tuple[np.ndarray, list]]:
    found = list(documents.draw(path, rng, most))
    if not found:
        print(f"{path}: LuaLaTeX makes no page with formulas of it", file=sys.stderr)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.pages", description=__doc__.split("\n")[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--formulas", type=Path, help="a line: source <tab> latex")
    source.add_argument("--documents", type=Path, nargs="+", help="LaTeX documents: some pages of each, no other ones")
    parser.add_argument("--per-document", type=int, default=documents.MOST, help="pages of each at most (default 4)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ink", type=Path, help="folder that data.handwriting has packed, for handwritten sheets")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    try:
        if options.documents:
            most = options.per_document
            made = itertools.chain.from_iterable(_of_document(path, rng, most) for path in options.documents)
            return 0 if write(options.out, made, len(options.documents) * most) else 1
        formulas = Formulas(options.formulas, rng)
        with ExitStack() as stack:
            browser = webpages.Sheets(stack.enter_context(chromium()), formulas.inline, formulas.displayed, rng)
            sources, shares = [typeset_pages(formulas, rng), browser.pages()], [LATEX_SHARE, 1 - LATEX_SHARE]
            if options.ink:
                sources.append(sheets.pages(options.ink, rng))
                shares.append(INK_SHARE)
            write(options.out, itertools.islice(mixed(sources, shares, rng), options.count), options.count)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
