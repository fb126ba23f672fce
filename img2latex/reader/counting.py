"""How often equal parts stand in a row, counted in the picture: of ten equal terms a decoder may read nine or eleven.

The signs of a formula in one line leave white between them, so there are as many runs of inked columns as its signs
have. If there are more or fewer, a repeated part is told too seldom or too often; which one, shows in the shapes: only
with the right number at the right place do equal signs look equal.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import cv2
import numpy as np

from img2latex.latex.spelling import CAPITAL_GREEK, GREEK, SIGNS, STYLE_COMMAND
from img2latex.latex.tokens import closing

LEVELS = (150, 170, 190, 210)  # grey; darker is ink. Thin strokes break at the first, signs touch at the last
ALIKE = 0.2  # difference of the pictures of equal signs, at most; of others it is larger
WIDER = 2  # px, by which pictures of equal signs may differ in width
OFTEN = 3  # equal parts in a row, at least
LONGEST = 120  # runs of columns: comparing more would take seconds
MOST = 0.34  # of the columns' runs, at most, that are missing
BRACKETS = r"( ) [ ] \{ \} \langle \rangle".split()
PLAIN = r"| ! * . \infty \partial \nabla \circ \oplus \otimes \bullet \star \ell \hbar \forall \exists".split()
ARGUMENTS = {r"\frac": 2, r"\sqrt": 1}
# Runs of columns; letters and digits have one each.
RUNS = dict.fromkeys((*GREEK, *CAPITAL_GREEK, *SIGNS, *BRACKETS, *PLAIN, *ARGUMENTS), 1)
RUNS |= {r"\ldots": 3, r"\cdots": 3, r"\sin": 3, r"\cos": 3, r"\tan": 3, r"\log": 3, r"\ln": 2, r"\exp": 3}
BRACES = {r"\underbrace", r"\overbrace"}
WIDEST = 0.6  # of the ink's width, at least, is a brace's
COVERS = r"\bar \hat \vec \tilde \dot \ddot \overline \widehat \widetilde \overrightarrow \underline".split()
Sign = tuple[tuple[str, ...], int]  # tokens with their scripts, and how many runs of columns they have


def recounted(tokens: list[str], picture: np.ndarray) -> list[str]:
    """The tokens of a formula with its equal parts as often as the picture has them; unchanged where it is not certain.

    Args:
        tokens: of a whole formula.
        picture: what the model saw, uint8 H x W, dark ink.
    """
    if tokens and tokens[0] in BRACES:
        end = closing(tokens, 1)
        part = _at_brace(picture, above=tokens[0] == r"\underbrace")
        return [*tokens[:2], *recounted(tokens[2:end], part), *tokens[end:]]
    signs = tuple(_signs(tokens))
    if not _rows(signs):
        return tokens
    told, fitting = sum(runs for _, runs in signs), set()
    found = [_runs(picture, level) for level in LEVELS]
    if told > LONGEST or Counter(map(len, found)).most_common(1)[0][0] == told:
        return tokens
    for runs in {len(each): each for each in found}.values():
        more = len(runs) - told
        if abs(more) <= MOST * told:
            apart = _differences(picture, runs)
            fitting |= {other for other in (_others(signs, more) if more else {signs}) if _fits(other, apart)}
    return tokens if signs in fitting or len(fitting) != 1 else [token for sign, _ in fitting.pop() for token in sign]


def _at_brace(picture: np.ndarray, above: bool) -> np.ndarray:
    """What is above a brace, or below; nothing if none is seen."""
    ink = (picture < LEVELS[1]).view(np.uint8)
    if not ink.any():
        return picture[:0]
    found = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:]
    _, top, width, height, _ = max(found.tolist(), key=lambda each: each[cv2.CC_STAT_WIDTH])
    if width < WIDEST * np.ptp(np.flatnonzero(ink.any(axis=0))):
        return picture[:0]
    return picture[:top] if above else picture[top + height :]


def _signs(tokens: list[str]) -> list[Sign]:
    """The signs of a formula; none if it has more than one line, or signs of which the runs are not known."""
    signs: list[Sign] = []
    place = 0
    while place < len(tokens):
        token, start = tokens[place], place
        place += 1
        if token in STYLE_COMMAND.values() or token in COVERS or token in ARGUMENTS:
            for _ in range(ARGUMENTS.get(token, 1)):
                if tokens[place : place + 1] != ["{"]:
                    return []
                place = closing(tokens, place) + 1
        inside = [each for each in tokens[start + 2 : place - 1] if each != "~"]
        runs = 1 if token.isalnum() and len(token) == 1 or token in COVERS else RUNS.get(token, 0)
        if token in STYLE_COMMAND.values():
            runs = len(inside) if all(len(each) == 1 or each in GREEK for each in inside) else 0
        if not runs:
            return []
        scripts = []
        while tokens[place : place + 1] in (["_"], ["^"]):
            end = closing(tokens, place + 1)
            scripts.append(tokens[place + 2 : end])
            place = end + 1
        known = [sum(1 if len(each) == 1 else RUNS.get(each, 99) for each in script) for script in scripts]
        if any({*script} & {"{", *STYLE_COMMAND.values()} for script in scripts) or sum(known) >= 99:
            return []
        if len(known) == 2 and known != [1, 1]:
            return []  # how they lie above each other is not known
        signs.append((tuple(tokens[start:place]), runs + max(known, default=0)))
    return signs


def _runs(picture: np.ndarray, level: int) -> list[tuple[int, int]]:
    """Where columns with ink begin and end."""
    inked = np.concatenate(([0], (picture < level).any(axis=0), [0])).astype(np.int8)
    edges = np.flatnonzero(np.diff(inked)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _rows(signs: tuple[Sign, ...]) -> list[tuple[int, int]]:
    """Where equal parts in a row begin, and the length of the part; of a longer row, all places where so many begin."""
    return [(place, length) for length in range(1, len(signs) // OFTEN + 1) for place in range(len(signs))
            if signs[place : place + OFTEN * length] == OFTEN * signs[place : place + length]]  # fmt: skip


def _others(signs: tuple[Sign, ...], more: int) -> set[tuple[Sign, ...]]:
    """All readings with so many runs more (or fewer) in which a row of equal parts is longer, or shorter."""
    made = set()
    for place, length in _rows(signs):
        part = signs[place : place + length]
        times, rest = divmod(abs(more), sum(runs for _, runs in part))
        if rest or not _is_balanced(part):
            continue
        behind = place + times * length
        if more > 0:
            made.add(signs[:place] + times * part + signs[place:])
        elif signs[place : behind + OFTEN * length] == (times + OFTEN) * part:
            made.add(signs[:place] + signs[behind:])
    return made


def _is_balanced(signs: tuple[Sign, ...]) -> bool:
    brackets = Counter(token for tokens, _ in signs for token in tokens[:1] if token in BRACKETS)
    return all(brackets[left] == brackets[right] for left, right in zip(BRACKETS[::2], BRACKETS[1::2], strict=True))


def _differences(picture: np.ndarray, runs: list[tuple[int, int]]) -> np.ndarray:
    """How different the pictures of any two runs are, N x N: 0 the same, 1 nothing in common."""
    ink = 255 - picture.astype(np.float32)
    parts = [ink[:, start:end] for start, end in runs]
    apart = np.ones((len(parts), len(parts)))
    for i, one in enumerate(parts):
        apart[i, i] = 0
        for j, other in enumerate(parts[:i]):
            if abs(one.shape[1] - other.shape[1]) <= WIDER:
                apart[i, j] = apart[j, i] = _difference(one, other)
    return apart


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    """Of two pictures of nearly one width, laid over each other as they fit best."""
    width = max(one.shape[1], other.shape[1]) + 2
    fixed = np.pad(one, ((0, 0), (1, width - one.shape[1] - 1)))
    total = float(fixed.sum() + other.sum())
    room = width - other.shape[1]
    return min(float(np.abs(fixed - np.pad(other, ((0, 0), (s, room - s)))).sum()) / total for s in range(room + 1))


def _fits(signs: tuple[Sign, ...], apart: np.ndarray) -> bool:
    """Whether equal signs look equal, and those that are frequent unlike all others."""
    places = defaultdict(list)
    for run, key in enumerate((sign, part) for sign, runs in signs for part in range(runs)):
        places[key].append(run)
    for same in places.values():
        others = np.delete(apart[same], same, axis=1)
        if apart[np.ix_(same, same)].max() > ALIKE or (len(same) >= OFTEN and others.min(initial=1.0) <= ALIKE):
            return False
    return True
