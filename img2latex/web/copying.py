"""The forms in which a formula is copied, and the bar with the copy button; its script is copying.js."""

from __future__ import annotations

import json
from html import escape

from img2latex.export import markup

FORMS = ("LaTeX", "$…$", "$$…$$", r"\[…\]", "equation", "MathML", "Typst", "Word")


def forms(latex: str) -> dict[str, str]:
    """The formula in those of `FORMS` that can express it; Word takes the MathML when it is pasted as text."""
    found = markup(latex)
    display = found.get("$$…$$", "")[2:-2]
    if display:
        found[r"\[…\]"] = rf"\[{display}\]"
        found["equation"] = f"\\begin{{equation}}\n{display}\n\\end{{equation}}"
    if "MathML" in found:
        found["Word"] = found["MathML"]
    return found


def bar(texts: dict[str, str], number: str) -> str:
    """HTML: a button that copies the formula, the choice of its form, and whether each reading is copied at once.

    Args:
        texts: the formula in each form.
        number: of the reading that it comes from, by which the page recognizes a new one.
    """
    if not texts:
        return ""
    names = "".join(f"<option>{escape(name)}</option>" for name in FORMS)
    return (
        f'<div class="copying" data-forms="{escape(json.dumps(texts))}" data-of="{number}">'
        f'<button class="act main">Copy <kbd>C</kbd></button><label>as <select>{names}</select></label>'
        '<label><input type="checkbox"> after each reading</label><span role="status"></span></div>'
    )
