"""The tab with the last readings. The browser alone keeps them: what happens there is in history.js."""

from __future__ import annotations

from html import escape

import gradio as gr

from img2latex.web.uploads import PREAMBLE


def lay_out() -> None:
    """The tab's frame, which history.js fills."""
    saves = "".join(f'<button class="act" data-save="{kind}">.{kind}</button>' for kind in ("tex", "csv", "md"))
    gr.HTML(
        f'<div id="history" data-preamble="{escape(PREAMBLE)}"><div class="tools">'
        '<input type="search" placeholder="Search the LaTeX" aria-label="Search the LaTeX">'
        '<label><input type="checkbox"> starred only</label>'
        f'<span>Save as</span>{saves}<button class="act" data-clear="1">Clear all</button></div>'
        '<p role="status"></p><ol></ol></div>'
    )
