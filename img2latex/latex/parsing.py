"""Parses LaTeX as authors write it into `Item`s, see items.py."""

from __future__ import annotations

import re

from img2latex.latex import chemistry, siunitx
from img2latex.latex import spelling as sp
from img2latex.latex.errors import MAX_DEPTH, LatexError
from img2latex.latex.items import (
    EMPTY_BASE,
    Item,
    add_script,
    add_space,
    as_table,
    braced,
    chained,
    join_delimiters,
    landed,
    on_arrow,
    set_as_limit,
    stacked,
    trim,
    write,
)  # fmt: skip

_SCAN = re.compile(r"\\(?:begin|end)\s*\{\s*[A-Za-z]+\*?\s*\}|\\[A-Za-z]+\*?|\\.|\s+|[^\s\\]|\\$", re.DOTALL)
_DIMENSION = re.compile(r"\s*[-+]?\s*[\d.,]*\s*(?:true\s*)?(?:pt|em|ex|mu|mm|cm|in|pc|bp|sp|dd|\\[a-z]*(?:width|skip))")
_ASCII_MATH = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-*/=<>()[]|,.;:!?&_^{}'`\"@#$%~")
_SCRIPT_MARKS = ("^", "_", r"\sp", r"\sb")
_SPACES = ("~", r"\ ", r"\space", r"\quad", r"\qquad")
_GAPS = (*_SPACES, r"\,", r"\:", r"\;", r"\>", r"\thinspace", r"\medspace", r"\thickspace", r"\enspace", r"\enskip")
# What is no part of an equation's number but of its spelling, and what its number may be made of.
_NUMBER_SPELLING = re.compile(
    r"\\(?:ensuremath|mathrm|mathbf|text[a-z]*|mbox|hbox|rm|bf|it)(?![A-Za-z])|\\[ ,;]|[{}$\s~]"
)
_NUMBER_SIGNS = {r"\prime": "'", "’": "'", "′": "'", r"\ast": "*", "–": "-", "--": "-", "^'": "'", "^*": "*"}
_NUMBER = re.compile(rf"[()\[\]{re.escape(sp.NUMBER_CHARACTERS)}]+")


