"""LaTeX -> pictures, as printed pages show them: many fonts, sizes and resolutions, in batches of hundreds.

    python -m img2latex.data.render --list formulas.tsv --out shards --seed 1    # a line: source <tab> latex

One run of `latex` sets a batch, a page for each formula, and one run of `dvipng` draws it. Formulas that break are
found in the log and left out, until pages and formulas are equal in number: a page too few would
shift every label after it.
"""

import math
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from img2latex.data import held_out, lists
from img2latex.data.lists import RenderError

MAX_WIDTH, MAX_HEIGHT = 1600, 500  # pixels: larger formulas are drawn at a lower resolution
MIN_DPI = 60  # ... but not below this one
BORDER = 4  # pixels of white around the ink
# CPU seconds for one run of latex or dvipng, and more for each formula: 20 times what they need. The wall-clock limit
# is larger, so that no formula fails because the machine is busy.
TIMEOUT = 20, 0.05
PATIENCE = 10  # wall-clock seconds for each of these

# Each font: its share among pictures, and the packages that load it (and the AMS symbols, unless it brings its own).
_AMS = r"\usepackage{amssymb}"
FONTS = {
    "computer modern": (35, _AMS),
    "latin modern": (7, _AMS + r"\usepackage{lmodern}"),
    "newtx": (8, r"\usepackage{newtxtext,newtxmath}"),
    "times": (5, r"\usepackage{mathptmx}" + _AMS + r"\AtBeginDocument{\def\hbar{{\mathchar'26\mkern-9mu h}}}"),
    "txfonts": (2, r"\usepackage{txfonts}"),
    "stix": (3, r"\usepackage{stix}"),
    "stix2": (6, r"\usepackage{stix2}"),
    "palatino": (4, r"\usepackage{mathpazo}" + _AMS),
    "newpx": (4, r"\usepackage{newpxtext,newpxmath}"),
    "pxfonts": (1, r"\usepackage{pxfonts}"),
    "fourier": (4, r"\usepackage{fourier}" + _AMS),
    "fouriernc": (2, r"\usepackage{fouriernc}" + _AMS),
    "kpfonts": (3, r"\usepackage{kpfonts}"),
    "charter": (2, r"\usepackage[charter]{mathdesign}"),
    "utopia": (1, r"\usepackage[utopia]{mathdesign}"),
    "euler": (1, _AMS + r"\usepackage{eulervm}"),
    "garamond": (1, _AMS + r"\usepackage{ebgaramond}\usepackage[ebgaramond]{newtxmath}"),
    "baskerville": (1, r"\usepackage{Baskervaldx}\usepackage[baskervaldx]{newtxmath}"),
    "noto": (1, r"\usepackage{notomath}"),
    "bright": (2, _AMS + r"\usepackage{cmbright}"),
    "arev": (2, _AMS + r"\usepackage{arev}"),
    "iwona": (1, _AMS + r"\usepackage[math]{iwona}"),
    "kurier": (1, _AMS + r"\usepackage[math]{kurier}"),
    "antykwa": (1, _AMS + r"\usepackage[math]{anttor}"),
    "sans": (1, _AMS + r"\usepackage{sansmath,helvet}\AtBeginDocument{\sansmath}"),
    "helvetica": (1, _AMS + r"\usepackage[scaled]{helvet}\renewcommand\familydefault{\sfdefault}"
                     r"\usepackage[italic,defaultmathsizes]{mathastext}"),
}  # fmt: skip
OFFICE = {"times": 4, "newtx": 4, "helvetica": 6, "sans": 2, "arev": 2, "bright": 2, "iwona": 1, "stix2": 1}
NO_BOLD_ITALIC = {"bright", "iwona", "kurier", "sans"}  # it looks like plain italic in these
SIZES = {8: 1, 9: 1, 10: 4, 11: 3, 12: 3, 14: 1}  # points, with shares: the sizes that extarticle has
DOCUMENTATION_SIZES = {10: 3, 11: 1, 12: 2}  # Doxygen sets 10 points, Sphinx 12
# Dots per inch, with shares.
RESOLUTIONS = {80: 1, 90: 2, 100: 3, 110: 3, 120: 2, 130: 2, 150: 4, 180: 3, 200: 3, 240: 1, 300: 1}

