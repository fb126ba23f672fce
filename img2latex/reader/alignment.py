"""How rows and columns of print are aligned, and which cells are empty, measured in the picture.

The decoder seldom misses a row, but what tells `gathered` from `aligned`, or a column `r` from `c`, are a few pixels,
and of an empty cell there is nothing to look at. The lines around a table are no part of the crop at all, since any
frame is taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from img2latex.latex.tokens import without_number
from img2latex.picture.components import connected, long_lines

INK, BAR = 128, 170  # grey levels; darker is ink, and of a delimiter, whose bars may be thin
SAME, ALIKE = 0.25, 0.06  # letters, by which aligned edges differ at most: of any signs, and of equal ones
CLEAR = 1.15  # times as wide as the widest gap within a row or column are those between them
RULE = 0.5  # of the picture's height or width, at least, is what a line of a table spans ...
DELIMITER = 0.8  # ... and of its height a delimiter of a matrix
SIGN_WIDTH, SIGN_HEIGHT = (0.35, 2.5), 1.5  # letters, of a sign at which rows are aligned
SIGN_PLACE, SIGN_SIZE = 0.1, 0.08  # letters, by which its left edges and its sides differ from row to row at most
SIGN_FLAT, SIGN_LIKE = 0.2, 0.7  # letters: height of a mere bar; correlation of others at least
NUMBER_APART, NUMBER_WIDTH = 1.5, 8.0  # letters: least white between a formula and its number, and that one's width
ALIGNED, GATHERED, MATRIX, ARRAY = LOOSE = [
    rf"\begin{{{name}}}" for name in ("aligned", "gathered", "matrix", "array")
]
DELIMITERS = {"p": ("(", ")"), "b": ("[", "]"), "B": (r"\{", r"\}"), "v": ("|", "|"), "V": (r"\|", r"\|")}
DELIMITED = {rf"\begin{{{letter}matrix}}": pair for letter, pair in DELIMITERS.items()}
RELATIONS = {
    *"=<>",
    *r"""\neq \leq \geq \leqslant \geqslant \ll \gg \approx \equiv \sim \simeq \cong \propto \in \subset \subseteq
    \supset \perp \parallel \to \rightarrow \leftarrow \mapsto \Rightarrow \Leftrightarrow \iff""".split(),
}
HLINE = r"\hline"
Rows = list[list[list[str]]]  # the tokens of each cell


@dataclass(frozen=True)
class Table:
    """A formula that is one environment of rows; a row may lack empty cells at its end."""

    begin: str
    columns: str  # as `array` takes them, of other environments what looks the same
    rows: Rows
    rules: list[list[str]]  # lines above each row and below the last one

    def tokens(self) -> list[str]:
        name, columns, first = self.begin[7:-1], [], []
        if self.begin in (ALIGNED, GATHERED):
            name, first = "gathered" if self.columns == "c" else "aligned", ["&"] if self.columns == "l" else []
        elif self.begin in (MATRIX, ARRAY) and (set(self.columns) != {"c"} or any(self.rules)):
            name, columns = "array", ["{", *self.columns, "}"]
        elif self.begin == ARRAY:
            name = "matrix"
        elif self.begin in DELIMITED and set(self.columns) != {"c"}:
            left, right = DELIMITED[self.begin]
            return [left, *replace(self, begin=ARRAY).tokens(), right]
        lines = [[*rules, *first, *_joined(row)] for rules, row in zip(self.rules, self.rows, strict=False)]
        lines += self.rules[len(self.rows) :] if self.rules[-1] else []
        inside = [token for line in lines for token in (r"\\", *line)][1:]
        return [rf"\begin{{{name}}}", *columns, *inside, rf"\end{{{name}}}"]


def _joined(row: list[list[str]]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return [token for cell in row for token in ("&", *cell)][1:]


def as_seen(tokens: list[str], picture: np.ndarray, letter: float, framed: bool = False) -> list[str]:
    r"""The tokens of a formula, rows and columns as the picture shows them; unchanged where that is not certain.

    Looked at are the matrices of a formula, if nothing else is as high, and what is as a whole `gathered`, `aligned`,
    `matrix` or `array`.

    Args:
        tokens: of a whole formula.
        picture: what the model saw, uint8 H x W, dark ink.
        letter: height of a letter in it, px.
        framed: there was a frame around it, the lines around a table if it is one.
    """
    formula, number = without_number(tokens)
    if number:
        picture = _without_number(picture, letter)
    if DELIMITED.keys() & {*formula}:
        return [*_with_matrices(formula, picture, letter), *number]
    if {*formula[:1]} & {ALIGNED, GATHERED} and (otherwise := _at_sign(formula, picture, letter)):
        return [*otherwise, *number]
    table = _table(formula)
    if table is None or len(table.rows) < 2:
        return tokens
    ink = picture < INK
    seen = _measured(table, ink if table.begin in (ALIGNED, GATHERED) else ink & ~long_lines(ink, RULE), letter)
    if framed and table.begin in (MATRIX, ARRAY) and len(table.rows[0]) > 1:
        rules = [[HLINE], *seen.rules[1:-1], [HLINE]]
        seen = replace(seen, columns=f"|{seen.columns.strip('|')}|", rules=rules)
    return tokens if seen == table else [*seen.tokens(), *number]


def _with_matrices(tokens: list[str], picture: np.ndarray, letter: float) -> list[str]:
    """A formula with each of its matrices as it is seen between its delimiters; unchanged if they are not found."""
    components = connected(picture, BAR)
    high = components[components[:, cv2.CC_STAT_HEIGHT] >= DELIMITER * len(picture)]
    bars = iter(sorted((left, left + width) for left, _, width, _, _ in high.tolist()))
    starts = [i for i, token in enumerate(tokens) if token in DELIMITED]
    ends = [i + 1 for i, token in enumerate(tokens) if token.startswith(r"\end{") and _begun(token) in DELIMITED]
    tables = [_table(tokens[start:end]) for start, end in zip(starts, ends, strict=True)]
    if None in tables or len(high) != sum(2 * len(_bars(table)) for table in tables):
        return tokens
    seen, last = [], 0
    for table, start, end in zip(tables, starts, ends, strict=True):
        (*_, (_, left)), ((right, _), *_) = ([next(bars) for _ in _bars(table)] for _ in "lr")
        table = _measured(table, picture[:, left:right] < INK, letter) if len(table.rows) > 1 else table
        seen += [*tokens[last:start], *table.tokens()]
        last = end
    return [*seen, *tokens[last:]]


def _begun(end: str) -> str:
    return rf"\begin{end[4:]}"


def _bars(table: Table) -> str:
    """A character for each stroke of a delimiter."""
    return DELIMITED[table.begin][0].replace("\\|", "||").replace("\\{", "{")


def _table(tokens: list[str]) -> Table | None:
    begin = tokens[0] if tokens else ""
    if begin not in {*LOOSE, *DELIMITED}:
        return None
    columns, start = "", 1
    if begin == ARRAY:
        start = tokens.index("}") + 1
        columns = "".join(tokens[2 : start - 1])
    parsed = _parsed(tokens[start:-1])
    if parsed is None:
        return None
    rows, rules = parsed
    width = max(map(len, rows), default=0)
    if begin == ALIGNED and all(len(row) == 2 and not row[0] for row in rows):
        columns, rows, width = "l", [row[1:] for row in rows], 1
    columns = columns or {ALIGNED: "r", GATHERED: "c"}.get(begin, "c" * width)
    count = len(columns) - columns.count("|")
    if not rows or width > count or {*columns} - {*"lcr|"}:
        return None
    return Table(begin, columns, [row + [[]] * (count - len(row)) for row in rows], rules)


def _parsed(tokens: list[str]) -> tuple[Rows, list[list[str]]] | None:
    """The rows of what stands in an environment, the lines above each and below the last; None if it ends within."""
    rows: Rows = [[[]]]
    rules: list[list[str]] = [[]]
    for token, depth in _nested(tokens):
        if depth < 0:
            return None
        if depth == 0 and token == r"\\":
            rows.append([[]])
            rules.append([])
        elif depth == 0 and token == "&":
            rows[-1].append([])
        elif depth == 0 and token == HLINE:
            rules[-1].append(token)
        else:
            rows[-1][-1].append(token)
    if any(map(any, rows[-1:])):
        rules.append([])
    else:
        rows.pop()  # only the last line
    return rows, rules


def _nested(tokens: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each token and how deep in braces and environments it is; their ends are as deep as what is around them."""
    depth = 0
    for token in tokens:
        depth += (token == "{" or token.startswith(r"\begin{")) - (token == "}" or token.startswith(r"\end{"))
        yield token, depth


