"""The tab for whole pages, in Chromium and without: boxes that are found, drawn, moved and taken away."""

import base64
import shutil
from types import SimpleNamespace

import gradio as gr
import pytest
from PIL import Image
from playwright.sync_api import expect

from img2latex.latex import beautify, normalize
from img2latex.web import page_tab
from tests.browsing import expect_latex, finger_stroke, keep, stroke, upload
from tests.conftest import EXERCISES, FORMULAS, PAPER_FORMULAS
from tests.export.test_word import read_back


@pytest.fixture(scope="session")
def document(pictures, tmp_path_factory):
    """A PDF of two pages, each with a formula in its upper left quarter."""
    pages = []
    for name in FORMULAS:
        page = Image.new("L", (1240, 1754), 255)  # A4 at 150 dpi
        with Image.open(pictures / f"{name}.png") as formula:
            page.paste(formula, (200, 300))
        pages.append(page)
    path = tmp_path_factory.mktemp("pdf") / "two.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=150)
    return path


def open_tab(page, path):
    """Hands a file to the tab and returns the boxes on its page."""
    page.get_by_role("tab", name="Page", exact=True).click()
    page.locator("#page-file input[type=file]").set_input_files(path)
    return page.locator("#page-board .board button")


def expect_opened(page, formula):
    """Waits until the panel shows this formula, and its tokens."""
    page.wait_for_function(
        """told => told === document.querySelector("#page-formula textarea")?.value""", arg=beautiful(formula)
    )
    expect(page.locator("#page-formula .tokens button").first).to_be_visible()


def beautiful(formula):
    """A formula as the app writes it."""
    return beautify(normalize(formula))


def around(page, left, top, right, bottom):
    """Draws a box on the page, its sides given in shares of width and height."""
    sheet = page.locator("#page-board .board")
    stroke(page, sheet.bounding_box(), (left, top), ((left + right) / 2, bottom), (right, bottom))


def test_a_page_s_formulas_are_marked_and_open_with_a_click(page, paper):
    boxes = open_tab(page, paper)
    expect(boxes).to_have_count(2)
    expect(page.locator("#page-text .katex").first).to_be_visible()
    expect(page.locator("#page-saves a")).to_have_count(4)
    docx = page.locator('#page-saves a[download="page.docx"]').get_attribute("href")
    written = read_back(base64.b64decode(docx.partition("base64,")[2]))
    assert any(PAPER_FORMULAS[0] in paragraph.replace(" ", "") for paragraph in written)
    keep(page, "page")
    boxes.first.click()
    expect_opened(page, PAPER_FORMULAS[0])
    page.locator("#page-formula .tokens button").first.click()
    expect(page.locator("#page-formula .alternatives button").first).to_be_visible()
    expect(page.locator("#page-formula .looked")).to_have_count(1)
    keep(page, "page-formula")

    page.locator("#page-number input").fill("2")
    expect(page.locator(".verdict:visible").first).to_contain_text("0 formulas")
    expect(boxes).to_have_count(0)
    expect(page.locator("#page-formula")).to_be_hidden()
    keep(page, "page-without")


def test_boxes_are_added_moved_and_deleted_and_the_text_follows(page, document):
    boxes, shown = open_tab(page, document), page.locator("#page-text")
    expect(boxes).to_have_count(1)
    boxes.first.click()
    expect_opened(page, FORMULAS["circle"])
    boxes.first.press("Delete")
    expect(boxes).to_have_count(0)
    expect(shown.locator(".katex")).to_have_count(0)
    expect(page.locator("#page-formula")).to_be_hidden()

    around(page, 0.1, 0.1, 0.5, 0.3)
    expect(boxes).to_have_count(1)
    expect_opened(page, FORMULAS["circle"])
    expect(shown.locator(".katex-html")).to_contain_text("x")
    sheet, box = page.locator("#page-board .board").bounding_box(), boxes.first.bounding_box()
    assert box["width"] == pytest.approx(0.4 * sheet["width"], abs=4)
    keep(page, "page-drawn")

    right = (box["x"] + box["width"] - sheet["x"] - 2) / sheet["width"]
    stroke(page, sheet, (right, 0.2), (right + 0.1, 0.2), (right + 0.2, 0.2))
    page.wait_for_function(
        "most => document.querySelector('#page-board .board button')?.getBoundingClientRect().width > most",
        arg=0.55 * sheet["width"],
    )
    expect_opened(page, FORMULAS["circle"])
    page.get_by_role("button", name="Read again, carefully").click()
    expect(page.locator("#page-formula .verdict")).to_contain_text("read carefully")
    expect(boxes).to_have_count(1)

    page.locator("#page-number input").fill("2")
    expect(page.locator("#page-formula")).to_be_hidden()
    expect(boxes).to_have_count(1)
    boxes.first.click()
    expect_opened(page, FORMULAS["fraction"])


