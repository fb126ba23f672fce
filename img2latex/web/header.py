"""The head of the page: what it does, the theme, and the keys."""

from __future__ import annotations

import gradio as gr

KEYS = {  # what keys.js listens to; README.md has the same
    "Ctrl+V": "read the picture in the clipboard, wherever you are on the page",
    "C, or Ctrl+C with nothing selected": "copy the formula in the form last chosen",
    "R": "careful reading on or off",
    "← →": "choose the token before or after",
    "↑ ↓": "take its alternative before or after",
    "U or Ctrl+Z": "undo the choice of an alternative, then the last stroke",
    "Ctrl+Y": "draw the stroke again that was undone",
    "O": "lay crop and formula over each other",
    "?": "show these keys, Esc closes them",
}


def lay_out() -> None:
    rows = "".join(f"<tr><th><kbd>{keys}</kbd></th><td>{act}</td></tr>" for keys, act in KEYS.items())
    themes = "".join(f'<option value="{name.lower()}">{name}</option>' for name in ("Auto", "Light", "Dark"))
    gr.HTML(
        '<header><div><h1>A picture of a formula, as LaTeX</h1>'
        "<p>Upload, paste or draw it: reading starts by itself.</p></div>"
        f'<div class="tools"><label>Theme <select id="theme">{themes}</select></label>'
        '<button class="act" id="show-keys">Keys <kbd>?</kbd></button></div></header>'
        f'<dialog id="keys"><h2>Keys</h2><table>{rows}</table><p>Letters act where you are not typing.</p>'
        '<button class="act">Close</button></dialog>'
    )
