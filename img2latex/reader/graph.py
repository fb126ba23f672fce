"""ONNX graphs, put together by hand and written as the protobuf that an ONNX file is.

The package `onnx` would be 60 MB more to install, for the few kinds of messages that are written here; the numbers of
the fields are those of onnx.proto, which never change. A test has `onnx` itself check what is written.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

import numpy as np

IR_VERSION, OPSET = 9, 20  # of ONNX 1.15, where Gelu came; the runtime knows them since 1.17
CONTRIB = "com.microsoft"  # ONNX Runtime's own operators
Shape = tuple[int | str, ...]  # a side that varies has a name
_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7}


class Graph:
    """A graph under construction: nodes are added in order, and each name stands for one array."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes | np.ndarray] = []  # heads and values, as they follow each other in the file
        self._names: dict[str, int] = {}

    def constant(self, values: np.ndarray, name: str = "constant") -> str:
        """A weight, or a shape or an index in int64."""
        values, name = np.ascontiguousarray(values), self._new(name)
        dims = b"".join(_field(1, side) for side in values.shape)
        head = dims + _field(2, _TYPES[values.dtype.name]) + _field(8, name) + _head(9, values.nbytes)
        self._constants += _head(5, len(head) + values.nbytes) + head, values  # megabytes: copied once, by `model`
        return name

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes) -> str:
        """A node with one output, whose name is returned; an empty input is an optional one left out."""
        return self.split(operator, *inputs, outputs=1, domain=domain, **attributes)[0]

    def split(self, operator: str, *inputs: str, outputs: int, domain: str = "", **attributes) -> list[str]:
        """A node with several outputs."""
        names = [self._new(operator.lower()) for _ in range(outputs)]
        self._node(operator, inputs, names, domain, attributes)
        return names

    def name(self, name: str, of: str) -> None:
        """Gives an array the name that it has as an output of the graph."""
        self._node("Identity", [of], [name], "", {})

    def model(self, inputs: Mapping[str, tuple[str, Shape]], outputs: Mapping[str, Shape]) -> bytes:
        """The file. Of each input its type and its shape, and of each output, which is float32, its shape."""
        told = [_field(11, _value(name, *what)) for name, what in inputs.items()]
        told += [_field(12, _value(name, "float32", shape)) for name, shape in outputs.items()]
        graph = [*(_field(1, node) for node in self._nodes), _field(2, "img2latex"), *self._constants, *told]
        size = sum(memoryview(part).nbytes for part in graph)
        sets = [_field(8, _field(1, domain) + _field(2, n)) for domain, n in (("", OPSET), (CONTRIB, 1))]
        return b"".join((_field(1, IR_VERSION), _field(2, "img2latex"), _head(7, size), *graph, *sets))

    def _new(self, stem: str) -> str:
        self._names[stem] = self._names.get(stem, 0) + 1
        return f"{stem}:{self._names[stem]}"

    def _node(
        self, operator: str, inputs: Iterable[str], outputs: Iterable[str], domain: str, attributes: dict
    ) -> None:
        node = [_field(1, name) for name in inputs] + [_field(2, name) for name in outputs] + [_field(4, operator)]
        node += [_field(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(node) + (_field(7, domain) if domain else b""))


def _attribute(name: str, value: float | int | list[int]) -> bytes:
    if isinstance(value, float):
        return _field(1, name) + _key(2, 5) + struct.pack("<f", value) + _field(20, 1)
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, 2)
    return _field(1, name) + b"".join(_field(8, number) for number in value) + _field(20, 7)


def _value(name: str, kind: str, shape: Shape) -> bytes:
    sides = b"".join(_field(1, _field(2 if isinstance(side, str) else 1, side)) for side in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, _TYPES[kind]) + _field(2, sides)))


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _key(number, 0) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _head(number, len(content)) + content


def _head(number: int, size: int) -> bytes:
    """What stands before a content of so many bytes."""
    return _key(number, 2) + _varint(size)


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(number: int) -> bytes:
    number &= 2**64 - 1  # a negative one is written as its complement
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    return bytes((*written, number))
