"""runs/vignettes.py makes documents of R's vignettes that LaTeX sets and the finder of formulas can learn from."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from img2latex.data import pages

ROOT = Path(__file__).resolve().parent.parent
VIGNETTE = r"""\documentclass[11pt]{article}
\usepackage{Sweave}
\SweaveOpts{echo=FALSE}
\begin{document}
The mean $\bar x$ of $n$ values \citep{smith,jones} is \Sexpr{round(mean(x), 2)}.
<<plot, fig=TRUE>>=
plot(x, y) # $not$ a formula
@
Its variance is $s^2$, with $n-1$ below, where $x_i$ and $w_i$ are known, see $a$, $b$, $c$, $d$.
\[ s^2 = \sum_{i=1}^n \frac{(x_i - \bar x)^2}{n - 1} \]
\begin{equation} w_i = \lambda x_i \end{equation}
\includegraphics[width=3cm]{plot-1}
\input{rest}
\end{document}
"""


def run(*arguments):
    command = [sys.executable, "runs/vignettes.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vignettes")
    (folder / "a" / "doc").mkdir(parents=True)
    (folder / "a" / "doc" / "means.Rnw").write_text(VIGNETTE, encoding="utf-8")
    (folder / "again.Rnw.gz").write_bytes(gzip.compress(VIGNETTE.encode()))
    (folder / "plain.Rnw").write_text(VIGNETTE.replace("$", ""), encoding="utf-8")
    done = run(folder, folder / "out")
    assert done.returncode == 0, done.stderr
    return sorted((folder / "out").glob("*.tex"))


def test_each_vignette_with_formulas_is_there_once_in_two_styles(documents):
    assert [path.stem.split("-", 1)[1] for path in documents] == ["means-other", "means-own"]


def test_what_r_computes_and_files_that_are_missing_are_left_out(documents):
    for path in documents:
        text = path.read_text(encoding="utf-8")
        assert not [part for part in ("<<", "plot(", "Sexpr", "Sweave", r"\cite", r"\input", "plot-1") if part in text]
        assert r"$n-1$" in text and r"\frac{(x_i - \bar x)^2}{n - 1}" in text and "example" in text


def test_their_pages_have_the_formulas(documents, tmp_path):
    assert pages.main(["--documents", str(documents[1]), "--out", str(tmp_path / "pages")]) == 0
    (line,) = pages.read(tmp_path / "pages")
    kinds = pages.load(tmp_path / "pages", line).kinds
    assert kinds.count("displayed") == 2 and kinds.count("number") == 1 and kinds.count("inline") == 10


def test_a_wrong_call_says_what_it_needs():
    done = run("only-one")
    assert done.returncode == 1 and "runs/vignettes.py FOLDER OUT" in done.stderr
