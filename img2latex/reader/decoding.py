"""Decoding: memory -> token ids, one step at a time in a pool of rows, greedy or by beam search.

A grammar (see automaton.py) restricts the next token; the probabilities returned are still those over the whole
vocabulary. This module knows neither text nor pictures. Shapes: B rows, S memory cells, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from img2latex.latex.automaton import DEEPEST, NEVER, Grammar, State, free
from img2latex.latex.tokens import BOS, EOS, PAD, UNK
from img2latex.reader.pool import Cache, Engine, Memory

# A passage repeated at least so often, in at least so many tokens, is a model in a loop. An 8 x 8 matrix of zeros stays
# below both; of 20,731 validation formulas none repeats four tokens more than 7 times, or one token more than 17 times.
LOOP_COPIES = 8
LOOP_TOKENS = 64
SCORES = 500_000  # tokens times memory cells that are computed at a time where whole formulas are: 16 MB for 8 heads


@dataclass
class Decoded:
    """One formula: its ids without bos and eos; and for each id and eos: probability, alternatives and attention."""

    ids: list[int]
    probabilities: list[float]  # one more than ids if the formula ended with eos
    alternatives: list[list[tuple[int, float]]]  # the most probable allowed ids, with their probabilities
    attention: list[np.ndarray]  # S each, over the memory cells; empty unless asked for
    truncated: bool = False
    nothing: float = 0.0  # the probability of eos at the first step: that the picture is empty
    handwritten: bool = False  # set by the caller, who encodes the pictures


def loops(ids: list[int]) -> bool:
    """Whether the ids end with a passage repeated so often that it is a loop of the model."""
    for period in range(1, len(ids) // LOOP_COPIES + 1):
        tail = ids[-max(LOOP_COPIES * period, LOOP_TOKENS) :]
        if ids[-1] == ids[-1 - period] and len(tail) >= LOOP_TOKENS and tail[period:] == tail[:-period]:
            return True
    return False


@dataclass
class Hypothesis:
    """An unfinished formula, in a row of the pool."""

    picture: int  # its number
    state: State  # of the grammar; empty once the formula has ended
    found: Decoded = field(default_factory=lambda: Decoded([], [], [], [], truncated=True))
    score: float = 0.0  # log-probability of the ids behind the prefix
    cut: bool = False  # too long, or in a loop: from here on only tokens that close it are allowed


@dataclass
class Extension:
    """One more id for the hypothesis in a row, and the score with it."""

    row: int
    token: int
    score: float


class Writer:
    """Extends hypotheses, each in its row of a pool, within a grammar and a length limit.

    A step is `rank`, a choice of extensions, `extend` for each of them, and `keep`.

    Args:
        rows: of the pool, at most.
        max_length: tokens at most; the model's own limit by default.
        alternatives: how many of the most probable ids to return for each step.
        choices: how many ids are ranked, to choose from.
        grammar: which ids are allowed next; any by default.
        attention: whether to return the attention weights.
    """

    def __init__(
        self, engine: Engine, rows: int, max_length: int | None, alternatives: int, choices: int,
        grammar: Grammar | None, attention: bool,
    ):  # fmt: skip
        self.engine, self.cache = engine, Cache(engine, rows)
        self.limit = min(max_length or engine.config.max_length, engine.config.max_length)
        self.alternatives, self.attention = max(alternatives, 1), attention
        self._ranks = min(max(self.alternatives, choices), len(engine.config.vocab))
        self.grammar = grammar or free(len(engine.config.vocab))
        self.hypotheses: list[Hypothesis] = []

    def rank(self) -> None:
        """Ranks the allowed next ids of each hypothesis: (id, log-probability), the most probable first."""
        last = [each.found.ids[-1] if each.found.ids else BOS for each in self.hypotheses]
        self.logs, self._looked = _step(self.engine, last, self.cache)
        logs = self.logs
        room = [0 if each.cut else self.limit - len(each.found.ids) for each in self.hypotheses]
        if min(room) <= DEEPEST:
            room = self._cut(logs, room)
        allowed = self._masked(logs, room)
        ids = np.argpartition(allowed, -self._ranks, axis=1)[:, -self._ranks :]
        best = np.take_along_axis(allowed, ids, 1)
        order = np.lexsort((ids, -best), axis=1)
        ids, best = (np.take_along_axis(values, order, 1).tolist() for values in (ids, best))
        self.ranked = [
            [(i, log) for i, log in zip(*row, strict=True) if log > -math.inf] for row in zip(ids, best, strict=True)
        ]

    def _masked(self, logs: np.ndarray, room: list[int]) -> np.ndarray:
        return np.where(self.grammar.allowed([each.state for each in self.hypotheses], room), logs, -math.inf)

    def _cut(self, logs: np.ndarray, room: list[int]) -> list[int]:
        """Cuts hypotheses whose best next id leaves no room to close open groups; returns the room that is left."""
        wanted = self._masked(logs, [NEVER] * len(room)).argmax(1).tolist()
        for each, token, left in zip(self.hypotheses, wanted, room, strict=True):
            needed = (token != EOS) + self.grammar.closing(self.grammar.step(each.state, token))
            each.cut |= needed > left
        return [0 if each.cut else left for each, left in zip(self.hypotheses, room, strict=True)]

    def extend(self, by: Extension) -> Hypothesis:
        """The hypothesis with one more id; eos ends it, and so does the limit."""
        before, token, logs = self.hypotheses[by.row], by.token, self.logs[by.row]
        old = before.found
        if token != EOS and len(old.ids) == self.limit:
            return Hypothesis(before.picture, (), old, by.score)
        cells = len(self.cache.memories[by.row])
        found = Decoded(
            ids=old.ids if token == EOS else [*old.ids, token],
            probabilities=[*old.probabilities, math.exp(logs[token])],
            alternatives=[
                *old.alternatives, [(i, math.exp(log)) for i, log in self.ranked[by.row][: self.alternatives]]
            ],
            attention=[*old.attention, self._looked[by.row, :cells].copy()] if self.attention else [],
            truncated=before.cut or token != EOS,
            nothing=old.nothing if old.ids else math.exp(logs[EOS]),
        )  # fmt: skip
        state = self.grammar.step(before.state, token) if token != EOS else ()
        return Hypothesis(before.picture, state, found, by.score, before.cut or loops(found.ids))

    def keep(self, kept: Sequence[tuple[int, Hypothesis]], fresh: Sequence[tuple[int, Memory]]) -> None:
        """Keeps hypotheses, each with the row it extends, and starts one for each new picture (number, memory)."""
        kept = _in_place(kept)
        started = [Hypothesis(picture, self.grammar.start) for picture, _ in fresh]
        self.hypotheses = [hypothesis for _, hypothesis in kept] + started
        self.cache.arrange([row for row, _ in kept], [memory for _, memory in fresh])


def search(engine: Engine, memories: Iterable[Memory], *options, **named) -> list[Decoded]:
    """The best formula that `beam_search` finds in each picture, with the same options."""
    return [found[0] for found in beam_search(engine, memories, *options, **named)]


def beam_search(
    engine: Engine, memories: Iterable[Memory], beam_size: int = 1, max_length: int | None = None,
    prefix: Sequence[int] = (), alternatives: int = 5, grammar: Grammar | None = None, attention: bool = True,
    rows: int = 16,
) -> list[list[Decoded]]:  # fmt: skip
    """Beam search with length normalization (Wu et al. 2016, alpha 0.6); a beam of one is greedy.

    At each step the `beam_size` best extensions of a picture's hypotheses are kept; eos ends a hypothesis. A picture is
    done when none of its open hypotheses can beat its best ended one. The next picture then takes its rows; the memory
    of a picture is computed only when it gets rows.

    Args:
        beam_size: hypotheses kept for each picture.
        prefix: ids that each formula must begin with, even against the grammar; eos may be the last. They count
            neither in the scores nor in the lengths.
        rows: hypotheses decoded at a time; raised to `beam_size` if it is less.
        max_length, alternatives, grammar, attention: see `Writer`.

    Returns:
        For each picture, in order, the formulas that have ended, the best one first; at least one. They do not depend
        on the other pictures.
    """
    rows = max(rows, beam_size)
    writer = Writer(engine, rows, max_length, alternatives, beam_size, grammar, attention)
    waiting = enumerate(memories)
    ended: dict[int, list[Hypothesis]] = {}  # of each picture in the pool
    done: dict[int, list[Decoded]] = {}

    def normalized(hypothesis: Hypothesis, length: int | None = None) -> float:
        length = len(hypothesis.found.ids) if length is None else length
        return hypothesis.score / ((6 + max(length - len(prefix), 0)) / 6) ** 0.6

    def next_pictures() -> list[tuple[int, Memory]]:
        """As many as there is room for."""
        fresh = [pair for _, pair in zip(range(rows // beam_size - len(ended)), waiting, strict=False)]
        ended.update((picture, []) for picture, _ in fresh)
        return fresh

    writer.keep([], next_pictures())
    while writer.hypotheses:
        writer.rank()
        kept: list[tuple[int, Hypothesis]] = []
        for picture, own in list(ended.items()):
            best_extensions = _extensions(writer, picture, beam_size, prefix)
            extended = [(extension.row, writer.extend(extension)) for extension in best_extensions]
            own += [each for _, each in extended if not each.state]
            best = max(map(normalized, own), default=-math.inf)
            open_ones = [(row, each) for row, each in extended if each.state and normalized(each, writer.limit) > best]
            kept += open_ones
            if not open_ones:
                done[picture] = [each.found for each in sorted(ended.pop(picture), key=normalized, reverse=True)]
        writer.keep(kept, next_pictures())
    return [done[picture] for picture in sorted(done)]


def log_probabilities(engine: Engine, memory: Memory, formulas: Sequence[Sequence[int]]) -> list[float]:
    """Of whole formulas in one picture: of all their ids and the eos behind them, whatever a grammar allows."""
    steps = max(map(len, formulas), default=0) + 1
    at_once = max(1, SCORES // (steps * len(memory)))
    found = []
    for start in range(0, len(formulas), at_once):
        part = formulas[start : start + at_once]
        wanted = np.array([[*ids, *[EOS] * (steps - len(ids))] for ids in part])  # B x T
        read = np.concatenate((np.full((len(part), 1), BOS), wanted[:, :-1]), axis=1)
        logs = _normalized(engine.logits(read, memory), engine.config.temperature)
        each = np.take_along_axis(logs, wanted[..., None], axis=2)[..., 0]  # B x T
        found += [float(row[: len(ids) + 1].sum()) for row, ids in zip(each, part, strict=True)]
    return found


def _extensions(writer: Writer, picture: int, count: int, prefix: Sequence[int]) -> list[Extension]:
    """The best extensions of a picture's hypotheses; within the prefix there is only one."""
    found = []
    for row, hypothesis in enumerate(writer.hypotheses):
        if hypothesis.picture != picture:
            continue
        if len(hypothesis.found.ids) < len(prefix):
            return [Extension(row, prefix[len(hypothesis.found.ids)], hypothesis.score)]
        found += [Extension(row, token, hypothesis.score + log) for token, log in writer.ranked[row][:count]]
    return sorted(found, key=lambda extension: -extension.score)[:count]


def _in_place(kept: Sequence[tuple[int, Hypothesis]]) -> list[tuple[int, Hypothesis]]:
    """In an order that leaves as many as possible in their rows: these cost nothing."""
    placed: list[tuple[int, Hypothesis] | None] = [None] * len(kept)
    others = []
    for row, hypothesis in kept:
        if row < len(placed) and placed[row] is None:
            placed[row] = row, hypothesis
        else:
            others.append((row, hypothesis))
    return [pair or others.pop() for pair in placed]


def _step(engine: Engine, last: Sequence[int], cache: Cache) -> tuple[np.ndarray, np.ndarray]:
    """The last ids B -> log-probabilities B x V of the next ones, and where the decoder looked, B x S."""
    logits, looked = engine.step(last, cache)
    return _normalized(logits, engine.config.temperature), looked


def _normalized(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Logits ... x V -> log-probabilities."""
    logits[..., [PAD, BOS, UNK]] = -math.inf  # never part of a formula
    logits = logits / temperature
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