def _measured(table: Table, ink: np.ndarray, letter: float) -> Table:
    """A table with its cells in the columns where there is ink, and these aligned as they are."""
    edges = _edges(ink, len(table.rows), len(table.rows[0]))
    if edges is None:
        return table
    filled = ~np.isnan(edges[..., 0])
    if [sum(map(bool, row)) for row in table.rows] != filled.sum(axis=1).tolist():
        return table
    rows = []
    for row, there in zip(table.rows, filled, strict=True):
        cells = iter([cell for cell in row if cell])
        rows.append([next(cells) if one else [] for one in there])
    parts = zip(edges.transpose(1, 0, 2), zip(*rows, strict=True), strict=True)
    sides = iter(_sides(table.columns.replace("|", ""), [_off(*part, letter) for part in parts]))
    return replace(table, rows=rows, columns="".join(c if c == "|" else next(sides) for c in table.columns))


def _at_sign(tokens: list[str], picture: np.ndarray, letter: float) -> list[str] | None:
    """Rows aligned at a sign within although they are not written so, or the other way round; None if it is as written.

    They are if a sign of one shape stands at one place in all of them, and what they begin and end with does not.
    """
    rows, _ = _parsed(tokens[1:-1]) or ([], [])
    widths, whole = {*map(len, rows)}, [[token for cell in row for token in cell] for row in rows]
    written = widths == {2} and any(row[0] for row in rows)
    cuts = _cuts((picture < INK).any(axis=1), len(rows))
    if len(rows) < 2 or cuts is None or not widths <= {1, 2} or not all(whole):
        return None
    places = [len(row[0]) if written else _first_relation(row) for row in (rows if written else whole)]
    if None in places or len({tuple(row[at : at + 1]) for row, at in zip(whole, places, strict=True)}) != 1:
        return None
    parts = np.split(picture, cuts)
    ends = np.array([np.flatnonzero((part < INK).any(axis=0))[[0, -1]] for part in parts], float)
    off = _off(ends, whole, letter)
    best, second, _ = sorted(off, key=off.__getitem__)
    signs = [_signs(part, letter) for part in parts]
    together = any(all(any(_alike(one, other, letter) for other in row) for row in signs[1:]) for one in signs[0])
    if written and not together and best != "l" and off[best] <= 1 and off[second] > 2:
        return Table(tokens[0], best, [[row] for row in whole], [[]] * (len(rows) + 1)).tokens()
    if not written and together and off[best] > 2:
        cells = [[row[:place], row[place:]] for row, place in zip(whole, places, strict=True)]
        return Table(ALIGNED, "rl", cells, [[]] * (len(rows) + 1)).tokens()
    return None


