"""Pasting and dropping anywhere, and the keys."""

import base64
import re
from pathlib import Path

from playwright.sync_api import expect

from img2latex.latex import normalize
from img2latex.web.header import KEYS
from tests.browsing import clear_clipboard, expect_clipboard, expect_latex, latex_box, paste, upload
from tests.conftest import FORMULAS

CIRCLE, FRACTION = FORMULAS["circle"], FORMULAS["fraction"]
DROP = """async ([selector, data, name, type]) => {
  const blob = await (await fetch(`data:${type};base64,${data}`)).blob(), transfer = new DataTransfer();
  transfer.items.add(new File([blob], name, {type}));
  const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
  document.querySelector(selector).dispatchEvent(new DragEvent("dragover", options));
  document.querySelector(selector).dispatchEvent(new DragEvent("drop", options));
}"""


def drop(page, selector, path, kind="image/png"):
    """Drops a file on an element."""
    page.evaluate(DROP, [selector, base64.b64encode(path.read_bytes()).decode(), path.name, kind])


def tokens(page):
    return page.locator(".tokens:visible:not(.legend) button")


def test_a_picture_is_read_wherever_it_is_dropped_or_pasted(page, pictures):
    drop(page, "header", pictures / "circle.png")
    expect_latex(page, CIRCLE)
    drop(page, ".verdict", pictures / "fraction.png")  # over a reading too
    expect(latex_box(page)).not_to_have_value(re.compile("x"))
    expect_latex(page, FRACTION)
    page.get_by_role("tab", name="History").click()
    paste(page, pictures / "circle.png")
    expect(page.locator("#picture")).to_be_visible()
    expect(latex_box(page)).to_have_value(re.compile("x"))
    expect_latex(page, CIRCLE)
    drop(page, "header", pictures / "text.png")
    expect(page.locator(".verdict:visible")).to_contain_text("text.png is not a picture")


def test_a_picture_dropped_on_the_box_for_many_goes_there(page, pictures):
    page.get_by_role("tab", name="Many pictures").click()
    expect(page.locator("#files input[type=file]")).to_be_attached()
    drop(page, "#files button", pictures / "circle.png")
    expect(page.locator("#files")).to_contain_text("circle")
    expect(page.locator("#files")).to_be_visible()


def test_keys_choose_a_token_take_an_alternative_and_undo_it(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    before = tokens(page).all_inner_texts()
    place = before.index("+")
    for _ in range(place + 1):
        page.keyboard.press("ArrowRight")
    expect(tokens(page).nth(place)).to_have_attribute("aria-pressed", "true")
    alternatives = page.locator(".alternatives:visible [data-rank]")
    expect(page.locator(".alternatives:visible")).to_contain_text("Instead of +")
    other = alternatives.nth(1).locator("b").inner_text()
    page.keyboard.press("ArrowDown")
    expect(tokens(page).nth(place)).to_have_text(other)
    expect(tokens(page).nth(place)).to_have_attribute("aria-pressed", "true")  # ready for the next
    expect(alternatives.nth(1)).to_be_disabled()
    expect(tokens(page).nth(place)).to_have_class(re.compile("doubtful|check"))  # the model did not think so
    marked = page.locator(".formula:visible [style*='color: rgb(1']")
    expect(marked.first).to_be_visible()
    expect(page.locator(".verdict:visible .look")).to_contain_text(other)
    page.keyboard.press("u")
    expect(tokens(page)).to_have_text(before)
    assert normalize(latex_box(page).input_value()) == normalize(CIRCLE)


def test_keys_copy_read_carefully_and_show_themselves(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    latex = latex_box(page).input_value()
    page.keyboard.press("c")
    expect_clipboard(page, latex)
    clear_clipboard(page)
    page.keyboard.press("Control+c")
    expect_clipboard(page, latex)
    page.keyboard.press("r")
    expect(page.locator(".verdict:visible")).to_contain_text("read carefully")
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Lay them over each other")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("copy the formula")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_letters_are_letters_where_somebody_types(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    clear_clipboard(page)
    latex_box(page).fill("")
    latex_box(page).press_sequentially("cruo?")
    expect(latex_box(page)).to_have_value("cruo?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect_clipboard(page, "nothing yet")


def test_the_readme_tells_the_keys():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for keys, act in KEYS.items():
        assert f"| {keys} | {act} |" in readme