_PREAMBLE = r"""\documentclass[%dpt]{extarticle}
\usepackage{amsmath}
\newcommand\bmmax{0}\newcommand\hmmax{0}
%s
\usepackage{array,mathtools,mathrsfs,bm,cancel,xcolor}
"""
_MHCHEM = "\\usepackage[version=4]{mhchem}\n"  # takes its time: only where it is needed
# Spellings of old or foreign sources, where the packages above do not know them.
HELP = r"""
\setcounter{MaxMatrixCols}{30}
\providecommand\Bbb[1]{\mathbb{#1}}\providecommand\frak[1]{\mathfrak{#1}}\providecommand\bold[1]{\mathbf{#1}}
\providecommand\degree{^{\circ}}\providecommand\celsius{^{\circ}\mathrm{C}}\providecommand\textdegree{^{\circ}}
\renewcommand\textgreater{>}\renewcommand\textless{<}\renewcommand\textbar{|}\renewcommand\slash{/}
\providecommand\R{\mathbb{R}}\providecommand\N{\mathbb{N}}\providecommand\Z{\mathbb{Z}}
\providecommand\C{\mathbb{C}}\providecommand\Q{\mathbb{Q}}\providecommand\lt{<}\providecommand\gt{>}
\providecommand\upalpha{\alpha}\providecommand\upbeta{\beta}\providecommand\upmu{\mu}\providecommand\uppi{\pi}
\providecommand\updelta{\delta}\providecommand\uptau{\tau}\providecommand\upgamma{\gamma}
\providecommand\mathds[1]{\mathbb{#1}}\providecommand\mathbbm[1]{\mathbb{#1}}\providecommand\mathbold[1]{\bm{#1}}
\providecommand\vv[1]{\overrightarrow{#1}}
"""
# \at writes the number of the formula being set to a file at once: after a timeout it names the one in a loop.
_HEAD = r"""
\begin{document}\newbox\formula\newwrite\place
\def\at{\immediate\openout\place=place.txt \immediate\write\place{\the\count0}\immediate\closeout\place}
"""
# \count0 numbers the page; the empty paragraph resets TeX's count of errors, which stops the run at 100.
_PAGE = r"\count0=%d\at\setbox\formula\hbox{%s$%s%s$}\shipout\box\formula\noindent\par" + "\n"
_TAIL = "\\end{document}\n"

