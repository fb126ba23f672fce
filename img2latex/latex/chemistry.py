r"""`\ce{..}` of the mhchem package, written out: KaTeX and plain LaTeX do not know it.

Source: the manual of mhchem 4. What it does not describe, and what has no spelling in plain LaTeX, is refused.
"""

from __future__ import annotations

import re

from img2latex.latex.errors import MAX_DEPTH, LatexError

_ARROWS = {"->": r"\rightarrow", "<-": r"\leftarrow", "<->": r"\leftrightarrow", "<=>": r"\rightleftharpoons",
           "<=>>": r"\rightleftharpoons", "<<=>": r"\rightleftharpoons", "<-->": r"\rightleftarrows"}  # fmt: skip
_LABELLED = {mark: arrow.replace("\\", r"\x") for mark, arrow in _ARROWS.items()}
_BONDS = {"-": "-", "1": "-", "=": "=", "2": "=", "#": r"\equiv ", "3": r"\equiv ", "...": r"\cdots ",
          "->": r"\rightarrow ", "<-": r"\leftarrow "}  # fmt: skip
_ALONE = {"+": "+", "-": "-", "=": "=", "v": r"\downarrow", "^": r"\uparrow", "(v)": r"\downarrow",
          "(^)": r"\uparrow", "*": r"\cdot", ".": r"\cdot"}  # fmt: skip
_IN_SCRIPTS = {".": r"\bullet", "'": r"\prime"}  # an unpaired electron, a charge of Kröger and Vink
_ARROW = re.compile(r"<?<?[-=]+>?>?")
_AMOUNT = re.compile(r"(\d+)/(\d+)|\d*\.?\d+|\d+")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
_STATE = re.compile(r"\((?:aq|s|l|g|cr|am|vit|ads|sol)[,)]")
# What may follow `^` and `_` without braces.
_SUPERSCRIPT = re.compile(r"\d*[a-z]?(?:\+|-(?![A-Za-z]))(?!\d)|-?\d+|[.']+[+-]?|[a-z](?![A-Za-z])|[IVX]+")
_SUBSCRIPT = re.compile(r"-?\d+|[A-Za-z](?![a-z])")


def expand(formula: str) -> str:
    r"""`H2SO4 -> 2H+ + SO4^2-` becomes upright letters with scripts.

    Args:
        formula: the argument of `\ce`, without braces around it.

    Returns:
        LaTeX without the `\ce`.

    Raises:
        LatexError: something in it is not known.
    """
    return _Chemistry(formula).whole()


