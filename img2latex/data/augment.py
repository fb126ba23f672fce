"""Makes a clean rendered formula look like what people upload: a screenshot, a scan, a photograph.

A picture here is uint8, height x width, one channel: ink 0, paper 255. `augment` runs through `EFFECTS`, one table of
small functions in the order in which a picture meets them (print, page, light, camera, file), each with its chance.
Every choice comes from the generator that the caller passes, so the same seed gives the same picture in any process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

PAPER = 255
CLEAN_SHARE = 1 / 2  # most uploads are screenshots: this share gets the chances of the first column
SMALLEST_GLYPH = 8  # pixels; documentation tools make letters of 9, and below 8 they are a guess, even for a person
MOST_PIXELS = 160_000  # no picture is enlarged beyond it: it would only cost time, the model's input is smaller
SMOOTH = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA, cv2.INTER_LANCZOS4)


def augment(picture: np.ndarray, rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """A copy of the picture as a person might have given it, still readable.

    Args:
        picture: uint8, height x width, ink 0 and paper 255. It is not changed.
        rng: the only source of chance.
        strength: multiplies every effect's chance; 0 gives the picture back unchanged.

    Returns:
        uint8, height x width, usually of another size, perhaps inverted: `images.prepare` undoes what it can.

    Raises:
        ValueError: if the picture is not a non-empty uint8 array of two axes.
    """
    if picture.ndim != 2 or picture.dtype != np.uint8 or not picture.size:
        raise ValueError(f"augment needs a uint8 picture of height x width, not {picture.dtype} {picture.shape}")
    result = picture.copy()
    glyph = glyph_height(picture)
    clean = rng.random() < CLEAN_SHARE
    for effect, chance_clean, chance_rough in EFFECTS:
        if rng.random() < strength * (chance_clean if clean else chance_rough):
            result = effect(result, rng, glyph)
    return result


def glyph_height(picture: np.ndarray) -> float:
    """Height of an ordinary letter in pixels, between an x and a capital: the scale of all that may hurt legibility."""
    ink = cv2.threshold(picture, 200, 1, cv2.THRESH_BINARY_INV)[1]
    labels = cv2.CV_16U if picture.size < 4 * 2**16 else cv2.CV_32S  # 16 bits are twice as fast, where they suffice
    heights = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=labels)[2][1:, cv2.CC_STAT_HEIGHT]
    heights = np.sort(heights[heights > 3])  # dots, bars and minus signs say nothing about the letters
    return float(heights[int(0.6 * heights.size)]) if heights.size else float(picture.shape[0])


# Print: the shape of the strokes.


def weight(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Bolder or thinner by a fraction of a pixel: min and max filters at twice the size, mixed with the original."""
    height, width = picture.shape
    bold = rng.random() < 0.6
    reach = 2 if glyph < 24 else 3  # counters of small letters close, and hairlines vanish, at one pixel more
    large = cv2.resize(picture, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    large = (cv2.erode if bold else cv2.dilate)(large, np.ones((reach, reach), np.uint8))
    changed = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    share = rng.uniform(0.3, 1.0 if bold else 0.7)
    return cv2.addWeighted(changed, share, picture, 1 - share, 0)


def bilevel(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """One bit a pixel, like a fax; leaning to more ink, so that hairlines live. Small print would turn to crumbs."""
    if glyph < 16:
        return picture
    level = cv2.threshold(picture, 0, PAPER, cv2.THRESH_OTSU)[0] + rng.uniform(10, 60)
    return cv2.threshold(picture, min(level, 235), PAPER, cv2.THRESH_BINARY)[1]


# Page: margins, neighbours, the back of the sheet, the angle of the camera.


def cut_margins(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Cut close to the ink, on each side from 0 pixels to a quarter of a letter away."""
    box = ink_box(picture)
    if box is None:
        return picture
    top, bottom, left, right = box
    near = rng.integers(0, 1 + int(glyph / 4), 4)
    return picture[max(top - near[0], 0) : bottom + near[1], max(left - near[2], 0) : right + near[3]].copy()


def margins(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """More paper, another amount on each side; mostly little, now and then a lot."""
    top, bottom, left, right = (glyph * rng.exponential(0.6, 4)).clip(0, 3 * glyph).astype(int).tolist()
    return cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_CONSTANT, value=PAPER)


def warp(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Turned by at most 2 degrees and seen a little from the side; the sheet grows so that nothing is cut."""
    height, width = picture.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = np.radians(np.clip(rng.normal(0, 0.9), -2, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    lean = rng.uniform(-1, 1, (4, 2)) * min(glyph / 4, height / 12)  # by letters: a long formula leans no more
    target = (corners @ turn.T + lean).astype(np.float32)
    target -= target.min(axis=0)
    size = np.ceil(target.max(axis=0)).astype(int).clip(1).tolist()
    matrix = cv2.getPerspectiveTransform(corners, target)
    return cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR, borderValue=PAPER)


def neighbours(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Bits of the text rows above or below, cut by the picture's edge, with a gap between them and the formula.

    The bits are cut out of the formula's own busiest row: the same font, another place.
    """
    box = ink_box(picture)
    if box is None:
        return picture
    row, width = max(int(glyph), 4), picture.shape[1]
    busiest = int(np.argmin(cv2.reduce(picture, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)))
    text = np.roll(picture[max(busiest - row // 2, 0) :][:row], int(rng.integers(width)), axis=1)
    start, end = np.sort(rng.integers(0, width + 1, 2))
    text[:, :start] = text[:, end:] = PAPER
    gap = np.full((int(rng.uniform(0.4, 1.0) * glyph), width), PAPER, np.uint8)
    seen = max(1, int(rng.uniform(0.15, 0.5) * len(text)))
    if rng.random() < 0.5:
        return np.vstack([text[-seen:], gap, picture])
    return np.vstack([picture, gap, text[:seen]])


def show_through(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """The faint, blurred, mirrored print of the sheet's other side."""
    back = cv2.blur(np.roll(picture[:, ::-1], rng.integers(0, picture.shape).tolist(), axis=(0, 1)), (3, 3))
    faint = rng.uniform(0.05, 0.18)
    return multiply(picture, cv2.addWeighted(back, faint, back, 0, PAPER * (1 - faint)))


# Light: tones of ink and paper. Tone curves are tables of 256 values.


def fade(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Ink that isn't black: coloured or pale ink as grey sees it."""
    return curve(picture, np.linspace(rng.uniform(20, 120), PAPER, 256))


def contrast(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Another gamma, which darkens or lightens the soft edges of strokes."""
    return curve(picture, PAPER * np.linspace(0, 1, 256) ** np.exp(rng.uniform(-0.7, 0.5)))


def shade(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Grey, yellowed or coloured paper."""
    return curve(picture, np.linspace(0, rng.uniform(150, 252), 256))


def gradient(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Light from one side: each corner has its own brightness."""
    return multiply(picture, stretch(rng.uniform(140, 255, (2, 2)), picture.shape))


def shadow(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """The straight edge of a hand's or a phone's shadow across the page, at least two letters soft."""
    height, width = picture.shape
    angle = rng.uniform(0, 2 * np.pi)
    along = np.linspace(-0.5, 0.5, 24) * width * np.cos(angle)  # pixels from the middle, at right angles to the edge
    down = np.linspace(-0.5, 0.5, 12) * height * np.sin(angle)
    place = rng.uniform(-0.7, 0.7) * (along.max() + down.max())
    dark = (0.5 + (along + down[:, None] - place) / (glyph * rng.uniform(2, 8))).clip(0, 1)
    return multiply(picture, stretch(PAPER - dark * rng.uniform(30, 130), picture.shape))


def dark_mode(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Light ink on a dark screen, of which neither is pure."""
    return curve(picture, np.linspace(rng.uniform(190, 255), rng.uniform(0, 60), 256))


# Camera and file: what is lost on the way.


def blur(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Out of focus, or moved along one axis; by a share of the letter's height, so that it stays readable."""
    reach = rng.uniform(0.02, 0.055) * glyph
    if rng.random() < 0.75:
        return cv2.GaussianBlur(picture, (0, 0), max(reach, 0.3))
    length = 2 + int(1.5 * reach)
    kernel = np.full((1, length), 1 / length, np.float32)  # not cv2.blur: with 2 x 1 pixels OpenCV 5.0 turns 255 into 0
    return cv2.filter2D(picture, -1, kernel if rng.random() < 0.5 else kernel.T)


def resample(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Resolution lost: made smaller, then large again."""
    height, width = picture.shape
    return resize(resize(picture, rng.uniform(0.4, 0.9), rng, glyph), (width, height), rng, glyph)


def scale(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Another size, with no more loss than people can still read; often small, as documentation tools make it."""
    room = max(1.0, (MOST_PIXELS / picture.size) ** 0.5)
    return resize(picture, min(float(np.exp2(rng.uniform(-1.7, 0.7))), room), rng, glyph)


def noise(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """A sensor's noise or a paper's grain."""
    height, width = picture.shape
    grain = int(rng.integers(1, 3))  # pixels
    bank = noise_bank()
    rows, columns = min(-(-height // grain), bank.shape[0]), min(-(-width // grain), bank.shape[1])
    top, left = rng.integers(bank.shape[0] - rows + 1), rng.integers(bank.shape[1] - columns + 1)
    patch = cv2.resize(bank[top : top + rows, left : left + columns], (width, height), interpolation=cv2.INTER_NEAREST)
    low, high, *_ = cv2.minMaxLoc(picture)
    amount = rng.uniform(0.0003, 0.002) * (high - low)  # deviation: 1 to 6 % of the contrast, so that pale ink survives
    return cv2.addWeighted(picture, 1, patch, amount, -128 * amount)


def specks(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Salt and pepper: dust, dead pixels, a bad copy; at most one pixel in 500."""
    result = picture.copy()
    count = int(rng.uniform(0.0003, 0.002) * picture.size)
    result.flat[rng.integers(0, picture.size, count)] = rng.choice(np.array([0, PAPER], np.uint8), count)
    return result


def jpeg(picture: np.ndarray, rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Blocks and ringing of a JPEG file; small print is spared the worst of it."""
    quality = int(rng.integers(20 if glyph > 20 else 40, 92))
    return cv2.imdecode(cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))[1], cv2.IMREAD_GRAYSCALE)


EFFECTS: tuple[tuple[Callable[[np.ndarray, np.random.Generator, float], np.ndarray], float, float], ...] = (
    # effect, chance for a clean picture, chance for a rough one
    (weight, 0.05, 0.30),
    (cut_margins, 0.15, 0.15),
    (margins, 0.30, 0.40),
    (warp, 0.00, 0.30),
    (neighbours, 0.02, 0.06),
    (show_through, 0.00, 0.06),
    (blur, 0.00, 0.25),
    (bilevel, 0.00, 0.07),
    (fade, 0.10, 0.30),
    (contrast, 0.05, 0.25),
    (shade, 0.05, 0.30),
    (gradient, 0.00, 0.20),
    (shadow, 0.00, 0.12),
    (dark_mode, 0.08, 0.08),
    (resample, 0.00, 0.20),
    (scale, 0.50, 0.50),
    (noise, 0.00, 0.30),
    (specks, 0.00, 0.04),
    (jpeg, 0.05, 0.35),
)


# The tools of the effects.


def ink_box(picture: np.ndarray) -> tuple[int, int, int, int] | None:
    """Top, bottom, left, right of what is darker than light grey (ends exclusive); None where nothing is."""
    left, top, width, height = cv2.boundingRect(cv2.threshold(picture, 200, 1, cv2.THRESH_BINARY_INV)[1])
    return (top, top + height, left, left + width) if width else None


def curve(picture: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The picture with each of the 256 tones replaced by `values` of it."""
    return cv2.LUT(picture, values.clip(0, PAPER).astype(np.uint8))


def multiply(picture: np.ndarray, light: np.ndarray) -> np.ndarray:
    """The picture lit by `light`, uint8 of the same shape, where 255 changes nothing."""
    return cv2.multiply(picture, light, scale=1 / PAPER)


def stretch(grid: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A coarse grid of light as a smooth uint8 picture of the given height and width."""
    return cv2.resize(grid.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_LINEAR)


def resize(picture: np.ndarray, to: float | tuple[int, int], rng: np.random.Generator, glyph: float) -> np.ndarray:
    """Resized by a factor, which is raised if letters would get too small to read, or to a given (width, height)."""
    if not isinstance(to, tuple):
        factor = max(to, min(1.0, SMALLEST_GLYPH / glyph))
        to = tuple(max(1, round(side * factor)) for side in picture.shape[::-1])
    return cv2.resize(picture, to, interpolation=SMOOTH[rng.integers(len(SMOOTH))])


@lru_cache(maxsize=1)
def noise_bank() -> np.ndarray:
    """Noise to cut patches from, uint8 around 128 with deviation 32: drawn once, as it costs more than all else."""
    noise = np.random.default_rng(0).standard_normal((512, 2048), np.float32)
    return (128 + 32 * noise).clip(0, 255).astype(np.uint8)
