"""A model small enough for tests: real code, random weights, a real vocabulary of few tokens."""

import torch

from img2latex.config import ModelConfig
from img2latex.latex.tokens import SPECIAL
from img2latex.reader.model import Img2Latex

TOKENS = ("x", "y", "1", "2", "+", "=", "^", "_", "{", "}", "\\frac", "\\alpha")


def tiny_model(seed=0, **settings):
    """An untrained model with few memory cells; the same seed gives the same weights."""
    torch.manual_seed(seed)
    shape = {"d_model": 32, "num_layers": 1, "num_heads": 2, "feedforward": 32, "max_length": 12}
    shape |= {"letter_height": 12.0, "column_stride": 16}
    return Img2Latex(ModelConfig(vocab=(*SPECIAL, *TOKENS), **(shape | settings))).eval()
