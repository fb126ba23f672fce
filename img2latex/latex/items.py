"""Items, the parts of a parsed formula: a nucleus with its scripts each; how they join, and how they are written.

What cannot be told apart in a picture is written the same, since otherwise the model is punished for guessing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from img2latex.latex import spelling as sp
from img2latex.latex.errors import LatexError


@dataclass
class Item:
    """A nucleus with its scripts: `tokens` are written as they are, `style` is the font of a single letter."""

    tokens: list[str]
    style: str | None = None
    sub: list[Item] | None = None
    sup: list[Item] | None = None
    # "", "null" (an invisible delimiter), "empty" (a base that is not there), "group", "flat" or an environment's look
    kind: str = ""
    rows: list[list[list[Item]]] = field(default_factory=list)
    columns: str = ""
    gap: bool = False  # a space behind an upright letter, which is seen if another one follows

    @property
    def bare(self) -> bool:
        return self.sub is None and self.sup is None


EMPTY_BASE = Item([], kind="empty")


def add_space(items: list[Item], style: str | None) -> None:
    """A space is seen between the words of one font, nowhere else."""
    if style not in (None, "it"):
        items.append(Item(["~"], "bf" if style == "bs" else style))


def landed(items: list[Item], inner: list[Item]) -> list[Item]:
    """`x{_i}`: the script of an empty base lands on what stands before the group; returns the rest of the group."""
    if not inner or inner[0].kind != "empty" or (items and not items[-1].bare):
        return inner
    first, *rest = inner
    if items:
        items[-1].sub, items[-1].sup = first.sub, first.sup
    else:
        items.append(first)
    return rest


def chained(cells: list[list[Item]]) -> list[Item]:
    """The items of cells that stand side by side, as if there were no cells."""
    items: list[Item] = []
    for cell in cells:
        items.extend(landed(items, cell))
    return items


def set_as_limit(command: str, limit: list[Item], operator: list[Item]) -> bool:
    r"""`\underset{x}{\lim}` looks as `\lim_{x}` does in a display: gives the operator its limit, if it is one."""
    if not limit or not operator or any(not item.bare for item in operator[:-1]):
        return False
    last, name = operator[-1], "".join(token for item in operator for token in item.tokens)
    takes_limits = name in sp.LIMIT_SIGNS | sp.LIMIT_FUNCTIONS and len(operator) == 1
    takes_lower = takes_limits or (name in sp.LIMIT_WORDS and {item.style for item in operator} == {"rm"})
    if command == r"\underset" and takes_lower and last.sub is None:
        last.sub = limit
    elif command == r"\overset" and name in sp.LIMIT_SIGNS and len(operator) == 1 and last.sup is None:
        last.sup = limit
    else:
        return False
    return True


def add_script(items: list[Item], mark: str, content: list[Item]) -> None:
    if not items or items[-1].kind == "null":
        items.append(Item([], kind="empty"))
    base = items[-1]
    name = "sup" if mark == "^" else "sub"
    if getattr(base, name) is None:
        setattr(base, name, [])
    getattr(base, name).extend(content)


def on_arrow(token: str, label: list[Item], target: list[Item]) -> list[str]:
    r"""`\overset` and `\underset` put labels on an arrow, which look as those of `\xrightarrow[below]{above}`.

    Returns:
        its tokens; none if the target is no arrow, or if it has a label on that side.
    """
    if token not in (r"\overset", r"\underset") or len(target) != 1 or not target[0].bare or not target[0].tokens:
        return []
    arrow, *labels = target[0].tokens
    if arrow in sp.LONG_ARROWS:
        arrow, labels = sp.LONG_ARROWS[arrow], ["{", "}"]
    elif arrow not in sp.LONG_ARROWS.values():
        return []
    if token == r"\underset":
        return [arrow, "[", *write(label), "]", *labels] if labels[0] != "[" else []
    return [arrow, *labels[:-2], *braced(label)] if labels[-2:] == ["{", "}"] else []


def stacked(token: str, above: list[Item], below: list[Item]) -> Item:
    r"""What an infix command such as `\over` makes of what stands before and behind it."""
    command = sp.INFIX[token]
    if command is None:
        raise LatexError(f"{token} is not supported")
    if command == r"\substack":
        return Item([], kind="substack", rows=trim([[above], [below]]))
    return Item([command, *braced(above), *braced(below)])


def trim(rows: list[list[list[Item]]]) -> list[list[list[Item]]]:
    """Drops empty cells at the end of a row and empty rows at the end."""
    for row in rows:
        while len(row) > 1 and not write(row[-1]):
            row.pop()
    while len(rows) > 1 and len(rows[-1]) == 1 and not write(rows[-1][0]):
        rows.pop()
    return rows


def as_table(look: str, rows: list[list[list[Item]]], columns: str) -> Item:
    """Rows of cells as the plainest environment that looks the same."""
    if look in ("eqnarray", "array") and columns.strip("|") in ("", "rcl") and (look == "eqnarray" or columns == "rcl"):
        look, columns = "aligned", ""
        rows = [[row[0], sum(row[1:3], []), *row[3:]] if len(row) > 1 else row for row in rows]
    if look in ("psmall", "bsmall"):
        inner = Item([], kind="smallmatrix", rows=rows)
        marks = "()" if look == "psmall" else "[]"
        return Item(write(join_delimiters([Item([marks[0]]), inner, Item([marks[1]])])))
    if look == "rcases":
        return Item([*write([Item([], kind="array", rows=rows, columns="l" * _width(rows))]), r"\}"])
    if look == "gathered" and _width(rows) > 1:
        look = "aligned"  # its lines have no columns
    if look in ("aligned", "gathered") and len(rows) == 1:
        flat = chained(rows[0])
        return Item(write(flat), kind="flat", rows=[[flat]])
    if look == "array":
        columns = _fit_columns(columns, _width(rows))
        if set(columns) != {"l"}:  # those behind a brace are cases
            columns = _centred_where_unseen(columns, rows)
        ruled = "|" in columns or any(cell and cell[0].tokens == [r"\hline"] for row in rows for cell in row)
        if not ruled and set(columns) <= {"c"}:
            look, columns = "matrix", ""
    return Item([], kind=look, rows=rows, columns=columns)


def _width(rows: list[list[list[Item]]]) -> int:
    return max(len(row) for row in rows)


def _fit_columns(columns: str, width: int) -> str:
    """As many columns as the rows use; more would not be seen."""
    fitted, used = "", 0
    for c in columns:
        if c != "|":
            if used == width:
                break
            used += 1
        fitted += c
    return fitted + "c" * (width - used)


def _centred_where_unseen(columns: str, rows: list[list[list[Item]]]) -> str:
    """`c` for each column whose cells are all as wide: where they stand in it cannot be seen. Digits are as wide."""
    places = iter(range(len(columns)))

    def as_seen(alignment: str) -> str:
        place = next(places)
        cells = (write(row[place]) for row in rows if place < len(row))
        wide = {tuple("0" if token.isdigit() else token for token in cell if token != r"\hline") for cell in cells}
        return "c" if len(wide - {()}) <= 1 else alignment

    return "".join(letter if letter == "|" else as_seen(letter) for letter in columns)


def _is_stack(table: Item) -> bool:
    return [len(row) for row in table.rows] == [1, 1]


def join_delimiters(items: list[Item]) -> list[Item]:
    """A matrix between its delimiters is one thing, and so is a left-aligned array behind a lone brace."""
    joined: list[Item] = []
    for item in items:
        if item.kind == "flat":
            if item.bare:
                joined.extend(landed(joined, item.rows[0][0]))
                continue
            item.kind = ""
        closing = item.tokens[0] if len(item.tokens) == 1 else None
        if len(joined) >= 2 and joined[-1].bare and joined[-2].bare and len(joined[-2].tokens) == 1:
            opening, table = joined[-2].tokens[0], joined[-1]
            if table.kind == "matrix" and (opening, closing) in sp.MATRIX_DELIMITERS:
                joined[-2:] = [
                    Item([], kind=sp.MATRIX_DELIMITERS[opening, closing], rows=table.rows, sub=item.sub, sup=item.sup)
                ]
                continue
            if (opening, closing) == ("(", ")") and table.kind in ("substack", "smallmatrix") and _is_stack(table):
                (above,), (below,) = table.rows
                joined[-2:] = [Item([r"\binom", *braced(above), *braced(below)], sub=item.sub, sup=item.sup)]
                continue
            if table.kind == "array" and item.kind == "null" and opening == r"\{" and set(table.columns) == {"l"}:
                joined[-2:] = [Item([], kind="cases", rows=table.rows, sub=item.sub, sup=item.sup)]
                continue
        joined.append(item)
    return joined


# Writing -------------------------------------------------------------------------------------------------------------


def braced(items: list[Item]) -> list[str]:
    return ["{", *write(items), "}"]


def _nucleus(item: Item) -> list[str]:
    if not item.rows or item.kind in ("", "flat", "group"):
        return item.tokens
    rows = []
    for number, row in enumerate(item.rows):
        if number:
            rows.append(r"\\")
        for column, cell in enumerate(row):
            if column:
                rows.append("&")
            rows += write(cell)
    if item.kind == "substack":
        return [r"\substack", "{", *rows, "}"]
    columns = ["{", *item.columns, "}"] if item.kind == "array" else []
    return [rf"\begin{{{item.kind}}}", *columns, *rows, rf"\end{{{item.kind}}}"]


def write(items: list[Item]) -> list[str]:
    """Canonical tokens of a list: letters of one style joined, `_` before `^`, everything braced."""
    tokens: list[str] = []
    run: list[Item] = []
    scripted = -1  # where the last script ended

    def close_run() -> None:
        tokens.extend(_write_run(run))
        run.clear()

    for item in items:
        if item.kind == "null" and item.bare:
            continue
        space = item.tokens == ["~"] and item.bare  # has no font
        if run and run[0].style != item.style and not space:
            close_run()
        if item.style:
            run.append(item)
        else:
            tokens.extend(_nucleus(item))
        if not item.bare:
            close_run()
            if len(tokens) == scripted:  # a base that cannot be seen still parts its scripts from those before
                tokens += ["{", "}"]
            for mark, script in (("_", item.sub), ("^", item.sup)):
                if script is not None:
                    tokens += [mark, *braced(script)]
            scripted = len(tokens)
    close_run()
    return tokens


def _write_run(run: list[Item]) -> list[str]:
    """Letters of one style; words with a gap between them are one group, but for functions that LaTeX has a name of."""
    words: list[list[str]] = [[]]
    for item in run:
        words[-1] += item.tokens
        if item.gap:
            words.append([])
    parts: list[list[str]] = [[]]
    for word in words:
        if "".join(word) in sp.FUNCTION_WORDS:
            parts += [word, []]
        elif word:
            parts[-1] += ["~", *word]
    return [token for letters in parts for token in _write_letters(letters, run[0].style if run else None)]


def _write_letters(letters: list[str], style: str | None) -> list[str]:
    while letters and letters[-1] == "~":
        letters.pop()
    while letters and letters[0] == "~":
        letters.pop(0)
    letters = [t for i, t in enumerate(letters) if t != "~" or letters[i - 1] != "~"]
    if not letters:
        return []
    if style == "rm" and "".join(letters) in sp.FUNCTION_WORDS:
        return [sp.FUNCTION_WORDS["".join(letters)]]
    return [sp.STYLE_COMMAND[style], "{", *letters, "}"]
