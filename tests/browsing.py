"""What a person does in the app's page and looks for there, for tests that drive it in Chromium.

Set IMG2LATEX_SCREENSHOTS to a folder to keep a picture of each view.
"""

import base64
import io
import os
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from img2latex.latex import normalize

expect.set_options(timeout=120_000)


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


def expect_nothing_read(page):
    """Waits until there is no LaTeX on the page, nor an empty box for it."""
    expect(page.locator("#result textarea:visible")).to_have_count(0)


def write(page, pictures, latex):
    """Writes LaTeX into the box, which is there once something was read."""
    upload(page, pictures / "circle.png")
    expect_result(page)
    latex_box(page).fill(latex)


def crop(page):
    return page.locator("#result .crop img").locator("visible=true").first


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


def stroke(page, box, *points, steps=3):
    """Draws a line through points given as shares of the canvas box's width and height."""
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=steps)
    page.mouse.up()


def finger_stroke(page, box, *points):
    """The same with a finger."""
    touch = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(points):
        place = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if number else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def pen_stroke(page, box, *points):
    """The same with the pen of a tablet."""
    pen = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(points):
        place = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        told = {**place, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen", "force": 0.5}
        pen.send("Input.dispatchMouseEvent", {"type": "mouseMoved" if number else "mousePressed", **told})
    pen.send("Input.dispatchMouseEvent", {"type": "mouseReleased", **told, "buttons": 0})


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


def paste(page, path):
    """Puts a picture on the clipboard and presses Ctrl-V."""
    page.evaluate(
        "async data => { const blob = await (await fetch('data:image/png;base64,' + data)).blob();"
        " await navigator.clipboard.write([new ClipboardItem({'image/png': blob})]) }",
        base64.b64encode(path.read_bytes()).decode(),
    )
    page.keyboard.press("Control+v")


def clear_clipboard(page):
    """Pages of other tests have the same clipboard."""
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    expect_clipboard(page, "nothing yet")


def expect_clipboard(page, text):
    """Waits until this is in the clipboard."""
    page.wait_for_function("async text => (await navigator.clipboard.readText()) === text", arg=text)


def ink(element):
    """Left and right px of the dark ink that a person sees in an element, from its left."""
    shot = Image.open(io.BytesIO(element.screenshot())).convert("L")
    columns = np.flatnonzero((np.asarray(shot) < 200).any(axis=0))
    return columns[0], columns[-1] + 1
