"""Anything that may be a picture (a file, bytes, an array) -> grey uint8 HxW, as it is seen on white paper."""

from __future__ import annotations

import io
import math
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from img2latex.picture import tones
from img2latex.picture.levels import MIN_CONTRAST

MAX_PIXELS = 50_000_000  # a larger picture is refused before it is decoded
# What browsers, cameras and scanners write. Pillow knows forty more, some of them run other programs (EPS) on the file.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "PPM", "ICO")
# How the names of such files end, to find them in a folder.
SUFFIXES = frozenset(
    ".avif .bmp .dib .gif .ico .jfif .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp".split()
)


class PictureError(ValueError):
    """Why a picture cannot be read, in one sentence for a person."""


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
