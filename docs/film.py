"""Films docs/app.gif: the main way through the app, for README.md. Drives the app in Chromium.

    PYTHONPATH=. python docs/film.py
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page

from img2latex.data.web import chromium
from img2latex.hub.space import running

HERE = Path(__file__).resolve().parent
WINDOW = {"width": 1280, "height": 1180}  # px
WIDTH, HEIGHT, CAPTION = 1000, 922, 44  # px of what is seen of it, and of the caption under it
SECONDS = 3.2  # for each picture
COLOURS = 64
LINES = (  # of a pen, as shares of the pad: x + 1
    ((0.26, 0.4), (0.38, 0.6)), ((0.38, 0.4), (0.26, 0.6)), ((0.44, 0.5), (0.54, 0.5)), ((0.49, 0.42), (0.49, 0.58)),
    ((0.6, 0.45), (0.65, 0.38), (0.65, 0.62)),
)  # fmt: skip


def steps(page: Page) -> Iterator[str]:
    """Takes the steps one by one; yields a caption after each."""
    yield "Paste a picture of a formula with Ctrl+V, drop it anywhere, draw it, or try an example."
    page.locator("#picture input[type=file]").set_input_files(HERE.parent / "examples" / "2-dark.png")
    page.locator("#result .tokens button").first.wait_for()
    yield "Its LaTeX, how sure that is, and the formula drawn again under the picture."
    page.locator("#result .tokens button", has_text="\\infty").click()
    page.locator("#result .alternatives button").first.wait_for()
    page.mouse.move(0, 0)
    yield "Click a token: what else it may be, and where the model looked."
    page.locator("#result .copying select").select_option("Word")
    page.locator("#result .copying [role=status]", has_text="copied").wait_for()
    yield "One key copies it as LaTeX, $…$, equation, MathML, Typst or for Word."
    page.get_by_role("tab", name="Draw").click()
    page.locator("#pad [aria-label=Brush].highlight").wait_for()
    page.wait_for_timeout(2000)
    before = page.locator("#result .crop img").first.get_attribute("src")
    draw(page)
    page.wait_for_function("src => document.querySelector('#result .crop img').src !== src", arg=before)
    page.locator("#result:not(.stale)").wait_for()
    yield "Or write it: it is read whenever the pen rests."
    page.get_by_role("tab", name="History").click()
    page.locator("#history li").nth(1).wait_for()
    yield "What was read is found again in the history, in your browser alone."


def draw(page: Page) -> None:
    box = page.locator("#pad canvas").first.bounding_box()
    for line in LINES:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=5)
        page.mouse.up()


def shot(page: Page, words: str) -> Image.Image:
    """The page as a person sees it, with a caption."""
    page.wait_for_timeout(1500)  # until animations have ended
    page.evaluate("scrollTo(0, 0)")
    picture = Image.new("RGB", (WIDTH, HEIGHT + CAPTION), "#134e4a")
    picture.paste(Image.open(io.BytesIO(page.screenshot())).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))
    middle = (WIDTH / 2, HEIGHT + CAPTION / 2)
    ImageDraw.Draw(picture).text(middle, words, "white", ImageFont.load_default(20), anchor="mm")
    return picture


def film(act: Callable[[Page], Iterator[str]]) -> list[Image.Image]:
    with running(HERE.parent, sys.executable, "app.py") as url, chromium() as browser:
        context = browser.new_context(viewport=WINDOW, color_scheme="light")
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        context.set_default_timeout(180_000)
        page = context.new_page()
        page.goto(url)
        page.get_by_role("tab", name="Draw").wait_for()
        return [shot(page, words) for words in act(page)]


def main() -> None:
    pictures = film(steps)
    together = Image.new("RGB", (WIDTH, len(pictures) * (HEIGHT + CAPTION)))
    for place, picture in enumerate(pictures):
        together.paste(picture, (0, place * (HEIGHT + CAPTION)))
    palette = together.quantize(COLOURS, dither=Image.Dither.NONE)  # for all frames: no colour changes between two
    first, *rest = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures)
    path = HERE / "app.gif"
    first.save(path, save_all=True, append_images=rest, duration=round(1000 * SECONDS), loop=0, optimize=True)
    print(f"{path.name}: {len(pictures)} pictures, {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