# A formula comes from anywhere: what defines, reads, writes, loops or changes the rules of TeX is refused unread.
FORBIDDEN = re.compile(
    r"\^\^|(?<!\\)(?:\\\\)*%|\\(?:input|include|openin|openout|read|readline|write|immediate|special|closein|closeout|"
    r"catcode|lccode|uccode|mathcode|delcode|endlinechar|escapechar|newlinechar|csname|expandafter|noexpand|aftergroup|"
    r"afterassignment|[egx]?def|let|futurelet|global|long|outer|loop|repeat|verb|usepackage|RequirePackage|documentclass|"
    r"every[a-z]+|output|shipout|setbox|box|copy|unhbox|unvbox|lowercase|uppercase|scantokens|detokenize|font|count|dimen|"
    r"skip|toks|advance|multiply|divide|newcount|newbox|newtoks|newread|newwrite|newif|newpage|clearpage|pagebreak|"
    r"(?:re)?newcommand|providecommand|Declare[A-Za-z]+|newenvironment|renewenvironment|setcounter|addtocounter|"
    r"newcounter|setlength|addtolength|makeatletter|AtBeginDocument|AtEndDocument|enddocument|stop|dump|batchmode|"
    r"errorstopmode|scrollmode|nonstopmode|includegraphics|includeonly|InputIfFileExists|IfFileExists|jobname|meaning|"
    r"message|errmessage|typeout|show[a-z]*|pdf[a-z]+|pagecolor|footnote|marginpar|insert|vadjust|mark|par|endinput|"
    r"the|number|romannumeral|unless|fi|else|or|if(?:[mhv]mode|x|num|dim|cat|odd|inner|case|true|false|[hv]?box|void|eof|"
    r"defined|csname)?|hspace\*?\s*\{\s*-?\d{4,}|kern\s*-?\d{4,})(?![A-Za-z])"
    r"|\\(?:begin|end)\s*\{\s*(?:document|filecontents\*?|verbatim\*?|figure\*?|table\*?|picture|tikzpicture)\s*\}"
)
_UNSEEN = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])")
_TAG = re.compile(r"\\tag(?:\*|(?![A-Za-z]))\s*\{(?:[^{}]|\{[^{}]*\})*\}")
_LINES = re.compile(r"^\\begin\{(?:aligned|gathered)\}")
_BOLD_ITALIC = re.compile(r"\\(?:boldsymbol|bm)(?![A-Za-z])")
# Between a formula and its number: white space in em, with shares; as often as not dots lead over it.
GAPS = {(1, 1.5): 4, (1.5, 4): 5, (4, 10): 5, (10, 30): 3}
LEADERS = [r"\cdots", r"\cdots", r"\ldots", ".", r"\cdot"]
_BOLD = re.compile(r"\\(?:boldsymbol|bm|pmb)\s*(?=\{)|\\.|[{}]")
_WRAPPED = re.compile(r"\s*(?:\$\$(?P<a>.*)\$\$|\$(?P<b>.*)\$|\\\[(?P<c>.*)\\\]|\\\((?P<d>.*)\\\))\s*", re.DOTALL)
_DISPLAY = r"\displaystyle"
_COLUMNS = "".join(f">{{{_DISPLAY}}}{place}" for place in "rcl")
# Environments that stand alone on a page -> those that may stand in a formula.
_INNER = {
    "align": "aligned", "flalign": "aligned", "split": "aligned", "alignat": "alignedat", "xalignat": "alignedat",
    "gather": "gathered", "multline": "gathered", "eqnarray": "array", "equation": "", "displaymath": "", "math": "",
    "dmath": "", "subequations": "",
}  # fmt: skip
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{\s*([A-Za-z]+\*?)\s*\}")
_OUTER = re.compile(r"\\(begin|end)\s*\{\s*(" + "|".join(_INNER) + r")\*?\s*\}")


@dataclass(frozen=True)
class Look:
    """How a formula is printed.

    Attributes:
        font: a key of FONTS.
        size: of the text, a key of SIZES, in points.
        dpi: dots per inch.
        display: True for display style, False for inline (smaller fractions, limits beside the operator).
        bold: True for \\boldmath.
        gamma: of the anti-aliasing: below 1 thinner, above 1 stronger strokes.
    """

    font: str = "computer modern"
    size: int = 10
    dpi: int = 200
    display: bool = True
    bold: bool = False
    gamma: float = 1.0

    def preamble(self, packages: str = "") -> str:
        return _PREAMBLE % (self.size, FONTS[self.font][1]) + packages + HELP + _HEAD


def pick(shares: dict, rng: np.random.Generator):
    """A key of `shares` by its share: the value, or the first of it."""
    weights = np.array([share[0] if isinstance(share, tuple) else share for share in shares.values()], float)
    return list(shares)[rng.choice(len(shares), p=weights / weights.sum())]


def looks(seed: int, fonts: dict = FONTS) -> Iterator[Look]:
    """Endless looks, drawn at random by the shares above; equal seeds give equal looks."""
    rng = np.random.default_rng(seed)
    while True:
        yield Look(
            font=pick(fonts, rng),
            size=pick(SIZES, rng),
            dpi=pick(RESOLUTIONS, rng),
            display=bool(rng.random() < 0.75),
            bold=bool(rng.random() < 0.04),
            gamma=round(float(rng.uniform(0.8, 1.4)), 2),
        )


