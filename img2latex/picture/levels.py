"""Percentiles of grey levels, by counting: the same as NumPy's, many times as fast."""

from __future__ import annotations

import cv2
import numpy as np

MIN_CONTRAST = 16  # grey levels between ink and paper, below it the picture counts as blank


def percentile(levels: np.ndarray, percent: float) -> float:
    """The level that `percent` of the uint8 `levels` lie below, between two levels as `np.percentile` tells it.

    Raises:
        ValueError: there are none.
    """
    if not levels.size:
        raise ValueError("no levels, no percentile")
    counts = cv2.calcHist([np.ascontiguousarray(levels).reshape(1, -1)], [0], None, [256], [0, 256])
    counted = np.cumsum(counts.ravel())
    below, between = divmod((levels.size - 1) * percent / 100, 1)
    low, high = np.searchsorted(counted, (below, min(below + 1, levels.size - 1)), side="right")
    return float(low + (high - low) * between)
