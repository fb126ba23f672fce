"""Word documents (.docx) with equations that can be edited there.

Source: ECMA-376, part 1: the document (17), Office Math (22). An equation is made from its MathML, where the role of
each part is decided; docs/lab-notes.md says why no library is used.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from img2latex.export.mathml import Element, presentation
from img2latex.export.tree import Node, UnfitError, tree
from img2latex.latex import LatexError

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ElementTree.register_namespace("m", M)
ElementTree.register_namespace("w", W)

_LARGE = frozenset("∑∏∐⋃⋂⋁⋀⨁⨂⨀⨄⨆∫∬∭⨌∮∯∰")  # what is written before an operand, with limits
_ENDS = frozenset("+−±∓=≠<>≤≥≈≡∼≃≅∝→←↔⇒⇔⇐↦,;:")  # the operand of a large operator ends before these
_ACCENTS = dict(zip(  # an accent in MathML, and the one that Word sets over a letter
    "^~¯→←↔˙¨⃛´`ˇ˘˚", "\u0302\u0303\u0305\u20d7\u20d6\u20e1\u0307\u0308\u20db\u0301\u0300\u030c\u0306\u030a", strict=True
))  # fmt: skip
_APPLIED = "\u2061"
_NUMBER = re.compile(r"\s*\\tag\s*\{(.*)\}\s*$")
_NOTHING = "\u200b"  # where Word would draw an empty box
_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" \
ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" \
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>\
</Relationships>"""


# The document ---------------------------------------------------------------------------------------------------------


def document(formulas: Iterable[tuple[str, str]]) -> bytes:
    """A .docx file with an equation for each formula.

    Args:
        formulas: a line to stand above each (empty: none), and its LaTeX. What has no right spelling in Word, or cannot
            be parsed, stands there as LaTeX.
    """
    return package(
        element for line, latex in formulas for element in (*([paragraph([line])] if line else []), equation(latex))
    )


def package(paragraphs: Iterable[Element]) -> bytes:
    """A .docx file with these paragraphs."""
    body = _w("body", *paragraphs)
    content = ElementTree.tostring(_w("document", body), encoding="utf-8", xml_declaration=True)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _RELATIONS)
        package.writestr("word/document.xml", content)
    return stream.getvalue()


def equation(latex: str) -> Element:
    """A paragraph of a formula, with its number in parentheses; of its LaTeX, where Word has no right spelling."""
    number = _NUMBER.search(latex)
    try:
        math = omml(tree(latex))
    except (LatexError, UnfitError):
        return paragraph([latex])
    if number:
        math.append(_run(f"\u2003({number[1]})", "nor"))
    return _w("p", _m("oMathPara", math))


def paragraph(parts: Sequence[str]) -> Element:
    """A paragraph of text and LaTeX by turns, text first; LaTeX without a spelling in Word stands there itself."""
    return _w("p", *(_inline(part) if place % 2 else _text(part) for place, part in enumerate(parts) if part))


def _inline(latex: str) -> Element:
    try:
        return omml(tree(latex))
    except (LatexError, UnfitError):
        return _text(latex)


def _text(line: str) -> Element:
    text = _w("t")
    text.text = "".join(sign for sign in line if sign.isprintable())
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return _w("r", text)


# An equation ----------------------------------------------------------------------------------------------------------


def omml(nodes: list[Node]) -> Element:
    """The `m:oMath` of a formula.

    Raises:
        UnfitError: Word has no right spelling for something in the formula.
    """
    return _m("oMath", *_row([presentation(nodes)]))


def _w(tag: str, *children: Element) -> Element:
    element = Element(f"{{{W}}}{tag}")
    element.extend(children)
    return element


def _m(tag: str, *children: Element, **values: str) -> Element:
    """An element; of values, each becomes a child that has it as `m:val`, in a `m:...Pr` that comes first."""
    element = Element(f"{{{M}}}{tag}")
    if values:
        element.append(_m(f"{tag}Pr", *(_valued(name, value) for name, value in values.items())))
    element.extend(children)
    return element


def _valued(name: str, value: str) -> Element:
    return Element(f"{{{M}}}{name}", {f"{{{M}}}val": value})


def _run(text: str, style: str | None = None) -> Element:
    """Letters; style `p` is upright, `nor` is text, None what Word makes of them: single letters italic."""
    letters = _m("t")
    letters.text = text
    if text != text.strip():
        letters.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    if style is None:
        return _m("r", letters)
    return _m("r", _m("rPr", _valued("sty", style) if style != "nor" else _m("nor")), letters)


def _held(tag: str, elements: list[Element]) -> Element:
    """An argument, never empty."""
    return _m(tag, *(elements or [_run(_NOTHING)]))


def _one(element: Element, tag: str = "e") -> Element:
    return _held(tag, _row([element]))


