"""Copying: the form last chosen, by a button or a key or by itself, and that the browser remembers what was chosen."""

import re

import pytest
from playwright.sync_api import expect

from img2latex.web import copying
from tests.browsing import clear_clipboard, expect_clipboard, expect_latex, expect_nothing_read, latex_box, upload
from tests.conftest import FORMULAS

CIRCLE, FRACTION = FORMULAS["circle"], FORMULAS["fraction"]


def allow_writing(page, allowed):
    """Permits a page to write into the clipboard, or forbids it, as browsers do where nobody pressed a key."""
    chromium = page.context.new_cdp_session(page)
    where = {"browserContextId": chromium.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]}
    what = {"permission": {"name": "clipboard-write"}, "setting": "granted" if allowed else "denied"}
    chromium.send("Browser.setPermission", {**what, **where, "origin": page.url})


def bar(page):
    return page.locator(".copying:visible")


def test_every_form_of_a_formula_is_there_or_left_out():
    found = copying.forms(r"\frac{a}{b}")
    assert set(found) == set(copying.FORMS)
    assert found[r"\[…\]"] == r"\[\frac{a}{b}\]"
    assert found["equation"] == "\\begin{equation}\n\\frac{a}{b}\n\\end{equation}"
    assert found["Word"].startswith("<math xmlns=") and found["Typst"] == "frac(a, b)"
    assert list(copying.forms(r"\frac{a}")) == ["LaTeX"] and copying.forms(" ") == {}


def test_what_is_copied_survives_being_html():
    texts = {"LaTeX": 'a"<b>&\'', "MathML": '<math a="b">'}
    html = copying.bar(texts, "7")
    assert "<b>" not in html and '<math' not in html and 'data-of="7"' in html


def test_each_form_is_in_the_clipboard_once_it_is_chosen(page, pictures):
    upload(page, pictures / "fraction.png")
    expect_latex(page, FRACTION)
    for name, text in copying.forms(latex_box(page).input_value()).items():
        bar(page).get_by_role("combobox").select_option(name)
        expect_clipboard(page, text)
    bar(page).get_by_role("combobox").select_option("LaTeX")
    expect_clipboard(page, latex_box(page).input_value())
    clear_clipboard(page)
    bar(page).get_by_role("button", name="Copy").click()
    expect(bar(page)).to_contain_text("LaTeX copied")
    expect_clipboard(page, latex_box(page).input_value())


@pytest.mark.parametrize("form", ["$$…$$", "Typst", "Word"])
def test_each_reading_is_copied_by_itself_once_that_is_switched_on(page, pictures, form):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    clear_clipboard(page)
    bar(page).get_by_role("combobox").select_option(form)
    bar(page).get_by_role("checkbox").check()
    page.locator("#picture .top-panel button").click()
    expect_nothing_read(page)
    upload(page, pictures / "fraction.png")
    expect_latex(page, FRACTION)
    expect_clipboard(page, copying.forms(latex_box(page).input_value())[form])


def test_what_was_chosen_is_chosen_again_after_a_reload(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    bar(page).get_by_role("combobox").select_option("Typst")
    bar(page).get_by_role("checkbox").check()
    page.locator("#input").get_by_label("Twin").check()
    page.locator("#input").get_by_label("Careful").check()
    page.get_by_label("Theme").select_option("Dark")
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    page.wait_for_function("localStorage.getItem('img2latex')")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("#input").get_by_label("Twin")).to_be_checked()
    expect(page.locator("#input").get_by_label("Careful")).to_be_checked()
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    expect(page.get_by_label("Theme")).to_have_value("dark")
    upload(page, pictures / "fraction.png")
    expect_latex(page, FRACTION)
    expect(page.locator(".verdict:visible")).to_contain_text("read carefully")
    expect_clipboard(page, "frac(a, b)")
    expect(bar(page).get_by_role("combobox")).to_have_value("Typst")
    expect(bar(page).get_by_role("checkbox")).to_be_checked()


def test_where_the_browser_refuses_the_button_asks_for_a_key_which_copies(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    bar(page).get_by_role("checkbox").check()
    expect(bar(page)).to_contain_text("LaTeX copied")
    clear_clipboard(page)
    allow_writing(page, False)
    page.locator("#picture .top-panel button").evaluate("button => button.click()")
    expect_nothing_read(page)
    upload(page, pictures / "fraction.png")
    expect_latex(page, FRACTION)
    expect(bar(page)).to_contain_text("press C")
    allow_writing(page, True)
    page.keyboard.press("c")
    expect(bar(page)).to_contain_text("LaTeX copied")
    expect_clipboard(page, latex_box(page).input_value())
