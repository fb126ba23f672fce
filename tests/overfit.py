"""A small model that knows eight formulas by heart: the shipped trunk, and a decoder trained on real pictures."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from img2latex.config import ModelConfig, TrainConfig
from img2latex.data.dataset import collate
from img2latex.data.render import Look, render
from img2latex.latex import normalize
from img2latex.latex.tokens import Tokenizer, build_vocab
from img2latex.picture import images
from img2latex.reader import checkpoints
from img2latex.reader.model import Img2Latex
from img2latex.training.run import Run

FORMULAS = [
    r"\frac{a+b}{2}=\alpha_0",
    r"x^2+y^2=1",
    r"\sqrt{x+1}",
    r"\sin(2\theta)",
    r"\begin{pmatrix}1&0\\0&1\end{pmatrix}",
    r"\mathrm{Ca}^{2+}",
    r"\sum_{i=1}^{n}x_i",
    r"f(x)=0\text{ if }x<0",
]
STEPS = 45
SCALES = np.exp(np.linspace(-0.25, 0.25, 7))  # of the letters, so that it learns letters and not pixels


@dataclass
class Overfit:
    """The model, with the pictures (grey uint8 HxW, as LaTeX printed them) and the labels it was trained on."""

    model: Img2Latex
    pictures: list[np.ndarray]
    labels: list[list[str]]
    losses: list[float]


def once_for_each_input(forward):
    """The same function, computed once for each input."""
    known = {}

    def remembered(ink):
        key = ink.numpy().tobytes()
        if key not in known:
            known[key] = forward(ink)
        return known[key]

    return remembered


@cache
def overfit(backwards: bool = False) -> Overfit:
    """Trains once in a session, in either direction.

    The trunk, which costs most of a step, stays as it is: seven batches go through it.
    """
    torch.set_num_threads(1)
    torch.manual_seed(0)
    pictures = render(FORMULAS, Look(dpi=160))
    labels = [normalize(formula).split(" ") for formula in FORMULAS]
    config = ModelConfig(build_vocab(labels), d_model=64, num_layers=2, num_heads=4, feedforward=128, dropout=0.0,
                         max_length=40, direction="backwards" if backwards else "forwards")  # fmt: skip
    settings = TrainConfig(max_epochs=STEPS, warmup_steps=10, learning_rate=4e-3, label_smoothing=0.0, bf16=False)
    run = Run(settings, config, len(FORMULAS), torch.device("cpu"))
    shipped = checkpoints.load(checkpoints.CHECKPOINTS / "math")[0].trunk.state_dict()
    for model in (run.model, run.ema):
        model.trunk.load_state_dict(shipped)
    run.frozen = [run.model.trunk.requires_grad_(False)]
    run.model.trunk.forward = once_for_each_input(run.model.trunk.forward)
    ids = [Tokenizer(config.vocab).encode(label[:: -1 if backwards else 1]) for label in labels]
    batches = [collate([images.prepare(p, images.LETTER_HEIGHT * scale) for p in pictures], ids) for scale in SCALES]
    order = np.random.default_rng(0).integers(len(batches), size=STEPS)
    losses = [run.train_batch(batches[i])["loss"] for i in order]
    return Overfit(run.ema.eval(), pictures, labels, losses)