def _row(elements: list[Element]) -> list[Element]:
    """Elements side by side; nested rows are flattened."""
    flat = list(_flat(elements))
    row: list[Element] = []
    i = 0
    while i < len(flat):
        element, i = flat[i], i + 1
        if _large(element):
            end = next((j for j in range(i, len(flat)) if flat[j].tag == "mo" and flat[j].text in _ENDS), len(flat))
            row.append(_nary(element, _row(flat[i:end])))
            i = end
        elif i + 1 < len(flat) and flat[i].text == _APPLIED:
            row.append(_m("func", _one(element, "fName"), _one(flat[i + 1])))
            i += 2
        else:
            row += _written(element)
    return row


def _flat(elements: Iterable[Element]) -> Iterable[Element]:
    for element in elements:
        if element.tag in ("mrow", "mstyle") and not _is_fence(element):
            yield from _flat(element)
        else:
            yield element


def _is_fence(element: Element) -> bool:
    return len(element) > 1 and all(element[i].get("fence") == "true" for i in (0, -1))


def _large(element: Element) -> bool:
    """Whether it is a large operator, with or without limits."""
    base = element[0] if element.tag in _SCRIPTS and len(element) else element
    return base.tag == "mo" and base.text in _LARGE


def _nary(element: Element, operand: list[Element]) -> Element:
    under, over = _scripts(element)
    base = element if element.tag == "mo" else element[0]
    place = "undOvr" if element.tag.startswith(("munder", "mover")) else "subSup"
    hidden = {name: "1" for name, part in (("subHide", under), ("supHide", over)) if part is None}
    limits = [_m(tag, *(_row([part]) if part is not None else [])) for tag, part in (("sub", under), ("sup", over))]
    return _m("nary", *limits, _held("e", operand), chr=base.text, limLoc=place, **hidden)


_SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")


def _scripts(element: Element) -> tuple[Element | None, Element | None]:
    """What is below and what is above."""
    if element.tag not in _SCRIPTS:
        return None, None
    parts = list(element)[1:]
    if len(parts) == 2:
        return parts[0], parts[1]
    return (parts[0], None) if element.tag in ("msub", "munder") else (None, parts[0])


def _written(element: Element) -> list[Element]:
    tag, text = element.tag, element.text or ""
    if tag in ("mn", "mo"):
        return [_run(text)] if text not in ("", _APPLIED) else []
    if tag == "mi":
        upright = len(text) > 1 or element.get("mathvariant") == "normal"
        return [_run(text, "p" if upright else None)]
    if tag == "mtext":
        return [_run(text, "nor")]
    if tag == "mrow":
        return [_fenced(element)]
    if tag == "mfrac":
        bar = {"type": "noBar"} if element.get("linethickness") == "0" else {}
        return [_m("f", _one(element[0], "num"), _one(element[1], "den"), **bar)]
    if tag == "msqrt":
        return [_m("rad", _m("deg"), _held("e", _row(list(element))), degHide="1")]
    if tag == "mroot":
        return [_m("rad", _one(element[1], "deg"), _one(element[0]))]
    if tag == "mtable":
        return [_table(element)]
    return [_over_and_under(element) if tag[1] in "uo" else _scripted(element)]


def _fenced(element: Element) -> Element:
    opening, *content, closing = element
    return _m("d", _held("e", _row(content)), begChr=opening.text or "", endChr=closing.text or "")


def _scripted(element: Element) -> Element:
    base, parts = _one(element[0]), _scripts(element)
    scripts = [_one(part, tag) for part, tag in zip(parts, ("sub", "sup"), strict=True) if part is not None]
    return _m({"msub": "sSub", "msup": "sSup", "msubsup": "sSubSup"}[element.tag], base, *scripts)


def _over_and_under(element: Element) -> Element:
    base, (under, over) = element[0], _scripts(element)
    mark = over if over is not None else under
    if element.get("accent") == "true":
        return _m("acc", _one(base), chr=_ACCENTS[over.text])
    if mark.get("stretchy") == "true":
        return _spanned(base, mark.text, "bot" if over is None else "top")
    if base.get("stretchy") == "true" and over is not None:  # an arrow as long as what stands on it
        sign = _m("groupChr", _one(over), chr=base.text, vertJc="bot")
        over = None
    else:
        sign = None
    found = [sign] if sign is not None else _row([base])
    for part, tag in ((over, "limUpp"), (under, "limLow")):
        if part is not None:
            found = [_m(tag, _held("e", found), _one(part, "lim"))]
    return found[0]


def _spanned(base: Element, mark: str, place: str) -> Element:
    if mark in "¯\u0332":
        return _m("bar", _one(base), pos=place)
    return _m("groupChr", _one(base), chr=mark, pos=place, **({"vertJc": "bot"} if place == "top" else {}))


def _table(element: Element) -> Element:
    rows = [[_row(list(cell)) for cell in row] for row in element]
    if element.get("displaystyle") == "true":  # lines one below the other, aligned at their &
        lines = []
        for first, *others in rows:
            lines.append(_held("e", [*first, *(part for cell in others for part in (_run("&"), *cell))]))
        return _m("eqArr", *lines)
    columns = [_m("mc", count="1", mcJc=place) for place in element.get("columnalign", "").split()]
    properties = _m("mPr", _m("mcs", *columns))
    return _m("m", properties, *(_m("mr", *(_held("e", cell) for cell in row)) for row in rows))
