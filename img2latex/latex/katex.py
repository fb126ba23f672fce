"""What KaTeX can show, by the copy of it that Gradio bundles: its own list of commands, read from its code."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# In KaTeX's minified code commands are strings, one or several with a full stop between; before a colon it is a key, as
# in its table of what dots follow.
_COMMANDS = re.compile(r"""["'`]((?:\\\\[A-Za-z]+\*?\.?)+)["'`](?!:)""")
_SYMBOL = re.compile(r"""\b\w+\((\w+),\w+,\w+,[`"'][^`"']*[`"'],["'`]\\\\([A-Za-z]+)["'`]""")  # mode and name
_TEXT_ONLY = "ae"  # a symbol of text, by which the mode is known whatever it is called in the code
# Accents of text, what takes arguments that `normalize` does not read, and strings of KaTeX's code that are none.
_UNFIT = frozenset(r"""
\H \c \d \i \j \k \l \o \r \t \u \v \x \arraystretch \genfrac \TextOrMath \angl \char \errmessage \message \fcolorbox
\global \long \htmlClass \htmlData \htmlId \htmlStyle \Set \set \providecommand \tmspace \xdef \hdashline \phase
\xleftequilibrium \xrightequilibrium
""".split())
_COLOR = re.compile(r"\\(?:blue|gold|gray|green|maroon|mint|orange|pink|purple|red|teal|kaBlue|kaGreen)[A-I]?")


@cache
def commands() -> frozenset[str]:
    r"""Commands (`\alpha`) that may stand in a formula; empty where Gradio is not installed."""
    spec = find_spec("gradio")
    found = spec and sorted(Path(spec.origin).parent.glob("templates/frontend/assets/katex-*.js"))
    if not found:
        return frozenset()
    code = found[0].read_text(encoding="utf-8")
    symbols = _SYMBOL.findall(code)
    text = {mode for mode, name in symbols if name == _TEXT_ONLY}
    of_text = {name for mode, name in symbols if mode in text} - {name for mode, name in symbols if mode not in text}
    names = {name for several in _COMMANDS.findall(code) for name in re.findall(r"[A-Za-z]+\*?", several)}
    return frozenset("\\" + name for name in names - of_text) - _UNFIT


def unknown(token: str) -> bool:
    """Whether KaTeX refuses a token of a formula that is spelled for it."""
    if token in _UNFIT or token == "#" or _COLOR.fullmatch(token):
        return True
    name = token.rstrip("*")
    return bool(commands()) and name[:1] == "\\" and name[1:].isalpha() and name not in commands()
