"""Handwritten sheets: lines of ink, one or two to a row, on blank, ruled or squared paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from img2latex.data import ink, pen
from img2latex.data.augment import multiply
from img2latex.data.handwriting import Handwriting


def pages(folder: Path, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, list]]:
    """Endless sheets: a picture (0 ink) and its formulas, (box, kind, LaTeX) each.

    Args:
        folder: that data.handwriting has packed.
    """
    sources = [Handwriting(folder, mode) for mode in ("written", "exchanged", "composed")]
    while True:
        yield sheet(sources[rng.integers(len(sources))], rng)


def sheet(source: Handwriting, rng: np.random.Generator) -> tuple[np.ndarray, list]:
    """One sheet, written with one pen."""
    height, width = int(rng.integers(700, 1400)), int(rng.integers(700, 1100))
    look = pen.random_look(rng)
    gap = float(rng.uniform(38, 70))  # between lines, px
    picture = np.full((height, width), 255, np.uint8)
    found, top = [], gap
    while top < height - 2 * gap:
        left, lowest = rng.uniform(0.03, 0.25) * width, top + gap
        for _ in range(int(rng.choice([1, 1, 2]))):
            label, strokes = source.written(int(rng.integers(len(source.labels))), rng)
            drawn = pen.draw(ink.vary(strokes, rng), look, rng)
            drawn = _shrunk(drawn, rng.uniform(0.35, 0.6) * gap / look.letter)
            x, y = int(left), int(top + rng.uniform(0, 0.2) * gap)
            if x + drawn.shape[1] > width - 10 or y + drawn.shape[0] > height - 10:
                break
            part = picture[y : y + drawn.shape[0], x : x + drawn.shape[1]]
            np.minimum(part, drawn, out=part)
            faintest = 255 - 0.4 * (255 - int(drawn.min()))  # a pencil's strokes are all pale
            a, b, w, h = cv2.boundingRect((drawn < faintest).view(np.uint8))
            if w and h:
                found.append(((x + a, y + b, x + a + w, y + b + h), "displayed", label))
            left, lowest = x + drawn.shape[1] + rng.uniform(1.2, 4) * gap, max(lowest, y + drawn.shape[0])
        top = lowest + rng.uniform(0.4, 1.2) * gap
    return multiply(picture, _paper(picture.shape, gap, rng)), found


def _shrunk(drawn: np.ndarray, factor: float) -> np.ndarray:
    size = (max(1, round(drawn.shape[1] * factor)), max(1, round(drawn.shape[0] * factor)))
    return cv2.resize(drawn, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)


def _paper(shape: tuple[int, int], gap: float, rng: np.random.Generator) -> np.ndarray:
    paper = np.full(shape, 255, np.uint8)
    kind = str(rng.choice(["blank", "ruled", "ruled", "squared"]))
    step = gap if kind == "ruled" else gap * rng.uniform(0.35, 0.6)
    tone, slope = float(rng.uniform(120, 230)), rng.normal(0, 3)
    if kind != "blank":
        for y in np.arange(rng.uniform(0, step), shape[0], step):
            cv2.line(paper, (0, round(y)), (shape[1], round(y + slope)), tone, 1, cv2.LINE_AA)
    if kind == "squared":
        for x in np.arange(rng.uniform(0, step), shape[1], step):
            cv2.line(paper, (round(x), 0), (round(x), shape[0]), tone, 1, cv2.LINE_AA)
    return paper
