"""The history: what was read is found again in this browser, after a reload too, with its picture."""

import csv
import re

from playwright.sync_api import expect

from tests.browsing import (
    draw_plus,
    expect_latex,
    expect_nothing_read,
    expect_result,
    keep,
    latex_box,
    open_pad,
    stroke,
    upload,
)
from tests.conftest import FORMULAS

CIRCLE, FRACTION = FORMULAS["circle"], FORMULAS["fraction"]
FILL = """() => new Promise(resolve => {
  const request = indexedDB.open("img2latex", 1);
  request.onsuccess = () => {
    const change = request.result.transaction("readings", "readwrite"), readings = change.objectStore("readings");
    for (let time = 1; time <= 100; time++) readings.put({
      key: `old ${time}`, time, latex: `x_{${time}}`, star: time === 1, confidence: 0.5, checkpoint: "Math",
      picture: new Blob(["no picture"]), thumbnail: "data:,",
    });
    change.oncomplete = () => { request.result.close(); resolve(); };
  };
})"""


def open_history(page):
    page.get_by_role("tab", name="History").click()
    expect(page.locator("#history")).to_be_visible()
    return page.locator("#history li")


def read_both(page, pictures):
    for name, latex in (("circle", CIRCLE), ("fraction", FRACTION)):
        if page.locator("#picture .top-panel button").is_visible():
            page.locator("#picture .top-panel button").click()
            expect_nothing_read(page)
        upload(page, pictures / f"{name}.png")
        expect_latex(page, latex)


def saved(page, kind):
    with page.expect_download() as download:
        page.locator("#history").get_by_role("button", name=f".{kind}", exact=True).click()
    return download.value.path().read_text()


def test_readings_are_found_again_and_brought_back_with_their_picture(page, pictures):
    read_both(page, pictures)
    entries = open_history(page)
    expect(entries).to_have_count(2)
    expect(entries.first.locator("code")).to_have_text(r"\frac{a}{b}")
    expect(entries.last).to_contain_text(re.compile(r"\d+ % · Math"))
    assert entries.last.locator("img").evaluate("image => image.naturalWidth") > 20
    entries.last.get_by_role("button", name="Star").click()
    expect(entries.last.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    page.reload()
    entries = open_history(page)
    expect(entries).to_have_count(2)
    page.get_by_label("starred only").check()
    expect(entries).to_have_count(1)
    page.get_by_label("starred only").uncheck()
    page.get_by_label("Search the LaTeX").fill("FRAC")
    expect(entries).to_have_count(1)
    page.get_by_label("Search the LaTeX").fill("")
    keep(page, "history")
    entries.last.locator(".entry").click()
    expect_latex(page, CIRCLE)
    expect_result(page)
    expect(page.locator("#picture img")).to_be_visible()
    expect(open_history(page)).to_have_count(2)


def test_an_edited_reading_is_kept_and_brought_back_as_edited(page, pictures):
    read_both(page, pictures)
    latex_box(page).fill(r"\frac{a}{b}+7")
    entries = open_history(page)
    expect(entries.first.locator("code")).to_have_text(r"\frac{a}{b}+7")
    page.reload()
    open_history(page).first.locator(".entry").click()
    expect(latex_box(page)).to_have_value(r"\frac{a}{b}+7")
    expect(page.locator(".formula:visible .katex-html")).to_contain_text("7")
    expect(open_history(page)).to_have_count(2)


def test_the_history_is_saved_as_files_and_cleared(page, pictures):
    read_both(page, pictures)
    entries = open_history(page)
    expect(entries).to_have_count(2)
    lines = list(csv.DictReader(saved(page, "csv").splitlines()))
    assert lines[0]["latex"] == r"\frac{a}{b}" and 0 < float(lines[1]["confidence"]) <= 1
    document = saved(page, "tex")
    assert document.startswith(r"\documentclass") and r"\[ \frac{a}{b} \]" in document
    assert saved(page, "md").startswith(r"$$\frac{a}{b}$$")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#history").get_by_role("button", name="Clear all").click()
    expect(entries).to_have_count(0)
    expect(page.locator("#history [role=status]")).to_contain_text("Nothing read yet")


def test_a_drawing_that_goes_on_is_one_entry(page):
    box = open_pad(page)
    draw_plus(page, box)
    expect_result(page)
    before = latex_box(page).input_value()
    stroke(page, box, (0.7, 0.4), (0.7, 0.6))
    expect(latex_box(page)).not_to_have_value(before)
    entries = open_history(page)
    expect(entries).to_have_count(1)


def test_only_a_hundred_are_kept_and_the_oldest_without_a_star_goes(page, pictures):
    upload(page, pictures / "circle.png")
    expect_latex(page, CIRCLE)
    entries = open_history(page)
    expect(entries).to_have_count(1)
    page.evaluate(FILL)
    page.get_by_role("tab", name="One picture").click()
    page.locator("#picture .top-panel button").click()
    expect_nothing_read(page)
    upload(page, pictures / "fraction.png")
    expect_latex(page, FRACTION)
    entries = open_history(page)
    expect(entries).to_have_count(100)
    expect(entries.first.locator("code")).to_have_text(r"\frac{a}{b}")
    expect(entries.last.locator("code")).to_have_text("x_{1}")  # it has a star
    expect(entries.nth(98).locator("code")).to_have_text("x_{4}")
