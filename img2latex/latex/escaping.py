"""Plain text as LaTeX that prints it."""

from __future__ import annotations

import re

_SIGNS = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}


def escaped(text: str) -> str:
    """The text with the signs that mean something to LaTeX written so that it prints them."""
    return re.sub(r"[\\^~%#&_${}]", lambda found: _SIGNS.get(found[0], "\\" + found[0]), text)
