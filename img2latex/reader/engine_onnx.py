"""The light engine: the model as three graphs for ONNX Runtime, on the CPU, made from a checkpoint's weights.

Nothing is exported or cached: they are put together in a tenth of a second, for any vocabulary, width and depth.
The batch norms of the trunk are folded into its convolutions. Shapes: B rows, S memory cells, T tokens, D model width,
V vocabulary, H heads.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import numpy as np
import onnxruntime

from img2latex.config import STRIDE, ModelConfig
from img2latex.picture import images
from img2latex.reader.graph import CONTRIB, Graph, Shape
from img2latex.reader.pool import Cache, Memory
from img2latex.reader.weights import STAGES

NORM_EPSILON = 1e-5  # of batch and layer norms, as torch has it


class OnnxEngine:
    """Computes a checkpoint by ONNX Runtime.

    Args:
        weights: as `checkpoints.read` finds them.
        fast: the decoder multiplies in 8 bits.
        threads: that encode a picture; a step of the decoder is too short to be shared. By default as many as
            `OMP_NUM_THREADS` or the machine's cores.
    """

    spread = 2.0  # a step takes as long as reading its memory does

    def __init__(
        self, config: ModelConfig, weights: Mapping[str, np.ndarray], fast: bool = False, threads: int | None = None
    ):
        self.config = config
        threads = threads or int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
        self._encoder = session(encoder(config, weights), threads)
        self._decoder = session(decoder(config, weights, fast), 1)
        self._scorer = cache(lambda: session(scorer(config, weights), threads))  # made when it is first needed

    def zeros(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, np.float32)

    def encode(self, picture: np.ndarray) -> Memory:
        (padded,), _ = images.pad([picture])
        cells = padded.shape[0] // STRIDE, -(-picture.shape[1] // self.config.column_stride)
        ink = (255 - padded.astype(np.float32)) / 255
        places = positions_2d(*cells, self.config.d_model, self.config.column_stride / STRIDE)
        found = self._encoder.run(None, {"ink": ink[None, None], "places": places, "columns": np.array([cells[1]])})
        return Memory(found[0::2], found[1::2], cells)

    def summary(self, memory: Memory) -> np.ndarray:
        values = memory.values[0]  # H x S x D/H
        return np.concatenate([values.mean(1), values.std(1), values.max(1)], axis=None)

    def step(self, tokens: Sequence[int], cache: Cache) -> tuple[np.ndarray, np.ndarray]:
        fed = {"tokens": np.array(tokens), "lengths": np.array(cache.lengths)}
        fed |= {"memory_mask": cache.memory_mask, "past_mask": cache.past_mask}
        for i, (memory, past) in enumerate(zip(cache.memory, cache.past, strict=True)):
            fed |= {f"memory_keys{i}": memory[0], f"memory_values{i}": memory[1]}
            fed |= {f"past_keys{i}": past[0], f"past_values{i}": past[1]}
        logits, looked, *written = self._decoder.run(None, fed)
        cache.write(list(zip(written[0::2], written[1::2], strict=True)))
        return logits, looked

    def logits(self, tokens: np.ndarray, memory: Memory) -> np.ndarray:
        steps = tokens.shape[1]
        fed = {"tokens": tokens, "places": np.arange(steps)}
        fed["future"] = np.triu(np.full((steps, steps), -np.inf, np.float32), 1)
        for i, (keys, values) in enumerate(zip(memory.keys, memory.values, strict=True)):
            fed |= {f"keys{i}": keys[None], f"values{i}": values[None]}
        (found,) = self._scorer().run(None, fed)
        return found.reshape(*tokens.shape, -1)


def session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the core to others
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def sinusoid(positions: np.ndarray, width: int) -> np.ndarray:
    """The same as `model.sinusoid`."""
    rates = np.exp(np.arange(0, width, 2, dtype=np.float32) * np.float32(-math.log(10_000) / width))
    angles = positions.astype(np.float32)[:, None] * rates
    return np.concatenate((np.sin(angles), np.cos(angles)), axis=1)


@lru_cache(maxsize=32)
def positions_2d(rows: int, columns: int, width: int, column_step: float) -> np.ndarray:
    """The same as `model.sinusoid_2d`, of all cells in order: S x width."""
    down = sinusoid(np.arange(rows), width // 2)[:, None].repeat(columns, 1)
    across = sinusoid(np.arange(columns) * column_step, width // 2)[None].repeat(rows, 0)
    return np.concatenate((down, across), axis=2).reshape(rows * columns, width)


class TrunkGraph(Graph):
    """A graph with convolutions, which are called by their names among the weights."""

    def __init__(self, weights: Mapping[str, np.ndarray]):
        super().__init__()
        self._weights = weights

    def weight(self, name: str) -> np.ndarray:
        return self._weights[name].astype(np.float32)

    def trunk(self, array: str, fine: bool = False) -> list[str]:
        """A ResNet18 to layer3: what each stage makes of ink. See `model.halve_column_stride` for `fine`."""
        state = self.add("Relu", self.convolution("trunk.conv1", "trunk.bn1", array, (2, 2)))
        state = self.add("MaxPool", state, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        stages = []
        for stage in range(1, len(STAGES) + 1):
            halved = fine and stage == len(STAGES)
            wide = (1, 2) if halved else (1, 1)
            stride = (1, 1) if stage == 1 else (2, 1) if halved else (2, 2)
            state = self.block(f"trunk.layer{stage}.0", state, stride, [(1, 1), wide])
            state = self.block(f"trunk.layer{stage}.1", state, (1, 1), [wide, wide])
            stages.append(state)
        return stages

    def plain(self, name: str, array: str, stride: int = 1) -> str:
        """A convolution with a bias, without a margin."""
        matrix, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        told = (self.constant(matrix, name), self.constant(bias, name))
        return self.add("Conv", array, *told, strides=[stride, stride], kernel_shape=list(matrix.shape[2:]))

    def convolution(
        self, name: str, norm: str, array: str, stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)
    ) -> str:
        """With its batch norm folded in."""
        matrix = self._weights[f"{name}.weight"].astype(np.float64)
        scale, shift, mean, variance = (
            self._weights[f"{norm}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = scale / np.sqrt(variance + NORM_EPSILON)
        weight = self.constant((matrix * scale[:, None, None, None]).astype(np.float32), name)
        bias = self.constant((shift - mean * scale).astype(np.float32), name)
        pads = [step * (size // 2) for step, size in zip(dilation, matrix.shape[2:], strict=True)] * 2
        return self.add(
            "Conv", array, weight, bias, strides=list(stride), dilations=list(dilation), pads=pads,
            kernel_shape=list(matrix.shape[2:]),
        )  # fmt: skip

    def block(self, name: str, array: str, stride: tuple[int, int], dilations: list[tuple[int, int]]) -> str:
        """Two convolutions of a ResNet, and what passes them by."""
        inner = self.add("Relu", self.convolution(f"{name}.conv1", f"{name}.bn1", array, stride, dilations[0]))
        inner = self.convolution(f"{name}.conv2", f"{name}.bn2", inner, (1, 1), dilations[1])
        if f"{name}.downsample.0.weight" in self._weights:
            array = self.convolution(f"{name}.downsample.0", f"{name}.downsample.1", array, stride)
        return self.add("Relu", self.add("Add", inner, array))


class _Builder(TrunkGraph):
    """A graph of a model's parts, which are called by their names in the checkpoint."""

    def __init__(self, config: ModelConfig, weights: Mapping[str, np.ndarray], fast: bool = False):
        super().__init__(weights)
        self.config, self.fast = config, fast
        self.head = config.d_model // config.num_heads

    def shaped(self, array: str, *shape: int) -> str:
        """0 keeps a side, -1 takes what is left."""
        return self.add("Reshape", array, self.constant(np.array(shape), "shape"))

    def norm(self, name: str, array: str) -> str:
        scale, shift = (self.constant(self.weight(f"{name}.{part}"), name) for part in ("weight", "bias"))
        return self.add("LayerNormalization", array, scale, shift, epsilon=NORM_EPSILON)

    def linear(self, name: str, array: str) -> str:
        return self.affine(array, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"))

    def affine(self, array: str, matrix: np.ndarray, bias: np.ndarray) -> str:
        """N x D -> N x E, with a matrix E x D; in fast mode with 8 bits for each weight and for what comes in."""
        shift = self.constant(bias, "bias")
        if not self.fast:
            return self.add("Gemm", array, self.constant(matrix, "matrix"), shift, transB=1)
        scale = np.abs(matrix).max(axis=1) / 127 + 1e-12
        rounded = self.constant(np.round(matrix / scale[:, None]).astype(np.int8).T, "matrix")
        scales, middle = self.constant(scale, "scale"), self.constant(np.zeros(len(scale), np.int8), "zero")
        return self.add("DynamicQuantizeMatMul", array, rounded, scales, middle, shift, domain=CONTRIB)

    def products(self, query: str, keys: str) -> str:
        """B x H x 1 x D/H with each of the keys B x H x S x D/H -> B x H x 1 x S.

        The runtime multiplies without turning them, in less than half the time that keys B x H x D/H x S would take.
        """
        return self.add("MatMul", query, self.add("Transpose", keys, perm=[0, 1, 3, 2]))

    def words(self, tokens: str, places: str) -> str:
        """Ids and their positions, of one shape -> the decoder's first state, one more side of width D."""
        config = self.config
        known = self.constant(self.weight("embedding.weight") * np.float32(math.sqrt(config.d_model)))
        where = self.constant(sinusoid(np.arange(config.max_length + 2), config.d_model))
        return self.add("Add", self.add("Gather", known, tokens), self.add("Gather", where, places))

    def fed_forward(self, layer: str, state: str) -> str:
        inner = self.add("Gelu", self.linear(f"{layer}.linear1", self.norm(f"{layer}.norm3", state)))
        return self.add("Add", state, self.linear(f"{layer}.linear2", inner))

    def logits(self, state: str) -> str:
        return self.linear("head", self.norm("decoder.norm", state))

    def projected(self, attention: str, array: str, first: int, last: int) -> list[str]:
        """Of queries, keys and values those from `first` to before `last`: N x D -> N x D each; queries are scaled."""
        width = self.config.d_model
        rows = slice(first * width, last * width)
        matrix = self.weight(f"{attention}.in_proj_weight")
        bias = self.weight(f"{attention}.in_proj_bias")
        matrix[:width] /= math.sqrt(self.head)
        bias[:width] /= math.sqrt(self.head)
        found = self.affine(array, matrix[rows], bias[rows])
        return self.split("Split", found, outputs=last - first, axis=1, num_outputs=last - first)


def encoder(config: ModelConfig, weights: Mapping[str, np.ndarray]) -> bytes:
    """Ink 1 x 1 x h x w (0 to 1) and the places of its cells S x D -> of each layer, keys and values of the memory."""
    graph = _Builder(config, weights)
    *_, state = graph.trunk("ink", config.column_stride < STRIDE)
    start, axis = graph.constant(np.array([0])), graph.constant(np.array([3]))
    state = graph.add("Slice", state, start, "columns", axis)  # what is padding only is no cell
    state = graph.shaped(graph.add("Transpose", state, perm=[0, 2, 3, 1]), -1, STAGES[-1])
    matrix = graph.weight("bottleneck.weight")[:, :, 0, 0]
    cells = graph.add("Add", graph.norm("memory_norm", graph.affine(state, matrix, graph.weight("bottleneck.bias"))),
                      "places")  # fmt: skip
    heads, head, outputs = config.num_heads, graph.head, {}
    for i in range(config.num_layers):
        keys, values = graph.projected(f"decoder.layers.{i}.multihead_attn", cells, 1, 3)
        for name, states in ((f"keys{i}", keys), (f"values{i}", values)):
            graph.name(name, graph.add("Transpose", graph.shaped(states, -1, heads, head), perm=[1, 0, 2]))
        outputs |= dict.fromkeys((f"keys{i}", f"values{i}"), (heads, "cells", head))
    inputs = {
        "ink": ("float32", (1, 1, "height", "width")),
        "places": ("float32", ("cells", config.d_model)),
        "columns": ("int64", (1,)),
    }
    return graph.model(inputs, outputs)


def decoder(config: ModelConfig, weights: Mapping[str, np.ndarray], fast: bool) -> bytes:
    """A step for each row of a pool; see `Cache` for what goes in.

    A token's own keys and values come out, to be written into the cache: so the past is read where it lies, not copied.
    """
    graph = _Builder(config, weights, fast)
    heads, head = config.num_heads, graph.head
    state = graph.words("tokens", "lengths")
    first, end, last = (graph.constant(np.array([number])) for number in (0, 2**31 - 1, 3))
    own = graph.constant(np.array([1]))
    inputs = {
        "tokens": ("int64", ("rows",)),
        "lengths": ("int64", ("rows",)),
        "memory_mask": ("float32", ("rows", 1, 1, "cells")),
        "past_mask": ("float32", ("rows", 1, 1, "tokens")),
    }
    outputs: dict[str, Shape] = {"logits": ("rows", len(config.vocab)), "looked": ("rows", "cells")}
    for i in range(config.num_layers):
        layer = f"decoder.layers.{i}"
        for kind, side in (("memory", "cells"), ("past", "tokens")):
            names = f"{kind}_keys{i}", f"{kind}_values{i}"
            inputs |= dict.fromkeys(names, ("float32", ("rows", heads, side, head)))
        query, key, value = graph.projected(f"{layer}.self_attn", graph.norm(f"{layer}.norm1", state), 0, 3)
        graph.name(f"keys{i}", graph.shaped(key, -1, heads, head))
        graph.name(f"values{i}", graph.shaped(value, -1, heads, head))
        outputs |= dict.fromkeys((f"keys{i}", f"values{i}"), ("rows", heads, head))
        query, value = (graph.shaped(states, -1, heads, 1, head) for states in (query, value))
        before = graph.add("Add", graph.products(query, f"past_keys{i}"), "past_mask")
        now = graph.add("MatMul", query, graph.shaped(key, -1, heads, head, 1))
        shares = graph.add("Softmax", graph.add("Concat", now, before, axis=3), axis=3)
        now = graph.add("Slice", shares, first, own, last)
        before = graph.add("Slice", shares, own, end, last)
        attended = graph.add("Add", graph.add("MatMul", before, f"past_values{i}"), graph.add("Mul", now, value))
        attended = graph.linear(f"{layer}.self_attn.out_proj", graph.shaped(attended, -1, config.d_model))
        state = graph.add("Add", state, attended)

        (query,) = graph.projected(f"{layer}.multihead_attn", graph.norm(f"{layer}.norm2", state), 0, 1)
        query = graph.shaped(query, -1, heads, 1, head)
        scores = graph.add("Add", graph.products(query, f"memory_keys{i}"), "memory_mask")
        shares = graph.add("Softmax", scores, axis=3)
        attended = graph.shaped(graph.add("MatMul", shares, f"memory_values{i}"), -1, config.d_model)
        state = graph.add("Add", state, graph.linear(f"{layer}.multihead_attn.out_proj", attended))
        state = graph.fed_forward(layer, state)
    graph.name("logits", graph.logits(state))
    graph.name("looked", graph.add("ReduceMean", shares, graph.constant(np.array([1, 2])), keepdims=0))
    return graph.model(inputs, outputs)


def scorer(config: ModelConfig, weights: Mapping[str, np.ndarray]) -> bytes:
    """Whole formulas in one picture at once: ids B x T, bos first -> logits of each next token, B T x V."""
    graph = _Builder(config, weights)
    heads, head, turned = config.num_heads, graph.head, [0, 2, 1, 3]
    sides = graph.add("Concat", graph.add("Shape", "tokens"), graph.constant(np.array([heads, head])), axis=0)
    state = graph.shaped(graph.words("tokens", "places"), -1, config.d_model)  # B T x D, as all states below
    inputs: dict[str, tuple[str, Shape]] = {
        "tokens": ("int64", ("rows", "steps")),
        "places": ("int64", ("steps",)),
        "future": ("float32", ("steps", "steps")),
    }

    def attended(layer: str, query: str, keys: str, values: str, mask: str = "") -> str:
        scores = graph.products(split(query), keys)
        shares = graph.add("Softmax", graph.add("Add", scores, mask) if mask else scores, axis=3)
        found = graph.add("Transpose", graph.add("MatMul", shares, values), perm=turned)
        return graph.linear(f"{layer}.out_proj", graph.shaped(found, -1, config.d_model))

    def split(states: str) -> str:  # B T x D -> B x H x T x D/H
        return graph.add("Transpose", graph.add("Reshape", states, sides), perm=turned)

    for i in range(config.num_layers):
        layer = f"decoder.layers.{i}"
        inputs |= dict.fromkeys((f"keys{i}", f"values{i}"), ("float32", (1, heads, "cells", head)))
        query, key, value = graph.projected(f"{layer}.self_attn", graph.norm(f"{layer}.norm1", state), 0, 3)
        state = graph.add("Add", state, attended(f"{layer}.self_attn", query, split(key), split(value), "future"))
        (query,) = graph.projected(f"{layer}.multihead_attn", graph.norm(f"{layer}.norm2", state), 0, 1)
        state = graph.add("Add", state, attended(f"{layer}.multihead_attn", query, f"keys{i}", f"values{i}"))
        state = graph.fed_forward(layer, state)
    graph.name("logits", graph.logits(state))
    return graph.model(inputs, {"logits": ("tokens", len(config.vocab))})
