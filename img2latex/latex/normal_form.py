"""LaTeX in and out: `normalize` for labels, `beautify` for people, `to_katex` for display, `problem` for why not."""

from __future__ import annotations

import re
from itertools import accumulate

from img2latex.latex.parsing import LatexError, Reader, write
from img2latex.latex.spelling import NUMBERED, OPTIONAL_THEN_ONE
from img2latex.latex.tokens import tokenize

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
    reader = Reader(latex, lenient)
    tokens = _dots(write(reader.whole()))
    if not ending:
        tokens = _without_ending(tokens)
    number = reader.numbers[0] if len(reader.numbers) == 1 else []  # several belong to lines, and have no place here
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
    """A canonical label without boxes around all of it: where a picture is cropped, such a box is a frame and goes."""
    while label.startswith(r"\boxed { "):
        tokens = label.split()
        depths = accumulate((token == "{") - (token == "}") for token in tokens[1:])
        if next(place for place, depth in enumerate(depths, 1) if depth == 0) < len(tokens) - 1:
            break
        label = " ".join(tokens[2:-1])
    return label


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
        normalize(latex)
    except LatexError as error:
        return str(error)
    return None


# For people ----------------------------------------------------------------------------------------------------------

_TALL = frozenset(
    r"\frac \binom \sum \prod \int \iint \iiint \oint \coprod \bigcup \bigcap \bigoplus \bigotimes \substack"
    r" \underset \overset \underbrace \overbrace".split()
)
_PAIRS = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
_TEXT_WORDS = frozenset(
    """
if for and or otherwise where when with all such that is are as let then else so the of in on to at by from not
some any each every iff since even odd while subject s.t because hence therefore we have has there exists if~and~only~if
""".split()
)
_METALS = frozenset("Al Ag Au Ba Ca Co Cr Cu Fe Hg Mg Mn Ni Pb Sn Sr Zn".split())  # Ca(OH)_2 is no operator
_UNITS = frozenset("kg mg cm mm km mol min hz kpa kj mmol ml dl nm ms kb da ev mev gev db rad".split())


def beautify(latex: str) -> str:
    r"""Idiomatic LaTeX for a person: `\sin`, `\operatorname{Var}`, `\text{if}`, `\left( \right)` around tall content.

    Args:
        latex: anything `normalize` accepts.

    Raises:
        LatexError: (a ValueError) the formula cannot be read.
    """
    return _spell(_idioms(tokenize(normalize(latex))))


def to_katex(latex: str) -> str:
    r"""LaTeX that KaTeX renders: as `beautify`, with the few commands KaTeX lacks replaced.

    Raises:
        LatexError: (a ValueError) the formula cannot be read.
    """
    replaced = [_KATEX.get(token, token) for token in _idioms(tokenize(normalize(latex)))]
    return _spell(replaced)


_KATEX = {
    r"\overparen": r"\overgroup",
    r"\widecheck": r"\check",
    r"\ddddot": r"\dddot",
    r"\overbracket": r"\overline",
    r"\underbracket": r"\underline",
    r"\xlongequal": r"\xlongequal",
    r"\iiiint": r"\iiint",
    r"\nparallel": r"\nparallel",
}


def _idioms(tokens: list[str]) -> list[str]:
    end = next((i for i, token in enumerate(tokens) if token in NUMBERED), len(tokens))
    return _words(_delimiters(_lone_bars(_primes(_columns(tokens[:end]))))) + tokens[end:]


def _columns(tokens: list[str]) -> list[str]:
    r"""`\begin{array}` and the places of its columns become one token: their bars and letters are no formula."""
    out, i = [], 0
    while i < len(tokens):
        end = _closing(tokens, i + 1) + 1 if tokens[i] == r"\begin{array}" else i + 1
        out.append("".join(tokens[i:end]))
        i = end
    return out


def _closing(tokens: list[str], start: int) -> int:
    """Index of the brace that closes the one at `start`."""
    level = 0
    for i in range(start, len(tokens)):
        level += (tokens[i] == "{") - (tokens[i] == "}")
        if level == 0:
            return i
    raise LatexError("a brace is opened and never closed")


def _primes(tokens: list[str]) -> list[str]:
    """`x^{\\prime\\prime}` becomes `x''`."""
    out, i = [], 0
    while i < len(tokens):
        if tokens[i] == "^" and i + 1 < len(tokens) and tokens[i + 1] == "{" and out and out[-1] != "{":
            end = _closing(tokens, i + 1)
            inside = tokens[i + 2 : end]
            if inside and set(inside) == {r"\prime"}:
                out += ["'"] * len(inside)
                i = end + 1
                continue
        out.append(tokens[i])
        i += 1
    return out


