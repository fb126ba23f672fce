"""The pad keeps up with the pen: read at rest, the old answer greyed meanwhile, keys to undo, pens to choose."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browsing import crop, draw_plus, expect_result, keep, open_pad, stroke

STALE = re.compile(r"\bstale\b")


def test_the_last_answer_is_greyed_until_the_new_one_is_there(page):
    box = open_pad(page)
    draw_plus(page, box)
    expect_result(page)
    result = page.locator("#result")
    expect(result).not_to_have_class(STALE)
    before = crop(page).get_attribute("src")
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    expect(result).to_have_class(STALE)
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=3)
    page.mouse.up()
    expect(result).not_to_have_class(STALE)
    expect(crop(page)).not_to_have_attribute("src", before)
    keep(page, "pad-live")


def test_strokes_are_undone_and_drawn_again_by_keys(page):
    box = open_pad(page)
    stroke(page, box, (0.4, 0.5), (0.6, 0.5))
    expect_result(page)
    line = crop(page).get_attribute("src")
    stroke(page, box, (0.5, 0.3), (0.5, 0.7))
    expect(crop(page)).not_to_have_attribute("src", line)
    plus = crop(page).get_attribute("src")
    page.keyboard.press("Control+z")
    expect(crop(page)).to_have_attribute("src", line)
    page.keyboard.press("Control+y")
    expect(crop(page)).to_have_attribute("src", plus)


def dark(canvas):
    """How many dark pixels a person sees on the canvas."""
    return int((np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("L")) < 100).sum())


def test_a_thick_pen_leaves_more_ink_and_stays_chosen(page):
    shares = {}
    for pen in ("Thin", "Thick"):
        box = open_pad(page)
        page.locator("#pens").get_by_label(pen).check()
        page.wait_for_timeout(500)
        draw_plus(page, box)
        expect_result(page)
        shares[pen] = dark(page.locator("#pad canvas").first)
        page.locator("#pad .top-panel button").last.click()
        expect(page.locator(".verdict:visible")).to_contain_text("will appear here")
    assert shares["Thick"] > 2 * shares["Thin"]
