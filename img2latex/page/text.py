"""The text of a page, by RapidOCR, an optional library; never by a model of ours."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock

import cv2
import numpy as np

Sides = tuple[float, float, float, float]  # left, top, right, bottom, px

MISSING = "The text is not read, since RapidOCR is not installed: pip install rapidocr."
LEAST_WIDTH = 4  # px: a piece of a line between two formulas that is narrower holds nothing
SURE = 0.5  # of RapidOCR's score: below it a piece is a drawing or dirt

_one_at_a_time = Lock()  # its settings are of the whole engine


def installed() -> bool:
    return find_spec("rapidocr") is not None


@lru_cache(maxsize=1)
def _engine():
    threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
    told = {"Global.log_level": "critical", "EngineConfig.onnxruntime.intra_op_num_threads": threads}
    return import_module("rapidocr").RapidOCR(params=told)


def pieces(grey: np.ndarray, formulas: Sequence[Sides]) -> list[tuple[Sides, str, float]]:
    """Pieces of lines of text: where each is, what it says, and how sure that is (0 to 1).

    Formulas are painted over before, and a line ends before a formula and begins anew after it.

    Args:
        grey: uint8 H x W.
    """
    clean = without(grey, formulas)
    with _one_at_a_time:
        found = _engine()(cv2.cvtColor(clean, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=False)
    lines = [] if found.boxes is None else [_around(np.asarray(corners)) for corners in found.boxes]
    return words(clean, [piece for line in lines for piece in cut(line, formulas)])


def words(clean: np.ndarray, parts: Sequence[Sides]) -> list[tuple[Sides, str, float]]:
    """What pieces of lines say, those without any words left out: where each is, its text, and how sure that is.

    Args:
        clean: uint8 H x W, a page without its formulas.
    """
    told = []
    for sides in parts:
        left, top, right, bottom = (round(side) for side in sides)
        part = clean[max(0, top) : bottom, max(0, left) : right]
        if part.size == 0 or int(part.max()) - int(part.min()) < 40:
            continue
        with _one_at_a_time:
            read = _engine()(cv2.cvtColor(part, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False, use_rec=True)
        if read.txts and read.txts[0].strip() and read.scores[0] > SURE:
            told.append((sides, read.txts[0].strip(), float(read.scores[0])))
    return told


def without(grey: np.ndarray, boxes: Sequence[Sides]) -> np.ndarray:
    """The page with the paper's shade in place of what is in the boxes."""
    clean = grey.copy()
    for left, top, right, bottom in boxes:
        rows, columns = slice(max(0, int(top) - 2), int(bottom) + 3), slice(max(0, int(left) - 3), int(right) + 4)
        part = clean[rows, columns]
        if part.size:
            border = np.concatenate((part[0], part[-1], part[:, 0], part[:, -1]))
            part[:] = int(np.median(border))
    return clean


def cut(line: Sides, formulas: Sequence[Sides]) -> list[Sides]:
    """What is left of a line of text beside the formulas that stand in it."""
    left, top, right, bottom = line
    parts = []
    inside = (f for f in formulas if min(f[3], bottom) - max(f[1], top) > 0.4 * min(f[3] - f[1], bottom - top))
    for start, _, end, _ in sorted(inside):
        if end <= left or start >= right:
            continue
        parts.append((left, top, start, bottom))
        left = max(left, end)
    return [part for part in (*parts, (left, top, right, bottom)) if part[2] - part[0] >= LEAST_WIDTH]


def _around(corners: np.ndarray) -> Sides:
    return (*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