class Parser:
    """A recursive-descent parser of LaTeX as authors write it."""

    def __init__(self, latex: str, lenient: bool = False, depth: int = 0):
        # one space is as good as many, and the patterns for lengths would take years over thousands
        self.scan = _SCAN.findall(re.sub(r"\s+", " ", _strip_comments(latex)))
        self.at = 0
        self.open: list[tuple[str | None, ...]] = []  # what would close each list being read, outermost first
        self.lenient = lenient  # close what is open, pass over what closes nothing
        self.depth = depth  # of nesting: each level costs some of Python's stack
        self.numbers: list[list[str]] = []  # of equations: tokens of each `\tag`

    # tokens

    def peek(self, spaces: bool = False) -> str | None:
        if not spaces:
            while self.at < len(self.scan) and self.scan[self.at].isspace():
                self.at += 1
        return self.scan[self.at] if self.at < len(self.scan) else None

    def next(self, spaces: bool = False) -> str:
        token = self.peek(spaces)
        if token is None:
            raise LatexError("the formula ends where an argument is expected")
        self.at += 1
        if token.startswith(("\\begin", "\\end")) and token.endswith("}"):
            return re.sub(r"\s", "", token)
        if token.endswith("*") and len(token) > 2:  # starred commands look the same
            if token == r"\tag*":
                return token
            if token[:-1] in (r"\operatorname", r"\hspace", r"\vspace", r"\cfrac", r"\DeclareMathOperator"):
                return token[:-1]
            self.scan[self.at - 1] = "*"  # `\alpha*` is alpha, then a star
            self.at -= 1
            return token[:-1]
        return token

    def skip_optional(self) -> None:
        while self.peek() == "[":
            while self.next() != "]":
                pass

    def skip_position(self) -> None:
        """`[t]` behind `\\begin{aligned}`; any other bracket there belongs to the formula."""
        if re.match(r"\s*\[\s*[tbc]\s*\]", "".join(self.scan[self.at : self.at + 6])):
            self.skip_optional()

    def raw_argument(self) -> str:
        """The text of the next `{..}` or single token, unread."""
        if self.peek() != "{":
            return self.next()
        self.next()
        level, parts = 1, []
        while True:
            if self.lenient and self.peek(spaces=True) is None:
                return "".join(parts)
            token = self.next(spaces=True)
            level += (token == "{") - (token == "}")
            if level == 0:
                return "".join(parts)
            parts.append(token)

    def skip_dimension(self) -> None:
        match = _DIMENSION.match("".join(self.scan[self.at : self.at + 12]))
        if not match:
            return
        length = match.end()
        while length > 0 and self.at < len(self.scan):
            length -= len(self.scan[self.at])
            self.at += 1
        if length < 0:  # the unit was glued to what follows, as in `\kern3ptx`
            self.at -= 1
            self.scan[self.at] = self.scan[self.at][length:]

    # lists

    def enter(self) -> None:
        """One level deeper; whoever calls it takes the level back from `depth`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LatexError("the formula is nested too deeply")

    def until(self, ends: tuple[str, ...], style: str | None) -> tuple[list[Item], str | None]:
        """Items up to one of `ends` (consumed), or to the end of the formula if that is allowed by None in `ends`."""
        self.open.append(ends)
        self.enter()
        items: list[Item] = []
        infix: tuple[str, list[Item]] | None = None
        while True:
            token = self.peek()
            if token is not None and token.startswith(r"\end"):
                token = re.sub(r"\s", "", token)
            if self.lenient and token not in ends and self._is_stray(token):
                if token is None or any(token in outer for outer in self.open[:-1]):
                    break  # an outer list is closed by it
                self.at += 1
                continue
            if token is None and None not in ends:
                raise LatexError("a brace or an environment is opened and never closed")
            if token in ends:
                self.at += token is not None
                break
            if token in sp.INFIX:
                self.next()
                if token == r"\above":
                    self.skip_dimension()
                infix, items = (token, items), []
                continue
            if token in sp.STYLE_SWITCHES:
                self.next()
                style = sp.STYLE_SWITCHES[token]
                continue
            self.one(items, style)
        self.open.pop()
        self.depth -= 1
        if infix:
            items = [stacked(infix[0], infix[1], items)]
        return join_delimiters(items), token

    @staticmethod
    def _is_stray(token: str | None) -> bool:
        return token in (None, "}", "&", r"\\", r"\cr") or token.startswith(r"\end{")

    def group(self, style: str | None) -> list[Item]:
        return self.until(("}",), style)[0]

    def argument(self, style: str | None) -> list[Item]:
        if self.peek() == "{":
            self.next()
            return self.group(style)
        self.enter()
        items: list[Item] = []
        while not items:  # an invisible command is no argument
            token = self.peek()
            if token in _SCRIPT_MARKS or self._is_stray(token):
                if self.lenient:
                    break
                raise LatexError("an argument is missing")
            if token in sp.STYLE_SWITCHES:
                style = sp.STYLE_SWITCHES[self.next()]
                continue
            self.one(items, style, scripts=False)
        self.depth -= 1
        return join_delimiters(items)

    def one(self, items: list[Item], style: str | None, scripts: bool = True) -> None:
        """Reads one thing and appends what is seen of it."""
        token = self.next()
        token = sp.SYNONYMS.get(token, token)
        if token.startswith("\\mathbb{"):
            items.append(Item([token[-2]], "bb"))
        elif token == "{":
            items.extend(self._grouped(items, style))
        elif token in "^_" and scripts:
            self._script(items, token, style)
        elif token == "'":
            self._prime(items, scripts)
        elif token == r"\degree" or token == r"\textdegree":
            add_script(items, "^", [Item([r"\circ"])])
        elif token in ("}", "&", r"\\") or token.startswith(r"\end"):
            raise LatexError(f"{token} stands where it does not belong")
        elif token == "~" or token in sp.INVISIBLE:
            self._invisible(items, token, style)
        elif token == "$" or token in (r"\(", r"\)", r"\[", r"\]"):
            pass
        elif token in sp.INFIX:  # as an argument, or in a text: `until` takes all others
            if not self.lenient:
                raise LatexError(f"{token} stands where it does not belong")
        elif token.startswith(r"\begin{"):
            self._environment(items, token[7:-1], style)
        elif token.startswith("\\"):
            self._command(items, token, style)
        else:
            _check_character(token)
            items.append(Item([token], _style_of(token, style)))

    def _grouped(self, items: list[Item], style: str | None) -> list[Item]:
        inner = self.group(style)
        if not inner:
            # `{}` matters only as an empty base, which the script rule makes by itself
            return [EMPTY_BASE] if self.peek() in ("^", "_") else []
        inner = landed(items, inner)
        if not inner:
            return []
        last = inner[-1]
        follower = sp.SYNONYMS.get(self.peek(), self.peek())
        clash = (follower in ("^", "'") and last.sup) or (follower == "_" and last.sub)
        if clash:
            return [Item(["{", *write(inner), "}"], kind="group", rows=[[inner]])]
        return inner

    def _script(self, items: list[Item], mark: str, style: str | None) -> None:
        content = self.argument(style)
        if items and items[-1] is EMPTY_BASE:
            items.pop()
            if not items or not items[-1].bare:  # staggered, as in tensors: not where the script of the last one is
                items.append(Item([], kind="empty"))
        if write(content):
            add_script(items, mark, content)
        elif items and items[-1].kind == "group" and items[-1].bare:
            items.extend(items.pop().rows[0][0])  # its braces kept apart scripts that are not there

    def _prime(self, items: list[Item], scripts: bool) -> None:
        if items and scripts:
            add_script(items, "^", [Item([r"\prime"])])
        else:
            items.append(Item([r"\prime"]))

    def _invisible(self, items: list[Item], token: str, style: str | None) -> None:
        if token in sp.DELIMITER_SIZES and self.peek() is not None:
            follower = self.peek()
            if follower == ".":
                self.next()
                items.append(Item([], kind="null"))
            elif follower in "<>":
                self.next()
                items.append(Item([r"\langle" if follower == "<" else r"\rangle"]))
            elif follower == "/" and token == r"\left":
                pass
        elif token == r"\penalty":
            while self.peek() is not None and self.peek() in "-0123456789":
                self.next()
        elif token in _GAPS and (style == "rm" or (token in _SPACES and style)):
            add_space(items, style)
        elif token in _GAPS and items and items[-1].style == "rm":
            items[-1].gap = True

    # commands

    def _command(self, items: list[Item], token: str, style: str | None) -> None:
        token = sp.COMMAND_SYNONYMS.get(token, token)
        if token in sp.REFUSED:
            raise LatexError(f"{token} is not part of a formula")
        if token in sp.STYLES:
            items.extend(landed(items, self.argument(_nested(style, sp.STYLES[token]))))
        elif token in sp.TEXT:
            items.extend(landed(items, self._text(sp.TEXT[token])))
        elif token in sp.STYLE_SWITCHES:
            pass
        elif token in sp.INVISIBLE_WITH_ARGUMENT:
            self.skip_optional()
            self.raw_argument()
        elif token in sp.INVISIBLE_DIMENSIONS:
            self.skip_dimension()
        elif token in sp.NUMBERED or token in (r"\eqno", r"\leqno"):
            self._number(token)
        elif token in sp.TRANSPARENT:
            items.extend(landed(items, self.argument(style)))
        elif token in sp.SECOND_ONLY:
            self.raw_argument()
            items.extend(landed(items, self.argument(style)))
        elif token in sp.TWO_ARGUMENTS:
            self.skip_optional()
            first, second = self.argument(style), self.argument(style)
            if not set_as_limit(token, first, second):
                plain = [token, *braced(first), *braced(second)]
                second = [Item(on_arrow(token, first, second) or plain)]
            items.extend(second)
        elif token in sp.ONE_ARGUMENT:
            items.append(Item([token, *braced(self.argument(style))]))
        elif token in sp.OPTIONAL_THEN_ONE:
            self._with_option(items, token, style)
        elif token in sp.ENCLOSED:
            opening, closing = sp.ENCLOSED[token]
            items.extend([Item([opening]), *self.argument(style), Item([closing])])
        elif token in (r"\pmod", r"\pod"):
            word = [Item([c], "rm") for c in "mod"] if token == r"\pmod" else []
            items.extend([Item(["("]), *word, *self.argument(style), Item([")"])])
        elif token == r"\not":
            self._negation(items)
        elif token == r"\buildrel":
            above = self.until((r"\over",), style)[0]
            below = self.argument(style)
            items.append(Item(on_arrow(r"\overset", above, below) or [r"\overset", *braced(above), *braced(below)]))
        elif token in sp.PLAIN_TEX_TABLES:
            self._plain_table(items, token, style)
        elif token == r"\ce":
            self._expanded(items, chemistry.expand(self.raw_argument()))
        elif token == r"\ang" and self.peek() != "{":  # KaTeX's angle, not that of siunitx
            items.append(Item([r"\angle"]))
        elif token in sp.SIUNITX:
            self.skip_optional()
            arguments = [self.raw_argument() for _ in range(sp.SIUNITX[token])]
            self._expanded(items, siunitx.expand(token, arguments))
        elif token in sp.WORD_COMMANDS:
            items.extend(Item([c], "rm") for c in sp.WORD_COMMANDS[token])
        elif token == r"\hline":
            in_table = "&" in self.open[-1] and None not in self.open[-1]
            if in_table and all(item.tokens == [token] for item in items):
                items.append(Item([token]))
            elif not self.lenient:
                raise LatexError(f"{token} stands where it does not belong")
        else:
            items.append(Item([token], _style_of(token, style)))

    def _expanded(self, items: list[Item], latex: str) -> None:
        """What a package's command stands for, as if it had been written here."""
        items.extend(landed(items, Parser(latex, self.lenient, self.depth).whole()))

    def _number(self, token: str) -> None:
        r"""`\tag{1}`, or plain TeX's `\eqno(1)`, which takes the rest of the formula; within braces it is no number."""
        if token.startswith(r"\tag"):
            text = self.raw_argument()
        else:
            text = ""
            while self.peek() not in (None, "$", "}", "&", r"\\", r"\cr") and not self.peek().startswith(r"\end"):
                text += self.raw_argument()
        written = _written_number(text if token != r"\tag" else f"({text})")
        if written and all(None in ends or any(end.startswith(r"\end") for end in ends) for ends in self.open):
            self.numbers.append(written)

    def _with_option(self, items: list[Item], token: str, style: str | None) -> None:
        option: list[Item] = []
        if self.peek() == "[":
            self.next()
            option = self.until(("]",), style)[0]
        written = ["[", *write(option), "]"] if option else []
        argument = self.argument(style)
        plain = sp.PLAIN_ARROWS.get(token)
        empty = plain and not written and not write(argument)
        items.append(Item([plain] if empty else [token, *written, *braced(argument)]))

    def _negation(self, items: list[Item]) -> None:
        target = self.argument(None)
        single = len(target) == 1 and target[0].bare and len(target[0].tokens) == 1
        symbol = target[0].tokens[0] if single else ""
        if symbol in ("", "~", ",", ".", ";"):
            if not self.lenient:
                raise LatexError(r"\not must stand before one symbol")
            items.extend(target)
        else:
            items.append(Item(sp.NEGATIONS.get(symbol, rf"\not {symbol}").split()))

    def _text(self, style: str) -> list[Item]:
        """The argument of `\\text`: white space counts, `$..$` is mathematics again."""
        if self.peek() != "{":
            return self.argument(style)
        self.next()
        self.enter()
        items: list[Item] = []
        level = 1
        while True:
            token = self.next(spaces=True)
            if token == "{":
                level += 1
            elif token == "}":
                level -= 1
                if level == 0:
                    self.depth -= 1
                    return items
            elif token == "$":
                items.extend(landed(items, self.until(("$",), None)[0]))
            elif token.isspace() or token in _SPACES:
                add_space(items, style)
            elif token in sp.TEXT:
                items.extend(landed(items, self._text(sp.TEXT[token])))
            elif token in (r"\&", r"\%", r"\#", r"\_", r"\$", r"\{", r"\}"):
                items.append(Item([token]))
            else:
                self.at -= 1
                self.scan[self.at] = token
                self.one(items, style)

    # environments

    def _environment(self, items: list[Item], name: str, style: str | None) -> None:
        end = rf"\end{{{name}}}"
        if name in sp.SHELLS:
            items.extend(landed(items, self.until((end,), style)[0]))
            return
        if name not in sp.ENVIRONMENTS:
            raise LatexError(f"the environment {name} is not known")
        look = sp.ENVIRONMENTS[name]
        self.skip_position()
        columns = ""
        if look == "array" or name.startswith("IEEE"):
            columns = _columns(self.raw_argument())
            if name.startswith("IEEE"):
                columns = ""
        elif name.startswith(("alignat", "alignedat", "subarray")):
            self.raw_argument()
        rows = self._rows(end, style)
        items.append(as_table(look, rows, columns))

    def _plain_table(self, items: list[Item], token: str, style: str | None) -> None:
        if self.next() != "{":
            raise LatexError(f"{token} needs an argument in braces")
        items.append(as_table(sp.PLAIN_TEX_TABLES[token], self._rows("}", style), ""))

    def _rows(self, end: str, style: str | None) -> list[list[list[Item]]]:
        rows: list[list[list[Item]]] = [[]]
        while True:
            cell, stop = self.until(("&", r"\\", r"\cr", end), style)
            rows[-1].append(cell)
            if stop in (r"\\", r"\cr"):
                if self.peek(spaces=True) == "*":
                    self.next()
                if stop == r"\\" and self.peek(spaces=True) == "[":
                    self._row_gap()
                rows.append([])
            elif stop != "&":
                return trim(rows)

    def _row_gap(self) -> None:
        """`\\\\[2pt]` is a gap, `\\\\[x]` in a list of intervals is not."""
        text = "".join(self.scan[self.at : self.at + 14])
        if re.match(r"\[\s*-?\s*[\d.]*\s*(?:true)?\s*(?:pt|em|ex|mu|mm|cm|in|\\[a-z]+)\s*\]", text):
            self.skip_optional()

    def whole(self) -> list[Item]:
        """The whole formula; rows outside any environment make it `aligned`."""
        rows: list[list[list[Item]]] = [[]]
        while True:
            cell, stop = self.until(("&", r"\\", r"\cr", None), None)
            rows[-1].append(cell)
            if stop is None:
                break
            if stop != "&":
                rows.append([])
                if self.peek(spaces=True) == "[":
                    self._row_gap()
        rows = trim(rows)
        if len(rows) > 1:
            return [as_table("aligned", rows, "")]
        return join_delimiters(chained(rows[0]))