def _lone_bars(tokens: list[str]) -> list[str]:
    r"""A bar without a partner in its group is a relation: `P(A \mid B)`, `AB \parallel CD`."""
    tokens = list(tokens)
    groups: list[list[int]] = [[]]
    done: list[list[int]] = []
    for i, token in enumerate(tokens):
        if token == "{" or token in _PAIRS or token.startswith(r"\begin"):
            groups.append([])
        elif (token == "}" or token in _PAIRS.values() or token.startswith(r"\end")) and len(groups) > 1:
            done.append(groups.pop())
        elif token in ("|", r"\|"):
            groups[-1].append(i)
    for group in done + groups:
        for bar, relation in (("|", r"\mid"), (r"\|", r"\parallel")):
            places = [i for i in group if tokens[i] == bar]
            inner = len(places) == 1 and 0 < places[0] < len(tokens) - 1
            if (
                inner
                and tokens[places[0] + 1] not in ("_", "^", "}", ")", r"\rangle")
                and not (places[0] + 1 < len(tokens) and tokens[places[0] - 1] in ("{", "(", "="))
            ):
                tokens[places[0]] = relation
    return tokens


def _delimiters(tokens: list[str]) -> list[str]:
    r"""`\left` and `\right` around what is taller than a line, within one cell of one group."""
    tokens = list(tokens)
    # each open group: the delimiters waiting in it, with whether something tall came since
    groups: list[list[list]] = [[]]
    options: list[int] = []  # where in `groups` the option of a root or an arrow stands: its brackets are no delimiters
    out: list[str] = []

    def mark_tall() -> None:
        for waiting in reversed(groups):
            for entry in reversed(waiting):
                if entry[2]:
                    return  # whatever came before it was marked with it
                entry[2] = True

    lone: list[int] = []
    for i, token in enumerate(tokens):
        if token in _TALL or token.startswith(r"\begin"):
            mark_tall()
        if (
            token == r"\{"
            and i + 1 < len(tokens)
            and tokens[i + 1].startswith((r"\begin{array", r"\begin{aligned", r"\begin{matrix"))
        ):
            lone.append(len(out))
        if token == "[" and i and tokens[i - 1] in OPTIONAL_THEN_ONE:
            groups.append([])
            options.append(len(groups))
        elif token == "]" and options[-1:] == [len(groups)]:
            groups.pop()
            options.pop()
        elif token == "{" or token.startswith(r"\begin"):
            groups.append([])
        elif (token == "}" or token.startswith(r"\end")) and len(groups) > 1:
            groups.pop()
        elif token in ("&", r"\\"):
            groups[-1].clear()
        elif token in _PAIRS:
            groups[-1].append([token, len(out), False])
        elif token in _PAIRS.values():
            for k in range(len(groups[-1]) - 1, -1, -1):
                opening, at, tall = groups[-1][k]
                if _PAIRS[opening] == token:
                    del groups[-1][k:]
                    lone = [x for x in lone if x != at]
                    if tall:
                        out[at] = r"\left" + opening
                        token = r"\right" + token
                    break
        out.append(token)
    for at in reversed(lone):
        end = _table_end(out, at + 1)
        out[at] = r"\left\{"
        out.insert(end + 1, r"\right.")
    return out


def _table_end(tokens: list[str], start: int) -> int:
    level = 0
    for i in range(start, len(tokens)):
        level += tokens[i].startswith(r"\begin") - tokens[i].startswith(r"\end")
        if level == 0:
            return i
    return len(tokens) - 1


def _words(tokens: list[str]) -> list[str]:
    out, i = [], 0
    while i < len(tokens):
        if tokens[i] == r"\mathrm":
            end = _closing(tokens, i + 1)
            out.append(_upright(tokens[i + 2 : end], out, tokens[end + 1 :]))
            i = end + 1
        else:
            out.append(tokens[i])
            i += 1
    return out


def _upright(letters: list[str], before: list[str], after: list[str]) -> str:
    """One token for an upright word: text, an operator's name, or just upright letters."""
    word = "".join(letters)
    a_word = word in _TEXT_WORDS or (word.istitle() and word.lower() in _TEXT_WORDS)
    scripted = bool(after) and after[0] in ("_", "^")  # as in As_2O_3, which is no word
    if "~" in letters or (a_word and not scripted):
        spaced = word.replace("~", " ")
        lead = " " if before and before[-1] not in ("{", "&", r"\\") else ""
        tail = " " if after and after[0] not in ("}", "&", r"\\", "_", "^", ",", ".") else ""
        return rf"\text{{{lead}{spaced}{tail}}}"
    in_script = bool(before) and before[-1] == "{"
    named = len(word) > 1 and word.isalpha() and word.lower() not in _UNITS and word not in _METALS
    if (
        named
        and not in_script
        and after
        and after[0] in ("(", r"\left(", "[", r"\left[", r"\{", r"\left\{")
        and word[1:].islower()
    ):
        return rf"\operatorname{{{word}}}"
    return rf"\mathrm{{{word}}}"


_COMMAND = re.compile(r"(?<!\\)\\[A-Za-z]+$")


def _spell(tokens: list[str]) -> str:
    """Tokens as a person types them: a space only where LaTeX needs one, or around `&` and `\\\\`."""
    out: list[str] = []
    for token in tokens:
        before = out[-1] if out else ""
        if token in ("&", r"\\"):
            out[-1:] = [before.rstrip(" "), f" {token} "]
        elif token.startswith((r"\begin", r"\end")):
            out.append(f"{token} " if before[-1:] in (" ", "{", "(", "[", "") else f" {token} ")
        elif token[:1].isalpha() and _COMMAND.search(before):
            out.append(f" {token}")
        else:
            out.append(token)
    return "".join(out).strip()