def documentation_looks(seed: int) -> Iterator[Look]:
    """Endless looks of documentation: Computer Modern in small print, where bold is a matter of one grey pixel."""
    rng = np.random.default_rng(seed)
    while True:
        yield Look(
            size=pick(DOCUMENTATION_SIZES, rng),
            dpi=int(rng.integers(75, 131)),
            display=bool(rng.random() < 0.5),
            gamma=round(float(rng.uniform(0.8, 1.4)), 2),
        )


def office_looks(seed: int) -> Iterator[Look]:
    """Endless looks of worksheets and slides: sans serif and Times."""
    return looks(seed, OFFICE)


LOOKS = {"any": looks, "documentation": documentation_looks, "office": office_looks}


def _balanced(latex: str) -> bool:
    """Are braces and environments paired, and is every `$` inside braces (as in \\text{if $x$})?

    TeX would find out as well, but an environment left open can send it into an endless loop.
    """
    stack = []
    for which, name in _ENVIRONMENT.findall(latex):
        if which == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            return False
    if stack:
        return False
    depth = 0
    for token in re.findall(r"\\.|[{}$]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0 or (token == "$" and depth == 0):
            return False
    return depth == 0


def _has_rows(latex: str) -> bool:
    """Is there a line break outside of all environments and braces?"""
    depth = 0
    for token in re.findall(r"\\begin(?![A-Za-z])|\\end(?![A-Za-z])|\\\\|\\.|[{}]", latex):
        depth += {"\\begin": 1, "\\end": -1, "{": 1, "}": -1}.get(token, 0)
        if token == "\\\\" and depth == 0:
            return True
    return False


def _inner(match: re.Match) -> str:
    which, name = match.groups()
    inner = _INNER[name]
    columns = f"{{{_COLUMNS}}}" if inner == "array" and which == "begin" else ""
    return f"\\{which}{{{inner}}}{columns}" if inner else ""


def _bold_once(latex: str) -> str:
    """Without bold inside of bold, which sends TeX round in circles until the time is up."""
    depth, bold = 0, []  # how many braces are open, and were when each bold part began

    def seen(match: re.Match) -> str:
        nonlocal depth
        found = match[0]
        if found.startswith((r"\bold", r"\bm", r"\pmb")):
            if bold:
                return ""
            bold.append(depth)
        depth += (found == "{") - (found == "}")
        if found == "}" and bold and bold[-1] == depth:
            bold.pop()
        return found

    return _BOLD.sub(seen, latex)


def body(latex: str) -> str | None:
    """The formula as it can stand between dollars on one line, or None if it must not or cannot be set."""
    latex = " ".join(latex.split())
    if match := _WRAPPED.fullmatch(latex):
        latex = next(part for part in match.groups() if part is not None)
    number = _number(latex) if _TAG.search(latex) else ""
    latex = _OUTER.sub(_inner, _bold_once(_UNSEEN.sub("", _TAG.sub("", latex)))).strip()
    if not latex or FORBIDDEN.search(latex) or not _balanced(latex):
        return None
    if _has_rows(latex):
        name = "aligned" if re.search(r"(?<!\\)&", latex) else "gathered"
        latex = f"\\begin{{{name}}}{latex}\\end{{{name}}}"
    return _beside(latex, number, random.Random(latex)) if number else latex


def _number(latex: str) -> str:
    r"""The number that a label has: `\tag{1}` and `\tag*{(1)}` are both drawn as (1)."""
    _, command, rest = (held_out.label(latex, numbered=True) or "").partition(r"\tag")
    text = "".join(rest.lstrip("*").split())[1:-1]
    return text if not command or rest.startswith("*") else f"({text})"


def _beside(latex: str, number: str, rng: random.Random) -> str:
    """The formula with its number to the right, or now and then to the left, near or far, dots leading to it or not."""
    least, most = rng.choices(list(GAPS), list(GAPS.values()))[0]
    gap = f"\\hspace{{{rng.uniform(least, most):.1f}em}}"
    if rng.random() < 0.4:  # beside the first or last line, not the middle
        latex = _LINES.sub(lambda begin: f"{begin[0]}[{rng.choice('bbt')}]", latex)
    if rng.random() < 0.2:
        return f"\\text{{{number}}}{gap}{latex}"
    if rng.random() < 0.2:
        dots = rng.choice(LEADERS) * rng.randint(2, 12)
        gap = f"\\hspace{{{rng.uniform(0.3, 2):.1f}em}}{dots}" + rng.choice(["", r"\,", r"\;", r"\ "])
    return f"{latex}{gap}\\text{{{number}}}"


def run(command: Sequence[str], folder: Path, formulas: int, inputs: Path | None = None) -> bool:
    """Runs a program in `folder`, shut in: no shell, no file outside. True if it came to its end, whatever it says.

    TeX also looks for its files in the folder `inputs`.
    """
    environment = {**os.environ, "openin_any": "p", "openout_any": "p", "max_print_line": "10000"}
    if inputs:
        environment["TEXINPUTS"] = f"{inputs.resolve()}:"  # and then where it always does
    seconds = math.ceil(TIMEOUT[0] + TIMEOUT[1] * formulas)
    try:
        ended = subprocess.run(
            command, cwd=folder, env=environment, timeout=PATIENCE * seconds, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)),
        )  # fmt: skip
    except FileNotFoundError:
        raise RenderError(f"{command[0]} is not installed: pictures are made by LaTeX and dvipng") from None
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode >= 0  # below it is the signal that ended it