def _strip_comments(latex: str) -> str:
    """`\\%` is a per cent sign, `\\\\%` a row break with a comment behind it."""
    return re.sub(r"(?<!\\)((?:\\\\)*)%[^\n]*", r"\1", latex) if "%" in latex else latex


def _check_character(token: str) -> None:
    if token not in _ASCII_MATH:
        raise LatexError(f"the character {token!r} has no LaTeX spelling here")


def _written_number(text: str) -> list[str]:
    """Tokens of an equation's number as it is drawn, brackets included; none if it is empty or no plain text."""
    text = _NUMBER_SPELLING.sub("", text)
    for sign, character in _NUMBER_SIGNS.items():
        text = text.replace(sign, character)
    if plain := re.fullmatch(r"\(([^()\[\]]*)\)", text):
        command, text = r"\tag", plain[1]
    else:
        command = r"\tag*"
    return [command, "{", *text, "}"] if _NUMBER.fullmatch(text) else []


def _nested(outer: str | None, inner: str) -> str:
    """The style of letters in two styles: a bold version of upright letters, else the inner one alone."""
    return {"rm": "bf", "it": "bs"}.get(inner, inner) if outer == "bs" else inner


def _style_of(token: str, style: str | None) -> str | None:
    """The style that is seen on a token: none on digits in roman, on signs, or on Greek where TeX ignores it."""
    if style in (None, "it"):
        return None
    letter = len(token) == 1 and token.isalpha()
    if letter:
        return style
    if token.isdigit():
        return {"bs": "bf", "bf": "bf", "bb": "bb", "sf": "sf", "tt": "tt"}.get(style)
    if token in sp.CAPITAL_GREEK:
        return {"bs": "bf", "bf": "bf"}.get(style)
    if token in sp.BOLD_SYMBOLS:
        return "bs" if style == "bs" else None
    return None


def _columns(spec: str) -> str:
    spec = re.sub(r"\*\s*\{\s*(\d+)\s*\}\s*\{([^{}]*)\}", lambda m: m[2] * min(int(m[1]), 40), spec)
    spec = re.sub(r"[@!<>]\s*\{[^{}]*\}", "", spec)
    spec = re.sub(r"[pmbX]\s*\{[^{}]*\}", "l", spec)
    return "".join(c for c in spec if c in "lcr|")
