r"""Pictures that hold no formula, with empty labels: from them the model learns to say nothing.

    python -m img2latex.data.distractors --out shards/none --count 3000 --seed 1

Paragraphs, tables, program text, plots, diagrams, doodles, photograph-like scenes and noise, drawn on the spot. Words
are those of Python's own help texts; fonts are those that this machine has.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pydoc_data.topics import topics

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from tqdm import tqdm

from img2latex.data.shards import Row, write_shard

FONT_FOLDERS = ("/usr/share/fonts", "/usr/share/texmf/fonts/opentype", "/usr/share/texlive/texmf-dist/fonts/truetype")
NOT_FOR_TEXT = ("math", "symbol", "emoji", "awesome", "icon", "music", "braille", "dingbat", "academicons")
INK, PAPER = 0, 255


@cache
def fonts() -> tuple[str, ...]:
    """Files of fonts with Latin letters, in a fixed order; none where the machine has none."""
    found = [path for folder in FONT_FOLDERS for path in sorted(Path(folder).rglob("*.[ot]tf"))]
    return tuple(str(path) for path in found if not any(word in str(path).lower() for word in NOT_FOR_TEXT))


def font(rng: np.random.Generator, size: int) -> ImageFont.FreeTypeFont:
    """A random font of this machine that can write plain words, `size` px high."""
    for _ in range(20):
        if not fonts():
            break
        try:
            chosen = ImageFont.truetype(fonts()[rng.integers(len(fonts()))], size)
        except OSError:
            continue
        if chosen.getlength("word") > 0 and chosen.getmask("a").getbbox() != chosen.getmask("\ue0ff").getbbox():
            return chosen
    return ImageFont.load_default(size)


@cache
def lines_of_text() -> tuple[list[str], list[str]]:
    """Lines of prose and lines of program text, from Python's help."""
    lines = [line for topic in sorted(topics) for line in topics[topic].splitlines() if line.strip()]
    prose = [line for line in lines if line[0].isalpha() and line.count(" ") > 5 and "|" not in line]
    return prose, [line for line in lines if line.startswith("    ")]


def canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("L", (width, height), PAPER)
    return picture, ImageDraw.Draw(picture)


def written(lines: list[str], rng: np.random.Generator, spacing: float = 1.3) -> np.ndarray:
    """Lines of text in one font -> uint8 HxW."""
    size = int(rng.integers(14, 34))
    face = font(rng, size)
    width = int(max(face.getlength(line) for line in lines)) + 20
    picture, draw = canvas(width, int(size * spacing * len(lines)) + 20)
    for number, line in enumerate(lines):
        draw.text((10, 8 + number * size * spacing), line, INK, face)
    return np.array(picture)


def prose(rng: np.random.Generator) -> np.ndarray:
    """One to six lines of a text; a single line has at least five words."""
    source = lines_of_text()[0]
    count, start = int(rng.integers(1, 7)), int(rng.integers(len(source) - 7))
    length = int(rng.integers(35, 70))
    lines = [line[:length].rpartition(" ")[0] or line[:length] for line in source[start : start + count]]
    return written(lines, rng, float(rng.uniform(1.1, 1.6)))


def program(rng: np.random.Generator) -> np.ndarray:
    """Three to seven lines of program text."""
    source = lines_of_text()[1]
    start = int(rng.integers(len(source) - 8))
    return written([line[:60] for line in source[start : start + int(rng.integers(3, 8))]], rng)


def table(rng: np.random.Generator) -> np.ndarray:
    """Words and numbers in rows and columns, with or without rules."""
    rows, columns, size = int(rng.integers(3, 9)), int(rng.integers(2, 6)), int(rng.integers(14, 28))
    words = " ".join(lines_of_text()[0]).split()
    cell, face = (int(size * rng.uniform(5, 8)), int(size * 1.6)), font(rng, size)
    picture, draw = canvas(columns * cell[0] + 21, rows * cell[1] + 21)
    for row in range(rows):
        for column in range(columns):
            number = row and column and rng.random() < 0.7
            text = f"{rng.uniform(0, 1000):.{rng.integers(3)}f}" if number else str(words[rng.integers(len(words))])
            draw.text((14 + column * cell[0], 12 + row * cell[1]), text[:9], INK, face)
    if rng.random() < 0.7:
        for row in range(rows + 1):
            draw.line((10, 10 + row * cell[1], 10 + columns * cell[0], 10 + row * cell[1]), INK)
        for column in range(columns + 1):
            draw.line((10 + column * cell[0], 10, 10 + column * cell[0], 10 + rows * cell[1]), INK)
    return np.array(picture)


