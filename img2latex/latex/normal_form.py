"""LaTeX in and out: `normalize` for labels, `beautify` for people, `to_katex` for display, `problem` for why not."""

from __future__ import annotations

from itertools import accumulate

from img2latex.latex import katex
from img2latex.latex.errors import LatexError
from img2latex.latex.idioms import idiomatic, spelled
from img2latex.latex.items import write
from img2latex.latex.parsing import Parser
from img2latex.latex.tokens import split_label, tokenize

_TAIL = {r"\end{aligned}", r"\end{gathered}"}


def _dots(tokens: list[str]) -> list[str]:
    out: list[str] = []
    for token in tokens:
        out.append(token)
        if out[-3:] == [".", ".", "."]:
            out[-3:] = [r"\ldots"]
    return out


def _strip_tail(tokens: list[str]) -> list[str]:
    """Drops punctuation that belongs to the sentence around the formula."""
    end = len(tokens)
    while end and tokens[end - 1] in _TAIL:
        end -= 1
    start = end
    while start > 1 and tokens[start - 1] in {",", ".", ";"}:
        start -= 1
    return tokens[:start] + tokens[end:]


def _canonical(latex: str, lenient: bool = False, ending: bool = False) -> list[str]:
    parser = Parser(latex, lenient)
    tokens = _dots(write(parser.whole()))
    if not ending:
        tokens = _without_ending(tokens)
    number = parser.numbers[0] if len(parser.numbers) == 1 else []  # several belong to lines, and have no place here
    return tokens and tokens + number


def _without_ending(tokens: list[str]) -> list[str]:
    stripped = _strip_tail(tokens)
    if len(stripped) < len(tokens) and stripped[-1:] and stripped[-1] in _TAIL and stripped[-2] in ("&", r"\\"):
        return _canonical(" ".join(stripped))  # the punctuation was all that stood in the last cell
    return stripped


def normalize(latex: str, ending: bool = False) -> str:
    """The canonical spelling of a formula: tokens separated by single spaces.

    Args:
        latex: author LaTeX, with or without `$`, `\\[`, or an environment around it.
        ending: keep a comma or full stop at the end, which belongs to the sentence around the formula. A model learns
            to write what it sees, and `repair` takes it away.

    Raises:
        LatexError: (a ValueError) unbalanced, empty, or with something that is not part of a formula.
    """
    tokens = _canonical(latex, ending=ending)
    if not tokens:
        raise LatexError("the formula is empty")
    return " ".join(tokens)


def unframed(label: str) -> str:
    """A canonical label without boxes around all of it: where a picture is cropped, such a box is a frame and goes.

    A box around nothing stays, as does one that is never closed.
    """
    tokens = split_label(label)
    while tokens[:1] == [r"\boxed"] and len(tokens) > 3:
        depths = accumulate((token == "{") - (token == "}") for token in tokens[1:])
        if next((place for place, depth in enumerate(depths, 1) if depth == 0), 0) != len(tokens) - 1:
            break
        tokens = tokens[2:-1]
    return " ".join(tokens)


def unnumbered(latex: str) -> str:
    r"""A label, or what a person gets, without the equation's number (`\tag{1}`), which stands at its end."""
    return latex.partition(r"\tag")[0].rstrip()


def repair(tokens: list[str]) -> list[str]:
    """Predicted tokens made to parse: what is open is closed, what closes nothing is dropped.

    Returns:
        canonical tokens; empty if nothing is left of the formula.
    """
    tokens = list(tokens)
    while tokens:
        try:
            return _canonical(" ".join(tokens), lenient=True)
        except LatexError:
            tokens.pop()
    return []


def problem(latex: str) -> str | None:
    """Why the LaTeX cannot be rendered, in one sentence; None if it can."""
    try:
        tokens = tokenize(to_katex(latex))
    except LatexError as error:
        return str(error)
    refused = next(filter(katex.unknown, tokens), None)
    return refused and f"{refused} is nothing that KaTeX can show"


# For people ----------------------------------------------------------------------------------------------------------

def beautify(latex: str) -> str:
    r"""Idiomatic LaTeX for a person: `\sin`, `\operatorname{Var}`, `\text{if}`, `\left( \right)` around tall content.

    Args:
        latex: anything `normalize` accepts.

    Raises:
        LatexError: (a ValueError) the formula cannot be read.
    """
    return spelled(idiomatic(tokenize(normalize(latex))))


def to_katex(latex: str) -> str:
    r"""LaTeX that KaTeX renders: as `beautify`, with the few commands KaTeX lacks replaced.

    Raises:
        LatexError: (a ValueError) the formula cannot be read.
    """
    return spelled([_KATEX.get(token, token) for token in idiomatic(tokenize(normalize(latex)))])


_KATEX = {
    r"\overparen": r"\overgroup",
    r"\iiiint": r"\mathop{\int\!\!\!\iiint}\nolimits",
}
