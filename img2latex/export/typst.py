"""A formula in Typst's math mode.

Source: the reference of Typst's math module. Nothing here relies on Typst's shorthands that depend on spacing: parts
are separated by spaces, and punctuation of calls (`,` `;` `:`) is written by its name.
"""

from __future__ import annotations

from img2latex.export.symbols import NEGATED, SYMBOLS
from img2latex.export.tree import Node, UnfitError, grid
from img2latex.latex.spelling import LIMIT_WORDS

_ACCENTS = {
    r"\hat": "hat", r"\widehat": "hat", r"\tilde": "tilde", r"\widetilde": "tilde", r"\bar": "macron",
    r"\overline": "overline", r"\underline": "underline", r"\vec": "arrow", r"\overrightarrow": "arrow",
    r"\overleftarrow": "arrow.l", r"\overleftrightarrow": "arrow.l.r", r"\dot": "dot", r"\ddot": "dot.double",
    r"\dddot": "dot.triple", r"\ddddot": "dot.quad", r"\acute": "acute", r"\grave": "grave", r"\check": "caron",
    r"\widecheck": "caron", r"\breve": "breve", r"\mathring": "circle", r"\overbrace": "overbrace",
    r"\underbrace": "underbrace", r"\overbracket": "overbracket", r"\underbracket": "underbracket",
    r"\overparen": "overparen", r"\cancel": "cancel",
}  # fmt: skip
_ARROWS = {r"\xrightarrow": "arrow.r", r"\xleftarrow": "arrow.l", r"\xleftrightarrow": "arrow.l.r",
           r"\xRightarrow": "arrow.r.double", r"\xLeftarrow": "arrow.l.double", r"\xmapsto": "arrow.r.bar",
           r"\xLeftrightarrow": "arrow.l.r.double", r"\xleftrightharpoons": "harpoons.ltrb",
           r"\xhookrightarrow": "arrow.r.hook", r"\xhookleftarrow": "arrow.l.hook",
           r"\xrightleftharpoons": "harpoons.rtlb", r"\xlongequal": "eq"}  # fmt: skip
_STRUCK = {r"\bcancel": "inverted", r"\xcancel": "cross"}  # options of Typst's cancel
_SETS = {r"\overset": "^", r"\underset": "_"}
_FONTS = {"bf": "upright(bold({}))", "bs": "bold({})", "bb": "bb({})", "cal": "cal({})", "scr": "scr({})",
          "frak": "frak({})", "sf": "sans({})", "tt": "mono({})"}  # fmt: skip
_DELIMITERS = {"pmatrix": '"("', "bmatrix": '"["', "Bmatrix": '"{"', "vmatrix": '"|"', "Vmatrix": '"‖"'}
_FENCES = {"( )": "({})", "[ ]": "[{}]", r"\{ \}": "{{{}}}", r"\langle \rangle": "lr(chevron.l {} chevron.r)",
           r"\lfloor \rfloor": "floor({})", r"\lceil \rceil": "ceil({})", "| |": "abs({})", r"\| \|": "norm({})",
           r"\{ .": "lr(brace.l {})"}  # fmt: skip


def typst(nodes: list[Node]) -> str:
    """What stands between `$ ` and ` $` in a Typst document.

    Raises:
        UnfitError: Typst has no right spelling for something in the formula.
    """
    if len(nodes) == 1 and nodes[0].bare and nodes[0].text in ("aligned", "gathered"):
        return _lines(nodes[0].rows)
    return _row(nodes)


def _row(nodes: list[Node]) -> str:
    """A space between all nodes, except beside words, where Typst would show it."""
    row = ""
    for i, node in enumerate(nodes):
        beside_word = i == 0 or "word" in (node.kind, nodes[i - 1].kind)
        part = _scripted(node)
        row += ('""' * (row[-1:].isalnum() and part[:1].isalnum()) if beside_word else " ") + part
    return row


def _argument(nodes: list[Node]) -> str:
    return _row(nodes) or '""'


def _lines(rows: list[list[list[Node]]]) -> str:
    return " \\ ".join(_cells(row) for row in rows)


def _cells(row: list[list[Node]]) -> str:
    return " & ".join(map(_row, row)).strip()


