"""How the rows and columns of a printed formula are aligned, measured in the picture: at the left, right, or centred.

The decoder seldom misses a row, but what tells `gathered` from `aligned`, or a column `r` from `c`, are a few pixels.
The lines around a table are no part of the crop at all, since any frame is taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from img2latex.latex.spelling import NUMBERED

INK = 128  # grey levels; darker is ink
SAME, ALIKE = 0.25, 0.06  # letters, by which aligned edges differ at most: of any signs, and of equal ones
CLEAR = 1.15  # times as wide as the widest gap within a row or column are those between them
RULE = 0.5  # of the picture's height or width, at least, is what a line of a table spans
NUMBER_APART, NUMBER_WIDTH = 1.5, 8.0  # letters: least white between a formula and its number, and that one's width
ALIGNED, GATHERED, MATRIX, ARRAY = BEGINS = [
    rf"\begin{{{name}}}" for name in ("aligned", "gathered", "matrix", "array")
]
Rows = list[list[list[str]]]  # the tokens of each cell


def as_seen(tokens: list[str], picture: np.ndarray, letter: float) -> list[str]:
    r"""The tokens of a formula, aligned as the picture shows it; unchanged where that is not certain.

    Only what is as a whole `gathered`, `aligned` (but not at signs within), a `matrix` or an `array` is looked at.

    Args:
        tokens: of a whole formula.
        picture: what the model saw, uint8 H x W, dark ink.
        letter: height of a letter in it, px.
    """
    end = next((i for i, token in enumerate(tokens) if token in NUMBERED), len(tokens))
    columns, rows = _table(tokens[:end])
    if len(rows) < 2:
        return tokens
    ink = picture < INK
    if end < len(tokens):
        ink = _without_number(ink, letter)
    if tokens[0] in (MATRIX, ARRAY):
        ink = _without_rules(ink)
    edges = _edges(ink, rows)
    if edges is None:
        return tokens
    parts = zip(edges.transpose(1, 0, 2), zip(*rows, strict=True), strict=True)
    sides = iter(_sides(columns.replace("|", ""), [_off(*part, letter) for part in parts]))
    seen = "".join(c if c == "|" else next(sides) for c in columns)
    return tokens if seen == columns else [*_written(tokens[:end], seen, rows), *tokens[end:]]


def in_frame(tokens: list[str]) -> list[str]:
    """The tokens of a table with lines around it, which a crop loses as it loses any frame; no table stays as it is."""
    columns, rows = _table(tokens)
    if tokens[:1] not in ([MATRIX], [ARRAY]) or min(len(rows), *map(len, rows), 2) < 2:
        return tokens
    inside = _inside(tokens)
    lines = [] if inside[-1] == r"\hline" else [r"\\", r"\hline"]
    first = [] if inside[0] == r"\hline" else [r"\hline"]
    return [ARRAY, "{", "|", *columns.strip("|"), "|", "}", *first, *inside, *lines, r"\end{array}"]


def _table(tokens: list[str]) -> tuple[str, Rows]:
    """The columns of a formula, as `array` takes them, and its rows of as many cells; none if it is more than that."""
    begin = tokens[0] if tokens else ""
    columns = "".join(tokens[2 : tokens.index("}")]) if begin == ARRAY else ""
    rows = _rows(_inside(tokens)) if begin in BEGINS else []
    if begin == ALIGNED and all(len(row) == 2 and not row[0] for row in rows):
        columns, rows = "l", [row[1:] for row in rows]
    width = max(map(len, rows), default=0)
    columns = columns or {ALIGNED: "r", GATHERED: "c", MATRIX: "c" * width}.get(begin, "")
    count = len(columns) - columns.count("|")
    return columns, [row + [[]] * (count - len(row)) for row in rows] if width <= count else []


def _inside(tokens: list[str]) -> list[str]:
    """What stands between the beginning of an environment, with the columns of an array, and its end."""
    return tokens[tokens.index("}") + 1 if tokens[0] == ARRAY else 1 : -1]


def _rows(inside: list[str]) -> Rows:
    rows: Rows = [[[]]]
    depth = 0
    for token in inside:
        depth += (token == "{" or token.startswith(r"\begin{")) - (token == "}" or token.startswith(r"\end{"))
        if depth < 0:
            return []  # something follows the environment
        if depth == 0 and token == r"\\":
            rows.append([[]])
        elif depth == 0 and token == "&":
            rows[-1].append([])
        elif token != r"\hline":
            rows[-1][-1].append(token)
    return rows if any(rows[-1]) else rows[:-1]  # behind the last line


def _written(tokens: list[str], columns: str, rows: Rows) -> list[str]:
    """The formula with other columns."""
    if tokens[0] in (ALIGNED, GATHERED):
        name, first = "gathered" if columns == "c" else "aligned", ["&"] if columns == "l" else []
        inside = [token for (cell,) in rows for token in (r"\\", *first, *cell)][1:]
        return [rf"\begin{{{name}}}", *inside, rf"\end{{{name}}}"]
    inside = _inside(tokens)
    if set(columns) == {"c"} and r"\hline" not in inside:
        return [MATRIX, *inside, r"\end{matrix}"]
    return [ARRAY, "{", *columns, "}", *inside, r"\end{array}"]


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


def _edges(ink: np.ndarray, rows: Rows) -> np.ndarray | None:
    """Where each cell begins and ends, px, rows x columns x 2, NaN if it is empty; None if that cannot be told."""
    cuts = [_cuts(ink.any(axis=1 - axis), count) for axis, count in enumerate((len(rows), len(rows[0])))]
    if None in cuts:
        return None
    found = np.full((len(rows), len(rows[0]), 2), np.nan)
    for row, (cells, band) in enumerate(zip(rows, np.split(ink, cuts[0]), strict=True)):
        for column, (cell, part) in enumerate(zip(cells, np.split(band, cuts[1], axis=1), strict=True)):
            where = np.flatnonzero(part.any(axis=0))
            if bool(cell) != bool(len(where)):
                return None
            if cell:
                found[row, column] = np.array([where[0], where[-1] + 1]) + [0, *cuts[1]][column]
    return found


def _cuts(filled: np.ndarray, count: int) -> list[int] | None:
    """Where a row of pixels falls into so many parts, at its widest gaps; None if others are nearly as wide."""
    gaps = sorted(((b - a - 1, b) for a, b in pairwise(np.flatnonzero(filled)) if b - a > 1), reverse=True)
    if len(gaps) < count - 1 or (1 < count <= len(gaps) and gaps[count - 2][0] < CLEAR * gaps[count - 1][0]):
        return None
    return sorted(int(behind) for _, behind in gaps[: count - 1])


def _without_rules(ink: np.ndarray) -> np.ndarray:
    """A table without its lines."""
    drawn, rules = ink.view(np.uint8), np.zeros_like(ink)
    for size in ((1, max(2, round(RULE * ink.shape[1]))), (max(2, round(RULE * ink.shape[0])), 1)):
        lines = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones(size, np.uint8))
        rules |= cv2.dilate(lines, np.ones((3, 3), np.uint8)).view(bool)
    return ink & ~rules


def _without_number(ink: np.ndarray, letter: float) -> np.ndarray:
    """The part of a picture that is no number of an equation, at the right or at the left, behind white."""
    filled = np.flatnonzero(ink.any(axis=0))
    gaps = [(a + 1, b) for a, b in pairwise(filled) if b - a > NUMBER_APART * letter]
    if gaps and filled[-1] - gaps[-1][1] < NUMBER_WIDTH * letter:
        return ink[:, : gaps[-1][0]]
    if gaps and gaps[0][0] - filled[0] < NUMBER_WIDTH * letter:
        return ink[:, gaps[0][1] :]
    return ink
