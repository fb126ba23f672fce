"""Finds the formulas of a page: a small network by ONNX Runtime, made from the weights of `training.finder`.

The page is levelled, its margins are cut down, and it is scaled until its letters are LETTER_HEIGHT px high, as those
of the training pages were. Margins are often half of a page, and cost as much time as what is printed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from img2latex.files.atomic import replacing
from img2latex.page import fitting
from img2latex.page.cells import CELL, KINDS, Box, decode
from img2latex.page.marks import LETTER_HEIGHT, enclosing, marks
from img2latex.picture import images, loading
from img2latex.reader.checkpoints import CHECKPOINTS, CheckpointError
from img2latex.reader.engine_onnx import TrunkGraph, session

WEIGHTS = "finder.safetensors"
VERSION = 1
MOST_PIXELS = 1_500_000  # of the network's input: a page of small print is shrunk more
LARGEST = 3.0  # times a page is enlarged at most
MARGIN = 6.0  # heights of letters: so much paper is around what is printed
STRIDE = 16


class Finder:
    """Finds formulas.

    Args:
        folder: with the weights; by default those that are shipped.
        threads: of the CPU; by default as many as `OMP_NUM_THREADS` or the machine's cores.

    Raises:
        CheckpointError: there are none, or they are damaged or of another version.
    """

    def __init__(self, folder: str | os.PathLike | None = None, threads: int | None = None):
        threads = threads or int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
        self._session = session(graph(load(Path(folder or CHECKPOINTS / "page"))), threads)

    def find(self, picture) -> list[Box]:
        """Boxes of formulas and of their numbers, in px of the picture, in no order.

        Args:
            picture: whatever `loading.load` takes.

        Raises:
            loading.PictureError: it cannot be read.
        """
        return self.boxes(prepare(loading.load(picture)))

    def boxes(self, view: View) -> list[Box]:
        """The same of a page that is prepared."""
        return view.boxes(*self.told(view))

    def told(self, view: View) -> tuple[np.ndarray, np.ndarray]:
        """What the network tells of a page that is prepared: scores and distances, see `cells.decode`."""
        scores, distances = self._session.run(None, {"ink": view.ink})
        return scores[0], distances[0]


@lru_cache(maxsize=1)
def shipped() -> Finder:
    """The finder with the weights that come along, loaded once."""
    return Finder()


@dataclass
class View:
    """What the network sees of a page.

    Attributes:
        ink: float32 1 x 1 x H x W (0 to 1), H and W multiples of STRIDE.
        factor: by which the page was scaled.
        origin: the place on the page, x and y in px, where `ink` begins.
        letter: the height of the page's letters, px of the page.
        marks: N x 4, the boxes of the marks on the page, px of `ink`.
        size: width and height of the page, px.
    """

    ink: np.ndarray
    factor: float
    origin: tuple[float, float]
    letter: float
    marks: np.ndarray
    size: tuple[int, int]

    def boxes(self, scores: np.ndarray, distances: np.ndarray) -> list[Box]:
        """What the network tells of each cell -> boxes in px of the page."""
        found = []
        page = marks(self.marks, scores, distances)
        for box in fitting.fitted(decode(scores, distances), page):
            sides = np.clip(self.on_page(np.array(box.sides)), 0, [*self.size, *self.size])
            if (sides[2:] - sides[:2] > 1).all():
                found.append(Box(tuple(sides.tolist()), box.kind, box.confidence))
        return found

    def on_page(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes ... x 4, px of `ink` -> px of the page."""
        return boxes / self.factor + (*self.origin, *self.origin)

    def in_view(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes ... x 4, px of the page -> px of `ink`."""
        return (boxes - (*self.origin, *self.origin)) * self.factor

    @property
    def page_marks(self) -> np.ndarray:
        """N x 4, the boxes of the marks, px of the page."""
        return self.on_page(self.marks)


def prepare(grey: np.ndarray) -> View:
    """A page, uint8 H x W -> what the network sees of it."""
    clean, components, letter = images.letters(grey)
    letter = letter or LETTER_HEIGHT
    places = components[:, :4].astype(float)
    boxes = np.concatenate((places[:, :2], places[:, :2] + places[:, 2:]), axis=1)
    left, top, right, bottom = map(int, enclosing(boxes) if len(boxes) else (0, 0, *clean.shape[::-1]))
    margin = round(MARGIN * letter)
    printed = cv2.copyMakeBorder(clean[top:bottom, left:right], *4 * (margin,), cv2.BORDER_CONSTANT, value=255)
    left, top = left - margin, top - margin
    most = (MOST_PIXELS / printed.size) ** 0.5
    wanted = min(LETTER_HEIGHT / letter, most, LARGEST)
    size = [max(1, round(side * wanted)) for side in printed.shape[::-1]]
    small = cv2.resize(printed, size, interpolation=cv2.INTER_AREA if wanted < 1 else cv2.INTER_LINEAR)
    (padded,), _ = images.pad([small], STRIDE)
    ink = (255 - padded.astype(np.float32))[None, None] / 255
    enlarged = grey.shape[1] / clean.shape[1]  # levelling makes very large pictures smaller
    factor = size[0] / printed.shape[1]
    return View(
        ink, factor / enlarged, (left * enlarged, top * enlarged), letter * enlarged,
        (boxes - (left, top, left, top)) * factor, grey.shape[::-1],
    )  # fmt: skip


def graph(weights: Mapping[str, np.ndarray]) -> bytes:
    """Ink 1 x 1 x H x W -> scores 1 x KINDS x H/8 x W/8, 0 to 1, and distances 1 x 4 x H/8 x W/8 in px."""
    made = TrunkGraph(weights)
    fine, middle, coarse = made.trunk("ink")
    parts = [made.plain("fine", fine, stride=2), made.plain("middle", middle)]
    factors = made.constant(np.array([1, 1, 2, 2], np.float32), "factors")
    parts.append(made.add("Resize", made.plain("coarse", coarse), "", factors))
    mixed = made.add("Relu", made.add("Add", made.add("Add", *parts[:2]), parts[2]))
    for number in (1, 2):
        mixed = made.add("Relu", made.convolution(f"mix{number}", f"norm{number}", mixed, (1, 1)))
    told = made.plain("out", mixed)
    kinds, everything, axis = (made.constant(np.array([n])) for n in (len(KINDS), len(KINDS) + 4, 1))
    logits = made.add("Slice", told, made.constant(np.array([0])), kinds, axis)
    made.name("scores", made.add("Sigmoid", logits))
    distances = made.add("Slice", told, kinds, everything, axis)
    made.name("distances", made.add("Mul", distances, made.constant(np.array([CELL], np.float32), "cell")))
    outputs = {"scores": (1, len(KINDS), "rows", "columns"), "distances": (1, 4, "rows", "columns")}
    return made.model({"ink": ("float32", (1, 1, "height", "width"))}, outputs)


def save(weights: Mapping[str, np.ndarray], folder: Path) -> None:
    """Saves weights in float16; the file appears when it is whole."""
    # In C's order: safetensors writes the bytes as they lie, and training keeps convolutions channels last.
    kept = {name: values.astype(np.float16, order="C") for name, values in weights.items() if values.dtype.kind == "f"}
    with replacing(folder / WEIGHTS) as draft:
        save_file(kept, draft, {"img2latex": json.dumps({"task": "page", "version": VERSION})})


def load(folder: Path) -> dict[str, np.ndarray]:
    """What `save` wrote.

    Raises:
        CheckpointError: it is not there, damaged, or of another version.
    """
    path = folder / WEIGHTS
    try:
        with safe_open(path, framework="np") as file:
            about = json.loads((file.metadata() or {}).get("img2latex", "{}"))
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except FileNotFoundError:
        raise CheckpointError(f"There are no weights that find formulas: {path} is missing.") from None
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged or truncated ({error}).") from None
    if about != {"task": "page", "version": VERSION}:
        raise CheckpointError(f"{path} does not hold the weights of a finder that this version knows.")
    return weights