def _typeset(formulas: dict[int, str], look: Look, folder: Path) -> tuple[bool, list[int]]:
    """Runs latex once. Returns whether each formula has its page, and the numbers of those with an error."""
    preamble = look.preamble(_MHCHEM if any(r"\ce" in text for text in formulas.values()) else "")
    style = _DISPLAY + " " if look.display else ""
    # In bold print bold italic cannot be told from italic.
    bold = {n: look.bold and not _BOLD_ITALIC.search(text) for n, text in formulas.items()}
    pages = (_PAGE % (n, r"\boldmath" if bold[n] else "", style, text) for n, text in formulas.items())
    (folder / "batch.tex").write_text(preamble + "".join(pages) + _TAIL, encoding="utf-8")
    log = folder / "batch.log"
    log.unlink(missing_ok=True)
    command = ("latex", "-interaction=batchmode", "-no-shell-escape", "-file-line-error", "batch.tex")
    place = folder / "place.txt"
    place.unlink(missing_ok=True)
    if not run(command, folder, len(formulas)):
        said = place.read_text() if place.exists() else ""
        return False, [int(said)] if said.strip() else []
    if not log.exists():
        return False, []
    said = log.read_text(encoding="utf-8", errors="replace")
    first = preamble.count("\n") + 1
    numbers = list(formulas)
    lines = {int(line) - first for line in re.findall(r"^(?:\./)?batch\.tex:(\d+):", said, re.MULTILINE)}
    wrong = [numbers[line] for line in sorted(lines) if 0 <= line < len(numbers)]
    count = re.search(r"Output written on batch\.dvi \((\d+) pages?", said)
    return bool(count) and int(count[1]) == len(formulas) and not lines, wrong