def _first_relation(row: list[str]) -> int | None:
    return next((i for i, (token, depth) in enumerate(_nested(row)) if depth == 0 and token in RELATIONS), None)


def _signs(picture: np.ndarray, letter: float) -> list[tuple[int, np.ndarray]]:
    """What may be a relation, or a bar of one: its left edge, px, and its picture."""
    return [
        (x, picture[y : y + height, x : x + width])
        for x, y, width, height, _ in connected(picture, INK).tolist()
        if SIGN_WIDTH[0] <= width / letter < SIGN_WIDTH[1] and height < SIGN_HEIGHT * letter
    ]


def _alike(one: tuple[int, np.ndarray], other: tuple[int, np.ndarray], letter: float) -> bool:
    """Whether two signs begin at one place and look the same."""
    (left, sign), (place, another) = one, other
    differences = np.abs(np.subtract(sign.shape, another.shape))
    if abs(left - place) > SIGN_PLACE * letter or differences.max() > SIGN_SIZE * letter:
        return False
    if min(len(sign), len(another)) <= SIGN_FLAT * letter:
        return True
    looks = [cv2.resize(part, (24, 24), interpolation=cv2.INTER_AREA).ravel() for part in (sign, another)]
    return bool(np.corrcoef(looks)[0, 1] > SIGN_LIKE)


