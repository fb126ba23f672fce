"""Token ids from memory: one step at a time with a key/value cache, greedy or by beam. Knows no text and no pictures.

`nn.TransformerDecoder` has no cache, so `Cache.step` runs the same weights itself; a test keeps the two equal.
A grammar (see grammar.py) says what may come next; the probabilities told are those among all ids all the same.
Shapes: B rows, S memory cells, D model width, V vocabulary, H heads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from img2latex.latex.automaton import DEEPEST, NEVER, Grammar, State, free
from img2latex.latex.tokens import BOS, EOS, PAD, UNK
from img2latex.reader.model import Img2Latex

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
    attention: list[Tensor]  # S, over the memory cells
    truncated: bool = False
    nothing: float = 0.0  # the probability of eos at the very first step: that there is nothing to read


class Cache:
    """The decoder's keys and values of a batch of rows, grown by one token a step."""

    def __init__(self, model: Img2Latex, memory: Tensor, outside: Tensor):
        self.model = model
        self.length = 0
        self.heads = model.config.num_heads
        # what may be attended, as a number added to the scores: B x 1 x 1 x S
        self.mask = torch.zeros(outside.shape, dtype=memory.dtype, device=memory.device)
        self.mask = self.mask.masked_fill(outside, -math.inf)[:, None, None]
        self.past: list[tuple[Tensor, Tensor] | None] = [None] * len(model.decoder.layers)
        projected = (self._split(self._project(layer.multihead_attn, memory, 1, 3), 2) for layer in self.layers)
        self.memory = [(keys.contiguous(), values.contiguous()) for keys, values in projected]  # read at each step

    @property
    def layers(self):
        return self.model.decoder.layers

    @staticmethod
    def _project(attention, states: Tensor, first: int, last: int) -> Tensor:
        """Of the three projections (queries, keys, values) those from `first` to before `last`, side by side."""
        width = states.shape[-1]
        rows = slice(first * width, last * width)
        return F.linear(states, attention.in_proj_weight[rows], attention.in_proj_bias[rows])

    def _split(self, states: Tensor, parts: int) -> tuple[Tensor, ...]:
        """B x N x (parts * D) -> `parts` tensors B x H x N x D/H."""
        return states.unflatten(-1, (parts, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind()

    def select(self, rows: Tensor) -> None:
        """Keeps, repeats or reorders rows."""
        self.mask = self.mask[rows]
        self.past = [(k[rows], v[rows]) for k, v in self.past]
        self.memory = [(k[rows], v[rows]) for k, v in self.memory]

    def step(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """The last ids B -> logits B x V of the next ones, and where the last layer looked, B x S (mean of heads)."""
        state = self.model.embed(tokens[:, None], self.length)
        for i, layer in enumerate(self.layers):
            query, keys, values = self._split(self._project(layer.self_attn, layer.norm1(state), 0, 3), 3)
            if self.past[i] is not None:
                keys, values = torch.cat((self.past[i][0], keys), 2), torch.cat((self.past[i][1], values), 2)
            self.past[i] = keys, values
            attended = F.scaled_dot_product_attention(query, keys, values)
            state = state + layer.self_attn.out_proj(attended.transpose(1, 2).flatten(2))

            (query,) = self._split(self._project(layer.multihead_attn, layer.norm2(state), 0, 1), 1)
            attended = F.scaled_dot_product_attention(query, *self.memory[i], self.mask)
            state = state + layer.multihead_attn.out_proj(attended.transpose(1, 2).flatten(2))
            state = state + layer.linear2(layer.activation(layer.linear1(layer.norm3(state))))
        self.length += 1
        scores = query @ self.memory[-1][0].transpose(2, 3) / query.shape[-1] ** 0.5 + self.mask
        return self.model.head(self.model.decoder.norm(state))[:, 0], scores.softmax(-1)[:, :, 0].mean(1)


def loops(ids: list[int]) -> bool:
    """Do the ids end with so many copies of one passage that nobody wrote them?"""
    for period in range(1, len(ids) // LOOP_COPIES + 1):
        tail = ids[-max(LOOP_COPIES * period, LOOP_TOKENS) :]
        if ids[-1] == ids[-1 - period] and len(tail) >= LOOP_TOKENS and tail[period:] == tail[:-period]:
            return True
    return False


@dataclass
class Draft:
    """A formula being written."""

    state: State  # of the grammar; empty once the formula has ended
    found: Decoded = field(default_factory=lambda: Decoded([], [], [], [], truncated=True))
    score: float = 0.0  # log-probability, where a beam needs it
    cut: bool = False  # too long, or a loop: from here on only what closes it may come


class Writer:
    """Writes formulas on, each in its row of the cache, within a grammar and a limit.

    A step is `read`, a choice of one id (or of several) for each row, `write` for each of them, and `keep`.

    Args:
        memory: B x S x D, with `outside` B x S from `model.encode`.
        max_length: tokens at most; the model's own limit by default.
        rivals: how many of the likeliest ids are told of each step.
        grammar: what may come next; anything by default.
    """

    def __init__(
        self, model: Img2Latex, memory: Tensor, outside: Tensor, max_length: int | None, rivals: int,
        grammar: Grammar | None,
    ):  # fmt: skip
        self.cache = Cache(model, memory, outside)
        self.limit = min(max_length or model.config.max_length, model.config.max_length)
        self.temperature = model.config.temperature
        self.told = min(max(rivals, 1), len(model.config.vocab))
        self.grammar = grammar or free(len(model.config.vocab))
        self.drafts = [Draft(self.grammar.start) for _ in range(len(memory))]
        self.tokens = torch.full((len(memory),), BOS, device=memory.device)

    def read(self) -> Tensor:
        """Log-probabilities B x V of the next ids, -inf where an id may not come; sets `ranked`, rivals of each row."""
        logits, self._looked = self.cache.step(self.tokens)
        logits = logits.float()
        logits[:, [PAD, BOS, UNK]] = -math.inf  # never part of a formula
        logs = (logits / self.temperature).log_softmax(-1)
        room = [0 if draft.cut else self.limit - len(draft.found.ids) for draft in self.drafts]
        if min(room) <= DEEPEST:
            room = self._cut(logs, room)
        fitting = self._masked(logs, room)
        best, ids = fitting.topk(self.told)
        self._odds = logs.exp()
        told = zip(ids.tolist(), self._odds.gather(1, ids).tolist(), best.tolist(), strict=True)
        self.ranked = [[(i, p) for i, p, log in zip(*row, strict=True) if log > -math.inf] for row in told]
        return fitting

    def _masked(self, logs: Tensor, room: list[int]) -> Tensor:
        allowed = self.grammar.allowed([draft.state for draft in self.drafts], room)
        return logs.where(allowed.to(logs.device), -math.inf)

    def _cut(self, logs: Tensor, room: list[int]) -> list[int]:
        """Cuts drafts whose likeliest next id leaves no room to close what is open; returns the room that is left."""
        wanted = self._masked(logs, [NEVER] * len(room)).argmax(-1).tolist()
        for draft, token, left in zip(self.drafts, wanted, room, strict=True):
            needed = (token != EOS) + self.grammar.closing(self.grammar.step(draft.state, token))
            draft.cut |= needed > left
        return [0 if draft.cut else left for draft, left in zip(self.drafts, room, strict=True)]

    def write(self, row: int, token: int, score: float = 0.0) -> Draft:
        """The draft of a row with one more id; eos ends it, and so does the limit."""
        draft, old = self.drafts[row], self.drafts[row].found
        if token != EOS and len(old.ids) == self.limit:
            return Draft((), old)
        found = Decoded(
            ids=old.ids if token == EOS else [*old.ids, token],
            probabilities=[*old.probabilities, self._odds[row, token].item()],
            rivals=[*old.rivals, self.ranked[row]],
            attention=[*old.attention, self._looked[row]],
            truncated=draft.cut or token != EOS,
            nothing=old.nothing if old.ids else self._odds[row, EOS].item(),
        )
        state = self.grammar.step(draft.state, token) if token != EOS else ()
        return Draft(state, found, score, draft.cut or loops(found.ids))

    def begin(self, prefix: Sequence[int]) -> bool:
        """Writes ids that each formula must begin with, whatever the grammar says; False if they end the formulas."""
        for token in prefix:
            self.read()
            self.drafts = [self.write(row, token) for row in range(len(self.drafts))]
            if not all(draft.state for draft in self.drafts):
                return False
            self.keep(list(range(len(self.drafts))), self.drafts)
        return True

    def keep(self, rows: list[int], drafts: list[Draft]) -> None:
        """Goes on with `drafts`, which `write` made of `rows`."""
        device = self.tokens.device
        if rows != list(range(len(self.drafts))):
            self.cache.select(torch.tensor(rows, device=device))
        self.drafts = drafts
        self.tokens = torch.tensor([draft.found.ids[-1] for draft in drafts], device=device)


@torch.inference_mode()
def greedy(
    model: Img2Latex, memory: Tensor, outside: Tensor, max_length: int | None = None, prefix: Sequence[int] = (),
    rivals: int = 5, grammar: Grammar | None = None,
) -> list[Decoded]:  # fmt: skip
    """The likeliest next id at each step, for a batch; rows that have ended are dropped from the work.

    Args:
        prefix: ids that each formula must begin with, whatever the grammar says.
        memory, outside, max_length, rivals, grammar: see `Writer`.
    """
    writer = Writer(model, memory, outside, max_length, rivals, grammar)
    if not writer.begin(prefix):
        return [draft.found for draft in writer.drafts]
    found: dict[int, Decoded] = {}
    pictures = list(range(len(memory)))  # of the rows
    while pictures:
        writer.read()
        drafts = [writer.write(row, rivals[0][0]) for row, rivals in enumerate(writer.ranked)]
        found |= {picture: draft.found for picture, draft in zip(pictures, drafts, strict=True)}
        going = [row for row, draft in enumerate(drafts) if draft.state]
        pictures = [pictures[row] for row in going]
        if going:
            writer.keep(going, [drafts[row] for row in going])
    return [found[picture] for picture in range(len(memory))]


@torch.inference_mode()
def beam(
    model: Img2Latex, memory: Tensor, outside: Tensor, beam_size: int, max_length: int | None = None,
    prefix: Sequence[int] = (), rivals: int = 5, grammar: Grammar | None = None,
) -> list[Decoded]:  # fmt: skip
    """The best of `beam_size` formulas of each picture, for a batch; scores are divided by length.

    At each step the `beam_size` best ways on are taken; those by eos end a formula. A picture is done when none of the
    others can beat the best that has ended. One beam is `greedy`. The division is that of Wu et al. 2016, alpha 0.6.

    Args:
        beam_size: formulas kept of each picture.
        prefix: as for `greedy`; it counts neither in the scores nor in the lengths.
        memory, outside, max_length, rivals, grammar: see `Writer`.
    """
    writer = Writer(model, memory, outside, max_length, rivals, grammar)
    if not writer.begin(prefix):
        return [draft.found for draft in writer.drafts]

    def merit(draft: Draft) -> float:
        return _merit(draft.score, len(draft.found.ids) - len(prefix))

    ended: list[list[Draft]] = [[] for _ in range(len(memory))]
    pictures = list(range(len(memory)))  # of the rows
    while pictures:
        scores = writer.read() + torch.tensor([[draft.score] for draft in writer.drafts], device=memory.device)
        onward: list[tuple[int, int, float]] = []  # row, id, score
        for picture in dict.fromkeys(pictures):
            ways = _ways([row for row, of in enumerate(pictures) if of == picture], scores, beam_size)
            ended[picture] += [writer.write(*way) for way in ways if way[1] == EOS]
            best = max(map(merit, ended[picture]), default=-math.inf)
            onward += [way for way in ways if way[1] != EOS and _merit(way[2], writer.limit - len(prefix)) > best]
        pictures = [pictures[row] for row, _, _ in onward]
        if onward:
            writer.keep([row for row, _, _ in onward], [writer.write(*way) for way in onward])
    return [max(of, key=merit).found for of in ended]


def _ways(rows: list[int], scores: Tensor, count: int) -> list[tuple[int, int, float]]:
    """The best ways on from some rows: row, id and score."""
    own = scores[rows].flatten()
    best, places = own.topk(min(count, len(own)))
    size = scores.shape[1]
    ways = zip(places.tolist(), best.tolist(), strict=True)
    return [(rows[place // size], place % size, score) for place, score in ways if score > -math.inf]


def _merit(score: float, length: int) -> float:
    return score / ((6 + length) / 6) ** 0.6
