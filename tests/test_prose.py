"""runs/prose.py makes documents of vignettes and docstrings that LaTeX sets and the finder can learn from."""

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

MARKDOWN = r"""---
title: "A walk"
---

```{r, echo=FALSE}
plot(walk)
```

# Steps

A walk of $n$ steps, see [@smith2001],
ends at $X_n$ after `r length(x)` hours; $X_0=0$, $p$, $q$, $p+q=1$ and $X_1$ are known.

| step | place |
|------|-------|
| one  | two   |

$$ P(X_n = k) = \binom{n}{(n+k)/2} p^{(n+k)/2} q^{(n-k)/2} $$

Its mean is $n(p-q)$, its variance $4npq$, and $k$ is even.
"""
MODULE = r'''"""Not a word of mathematics."""


def area(radius):
    r"""The area :math:`A` of a circle of radius :math:`r`, with :math:`\pi` for the ratio.

    Parameters
    ----------
    radius:
        :math:`r \geq 0`, of which :math:`r^2`, :math:`2r` and :math:`d` are made.

    .. math::
        A = \pi r^2

    It follows from :math:`\int_0^r 2\pi s\,ds`, as :math:`s` grows to :math:`r` from :math:`0`.

    >>> area(1)
    3.14
    """
'''


def run(*arguments):
    command = [sys.executable, "runs/prose.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vignettes")
    (folder / "a" / "doc").mkdir(parents=True)
    (folder / "a" / "doc" / "means.Rnw").write_text(VIGNETTE, encoding="utf-8")
    (folder / "again.Rnw.gz").write_bytes(gzip.compress(VIGNETTE.encode()))
    (folder / "plain.Rnw").write_text(VIGNETTE.replace("$", ""), encoding="utf-8")
    (folder / "a" / "doc" / "walk.Rmd").write_text(MARKDOWN, encoding="utf-8")
    (folder / "circles.py").write_text(MODULE, encoding="utf-8")
    (folder / "broken.py").write_text("def :math:", encoding="utf-8")
    done = run(folder, folder / "out")
    assert done.returncode == 0, done.stderr
    return sorted((folder / "out").glob("*.tex"))


def test_each_vignette_with_formulas_is_there_once_in_two_styles(documents):
    assert [path.stem.split("-", 1)[1] for path in documents] == ["means-other", "means-own", "000"]


def test_what_r_computes_and_files_that_are_missing_are_left_out(documents):
    for path in documents[:2]:
        text = path.read_text(encoding="utf-8")
        assert not [part for part in ("<<", "plot(", "Sexpr", "Sweave", r"\cite", r"\input", "plot-1") if part in text]
        assert r"$n-1$" in text and r"\frac{(x_i - \bar x)^2}{n - 1}" in text and "example" in text


def test_markdown_and_docstrings_become_one_document_without_what_programs_compute(documents):
    text = documents[2].read_text(encoding="utf-8")
    assert not [part for part in ("plot", "length", "smith", "longtable", "area(1)", "Not a word") if part in text]
    assert r"\binom{n}{(n+k)/2}" in text and r"A = \pi r^2" in text and r"\textbf{Parameters}" in text


@pytest.mark.parametrize("which, displayed, numbers, inline", [(1, 2, 1, 10), (2, 2, 0, 20)])
def test_their_pages_have_the_formulas(documents, tmp_path, which, displayed, numbers, inline):
    assert pages.main(["--documents", str(documents[which]), "--per-document", "8", "--out", str(tmp_path)]) == 0
    kinds = [kind for line in pages.read(tmp_path) for kind in pages.load(tmp_path, line).kinds]
    assert [kinds.count(kind) for kind in ("displayed", "number", "inline")] == [displayed, numbers, inline]


def test_a_wrong_call_says_what_it_needs():
    done = run("only-one")
    assert done.returncode == 1 and "runs/prose.py FOLDER OUT" in done.stderr
