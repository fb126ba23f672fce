"""Ink of any colour and tone -> one tone: colours become grey without losing ink, pale letters as dark as the rest.

Formulas are printed with a term in grey or orange, slides have yellow letters on black. What is not ink (a shadow, a
highlighter's mark, print that shines through) stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from img2latex.picture.components import typical_height, without_dust
from img2latex.picture.levels import percentile

VIVID = 32  # levels between a colour's lightness and its least channel, from which on it may be ink that grey loses
DIM = 128  # lightness relative to the paper's: ink darker than this is seen in grey anyway
BROAD = 0.45  # of a letter's height: no stroke is as thick, but marks of a highlighter are
LONGEST = 12  # letters: what is longer is a line of the paper
PALE = 0.6  # of the contrast of ink: what nowhere reaches it is paler than the rest
FAINT = 0.1  # of that contrast: what is paler is paper
PLAIN = 0.3  # of that contrast, from which on a letter is no print of the other side, which is also blurred
SHARP = 0.6  # as sharp as other letters, at least: paler ones have to be
GRAIN = 4.0  # times the noise: what differs less from paper is noise
SMALLEST, LARGEST = 0.3, 4.0  # letters high and wide: a pale letter, a sum, a joined word
SLOPE = 0.5  # of its tone, at most: by how much the shade of the paper varies under a letter
NARROW, BAR = 0.3, 0.75  # letters, and of its box: what is narrower or fills more may be a thin bar between two pixels
CORE = 0.8  # of its tone: the middle of a stroke that is wider than two pixels
WHOLE = 0.25  # of faint marks, at least, are letters where any is: light leaves crumbs
CLEAN = 0.5  # of the pixels of a screenshot have the paper's grey
MEASURED = 24  # dark marks are enough to tell how sharp letters are
NEAR = 1.5  # letters between a pale letter and the dot or minus sign that belongs to it


def grey(rgb: np.ndarray) -> np.ndarray:
    """Lightness, but for strokes of a vivid colour that lightness hardly tells from the paper: those by their colour.

    Yellow letters on white have 11 % of the contrast of black ones, dark blue ones on black 6 %. Broad fields of such
    a colour (highlighter, coloured boxes) are told by lightness alone, as the letters on them have to be seen.

    Args:
        rgb: uint8 HxWx3.

    Returns:
        uint8 HxW.
    """
    lightness = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if not (_spread(rgb[::2, ::2]) > VIVID).any():
        return lightness
    factor = min(1.0, 64 / min(lightness.shape))
    small = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else rgb
    paper = np.median(small.reshape(-1, 3), axis=0)
    dark = float(paper @ (0.299, 0.587, 0.114)) < 128
    steps = np.arange(256)[:, None]
    relative = (255 - steps) / np.maximum(255 - paper, 1) if dark else steps / np.maximum(paper, 1)
    table = np.clip(255 * relative, 0, 255).astype(np.uint8)[None]
    seen = cv2.LUT(rgb, table)  # on white paper, ink dark
    shade = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)
    colour = cv2.subtract(shade, _least(seen))
    strokes = _vivid_strokes(shade, colour)
    if not strokes.any():
        return lightness
    contrast = float((255 - paper if dark else paper).mean()) / 255
    lost = cv2.convertScaleAbs(cv2.bitwise_and(colour, colour, mask=strokes), alpha=contrast)
    return (cv2.add if dark else cv2.subtract)(lightness, lost)


def _least(rgb: np.ndarray) -> np.ndarray:
    return cv2.min(cv2.min(*cv2.split(rgb)[:2]), cv2.split(rgb)[2])


def _spread(rgb: np.ndarray) -> np.ndarray:
    red, green, blue = cv2.split(rgb)
    return cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))


def _vivid_strokes(shade: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Mask (uint8 HxW, 0 or 1) of strokes of vivid colour and their soft edges; without fringes of dark letters."""
    dark = (shade < DIM).view(np.uint8)
    vivid = ((colour > VIVID) & (cv2.dilate(dark, np.ones((5, 5), np.uint8)) == 0)).view(np.uint8)
    labels, components = cv2.connectedComponentsWithStats(vivid, connectivity=8)[1:3]
    if len(components) < 2:
        return vivid
    written = without_dust(cv2.connectedComponentsWithStats(dark, connectivity=8)[2][1:])
    letter = typical_height(written if len(written) else without_dust(components[1:]))
    side = max(3, round(BROAD * letter))
    broad = cv2.morphologyEx(vivid | dark, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    strokes = np.max(components[:, 2:4], axis=1) <= LONGEST * letter
    strokes[np.unique(labels[cv2.dilate(broad, np.ones((3, 3), np.uint8)) > 0])] = False
    strokes[0] = False
    return cv2.dilate(strokes[labels].view(np.uint8), np.ones((3, 3), np.uint8))


def even(page: np.ndarray, shade: np.ndarray, paper: int, contrast: float, noise: float) -> np.ndarray:
    """The page with pale letters made as dark as the rest; the same array where there are none.

    A component is a pale letter if it is as large as a letter, paler than the rest everywhere and clearly darker than
    the paper's noise; dots and bars beside it belong to it. Remains of the edge of a shadow or a coloured box are no
    letters. A component as faint as print that shines through must also be as sharp as the other letters.

    Args:
        page: uint8 HxW, dark ink on paper that is equally light everywhere.
        shade: uint8 HxW, the paper's shade by which the page was divided.
        paper: grey level of the paper.
        contrast: by how many levels ink is darker than paper.
        noise: standard deviation of the paper, in levels.
    """
    depth = cv2.subtract(np.full_like(page, paper), page)
    faintest = max(FAINT * contrast, GRAIN * noise)
    labels, components = cv2.connectedComponentsWithStats((depth > faintest).view(np.uint8), connectivity=8)[1:3]
    if len(components) == 1:
        return page  # nothing is darker than the noise
    contrast = max(contrast, percentile(depth[depth > faintest], 90))  # pale ink has lowered it
    dark = np.zeros(len(components), bool)
    dark[labels[depth >= PALE * contrast]] = True
    pale = ~dark & (components[:, 4] >= 3)
    dark[0] = pale[0] = False
    if not pale.any() or not dark.any():
        return page
    letter = typical_height(without_dust(components[dark | (pale & (components[:, 3] > 3))]))
    sides = components[:, 2:4] / letter
    large = pale & (sides[:, 1] >= SMALLEST) & (sides.max(axis=1) <= LARGEST)
    if not large.any():
        return page
    some_dark = np.flatnonzero(dark)[np.argsort(-components[dark, 4])[:MEASURED]]
    measured = {n: _measure(depth, shade, labels, components[n], n) for n in (*some_dark, *np.flatnonzero(pale))}
    tone = np.array([measured[n].tone if n in measured else contrast for n in range(len(components))])
    usual = np.median([(measured[n].tone, measured[n].edge) for n in some_dark], axis=0)
    faint = pale & (tone < PLAIN * contrast)
    crumbly = (faint & large).sum() < WHOLE * faint.sum() or not _is_clean(page)
    for n in np.flatnonzero(large):
        seen = measured[n]
        clear = not faint[n] or (seen.edge >= SHARP * usual[1] and not crumbly)
        shaped = min(sides[n]) >= NARROW and seen.fill < BAR
        large[n] = clear and seen.slope < SLOPE * seen.tone and (shaped or seen.thick)
    beside = pale & ~large & (sides.max(axis=1) <= LARGEST)
    letters = large.copy()
    letters[beside] = _are_beside(components[beside], tone[beside], components[large], tone[large], NEAR * letter)
    if not letters.any():
        return page
    gain = np.where(letters, usual[0] / np.maximum(tone, 1), 0).astype(np.float32)
    factor = cv2.dilate(gain[labels], np.ones((3, 3), np.uint8))
    factor[(factor < 1) | dark[labels]] = 1
    darker = np.clip(paper - depth * factor, 0, 255)
    return np.where(factor > 1, darker, page).astype(np.uint8)


@dataclass
class _Measures:
    """What distinguishes a pale letter from a shadow or a reflection."""

    tone: float  # levels below paper of its darkest fifth
    edge: float  # its sharpest step between two pixels, as a share of its tone
    slope: float  # levels by which the paper's shade varies under it
    fill: float  # of its box that it covers
    thick: bool  # whether it holds a square of 3 x 3 px nearly as dark as its tone


def _measure(depth: np.ndarray, shade: np.ndarray, labels: np.ndarray, component: np.ndarray, number: int) -> _Measures:
    left, top, width, height = (int(side) for side in component[:4])
    here = slice(top, top + height), slice(left, left + width)
    inside = labels[here] == number
    tone = percentile(depth[here][inside], 80)
    around = depth[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + width + 1].astype(np.int16)
    steps = [np.abs(np.diff(around, axis=axis)).max(initial=0) for axis in (0, 1)]
    core = (inside & (depth[here] >= CORE * tone)).view(np.uint8)
    thick = cv2.erode(core, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0).any()
    return _Measures(tone, float(max(steps)) / max(tone, 1.0), float(np.ptp(shade[here][inside])), inside.mean(), thick)


def _is_clean(page: np.ndarray) -> bool:
    """Whether most of the picture has one grey, as in screenshots; scans may show the print of the other side."""
    counted = np.bincount(page.ravel()[:: max(1, page.size // 100_000)], minlength=258)
    return bool(max(counted[:-2] + counted[1:-1] + counted[2:]) >= CLEAN * counted.sum())


def _are_beside(
    components: np.ndarray, tone: np.ndarray, letters: np.ndarray, tones: np.ndarray, reach: float
) -> np.ndarray:
    """Which components are at most `reach` px from a letter and at least half as dark as it is."""
    start, end = components[:, None, :2], components[:, None, :2] + components[:, None, 2:4]
    away = np.maximum(letters[None, :, :2] - end, start - letters[None, :, :2] - letters[None, :, 2:4]).max(axis=2)
    return ((away <= reach) & (tone[:, None] >= 0.5 * tones[None])).any(axis=1)
