"""Pages of a PDF as pictures: how many, which part of them, and what is refused in one sentence."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw

from img2latex.picture import pdf


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Two pages of 6 x 3 inches; on the second a black square inch, two inches from the left and one from the top."""
    pages = [Image.new("L", (600, 300), 255) for _ in range(2)]
    ImageDraw.Draw(pages[1]).rectangle((200, 100, 299, 199), fill=0)
    place = tmp_path_factory.mktemp("pdf") / "two.pdf"
    pages[0].save(place, save_all=True, append_images=pages[1:], resolution=100)
    return str(place)


def darkness(picture):
    """The share of a picture that is black."""
    return (np.asarray(picture.convert("L")) < 128).mean()


def test_pages_are_counted_and_drawn_at_their_size(path):
    assert pdf.page_count(path) == 2
    first, second = pdf.draw_page(path, 1, dpi=50), pdf.draw_page(path, 2, dpi=50)
    assert first.size == second.size == (300, 150)
    assert darkness(first) == 0 and darkness(second) == pytest.approx(1 / 18, abs=0.01)


def test_a_box_is_cut_out_where_it_was_drawn(path):
    square = pdf.draw_page(path, 2, (2 / 6, 1 / 3, 3 / 6, 2 / 3), dpi=50)
    assert square.size == pytest.approx((50, 50), abs=1) and darkness(square) > 0.9
    above = pdf.draw_page(path, 2, (2 / 6, 0, 3 / 6, 1 / 3), dpi=50)
    right = pdf.draw_page(path, 2, (3 / 6, 1 / 3, 1, 2 / 3), dpi=50)
    assert darkness(above) < 0.1 and darkness(right) < 0.1


def test_a_picture_stays_small_enough_to_be_read(path, monkeypatch):
    monkeypatch.setattr(pdf, "MAX_PIXELS", 5000)
    width, height = pdf.draw_page(path, 1, dpi=300).size
    assert width * height <= 5200 and width == pytest.approx(2 * height, abs=2)


@pytest.mark.parametrize(
    "box", [(0.5, 0, 0.5, 1), (0.6, 0, 0.4, 1), (-1, 0, 1, 1), (0, 0, 1, 2), (0, float("nan"), 1, 1)]
)
def test_a_box_off_the_page_is_refused(path, box):
    with pytest.raises(pdf.PdfError, match="box is not on the page"):
        pdf.draw_page(path, 1, box)


@pytest.mark.parametrize("box", [("nan", "x", 1, 1), (0, 0, 1), (0, None, 1, 1), ([], 0, 1, 1)])
def test_a_box_that_is_no_four_numbers_is_refused(path, box):
    with pytest.raises(pdf.PdfError, match="sides of a box are four numbers"):
        pdf.draw_page(path, 1, box)


@pytest.mark.parametrize("number", [0, 3, -1, 1.5, "1.5", "one", float("nan"), float("inf")])
def test_a_page_that_is_not_there_is_told(path, number):
    with pytest.raises(pdf.PdfError, match=f"no page {number}: the PDF has 2"):
        pdf.draw_page(path, number)
    assert pdf.draw_page(path, 2.0, dpi=10).size == pdf.draw_page(path, 2, dpi=10).size


@pytest.mark.parametrize("content", [b"", b"plain text", None])
def test_what_is_no_pdf_gets_one_sentence(path, tmp_path, content):
    bad = tmp_path / "bad.pdf"
    with open(path, "rb") as whole:
        bad.write_bytes(whole.read()[:100] if content is None else content)
    with pytest.raises(pdf.PdfError, match=r"^bad\.pdf is not a PDF that can be read, or a password locks it\.$"):
        pdf.page_count(str(bad))


def test_several_people_can_read_pdfs_at_once(path):
    with ThreadPoolExecutor(8) as people:
        drawn = list(people.map(lambda i: darkness(pdf.draw_page(path, i % 2 + 1, dpi=20)), range(40)))
    assert all((share > 0) == (i % 2 == 1) for i, share in enumerate(drawn))


def test_letters_of_a_real_document_are_drawn(tmp_path):
    (tmp_path / "a.tex").write_text(r"\documentclass{article}\begin{document}\[ x^{2}+y^{2}=1 \]\end{document}")
    subprocess.run(["pdflatex", "-interaction=batchmode", "a.tex"], cwd=tmp_path, check=True, capture_output=True)
    assert darkness(pdf.draw_page(str(tmp_path / "a.pdf"), 1, dpi=200)) > 0