def test_a_box_on_a_page_is_read_without_a_mouse(page, document):
    boxes = open_tab(page, document)
    expect(boxes).to_have_count(1)
    boxes.first.press("Delete")
    expect(boxes).to_have_count(0)
    page.get_by_role("button", name="Or give a box in numbers").press("Enter")
    framed = "inset => document.querySelector('.frame').style.inset === inset"
    for side, percent in (("Left", 10), ("Top", 10), ("Right", 50), ("Bottom", 29)):
        page.get_by_label(f"{side} (%)").fill(str(percent))
    values = "[...document.querySelectorAll('#numbers input')].map(input => input.value).join()"
    assert page.evaluate(values) == "10,10,50,29"
    page.wait_for_function(framed, arg="10% 50% 71% 10%")
    page.get_by_label("Bottom (%)").press("ArrowUp")
    page.wait_for_function(framed, arg="10% 50% 70% 10%")
    keep(page, "page-numbers")
    page.get_by_role("button", name="Read this box").press("Enter")
    expect_opened(page, FORMULAS["circle"])
    page.get_by_label("Right (%)").fill("5")
    page.get_by_role("button", name="Read this box").press("Enter")
    expect(page.get_by_test_id("toast-body")).to_contain_text("This box is not on the page.")


def test_a_screenshot_with_five_formulas_is_offered_to_be_read_as_a_page(page, screenshot, pictures):
    upload(page, screenshot)
    offer = page.locator("#offer")
    expect(offer).to_contain_text("This looks like a page: 5 formulas and text.")
    keep(page, "page-offer")
    offer.get_by_role("button").click()
    boxes = page.locator("#page-board .board button")
    expect(boxes).to_have_count(5)
    for place, formula in enumerate(EXERCISES):
        boxes.nth(place).click()
        expect_opened(page, formula)
    keep(page, "page-screenshot")
    page.get_by_role("tab", name="One picture").click()
    page.locator("#picture .top-panel button").click()
    upload(page, pictures / "circle.png")
    expect_latex(page, FORMULAS["circle"])
    expect(offer.get_by_role("button")).to_have_count(0)


def test_a_page_fits_a_phone_and_boxes_are_drawn_with_a_finger(open_page, document):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark")
    boxes = open_tab(page, document)
    expect(boxes).to_have_count(1)
    boxes.first.tap()
    expect_opened(page, FORMULAS["circle"])
    page.get_by_role("button", name="Delete").tap()
    expect(boxes).to_have_count(0)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    sheet = page.locator("#page-board .board")
    sheet.evaluate("element => element.scrollIntoView()")
    finger_stroke(page, sheet.bounding_box(), (0.1, 0.1), (0.3, 0.13), (0.5, 0.3))
    expect(boxes).to_have_count(1)
    expect_opened(page, FORMULAS["circle"])
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    keep(page, "page-phone")


def test_a_pdf_dropped_anywhere_opens_as_a_page(page, document):
    page.evaluate(
        """data => {
          const bytes = Uint8Array.from(atob(data), each => each.charCodeAt(0));
          const file = new File([bytes], "two.pdf", {type: "application/pdf"});
          const dropped = new DataTransfer();
          dropped.items.add(file);
          document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
        }""",
        base64.b64encode(document.read_bytes()).decode(),
    )
    expect(page.locator("#page-board .board button")).to_have_count(1)


# Without a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def tab():
    with gr.Blocks():
        return page_tab.PageTab(["math"])


def opened(tab, path, number=1):
    """The last updates after a file was handed over."""
    *_, updates = tab.show({"path": str(path)}, number, "math")
    return updates


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    """The folder of uploaded files."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return tmp_path


def test_an_odd_page_or_box_is_told_in_one_sentence(tab, uploads):
    Image.new("L", (600, 300), 255).save(uploads / "a.pdf", resolution=100)
    for number in (1.5, "1.5", 3):
        assert f"There is no page {number}: the PDF has 1." in opened(tab, uploads / "a.pdf", number)[tab.verdict]
    sheet = opened(tab, uploads / "a.pdf")[tab.sheet]
    assert sheet.page.size == (1200, 600)
    for box in ([5, 5, 5, 9], [-9, 0, -1, 5], [float("nan")] * 4, ["left", 0, 1, 1], [1, 2], None):
        with pytest.raises(gr.Error, match="box is not on the page|are four numbers"):
            tab.edit(sheet, SimpleNamespace(act="add", box=box))
    with pytest.raises(gr.Error, match="are four numbers"):
        tab.add_numbers(sheet, 0, None, 50, 50)
    assert tab.edit(sheet, SimpleNamespace(act="delete", chosen="1,2,3,4")) == gr.skip()
    with pytest.raises(gr.Error, match="restarted"):
        tab.edit(None, SimpleNamespace(act="add", box=[0, 0, 9, 9]))


def test_a_formula_opens_as_it_was_read_with_the_page_and_little_is_kept_of_it(tab, uploads, paper):
    shutil.copy(paper, uploads / "paper.pdf")
    sheet = opened(tab, uploads / "paper.pdf")[tab.sheet]
    formula = sheet.page.formulas[0]
    reading = tab.edit(sheet, SimpleNamespace(act="open", chosen=page_tab.key(formula)))[tab.panel.reading]
    assert reading.result is formula.reading and not reading.result.attention and len(reading.looked) > 100
    assert sheet.page.picture is None
    again = tab.edit(sheet, SimpleNamespace(act="again", chosen=page_tab.key(formula)))
    assert r"\tag{1}" in again[tab.source]  # the number stays
    for path in uploads.glob("*.png"):
        path.unlink()
    with pytest.raises(gr.Error, match="too long ago"):
        tab.edit(sheet, SimpleNamespace(act="open", chosen=page_tab.key(formula)))
