r"""`\left`, `\right` and `\middle` where something is taller than a line: canonical tokens hold delimiters only.

A list (of a group, of a cell) is a row of parts: tokens, and groups or environments that are complete. Brackets pair
first, then bars within each pair. Whether a pair is stretched is decided by the height of what is in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import accumulate

from img2latex.latex.spelling import INTEGRALS, OPTIONAL_THEN_ONE, SIGNS

_TALL = frozenset(
    r"\frac \binom \sum \prod \coprod \bigcup \bigcap \bigoplus \bigotimes \bigodot \bigsqcup \biguplus \bigvee"
    r" \bigwedge \substack \underset \overset \underbrace \overbrace".split()
) | set(INTEGRALS)
_PAIRS = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
_CLOSING = frozenset(_PAIRS.values())
_OPENINGS = {closing: opening for opening, closing in _PAIRS.items()}
_MIXED = {"(": "]", "[": ")", r"\lfloor": r"\rceil", r"\lceil": r"\rfloor"}  # half-open intervals, rounding
_BARS = {"|": r"\mid", r"\|": r"\parallel"}
_ARROWS = frozenset(r"\uparrow \downarrow \updownarrow \Uparrow \Downarrow \Updownarrow".split())
_SCRIPTS = ("_", "^", "'")
_LINES = (r"\begin{array", r"\begin{aligned", r"\begin{gathered", r"\begin{matrix")
_FARTHEST = 200  # parts that are looked through for the begin of what is evaluated at a bar


@dataclass
class _Part:
    """A token, or all from a brace, a bracket of an option or a `\\begin` to its end."""

    tokens: list[str]
    tall: bool = False  # whether it is higher than a line

    @property
    def token(self) -> str:
        return self.tokens[0] if len(self.tokens) == 1 else ""


def stretch(tokens: list[str]) -> list[str]:
    r"""Delimiters around what is taller than a line get `\left` and `\right`, a bar that is a relation `\mid`."""
    lists: list[list[_Part]] = [[]]  # those that are open
    openers = [""]
    ends = {"{": "}", "[": "]"}
    for i, token in enumerate(tokens):
        is_option = token == "[" and i > 0 and tokens[i - 1] in OPTIONAL_THEN_ONE
        closes = token.startswith(r"\end") if openers[-1].startswith(r"\begin") else token == ends.get(openers[-1])
        if token == "{" or token.startswith(r"\begin") or is_option:
            lists.append([])
            openers.append(token)
        elif closes:
            inner, opener = lists.pop(), openers.pop()
            tall = opener.startswith(r"\begin") or any(part.tall for part in inner)
            lists[-1].append(_Part([opener, *_delimited(inner), token], tall))
        else:
            lists[-1].append(_Part([token], token in _TALL))
    return _delimited(lists[0])


def _delimited(parts: list[_Part]) -> list[str]:
    """The tokens of a list, its delimiters stretched within each of its cells."""
    cells: list[list[_Part]] = [[]]
    for part in parts:
        if part.token in ("&", r"\\"):
            cells += [[part], []]
        else:
            cells[-1].append(part)
    bars = Counter(part.token for part in parts)
    for cell in cells:
        _Cell(cell, {bar for bar in _BARS if bars[bar] == 1 or len(cells) == 1}, len(cells) == 1).delimit()
    return [token for cell in cells for part in cell for token in part.tokens]


class _Cell:
    """The parts of one cell.

    Args:
        lone: bars that may be relations.
        whole: it is all of its list, so that a bracket without a partner has none elsewhere.
    """

    def __init__(self, parts: list[_Part], lone: set[str], whole: bool):
        self.parts, self.lone, self.whole = parts, lone, whole
        self.heights = [0, *accumulate(part.tall for part in parts)]
        self.pairs: dict[int, int] = {}  # of closing delimiters: where their opening ones are

    def is_tall(self, start: int, end: int) -> bool:
        """Whether a part from `start` to before `end` is tall."""
        return self.heights[end] > self.heights[start]

    def is_scripted(self, i: int) -> bool:
        return i < len(self.parts) and self.parts[i].token in _SCRIPTS

    def delimit(self) -> None:
        places = [i for i, part in enumerate(self.parts) if part.token in _PAIRS or part.token in _CLOSING]
        if not places and not any(part.token in _BARS or part.token in _ARROWS for part in self.parts):
            return
        pairs, left = self._paired(places, mixed=False)
        if left:
            nearest, unpaired = self._paired(places, mixed=True)
            pairs, left = (nearest, unpaired) if len(unpaired) < len(left) else (pairs, left)
        self.pairs = {end: start for start, end in pairs}
        single = self._brackets_with_bars(left)
        bars = self._bars_by_pair()
        for end, start in self.pairs.items():
            if self.is_tall(start + 1, end):
                self._enlarge(start, end)
        for (start, end, mark), inside in bars.items():
            self._pair_bars(inside, mark, start, end)
        self._stretch_single(single)

    # brackets

    def _paired(self, places: list[int], mixed: bool) -> tuple[list[tuple[int, int]], list[int]]:
        """Pairs of brackets, and those without a partner.

        Args:
            mixed: brackets of two kinds may pair, but only neighbours do; else one without a partner is passed over.
        """
        pairs: list[tuple[int, int]] = []
        left: list[int] = []
        waiting: list[int] = []
        kinds: Counter[str] = Counter()
        for place in places:
            token = self.parts[place].token
            if token in _PAIRS:
                waiting.append(place)
                kinds[token] += 1
            elif mixed and waiting and token in self._partners(waiting[-1]):
                pairs.append((waiting.pop(), place))
            elif not mixed and kinds[_OPENINGS[token]]:
                while self.parts[waiting[-1]].token != _OPENINGS[token]:
                    kinds[self.parts[waiting[-1]].token] -= 1
                    left.append(waiting.pop())
                kinds[_OPENINGS[token]] -= 1
                pairs.append((waiting.pop(), place))
            else:
                left.append(place)
        return pairs, sorted(left + waiting)

    def _partners(self, place: int) -> set[str]:
        opening = self.parts[place].token
        return {_PAIRS[opening], _MIXED.get(opening, "")}

    def _brackets_with_bars(self, left: list[int]) -> list[int]:
        """Pairs what is left: open intervals written the French way, bras and kets. Returns what still is single."""
        single = []
        if [self.parts[place].token for place in left] == ["]", "["]:
            left = [] if self._add_pair(*left) else left
        for place in left:
            token = self.parts[place].token
            if token == r"\rangle":
                bar = next((i for i in range(place - 1, -1, -1) if self.parts[i].token == "|"), place)
                found = self._add_pair(bar, place)
            elif token == r"\langle":
                bar = next((i for i in range(place + 1, len(self.parts)) if self.parts[i].token == "|"), place)
                found = self._add_pair(place, bar)
            else:
                found = False
            single += [] if found else [place]
        return single

    def _add_pair(self, start: int, end: int) -> bool:
        """Pairs two delimiters unless others would be crossed, or bars used twice."""
        used = start in self.pairs.values() or end in self.pairs
        crossed = any((start < a < end) != (start < b < end) for b, a in self.pairs.items())
        if start < end and not used and not crossed:
            self.pairs[end] = start
            return True
        return False

    def _enlarge(self, start: int, end: int) -> None:
        parts = self.parts
        parts[start].tokens, parts[end].tokens = [r"\left" + parts[start].token], [r"\right" + parts[end].token]

    def _stretch_single(self, places: list[int]) -> None:
        r"""A brace before lines, and brackets whose partner is not there: `\left\{ .. \right.`."""
        first, last = self.parts[0], self.parts[-1]
        for place in places:
            part, after = self.parts[place], self.parts[place + 1 : place + 2]
            if part.token == r"\{" and after and after[0].tokens[0].startswith(_LINES):
                if not self.is_scripted(place + 2):
                    part.tokens = [r"\left\{"]
                    after[0].tokens = [*after[0].tokens, r"\right."]
            elif self.whole and part.token in _PAIRS and self.is_tall(place, len(self.parts)):
                part.tokens = [r"\left" + part.token]
                last.tokens = [*last.tokens, r"\right."]
            elif self.whole and part.token in _CLOSING and self.is_tall(0, place) and not self.is_scripted(0):
                part.tokens = [r"\right" + part.token]
                first.tokens = [r"\left.", *first.tokens]

    # bars

    def _bars_by_pair(self) -> dict[tuple[int, int, str], list[int]]:
        """Places of the bars of each kind that stand directly in a pair, by its start and end; else in the cell."""
        ends = {start: end for end, start in self.pairs.items()}
        around = [(-1, len(self.parts))]
        bars: dict[tuple[int, int, str], list[int]] = defaultdict(list)
        for i, part in enumerate(self.parts):
            if i in ends:
                around.append((i, ends[i]))
            elif i in self.pairs:
                around.pop()
            elif part.token in _BARS or part.token in _ARROWS:
                bars[(*around[-1], part.token)].append(i)
        return bars

    def _pair_bars(self, places: list[int], mark: str, start: int, end: int) -> None:
        r"""Absolute values and norms within one pair of brackets; a bar that is left is a relation, or evaluates."""
        waiting: list[int] = []
        single: list[int] = []
        closed: set[int] = set()
        within_angles = start >= 0 and self.parts[start].token.endswith(r"\langle")
        for place in places:
            before = self.parts[place - 1].token if place else ""
            something = waiting and place - 1 > waiting[-1] and before not in SIGNS
            if something and (before not in _BARS or place - 1 in closed) and not within_angles:
                opening = waiting.pop()
                closed.add(place)
                if self.is_tall(opening + 1, place) and (mark in _BARS or self.parts[opening + 1].tall):
                    self._enlarge(opening, place)
            elif self.is_scripted(place + 1) or within_angles:
                single.append(place)
            else:
                waiting.append(place)
        if mark in _BARS:
            is_only = len(places) == 1 and mark in self.lone
            for place in [*single, *waiting]:
                self._single_bar(place, start, end, is_only or (start >= 0 and len(waiting) == 1))

    def _single_bar(self, place: int, start: int, end: int, relation: bool) -> None:
        bar = self.parts[place].token
        is_inner = start + 1 < place < end - 1
        if self.is_scripted(place + 1):
            self._evaluated(place, start)
        elif start >= 0 and self.parts[start].token.startswith(r"\left"):
            self.parts[place].tokens = [r"\middle" + bar]
        elif relation and is_inner and self.parts[place - 1].token != "=":
            self.parts[place].tokens = [_BARS[bar]]

    def _evaluated(self, place: int, start: int) -> None:
        r"""`\left. .. \right|_{x=0}` from the begin of the term, if that is tall."""
        begin = place
        while begin > max(start + 1, place - _FARTHEST) and self.parts[begin - 1].token not in SIGNS:
            begin = self.pairs.get(begin - 1, begin - 1)
        if begin > start and self.is_tall(begin, place) and not self.is_scripted(begin):
            self.parts[begin].tokens = [r"\left.", *self.parts[begin].tokens]
            self.parts[place].tokens = [r"\right" + self.parts[place].token]