def _scripted(node: Node) -> str:
    base = _nucleus(node)
    if node.bare:
        return base
    if node.text in (r"\overbrace", r"\underbrace") and len(_scripts(node)) == 1:
        (script,) = _scripts(node)
        return f"{base[:-1]}, {_row(script)})"
    if node.kind == "group":
        places = [f"{place}: {_row(part)}" for place, part in (("b", node.sub), ("t", node.sup)) if part is not None]
        return f"attach({', '.join([base, *places])})"
    primes = "" if node.sup is None else "'" * len(node.sup) * all(part.text == r"\prime" for part in node.sup)
    lower = "" if node.sub is None else "_" + _script(node.sub)
    upper = "" if node.sup is None or primes else "^" + _script(node.sup)
    return f"{base}{primes}{lower}{upper}"


def _script(nodes: list[Node]) -> str:
    """In parentheses, which are not shown there, unless it is one letter or number."""
    script = _row(nodes)
    return script if len(script) == 1 and script.isalpha() or script.isdigit() else f"({script})"


def _scripts(node: Node) -> list[list[Node]]:
    """The one script that a brace has a place for."""
    wanted = node.sup if node.text == r"\overbrace" else node.sub
    return [part for part in (node.sub, node.sup) if part is not None and part is wanted]


def _nucleus(node: Node) -> str:
    if node.kind == "empty":
        return '""'
    if node.kind == "group":
        return _row(node.arguments[0])
    if node.kind == "number":
        return node.text
    if node.kind == "word" and node.style == "rm" and node.text.replace(" ", "~") in LIMIT_WORDS:
        return f'op("{node.text}", limits: #true)'
    if node.kind == "word":
        return f'"{node.text}"' if node.style == "rm" else _FONTS[node.style].format(f'"{node.text}"')
    if node.kind == "function":
        return node.text[1:]
    if node.kind == "fence":
        return _FENCES[node.text].format(_row(node.arguments[0]))
    if node.kind == "table":
        return _table(node)
    if node.kind == "command":
        return _command(node)
    symbol = node.text if node.kind == "letter" and node.text.isalnum() else _symbol(node.text)
    return _FONTS[node.style].format(symbol) if node.style else symbol


def _symbol(token: str) -> str:
    negated = token.removeprefix(r"\not ")
    if negated != token and negated in NEGATED:
        return NEGATED[negated][1]
    if token not in SYMBOLS:
        raise UnfitError(f"{token} has no Typst")
    return SYMBOLS[token][1]


def _command(node: Node) -> str:
    command, arguments = node.text, [_argument(argument) for argument in node.arguments]
    if command in (r"\frac", r"\binom"):
        return f"{command[1:]}({', '.join(arguments)})"
    if command == r"\sqrt":
        return f"root({_row(node.option)}, {arguments[0]})" if node.option else f"sqrt({arguments[0]})"
    if command in _SETS:
        return f"limits({arguments[1]}){_SETS[command]}({arguments[0]})"
    if command in _ARROWS:
        below = f"_({_row(node.option)})" if node.option else ""
        return f"limits(stretch({_ARROWS[command]}, size: #(100% + 1em))){below}^({arguments[0]})"
    if command == r"\boxed":
        return f"#box(stroke: 0.4pt, outset: 3pt, ${arguments[0]}$)"
    if command in _STRUCK:
        return f"cancel({arguments[0]}, {_STRUCK[command]}: #true)"
    if command in _ACCENTS:
        return f"{_ACCENTS[command]}({arguments[0]})"
    raise UnfitError(f"{command} has no Typst")


def _table(node: Node) -> str:
    if node.text == "substack":
        return _lines(node.rows)
    if node.text == "cases":
        return f"cases({', '.join(_cells(row) for row in node.rows)})"
    cells = grid(node)
    if node.text in ("aligned", "gathered"):  # among other things, where Typst has no lines
        rows = [_cells(row) for row in cells.rows]
    else:
        rows = [", ".join(map(_placed, row, cells.places)) for row in cells.rows]
    rules = [f"{name}: ({', '.join(map(str, places))},)" for name, places in
             (("hline", cells.hlines), ("vline", cells.vlines)) if places]  # fmt: skip
    augment = f"augment: #({', '.join(rules)}), " if rules else ""
    matrix = f"mat(delim: {_DELIMITERS.get(node.text, '#none')}, {augment}{'; '.join(rows)})"
    return f"inline({matrix})" if node.text == "smallmatrix" else matrix


def _placed(cell: list[Node], place: str) -> str:
    """A cell at the left, in the center or at the right of its column, by Typst's alignment points."""
    return {"l": "& {}", "c": "{}", "r": "{} &"}[place].format(_row(cell))
