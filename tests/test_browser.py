"""The app in a real Chromium: what a person does, and what a person then sees."""

import csv
import io
import re
import time
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from img2latex.latex import normalize
from tests.browsing import (
    crop,
    draw_plus,
    expect_latex,
    expect_nothing_read,
    expect_result,
    finger_stroke,
    keep,
    latex_box,
    open_pad,
    paste,
    pixels,
    stroke,
    upload,
    write,
)
from tests.conftest import FORMULAS, workers
from tests.export.test_symbolic import ENDLESS
from tests.export.test_word import read_back

CIRCLE, FRACTION = FORMULAS["circle"], FORMULAS["fraction"]


def test_upload_is_read_at_once(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    expect_result(page)
    seen = pixels(page, crop(page))
    assert seen.min() < 100 and seen.shape[1] > 2 * seen.shape[0]  # ink, cropped to one line
    legend = page.locator(".legend:visible span")
    expect(legend).to_have_text([re.compile("sure"), re.compile("check"), re.compile("doubtful")])
    tokens = page.locator(".tokens:visible button")
    assert normalize(" ".join(tokens.all_inner_texts())) == normalize(CIRCLE)
    colours = {legend.nth(i).evaluate("e => getComputedStyle(e).borderBottomColor") for i in range(3)}
    assert len(colours) == 3
    keep(page, "upload-light")


def test_edited_latex_is_rendered_again(page, pictures):
    upload(page, pictures / "circle.png")
    expect_result(page)
    formula = page.locator(".formula:visible").first
    latex_box(page).fill(r"\begin{cases} a & b<c \\ \sqrt{7} & x*y*z \end{cases}")
    expect(formula.locator(".katex .sqrt")).to_be_visible()
    expect(formula).to_contain_text("<")
    latex_box(page).press("End")
    latex_box(page).press_sequentially("+q")
    expect(formula.locator(".katex-html")).to_contain_text("q")
    latex_box(page).fill(r"\frac{1}{2")
    expect(formula).to_contain_text("can't be shown")
    expect(formula.locator(".katex")).to_have_count(0)
    keep(page, "edit-mistake")
    latex_box(page).fill(" ")
    expect(formula).to_have_text("")


def test_edited_latex_cannot_bring_html_into_the_page(page, pictures):
    write(page, pictures, "x")
    image = r'\text{<img src=x onerror="document.title=1">}'
    for text in (image, "$$ <b id=injected>b</b> <script>document.title=2</script>"):
        latex_box(page).fill(text)
        expect(page.locator(".formula:visible").first).not_to_have_text("")
    assert page.locator("#injected, .formula img, .formula script").count() == 0
    expect(page).to_have_title("img2latex")


def test_a_formula_editor_and_the_latex_box_follow_each_other(page, pictures):
    write(page, pictures, r"\frac{a}{b}")
    page.get_by_role("button", name="Edit it as a formula").first.click()
    field = page.locator("math-field:visible")
    expect(field).to_be_visible()
    page.wait_for_function("document.querySelector('math-field').value === String.raw`\\frac{a}{b}`")
    field.press("End")
    field.press_sequentially("+c^2")
    expect(latex_box(page)).to_have_value(r"\frac{a}{b}+c^2")
    expect(page.locator(".formula:visible .katex-html").first).to_contain_text("c2")
    keep(page, "editor")
    latex_box(page).fill("x+y")
    page.wait_for_function("document.querySelector('math-field').value === 'x+y'")
    expect(latex_box(page)).to_have_value("x+y")


def test_paste_works_anywhere_and_again(page, pictures):
    paste(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    page.get_by_role("tab", name="Draw").click()
    paste(page, pictures / "fraction.png")
    expect(page.locator("#picture")).to_be_visible()
    expect(latex_box(page)).not_to_have_value(re.compile("x"))
    expect_latex(page, FRACTION)


def test_text_still_pastes_into_the_latex_box(page, pictures):
    write(page, pictures, "")
    page.evaluate("navigator.clipboard.writeText('a+b')")
    latex_box(page).click()
    page.keyboard.press("Control+v")
    expect(latex_box(page)).to_have_value("a+b")
    expect(page.locator(".formula:visible .katex-html").first).to_contain_text("a+b")


def test_drawing_is_read_when_the_pen_rests(page):
    box = open_pad(page)
    draw_plus(page, box)
    expect_result(page)
    drawn = pixels(page, crop(page))
    assert 0.01 < (drawn < 128).mean() < 0.6
    keep(page, "draw-light")

    before = crop(page).get_attribute("src")
    page.locator("#pad button[aria-label=Undo]").click()
    expect(crop(page)).not_to_have_attribute("src", before)

    page.locator("#pad button[aria-label='Clear canvas']").click()
    expect_nothing_read(page)
    expect(page.locator(".verdict:visible").first).to_contain_text("will appear here")

    expect(page.locator("#pad [aria-label=Brush].highlight")).to_be_visible()  # ready again without a click
    draw_plus(page, box)
    expect_result(page)


def test_eraser_stays_chosen(page):
    box = open_pad(page)
    draw_plus(page, box)
    expect_result(page)
    before = crop(page).get_attribute("src")
    page.locator("#pad button[aria-label=Erase]").click()
    page.wait_for_timeout(600)  # time in which the brush could wrongly come back
    expect(page.locator("#pad [aria-label=Erase].highlight")).to_be_visible()
    stroke(page, box, (0.5, 0.38), (0.5, 0.44))
    expect(crop(page)).not_to_have_attribute("src", before)


def test_opening_the_pad_keeps_the_result(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    open_pad(page)
    page.wait_for_timeout(1500)  # longer than the rest after which a drawing is read
    expect_latex(page, CIRCLE)


def test_blank_pad_gives_no_formula(page):
    box = open_pad(page)
    stroke(page, box, (0.4, 0.5), (0.6, 0.5))
    page.locator("#pad button[aria-label=Undo]").click()
    expect(page.locator(".verdict:visible").first).to_contain_text("No formula read")
    expect_nothing_read(page)
    keep(page, "draw-blank")


def test_blank_picture_gives_no_formula(page, pictures):
    upload(page, pictures / "blank.png")
    expect(page.locator(".verdict:visible").first).to_contain_text("No formula read")
    expect(page.locator(".verdict:visible").first).to_contain_text(re.compile("blank|empty|nothing", re.I))
    expect_nothing_read(page)
    expect(page.locator(".tokens:visible")).to_have_count(0)


def test_text_file_named_png_gets_a_kind_word(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    page.locator("#picture .top-panel button").click()
    upload(page, pictures / "text.png")
    toast = page.get_by_test_id("toast-body")
    expect(toast).to_contain_text("text.png is not a picture")
    expect(page.locator(".verdict:visible").first).to_contain_text("text.png is not a picture")
    keep(page, "not-a-picture")
    assert "Traceback" not in page.inner_text("body") and "Error" not in page.inner_text("body")
    expect_nothing_read(page)
    page.locator("#picture .top-panel button").click()
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)


def test_a_picture_far_too_large_gets_a_kind_word_and_the_next_is_read(page, pictures, tmp_path):
    Image.new("1", (14_000, 14_000), 1).save(tmp_path / "huge.png")
    upload(page, tmp_path / "huge.png")
    expect(page.locator(".verdict:visible").first).to_contain_text("huge.png is too large")
    keep(page, "too-large")
    page.locator("#picture .top-panel button").click()
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)


def test_transparent_picture_reads_like_a_plain_one(page, pictures):
    upload(page, pictures / "transparent.png")
    expect_latex(page, CIRCLE)


def test_example_is_read_with_one_click(page):
    page.locator("#examples button").first.click()
    expect_result(page)
    expect(latex_box(page)).to_have_value(re.compile(r"sqrt"))


def test_taking_the_picture_away_clears_the_result(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    page.locator("#picture .top-panel button").click()
    expect_nothing_read(page)
    expect(page.locator(".tokens:visible")).to_have_count(0)


def test_compare_shows_every_checkpoint_on_the_same_picture(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    names = page.locator("#input [role=radio], #input input[type=radio]").count() - 1
    page.locator("#input").get_by_label("Compare").check()
    expect(page.locator("#several .verdict:visible")).to_have_count(names)
    expect(page.locator("#several .verdict").last).to_contain_text("confidence")
    for title in ("Math", "Twin"):
        expect(page.locator("#several").get_by_role("heading", name=title)).to_be_visible()
    boxes = page.locator("#several textarea")
    assert normalize(boxes.first.input_value()) == normalize(boxes.last.input_value()) == normalize(CIRCLE)
    expect(page.locator("#several .formula .katex:visible")).to_have_count(names)
    expect(page.locator("#several .crop img:visible")).to_have_count(names)
    keep(page, "compare-light")
    page.locator("#input").get_by_label("Twin").check()
    expect(page.locator("#several")).to_be_hidden()
    expect_latex(page, CIRCLE)


def test_a_careful_reading_is_one_click_away(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    verdict = page.locator(".verdict:visible")
    expect(verdict).to_contain_text("read in")
    page.locator("#input").get_by_label("Careful").check()
    expect(verdict).to_contain_text("read carefully in")
    expect_latex(page, CIRCLE)


def test_a_change_of_mind_while_it_reads_counts(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    careful = page.locator("#input").get_by_label("Careful")
    with page.expect_request("**/queue/join*"):
        careful.check()
    with page.expect_request("**/queue/join*"):
        careful.uncheck()  # most likely before the careful reading is there
    careful.check()
    expect(page.locator(".verdict:visible")).to_contain_text("read carefully in")


def test_another_token_is_chosen_by_keyboard_and_the_rest_read_on(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    tokens = page.locator(".tokens:visible button")
    before = tokens.all_inner_texts()
    place = before.index("+")
    tokens.nth(place).press("Enter")
    alternatives = page.locator(".alternatives:visible [data-rank]")
    expect(alternatives.first).to_be_disabled()  # it is the one that stands there
    expect(alternatives.first).to_have_text(re.compile(r"\+ \d+%"))
    expect(tokens.nth(place)).to_have_attribute("aria-pressed", "true")
    looked, crop_box = page.locator(".crop .looked"), crop(page).bounding_box()
    expect(looked).to_have_attribute("alt", "Where the model looked for +")
    assert looked.bounding_box()["y"] == pytest.approx(crop_box["y"], abs=1)
    keep(page, "alternatives")

    other = alternatives.nth(1).locator("b").inner_text()
    alternatives.nth(1).press("Enter")
    expect(tokens.nth(place)).to_have_text(other)
    assert tokens.all_inner_texts()[:place] == before[:place]
    assert normalize(latex_box(page).input_value()) != normalize(CIRCLE)
    expect(alternatives.nth(1)).to_be_disabled()  # the token is still chosen: another alternative is a click away
    expect(looked).to_have_count(1)
    page.get_by_role("button", name="Undo the choice").click()
    expect(tokens).to_have_text(before)
    expect_latex(page, CIRCLE)


def saved(page, name):
    """What a link that saves a file of this name saves."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.path().read_bytes()


def test_pictures_and_sympy_are_a_click_away(page, pictures):
    write(page, pictures, "x^{2}-4=0")
    expect(page.locator(".formula:visible .katex-html")).to_contain_text("4")
    desk = page.get_by_role("button", name="Save it as a file").first
    desk.click()
    answers, copies = page.locator(".block.answers:visible"), page.locator(".copies:visible button")
    expect(answers).to_contain_text("Solved", timeout=600_000)  # a process that imports SymPy
    expect(answers.locator(".katex-html").last).to_contain_text("−2,2")
    expect(answers).not_to_contain_text("Derivative")  # of an equation there is none
    copies.press("Enter")
    expect(copies).to_have_class(re.compile("copied"))
    assert "Symbol" in page.evaluate("navigator.clipboard.readText()")
    keep(page, "formats-and-sympy")

    drawn = {kind: saved(page, f"formula.{kind}") for kind in ("svg", "png")}
    outlines = ElementTree.fromstring(drawn["svg"]).iter("{http://www.w3.org/2000/svg}path")
    assert len(list(outlines)) == 6  # x 2 - 4 = 0
    ink = np.asarray(Image.open(io.BytesIO(drawn["png"])).convert("L"))
    assert ink[0, 0] == 255 and 0.02 < (ink < 128).mean() < 0.5

    assert read_back(saved(page, "formula.docx")) == ["x^{2} - 4 = 0"]

    latex_box(page).fill(r"a \pm b")
    expect(answers).to_have_count(0)  # closed: it was about another formula
    desk.click()
    expect(answers).to_contain_text("surely right", timeout=600_000)
    expect(answers.locator(".katex")).to_have_count(0)
    expect(copies).to_have_count(0)


def test_sympy_s_process_ends_with_the_page(page, pictures, app_pid):
    write(page, pictures, ENDLESS)
    page.get_by_role("button", name="Save it as a file").first.click()
    expect(page.locator(".block.answers:visible")).to_contain_text("As SymPy reads it", timeout=600_000)
    seen = workers(app_pid)
    page.close()
    deadline = time.monotonic() + 600
    while left := workers(app_pid):
        seen |= left
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(seen) == 1  # and none was started for a page that nobody looks at


def open_batch(page, *paths):
    page.get_by_role("tab", name="Many pictures").click()
    page.locator("#files input[type=file]").set_input_files(paths)
    shown = re.compile(rf"{re.escape(paths[-1].stem)}\s*{re.escape(paths[-1].suffix)}")  # the page parts the two
    expect(page.locator("#files")).to_contain_text(shown)
    page.get_by_role("button", name="Read them all").click()


def test_many_pictures_become_a_table_and_files(page, pictures, tmp_path):
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(pictures / "fraction.png", "scans/fraction.png")
        archive.writestr("../evil.png", b"outside")
    open_batch(page, pictures / "circle.png", pictures / "text.png", tmp_path / "more.zip")
    expect(page.locator(".progress")).to_contain_text("4 of 4 done, 2 not read")
    rows = page.locator("#table tbody tr")
    expect(rows).to_have_count(4)
    for row, name, latex in ((0, "circle.png", CIRCLE), (2, "scans/fraction.png", FRACTION)):
        expect(rows.nth(row)).to_contain_text(name)
        expect(rows.nth(row)).to_contain_text(re.compile(r"\d+%"))
        assert normalize(rows.nth(row).locator("code").inner_text()) == normalize(latex)
        expect(rows.nth(row).locator(".katex")).to_have_count(1)
        assert rows.nth(row).locator("img").evaluate("image => image.naturalWidth") > 10
    expect(rows.nth(1)).to_contain_text("text.png is not a picture")
    expect(rows.nth(3)).to_contain_text("points outside its zip")
    keep(page, "batch")

    lines = list(csv.DictReader(saved(page, "formulas.csv").decode().splitlines()))
    assert [line["name"] for line in lines] == ["circle.png", "text.png", "scans/fraction.png", "../evil.png"]
    assert normalize(lines[0]["latex"]) == normalize(CIRCLE) and not lines[1]["latex"]
    assert rb"\frac{a}{b}" in saved(page, "formulas.tex")
    assert read_back(saved(page, "formulas.docx"))[0::2] == ["circle.png", "scans/fraction.png"]
    page.locator("#files [aria-label=Clear]").or_(page.locator("#files .top-panel button").last).first.click()
    expect(rows).to_have_count(0)


LUMINANCE = """element => {
  const light = colour => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return [0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b), a];
  };
  let behind = element, paper = [0, 0];
  for (; behind && paper[1] < 255; behind = behind.parentElement)
    paper = light(getComputedStyle(behind).backgroundColor);
  return [light(getComputedStyle(element).color)[0], paper[0]];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_themes(open_page, pictures, scheme):
    page = open_page(color_scheme=scheme)
    upload(page, pictures / "circle.png")
    expect_result(page)
    papers = []
    page.locator(".tokens button:visible").last.click()
    expect(page.locator(".alternatives:visible button").first).to_be_visible()
    for selector in (".verdict b", ".verdict", ".tokens button", ".legend .doubtful", ".formula .katex", "textarea",
                     ".alternatives p", ".alternatives button:not(:disabled) b"):
        text, paper = page.locator(selector).and_(page.locator(":visible")).first.evaluate(LUMINANCE)
        lighter, darker = max(text, paper), min(text, paper)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, selector  # WCAG AA
        papers.append(paper)
    assert all(paper < 0.2 for paper in papers) if scheme == "dark" else all(paper > 0.8 for paper in papers)
    keep(page, f"theme-{scheme}")


def test_fits_a_phone(open_page, pictures):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark")
    keep(page, "phone-start")
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    expect_result(page)
    page.locator(".tokens button:visible").last.tap()
    expect(page.locator(".alternatives:visible button").first).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.get_by_role("button", name="Edit it as a formula").first.tap()
    text, paper = page.locator("math-field:visible").evaluate(LUMINANCE)
    assert (max(text, paper) + 0.05) / (min(text, paper) + 0.05) >= 4.5 and paper < 0.2
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    keep(page, "phone-upload")
    page.locator("#input").get_by_label("Compare").check()
    expect(page.locator("#several .tokens:visible").last).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    keep(page, "phone-compare")
    page.locator("#input").get_by_label("Math").check()
    before = crop(page).get_attribute("src")
    finger_stroke(page, open_pad(page), (0.4, 0.45), (0.6, 0.55))
    expect(crop(page)).not_to_have_attribute("src", before)
    assert (pixels(page, crop(page)) < 128).any()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    keep(page, "phone-draw")


def test_the_keyboard_reaches_what_matters(page, pictures):
    write(page, pictures, "x")
    latex_box(page).blur()
    page.locator("header h1").click()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent || "
                                     "document.activeElement.value || document.activeElement.tagName).trim()"))
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    assert any("upload" in name.lower() for name in reached), reached
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA", reached


def test_a_batch_fits_a_dark_phone(open_page, pictures):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark")
    open_batch(page, pictures / "circle.png", pictures / "text.png")
    row = page.locator("#table tbody tr").first
    expect(page.locator(".progress")).to_contain_text("2 of 2 done")
    expect(row.locator("code")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert row.bounding_box()["width"] <= 390 and row.bounding_box()["height"] < 300
    for selector in ("#table small", "#table code", "#table td:last-child", ".progress", "#downloads a"):
        text, paper = page.locator(selector).and_(page.locator(":visible")).first.evaluate(LUMINANCE)
        assert (max(text, paper) + 0.05) / (min(text, paper) + 0.05) >= 4.5, selector
        assert paper < 0.2, selector
    keep(page, "phone-batch")