def _sides(written: str, off: list[dict[str, float]]) -> str:
    """`l`, `c` or `r` of each column: as it is written unless another is certain, then the same of all if that may be.

    Args:
        off: see `_off`.
    """
    certain = ""
    for side, column in zip(written, off, strict=True):
        best, second, _ = sorted(column, key=column.__getitem__)
        other = column[side] > 2 and column[best] <= 1 and column[second] > 2 * column[best]
        certain += best if other else side
    same = [side for side in "lcr" if all(column[side] <= 1 for column in off)]
    return certain if certain == written or len(same) != 1 else same[0] * len(written)


def _off(edges: np.ndarray, cells: Sequence[list[str]], letter: float) -> dict[str, float]:
    """How far a column is from being aligned at each side; at most 1 is possible, more than 2 is not.

    Args:
        edges: where each cell begins and ends, px, N x 2; NaN if it is empty.
        cells: their tokens.
    """
    left, right = edges[~np.isnan(edges[:, 0])].T if any(cells) else np.zeros((2, 1))
    spread = {"l": np.ptp(left), "c": np.ptp(left + right) / 2, "r": np.ptp(right)}
    ends = {"l": {cell[0] for cell in cells if cell}, "r": {cell[-1] for cell in cells if cell}}
    alike = [side for side, found in ends.items() if len(found) == 1 and len(*found) == 1 and not found & {"{", "}"}]
    return {side: value / letter / (ALIKE if side in alike else SAME) for side, value in spread.items()}


def _edges(ink: np.ndarray, height: int, width: int) -> np.ndarray | None:
    """Where each of height x width cells begins and ends, px, height x width x 2, NaN if it is empty.

    None if rows and columns cannot be told apart for certain.
    """
    cuts = [_cuts(ink.any(axis=1 - axis), count) for axis, count in enumerate((height, width))]
    if None in cuts:
        return None
    found = np.full((height, width, 2), np.nan)
    for row, band in enumerate(np.split(ink, cuts[0])):
        for column, part in enumerate(np.split(band, cuts[1], axis=1)):
            where = np.flatnonzero(part.any(axis=0))
            if len(where):
                found[row, column] = np.array([where[0], where[-1] + 1]) + [0, *cuts[1]][column]
    return found


def _cuts(filled: np.ndarray, count: int) -> list[int] | None:
    """Where a row of pixels falls into so many parts, at its widest gaps; None if others are nearly as wide."""
    gaps = sorted(((b - a - 1, b) for a, b in pairwise(np.flatnonzero(filled)) if b - a > 1), reverse=True)
    if len(gaps) < count - 1 or (1 < count <= len(gaps) and gaps[count - 2][0] < CLEAR * gaps[count - 1][0]):
        return None
    return sorted(int(behind) for _, behind in gaps[: count - 1])


def _without_number(picture: np.ndarray, letter: float) -> np.ndarray:
    """The part of a picture that is no number of an equation, at the right or at the left, behind white."""
    filled = np.flatnonzero((picture < INK).any(axis=0))
    gaps = [(a + 1, b) for a, b in pairwise(filled) if b - a > NUMBER_APART * letter]
    if gaps and filled[-1] - gaps[-1][1] < NUMBER_WIDTH * letter:
        return picture[:, : gaps[-1][0]]
    if gaps and gaps[0][0] - filled[0] < NUMBER_WIDTH * letter:
        return picture[:, gaps[0][1] :]
    return picture
