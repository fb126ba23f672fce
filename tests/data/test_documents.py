"""Pages of documents that exist: what is a formula on them, and that nothing was moved to find out."""

import numpy as np
import pytest

from img2latex.data import documents, pages

DOCUMENT = r"""\documentclass{article}\usepackage{amsmath,color,url}\begin{document}
\tableofcontents
\section{\textcolor{blue}{On sums}}
Let $x_{0}$ and $\frac{a}{b}$ be given; by \eqref{a} there are $12$ of 3\,m$^{-1}$. Name: \leaders\hrule\hfill\null
\begin{itemize}\item no formula $\triangleright$ but the key $\backslash$ and $\infty$\end{itemize}
\begin{center}\begin{tabular}{lr} length & $3.5$ \\ width & $z^{2}$ \end{tabular}\end{center}
\begin{equation}\label{a} \sum_{k=1}^{n} k = \frac{n(n+1)}{2} \quad\text{for all $n$}\end{equation}
\begin{align} a + b &= c \\ d &= e - f \end{align}
\[\vcenter{\hbox{A box.}}\]
\verb|$x$| is typed, see \url{https://a.org/b_1}, but $2+3=5$ is not.
\end{document}
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("document") / "paper.tex"
    path.write_text(DOCUMENT, encoding="utf-8")
    (made,) = documents.draw(path, np.random.default_rng(0))
    return made


def test_formulas_of_each_kind_are_told_from_what_only_looks_like_them(page):
    kinds = [kind for _, kind, _ in page[1]]
    assert {kind: kinds.count(kind) for kind in kinds} == {"inline": 5, "displayed": 2, "number": 3}


def test_boxes_are_tight_around_their_ink(page):
    grey, formulas = page
    for (left, top, right, bottom), _, _ in formulas:
        part = grey[top:bottom, left:right]
        assert all(side.min() < 200 for side in (part[0], part[-1], part[:, 0], part[:, -1]))


def test_an_alignment_is_one_formula_with_all_its_rows(page):
    rows = sorted((box[1] + box[3]) / 2 for box, kind, _ in page[1] if kind == "number")
    aligned = max((box for box, kind, _ in page[1] if kind == "displayed"), key=lambda box: box[3])
    assert aligned[1] < rows[1] < rows[2] < aligned[3]


# As if LuaLaTeX had been stopped while it wrote the PDF.
HALF = r"""\documentclass{article}\begin{document}$x$
\directlua{kept_end() local file = io.open('kept.pdf', 'w') file:close() os.exit()}"""


@pytest.mark.parametrize("bad", [r"\documentclass{nosuchclass}\begin{document}$x$\end{document}", HALF])
def test_a_document_that_gives_no_whole_pdf_is_named_and_the_others_are_made(tmp_path, capsys, bad):
    (tmp_path / "bad.tex").write_text(bad)
    (tmp_path / "part.tex").write_text(r"Then $a_{1}=2$ follows.")
    (tmp_path / "good.tex").write_text(r"\documentclass{article}\begin{document}\input{part}\end{document}")
    asked = ["--documents", str(tmp_path / "bad.tex"), str(tmp_path / "good.tex"), "--out", str(tmp_path / "out")]
    assert pages.main(asked) == 0
    assert f"{tmp_path / 'bad.tex'}: LuaLaTeX makes no page" in capsys.readouterr().err
    (line,) = pages.read(tmp_path / "out")
    assert [row[4] for row in line["formulas"]] == ["inline"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.tex", "good.tex", "out", "part.tex"]
