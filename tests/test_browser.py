"""The app in a real Chromium: what a person does, and what a person then sees.

Set IMG2LATEX_SCREENSHOTS to a folder to keep a picture of each view.
"""

import base64
import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from img2latex.latex import normalize
from tests.conftest import FORMULAS

CIRCLE, FRACTION = FORMULAS["circle"], FORMULAS["fraction"]
expect.set_options(timeout=60_000)


def upload(page, path):
    page.locator("#picture input[type=file]").set_input_files(path)


def latex_box(page):
    return page.locator("#result textarea:visible").first


def expect_latex(page, formula):
    """Waits until the box holds this formula, however it is spelt."""
    expect(latex_box(page)).not_to_have_value("")
    assert normalize(latex_box(page).input_value()) == normalize(formula)


def expect_result(page):
    """Waits until a reading is shown: how sure it is, the crop, the formula, the LaTeX, the tokens."""
    expect(page.locator(".verdict:visible").first).to_contain_text(re.compile(r"confidence \d+%"))
    expect(latex_box(page)).not_to_have_value("")
    expect(page.locator(".formula:visible .katex").first).to_be_visible()
    expect(page.locator(".tokens:visible").first).to_be_visible()
    expect(crop(page)).to_be_visible()


def crop(page):
    return page.locator("#result .picture img").locator("visible=true").first


def keep(page, name):
    """Saves a picture of the page where a person asked for it, and waits for what is still moving."""
    folder = os.environ.get("IMG2LATEX_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(600)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def open_pad(page):
    """Opens the drawing tab and returns the box of the white canvas."""
    page.get_by_role("tab", name="Draw").click()
    expect(page.locator("#pad [aria-label=Brush].highlight")).to_be_visible()
    expect(page.locator("#pad .empty")).to_be_hidden()
    page.locator("#pad").scroll_into_view_if_needed()
    return page.locator("#pad canvas").first.bounding_box()


def stroke(page, box, *points):
    """Draws a line through points given as shares of the canvas box's width and height."""
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=3)
    page.mouse.up()


def finger_stroke(page, box, *points):
    """The same with a finger."""
    touch = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(points):
        place = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if number else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def draw_plus(page, box):
    stroke(page, box, (0.4, 0.5), (0.6, 0.5))
    stroke(page, box, (0.5, 0.4), (0.5, 0.62))


def pixels(page, image):
    """The grey pixels of an image on the page."""
    source = image.get_attribute("src")
    encoded = page.evaluate(
        "async url => { const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());"
        " return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), '')) }", source,
    )
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("L"))


def test_upload_is_read_at_once(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    expect_result(page)
    seen = pixels(page, crop(page))
    assert seen.min() < 100 and seen.shape[1] > 2 * seen.shape[0]  # ink, cropped to one line
    legend = page.locator(".legend:visible span")
    expect(legend).to_have_text([re.compile("sure"), re.compile("check"), re.compile("doubtful")])
    tokens = page.locator(".tokens:visible:not(.legend) span")
    assert normalize(" ".join(tokens.all_inner_texts())) == normalize(CIRCLE)
    colours = {legend.nth(i).evaluate("e => getComputedStyle(e).borderBottomColor") for i in range(3)}
    assert len(colours) == 3
    keep(page, "upload-light")


def test_copy_button_copies_the_latex(page, pictures):
    upload(page, pictures / "fraction.png")
    expect_latex(page, FRACTION)
    page.locator("#result").get_by_role("button", name="Copy").first.click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
    assert page.evaluate("navigator.clipboard.readText()") == latex_box(page).input_value()


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
    latex_box(page).fill("")
    expect(formula).to_have_text("")


def test_edited_latex_cannot_bring_html_into_the_page(page):
    image = r'\text{<img src=x onerror="document.title=1">}'
    for text in (image, "$$ <b id=injected>b</b> <script>document.title=2</script>"):
        latex_box(page).fill(text)
        expect(page.locator(".formula:visible").first).not_to_have_text("")
    assert page.locator("#injected, .formula img, .formula script").count() == 0
    expect(page).to_have_title("img2latex")


def paste(page, path):
    """Puts a picture on the clipboard and presses Ctrl-V."""
    page.evaluate(
        "async data => { const blob = await (await fetch('data:image/png;base64,' + data)).blob();"
        " await navigator.clipboard.write([new ClipboardItem({'image/png': blob})]) }",
        base64.b64encode(path.read_bytes()).decode(),
    )
    page.keyboard.press("Control+v")


def test_paste_works_anywhere_and_again(page, pictures):
    paste(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    page.get_by_role("tab", name="Draw").click()
    paste(page, pictures / "fraction.png")
    expect(page.locator("#picture")).to_be_visible()
    expect(latex_box(page)).not_to_have_value(re.compile("x"))
    expect_latex(page, FRACTION)


def test_text_still_pastes_into_the_latex_box(page):
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
    expect(latex_box(page)).to_have_value("")
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
    expect(latex_box(page)).to_have_value("")
    keep(page, "draw-blank")


def test_blank_picture_gives_no_formula(page, pictures):
    upload(page, pictures / "blank.png")
    expect(page.locator(".verdict:visible").first).to_contain_text("No formula read")
    expect(page.locator(".verdict:visible").first).to_contain_text(re.compile("blank|empty|nothing", re.I))
    expect(latex_box(page)).to_have_value("")
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
    expect(latex_box(page)).to_have_value("")
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
    expect(latex_box(page)).to_have_value("")
    expect(page.locator(".tokens:visible")).to_have_count(0)


def test_compare_shows_every_checkpoint_on_the_same_picture(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    names = page.locator("#input [role=radio], #input input[type=radio]").count() - 1
    page.get_by_label("Compare").check()
    expect(page.locator("#several .verdict:visible")).to_have_count(names)
    expect(page.locator("#several .verdict").last).to_contain_text("confidence")
    for title in ("Math", "Twin"):
        expect(page.locator("#several").get_by_role("heading", name=title)).to_be_visible()
    boxes = page.locator("#several textarea")
    assert normalize(boxes.first.input_value()) == normalize(boxes.last.input_value()) == normalize(CIRCLE)
    expect(page.locator("#several .formula .katex:visible")).to_have_count(names)
    expect(page.locator("#several .picture img:visible")).to_have_count(names)
    keep(page, "compare-light")
    page.get_by_label("Twin").check()
    expect(page.locator("#several")).to_be_hidden()
    expect_latex(page, CIRCLE)


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
    for selector in (".verdict b", ".verdict", ".tokens span", ".legend .doubtful", ".formula .katex", "textarea"):
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
    keep(page, "phone-upload")
    page.get_by_label("Compare").check()
    expect(page.locator("#several .tokens:visible").last).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    keep(page, "phone-compare")
    page.get_by_label("Math").check()
    before = crop(page).get_attribute("src")
    finger_stroke(page, open_pad(page), (0.4, 0.45), (0.6, 0.55))
    expect(crop(page)).not_to_have_attribute("src", before)
    assert (pixels(page, crop(page)) < 128).any()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    keep(page, "phone-draw")


def test_the_keyboard_reaches_what_matters(page):
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent || "
                                     "document.activeElement.value || document.activeElement.tagName).trim()"))
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    assert any("upload" in name.lower() for name in reached), reached
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA", reached
