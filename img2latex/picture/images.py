"""A picture, whatever it is, -> the model's input: flattened, inverted, levelled, cropped, scaled and padded here only.

Training and serving pictures both pass through `prepare`. Grey pictures here are uint8 HxW, 0 ink to 255 paper.
"""

from __future__ import annotations

import io
import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from img2latex.config import LETTER_HEIGHT
from img2latex.picture import framing, neighbours, ruling, tones
from img2latex.picture.components import box_with_traces, components, typical_height
from img2latex.picture.levels import percentile

MAX_PIXELS = 50_000_000  # a larger picture is refused before it is decoded
# What browsers, cameras and scanners write. Pillow knows forty more, some of them run other programs (EPS) on the file.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "PPM", "ICO")
# How the names of such files end, to find them in a folder.
SUFFIXES = frozenset(
    ".avif .bmp .dib .gif .ico .jfif .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp".split()
)
MAX_SIDE = 3000  # px, larger ones are shrunk first: letters stay readable, work stays bounded
MAX_WIDTH, MAX_HEIGHT = 2000, 1000  # px of the model's input
MARGIN = 2  # px of paper around the ink; the convolutions pad with paper anyway
MIN_SCALE, MAX_SCALE = 0.02, 8.0
_TINY = 24  # px; a picture less high or wide is cut so close that paper and noise cannot be measured in it
_FEW = 55.0  # letter heights squared: a crop of less area is shown larger ...
LARGER = 1.45  # ... at most by this factor
_MEASURE_HEIGHT = 24.0  # px, the letter height at which letters are measured ...
_MEASURE_PIXELS = 4_000_000  # ... or less in a larger picture, where specks were taken for letters
_LINE = 32  # px there: no stroke of a letter is as long
_THIN = 140  # darker than this is ink there: at 128 thin letters fall into bits
_PAPER = 224  # grey of even paper, with room for noise above it
_NOISY = 0.04  # deviation of the noise, as a share of the contrast, from which on a picture is smoothed
MIN_CONTRAST = 16  # grey levels between ink and paper, below it the picture counts as blank

# Programs run in parallel by processes: OpenCV's own threads would compete for their cores, and don't survive a fork.
cv2.setNumThreads(1)


class PictureError(ValueError):
    """Why a picture cannot be read, in one sentence for a person."""


# From anything to grey ------------------------------------------------------------------------------------------------


def load(picture) -> np.ndarray:
    """Any picture -> grey uint8 HxW as it is seen on white paper; not yet inverted or cropped.

    Args:
        picture: a path, the bytes of a file, an open binary file, a PIL image, or an array HxW, HxWx1, HxWx3 (RGB) or
            HxWx4 (RGBA), of integers, of floats in 0..1, or of 0 and 1 alone.

    Raises:
        PictureError: it is no picture, damaged, empty or too large.
    """
    if isinstance(picture, np.ndarray):
        return _from_array(np.asarray(picture))  # a matrix or a masked array becomes a plain one
    if isinstance(picture, Image.Image):
        return _from_pil(picture)
    if isinstance(picture, (bytes, bytearray)):
        picture = io.BytesIO(picture)
    name = _named(picture) if isinstance(picture, (str, os.PathLike)) else "the data"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we check the size ourselves
            with Image.open(picture, formats=FORMATS) as image:
                return _from_pil(image)
    except PictureError:
        raise
    except FileNotFoundError:
        raise PictureError(f"There is no file {name}.") from None
    except IsADirectoryError:
        raise PictureError(f"{name} is a folder, not a picture.") from None
    except UnidentifiedImageError:
        raise PictureError(f"{name} is not a picture that can be read.") from None
    except Image.DecompressionBombError:
        raise PictureError(f"{name} is too large: at most {MAX_PIXELS // 1_000_000} million pixels are read.") from None
    except Exception as error:  # a decoder may raise anything on a damaged file
        fault = "cannot be read" if getattr(error, "errno", None) else "is damaged"
        raise PictureError(f"{name} {fault}: {_reason(error)}.") from None


def _named(path: str | os.PathLike) -> str:
    """A file's name as it can stand in a sentence, whatever is in it."""
    name = "".join(c if c.isprintable() else "?" for c in Path(path).name or f"'{path}'")
    return name if len(name) <= 60 else f"{name[:57]}..."


