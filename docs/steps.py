"""Draws docs/steps-*.png: one picture on its way from the file to LaTeX, for docs/how-it-works.md.

    PYTHONPATH=. python docs/steps.py
"""

from pathlib import Path

import numpy as np
from PIL import Image

from img2latex import Recognizer
from img2latex.picture import framing, levelling, loading

HERE = Path(__file__).resolve().parent
TOKEN = r"\infty"  # whose attention is shown


def handed() -> Image.Image:
    """An example as a bad screenshot: light on dark, in a frame, unevenly lit, grainy."""
    grey = np.asarray(Image.open(HERE.parent / "examples" / "2-dark.png").convert("L")).astype(float)
    grey[8:11, 8:-8] = grey[-11:-8, 8:-8] = grey[8:-8, 8:11] = grey[8:-8, -11:-8] = 200
    light = np.linspace(1.0, 0.55, grey.shape[1])
    grain = np.random.default_rng(0).normal(0, 4, grey.shape)
    return Image.fromarray((grey * light + grain).clip(0, 255).astype(np.uint8))


def main() -> None:
    picture = handed()
    levelled = levelling.level(loading.load(picture))
    result = Recognizer.from_pretrained("math").recognize(picture)
    weights = result.attention[result.tokens.index(TOKEN)]  # rows x columns of memory cells
    looked = Image.fromarray((255 * weights / weights.max()).astype(np.uint8)).resize(result.crop.size)
    pale = Image.fromarray(np.minimum(result.crop, 255 - np.asarray(looked)))
    shown = Image.merge("RGB", [result.crop, pale, pale])
    steps = {"1-handed": picture, "2-levelled": levelled, "3-unframed": framing.remove(levelled),
             "4-scaled": result.crop, "5-looked": shown}  # fmt: skip
    for name, step in steps.items():
        image = step if isinstance(step, Image.Image) else Image.fromarray(step)
        image.quantize(16).save(HERE / f"steps-{name}.png", optimize=True)
    print(f"{result.latex}\n{' '.join(result.tokens)}\n{result.confidence:.2f}, {weights.shape} memory cells")


if __name__ == "__main__":
    main()
