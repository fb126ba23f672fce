"""The reference engine: the model itself, with a key/value cache. In bfloat16 on GPUs that support it natively.

`nn.TransformerDecoder` has no cache, so `step` runs the same weights itself; a test keeps the two equal.
Shapes: B rows, S memory cells, T tokens, D model width, V vocabulary, H heads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from img2latex.config import STRIDE
from img2latex.picture import images
from img2latex.reader.model import Img2Latex
from img2latex.reader.pool import Cache, Memory


class TorchEngine:
    """Computes a model on its device.

    Args:
        model: it is switched to evaluation mode.
        threads: of torch, for the whole process; unchanged by default.
        half: compute in bfloat16; by default on GPUs that support it natively.
    """

    spread = math.inf  # a step on a GPU takes about as long, however much it reads

    def __init__(self, model: Img2Latex, threads: int | None = None, half: bool | None = None):
        self.model, self.config = model.eval(), model.config
        self.device = next(model.parameters()).device
        # A T4 has no bfloat16 of its own: emulated, it is slower than float32.
        native = self.device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        self.half = native if half is None else half
        if threads:
            torch.set_num_threads(threads)

    def zeros(self, *shape: int) -> Tensor:
        return torch.zeros(shape, dtype=torch.bfloat16 if self.half else torch.float32, device=self.device)

    @torch.no_grad()
    def encode(self, picture: np.ndarray) -> Memory:
        batch, sizes = images.pad([picture])
        with self._precision():
            memory, key_padding_mask = self.model.encode(*(torch.from_numpy(x).to(self.device) for x in (batch, sizes)))
            cells = memory[0][~key_padding_mask[0]]
            return self.remember(cells, (batch.shape[1] // STRIDE, len(cells) * STRIDE // batch.shape[1]))

    @torch.no_grad()
    def remember(self, memory: Tensor, cells: tuple[int, int]) -> Memory:
        """Memory S x D of a picture, its rows and columns of cells -> each layer's cross-attention keys and values."""
        projected = [self._project(layer.multihead_attn, memory[None], 1, 3) for layer in self.model.decoder.layers]
        return Memory([keys[0] for keys, _ in projected], [values[0] for _, values in projected], cells)

    def summary(self, memory: Memory) -> np.ndarray:
        values = memory.values[0].float()  # H x S x D/H
        found = values.mean(1), values.std(1, unbiased=False), values.amax(1)
        return torch.stack(found).flatten().cpu().numpy()

    @torch.no_grad()
    def step(self, tokens: Sequence[int], cache: Cache) -> tuple[np.ndarray, np.ndarray]:
        model = self.model
        ids, places = (torch.tensor(numbers, device=self.device) for numbers in (tokens, cache.lengths))
        written = []
        with self._precision():
            state = (model.embedding(ids) * math.sqrt(self.config.d_model) + model.positions[places])[:, None]
            seen = F.pad(cache.past_mask, (0, 1))  # the token itself comes last
            for layer, past, memory in zip(model.decoder.layers, cache.past, cache.memory, strict=True):
                query, key, value = self._project(layer.self_attn, layer.norm1(state), 0, 3)
                own = query, torch.cat((past[0], key), 2), torch.cat((past[1], value), 2)
                state, query = self._layer(layer, state, own, memory, seen, cache.memory_mask)
                written.append((key[:, :, 0], value[:, :, 0]))
            scores = query @ cache.memory[-1][0].mT / query.shape[-1] ** 0.5 + cache.memory_mask
            looked = scores.float().softmax(-1)[:, :, 0].mean(1)
            logits = model.head(model.decoder.norm(state))[:, 0].float()
        cache.write(written)
        return logits.cpu().numpy(), looked.cpu().numpy()

    @torch.no_grad()
    def logits(self, tokens: np.ndarray, memory: Memory) -> np.ndarray:
        model = self.model
        with self._precision():
            state = model.embed(torch.from_numpy(tokens).to(self.device))
            for layer, *cells in zip(model.decoder.layers, memory.keys, memory.values, strict=True):
                own = self._project(layer.self_attn, layer.norm1(state), 0, 3)
                seen = [part.expand(len(tokens), -1, -1, -1) for part in cells]
                state, _ = self._layer(layer, state, own, seen, is_causal=True)
            return model.head(model.decoder.norm(state)).float().cpu().numpy()

    def _layer(
        self, layer: nn.TransformerDecoderLayer, state: Tensor, own: Sequence[Tensor], memory: Sequence[Tensor],
        mask: Tensor | None = None, memory_mask: Tensor | None = None, is_causal: bool = False,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """One layer: state B x N x D and its own queries, keys and values -> the state after it, and the queries,
        B x H x N x D/H, that it put to the memory's keys and values."""
        attended = F.scaled_dot_product_attention(*own, mask, is_causal=is_causal)
        state = state + layer.self_attn.out_proj(attended.transpose(1, 2).flatten(2))
        (query,) = self._project(layer.multihead_attn, layer.norm2(state), 0, 1)
        attended = F.scaled_dot_product_attention(query, *memory, memory_mask)
        state = state + layer.multihead_attn.out_proj(attended.transpose(1, 2).flatten(2))
        return state + layer.linear2(layer.activation(layer.linear1(layer.norm3(state)))), query

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)

    def _project(self, attention: nn.MultiheadAttention, states: Tensor, first: int, last: int) -> tuple[Tensor, ...]:
        """Of queries, keys and values those from `first` to before `last`: B x N x D -> B x H x N x D/H each."""
        rows = slice(first * self.config.d_model, last * self.config.d_model)
        found = F.linear(states, attention.in_proj_weight[rows], attention.in_proj_bias[rows])
        return found.unflatten(-1, (last - first, self.config.num_heads, -1)).permute(2, 0, 3, 1, 4).unbind()
