r"""LaTeX -> pictures, as web pages show them: KaTeX, and the browser's own MathML in many math fonts.

    python -m img2latex.data.web --list formulas.tsv --out shards --name web --seed 1    # a line: source <tab> latex

Chromium sets a page of some hundred formulas with the KaTeX that Gradio brings; one screenshot of the page is cut into
their pictures. Only this module serves the page's files: no request leaves the machine.
"""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright

from img2latex.data import lists, render
from img2latex.data.lists import RenderError
from img2latex.data.render import BORDER, MAX_HEIGHT, MAX_WIDTH

# Each font: its share among pictures, and its file in TeX's tree; KaTeX sets HTML in its own fonts, the others MathML.
FONTS = {
    "KaTeX": (20, ""),
    "Latin Modern": (4, "latinmodern-math.otf"),
    "New Computer Modern": (2, "NewCMMath-Book.otf"),
    "STIX Two": (5, "STIXTwoMath-Regular.otf"),
    "XITS": (3, "XITSMath-Regular.otf"),
    "Libertinus": (3, "LibertinusMath-Regular.otf"),
    "Fira": (2, "FiraMath-Regular.otf"),
    "Erewhon": (2, "Erewhon-Math.otf"),
    "XCharter": (2, "XCharter-Math.otf"),
    "KP": (1, "KpMath-Regular.otf"),
    "KP Sans": (1, "KpMath-Sans.otf"),
    "Garamond": (1, "Garamond-Math.otf"),
    "Concrete": (1, "Concrete-Math.otf"),
}
SIZES = {14: 2, 16: 5, 18: 4, 20: 3, 24: 2, 28: 1}  # CSS px of the text around, with shares
SCALES = {1.0: 5, 1.25: 2, 1.5: 2, 2.0: 4, 3.0: 1}  # device px of a CSS px, with shares: laptops to phones
MIN_EM = 8  # px of a letter's em, below which a large formula is not shrunk
PAGE_WIDTH = 1200  # CSS px
MAX_PAGE = 24_000_000  # px of a screenshot
GAP = 12  # CSS px around a formula's box in which ink may stand: accents and slanted letters reach out of it

_HOST = "http://formulas.invalid/"  # a name that no network knows
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PAGE = """<!doctype html>
<meta charset="utf-8">
<link rel="stylesheet" href="katex.css">
<style>
  body { margin: 0; width: %dpx; background: white; color: black }
  div { display: inline-block; width: max-content; margin: %dpx; vertical-align: top; white-space: nowrap }
  div .katex-display { margin: 0 }
</style>
<script type="module">
import katex from "./katex.js";

const BAD = "#c0ffee";  // what KaTeX does not trust it writes in this colour instead of failing
// What the MathML of browsers leaves out in silence or shows wrongly: frames, strokes, lines of tables; bars, braces,
// arrows that should grow with what they span; script letters, \\mathcal in some fonts and \\mathscr in others.
const UNSEEN = "menclose, maction, mglyph, [columnlines~=solid], [rowlines~=solid], [columnlines~=dashed]," +
  "[rowlines~=dashed], :is(mover, munder, munderover) > mo[stretchy=true], [mathvariant*=script]";

// It knows no alphabets but italic and upright either: the letters of others are characters of their own.
function spell(math, alphabets) {
  for (const part of math.querySelectorAll("[mathvariant]")) {
    const letters = alphabets[part.getAttribute("mathvariant")];
    if (letters) part.textContent = [...part.textContent].map(letter => letters[letter] ?? letter).join("");
  }
  for (const mark of math.querySelectorAll("mover > mo")) {
    if (mark.textContent !== "\\u20d7") continue;
    mark.textContent = "\\u2192";  // the combining arrow of \\vec would stand beside its letter
    mark.setAttribute("stretchy", "false");
  }
}

// Nor does it know how columns are aligned and spaced; style sheets do.
function align(math) {
  for (const table of math.querySelectorAll("mtable")) {
    const [places, gaps] = ["columnalign", "columnspacing"].map(name => (table.getAttribute(name) ?? "").split(" "));
    for (const row of table.children) [...row.children].forEach((cell, i) => {
      cell.style.textAlign = `-webkit-${places[Math.min(i, places.length - 1)] || "center"}`;
      cell.style.padding = `0.5ex 0 0.5ex ${i ? gaps[Math.min(i, gaps.length) - 1] || "1em" : 0}`;
    });
  }
}

// Sets a formula into an element; returns why that fails, if it does.
window.set = (box, latex, family, display, alphabets) => {
  try {
    // Written as text: in KaTeX's elements thin spaces are bare text, which browsers do not show.
  const output = family ? "mathml" : "html";
    box.innerHTML = katex.renderToString(
      latex, { output, displayMode: display, throwOnError: true, strict: "ignore", errorColor: BAD });
  } catch (error) {
    return "refused by KaTeX";
  }
  if (box.innerHTML.includes(BAD)) return "refused by KaTeX";
  if (box.querySelector(UNSEEN)) return "not shown by MathML";
  spell(box, alphabets);
  align(box);
};

// Adds a formula to the page: its element, or why not.
function add(latex, family, display, alphabets) {
  const box = document.createElement("div");
  return set(box, latex, family, display, alphabets) ?? document.body.appendChild(box);
}

// Shows formulas; returns of each the box in CSS px (left, top, width, height), or why there is none.
window.show = async ([formulas, family, size, display, alphabets]) => {
  document.body.replaceChildren();
  document.body.style.font = `${size}px "${family || "KaTeX_Main"}"`;
  document.head.querySelector("#math").textContent = `math { font-family: "${family}" }`;
  const boxes = formulas.map(latex => add(latex, family, display, alphabets));
  document.body.getBoundingClientRect();  // fonts are fetched when they are first laid out
  await document.fonts.ready;
  return boxes.map(box => {
    if (typeof box === "string") return box;
    const { x, y, width, height } = box.getBoundingClientRect();
    return [x, y, width, height];
  });
};
</script>
<style id="math"></style>
<style>%s</style>
<body class="%s">"""


