"""LaTeX -> where each glyph and each rule of the printed formula stands, read from TeX's own DVI output.

A *part* is one thing a writer would put on paper: a glyph, a fraction bar, a whole root, a whole tall bracket or long
arrow (TeX builds those of pieces, which are joined here again). Boxes are (left, top, right, bottom) of the ink, in
points, y growing downwards.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib import dviread

from img2latex.data.render import FORBIDDEN

Box = tuple[float, float, float, float]

PREAMBLE = r"\documentclass{article}\usepackage{amsmath,amssymb,mathrsfs}\batchmode\begin{document}"
BATCH = 500  # formulas; more make little difference
SECONDS = 60  # a batch takes one; a formula that loops for ever is found by halving

# Names that Type 1 Computer Modern gives to the pieces of growing symbols.
_PIECE = re.compile(
    r"(paren|bracket|brace|radical|vextend|arrowvertex)(left|right|)(tp|mid|ex|bt|vertex|single|double|dbl|)"
)
_GROWN = {
    "parenleft": "(",
    "parenright": ")",
    "bracketleft": "[",
    "bracketright": "]",
    "braceleft": r"\{",
    "braceright": r"\}",
    "vextendsingle": "|",
    "vextenddouble": r"\|",
}
_TIPS = {"bracehtipdownleft": "overbrace", "bracehtipupleft": "underbrace"}  # by the first of four
_SHAFTS = {"minus", "equal"}
# What pieces that overlap in a row make together, shafts left aside.
_ARROWS = {
    frozenset(): "-",
    frozenset({"arrowright"}): r"\rightarrow",
    frozenset({"arrowleft"}): r"\leftarrow",
    frozenset({"arrowleft", "arrowright"}): r"\leftrightarrow",
    frozenset({"mapsto", "arrowright"}): r"\mapsto",
    frozenset({"arrowhookleft", "arrowright"}): r"\hookrightarrow",
    frozenset({"arrowhookright", "arrowleft"}): r"\hookleftarrow",
    frozenset({"arrowdblright"}): r"\Rightarrow",
    frozenset({"arrowdblleft"}): r"\Leftarrow",
    frozenset({"arrowdblleft", "arrowdblright"}): r"\Leftrightarrow",
}
_ARROW_PIECES = _SHAFTS.union(*_ARROWS)


@dataclass(frozen=True)
class Part:
    """One thing to write.

    `what` is "family:code" for a glyph ("cmmi:97"), a LaTeX token for a joined one, or one of "bar", "root",
    "overbrace" and "underbrace". `name` is the glyph's own name, `origin` its reference point's x, `size` its font's
    size in points.
    """

    what: str
    box: Box
    name: str = ""
    origin: float = 0.0
    size: float = 10.0


# --- TeX --------------------------------------------------------------------------------------------------------------


def layouts(formulas: Sequence[str]) -> list[list[Part] | None]:
    """Typesets formulas in display style and reads where their parts stand.

    Args:
        formulas: LaTeX without the dollars.

    Returns:
        a list of parts for each formula, in writing order; None where LaTeX refuses the formula or nothing is printed.

    Raises:
        FileNotFoundError: there is no `latex` on this machine.
    """
    result: list[list[Part] | None] = []
    for start in range(0, len(formulas), BATCH):
        batch = {index: " ".join(formula.split()) for index, formula in enumerate(formulas[start : start + BATCH])}
        good = {index: formula for index, formula in batch.items() if formula and not FORBIDDEN.search(formula)}
        pages = _typeset(good)
        result += [_parts(pages[index]) if index in pages else None for index in batch]
    return result


def _typeset(batch: dict[int, str]) -> dict[int, dviread.Page]:
    """Pages by key; formulas with an error are left out and the others set again until no error is left."""
    while batch:
        bad, pages = _run(batch)
        if not bad and len(pages) == len(batch):
            return dict(zip(batch, pages, strict=True))
        if not bad:  # TeX died, hung, or lost count: the culprit is in one of the halves
            if len(batch) == 1:
                return {}
            keys = list(batch)
            halves = keys[: len(keys) // 2], keys[len(keys) // 2 :]
            return {key: page for half in halves for key, page in _typeset({k: batch[k] for k in half}).items()}
        batch = {key: formula for key, formula in batch.items() if key not in bad}
    return {}


def _run(batch: dict[int, str]) -> tuple[set[int], list[dviread.Page]]:
    """One run of LaTeX: the keys of formulas with errors, and, when there are none, the pages."""
    from matplotlib import dviread  # not at the top: training on packed layouts needs neither TeX nor this

    keys = list(batch)
    lines = [rf"\setbox0\hbox{{$\displaystyle {batch[key]}$}}\shipout\box0" for key in keys]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "batch.tex")
        source.write_text("\n".join([PREAMBLE, *lines, r"\end{document}"]), "utf-8")
        command = ["latex", "-no-shell-escape", "-file-line-error", source.name]
        try:
            subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return set(), []
        log = source.with_suffix(".log")
        report = log.read_text("utf-8", "replace") if log.exists() else ""
        numbers = [int(number) - 2 for number in re.findall(r"^(?:\./)?batch\.tex:(\d+):", report, re.MULTILINE)]
        bad = {keys[number] for number in numbers if 0 <= number < len(keys)}
        dvi = source.with_suffix(".dvi")
        if bad or numbers or not dvi.exists():
            return bad, []
        with dviread.Dvi(dvi, 72) as pages:
            return set(), list(pages)


# --- DVI pages -> parts -----------------------------------------------------------------------------------------------

_glyphs: dict[tuple[bytes, int], tuple[str, Box]] = {}  # font and code -> name, ink box for a font of size 1


def _glyph(text: dviread.Text) -> tuple[str, Box]:
    from matplotlib import font_manager
    from matplotlib.ft2font import LoadFlags

    key = text.font.texname, text.glyph
    if key not in _glyphs:
        font = font_manager.get_font(text.font.resolve_path())
        left, bottom, right, top = font.load_glyph(text.index, flags=LoadFlags.NO_SCALE).bbox
        box = tuple(side / font.units_per_EM for side in (left, -top, right, -bottom))
        _glyphs[key] = font.get_glyph_name(text.index), box
    return _glyphs[key]


def _part(text: dviread.Text) -> Part:
    name, (left, top, right, bottom) = _glyph(text)
    size, x, y = text.font.size, text.x, -text.y
    family = text.font.texname.decode("ascii").rstrip("0123456789")
    box = (x + left * size, y + top * size, x + right * size, y + bottom * size)
    return Part(f"{family}:{text.glyph}", box, name, x, size)


def _parts(page: dviread.Page) -> list[Part] | None:
    glyphs = _join([_part(text) for text in page.text])
    rules = [Part("bar", (box.x, -box.y - box.height, box.x + box.width, -box.y)) for box in page.boxes]
    return _take_rules(glyphs, rules) or None


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _belongs(group: list[Part], part: Part) -> bool:
    """Is `part` one more piece of the symbol that `group` has begun?"""
    last, first = group[-1], group[0]
    if first.name in _TIPS:
        return len(group) < 4 and part.name.startswith("bracehtip")
    if first.name in _ARROW_PIECES:
        return part.name in _ARROW_PIECES and _overlap(union(piece.box for piece in group), part.box)
    if _piece(first) and _piece(part):
        return abs(part.origin - last.origin) < 0.01 and not (last.name.endswith("bt") and part.name.endswith("tp"))
    return False


def _piece(part: Part) -> bool:
    return part.what.startswith("cmex:") and _PIECE.fullmatch(part.name) is not None


def _join(glyphs: list[Part]) -> list[Part]:
    """Makes one part of the pieces of each tall bracket, long arrow and lying brace; TeX prints them in a row."""
    groups: list[list[Part]] = []
    for glyph in glyphs:
        if groups and _belongs(groups[-1], glyph):
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    return [_joined(group) for group in groups]


def _joined(group: list[Part]) -> Part:
    first = group[0]
    names = {part.name for part in group}
    box = union(part.box for part in group)
    if first.name.startswith("radical"):
        return Part("root", box, first.name, first.origin, first.size)
    if first.name in _TIPS:
        return Part(_TIPS[first.name], box, first.name, first.origin, first.size)
    if _piece(first):
        return Part(_grown(names), box, first.name, first.origin, first.size)
    if len(group) > 1:
        heads = frozenset(names - _SHAFTS)
        return Part(_ARROWS.get(heads, "+".join(sorted(names))), box, first.name, first.origin, first.size)
    return first


def _grown(names: set[str]) -> str:
    stem = min((_PIECE.fullmatch(name) for name in names), key=lambda match: match[2] == "")
    kind, side = stem[1], stem[2]
    if kind == "bracket":  # floors and ceilings are brackets without a top or a bottom
        tops, feet = (any(name.endswith(end) for name in names) for end in ("tp", "bt"))
        shape = {(True, True): "[]", (False, True): (r"\lfloor", r"\rfloor"), (True, False): (r"\lceil", r"\rceil")}
        return shape.get((tops, feet), "||")[side == "right"]
    return _GROWN.get(kind + side if side else stem[0], stem[0])


def _take_rules(glyphs: list[Part], rules: list[Part]) -> list[Part]:
    """Gives roots and lying braces the rules that belong to them; the other rules stay bars."""
    whole = []
    for glyph in glyphs:
        if glyph.what in ("root", "overbrace", "underbrace"):
            own = [rule for rule in rules if _is_of(rule.box, glyph)]
            rules = [rule for rule in rules if rule not in own]
            box = union([glyph.box, *(rule.box for rule in own)])
            glyph = Part(glyph.what, box, glyph.name, glyph.box[2], glyph.size)  # a root's bar begins at its origin
        whole.append(glyph)
    return whole + rules


def _is_of(rule: Box, glyph: Part) -> bool:
    left, top, right, bottom = glyph.box
    if glyph.what == "root":
        return abs(rule[0] - right) < 0.5 and abs(rule[1] - top) < 0.5
    return left < rule[0] and rule[2] < right and top - 0.1 < rule[1] and rule[3] < bottom + 0.1