def _reason(error: Exception) -> str:
    """What an error says, on one line and without a full stop."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(said.split())[:100].rstrip(".")


def _from_pil(image: Image.Image) -> np.ndarray:
    width, height = image.size
    if width * height == 0:
        raise PictureError("The picture is empty.")
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"The picture is too large: {width} x {height} pixels, at most {MAX_PIXELS // 1_000_000} million are read."
        )
    try:
        if image.tell():
            image.seek(0)
        if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:  # else it would be copied for nothing
            image = ImageOps.exif_transpose(image)
        if image.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"):
            return _from_array(np.asarray(image.convert("I") if image.mode.startswith("I;") else image))
        if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
            image = image if image.mode in ("RGBA", "LA") else image.convert("RGBA")
            return _flatten(np.asarray(image))
        return np.array(image) if image.mode == "L" else tones.grey(np.asarray(image.convert("RGB")))
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(f"The picture is damaged: {_reason(error)}.") from None


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] not in (1, 2, 3, 4)):
        raise PictureError(f"An array of shape {array.shape} is not a picture.")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise PictureError(f"The picture is too large: {array.shape[1]} x {array.shape[0]} pixels.")
    array = _to_bytes(array)
    if array.ndim == 2:
        return array
    return _of_colour(array) if array.shape[2] in (1, 3) else _flatten(array)


def _to_bytes(array: np.ndarray) -> np.ndarray:
    """Values of any kind -> uint8 in 0..255."""
    if array.dtype == bool or (array.dtype.kind in "iu" and array.min() == 0 and array.max() == 1):
        return array.astype(np.uint8) * 255  # a mask
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype.kind not in "iuf":
        raise PictureError("The picture holds values that are not numbers.")
    low, top = float(array.min()), float(array.max())
    if not (math.isfinite(low) and math.isfinite(top)):
        raise PictureError("The picture holds values that are not numbers.")
    scale = 1.0
    if array.dtype.kind == "f" and top <= 1:
        scale = 255.0
    elif top > 255:  # 16 bits, or a scientific range
        scale = 255 / (65535 if top <= 65535 else top)
    result = np.empty(array.shape, np.uint8)
    for start in range(0, len(array), 256):  # in strips: float64 would be eight times as large
        strip = slice(start, start + 256)
        with np.errstate(under="ignore"):  # what is too small to tell from black is black
            result[strip] = np.clip(np.rint(array[strip].astype(np.float64) * scale), 0, 255)
    return result


def _flatten(layers: np.ndarray) -> np.ndarray:
    """Lays a transparent picture, HxWx2 or HxWx4, on white paper, or on black if its ink is white."""
    colour, alpha = layers[..., :-1], layers[..., -1:]
    if int(alpha.min()) == 255:
        return _of_colour(colour)
    on_white = _of_colour(_over(255, colour, alpha))
    if int(on_white.max()) - int(on_white.min()) < MIN_CONTRAST and np.ptp(alpha) >= MIN_CONTRAST:
        return _of_colour(_over(0, colour, alpha))
    return on_white


def _over(paper: int, colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Colour HxWxC laid on paper of one grey; in strips, since whole numbers of 16 bits take twice the memory."""
    result = np.empty(colour.shape, np.uint8)
    for start in range(0, len(colour), 256):
        strip = slice(start, start + 256)
        ink = colour[strip].astype(np.uint16) * alpha[strip]
        result[strip] = _rounded(ink + np.uint16(paper) * (255 - alpha[strip]))
    return result


def _of_colour(colour: np.ndarray) -> np.ndarray:
    """HxWx1 or HxWx3 -> HxW."""
    return np.ascontiguousarray(colour[..., 0]) if colour.shape[2] == 1 else tones.grey(np.ascontiguousarray(colour))