@dataclass(frozen=True)
class Look:
    """How a web page shows a formula.

    Attributes:
        font: a key of FONTS.
        size: of the text around it, in CSS px.
        scale: device px of a CSS px.
        display: True for a formula on its own line, False for one within a line.
    """

    font: str = "KaTeX"
    size: int = 16
    scale: float = 2.0
    display: bool = True


def looks(seed: int) -> Iterator[Look]:
    """Endless looks, drawn at random by the shares above; equal seeds give equal looks."""
    rng = np.random.default_rng(seed)
    while True:
        font, size, scale = (render.pick(shares, rng) for shares in (FONTS, SIZES, SCALES))
        yield Look(font, size, scale, bool(rng.random() < 0.6))


def alphabets() -> dict[str, dict[str, str]]:
    """MathML's name of each alphabet -> plain letter -> the character that is this letter in that alphabet."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for character in map(chr, [*range(0x2102, 0x2150), *range(0x1D400, 0x1D800)]):
        name, kind = unicodedata.name(character, ""), unicodedata.decomposition(character).split()
        if kind[:1] == ["<font>"]:
            style = name.removeprefix("MATHEMATICAL ").replace("BLACK-LETTER", "FRAKTUR").replace("PLANCK", "ITALIC")
            words = [word for word in style.split() if word in _STYLES]
            found["-".join(word.lower() for word in words)][chr(int(kind[1], 16))] = character
    return found | {mathml: found[words] for mathml, words in _MATHML_NAMES.items()}


_STYLES = {"BOLD", "ITALIC", "SANS-SERIF", "SCRIPT", "FRAKTUR", "DOUBLE-STRUCK", "MONOSPACE"}
# MathML puts the words of these in another order than Unicode.
_MATHML_NAMES = {"bold-sans-serif": "sans-serif-bold"}


class Web:
    """Pages of a Chromium on which formulas are drawn.

    Attributes:
        refused: counts of the reasons why formulas were not drawn.
    """

    def __init__(self, browser: Browser):
        self.browser = browser
        self.files = _files()
        self.pages: dict[float, Page] = {}
        self.alphabets = alphabets()
        self.refused: Counter[str] = Counter()

    def draw(self, formulas: Sequence[str], look: Look | None = None) -> list[np.ndarray | None]:
        """Draws formulas with one look; some hundreds at a time are fastest.

        Args:
            formulas: in the raw spelling of their authors, with or without dollars.
            look: KaTeX on a good screen if not given.

        Returns:
            For each formula uint8 HxW, 0 ink to 255 paper, at most MAX_HEIGHT x MAX_WIDTH with BORDER white pixels
            around the ink, or None where KaTeX refuses it or the browser cannot show it.
        """
        bodies = {k: text for k, latex in enumerate(formulas) if (text := render.body(latex)) is not None}
        self.refused["no formula for a page"] += len(formulas) - len(bodies)
        drawn = dict(zip(bodies, self._draw(list(bodies.values()), look or Look()), strict=True))
        return [drawn.get(k) for k in range(len(formulas))]

    def _draw(self, formulas: list[str], look: Look) -> list[np.ndarray | None]:
        page = self.page(look.scale)
        family = look.font if FONTS[look.font][1] else ""
        boxes = page.evaluate("show", [formulas, family, look.size, look.display, self.alphabets])
        if len(boxes) != len(formulas):
            raise RenderError(f"the browser shows {len(boxes)} of {len(formulas)} formulas")
        width, height = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        if width * height * look.scale**2 > MAX_PAGE and len(formulas) > 1:
            half = len(formulas) // 2
            return self._draw(formulas[:half], look) + self._draw(formulas[half:], look)
        sheet = cv2.imdecode(np.frombuffer(page.screenshot(full_page=True), np.uint8), cv2.IMREAD_GRAYSCALE)
        return [self._cut(sheet, box, look) for box in boxes]

    def _cut(self, sheet: np.ndarray, box: list[float] | str, look: Look) -> np.ndarray | None:
        """The picture of one formula out of a page's screenshot, cropped to the ink."""
        if isinstance(box, str):
            self.refused[box] += 1
            return None
        left, top = (max(0, int((side - GAP) * look.scale)) for side in box[:2])
        right, bottom = (int((box[k] + box[k + 2] + GAP) * look.scale) for k in (0, 1))
        picture = _crop(sheet[top:bottom, left:right])
        picture = None if picture is None else _fit(picture, look.size * look.scale)
        self.refused["blank, too large or spilt"] += picture is None
        return picture

    def page(self, scale: float) -> Page:
        if scale not in self.pages:
            viewport = {"width": PAGE_WIDTH, "height": 100}  # the screenshot is of the whole page, however long
            page = self.browser.new_page(device_scale_factor=scale, viewport=viewport)
            page.set_default_timeout(120_000)
            page.route("**/*", self._answer)
            page.goto(_HOST)
            self.pages[scale] = page
        return self.pages[scale]

    def _answer(self, route: Route) -> None:
        """Gives the page its files; whatever else it asks for is refused."""
        name = route.request.url.removeprefix(_HOST)
        if name == "":
            route.fulfill(body=_page(), content_type="text/html")
        elif name in self.files:
            route.fulfill(path=self.files[name])
        else:
            route.abort()


