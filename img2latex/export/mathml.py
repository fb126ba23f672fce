"""Presentation MathML of a formula: what Word, browsers and LibreOffice take.

Source: MathML 3 (what Word reads), kept to the elements that MathML Core (what browsers draw) has too.
"""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree

from img2latex.export.symbols import NEGATED, SYMBOLS
from img2latex.export.tree import Node, UnfitError, grid
from img2latex.latex.spelling import LIMIT_FUNCTIONS, LIMIT_SIGNS, LIMIT_WORDS

_FONTS = {
    "bf": ("BOLD",), "bs": ("BOLD ITALIC", "BOLD"), "bb": ("DOUBLE-STRUCK",), "cal": ("SCRIPT",), "scr": ("SCRIPT",),
    "frak": ("FRAKTUR", "BLACK-LETTER"), "sf": ("SANS-SERIF",), "tt": ("MONOSPACE",),
}  # fmt: skip
_ACCENTS = {
    r"\hat": "^", r"\widehat": "^", r"\tilde": "~", r"\widetilde": "~", r"\bar": "¯", r"\vec": "→",
    r"\overrightarrow": "→", r"\overleftarrow": "←", r"\overleftrightarrow": "↔", r"\dot": "˙", r"\ddot": "¨",
    r"\dddot": "⃛", r"\acute": "´", r"\grave": "`", r"\check": "ˇ", r"\widecheck": "ˇ", r"\breve": "˘",
    r"\mathring": "˚",
}  # fmt: skip
_WIDE = frozenset(r"\widehat \widetilde \overrightarrow \overleftarrow \overleftrightarrow \widecheck".split())
_BARS = {r"\overline": ("mover", "¯"), r"\underline": ("munder", "\u0332")}
_BRACES = {r"\overbrace": ("mover", "⏞"), r"\underbrace": ("munder", "⏟")}
_ARROWS = {r"\xrightarrow": "→", r"\xleftarrow": "←", r"\xleftrightarrow": "↔", r"\xrightleftharpoons": "⇌",
           r"\xRightarrow": "⇒", r"\xLeftarrow": "⇐", r"\xLeftrightarrow": "⇔", r"\xleftrightharpoons": "⇋",
           r"\xmapsto": "↦", r"\xhookrightarrow": "↪", r"\xhookleftarrow": "↩", r"\xlongequal": "="}  # fmt: skip
_LIMITS = LIMIT_FUNCTIONS | LIMIT_SIGNS | {word.replace("~", " ") for word in LIMIT_WORDS}
_DELIMITERS = {"pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}"), "vmatrix": ("|", "|"),
               "Vmatrix": ("‖", "‖"), "cases": ("{", "")}  # fmt: skip
_PLACES = {"l": "left", "c": "center", "r": "right"}
_ORDINARY = frozenset("∞∅∂∇⊤∠∡∢△▿▴□■◊♢♡♠♣★♭♮♯✓¶§℧∄%#&$_…⋯⋮⋱◯")  # signs that need no space around them
_UPRIGHT = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ∇")  # MathML slants single letters, LaTeX does not slant these
_APPLIED = "\u2061"  # an invisible sign between a function and what it is applied to
XMLNS = "http://www.w3.org/1998/Math/MathML"

Element = ElementTree.Element


def mathml(nodes: list[Node]) -> str:
    """A `<math>` element, drawn as a display.

    Raises:
        UnfitError: MathML has no right spelling for something in the formula.
    """
    root = _element("math", _one(nodes), xmlns=XMLNS, display="block")  # LibreOffice stacks several elements
    return ElementTree.tostring(root, encoding="unicode")


def presentation(nodes: list[Node]) -> Element:
    """The same without the `<math>` around it; raises UnfitError too."""
    return _one(nodes)


