"""Draws the example pictures of the app: printed ones by LaTeX, the handwritten one from the strokes below.

    python -m examples.make
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from img2latex.data.ink import smooth
from img2latex.data.render import Look, render

HERE = Path(__file__).parent
MARGIN = 24  # pixels around the ink

PRINTED = {
    "1-printed": r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}",
    "2-dark": r"\int_{0}^{\infty}e^{-x^{2}}dx=\frac{\sqrt{\pi}}{2}",
    "4-biology": r"6\mathrm{CO}_{2}+6\mathrm{H}_{2}\mathrm{O}\rightarrow"
    r"\mathrm{C}_{6}\mathrm{H}_{12}\mathrm{O}_{6}+6\mathrm{O}_{2}",
}

# Each symbol is a list of strokes, each stroke its turning points in a box of height 10; y grows downwards.
X = [[(0, 3.5), (1, 3), (2, 4), (4, 9), (5, 10), (6, 9.3)], [(5.8, 3.2), (4, 5.5), (2, 8.2), (0, 10)]]
Y = [[(0, 3), (0.4, 5.5), (1.8, 7), (3.4, 6.5), (4.6, 3.2)], [(4.8, 3), (4.5, 8), (3.2, 12.5), (1, 13), (0.4, 11.4)]]
TWO = [[(0, 2), (1, 0.2), (3.4, 0), (4.4, 2.2), (2.8, 5.6), (0, 9.6), (2.2, 9.3), (5.2, 9.8)]]
ONE = [[(0, 2.6), (2.2, 0), (2.5, 4), (2.4, 10)]]
PLUS = [[(3, 3), (3.1, 6), (3, 9.3)], [(0, 6.3), (3, 6), (6.2, 6.1)]]
EQUALS = [[(0, 5), (3, 4.8), (6, 4.9)], [(0.2, 7.8), (3, 7.5), (6.3, 7.7)]]

# x^2 + y^2 = 1: symbol, its left edge, its top, its size
WRITTEN = [
    (X, 0, 0, 1), (TWO, 7, -3, 0.5), (PLUS, 12.5, 0.3, 1), (Y, 21.5, 0, 1), (TWO, 27.4, -2.6, 0.5),
    (EQUALS, 33, 0.2, 1), (ONE, 42.5, 0, 1),
]


def handwriting(scale: float = 8.0, width: int = 4, drawn_at: int = 4) -> Image.Image:
    """Black strokes on white, drawn large and scaled down so that their edges are soft."""
    strokes = [
        smooth(np.array(stroke, float) * size + (left, top), rounds=3)
        for symbol, left, top, size in WRITTEN for stroke in symbol
    ]
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    zoom = scale * drawn_at
    paper = Image.new("L", tuple(int(side) for side in (high - low) * zoom + 2 * MARGIN * drawn_at), 255)
    pen = ImageDraw.Draw(paper)
    radius = width * drawn_at / 2
    for stroke in strokes:
        line = [tuple(point) for point in (stroke - low) * zoom + MARGIN * drawn_at]
        pen.line(line, fill=20, width=width * drawn_at, joint="curve")
        for x, y in (line[0], line[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=20)
    return paper.resize((paper.width // drawn_at, paper.height // drawn_at), Image.Resampling.LANCZOS)


def main() -> None:
    """Writes the pictures next to this file, 16 greys each to keep them small."""
    pictures = render(list(PRINTED.values()), Look(size=12, dpi=220))
    named = {name: ImageOps.expand(Image.fromarray(p), MARGIN, 255) for name, p in zip(PRINTED, pictures, strict=True)}
    named["2-dark"] = named["2-dark"].point(lambda grey: 228 - grey * 200 // 255)  # light ink on a dark page
    named["3-handwritten"] = handwriting()
    for name, picture in named.items():
        picture.quantize(16).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
