"""Pages that a browser sets: articles, exercise sheets, Chinese exams, slides, notes; each formula in its colour.

The formulas are KaTeX's own print or MathML in many math fonts; their places are read off the colours (`colours.py`).
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from html import escape

import cv2
import numpy as np
from playwright.sync_api import Browser

from img2latex.data import colours, render, web
from img2latex.data.prose import FORMULA, LANGUAGES, Prose

KINDS = {"article": 5, "exercises": 3, "slides": 2, "columns": 2, "card": 1, "one": 1, "empty": 1}
_FACES = [
    "Nimbus Roman", "Nimbus Sans", "DejaVu Sans", "DejaVu Serif", "C059", "P052", "URW Bookman", "Latin Modern Roman",
    "Utopia", "Bitstream Charter", "KaTeX_Main", "Latin Modern Sans",
]  # fmt: skip
_TYPEWRITERS = ["DejaVu Sans Mono", "Latin Modern Mono", "Nimbus Mono PS", "KaTeX_Typewriter"]
_CHINESE_FACES = ["WenQuanYi Micro Hei", "AR PL SungtiL GB", "AR PL KaitiM GB"]
_STYLE = """<style>body { width: auto; padding: %s; font: %dpx/%.2f "%s", "%s"; text-align: %s; columns: %d; }
body div { display: block; width: auto; margin: 0.7em 0; white-space: normal; break-inside: avoid }
body .katex-display, body math[display=block] { margin: 0 } .f { white-space: nowrap }
.line { display: flex; align-items: center } .line .shown { flex: 1 } .left .shown { text-align: left }
.left .katex-display > .katex { text-align: left } table { border-collapse: collapse } td { padding: 2px 9px; %s }
pre, code { font: 0.9em "%s" } p { margin: 0.6em 0 } h2 { margin: 0.5em 0 }</style>"""
# Sets each formula where its place is; what does not fit, or is refused, goes with its whole line.
_SET = """async ([family, alphabets, formulas]) => {
  document.head.querySelector("#math").textContent = `math { font-family: "${family}" }`;
  for (const place of document.querySelectorAll(".f[data-n]")) {
    const [latex, display] = formulas[place.dataset.n];
    if (set(place, latex, family, display, alphabets)) (place.closest(".line") ?? place).remove();
  }
  document.body.getBoundingClientRect();
  await document.fonts.ready;
  for (const place of document.querySelectorAll(".f[data-n]")) {
    const parent = place.parentElement.closest("div, p, li, td, body").getBoundingClientRect();
    const parts = [...place.querySelectorAll(".base, math mrow")].map(part => part.getBoundingClientRect());
    const width = Math.max(...parts.map(part => part.right)) - Math.min(...parts.map(part => part.left));
    if (width > parent.width - 50) (place.closest(".line") ?? place).remove();
  }
}"""


class Sheets:
    """Pages of a Chromium.

    Args:
        inline, displayed: give the next formula of each kind.
    """

    def __init__(
        self, browser: Browser, inline: Callable[[], str], displayed: Callable[[], str], rng: np.random.Generator
    ):
        self.web, self.inline, self.displayed, self.rng = web.Web(browser), inline, displayed, rng

    def pages(self) -> Iterator[tuple[np.ndarray, list]]:
        """Endless pages: a picture (0 ink) and its formulas, (box, kind, LaTeX) each."""
        while True:
            yield self.page()

    def page(self) -> tuple[np.ndarray, list]:
        rng = self.rng
        sheet = _Sheet(self.inline, self.displayed, rng)
        html = sheet.write()
        scale = float(rng.choice([1.0, 1.0, 1.25, 1.5, 2.0])) if sheet.size < 22 else 1.0
        page = self.web.page(scale)
        page.set_viewport_size({"width": sheet.width, "height": sheet.height})
        family = render.pick(web.FONTS, rng)
        family = family if web.FONTS[family][1] else ""
        page.evaluate("html => { document.body.innerHTML = html }", html)
        formulas = [[latex, kind == "displayed"] for kind, latex in sheet.formulas]
        page.evaluate(_SET, [family, self.web.alphabets, formulas])
        shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        grey, inks = colours.separate(shot)
        found = []
        for number, places in inks.items():
            if number < len(sheet.formulas):
                kind, latex = sheet.formulas[number]
                found += [(box, kind, latex) for box in colours.boxes(places, sheet.size * scale, kind != "inline")]
        return grey, found


@cache
def languages() -> dict[str, int]:
    """Those of LANGUAGES that the machine has letters for: without a Chinese font there would be rows of boxes."""
    fonts = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False).stdout
    return {language: share for language, share in LANGUAGES.items() if fonts or language != "zh"}


class _Sheet:
    """The HTML of one page."""

    def __init__(self, inline: Callable[[], str], displayed: Callable[[], str], rng: np.random.Generator):
        self.inline, self.displayed, self.rng = inline, displayed, rng
        self.kind = render.pick(KINDS, rng)
        self.prose = Prose(render.pick(languages(), rng), rng)
        self.density = float(rng.choice([0.03, 0.08, 0.15, 0.3])) if self.kind != "empty" else 0.0
        self.coded = float(rng.choice([0.0, 0.0, 0.02, 0.04, 0.12]))  # share of the words that are code
        self.numbered = float(rng.choice([0.0, 0.4, 0.9]))
        self.formulas: list[tuple[str, str]] = []
        self.size = int(rng.choice([13, 14, 15, 16, 16, 18])) if self.kind != "slides" else int(rng.integers(22, 34))
        sizes = {"slides": (1060, 600), "card": (520, int(rng.integers(150, 500))), "one": (760, 260)}
        sizes["exercises" if rng.random() < 0.5 else "article"] = (794, 1123)
        self.width, self.height = sizes.get(self.kind, (int(rng.integers(640, 1050)), int(rng.integers(500, 1250))))

    def write(self) -> str:
        rng = self.rng
        face = str(rng.choice(_FACES))
        chinese = str(rng.choice(_CHINESE_FACES))
        padding = f"{rng.integers(10, 60)}px {rng.integers(15, 90)}px"
        border = str(rng.choice(["border: 1px solid #888", "border-bottom: 1px solid #ccc", ""]))
        align = str(rng.choice(["left", "left", "justify"]))
        columns = 2 if self.kind == "columns" else 1
        style = _STYLE % (padding, self.size, rng.uniform(1.15, 1.8), face, chinese, align, columns, border,
                          rng.choice(_TYPEWRITERS))
        return style + (self._shown() if self.kind == "one" else "".join(self._blocks(24)))

    def _blocks(self, count: int) -> Iterator[str]:
        choices = [self._paragraph, self._shown, self._heading, self._question, self._table, self._plot, self._code]
        shares = {"exercises": [2, 2, 0.5, 7, 0.4, 0.5, 0], "slides": [2, 4, 1, 3, 0.3, 0.3, 0],
                  "empty": [6, 0, 1, 2, 1, 1, 1]}.get(self.kind, [6, 5, 1, 1, 0.4, 0.4, 0.5])  # fmt: skip
        picked = self.rng.choice(len(choices), count, p=np.array(shares) / sum(shares))
        for before, block in itertools.pairwise([None, *(choices[k] for k in picked)]):
            if before == block == self._shown:  # two without a word between them look like rows of one
                yield f"<p>{self._words(self.prose.sentence(self.density))}</p>"
            yield block()

    def _number(self, kind: str, latex: str) -> str:
        """The attributes of a formula's element."""
        if len(self.formulas) >= colours.COUNT:
            return 'style="display: none"'
        self.formulas.append((kind, latex))
        return f'data-n="{len(self.formulas) - 1}" style="color: rgb{colours.colour(len(self.formulas) - 1)}"'

    def _words(self, words: list[str]) -> str:
        if len(self.formulas) > colours.COUNT - 30:
            words = [word for word in words if word != FORMULA]
        parts = [f'<span class="f" {self._number("inline", self.inline())}></span>{self.rng.choice(["", "", "", ","])}'
                 if word == FORMULA else f"<code>{escape(self.prose.code())}</code>" if self.rng.random() < self.coded
                 else self._marked(escape(word)) for word in words]  # fmt: skip
        return self.prose.join(parts)

    def _marked(self, word: str) -> str:
        """Seldom in another face, or with the sign of a note."""
        if self.rng.random() > 0.03:
            return word
        forms = ["<i>{}</i>", "<b>{}</b>", "<u>{}</u>", "<sup>{}</sup>", "{}<sup>[2]</sup>", "<code>{}</code>"]
        return str(self.rng.choice(forms)).format(word)

    def _paragraph(self) -> str:
        return f"<p>{self._words(self.prose.paragraph(self.density * self.rng.uniform(0.3, 1.7)))}</p>"

    def _heading(self) -> str:
        return f"<h2>{escape(' '.join(self.prose.name() for _ in range(self.rng.integers(1, 5))))}</h2>"

    def _shown(self) -> str:
        if len(self.formulas) > colours.COUNT - 30:
            return ""
        rng = self.rng
        number = ""
        shown = f'<div class="shown f" {self._number("displayed", self.displayed())}></div>'
        if rng.random() < self.numbered:
            form = str(rng.choice(["({})", "({}.{})", "[{}]", "({}′)", "(A{})", "({}a)"]))
            told = form.format(*rng.integers(1, 30, 2))
            number = f'<span {self._number("number", told)}>{told}</span>'
        left = " left" if rng.random() < 0.3 else ""
        first, second = (number, shown) if rng.random() < 0.1 else (shown, number)
        return f'<div class="line{left}">{first}{second}</div>'

    def _question(self) -> str:
        rng = self.rng
        mark = str(rng.choice(["{}.", "({})", "{})", "【{}】", "Q{}.", "{}、"])).format(rng.integers(1, 30))
        words = self._words(self.prose.sentence(max(self.density, 0.12)))
        options = ""
        if rng.random() < 0.5:
            gap = "&emsp;" * int(rng.integers(1, 5))
            told = (self._words([FORMULA if rng.random() < 0.8 else self.prose.odd()]) for _ in range(4))
            options = f"<p>{gap.join(f'{letter}. {words}' for letter, words in zip('ABCD', told, strict=True))}</p>"
        return f"<p>{mark} {words}</p>{options}"

    def _table(self) -> str:
        rng = self.rng
        kinds = ["word", *rng.choice(["number", "word", "name"], rng.integers(1, 6))]

        def cell(kind: str) -> str:
            if rng.random() < self.density:
                return self._words([FORMULA])
            if kind == "number":
                return f"{rng.uniform(0, 99):.{rng.integers(0, 3)}f}"
            return self._marked(escape(self.prose.name() if kind == "name" else self.prose.word()))

        rows = range(rng.integers(2, 9))
        lines = ("".join(f"<td>{cell(kind)}</td>" for kind in kinds) for _ in rows)
        return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"

    def _plot(self) -> str:
        """Axes with ticks and a curve: letters and numbers that are no formulas."""
        rng = self.rng
        points = " ".join(f"{x},{60 + 40 * np.sin(x / rng.uniform(20, 30)):.0f}" for x in range(20, 190, 6))
        ticks = "".join(_svg_text(x, 118, 9, f"{x / 10:g}") for x in range(20, 190, 40))
        names = rng.choice(list("ABCDPOxy"), 4)
        letters = "".join(_svg_text(rng.integers(10, 190), rng.integers(10, 100), 13, name) for name in names)
        axes = f'<path d="M20 5V105H195"/><polyline points="{points}"/>'
        drawn = f'<g stroke="black">{axes}</g><g fill="black">{ticks}{letters}</g>'
        return f'<div><svg width="200" height="120" fill="none" stroke="none">{drawn}</svg></div>'

    def _code(self) -> str:
        write = (lambda: self.displayed()[:60]) if self.rng.random() < 0.3 else self.prose.code
        lines = (write() for _ in range(self.rng.integers(2, 9)))
        return f"<pre>{escape(chr(10).join(lines))}</pre>"


def _svg_text(x: int, y: int, size: int, text: str) -> str:
    style = "italic" if text.isalpha() else "normal"
    return f'<text x="{x}" y="{y}" font-size="{size}" font-style="{style}">{text}</text>'
