"""Pages set by LaTeX for these tests."""

import subprocess

import pytest
from PIL import Image

from img2latex.page import text

SOURCE = r"""\documentclass[12pt]{article}\usepackage{amsmath}\pagestyle{empty}\begin{document}
\noindent The distance between two points of the plane follows from a theorem about triangles.
For the sides of a right triangle it says that
\begin{equation}a^{2}+b^{2}=c^{2}\end{equation}
where the longest side lies opposite to the right angle. It was known in Babylon already.
The area of a circle of radius one is found by integration, and its value is
\begin{equation}\int_{0}^{1}\frac{dx}{1+x^{2}}=\frac{\pi}{4}\end{equation}
so that many digits can be computed. This ends the section about plane figures.
\newpage\noindent This page has words only. Nobody finds a formula among them, since there is none to be found.
It tells of the weather and of the long way home, and then it ends.
\end{document}"""
FORMULAS = ["a^{2}+b^{2}=c^{2}", r"\int_{0}^{1}\frac{dx}{1+x^{2}}=\frac{\pi}{4}"]


@pytest.fixture(scope="session")
def paper(tmp_path_factory):
    """A PDF of two pages: one with two numbered equations, one without any formula."""
    folder = tmp_path_factory.mktemp("paper")
    (folder / "paper.tex").write_text(SOURCE)
    command = ["pdflatex", "-interaction=batchmode", "paper.tex"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "paper.pdf"


@pytest.fixture
def no_text(monkeypatch):
    """A machine without RapidOCR."""
    monkeypatch.setattr(text, "installed", lambda: False)


@pytest.fixture
def blank(tmp_path):
    """A picture of an empty page."""
    path = tmp_path / "blank.png"
    Image.new("L", (600, 800), 255).save(path)
    return path

