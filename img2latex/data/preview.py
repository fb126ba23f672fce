"""What the model gets to see: a sheet of training pictures, augmented and prepared, each with its label beneath.

    python -m img2latex.data.preview --data shards/math=0.8 shards/ink=0.2 --n 64 --out sheet.png
    python -m img2latex.data.preview --recipe math --data-root shards --out sheet.png
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from img2latex.config import ModelConfig, TrainConfig
from img2latex.data import recipes
from img2latex.data.dataset import Source, Stream, parse_source
from img2latex.files.atomic import replacing
from img2latex.latex import LatexError, beautify
from img2latex.latex.tokens import SPECIAL

CELL = 400, 96  # px, width and height of one picture's place, without the label
GAP = 12  # px between cells
FONT_SIZE, LINE = 13, 17  # px
LINE_LENGTH, LINES = 60, 2  # characters of a label's line, and lines of a label


def samples(sources: list[Source], n: int, seed: int, strength: float = 1.0) -> list[tuple[np.ndarray, str]]:
    """Pictures and labels as a training run draws them: by the sources' weights, augmented and prepared.

    Args:
        n: how many.
        strength: of the augmentation; 0 leaves it out.
    """
    config = TrainConfig(pool=n, seed=seed, augment=strength)
    longest = config.curriculum[-1][1]
    stream = Stream(sources, ModelConfig(SPECIAL), config, limit=lambda pool: longest)
    rng = np.random.default_rng(seed)
    drawn = stream.draw(rng, longest)
    samples = [sources[s].pictures.sample(i, rng) for s, i in drawn]
    return [(stream.varied(picture, rng), label) for picture, label in samples]


def caption(label: str) -> list[str]:
    """A label as a person would write it, in lines; what does not fit is cut off."""
    try:
        text = beautify(label)
    except LatexError:
        text = label or "(no formula)"
    return textwrap.wrap(text, LINE_LENGTH, max_lines=LINES, placeholder=" …")


def tile(picture: np.ndarray, label: str) -> Image.Image:
    """A picture in the middle of its place, shrunk if it is too large, and the label beneath."""
    width, height = CELL
    place = Image.new("L", (width, height + LINES * LINE), 255)
    image = Image.fromarray(picture)
    image.thumbnail(CELL, Image.Resampling.LANCZOS)
    place.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    pen, font = ImageDraw.Draw(place), ImageFont.load_default(FONT_SIZE)
    for number, line in enumerate(caption(label)):
        pen.text((width / 2, height + number * LINE), line, 100, font, anchor="ma")
    return place


def sheet(tiles: Sequence[Image.Image], columns: int) -> Image.Image:
    """Tiles of equal size in rows, with thin lines between the rows."""
    rows = -(-len(tiles) // columns)
    across, down = tiles[0].width + GAP, tiles[0].height + GAP
    whole = Image.new("L", (columns * across + GAP, rows * down + GAP), 255)
    pen = ImageDraw.Draw(whole)
    for number, one in enumerate(tiles):
        row, column = divmod(number, columns)
        whole.paste(one, (GAP + column * across, GAP + row * down))
    for row in range(1, rows):
        pen.line((GAP, row * down + GAP // 2, whole.width - GAP, row * down + GAP // 2), 220)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.data.preview", description=__doc__.split("\n")[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--data", nargs="+", metavar="FOLDER[=WEIGHT]", help="folders of shards")
    which.add_argument("--recipe", choices=recipes.RECIPES, help="what a checkpoint is trained on")
    parser.add_argument("--data-root", type=Path, default=Path("shards"), help="with --recipe: where its folders are")
    parser.add_argument("--n", type=int, default=64, help="pictures")
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--augment", type=float, default=1.0, help="strength; 0 shows the pictures as they were drawn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="the sheet, a PNG file")
    options = parser.parse_args(arguments)
    if min(options.n, options.columns) < 1:
        parser.error("--n and --columns must be 1 or more")
    try:
        named = recipes.sources(options.recipe, options.data_root) if options.recipe else options.data
        drawn = samples([parse_source(text) for text in named], options.n, options.seed, options.augment)
        with replacing(options.out) as draft:
            sheet([tile(*sample) for sample in drawn], options.columns).save(draft, "PNG", optimize=True)
    except (ValueError, OSError) as error:
        print(f"preview: {error}", file=sys.stderr)
        return 1
    print(f"preview: {len(drawn)} pictures in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
