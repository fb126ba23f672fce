"""Recognition for the app: one model for each checkpoint, on a GPU if the machine has one or a Space lends one.

On ZeroGPU a function decorated with `spaces.GPU` runs in a process of its own with a GPU for a limited time.
Models that were moved to "cuda" before are there too, which is why `preload` comes before the app is launched.
Elsewhere `spaces.GPU` changes nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from threading import Lock

import numpy as np
import spaces  # before torch first looks for a GPU, which it intercepts on ZeroGPU

from img2latex.page.reading import PDF_DPI, Page
from img2latex.page.reading import read_page as read_whole
from img2latex.picture import loading, pdf
from img2latex.reader.checkpoints import CheckpointError
from img2latex.reader.engine import gpu
from img2latex.reader.recognizer import Recognition, Recognizer

DEVICE = gpu() or "cpu"
# A request computes with one thread, and there are as many at once as cores: none waits for another to end, and two at
# once take no longer than one. A GPU gains nothing from two at once.
THREADS, AT_ONCE = (1, os.cpu_count() or 1) if DEVICE == "cpu" else (None, 1)
SECONDS = 20  # of a lent GPU for one picture: a long formula by beam search takes a few, a cold start some more
PAGE_SECONDS = 60  # for a page: a hundred formulas in batches

_log = logging.getLogger(__name__)


_readers: dict[str, Recognizer] = {}
_locks: dict[str, Lock] = {}


def reader(checkpoint: str) -> Recognizer:
    """The recognizer of a checkpoint, loaded once even if several threads ask for it at the same time.

    Raises:
        CheckpointError: it cannot be loaded; the next call tries again.
    """
    if checkpoint not in _readers:  # no lock here: a process forked meanwhile would wait for it forever
        with _locks.setdefault(checkpoint, Lock()):  # one for each: a local one does not wait for a download
            if checkpoint not in _readers:
                # The checkpoint for handwriting is loaded once for all others, by this function.
                _readers[checkpoint] = Recognizer.from_pretrained(
                    checkpoint, device=DEVICE, threads=THREADS, load=reader
                )
    return _readers[checkpoint]


def preload(checkpoints: Iterable[str]) -> None:
    """Moves the models to the GPU, if there is one; one that fails to load is logged, and fails again on request."""
    for checkpoint in checkpoints if DEVICE == "cuda" else ():
        try:
            reader(checkpoint)
        except CheckpointError as error:
            _log.warning("%s is not available now: %s", checkpoint, error)


def recognize(picture, checkpoint: str, alone: bool = False, **options) -> Recognition:
    """Reads a picture.

    Args:
        picture: anything `loading.load` takes.
        checkpoint: anything `Recognizer.from_pretrained` takes.
        alone: it reads handwriting, too, instead of the checkpoint for it.
        options: of `Recognizer.recognize`.

    Raises:
        CheckpointError: the checkpoint cannot be loaded.
        loading.PictureError: the picture can't be read.
    """
    reader(checkpoint)  # both may fail, and error messages are lost on their way out of a ZeroGPU process
    return _recognize(loading.load(picture), checkpoint, alone, options)


@spaces.GPU(duration=SECONDS)
def _recognize(grey: np.ndarray, checkpoint: str, alone: bool, options: dict) -> Recognition:
    chosen = reader(checkpoint)
    return (Recognizer(chosen.engine, backwards=chosen.backwards) if alone else chosen).recognize(grey, **options)


def page_picture(path: str, number: float = 1) -> np.ndarray:
    """The picture of a page, of a PDF or a picture's file: uint8 H x W.

    Raises:
        ValueError: it cannot be opened; the message is one sentence.
    """
    return loading.load(pdf.draw_page(path, number, dpi=PDF_DPI) if path.lower().endswith(".pdf") else path)


def read_page(grey: np.ndarray, checkpoint: str) -> Page:
    """Finds and reads the formulas and the text of a page, uint8 H x W.

    Raises:
        CheckpointError: the checkpoint cannot be loaded.
    """
    reader(checkpoint)
    return _read_page(grey, checkpoint)


@spaces.GPU(duration=PAGE_SECONDS)
def _read_page(grey: np.ndarray, checkpoint: str) -> Page:
    return read_whole(grey, reader=reader(checkpoint))
