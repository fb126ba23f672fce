"""The pad keeps up with the pen: read at rest, the old answer greyed meanwhile, keys to undo, pens to choose."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from img2latex.web import pad
from tests import handwritten
from tests.browsing import (
    crop,
    draw_plus,
    expect_latex,
    expect_result,
    finger_stroke,
    keep,
    open_pad,
    pen_stroke,
    pixels,
    stroke,
)

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


def test_a_drawing_is_read_once_the_page_has_its_strokes_and_no_second_time(page):
    box = open_pad(page)
    page.evaluate("""() => {
        window.events = [];
        const kept = img2latex.strokesKept;
        img2latex.strokesKept = () => { events.push("kept"); kept(); };
        document.querySelector("#read-drawing").addEventListener("click", () => events.push("read"));
    }""")
    stroke(page, box, (0.4, 0.5), (0.6, 0.5))
    expect_result(page)
    line = crop(page).get_attribute("src")
    stroke(page, box, (0.5, 0.3), (0.5, 0.7))
    expect(crop(page)).not_to_have_attribute("src", line)
    events = page.evaluate("events")
    assert events[0] == "kept" and events.count("read") >= 2
    assert ("read", "read") not in zip(events, events[1:], strict=False), "a reading without a change"


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


def test_a_stroke_beside_the_sheet_leaves_nothing_greyed(page):
    box = open_pad(page)
    stroke(page, box, (0.01, 0.5), (0.01, 0.6))
    expect(page.locator("#result")).not_to_have_class(STALE)
    expect(page.locator(".verdict:visible")).to_contain_text("will appear here")


def test_a_picture_is_traced_and_only_the_tracing_is_read(page, pictures):
    box = open_pad(page)
    stroke(page, box, (0.3, 0.4), (0.6, 0.55))
    expect_result(page)
    alone = crop(page).get_attribute("src")
    page.locator("#pad .top-panel button").last.click()
    expect(page.locator(".verdict:visible")).to_contain_text("will appear here")

    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Write on a picture").click()
    chooser.value.set_files(pictures / "circle.png")
    traced = page.locator("#traced")
    expect(traced).to_be_visible()
    page.wait_for_function("document.querySelector('#traced').naturalWidth > 0")
    shown = traced.bounding_box()
    assert shown["width"] / shown["height"] == pytest.approx(pad.WIDTH / pad.HEIGHT, rel=0.02)
    assert box["x"] < shown["x"] and box["y"] < shown["y"]  # in the middle, where the sheet is
    assert shown["x"] + shown["width"] / 2 == pytest.approx(box["x"] + box["width"] / 2, abs=2)
    grey = Image.open(io.BytesIO(page.locator("#pad canvas").first.screenshot())).convert("L")
    assert ((np.asarray(grey) > 100) & (np.asarray(grey) < 200)).sum() > 100  # pale
    stroke(page, box, (0.3, 0.4), (0.6, 0.55))
    expect_result(page)
    expect(crop(page)).to_have_attribute("src", alone)
    keep(page, "pad-trace")
    page.get_by_role("button", name="Take it away").click()
    expect(traced).to_have_count(0)


@pytest.mark.parametrize("pointer", ["finger", "pen"])
def test_a_finger_and_a_pen_write_on_a_phone_without_moving_the_page(open_page, pointer):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    box = open_pad(page)
    scrolled = page.evaluate("scrollY")
    write = {"finger": finger_stroke, "pen": pen_stroke}[pointer]
    write(page, box, (0.5, 0.38), (0.5, 0.5), (0.5, 0.6))
    expect_result(page)
    seen = pixels(page, crop(page))
    assert (seen < 128).any() and seen.shape[0] > seen.shape[1] and page.evaluate("scrollY") == scrolled
    keep(page, f"pad-{pointer}")


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


def test_formulas_drawn_with_the_mouse_are_read(page):
    box = open_pad(page)
    for latex in ("2x=6", r"\sqrt{2}", r"\frac{a}{b}"):  # test_recognizer.py reads all twenty
        for points in strokes_on_pad(handwritten.FORMULAS[latex]):
            stroke(page, box, *points, steps=1)
        expect_result(page)
        expect(page.locator("#result")).not_to_have_class(STALE)
        expect_latex(page, latex)
        page.locator("#pad .top-panel button").last.click()
        expect(page.locator(".verdict:visible")).to_contain_text("will appear here")


def strokes_on_pad(strokes):
    """Strokes in the middle of the pad, a letter a fifth of it high; as shares of its width and height."""
    points = np.concatenate([np.array(points) for points in strokes])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = np.array([0.2 * pad.HEIGHT / pad.WIDTH, 0.2])
    return [((np.array(points) - middle) * scale + 0.5).tolist() for points in strokes]