def _element(tag: str, *children: Element, text: str | None = None, **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.text = text
    element.extend(children)
    return element


def _row(nodes: list[Node]) -> list[Element]:
    row: list[Element] = []
    for i, node in enumerate(nodes, 1):
        row.append(_scripted(node))
        follower = nodes[i].kind if i < len(nodes) else "symbol"
        if node.kind == "function" and follower != "symbol":
            row.append(_element("mo", text=_APPLIED, **({} if follower == "fence" else {"lspace": "0.1667em"})))
    return row


def _one(nodes: list[Node]) -> Element:
    """The nodes as one element, which arguments of MathML must be."""
    row = _row(nodes)
    return row[0] if len(row) == 1 else _element("mrow", *row)


def _scripted(node: Node) -> Element:
    base = _nucleus(node)
    if node.bare:
        return base
    braced = node.kind == "command" and node.text in (r"\overbrace", r"\underbrace")
    over = braced or node.text in _LIMITS
    scripts = [_one(part) for part in (node.sub, node.sup) if part is not None]
    if node.sub is not None and node.sup is not None:
        return _element("munderover" if over else "msubsup", base, *scripts)
    if node.sub is not None:
        return _element("munder" if over else "msub", base, *scripts)
    return _element("mover" if over else "msup", base, *scripts)


def _nucleus(node: Node) -> Element:
    if node.kind == "number":
        return _element("mn", text=node.text)
    if node.kind == "letter":
        return _letter(node.text, node.style)
    if node.kind == "word":
        return _word(node.text, node.style)
    if node.kind == "function":
        return _element("mi", text={r"\limsup": "lim sup", r"\liminf": "lim inf"}.get(node.text, node.text[1:]))
    if node.kind == "fence":
        left, right = ("" if mark == "." else SYMBOLS[mark][0] for mark in node.text.split())
        return _between(left, _row(node.arguments[0]), right, _is_tall(node.arguments[0]))
    if node.kind == "table":
        return _table(node)
    if node.kind == "command":
        return _command(node)
    if node.kind == "symbol":
        return _symbol(node.text, node.style)
    return _element("mrow", *_row(sum(node.arguments, [])))  # a group, or nothing: the base of a script before a letter


def _between(left: str, content: list[Element], right: str, tall: bool = True) -> Element:
    """Delimiters around content; an empty one takes no place."""
    marks = {"fence": "true", "stretchy": str(tall).lower()}
    opening = _element("mo", text=left, form="prefix", **marks)
    return _element("mrow", opening, *content, _element("mo", text=right, form="postfix", **marks))


def _is_tall(nodes: list[Node]) -> bool:
    """Whether delimiters around the nodes must grow; where they need not, browsers draw growing ones too wide."""
    big = (r"\frac", r"\binom", r"\int", r"\iint", r"\iiint", r"\oint", *_LIMITS)
    return any(
        node.kind == "table" or node.text in big or (node.kind == "fence" and _is_tall(node.arguments[0]))
        for node in nodes
    )


def _letter(letter: str, style: str | None) -> Element:
    if not style:
        return _element("mi", text=letter)
    name = unicodedata.name(SYMBOLS[letter][0] if letter in SYMBOLS else letter)
    name = name.removeprefix("LATIN ").removeprefix("GREEK ").replace(" LETTER ", " ")
    for font in _FONTS[style]:
        for prefix in ("MATHEMATICAL ", ""):
            try:
                return _element("mi", text=unicodedata.lookup(f"{prefix}{font} {name}"))
            except KeyError:
                continue
    raise UnfitError(f"there is no {style} {letter} in Unicode")


def _word(word: str, style: str | None) -> Element:
    if word == "mod":
        return _element("mo", text=word, lspace="0.2222em", rspace="0.2222em")
    if style == "rm" and " " in word:
        return _element("mtext", text=word.replace(" ", "\u00a0"))
    if style == "rm":
        return _element("mi", text=word, **({"mathvariant": "normal"} if len(word) == 1 else {}))
    return _element("mrow", *(_letter(letter, style) for letter in word.replace(" ", "")))


def _symbol(token: str, style: str | None) -> Element:
    if style:
        return _letter(token, style)
    negated = token.removeprefix(r"\not ")
    if negated != token and negated in NEGATED:
        return _element("mo", text=NEGATED[negated][0])
    if token not in SYMBOLS:
        raise UnfitError(f"{token} has no MathML")
    character = SYMBOLS[token][0]
    category = unicodedata.category(character)
    if category[0] == "L" or character in _ORDINARY:
        return _element("mi", text=character, **({"mathvariant": "normal"} if character in _UPRIGHT else {}))
    single = character in "|‖" or category in ("Ps", "Pe")  # a delimiter without a partner
    return _element("mo", text=character, **({"stretchy": "false"} if single else {}))


def _command(node: Node) -> Element:
    command, arguments = node.text, node.arguments
    if command == r"\frac":
        return _element("mfrac", *map(_one, arguments))
    if command == r"\binom":
        return _between("(", [_element("mfrac", *map(_one, arguments), linethickness="0")], ")")
    if command == r"\sqrt":
        degree = node.option
        return _element("mroot", _one(arguments[0]), _one(degree)) if degree else _element("msqrt", *_row(arguments[0]))
    if command in (r"\overset", r"\underset"):
        return _element("mover" if command == r"\overset" else "munder", _one(arguments[1]), _one(arguments[0]))
    if command in _ACCENTS:
        mark = _element("mo", text=_ACCENTS[command], stretchy=str(command in _WIDE).lower())
        return _element("mover", _one(arguments[0]), mark, accent="true")
    if command in _BARS | _BRACES:
        return _spanned(command, arguments[0])
    if command in _ARROWS:
        return _arrow(_ARROWS[command], arguments[0], node.option)
    raise UnfitError(f"{command} has no MathML")


def _spanned(command: str, content: list[Node]) -> Element:
    """A bar or a brace as wide as the content, by the attributes and the `mrow` that Word knows them by."""
    tag, mark = (_BARS | _BRACES)[command]
    accent = {"accent" if tag == "mover" else "accentunder": "false"} if command in _BRACES else {}
    return _element(tag, _element("mrow", *_row(content)), _element("mo", text=mark, stretchy="true"), **accent)


def _arrow(arrow: str, above: list[Node], below: list[Node] | None) -> Element:
    sign = _element("mo", text=arrow, stretchy="true")
    if below:
        return _element("munderover", sign, _one(below), _one(above))
    return _element("mover", sign, _element("mrow", *_row(above)), accent="false")


def _table(node: Node) -> Element:
    cells = grid(node)
    if cells.hlines or cells.vlines:
        raise UnfitError("Word and browsers draw no rules in a MathML table")
    attributes = {"columnalign": " ".join(_PLACES[place] for place in cells.places)}
    if node.text in ("aligned", "gathered"):
        attributes["displaystyle"] = "true"
    places = [_placed(place, node.text == "aligned") for place in cells.places]
    rows = [[_element("mtd", *_row(cell), **place) for cell, place in zip(row, places, strict=True)]
            for row in cells.rows]  # fmt: skip
    table = _element("mtable", *(_element("mtr", *row) for row in rows), **attributes)
    if node.text in ("smallmatrix", "substack"):
        table = _element("mstyle", table, scriptlevel="1")
    left, right = _DELIMITERS.get(node.text, ("", ""))
    return _between(left, [table], right) if left else table


def _placed(place: str, joined: bool) -> dict[str, str]:
    """The style of a cell, for browsers, which don't know `columnalign`; joined cells have no gap at their `&`."""
    gap = {"l": "; padding-left: 0", "r": "; padding-right: 0"}[place] if joined else ""
    return {} if place == "c" else {"style": f"text-align: {_PLACES[place]}{gap}"}
