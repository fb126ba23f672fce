"""Reading for the app: one model a checkpoint, on a GPU where the machine has one or a Space lends one.

On ZeroGPU a call of a function that `spaces.GPU` marks runs in a process of its own with a GPU for a limited time.
Models that were put on "cuda" before go there with it, which is why `preload` comes before the app is launched.
Elsewhere `spaces.GPU` changes nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from threading import Lock

import numpy as np
import spaces  # before torch first looks for a GPU: on ZeroGPU it puts its own answers in place

from img2latex.page.reading import PDF_DPI, Page
from img2latex.page.reading import read_page as read_whole
from img2latex.picture import loading, pdf
from img2latex.reader.checkpoints import CheckpointError
from img2latex.reader.engine import gpu
from img2latex.reader.recognizer import Recognition, Recognizer

DEVICE = gpu() or "cpu"
# A request computes with one thread, and as many requests as there are cores at once: none waits for another's end, and
# two together are not slower each than one. A GPU gains nothing from two at once.
THREADS, AT_ONCE = (1, os.cpu_count() or 1) if DEVICE == "cpu" else (None, 1)
SECONDS = 20  # of a lent GPU for one picture: a long formula by beam search takes a few, a cold start some more
PAGE_SECONDS = 60  # for a page: a hundred formulas in batches

_log = logging.getLogger(__name__)


_readers: dict[str, Recognizer] = {}
_locks: dict[str, Lock] = {}


def reader(checkpoint: str) -> Recognizer:
    """The reader of a checkpoint, loaded once, however many ask for it at the same time.

    Raises:
        CheckpointError: it can't be had; asked again, it is tried again.
    """
    if checkpoint not in _readers:  # without the lock: a process forked off meanwhile would wait for it for ever
        with _locks.setdefault(checkpoint, Lock()):  # one for each: what is at hand does not wait for a download
            if checkpoint not in _readers:
                _readers[checkpoint] = Recognizer.from_pretrained(checkpoint, device=DEVICE, threads=THREADS)
    return _readers[checkpoint]


def preload(checkpoints: Iterable[str]) -> None:
    """Puts the models on the GPU, if there is one; what can't be had is logged, and told to who asks for it."""
    for checkpoint in checkpoints if DEVICE == "cuda" else ():
        try:
            reader(checkpoint)
        except CheckpointError as error:
            _log.warning("%s can't be offered now: %s", checkpoint, error)


def recognize(picture, checkpoint: str, drawn: bool = False, **options) -> Recognition:
    """Reads a picture.

    Args:
        picture: whatever `loading.load` takes.
        checkpoint: what `Recognizer.from_pretrained` takes.
        drawn: it was drawn on the pad, and read carefully: its confidence is that of drawings.
        options: of `Recognizer.recognize`.

    Raises:
        CheckpointError: the checkpoint can't be had.
        loading.PictureError: the picture can't be read.
    """
    reader(checkpoint)  # both may fail, and a sentence for a person gets lost on its way out of a lent GPU's process
    return _recognize(loading.load(picture), checkpoint, drawn, options)


@spaces.GPU(duration=SECONDS)
def _recognize(grey: np.ndarray, checkpoint: str, drawn: bool, options: dict) -> Recognition:
    chosen = reader(checkpoint)
    return (chosen.of_drawings if drawn else chosen).recognize(grey, **options)


def page_picture(path: str, number: float = 1) -> np.ndarray:
    """The picture of a page, of a PDF or a picture's file: uint8 H x W.

    Raises:
        ValueError: it can't be had; one sentence says why.
    """
    return loading.load(pdf.draw_page(path, number, dpi=PDF_DPI) if path.lower().endswith(".pdf") else path)


def read_page(grey: np.ndarray, checkpoint: str) -> Page:
    """Finds and reads the formulas and the text of a page, uint8 H x W.

    Raises:
        CheckpointError: the checkpoint can't be had.
    """
    reader(checkpoint)
    return _read_page(grey, checkpoint)


@spaces.GPU(duration=PAGE_SECONDS)
def _read_page(grey: np.ndarray, checkpoint: str) -> Page:
    return read_whole(grey, reader=reader(checkpoint))