def _page() -> str:
    faces = (f'@font-face {{ font-family: "{font}"; src: url("{file}") }}' for font, (_, file) in FONTS.items() if file)
    # Gradio's styles hold only within an element of this class.
    scope = f"gradio-container-{importlib.metadata.version('gradio').replace('.', '-')}"
    return _PAGE % (PAGE_WIDTH, GAP, "\n".join(faces), scope)


def _files() -> dict[str, Path]:
    """Name in the page -> path of KaTeX's script, style and fonts in Gradio, and of the math fonts in TeX's tree."""
    spec = importlib.util.find_spec("gradio")
    assets = Path(spec.submodule_search_locations[0], "templates", "frontend", "assets") if spec else Path()
    files = {path.name: path for path in assets.glob("KaTeX_*.woff2")}
    files |= {f"katex{path.suffix}": path for path in assets.glob("katex-*")}
    if not {"katex.js", "katex.css"} <= files.keys():
        raise RenderError("KaTeX is not where Gradio keeps it: install the version of gradio in requirements.txt")
    fonts = [file for _, file in FONTS.values() if file]
    try:
        found = subprocess.run(["kpsewhich", *fonts], capture_output=True, text=True, check=False).stdout.split("\n")
    except FileNotFoundError:
        raise RenderError("kpsewhich is not installed: it comes with TeX and finds the math fonts") from None
    files |= {Path(path).name: Path(path) for path in found if path}
    if missing := [font for font in fonts if font not in files]:
        raise RenderError(f"TeX has no {', '.join(missing)}: Debian has it in texlive-fonts-extra or lmodern")
    return files


def _crop(picture: np.ndarray) -> np.ndarray | None:
    """Cropped to the ink; None where there is none, or where it reaches the edge and so may go on beyond it."""
    left, top, width, height = cv2.boundingRect((picture < 250).view(np.uint8))
    inside = left > 0 and top > 0 and left + width < picture.shape[1] and top + height < picture.shape[0]
    return picture[top : top + height, left : left + width] if width and inside else None


def _fit(picture: np.ndarray, em: float) -> np.ndarray | None:
    """With a border, shrunk if it is larger than a shard's pictures may be; None if its letters got too small."""
    height, width = picture.shape
    factor = min(1.0, (MAX_WIDTH - 2 * BORDER) / width, (MAX_HEIGHT - 2 * BORDER) / height)
    if factor < 1:
        if em * factor < MIN_EM:
            return None
        size = (int(width * factor), int(height * factor))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(picture, *[BORDER] * 4, cv2.BORDER_CONSTANT, value=255)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine, without a window.

    Raises:
        RenderError: there is none.
    """
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        raise RenderError("Chromium is not installed: it draws the formulas as a web page shows them")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], timeout=180_000)
        yield browser
        browser.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = lists.parser("web", __doc__)
    options = parser.parse_args(arguments)
    try:
        rows = lists.read(options.list)[: options.limit]
        with chromium() as browser:
            web = Web(browser)
            counts = lists.build(rows, options.out, web.draw, looks, options.name, options.seed, 1, options.per_shard)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(lists.in_a_line(counts))
    print(lists.in_a_line(+web.refused) or "none refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
