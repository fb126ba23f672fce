"""What computes a model: torch or ONNX Runtime, behind one interface. All that decides what is read is written once.

An engine encodes each picture alone, so that no neighbour's size reaches into it, and decodes many together: a step
takes one token of each row of a `Cache`, whose rows hold pictures of any size and formulas of any length.
Shapes: B rows, S memory cells, T tokens, D model width, V vocabulary, H heads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from img2latex.config import ModelConfig

Array = Any  # np.ndarray, or a torch.Tensor on the engine's device
STEPS = 32  # tokens by which a cache grows
CELLS = 16  # memory cells up to a multiple of which it is made
SPARE = 1.3  # ... and so many times what its rows need, at most


@dataclass(eq=False)
class Memory:
    """What the decoder looks at of one picture: of each layer the keys and the values, H x S x D/H each."""

    keys: list[Array]
    values: list[Array]
    cells: tuple[int, int]  # rows and columns; S of them

    def __len__(self) -> int:
        return self.cells[0] * self.cells[1]


class Engine(Protocol):
    config: ModelConfig
    spread: float  # times its smallest picture that the largest of a pool should be, at most: see `grouping.alike`

    def encode(self, picture: np.ndarray) -> Memory:
        """A picture as `images.crop` returns it, uint8 h x w."""

    def step(self, tokens: Sequence[int], cache: Cache) -> tuple[np.ndarray, np.ndarray]:
        """The last ids B -> logits B x V of the next ones, and where the last layer looked, B x S or wider (float32).

        Where it looked is the mean of heads, and 0 behind a row's own cells. The cache grows by these tokens.
        """

    def logits(self, tokens: np.ndarray, memory: Memory) -> np.ndarray:
        """Whole formulas in one picture, ids B x T with bos first -> logits of each next token, B x T x V (float32)."""

    def summary(self, memory: Memory) -> np.ndarray:
        """The mean, standard deviation and maximum over the cells of the first layer's values, 3 D (float32)."""

    def zeros(self, *shape: int) -> Array:
        """An array for the cache."""


class Cache:
    """The keys and values of a pool of rows: those of their pictures, and those of the tokens written so far.

    There is room for more cells and tokens than a row has; what does not count is masked by -inf added to its score.

    Args:
        rows: as many as there can be at a time.
    """

    def __init__(self, engine: Engine, rows: int):
        self._zeros, self._rows = engine.zeros, rows
        self._layers, self._heads = engine.config.num_layers, engine.config.num_heads
        self._width = engine.config.d_model // engine.config.num_heads
        self.memories: list[Memory] = []  # of each row
        self.lengths: list[int] = []  # tokens of each row
        self._held: list[Memory | None] = []  # of each place, those that rows have left too
        self._memory, self._memory_mask, self._cells = [], None, 0
        self._past, self._past_mask, self._steps = self._room(STEPS)

    def __len__(self) -> int:
        return len(self.memories)

    @property
    def memory(self) -> list[tuple[Array, Array]]:
        """Of each layer keys and values, B x H x S x D/H each."""
        return [(keys[: len(self)], values[: len(self)]) for keys, values in self._memory]

    @property
    def memory_mask(self) -> Array:
        """B x 1 x 1 x S: 0 where a row's picture has a cell, -inf elsewhere."""
        return self._memory_mask[: len(self)]

    @property
    def past(self) -> list[tuple[Array, Array]]:
        """Of each layer keys and values, B x H x T x D/H each."""
        return [(keys[: len(self)], values[: len(self)]) for keys, values in self._past]

    @property
    def past_mask(self) -> Array:
        """B x 1 x 1 x T: 0 where a row has a token, -inf elsewhere."""
        return self._past_mask[: len(self)]

    def arrange(self, rows: Sequence[int], fresh: Sequence[Memory] = ()) -> None:
        """Goes on with some rows, in this order, each as often as it is named; behind them come pictures not begun yet.

        Rows that stay in their place cost nothing.
        """
        moved = [i for i, row in enumerate(rows) if i != row]
        if moved:
            came = [rows[i] for i in moved]
            for past in (*(part for layer in self._past for part in layer), self._past_mask):
                past[moved] = past[came]
        self.memories = [*(self.memories[row] for row in rows), *fresh]
        self.lengths = [*(self.lengths[row] for row in rows), *(0 for _ in fresh)]
        self._past_mask[len(rows) : len(self)] = -math.inf
        self._fit_memory()
        self._fit_past()

    def write(self, written: Sequence[tuple[Array, Array]]) -> None:
        """Adds a token to each row: its keys and values of each layer, B x H x D/H."""
        rows = list(range(len(self)))
        for past, added in zip(self._past, written, strict=True):
            for part, values in zip(past, added, strict=True):
                part[rows, :, self.lengths] = values
        self._past_mask[rows, :, :, self.lengths] = 0
        self.lengths = [length + 1 for length in self.lengths]
        self._fit_past()

    def _room(self, size: int) -> tuple[list[tuple[Array, Array]], Array, int]:
        """Keys, values and a mask for so many cells or tokens of each row."""
        shape = self._rows, self._heads, size, self._width
        layers = [(self._zeros(*shape), self._zeros(*shape)) for _ in range(self._layers)]
        mask = self._zeros(self._rows, 1, 1, size)
        mask[:] = -math.inf
        return layers, mask, size

    def _fit_memory(self) -> None:
        """Room for the largest picture, and not much more; each row gets its picture where it has not got it."""
        needed = max(map(len, self.memories), default=1)
        if not needed <= self._cells <= SPARE * needed + CELLS:
            rounded = -(-needed // CELLS) * CELLS
            self._memory, self._memory_mask, self._cells = self._room(rounded if self._rows > 1 else needed)
            self._held = [None] * self._rows
        for row, memory in enumerate(self.memories):
            if self._held[row] is memory:
                continue
            for (keys, values), key, value in zip(self._memory, memory.keys, memory.values, strict=True):
                keys[row, :, : len(memory)] = key
                values[row, :, : len(memory)] = value
            self._memory_mask[row, :, :, : len(memory)] = 0
            self._memory_mask[row, :, :, len(memory) :] = -math.inf
            self._held[row] = memory

    def _fit_past(self) -> None:
        """Room for the next token of the longest row, and not much more."""
        needed = max(self.lengths, default=0) + 1
        if needed <= self._steps <= needed + 2 * STEPS:
            return
        before, seen, size = self._past, self._past_mask, self._steps
        self._past, self._past_mask, self._steps = self._room(-(-needed // STEPS) * STEPS)
        size, count = min(size, self._steps), len(self)
        for past, old in zip(self._past, before, strict=True):
            for part, values in zip(past, old, strict=True):
                part[:count, :, :size] = values[:count, :, :size]
        self._past_mask[:count, ..., :size] = seen[:count, ..., :size]