def _rounded(values: np.ndarray) -> np.ndarray:
    """Whole numbers in 0..255 * 255 -> uint8 in 0..255."""
    return ((values + np.uint16(127)) // np.uint16(255)).astype(np.uint8)


# From grey to dark ink on clean white paper ---------------------------------------------------------------------------


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
    shade = _shade(grey)
    grey = ruling.remove(cv2.divide(grey, shade, scale=_PAPER), _PAPER)
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


def _shade(grey: np.ndarray) -> np.ndarray:
    """The paper's shade, 1..255 HxW: divided by it, paper is even everywhere, noise above it included.

    The shade is what a morphological closing leaves: dark marks narrower than a third of the picture's shorter side
    go, the edge of a shadow stays where it is.
    """
    if min(grey.shape) < _TINY:
        return np.full_like(grey, max(1, int(grey.max())))
    small = cv2.blur(_thumbnail(grey, 40), (3, 3))
    round_mark = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, round_mark, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.max(paper, 1)
    if int(paper.max()) - int(paper.min()) > 8:
        paper = cv2.blur(paper, (5, 5), borderType=cv2.BORDER_REPLICATE)
        return cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.full_like(grey, int(np.median(paper)))


def _thumbnail(grey: np.ndarray, side: int) -> np.ndarray:
    """Shrunk until the shorter side is `side` px, if it is longer."""
    factor = min(1.0, side / min(grey.shape))
    return _resize(grey, factor) if factor < 1 else grey


def _noise(grey: np.ndarray) -> float:
    """Standard deviation of the paper's noise, from the smaller differences between pixels three columns apart.

    Grain may be two pixels wide. The larger differences are strokes: three in ten are surely paper on paper.
    """
    if min(grey.shape) < _TINY:
        return 0.0
    rows = grey[:: max(1, grey.shape[0] // 256)]
    # 0.3853: that percentile of a normal distribution
    return percentile(cv2.absdiff(rows[:, 3:], rows[:, :-3]), 30) / 0.3853 / 2**0.5


# From a clean page to the formula at its normal size ------------------------------------------------------------------


@dataclass
class View:
    """What the model sees of a picture: uint8 HxW, and how high a typical letter was before it was scaled, in px."""

    picture: np.ndarray
    letter_height: float

    @property
    def blank(self) -> bool:
        return self.letter_height == 0


def view(picture, letter_height: float = LETTER_HEIGHT) -> View:
    """A picture -> levelled, cropped to the ink, scaled until its letters are `letter_height` pixels high.

    A short formula is scaled to larger letters: its small signs have to be read without the help of others, and it
    costs little.

    Args:
        picture: whatever `load` takes.
        letter_height: px; a typical letter of the result is that high, and up to 1.45 times as high in a short formula.

    Returns:
        the view with `MARGIN` px of paper around; white, 2 * MARGIN px square and `blank` where nothing is written.

    Raises:
        PictureError: see `load`.
    """
    return views(picture, (letter_height,))[0]


def views(picture, letter_heights: Sequence[float]) -> list[View]:
    """The same picture at several sizes of letters, as `view` shows it; levelled, cropped and measured once."""
    clean = neighbours.remove(framing.remove(level(load(picture))))
    marks = components(clean)
    if not len(marks):
        return [View(np.full((2 * MARGIN, 2 * MARGIN), 255, np.uint8), 0.0) for _ in letter_heights]
    left, top, right, bottom = box_with_traces(clean, marks)
    crop = clean[top:bottom, left:right]
    height = _letter_height(crop, marks)
    larger = min(max(math.sqrt(_FEW * height**2 / crop.size), 1.0), LARGER)
    return [View(_scale(crop, larger * wanted / height), height) for wanted in letter_heights]


def letters(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """A page, levelled; the marks on it, as `components` gives them; the height of a typical one, px, 0 without any."""
    clean = level(grey)
    marks = components(clean)
    return clean, marks, typical_height(marks) if len(marks) else 0.0


def prepare(picture, letter_height: float = LETTER_HEIGHT) -> np.ndarray:
    """The picture of `view` alone: uint8 HxW, 0 ink, 255 paper."""
    return view(picture, letter_height).picture


def _letter_height(crop: np.ndarray, marks: np.ndarray) -> float:
    """Measured twice: letters that touch at 80 dpi do not at 300, so the second look is always at the same size."""
    first = typical_height(marks)
    factor = min(_MEASURE_HEIGHT / first, MAX_SCALE, (_MEASURE_PIXELS / crop.size) ** 0.5)
    resized = _darkened(_resize(crop, factor))
    marks = components(resized, _THIN) if max(resized.shape) <= 2 * MAX_SIDE else marks[:0]
    return typical_height(marks) / factor if len(marks) else first


def _darkened(grey: np.ndarray) -> np.ndarray:
    """Stretched until a tenth of the letters' ink is black: thin strokes are grey in small print, and fall to bits.

    What is straight for longer than a letter is high is no letter: the lines of a table are black where those are grey.
    """
    drawn = (grey < 240).view(np.uint8)
    for side in ((1, _LINE), (_LINE, 1)):
        drawn = drawn - cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones(side, np.uint8))
    ink = grey[drawn.view(bool)]
    darkest = min(percentile(ink, 10), 200.0) if ink.size else 0.0
    table = np.clip(255 - (255.0 - np.arange(256)) * (255 / (255 - darkest)), 0, 255).astype(np.uint8)
    return cv2.LUT(grey, table)


def _resize(crop: np.ndarray, factor: float) -> np.ndarray:
    height, width = crop.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(crop, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


def _scale(crop: np.ndarray, factor: float) -> np.ndarray:
    height, width = crop.shape
    room = min((MAX_WIDTH - 2 * MARGIN) / width, (MAX_HEIGHT - 2 * MARGIN) / height)
    crop = _resize(crop, min(max(factor, MIN_SCALE), MAX_SCALE, room))
    return cv2.copyMakeBorder(crop, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=255)


def pad(pictures: list[np.ndarray], multiple: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of several sizes -> one batch, padded with paper to the right and below.

    Returns:
        uint8 B x H x W with H and W multiples of `multiple`, and int64 B x 2 of each picture's own height and width.
    """
    sizes = np.array([p.shape for p in pictures], np.int64)
    height, width = (-(-sizes.max(axis=0) // multiple) * multiple).tolist()
    batch = np.full((len(pictures), height, width), 255, np.uint8)
    for row, p in zip(batch, pictures, strict=True):
        row[: p.shape[0], : p.shape[1]] = p
    return batch, sizes
