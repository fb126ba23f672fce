"""Which pictures look like pages, and which like one formula."""

import numpy as np
import pytest
from PIL import Image

from img2latex.data.render import Look, render
from img2latex.page.overview import Overview, overview
from img2latex.picture import pdf
from tests.conftest import ROOT

LONG = [
    r"\begin{aligned} (a+b)^{2} &= a^{2}+2ab+b^{2} \\ &= a^{2}+b^{2}+2ab \\ &\geq 4ab \end{aligned}",
    r"\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \\ 7 & 8 & 9 \end{pmatrix} \begin{pmatrix} x \\ y \\ z \end{pmatrix} = 0",
    r"f(x)=\begin{cases} x^{2}+1 & \text{if } x>0 \\ 0 & \text{if } x=0 \\ -x & \text{otherwise} \end{cases}",
]


def test_a_page_tells_its_formulas_and_that_there_is_text(paper, screenshot):
    assert str(overview(pdf.draw_page(str(paper), 1, dpi=150))) == "2 formulas and text"
    words = overview(pdf.draw_page(str(paper), 2, dpi=150))
    assert words == Overview(0, 0, has_text=True) and words.is_page and str(words) == "text"
    large = Image.open(screenshot).resize((3600, 3040))  # of which marks are measured in a smaller picture
    assert str(overview(large)) == str(overview(screenshot)) == "5 formulas and text"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.png")), ids=lambda path: path.stem)
def test_an_example_is_no_page(path):
    assert not overview(path).is_page


def test_one_formula_of_several_lines_is_no_page():
    for ink in render(LONG, Look(size=12, dpi=150)):
        assert not overview(np.pad(ink, 20, constant_values=255)).is_page


def test_a_blank_picture_is_no_page(pictures):
    assert overview(pictures / "blank.png") == Overview(0, 0, has_text=False)
