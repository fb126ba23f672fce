"""The pad to draw a formula on. When a drawing is read, keys, pens and the picture to trace are in pad.js."""

from __future__ import annotations

import gradio as gr

PENS = {"Thin": 2, "Medium": 4, "Thick": 8}  # px of a canvas that is 600 px wide
WIDTH, HEIGHT = 600, 400
TRACING = (
    '<div class="tools" id="tracing"><button class="act" data-trace="choose">Write on a picture</button>'
    '<button class="act" data-trace="" hidden>Take it away</button>'
    "<span hidden>Only what you write is read.</span></div>"
)


def lay_out() -> gr.Sketchpad:
    """The pad, with a choice of pens and of a picture to write on under it."""
    pad = gr.Sketchpad(
        label="Write here", canvas_size=(WIDTH, HEIGHT), height=360, layers=False, transforms=(), buttons=[],
        brush=gr.Brush(default_size=PENS["Medium"], colors=["#000000"], color_mode="fixed"),
        eraser=gr.Eraser(default_size=24), elem_id="pad",
    )  # fmt: skip
    pens = gr.Radio(list(PENS.items()), value=PENS["Medium"], label="Pen", elem_id="pens", elem_classes="one-line")
    gr.HTML(TRACING)
    pens.input(None, pens, None, js="size => img2latex.pen(size)")
    pad.change(None, js="() => img2latex.strokesKept()")
    return pad
