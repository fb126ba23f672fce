"""The page's own scripts and styles, which lie beside this module."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
STYLES = HERE / "page.css"
# In this order: each uses functions of those before it.
SCRIPTS = ("signals.js", "check_view.js", "pictures_in.js", "pad.js", "copying.js", "history.js", "keys.js")


def text(name: str) -> str:
    """The text of a script, for `js_on_load` of an HTML component."""
    return (HERE / name).read_text(encoding="utf-8")


def scripts() -> str:
    """HTML: the scripts that the page as a whole needs."""
    return "".join(f"<script>{text(name)}</script>" for name in SCRIPTS)
