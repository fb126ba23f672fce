"""Looks that handwriting is scored in: val ink as a pad, a pen on paper or a phone would show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from img2latex.data import ink, paper, pen
from img2latex.data.ink import Strokes

LOOKS = ("plain", "felt", "pencil", "ruled", "photo", "pad")
PAD, PAD_PEN = (600, 300), 3.0  # px of the app's canvas, width and height, and of its pen
PAD_MARGIN = 20  # px that people leave free on the pad
PAD_STEPS = 3.0, 14.0  # px between two places of a mouse, at a slow hand and at a quick one


def show(strokes: Sequence[np.ndarray], look: str, rng: np.random.Generator) -> np.ndarray:
    """An ink in one of `LOOKS`: uint8 HxW, ink dark on light paper.

    Raises:
        InkError: see `pen.draw`.
        ValueError: there is no such look.
    """
    if look not in LOOKS:
        raise ValueError(f"there is no look {look}, only {', '.join(LOOKS)}")
    if look == "plain":
        return pen.draw(strokes)
    if look == "pad":
        return on_pad(strokes, rng)
    if look in ("felt", "pencil"):
        return pen.draw(strokes, pen.random_look(rng, look), rng)
    tool = "pencil" if look == "photo" and rng.random() < 0.5 else "ballpoint"
    sheet = ("line", "ruled")[rng.integers(2)] if look == "ruled" else ("blank", "ruled")[rng.integers(2)]
    drawn = pen.random_look(rng, tool)
    picture = paper.on_paper(pen.draw(strokes, drawn, rng), rng, drawn.letter, sheet)
    return paper.photographed(picture, rng, drawn.letter) if look == "photo" else picture


def on_pad(strokes: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The app's canvas with the ink as large as fits, its points whole px apart as a mouse tells them."""
    low, extent = ink.bounds(strokes)
    room = np.array(PAD) - 2 * PAD_MARGIN
    scale = float((room / extent).min())
    step = rng.uniform(*PAD_STEPS)
    told: Strokes = [np.round(ink.resample((stroke - low) * scale, step)) for stroke in strokes]
    picture = pen.draw(told, pen.Look(ink.letter_height(told), PAD_PEN), margin=0)
    height, width = picture.shape
    canvas = np.full(PAD[::-1], 255, np.uint8)
    top, left = (PAD[1] - height) // 2, (PAD[0] - width) // 2
    canvas[top : top + height, left : left + width] = picture
    return canvas
