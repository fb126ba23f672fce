"""Which pictures share a batch or a pool: little of it should be padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from img2latex.config import STRIDE

SLACK = 16_000  # px, by which pictures of one pool may differ: a step of a row takes as long as this much padding
TOKEN_PIXELS = 130  # px of a picture that take as long to learn from as one token of its label, as measured on a CPU


def groups(
    sizes: Sequence[tuple[int, int]], lengths: Sequence[int], batch_size: int, batch_pixels: int
) -> list[list[int]]:
    """Groups pictures of similar height, width and label length.

    A k-d tree: what is too much for one batch is halved along the axis that leaves the least padding.

    Args:
        sizes: height and width of each picture, px.
        lengths: tokens of each label; all alike where they are not known.
        batch_size: pictures of a group, at most.
        batch_pixels: px of a group with its padding, at most, each token place counted as `TOKEN_PIXELS` px; a picture
            may exceed it alone.

    Returns:
        Indices of the pictures, each in one group.
    """
    boxes = np.column_stack((-(-np.array(sizes).reshape(-1, 2) // STRIDE) * STRIDE, np.array(lengths)))
    done, todo = [], [np.arange(len(boxes))] if len(boxes) else []
    while todo:
        group = todo.pop()
        if len(group) == 1 or (len(group) <= batch_size and _work(boxes[group]) <= batch_pixels):
            done.append(group.tolist())
            continue
        orders = [group[np.argsort(boxes[group, axis], kind="stable")] for axis in range(3)]
        halves = [(order[: len(order) // 2], order[len(order) // 2 :]) for order in orders]
        todo += min(halves, key=lambda pair: sum(_work(boxes[half]) for half in pair))
    return done


def alike(areas: Sequence[int], spread: float) -> list[list[int]]:
    """Groups pictures, the largest first, so that those of a group can be decoded in one pool.

    Every row of a pool takes as long as its largest picture would, and every step some time of its own.

    Args:
        areas: of the pictures, px.
        spread: times the smallest picture of a group is the largest, at most, but for `SLACK`.

    Returns:
        Indices of the pictures, each in one group.
    """
    found: list[list[int]] = []
    for i in sorted(range(len(areas)), key=lambda i: -areas[i]):
        if found and areas[found[-1][0]] <= spread * areas[i] + SLACK:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def _work(boxes: np.ndarray) -> int:
    """What a batch of pictures of these (height, width, tokens) costs, in px."""
    height, width, tokens = (int(side) for side in boxes.max(axis=0))
    return len(boxes) * (height * width + TOKEN_PIXELS * tokens)
