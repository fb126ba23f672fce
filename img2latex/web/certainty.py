"""How sure the model was of each token: the bands of certainty, and the doubtful symbols coloured in the formula."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from img2latex.export.symbols import SYMBOLS
from img2latex.latex.spelling import LIMIT_FUNCTIONS, LIMIT_SIGNS
from img2latex.latex.tokens import TOKEN

CERTAINTY = (  # lower bound of a token's probability, CSS class, words of the legend
    (0.9, "sure", "sure (90 % or more)"),
    (0.5, "check", "check it (50 to 90 %)"),
    (0.0, "doubtful", "doubtful (below 50 %)"),
)
COLOURS = {"check": "#b45309", "doubtful": "#b91c1c"}  # in the LaTeX; page.css finds them and sets those of the theme
_NO_SYMBOL = frozenset("{}[]&^_~'\\")
_TAKES_SIGN = re.compile(r"\\(?:left|right|middle|[bB]igg?[lrm]?|not)$")  # which follows without braces
_WORDS = re.compile(r"\\(?:text\w*|operatorname\*?|math[a-z]+|boldsymbol|mbox|tag\*?|begin\{.+\})$")  # before a brace
_HAVE_LIMITS = LIMIT_FUNCTIONS | LIMIT_SIGNS


def band(probability: float, bands: tuple) -> tuple[str, str]:
    """The CSS class and the words for a probability."""
    return next((css, words) for low, css, words in bands if probability >= low)


def marked(latex: str, tokens: Sequence[str], probabilities: Sequence[float]) -> str:
    """The LaTeX with colours around the symbols that are not sure.

    Args:
        latex: for KaTeX, of the formula that the tokens make; words in it keep their colour.
        tokens, probabilities: as the model wrote them.
    """
    written = list(TOKEN.finditer(latex))
    names = [match.group() for match in written]
    certainty = {}
    for here, there, size in SequenceMatcher(None, names, tokens, autojunk=False).get_matching_blocks():
        certainty |= {here + i: band(probabilities[there + i], CERTAINTY)[0] for i in range(size)}
    pieces, end = [], 0
    for place in _symbols(names):
        colour = COLOURS.get(certainty.get(place))
        if colour:
            pieces += [latex[end : written[place].start()], rf"\textcolor{{{colour}}}{{{names[place]}}}"]
            end = written[place].end()
    return "".join([*pieces, latex[end:]])


def _symbols(tokens: Sequence[str]) -> Iterator[int]:
    """Places of tokens that can be coloured alone: symbols, outside words, that nothing before them takes unbraced."""
    depth, words = 0, None  # words: how deep the words lie that are open
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token == "{":
            words = depth if words is None and _WORDS.match(before) else words
            depth += 1
        elif token == "}":
            depth -= 1
            words = None if words == depth else words
        elif words is None and not _TAKES_SIGN.match(before) and _is_symbol(token, following):
            yield place


def _is_symbol(token: str, following: str) -> bool:
    if following in ("_", "^") and (token in _HAVE_LIMITS or "int" in token):
        return False  # a coloured sum would have its limits beside it
    return token in SYMBOLS or len(token) == 1 and token not in _NO_SYMBOL
