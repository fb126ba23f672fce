"""A shard: a few thousand grey pictures with their labels in one file that many processes can read at once.

The file is a ZIP of PNG pictures (stored, since PNG is deflated already) and an `index.tsv` with the columns name,
width, height, source, latex, label. `latex` is the spelling that was drawn, `label` what the model has to say. Pictures
on white paper have 16 grey levels, 4 bits a pixel. The CRC-32 that ZIP keeps of each member is the checksum.
"""

import io
import os
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from img2latex.files.atomic import replacing

COLUMNS = ("name", "width", "height", "source", "latex", "label")
INDEX = "index.tsv"
PAPER = 255
LEVELS = 16
_STEP = 255 // (LEVELS - 1)
_GREYS = bytes(level * _STEP for level in range(LEVELS) for _ in "rgb")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed date: equal rows give equal bytes


class ShardError(ValueError):
    """The file is no shard, or it is damaged."""


class Row(NamedTuple):
    """One picture of a shard.

    Attributes:
        picture: uint8 HxW, 0 ink to 255 paper, or its PNG as `encode` makes it.
        source: where the formula is from, one word.
        latex: the spelling that was drawn.
        label: the spelling that the model has to learn.
    """

    picture: np.ndarray | bytes
    source: str
    latex: str
    label: str


def encode(picture: np.ndarray) -> bytes:
    """uint8 HxW (0 ink, 255 paper) -> PNG, with 16 grey levels where the paper is white.

    In a shade, as photographs have it, steps between few levels would be edges, which are read as strokes.
    """
    if picture.dtype != np.uint8 or picture.ndim != 2 or picture.size == 0:
        raise ShardError(f"a shard holds grey uint8 HxW pictures, not {picture.dtype} {picture.shape}")
    buffer = io.BytesIO()
    if np.median(picture) < PAPER:
        Image.fromarray(picture).save(buffer, "PNG", compress_level=6)
        return buffer.getvalue()
    levels = ((picture.astype(np.uint16) + _STEP // 2) // _STEP).astype(np.uint8)
    image = Image.fromarray(levels, mode="P")
    image.putpalette(_GREYS)
    image.save(buffer, "PNG", bits=4, compress_level=6)
    return buffer.getvalue()


def decode(png: bytes) -> np.ndarray:
    """PNG -> uint8 HxW (0 ink, 255 paper)."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ShardError("a picture of the shard is no PNG")
    return picture


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels from a PNG's header, without decoding it."""
    if len(png) < 24 or not png.startswith(b"\x89PNG"):
        raise ShardError("a picture of the shard is no PNG")
    return struct.unpack(">II", png[16:24])


def _line(values: Iterable[object]) -> str:
    return "\t".join(" ".join(str(value).split()) for value in values)


def write_shard(path: str | os.PathLike, rows: Iterable[Row | tuple], origin: str = "") -> int:
    """Writes (picture, source, latex, label) rows to `path`, which appears only when it is whole.

    Args:
        path: the shard to write or replace.
        rows: `Row`s or plain tuples in that order. White space in texts becomes single spaces.
        origin: a short ASCII word kept in the file, to know later what it was made from.

    Returns:
        The number of pictures written.
    """
    lines = [_line(COLUMNS)]
    with replacing(path) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for number, (picture, source, latex, label) in enumerate(rows):
            png = picture if isinstance(picture, bytes) else encode(picture)
            name = f"{number:06d}.png"
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), png)
            lines.append(_line((name, *size(png), source, latex, label)))
        index = "\n".join(lines) + "\n"
        archive.writestr(zipfile.ZipInfo(INDEX, _EPOCH), index, zipfile.ZIP_DEFLATED)
        archive.comment = origin.encode("ascii")
    return len(lines) - 1


class Shard:
    """Reads a shard. Opens the file when first needed, once per process, so it may cross a fork or a pickle.

    Attributes (lists of equal length, read when first needed): names, widths, heights (pixels), sources, latex, labels.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self._archive: zipfile.ZipFile | None = None
        self._process = 0
        self._columns: dict[str, list] | None = None

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_archive": None}

    def __repr__(self) -> str:
        return f"Shard({str(self.path)!r})"

    def _open(self) -> zipfile.ZipFile:
        # A file handle inherited by fork shares its position with the parent: each process opens its own.
        if self._archive is None or self._process != os.getpid():
            try:
                self._archive = zipfile.ZipFile(self.path)
            except (OSError, zipfile.BadZipFile) as error:
                raise ShardError(f"{self.path} is no shard: {error}") from None
            self._process = os.getpid()
        return self._archive

    def _read(self, name: str) -> bytes:
        try:
            return self._open().read(name)
        except (KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise ShardError(f"{self.path} is damaged at {name}: {error}") from None

    def _index(self) -> dict[str, list]:
        if self._columns is None:
            header, *lines = self._read(INDEX).decode("utf-8").rstrip("\n").split("\n")
            records = [line.split("\t") for line in lines]
            if header != _line(COLUMNS) or any(len(record) != len(COLUMNS) for record in records):
                raise ShardError(f"{self.path} has an index with other columns than {', '.join(COLUMNS)}")
            columns = {name: [record[k] for record in records] for k, name in enumerate(COLUMNS)}
            for name in ("width", "height"):
                columns[name] = [int(value) for value in columns[name]]
            self._columns = columns
        return self._columns

    names = property(lambda self: self._index()["name"])
    widths = property(lambda self: self._index()["width"])
    heights = property(lambda self: self._index()["height"])
    sources = property(lambda self: self._index()["source"])
    latex = property(lambda self: self._index()["latex"])
    labels = property(lambda self: self._index()["label"])

    @property
    def origin(self) -> str:
        """The word that `write_shard` was given."""
        return self._open().comment.decode("ascii", "replace")

    def __len__(self) -> int:
        return len(self.names)

    def picture(self, i: int) -> np.ndarray:
        """Picture `i`: uint8 HxW, 0 ink, 255 paper. Raises ShardError where its checksum is wrong."""
        return decode(self._read(self.names[i]))

    def verify(self) -> None:
        """Reads the whole file; raises ShardError if a checksum, the index or a picture's size is wrong."""
        if set(self._open().namelist()) != {INDEX, *self.names}:
            raise ShardError(f"{self.path} has pictures that its index does not name, or the reverse")
        for name, width, height in zip(self.names, self.widths, self.heights, strict=True):
            if size(self._read(name)) != (width, height):
                raise ShardError(f"{self.path} has another size for {name} than its index")
