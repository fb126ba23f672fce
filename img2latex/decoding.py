"""Token ids from memory: one step at a time with a key/value cache, greedy or by beam. Knows no text and no pictures.

`nn.TransformerDecoder` has no cache, so `Cache.step` runs the same weights itself; a test keeps the two equal.
Shapes: B rows, S memory cells, D model width, V vocabulary, H heads.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from img2latex.model import Img2Latex
from img2latex.tokens import BOS, EOS, PAD, UNK


@dataclass
class Decoded:
    """One formula: ids without bos and eos, and of each id (of eos too) its probability, rivals and place."""

    ids: list[int]
    probabilities: list[float]  # one more than ids when it ended by eos
    rivals: list[list[tuple[int, float]]]  # the likeliest ids of each step with their probabilities
    attention: list[Tensor]  # S, over the memory cells
    truncated: bool = False


class Cache:
    """The decoder's keys and values of a batch of rows, grown by one token a step."""

    def __init__(self, model: Img2Latex, memory: Tensor, outside: Tensor):
        self.model = model
        self.length = 0
        self.heads = model.config.num_heads
        # what may be attended, as a number added to the scores: B x 1 x 1 x S
        self.mask = torch.zeros(outside.shape, dtype=memory.dtype, device=memory.device)
        self.mask = self.mask.masked_fill(outside, float("-inf"))[:, None, None]
        self.past: list[tuple[Tensor, Tensor] | None] = [None] * len(model.decoder.layers)
        self.memory = [self._project(layer.multihead_attn, memory) for layer in model.decoder.layers]

    def _project(self, attention, states: Tensor) -> tuple[Tensor, Tensor]:
        width = states.shape[-1]
        both = F.linear(states, attention.in_proj_weight[width:], attention.in_proj_bias[width:])
        keys, values = both.chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def _split(self, states: Tensor) -> Tensor:
        """B x N x D -> B x H x N x D/H"""
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def _query(self, attention, state: Tensor) -> Tensor:
        width = state.shape[-1]
        return self._split(F.linear(state, attention.in_proj_weight[:width], attention.in_proj_bias[:width]))

    def select(self, rows: Tensor) -> None:
        """Keeps, repeats or reorders rows."""
        self.mask = self.mask[rows]
        self.past = [(k[rows], v[rows]) for k, v in self.past]
        self.memory = [(k[rows], v[rows]) for k, v in self.memory]

    def step(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """The last ids B -> logits B x V of the next ones, and where the last layer looked, B x S (mean of heads)."""
        state = self.model.embed(tokens[:, None], self.length)
        looked = None
        for i, layer in enumerate(self.model.decoder.layers):
            normed = layer.norm1(state)
            keys, values = self._project(layer.self_attn, normed)
            if self.past[i] is not None:
                keys, values = torch.cat((self.past[i][0], keys), 2), torch.cat((self.past[i][1], values), 2)
            self.past[i] = keys, values
            attended = F.scaled_dot_product_attention(self._query(layer.self_attn, normed), keys, values)
            state = state + layer.self_attn.out_proj(attended.transpose(1, 2).flatten(2))

            query = self._query(layer.multihead_attn, layer.norm2(state))
            keys, values = self.memory[i]
            weights = (query @ keys.transpose(2, 3) / query.shape[-1] ** 0.5 + self.mask).softmax(-1)
            looked = weights[:, :, 0].mean(1)
            state = state + layer.multihead_attn.out_proj((weights @ values).transpose(1, 2).flatten(2))
            state = state + layer.linear2(layer.activation(layer.linear1(layer.norm3(state))))
        self.length += 1
        return self.model.head(self.model.decoder.norm(state))[:, 0], looked


def _forbid(logits: Tensor) -> Tensor:
    """Ids that are never part of a formula."""
    logits[:, [PAD, BOS, UNK]] = float("-inf")
    return logits


@torch.inference_mode()
def greedy(
    model: Img2Latex, memory: Tensor, outside: Tensor, max_length: int | None = None, prefix: list[int] | None = None,
    rivals: int = 5,
) -> list[Decoded]:  # fmt: skip
    """The likeliest next token at each step, for a batch; rows that have ended are dropped from the work.

    Args:
        memory: B x S x D, with `outside` B x S from `model.encode`.
        max_length: tokens at most; the model's own limit by default.
        prefix: ids that each formula must begin with.
        rivals: how many of the likeliest ids are kept of each step.
    """
    cache = Cache(model, memory, outside)
    limit = min(max_length or model.config.max_length, model.config.max_length)
    found = [Decoded([], [], [], [], truncated=True) for _ in range(len(memory))]
    rows = list(range(len(memory)))
    tokens = torch.full((len(memory),), BOS, device=memory.device)
    forced = list(prefix or [])
    for step in range(limit + 1):
        logits, looked = cache.step(tokens)
        odds = (_forbid(logits.float()) / model.config.temperature).softmax(-1)
        best = odds.topk(max(rivals, 1), dim=-1)
        tokens = torch.full_like(tokens, forced[step]) if step < len(forced) else best.indices[:, 0]
        chosen = odds.gather(1, tokens[:, None])[:, 0].tolist()
        ranked = [
            list(zip(i, p, strict=True)) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]
        going = []
        for k, (row, token) in enumerate(zip(rows, tokens.tolist(), strict=True)):
            result = found[row]
            if step == limit and token != EOS:
                continue
            result.probabilities.append(chosen[k])
            result.rivals.append(ranked[k])
            result.attention.append(looked[k])
            if token == EOS:
                result.truncated = False
            else:
                result.ids.append(token)
                going.append(k)
        if not going or step == limit:
            break
        if len(going) < len(rows):
            keep = torch.tensor(going, device=memory.device)
            cache.select(keep)
            tokens, rows = tokens[keep], [rows[k] for k in going]
    return found


@torch.inference_mode()
def beam(model: Img2Latex, memory: Tensor, outside: Tensor, beam_size: int, max_length: int | None = None) -> list[int]:
    """The best of `beam_size` hypotheses for one picture, scores divided by length (Wu et al. 2016, alpha 0.6).

    Args:
        memory: 1 x S x D, with `outside` 1 x S.

    Returns:
        ids without bos and eos; `greedy` with them as prefix gives their probabilities.
    """
    limit = min(max_length or model.config.max_length, model.config.max_length)
    cache = Cache(model, memory, outside)
    tokens = torch.full((1,), BOS, device=memory.device)
    scores = torch.zeros(1, device=memory.device)
    hypotheses: list[list[int]] = [[]]
    finished: list[tuple[float, list[int]]] = []
    for step in range(limit):
        logits, _ = cache.step(tokens)
        total = scores[:, None] + _forbid(logits.float()).log_softmax(-1)
        values, flat = total.flatten().topk(2 * beam_size)
        kept: list[tuple[float, int, int]] = []
        for value, index in zip(values.tolist(), flat.tolist(), strict=True):
            row, token = divmod(index, total.shape[1])
            if token == EOS:
                finished.append((value / ((6 + step) / 6) ** 0.6, hypotheses[row]))
            elif len(kept) < beam_size:
                kept.append((value, row, token))
        best_open = kept[0][0] / ((6 + limit) / 6) ** 0.6 if kept else float("-inf")
        if len(finished) >= beam_size and max(f[0] for f in finished) >= best_open:
            break
        cache.select(torch.tensor([row for _, row, _ in kept], device=memory.device))
        hypotheses = [hypotheses[row] + [token] for _, row, token in kept]
        scores = torch.tensor([value for value, _, _ in kept], device=memory.device)
        tokens = torch.tensor([token for _, _, token in kept], device=memory.device)
    return max(finished)[1] if finished else hypotheses[0]