def plot(rng: np.random.Generator) -> np.ndarray:
    """Axes with ticks and numbers, and curves, dots or bars."""
    width, height = int(rng.integers(240, 600)), int(rng.integers(180, 420))
    picture, draw = canvas(width, height)
    left, bottom, face = 50, height - 35, font(rng, 13)
    draw.line((left, 10, left, bottom, width - 10, bottom), INK, 2)
    for k in range(5):
        x, y = left + k * (width - 70) / 4, bottom - k * (bottom - 20) / 4
        draw.line((x, bottom, x, bottom + 5), INK)
        draw.line((left - 5, y, left, y), INK)
        draw.text((x - 6, bottom + 8), str(k * 5), INK, face)
        draw.text((left - 34, y - 8), f"{k / 4:.1f}", INK, face)
    xs = np.linspace(left + 5, width - 15, 40)
    kind = rng.integers(3)
    for _ in range(rng.integers(1, 4)):
        ys = np.cumsum(rng.normal(0, 1, 40))
        ys = 20 + (bottom - 40) * (ys - ys.min()) / max(np.ptp(ys), 1e-9)
        points, shade = list(zip(xs, ys, strict=True)), int(rng.integers(0, 140))
        if kind == 0:
            draw.line(points, shade, int(rng.integers(1, 4)))
        for x, y in points[:: 1 if kind == 1 else 4]:
            if kind == 1:
                draw.ellipse((x - 3, y - 3, x + 3, y + 3), shade)
            elif kind == 2:
                draw.rectangle((x - 5, y, x + 5, bottom), shade)
    return np.array(picture)


def diagram(rng: np.random.Generator) -> np.ndarray:
    """Boxes and circles with words, joined by lines."""
    width, height = int(rng.integers(250, 600)), int(rng.integers(180, 420))
    picture, draw = canvas(width, height)
    words, face = " ".join(lines_of_text()[0]).split(), font(rng, int(rng.integers(13, 20)))
    centres = [(rng.uniform(50, width - 50), rng.uniform(35, height - 35)) for _ in range(rng.integers(3, 7))]
    draw.line(centres, INK, 2)
    for x, y in centres:
        shape = draw.rectangle if rng.random() < 0.6 else draw.ellipse
        shape((x - 42, y - 22, x + 42, y + 22), PAPER, INK, 2)
        draw.text((x - 34, y - 9), words[rng.integers(len(words))][:8], INK, face)
    return np.array(picture)


def doodle(rng: np.random.Generator) -> np.ndarray:
    """A scribble of one long, wandering stroke, or some."""
    picture = np.full((int(rng.integers(150, 350)), int(rng.integers(150, 600))), PAPER, np.uint8)
    for _ in range(rng.integers(1, 5)):
        steps = np.cumsum(rng.normal(0, 1, (int(rng.integers(150, 400)), 2)), axis=0)
        steps = cv2.GaussianBlur(np.cumsum(steps, axis=0).astype(np.float32), (1, 9), 0)
        steps = (steps - steps.min(0)) / np.maximum(np.ptp(steps, axis=0), 1e-6)
        room = np.array(picture.shape[::-1]) - 30
        scale = rng.uniform(0.5, 1.0, 2)
        points = 15 + (steps * scale + rng.uniform(0, 1, 2) * (1 - scale)) * room
        cv2.polylines(picture, [np.int32(points * 16)], False, INK, int(rng.integers(2, 6)), cv2.LINE_AA, 4)
    return picture


def scene(rng: np.random.Generator) -> np.ndarray:
    """Soft light with things in it, as a photograph has: shapes, textures, edges in and out of focus."""
    height, width = int(rng.integers(150, 400)), int(rng.integers(200, 600))
    coarse = rng.integers(0, 256, (int(rng.integers(2, 7)), int(rng.integers(2, 9)))).astype(np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(rng.integers(3, 25)):
        centre, size = rng.uniform(0, 1, 2) * (width, height), rng.uniform(5, 0.35 * width, 2)
        angle, shade = rng.uniform(0, 360), int(rng.integers(0, 256))
        if rng.random() < 0.5:
            cv2.ellipse(picture, (centre.tolist(), size.tolist(), angle), shade, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints((centre.tolist(), size.tolist(), angle))
            cv2.fillPoly(picture, [np.int32(corners)], shade, cv2.LINE_AA)
        if rng.random() < 0.3:
            picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 4))
    grain = rng.normal(0, rng.uniform(1, 14), picture.shape)
    return (picture + grain).clip(0, 255).astype(np.uint8)


def noise(rng: np.random.Generator) -> np.ndarray:
    """Grain of any coarseness and density."""
    height, width = int(rng.integers(40, 300)), int(rng.integers(60, 500))
    grain = int(rng.integers(1, 9))
    small = rng.random((-(-height // grain), -(-width // grain)))
    if rng.random() < 0.5:  # specks on paper
        small = np.where(small < rng.uniform(0.002, 0.3), rng.uniform(0, 0.6), 1.0)
    return cv2.resize((255 * small).astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)


KINDS = {prose: 6, program: 2, table: 3, plot: 2, diagram: 2, doodle: 2, scene: 3, noise: 2}  # with their shares


def distractors(count: int, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """(kind, uint8 HxW) pairs; picture number k depends on the seed and k alone."""
    makers, shares = list(KINDS), np.array(list(KINDS.values()), float)
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        make = makers[rng.choice(len(makers), p=shares / shares.sum())]
        yield make.__name__, make(rng)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.distractors", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the shard")
    parser.add_argument("--count", type=int, default=3000, help="pictures")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    made = tqdm(distractors(options.count, options.seed), total=options.count, unit=" pictures", disable=None)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        count = write_shard(options.out / "none-00000.zip", (Row(picture, kind, "", "") for kind, picture in made))
    except (ValueError, OSError) as error:
        print(f"distractors: {error}", file=sys.stderr)
        return 1
    print(f"distractors: {count} pictures without a formula in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
