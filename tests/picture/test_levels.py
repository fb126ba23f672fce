"""Percentiles of grey levels."""

import numpy as np
import pytest

from img2latex.picture.levels import percentile


@pytest.mark.parametrize("size", [1, 2, 3, 10, 1001])
@pytest.mark.parametrize("percent", [0, 20, 30, 76.5, 100])
def test_percentiles_are_those_of_numpy(size, percent):
    levels = np.random.default_rng(size).integers(0, 256, size, np.uint8)
    assert percentile(levels, percent) == pytest.approx(np.percentile(levels, percent), abs=1e-9)


def test_levels_of_any_shape_and_stride_are_counted():
    grey = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)
    assert percentile(grey.T[::2], 30) == pytest.approx(np.percentile(grey.T[::2], 30))


def test_no_levels_have_no_percentile():
    with pytest.raises(ValueError):
        percentile(np.empty(0, np.uint8), 50)
