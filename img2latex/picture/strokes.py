"""The strokes of a thick pen made thinner: a felt pen closes the small counters of letters (`e`, `a`, `8`)."""

import cv2
import numpy as np

from img2latex.picture.levelling import resized

_FINE = 3.0  # times the size of the result: at this size strokes are measured and made thinner ...
_PIXELS = 4_000_000  # ... or at that of so many pixels, if that is less
_DARK = 128  # ink is darker than this there


def scaled_and_thinned(ink: np.ndarray, factor: float, thickest: float) -> np.ndarray:
    """A picture scaled; strokes that are too thick are worn off evenly from both sides.

    Args:
        ink: uint8 H x W, 0 ink, 255 paper, levelled.
        factor: of its size.
        thickest: px of the result, the largest mean width of its strokes.
    """
    scaled = resized(ink, factor)
    times = min(_FINE, (_PIXELS / scaled.size) ** 0.5)
    drawn = (resized(ink, factor * times) < _DARK).view(np.uint8)
    framed = cv2.copyMakeBorder(drawn, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distances = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]  # of ink to paper, px
    off = (_width(distances) - thickest * times) / 2  # px, from each side
    if not 1 <= off < distances.max():
        return scaled
    kept = (255 * np.clip(distances - off, 0, 1)).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(kept)  # what was worn off at the edges would widen the margins
    return resized(255 - kept[top : top + height, left : left + width], 1 / times)


def _width(distances: np.ndarray) -> float:
    """Mean width of the strokes, px. Across a stroke of width w the distance from paper has a mean of w/4 + 1/2."""
    inside = distances[distances > 0]
    return 4 * float(inside.mean()) - 2 if inside.size else 0.0
