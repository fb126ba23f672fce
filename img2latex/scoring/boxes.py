"""Recall and precision of found boxes, at an intersection over union of one half."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from img2latex.page.cells import KINDS, Box, overlap

IOU = 0.5


def matches(found: Sequence[Box], boxes: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of indices (found box, true box N x 4): each used once, those that overlap most first."""
    shares = overlap(np.array([box.sides for box in found]).reshape(-1, 4), boxes)
    pairs = []
    while shares.size and shares.max() >= IOU:
        one, other = np.unravel_index(shares.argmax(), shares.shape)
        pairs.append((int(one), int(other)))
        shares[one], shares[:, other] = 0, 0
    return pairs


def score(pages: Iterable[tuple[Sequence[Box], np.ndarray, Sequence[str]]]) -> dict[str, float]:
    """`recall/KIND`, `precision/KIND` and `count/KIND` over pages, each given as (found, true boxes, their kinds).

    A box is found if one of the same kind covers it; `recall/formula` and `precision/formula` leave aside whether it
    was taken for displayed or inline.
    """
    there, told, right = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0), dict.fromkeys((*KINDS, "formula"), 0)
    for found, boxes, kinds in pages:
        for kind in KINDS:
            there[kind] += sum(k == kind for k in kinds)
            told[kind] += sum(box.kind == kind for box in found)
        for one, other in matches(found, boxes):
            right[kinds[other]] += found[one].kind == kinds[other]
            right["formula"] += found[one].kind != "number" and kinds[other] != "number"
    there["formula"], told["formula"] = (sum(each[kind] for kind in KINDS[:2]) for each in (there, told))
    scores = {}
    for kind in right:
        scores[f"recall/{kind}"] = right[kind] / max(there[kind], 1)
        scores[f"precision/{kind}"] = right[kind] / max(told[kind], 1)
        scores[f"count/{kind}"] = there[kind]
    return scores