class _Chemistry:
    """A formula that is read from left to right."""

    def __init__(self, formula: str, depth: int = 0):
        if depth > MAX_DEPTH:
            raise LatexError("the formula is nested too deeply")
        self.text = " ".join(formula.split())
        self.depth = depth
        self.at = 0
        self.out: list[str] = []
        self.scripts: set[str] | None = None  # those that the last atom or bracket has; None where a word begins

    def whole(self) -> str:
        while self.at < len(self.text):
            self._one()
        return " ".join(self.out)

    def _rest(self, length: int | None = None) -> str:
        return self.text[self.at : None if length is None else self.at + length]

    def _match(self, pattern: re.Pattern) -> re.Match | None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def _refuse(self, what: str) -> LatexError:
        return LatexError(rf"{what} in \ce is not known")

    def _inner(self, formula: str) -> str:
        return _Chemistry(formula, self.depth + 1).whole()

    def _group(self, opening: str, closing: str) -> str:
        """What stands between two brackets that begin here; braces in it are passed over whole."""
        start, level = self.at + 1, 0
        for i in range(self.at, len(self.text)):
            level += (self.text[i] in "{" + opening) - (self.text[i] in "}" + closing)
            if level == 0:
                self.at = i + 1
                return self.text[start:i]
        raise LatexError(r"a bracket in \ce is opened and never closed")

    def _atom(self, *written: str) -> None:
        self.out += written
        self.scripts = set()

    # one thing

    def _one(self) -> None:
        if self._rest(1) == " ":
            self.at += 1
            self.scripts = None
            return
        if self.scripts is None and self._word():
            return
        character = self._rest(1)
        if character == "\\":
            self._command()
        elif character == "$":
            end = self.text.find("$", self.at + 1)
            if end < 0:
                raise self._refuse("a lone $")
            self._atom("{", self.text[self.at + 1 : end], "}")
            self.at = end + 1
        elif character == "{":
            text = self._group("{", "}")
            self._atom(rf"\text{{{text}}}" if text.strip() else "{}")
        elif character.isalpha() and character.isascii():
            self._atom(rf"\mathrm{{{self._match(re.compile('[A-Za-z]+'))[0]}}}")
        elif character.isdigit():
            self._script("_", self._match(re.compile(r"\d+"))[0])
        elif character in "^_":
            self._marked(character)
        elif character in "()[]/,:;|":
            self.at += 1
            self._atom(character)
            if character not in ")]":
                self.scripts = None  # a number behind it is an amount
        elif character == "'":
            self._script("^", self._match(re.compile("'+"))[0])
        else:
            self._sign(character)

    def _word(self) -> bool:
        """What is read in its own way where a word begins: arrows, signs that stand alone, amounts, variables."""
        word = self._rest().partition(" ")[0]
        arrow = _ARROW.match(word)
        if word in _ALONE:
            self.out.append(_ALONE[word])
            self.at += len(word)
        elif arrow and ("<" in arrow[0] or ">" in arrow[0]):
            self.at += arrow.end()
            self._arrow(arrow[0])
        elif found := self._match(_AMOUNT):
            is_fraction = found[1] and self.out[-1:] != ["("]
            self.out.append(rf"\frac{{{found[1]}}}{{{found[2]}}}" if is_fraction else found[0])
            if re.match(r"[a-z](?= |$)", self._rest()):
                self._variable()
        elif re.fullmatch("[a-z]", word):
            self._variable()
        else:
            self.scripts = set()
            return False
        return True

    def _variable(self) -> None:
        self.out.append(self._rest(1))
        self.at += 1

    def _arrow(self, mark: str) -> None:
        if mark not in _ARROWS:
            raise self._refuse(f"the arrow {mark}")
        labels = []
        while self._rest(1) == "[" and len(labels) < 2:
            labels.append(self._inner(self._group("[", "]")))
        above, below = (*labels, "", "")[:2]
        if above or below:
            self.out.append(_LABELLED[mark] + (f"[{below}]" if below else "") + f"{{{above}}}")
        else:
            self.out.append(_ARROWS[mark])
        self.scripts = None

    def _command(self) -> None:
        command = self._match(_COMMAND)
        if not command:
            raise self._refuse("a lone backslash")
        if command[0] == r"\bond":
            bond = self._group("{", "}") if self._rest(1) == "{" else ""
            if bond not in _BONDS:
                raise self._refuse(f"the bond {bond}")
            self._atom(_BONDS[bond])
            return
        arguments = ""
        while self._rest(1) == "{":
            arguments += f"{{{self._group('{', '}')}}}"
        self._atom(command[0] + (arguments if arguments != "{}" else ""))

    def _sign(self, character: str) -> None:
        """A charge behind an atom, or a bond, or the dot before water of crystals."""
        follower = self.text[self.at + 1 : self.at + 2]
        state = _STATE.match(self.text, self.at + 1)
        if character not in "+-=#.*" or not self.out:
            raise self._refuse(character)
        self.at += 1
        if character == "+" or (character == "-" and (follower in ("", " ", ")", "]", ",", "_", "^") or state)):
            self._script("^", character)
        elif character in ".*":
            self.out.append(r"\cdot")
            self.scripts = None
        else:
            self._atom(_BONDS[character])

    # scripts

    def _marked(self, mark: str) -> None:
        self.at += 1
        if self._rest(1) == "{":
            content = self._group("{", "}")
        elif self._rest(1) == "$":
            end = self.text.find("$", self.at + 1)
            content, self.at = self.text[self.at : end + 1], end + 1
        else:
            found = self._match(_SUPERSCRIPT if mark == "^" else _SUBSCRIPT)
            if not found:
                raise self._refuse(f"{mark}{self._rest(1)}")
            content = found[0]
        self._script(mark, content)

    def _script(self, mark: str, content: str) -> None:
        """A script of the last atom; a second one of its kind stands behind, at an empty base."""
        if self.scripts is None or mark in self.scripts:
            self.out.append("{}")
            self.scripts = set()
        self.scripts.add(mark)
        self.out.append(f"{mark}{{{_script_content(content)}}}")


def _script_content(text: str) -> str:
    """Digits and signs, single small letters as variables, other letters upright, a point as an unpaired electron."""
    parts = []
    for part in re.findall(r"\$[^$]*\$|\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z]+|.", text):
        if part[0] == "$":
            parts.append(part[1:-1])
        elif part[0] == "{":
            parts.append(rf"\text{{{part[1:-1]}}}")
        elif part[0].isalpha() and not (len(part) == 1 and part.islower()):
            parts.append(rf"\mathrm{{{part}}}")
        elif part in _IN_SCRIPTS:
            parts.append(_IN_SCRIPTS[part])
        elif part[0].isalnum() or part[0] in "\\+-(),/ *":
            parts.append(part)
        else:
            raise LatexError(rf"{part} in a script of \ce is not known")
    return " ".join(parts)
