"""Token ids from memory: one step at a time in a pool of rows, greedy or by beam. Knows no text and no pictures.

A grammar (see automaton.py) says what may come next; the probabilities told are those among all ids all the same.
Shapes: B rows, S memory cells, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from img2latex.latex.automaton import DEEPEST, NEVER, Grammar, State, free
from img2latex.latex.tokens import BOS, EOS, PAD, UNK
from img2latex.reader.pool import Cache, Engine, Memory

# So many copies of one passage, and so many tokens of them, are a model going round in circles. An 8 x 8 matrix of
# zeros has fewer; 20,731 formulas of the validation set have 7 copies of 4 tokens, or 17 of one token, at most.
LOOP_COPIES = 8
LOOP_TOKENS = 64


@dataclass
class Decoded:
    """One formula: ids without bos and eos, and of each id (of eos too) its probability, rivals and place."""

    ids: list[int]
    probabilities: list[float]  # one more than ids when it ended by eos
    rivals: list[list[tuple[int, float]]]  # the likeliest ids that may stand there, with their probabilities
    attention: list[np.ndarray]  # S, over the memory cells; none where nobody asked for it
    truncated: bool = False
    nothing: float = 0.0  # the probability of eos at the very first step: that there is nothing to read


def loops(ids: list[int]) -> bool:
    """Do the ids end with so many copies of one passage that nobody wrote them?"""
    for period in range(1, len(ids) // LOOP_COPIES + 1):
        tail = ids[-max(LOOP_COPIES * period, LOOP_TOKENS) :]
        if ids[-1] == ids[-1 - period] and len(tail) >= LOOP_TOKENS and tail[period:] == tail[:-period]:
            return True
    return False


@dataclass
class Draft:
    """A formula being written, in a row of the pool."""

    picture: int  # its number
    state: State  # of the grammar; empty once the formula has ended
    found: Decoded = field(default_factory=lambda: Decoded([], [], [], [], truncated=True))
    score: float = 0.0  # log-probability of what came behind the prefix
    cut: bool = False  # too long, or a loop: from here on only what closes it may come


@dataclass
class Way:
    """A way on for the draft in a row: its next id, and its score with it."""

    row: int
    token: int
    score: float


class Writer:
    """Writes formulas on, each in its row of a pool, within a grammar and a limit.

    A step is `read`, a choice of ways, `write` for each of them, and `keep`.

    Args:
        rows: of the pool, at most.
        max_length: tokens at most; the model's own limit by default.
        rivals: how many of the likeliest ids are told of each step.
        choices: how many are ranked, to choose from.
        grammar: what may come next; anything by default.
        attention: whether it is told where the model looked.
    """

    def __init__(
        self, engine: Engine, rows: int, max_length: int | None, rivals: int, choices: int, grammar: Grammar | None,
        attention: bool,
    ):  # fmt: skip
        self.engine, self.cache = engine, Cache(engine, rows)
        self.limit = min(max_length or engine.config.max_length, engine.config.max_length)
        self.told, self.attention = max(rivals, 1), attention
        self._ranks = min(max(self.told, choices), len(engine.config.vocab))
        self.grammar = grammar or free(len(engine.config.vocab))
        self.drafts: list[Draft] = []

    def read(self) -> None:
        """Ranks the next ids of each draft: (id, log-probability) of what may come, the likeliest first."""
        last = [draft.found.ids[-1] if draft.found.ids else BOS for draft in self.drafts]
        logits, self._looked = self.engine.step(last, self.cache)
        logits[:, [PAD, BOS, UNK]] = -math.inf  # never part of a formula
        self.logs = logs = _log_softmax(logits / self.engine.config.temperature)
        room = [0 if draft.cut else self.limit - len(draft.found.ids) for draft in self.drafts]
        if min(room) <= DEEPEST:
            room = self._cut(logs, room)
        fitting = self._masked(logs, room)
        ids = np.argpartition(fitting, -self._ranks, axis=1)[:, -self._ranks :]
        best = np.take_along_axis(fitting, ids, 1)
        order = np.lexsort((ids, -best), axis=1)
        ids, best = (np.take_along_axis(values, order, 1).tolist() for values in (ids, best))
        self.ranked = [
            [(i, log) for i, log in zip(*row, strict=True) if log > -math.inf] for row in zip(ids, best, strict=True)
        ]

    def _masked(self, logs: np.ndarray, room: list[int]) -> np.ndarray:
        return np.where(self.grammar.allowed([draft.state for draft in self.drafts], room), logs, -math.inf)

    def _cut(self, logs: np.ndarray, room: list[int]) -> list[int]:
        """Cuts drafts whose likeliest next id leaves no room to close what is open; returns the room that is left."""
        wanted = self._masked(logs, [NEVER] * len(room)).argmax(1).tolist()
        for draft, token, left in zip(self.drafts, wanted, room, strict=True):
            needed = (token != EOS) + self.grammar.closing(self.grammar.step(draft.state, token))
            draft.cut |= needed > left
        return [0 if draft.cut else left for draft, left in zip(self.drafts, room, strict=True)]

    def write(self, way: Way) -> Draft:
        """The draft with one more id; eos ends it, and so does the limit."""
        draft, token, logs = self.drafts[way.row], way.token, self.logs[way.row]
        old = draft.found
        if token != EOS and len(old.ids) == self.limit:
            return Draft(draft.picture, (), old, way.score)
        cells = len(self.cache.memories[way.row])
        found = Decoded(
            ids=old.ids if token == EOS else [*old.ids, token],
            probabilities=[*old.probabilities, math.exp(logs[token])],
            rivals=[*old.rivals, [(i, math.exp(log)) for i, log in self.ranked[way.row][: self.told]]],
            attention=[*old.attention, self._looked[way.row, :cells].copy()] if self.attention else [],
            truncated=draft.cut or token != EOS,
            nothing=old.nothing if old.ids else math.exp(logs[EOS]),
        )
        state = self.grammar.step(draft.state, token) if token != EOS else ()
        return Draft(draft.picture, state, found, way.score, draft.cut or loops(found.ids))

    def keep(self, onward: Sequence[tuple[int, Draft]], fresh: Sequence[tuple[int, Memory]]) -> None:
        """Goes on with drafts, each of the row it was written in, and begins those of new pictures (number, memory)."""
        onward = _in_place(onward)
        self.drafts = [draft for _, draft in onward] + [Draft(picture, self.grammar.start) for picture, _ in fresh]
        self.cache.arrange([row for row, _ in onward], [memory for _, memory in fresh])


def search(
    engine: Engine, memories: Iterable[Memory], beam_size: int = 1, max_length: int | None = None,
    prefix: Sequence[int] = (), rivals: int = 5, grammar: Grammar | None = None, attention: bool = True, rows: int = 16,
) -> list[Decoded]:  # fmt: skip
    """The best of `beam_size` formulas of each picture; scores are divided by length. A beam of one is greedy.

    At each step the `beam_size` best ways on are taken; those by eos end a formula. A picture is done when none of the
    others can beat the best that has ended, and makes room for the next one, whose memory is asked for only then. The
    division is that of Wu et al. 2016, alpha 0.6.

    Args:
        beam_size: formulas kept of each picture.
        prefix: ids that each formula must begin with, whatever the grammar says; eos may be the last. They count
            neither in the scores nor in the lengths.
        rows: formulas that are written at a time; one picture at least has all it needs.
        max_length, rivals, grammar, attention: see `Writer`.

    Returns:
        What was read in each picture, in their order; it does not depend on which others there are.
    """
    rows = max(rows, beam_size)
    writer = Writer(engine, rows, max_length, rivals, beam_size, grammar, attention)
    waiting = enumerate(memories)
    ended: dict[int, list[Draft]] = {}  # of each picture in the pool
    done: dict[int, Decoded] = {}

    def merit(draft: Draft, length: int | None = None) -> float:
        length = len(draft.found.ids) if length is None else length
        return draft.score / ((6 + max(length - len(prefix), 0)) / 6) ** 0.6

    def begun() -> list[tuple[int, Memory]]:
        """The next pictures, as many as there is room for."""
        fresh = [pair for _, pair in zip(range(rows // beam_size - len(ended)), waiting, strict=False)]
        ended.update((picture, []) for picture, _ in fresh)
        return fresh

    writer.keep([], begun())
    while writer.drafts:
        writer.read()
        onward: list[tuple[int, Draft]] = []
        for picture, own in list(ended.items()):
            ways = _ways(writer, picture, beam_size, prefix)
            drafts = [(way.row, writer.write(way)) for way in ways]
            own += [draft for _, draft in drafts if not draft.state]
            best = max(map(merit, own), default=-math.inf)
            going = [(row, draft) for row, draft in drafts if draft.state and merit(draft, writer.limit) > best]
            onward += going
            if not going:
                done[picture] = max(ended.pop(picture), key=merit).found
        writer.keep(onward, begun())
    return [done[picture] for picture in sorted(done)]


def _ways(writer: Writer, picture: int, count: int, prefix: Sequence[int]) -> list[Way]:
    """The best ways on for the drafts of a picture; within the prefix there is but one."""
    ways = []
    for row, draft in enumerate(writer.drafts):
        if draft.picture != picture:
            continue
        if len(draft.found.ids) < len(prefix):
            return [Way(row, prefix[len(draft.found.ids)], draft.score)]
        ways += [Way(row, token, draft.score + log) for token, log in writer.ranked[row][:count]]
    return sorted(ways, key=lambda way: -way.score)[:count]


def _in_place(onward: Sequence[tuple[int, Draft]]) -> list[tuple[int, Draft]]:
    """Drafts in an order that leaves in its place whoever can stay."""
    placed: list[tuple[int, Draft] | None] = [None] * len(onward)
    others = []
    for row, draft in onward:
        if row < len(placed) and placed[row] is None:
            placed[row] = row, draft
        else:
            others.append((row, draft))
    return [pair or others.pop() for pair in placed]


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    logits = logits - logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
