"""One picture in every odd form that people hand over. Each maker takes a grey uint8 HxW picture, ink 0, paper 255."""

import io

import cv2
import numpy as np
from PIL import Image

RNG_SEED = 7


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(grey):
    return encoded(Image.fromarray(grey))


def coloured(grey, ink, paper):
    """RGB, from ink to paper."""
    share = grey[..., None] / 255
    return np.rint(np.array(ink) * (1 - share) + np.array(paper) * share).astype(np.uint8)


def with_alpha(grey, ink):
    """RGBA: ink of one colour on nothing."""
    return np.dstack([np.full((*grey.shape, 3), ink, np.uint8), 255 - grey])


def palette_with_transparency(grey):
    levels = Image.fromarray((grey // 16).astype(np.uint8), "P")
    levels.putpalette([min(255, level * 17) for level in range(15) for _ in "rgb"] + [0, 0, 0])  # the paper's is black
    return encoded(levels, transparency=15)


def rotated_by_exif(grey):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    return encoded(Image.fromarray(np.ascontiguousarray(np.rot90(grey))), "JPEG", quality=95, exif=exif)


def animated_gif(grey):
    other = Image.fromarray(np.full_like(grey, 255))
    return encoded(Image.fromarray(grey), "GIF", save_all=True, append_images=[other, other], duration=50)


def uneven_paper(grey):
    height, width = grey.shape
    corners = np.array([[250, 205], [225, 170]], np.float32)
    shade = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.rint(grey * (shade / 255)).astype(np.uint8)


def noisy(grey):
    noise = np.random.default_rng(RNG_SEED).normal(0, 5, grey.shape)
    return np.clip(coloured(grey, (40, 40, 40), (235, 235, 235))[..., 0] + noise, 0, 255).astype(np.uint8)


def wide_margins(grey):
    return np.pad(grey, ((90, 30), (15, 220)), constant_values=255)


def one_bit(grey):
    return Image.fromarray(grey).point(lambda v: 255 * (v > 127)).convert("1")


SAME = {  # holds the same greys, or nearly
    "PNG": png,
    "PIL image": Image.fromarray,
    "array": lambda grey: grey,
    "RGB": lambda grey: encoded(Image.fromarray(grey).convert("RGB")),
    "transparent": lambda grey: encoded(Image.fromarray(with_alpha(grey, 0))),
    "transparent, white ink": lambda grey: encoded(Image.fromarray(with_alpha(grey, 255))),
    "transparent, grey": lambda grey: Image.fromarray(with_alpha(grey, 0)).convert("LA"),
    "premultiplied": lambda grey: Image.fromarray(with_alpha(grey, 0)).convert("RGBa"),
    "16 bits": lambda grey: encoded(Image.fromarray(grey.astype(np.uint16) * 257)),
    "16 bits TIFF": lambda grey: encoded(Image.fromarray(grey.astype(np.uint16) * 257), "TIFF"),
    "32 bits": lambda grey: Image.fromarray(grey.astype(np.int32)),
    "floats TIFF": lambda grey: encoded(Image.fromarray((grey / 255).astype(np.float32)), "TIFF"),
    "rotated by EXIF": rotated_by_exif,
    "animated GIF": animated_gif,
    "WebP": lambda grey: encoded(Image.fromarray(grey).convert("RGB"), "WEBP", lossless=True),
    "BMP": lambda grey: encoded(Image.fromarray(grey), "BMP"),
    "dark mode": lambda grey: encoded(Image.fromarray(255 - grey)),
    "float array": lambda grey: grey / 255,
    "float array to 255": lambda grey: grey.astype(np.float32),
    "16 bits array": lambda grey: grey.astype(">u2") * 257,
    "integers": lambda grey: grey.astype(np.int64),
    "negative strides": lambda grey: np.ascontiguousarray(grey[::-1, ::-1])[::-1, ::-1],
    "every other column": lambda grey: np.repeat(grey, 2, axis=1)[:, ::2],
    "one channel": lambda grey: grey[..., None],
    "two channels": lambda grey: np.dstack([np.zeros_like(grey), 255 - grey]),
    "RGBA array": lambda grey: with_alpha(grey, 0),
    "read-only": lambda grey: np.frombuffer(grey.tobytes(), np.uint8).reshape(grey.shape),
    "wide margins": wide_margins,
}
WORN = {  # has lost something on the way
    "CMYK JPEG": lambda grey: encoded(Image.fromarray(grey).convert("CMYK"), "JPEG", quality=95),
    "palette with transparency": palette_with_transparency,
    "one bit": one_bit,
    "bool array": lambda grey: grey > 127,
    "dark, not black": lambda grey: coloured(grey, (230, 225, 210), (30, 30, 46)),
    "blue ink on yellow paper": lambda grey: coloured(grey, (20, 40, 150), (250, 240, 190)),
    "pale ink": lambda grey: coloured(grey, (170, 170, 170), (255, 255, 255)),
    "uneven paper": uneven_paper,
    "noise": noisy,
    "JPEG": lambda grey: encoded(Image.fromarray(grey), "JPEG", quality=30),
    "noise and JPEG": lambda grey: encoded(Image.fromarray(noisy(grey)), "JPEG", quality=60),
}
KINDS = SAME | WORN
