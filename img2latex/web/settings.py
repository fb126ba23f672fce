"""Choices that are remembered: the form to copy, copying each reading, checkpoint, careful mode, theme.

The browser keeps them (`gr.BrowserState`), not the server. Those that the page's scripts use (form, copying, theme) are
in `img2latex.choices` there (signals.js).
"""

from __future__ import annotations

import gradio as gr

STORAGE, SECRET = "img2latex", "no secret: so that the choices outlive a restart of the app"
_TOLD = "(saved, who, careful) => [{...saved, ...img2latex.choices, who, careful}]"
_RESTORED = "saved => { img2latex.restore(saved || {}); return [saved]; }"


def remember(page: gr.Blocks, choice: gr.Radio, careful: gr.Checkbox) -> None:
    """Stores the choices in the browser, and restores them when the page is opened."""
    saved = gr.BrowserState({}, storage_key=STORAGE, secret=SECRET)
    button = gr.Button(visible="hidden", elem_id="remember")  # pressed by the page's scripts
    offered = [value for _, value in choice.choices]

    def restored(stored: object) -> tuple:
        """Updates for checkpoint and mode from what the browser has stored, if it is still on offer."""
        stored = stored if isinstance(stored, dict) else {}
        who = stored.get("who")
        return gr.Radio(value=who) if who in offered else gr.skip(), stored.get("careful") is True

    at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    page.load(restored, saved, [choice, careful], js=_RESTORED, **at_once)
    gr.on([button.click, choice.input, careful.input], None, [saved, choice, careful], saved, js=_TOLD, **at_once)
