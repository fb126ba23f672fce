"""A grey picture, uint8 HxW -> dark ink on clean white paper.

The result is the same for light on dark, shadows, ruled paper, grain and several colours.
"""

from __future__ import annotations

import cv2
import numpy as np

from img2latex.picture import ruling, tones
from img2latex.picture.levels import MIN_CONTRAST, percentile

MAX_SIDE = 3000  # px, larger ones are shrunk first: letters stay readable, work stays bounded
_TINY = 24  # px; a picture less high or wide is cut so close that paper and noise cannot be measured in it
_PAPER = 224  # grey of even paper, with room for noise above it
_LIT = 0.93  # of the paper's shade: what is as light is surely no mark
_FLAT = 160.0  # grey of the paper whose trend is taken out: there is room above it
_UNEVEN = 25  # levels by which paper darkens across a photograph, at least
_NOISY = 0.04  # deviation of the noise, as a share of the contrast, from which on a picture is smoothed


def level(grey: np.ndarray) -> np.ndarray:
    """Dark ink (0) on white paper (255): inverted if the paper is dark, its shade, shadows, lines and noise removed.

    Returns:
        uint8 HxW, all 255 where nothing is written.
    """
    grey = _bounded(grey)
    if int(grey.max()) - int(grey.min()) < MIN_CONTRAST:
        return np.full_like(grey, 255)
    if _is_light_on_dark(grey):
        grey = 255 - grey
    shade, photographed = _shade(grey)
    grey = ruling.remove(cv2.divide(grey, shade, scale=_PAPER), _PAPER, photographed)
    contrast, noise = _contrast(grey)
    if noise > _NOISY * contrast:
        grey = cv2.GaussianBlur(grey, (0, 0), 0.8 if noise < 2 * _NOISY * contrast else 1.1)
        contrast, noise = _contrast(grey)
    if contrast < MIN_CONTRAST:
        return np.full_like(grey, 255)
    grey = tones.even(grey, shade, _PAPER, contrast, noise)
    # The darkest fifth of the ink becomes black, the last eighth towards the paper, and what is noise, white.
    low, white = _PAPER - contrast, _PAPER - min(max(0.12 * contrast, 2.5 * noise), 0.75 * contrast)
    table = np.clip((np.arange(256) - low) * (255 / max(white - low, 1)), 0, 255).astype(np.uint8)
    return cv2.LUT(grey, table)


def _contrast(grey: np.ndarray) -> tuple[float, float]:
    """How much darker than paper the darkest fifth of the ink is, and the noise, both in grey levels."""
    noise = _noise(grey)
    dark = grey[grey < 0.88 * _PAPER - 2 * noise]
    return (_PAPER - percentile(dark, 20) if dark.size else 0.0), noise


def _bounded(grey: np.ndarray) -> np.ndarray:
    side = max(grey.shape)
    if side <= MAX_SIDE:
        return grey
    size = (max(1, round(grey.shape[1] * MAX_SIDE / side)), max(1, round(grey.shape[0] * MAX_SIDE / side)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def _is_light_on_dark(grey: np.ndarray) -> bool:
    """Ink is what differs strongly from its surroundings in few places: the side to which the differences are skewed.

    Against the surroundings, not the whole picture: in a shadow, paper is darker than ink elsewhere.
    """
    small = _thumbnail(grey, 120).astype(np.float64)
    reach = max(3, (min(small.shape) // 2) | 1)
    difference = small - cv2.blur(small, (reach, reach), borderType=cv2.BORDER_REFLECT)
    return float((difference * difference * difference).mean()) > 0  # `**3` takes ten times as long


def _shade(grey: np.ndarray) -> tuple[np.ndarray, bool]:
    """The paper's shade, 1..255 HxW: divided by it, paper is even everywhere, noise above it included.

    And whether the light falls off across the picture: then it is a photograph.

    The shade is what a morphological closing leaves: dark marks narrower than a third of the picture's shorter side
    go, the edge of a shadow stays where it is.
    """
    if min(grey.shape) < _TINY:
        return np.full_like(grey, max(1, int(grey.max()))), False
    small = cv2.blur(_thumbnail(grey, 40), (3, 3))
    paper = _closed(small)
    if int(paper.max()) - int(paper.min()) <= 8:
        return np.full_like(grey, int(np.median(paper))), False
    trend = _trend(small, small >= _LIT * paper)
    photographed = bool(trend.max() - trend.min() > _UNEVEN)
    if photographed:  # where paper darkens towards an edge, a closing is too light: less so without the trend
        flat = np.clip(_FLAT * (small / trend), 0, 255).astype(np.uint8)
        paper = np.minimum(paper, np.maximum(trend * _closed(flat) / _FLAT, 1)).astype(np.uint8)
    paper = cv2.blur(paper, (5, 5), borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), photographed


def _closed(small: np.ndarray) -> np.ndarray:
    """Without marks narrower than 13 px; 1 at least."""
    round_mark = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))
    return cv2.max(cv2.morphologyEx(small, cv2.MORPH_CLOSE, round_mark, borderType=cv2.BORDER_REPLICATE), 1)


def _trend(small: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The second-degree surface that fits these places of a picture best, 1 at least."""
    y, x = (np.linspace(-1, 1, side) for side in small.shape)
    x, y = np.meshgrid(x, y)
    terms = np.stack((np.ones_like(x), x, y, x * y, x * x, y * y), axis=-1)
    weights = np.linalg.lstsq(terms[where], small[where].astype(float), rcond=None)[0]
    return np.maximum(terms @ weights, 1.0)


def _thumbnail(grey: np.ndarray, side: int) -> np.ndarray:
    """Shrunk until the shorter side is `side` px, if it is longer."""
    factor = min(1.0, side / min(grey.shape))
    return resized(grey, factor) if factor < 1 else grey


def _noise(grey: np.ndarray) -> float:
    """Standard deviation of the paper's noise, from the smaller differences between pixels three columns apart.

    Grain may be two pixels wide. The larger differences are strokes: three in ten are surely paper on paper.
    """
    if min(grey.shape) < _TINY:
        return 0.0
    rows = grey[:: max(1, grey.shape[0] // 256)]
    # 0.3853: that percentile of a normal distribution
    return percentile(cv2.absdiff(rows[:, 3:], rows[:, :-3]), 30) / 0.3853 / 2**0.5


def resized(grey: np.ndarray, factor: float) -> np.ndarray:
    """The picture made larger or smaller by a factor, at least one px high and wide."""
    height, width = grey.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
