"""Twenty formulas as a hand draws them with a mouse: strokes of letters, set side by side, above and below."""

from __future__ import annotations

import math

Stroke = list[tuple[float, float]]


def _arc(x: float, y: float, across: float, down: float, start: float, end: float) -> Stroke:
    """Part of an ellipse, from one angle to another; degrees, clockwise from the right."""
    steps = [math.radians(start + (end - start) * i / 8) for i in range(9)]
    return [(x + across * math.cos(angle), y + down * math.sin(angle)) for angle in steps]


# Strokes of each letter, in a box 1 high whose foot is at 1, and the letter's width.
LETTERS: dict[str, tuple[float, list[Stroke]]] = {
    "0": (0.6, [_arc(0.3, 0.5, 0.28, 0.48, -80, 290)]),
    "1": (0.35, [[(0.05, 0.28), (0.28, 0.02), (0.27, 0.5), (0.26, 1.0)]]),
    "2": (0.6, [_arc(0.3, 0.27, 0.26, 0.25, 190, 380) + [(0.35, 0.68), (0.02, 0.98), (0.6, 0.96)]]),
    "3": (0.6, [_arc(0.27, 0.26, 0.25, 0.23, 200, 440) + _arc(0.27, 0.73, 0.29, 0.26, -80, 160)]),
    "4": (0.65, [[(0.4, 0.02), (0.03, 0.65), (0.63, 0.63)], [(0.42, 0.4), (0.41, 1.0)]]),
    "5": (0.6, [[(0.15, 0.04), (0.1, 0.44)] + _arc(0.27, 0.68, 0.29, 0.29, 235, 510), [(0.14, 0.04), (0.55, 0.03)]]),
    "6": (0.6, [[(0.45, 0.02), (0.16, 0.35)] + _arc(0.3, 0.7, 0.26, 0.28, 200, 560)]),
    "7": (0.6, [[(0.03, 0.05), (0.58, 0.04), (0.36, 0.5), (0.22, 1.0)]]),
    "8": (0.6, [_arc(0.3, 0.25, 0.22, 0.23, 70, -270) + _arc(0.3, 0.74, 0.27, 0.25, -95, 265)]),
    "9": (0.6, [_arc(0.3, 0.28, 0.26, 0.26, 0, -355) + [(0.54, 0.5), (0.44, 1.0)]]),
    "x": (0.6, [[(0.04, 0.42), (0.56, 0.98)], [(0.55, 0.4), (0.03, 1.0)]]),
    "y": (0.6, [[(0.05, 0.42), (0.28, 0.86)], [(0.56, 0.4), (0.3, 0.95), (0.08, 1.38)]]),
    "a": (0.6, [_arc(0.27, 0.7, 0.25, 0.28, -20, -370) + [(0.52, 0.45), (0.53, 0.9), (0.62, 0.98)]]),
    "b": (0.55, [[(0.08, 0.0), (0.07, 0.95)], _arc(0.27, 0.72, 0.22, 0.26, -155, 160)]),
    "n": (0.6, [[(0.06, 0.45), (0.08, 1.0)], [(0.08, 0.65)] + _arc(0.3, 0.66, 0.2, 0.22, 200, 350) + [(0.52, 1.0)]]),
    "+": (0.7, [[(0.05, 0.56), (0.65, 0.54)], [(0.35, 0.26), (0.34, 0.86)]]),
    "-": (0.6, [[(0.05, 0.56), (0.58, 0.55)]]),
    "=": (0.65, [[(0.05, 0.45), (0.6, 0.44)], [(0.06, 0.68), (0.62, 0.67)]]),
    "<": (0.6, [[(0.55, 0.25), (0.06, 0.56), (0.57, 0.86)]]),
    "(": (0.3, [_arc(0.4, 0.5, 0.36, 0.66, 245, 115)]),
    ")": (0.3, [_arc(-0.1, 0.5, 0.36, 0.66, -65, 65)]),
}
GAP, SMALL = 0.22, 0.6  # between letters; size of an index or exponent


def _row(text: str, x: float, y: float, size: float) -> tuple[float, list[Stroke]]:
    """Letters side by side: where they end, and their strokes; `^` raises and `_` lowers the next letter."""
    strokes: list[Stroke] = []
    shift = 0.0
    for letter in text:
        if letter in "^_":
            shift = -0.35 if letter == "^" else 0.75
            continue
        scale = size * (SMALL if shift else 1)
        width, shape = LETTERS[letter]
        strokes += [[(x + scale * px, y + size * shift + scale * py) for px, py in stroke] for stroke in shape]
        x, shift = x + scale * (width + GAP), 0.0
    return x - GAP * size, strokes


def row(text: str) -> list[Stroke]:
    return _row(text, 0, 0, 1)[1]


def fraction(above: str, below: str) -> list[Stroke]:
    wide = max(_row(part, 0, 0, 1)[0] for part in (above, below))
    upper, lower = (_row(part, (wide - _row(part, 0, 0, 1)[0]) / 2, y, 1)[1] for part, y in ((above, 0), (below, 1.7)))
    return [*upper, [(-0.15, 1.33), (wide + 0.15, 1.31)], *lower]


def root(text: str) -> list[Stroke]:
    end, strokes = _row(text, 0.75, 0, 1)
    return [[(0, 0.6), (0.15, 0.5), (0.38, 1.08), (0.6, -0.2), (end + 0.1, -0.22)], *strokes]


FORMULAS: dict[str, list[Stroke]] = {
    "x+1": row("x+1"),
    "2x=6": row("2x=6"),
    "a-b": row("a-b"),
    "3+4=7": row("3+4=7"),
    "x^{2}": row("x^2"),
    "a_{1}": row("a_1"),
    "y=2x+1": row("y=2x+1"),
    r"\frac{1}{2}": fraction("1", "2"),
    r"\frac{a}{b}": fraction("a", "b"),
    r"\frac{x+1}{2}": fraction("x+1", "2"),
    r"\sqrt{2}": root("2"),
    r"\sqrt{x+1}": root("x+1"),
    "(x+1)": row("(x+1)"),
    "x^{2}+y^{2}": row("x^2+y^2"),
    "25-7=18": row("25-7=18"),
    "a<b": row("a<b"),
    "2^{n}": row("2^n"),
    "30+9=39": row("30+9=39"),
    "8-5": row("8-5"),
    r"\frac{3}{4}+x": [*fraction("3", "4"), *_row("+x", 1.0, 0.8, 1)[1]],
}
