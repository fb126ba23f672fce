"""The regions of a page as Markdown, as a LaTeX document, as a Word document, as JSON."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from img2latex.export import word
from img2latex.export.document import PREAMBLE
from img2latex.latex import problem
from img2latex.latex.escaping import escaped
from img2latex.page import layout
from img2latex.page.region import Region

_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")  # scripts without spaces between words
_ITEM = re.compile(r"(?:\(?(?:\d{1,2}|[A-Za-z])[.)、]|[•▪●–])(?!\d)")  # how an item of a list begins
_TAGGED = r"{} \tag{{{}}}"
# Private characters, which stand before a displayed formula and around one in a line until Word's XML is made of them.
_DISPLAYED, _INLINE = "\ue000", "\ue001"
_CLOSING = re.compile(r"[,.;:!?)\]}，。；：！？）、]")


def markdown(regions: Sequence[Region]) -> str:
    """Paragraphs with an empty line between them; a displayed formula is one of them."""
    return "\n\n".join(_blocks(regions, _in_markdown, "$$\n{}\n$$")) + "\n" if regions else ""


def tex(regions: Sequence[Region]) -> str:
    """A document that LaTeX sets, or XeLaTeX where it holds Chinese; a formula that no program shows is a comment."""
    blocks = _blocks(regions, _in_tex, "\\begin{{equation*}}\n{}\n\\end{{equation*}}")
    head = PREAMBLE.replace("{article}", "{ctexart}") if _WIDE.search("".join(r.text for r in regions)) else PREAMBLE
    return "\n".join([head, r"\begin{document}", "\n\n".join(blocks), r"\end{document}", ""])


def docx(regions: Sequence[Region]) -> bytes:
    """A Word document, in which the formulas can be edited."""
    blocks = _blocks(regions, _in_word, f"{_DISPLAYED}{{}}")
    return word.package(
        word.equation(block[1:]) if block[0] == _DISPLAYED else word.paragraph(block.split(_INLINE))
        for block in blocks
    )


def as_json(regions: Sequence[Region], size: tuple[int, int], warning: str | None) -> str:
    """One object: width, height, warning, regions."""
    names = ("box", "kind", "latex", "text", "confidence", "warning", "tag", "line")
    rows = [{name: getattr(region, name) for name in names} for region in regions]
    for row in rows:
        row["confidence"] = round(row["confidence"], 4)
    answer = {"width": size[0], "height": size[1], "warning": warning, "regions": rows}
    return json.dumps(answer, ensure_ascii=False, indent=1)


def _blocks(regions: Sequence[Region], written: Callable[[Region], str], displayed: str) -> Iterable[str]:
    lines = [list(group) for _, group in itertools.groupby(regions, key=lambda region: region.line)]
    boxes = np.array([_around(line) for line in lines], float).reshape(-1, 4)
    told = [line[0].kind != "displayed" for line in lines]
    numbers = layout.paragraphs(boxes, told, [bool(_ITEM.match(line[0].text)) for line in lines])
    for _, group in itertools.groupby(zip(numbers, lines, strict=True), key=lambda pair: pair[0]):
        members = [line for _, line in group]
        first = members[0][0]
        if first.kind == "displayed":
            if first.latex:
                latex = _TAGGED.format(first.latex, first.tag) if _has_room(first) else first.latex
                yield displayed.format(latex)
            continue
        if block := joined(joined(map(written, line)) for line in members):
            yield block


def _has_room(region: Region) -> bool:
    r"""Is there a number to be told that the formula does not tell itself?"""
    return bool(region.tag) and r"\tag" not in region.latex


def joined(parts: Iterable[str]) -> str:
    """Words one after the other; no space within Chinese, before a full stop, and where a word was broken."""
    told = ""
    for part in filter(None, parts):
        if not told:
            told = part
        elif re.search(r"[a-zäöüßéèà]-$", told) and part[0].islower():
            told = told[:-1] + part
        elif _WIDE.match(told[-1]) or _WIDE.match(part) or _CLOSING.match(part) or told[-1] in "([（":
            told += part
        else:
            told += f" {part}"
    return told


def _in_markdown(region: Region) -> str:
    if region.kind == "text":
        return re.sub(r"([$*_`<\\])", r"\\\1", region.text)
    return f"${region.latex}$" if region.latex else ""


def _in_tex(region: Region) -> str:
    if region.kind == "text":
        return escaped(region.text)
    return f"${region.latex}$" if region.latex and not problem(region.latex) else ""


def _in_word(region: Region) -> str:
    if region.kind == "text":
        return re.sub(f"[{_DISPLAYED}{_INLINE}]", "", region.text)
    return f"{_INLINE}{region.latex}{_INLINE}" if region.latex else ""


def _around(line: Sequence[Region]) -> tuple[int, int, int, int]:
    sides = np.array([region.box for region in line])
    return (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())