def _culprits(wrong: list[int], order: list[int]) -> set[int]:
    """Of wrong formulas that stand side by side, the first third: the errors of the others may be only their echo."""
    place = {number: k for k, number in enumerate(order)}
    runs: list[list[int]] = []
    for number in wrong:
        if runs and place[runs[-1][-1]] + 1 == place[number]:
            runs[-1].append(number)
        else:
            runs.append([number])
    return {number for run in runs for number in run[: max(1, len(run) // 3)]}


def _draw(numbers: Iterable[int], look: Look, dpi: int, folder: Path) -> dict[int, np.ndarray]:
    """Runs dvipng on the pages of these numbers: uint8 HxW pictures, cropped to the ink."""
    numbers = sorted(numbers)
    pages = ",".join(map(str, numbers))
    command = ("dvipng", "-q", "-D", str(dpi), "-T", "tight", "-bg", "White", "--gamma", str(look.gamma), "-z", "1",
               "--nogs", "--norawps", "--dvinum", "-pp", pages, "-o", "page%d.png", "batch.dvi")  # fmt: skip
    if not numbers or not run(command, folder, len(numbers)):
        return {}
    pictures = {}
    for number in numbers:
        path = folder / f"page{number}.png"
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.exists() else None
        path.unlink(missing_ok=True)
        if picture is not None and picture.size > 1 and picture.min() < 128:
            pictures[number] = picture
    return pictures


def _fits(picture: np.ndarray) -> bool:
    height, width = picture.shape
    return height + 2 * BORDER <= MAX_HEIGHT and width + 2 * BORDER <= MAX_WIDTH


def _draw_all(numbers: Iterable[int], look: Look, folder: Path) -> dict[int, np.ndarray]:
    """`_draw`, with a lower resolution for what is too large."""
    done: dict[int, np.ndarray] = {}
    dpi = look.dpi
    while dpi >= MIN_DPI:
        drawn = _draw(numbers, look, dpi, folder)
        done.update({number: picture for number, picture in drawn.items() if _fits(picture)})
        numbers = set(drawn) - set(done)
        if not numbers:
            break
        dpi = max(int(dpi * 0.7), MIN_DPI) if dpi > MIN_DPI else 0
    return {n: cv2.copyMakeBorder(p, *[BORDER] * 4, cv2.BORDER_CONSTANT, value=255) for n, p in done.items()}


def _render(formulas: dict[int, str], look: Look) -> dict[int, np.ndarray]:
    """Numbered formulas -> the pictures of those that can be set."""
    with tempfile.TemporaryDirectory(prefix="img2latex-") as name:
        folder = Path(name)
        while formulas:
            good, wrong = _typeset(formulas, look, folder)
            if good:
                return _draw_all(formulas, look, folder)
            if not wrong:
                break
            dropped = _culprits(wrong, list(formulas))
            formulas = {number: text for number, text in formulas.items() if number not in dropped}
    if len(formulas) < 2:
        return {}
    # No formula is to blame by the log, yet pages are missing or time ran out: the halves will tell.
    items = list(formulas.items())
    half = len(items) // 2
    return _render(dict(items[:half]), look) | _render(dict(items[half:]), look)


def render(formulas: Sequence[str], look: Look | None = None) -> list[np.ndarray | None]:
    """Draws formulas with one look, all in one run; some hundreds at a time are fastest.

    Args:
        formulas: in the raw spelling of their authors, with or without dollars; environments such as align are welcome.
        look: plain Computer Modern if not given.

    Returns:
        For each formula uint8 HxW, 0 ink to 255 paper, at most MAX_HEIGHT x MAX_WIDTH with BORDER white pixels around
        the ink (drawn at a lower resolution than the look's if it would be larger), or None where LaTeX finds an error,
        where nothing is to be seen, where the font lacks the formula's bold italic, or where the formula holds commands
        that could harm.

    Raises:
        RenderError: latex or dvipng is not installed.
    """
    look = look or Look()
    bodies = {k + 1: text for k, latex in enumerate(formulas) if (text := body(latex)) is not None}
    if look.font in NO_BOLD_ITALIC:
        bodies = {number: text for number, text in bodies.items() if not _BOLD_ITALIC.search(text)}
    drawn = _render(bodies, look)
    return [drawn.get(k + 1) for k in range(len(formulas))]


def main(arguments: Sequence[str] | None = None) -> int:
    options = lists.parser("render", __doc__)
    options.add_argument("--jobs", type=int, default=2, help="worker processes")
    options.add_argument("--looks", choices=LOOKS, default="any", help="how formulas are printed")
    options = options.parse_args(arguments)
    try:
        counts = lists.build(
            lists.read(options.list)[: options.limit], options.out, render, LOOKS[options.looks],
            options.name, options.seed, options.jobs, options.per_shard,
        )  # fmt: skip
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(lists.in_a_line(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
