"""A formula as a tree of nodes, which is what the writers of other formats walk over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from img2latex.latex import beautify
from img2latex.latex.items import Item
from img2latex.latex.parsing import Parser
from img2latex.latex.spelling import FUNCTIONS, ONE_ARGUMENT, OPTIONAL_THEN_ONE, TWO_ARGUMENTS

_COMMANDS = ONE_ARGUMENT | TWO_ARGUMENTS | OPTIONAL_THEN_ONE
_PAIRS = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
_WORD_STYLES = ("rm", "sf", "tt")


class UnfitError(ValueError):
    """The formula has something that a format has no right spelling for."""


@dataclass
class Node:
    """One thing of a formula, with its scripts."""

    # symbol (a token), number, letter (a token in a style), word (several letters in a style), function (`\\sin`),
    # command (with arguments), fence (a pair of delimiters around arguments[0]), group (arguments[0], seen as one),
    # table (of which text tells the look), empty (a base that is not there)
    kind: str
    text: str = ""
    style: str | None = None
    arguments: list[list[Node]] = field(default_factory=list)
    option: list[Node] | None = None  # what stands in the brackets of `\\sqrt[3]{x}`
    rows: list[list[list[Node]]] = field(default_factory=list)
    columns: str = ""
    sub: list[Node] | None = None
    sup: list[Node] | None = None

    @property
    def bare(self) -> bool:
        return self.sub is None and self.sup is None


def tree(latex: str) -> list[Node]:
    """The nodes of a formula from left to right.

    Raises:
        LatexError: the formula cannot be read.
    """
    return _nodes(Parser(beautify(latex)).whole())  # beautiful, since it has the spaces around words


@dataclass
class Grid:
    """A table apart from its rules."""

    rows: list[list[list[Node]]]  # all of the same length
    places: str  # l, c or r for each column
    hlines: list[int]  # how many rows are above each rule, from 0 to len(rows)
    vlines: list[int]  # how many columns are left of each rule


def grid(table: Node) -> Grid:
    """The cells of a table, where they stand in their columns, and the rules between them."""
    rows, hlines = [], []
    for row in table.rows:
        cells = list(row)
        if _is_rule(cells[0]):
            hlines.append(len(rows))
        while _is_rule(cells[0]):
            cells[0] = cells[0][1:]
        rows.append(cells)
    if hlines and hlines[-1] == len(rows) - 1 and not any(rows[-1]):
        rows.pop()  # it held the last rule only
    width = max(map(len, rows))
    places = {"aligned": "rl" * width, "cases": "l" * width}.get(table.text, table.columns or "c" * width)
    vlines = [len(places[:i].replace("|", "")) for i, place in enumerate(places) if place == "|"]
    padded = [row + [[]] * (width - len(row)) for row in rows]
    return Grid(padded, places.replace("|", "")[:width], hlines, sorted(set(vlines)))


def _is_rule(cell: list[Node]) -> bool:
    return bool(cell) and cell[0].text == r"\hline"


def _nodes(items: list[Item]) -> list[Node]:
    nodes: list[Node] = []
    for style, run in groupby(_split(items), key=lambda part: part[0]):
        parts = [item for _, item in run]
        nodes += _words(parts, style) if style else [_node(item) for item in parts]
    if nodes and nodes[0].kind == "word":
        nodes[0].text = nodes[0].text.lstrip()
    if nodes and nodes[-1].kind == "word":
        nodes[-1].text = nodes[-1].text.rstrip()
    return _fenced(_numbers(nodes))


def _split(items: list[Item]) -> Iterator[tuple[str | None, Item]]:
    """Each item with the style of the word that it belongs to; a space has the style of its word."""
    for item in items:
        if item.kind != "null":
            yield (item.style if item.style in _WORD_STYLES else None), item


def _words(items: list[Item], style: str) -> Iterator[Node]:
    letters = ""
    for i, item in enumerate(items):
        letters += "".join(item.tokens).replace("~", " ") + " " * (item.gap and item.bare and i + 1 < len(items))
        if not item.bare:
            yield Node("word", letters, style, **_scripts(item))
            letters = ""
    if letters.strip():
        yield Node("word", letters, style)


def _node(item: Item) -> Node:
    scripts = _scripts(item)
    if item.kind == "empty":
        return Node("empty", **scripts)
    if item.kind == "group":
        return Node("group", arguments=[_nodes(item.rows[0][0])], **scripts)
    if item.kind and item.rows:
        rows = [[_nodes(cell) for cell in row] for row in item.rows]
        return Node("table", item.kind, rows=rows, columns=item.columns, **scripts)
    token = item.tokens[0]
    if token in _COMMANDS:
        option, arguments = _arguments(item.tokens)
        return Node("command", token, arguments=arguments, option=option, **scripts)
    if len(item.tokens) == 1:
        kind = "function" if token in FUNCTIONS else "letter" if item.style or token.isalpha() else "symbol"
        return Node(kind, token, item.style, **scripts)
    if token == r"\not":
        return Node("symbol", " ".join(item.tokens), **scripts)
    return Node("group", arguments=[_read(item.tokens)], **scripts)


def _scripts(item: Item) -> dict[str, list[Node] | None]:
    return {name: None if part is None else _nodes(part) for name, part in (("sub", item.sub), ("sup", item.sup))}


def _read(tokens: list[str]) -> list[Node]:
    return _nodes(Parser(" ".join(tokens)).whole())


def _arguments(tokens: list[str]) -> tuple[list[Node] | None, list[list[Node]]]:
    r"""The option and the arguments of a command that is written `\command [..] {..} {..}`."""
    option, arguments, start, level = None, [], 1, 0
    for i, token in enumerate(tokens[1:], 1):
        if level == 0 and token in "[{":
            start = i
        closes = token == "}" or (token == "]" and level == 1 and tokens[start] == "[")  # not the one of (0,1]
        level += (token == "{" or (token == "[" and level == 0)) - closes
        if level == 0:
            content = _read(tokens[start + 1 : i])
            if tokens[start] == "[":
                option = content
            else:
                arguments.append(content)
    return option, arguments


def _numbers(nodes: list[Node]) -> list[Node]:
    """Digits that stand together become one number, `12.5` too."""
    out: list[Node] = []
    for i, node in enumerate(nodes):
        if node.kind != "symbol" or not (node.text.isdigit() or node.text == "."):
            out.append(node)
            continue
        joins = bool(out) and out[-1].kind == "number" and out[-1].bare
        followed = i + 1 < len(nodes) and nodes[i + 1].text.isdigit()
        if node.text == "." and not (joins and followed and node.bare and "." not in out[-1].text):
            out.append(node)
        elif joins:
            out[-1] = Node("number", out[-1].text + node.text, sub=node.sub, sup=node.sup)
        else:
            out.append(Node("number", node.text, sub=node.sub, sup=node.sup))
    return out


def _fenced(nodes: list[Node]) -> list[Node]:
    """Delimiters that pair become one node with what is between them; others stay symbols, as in `[0,1)`."""
    out: list[Node] = []
    waiting: list[int] = []  # places in `out` of delimiters that are open
    for node in nodes:
        out.append(node)
        if node.kind != "symbol":
            continue
        if node.text in _PAIRS:
            waiting.append(len(out) - 1)
        elif node.text in _PAIRS.values():
            at = waiting.pop() if waiting else -1
            if at < 0 or _PAIRS[out[at].text] != node.text or not out[at].bare:
                waiting.clear()
                continue
            _enclose(out, at, len(out) - 1)
    for at in reversed(waiting):
        if out[at].text == r"\{" and len(out) == at + 2 and out[-1].kind == "table":
            out[at:] = [Node("fence", r"\{ .", arguments=[[out[-1]]])]  # a brace before lines
    _enclose_bars(out)  # last, since it moves the places of delimiters
    return out


def _enclose_bars(nodes: list[Node]) -> None:
    """Two bars in a list are an absolute value or a norm; one is a condition, and more could pair in several ways."""
    for bar in ("|", r"\|"):
        places = [i for i, node in enumerate(nodes) if node.text == bar]
        if len(places) == 2 and nodes[places[0]].bare and places[1] > places[0] + 1:
            _enclose(nodes, *places)


def _enclose(nodes: list[Node], left: int, right: int) -> None:
    last = nodes[right]
    pair = f"{nodes[left].text} {last.text}"
    nodes[left : right + 1] = [Node("fence", pair, arguments=[nodes[left + 1 : right]], sub=last.sub, sup=last.sup)]
