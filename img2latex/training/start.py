"""What a run starts with: its data, and the configuration of its model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from img2latex.config import ModelConfig, TrainConfig
from img2latex.data.dataset import Source
from img2latex.latex.tokens import build_vocab, split_label
from img2latex.reader import checkpoints

MIN_COUNT = 8  # a token seen in fewer labels is left out of a new vocabulary, with its labels


def new_model_config(config: TrainConfig, sources: list[Source]) -> ModelConfig:
    """The config of the checkpoint that the run starts from, or one with a vocabulary of the labels.

    Raises:
        ValueError: a width that does not divide among the heads, or a stride that the trunk cannot have.
    """
    given = {name: getattr(config, name) for name in ("letter_height", "thickest_stroke", "column_stride")
             if getattr(config, name) is not None}  # fmt: skip
    given["direction"] = "backwards" if config.backwards else "forwards"
    if config.init:
        start = checkpoints.load(config.init)[1]
        new = dict.fromkeys(token for token in config.new_tokens if token not in start.vocab)
        return dataclasses.replace(start, vocab=(*start.vocab, *new), dropout=config.dropout, **given)
    width = config.d_model
    if width % ModelConfig.num_heads:
        raise ValueError(f"d_model must be a multiple of {ModelConfig.num_heads}, the number of attention heads")
    return ModelConfig(vocab=vocabulary(sources), d_model=width, num_layers=config.num_layers, feedforward=4 * width,
                       dropout=config.dropout, **given)  # fmt: skip


def vocabulary(sources: list[Source]) -> tuple[str, ...]:
    """The tokens that at least `MIN_COUNT` labels hold; of a small set, all."""
    fewest = MIN_COUNT if sum(map(len, sources)) > 10_000 else 1
    return build_vocab((set(split_label(label)) for source in sources for label in source.labels), fewest)


def known_only(source: Source, config: ModelConfig) -> None:
    """Drops from `source.by_length` the labels that the model cannot write: with unknown tokens, or too long."""
    known = set(config.vocab)
    fits = (i for i in source.by_length if source.lengths[i] <= config.max_length)
    source.by_length = np.array([i for i in fits if known.issuperset(split_label(source.labels[i]))], int)


def check_sources(sources: list[Source]) -> None:
    """Raises ValueError for negative weights, or where no source has a picture to train on."""
    if any(source.weight < 0 for source in sources) or not any(source.weight for source in sources):
        raise ValueError("the weights of the data must not be negative, nor all zero")
    if not any(len(source.by_length) and source.weight for source in sources):
        raise ValueError("the model cannot write any label of the data")


def default_data(out: Path) -> tuple[list[str], list[str]]:
    """Made-up formulas, rendered into shards once, so that training works in a fresh clone."""
    from img2latex.data import lists, render, synthesize
    from img2latex.latex import normalize

    held_out: set[str] = set()
    for name, seed, count in (("val", 2, 500), ("train", 1, 20_000)):
        formulas = [("math", f) for f in synthesize.math(seed, count)]
        formulas += [("biology", f) for f in synthesize.biology(seed, count // 2)]
        formulas = [(source, f) for source, f in formulas if normalize(f) not in held_out]
        held_out.update(normalize(f) for _, f in formulas)  # what is validated on is never trained on
        lists.build(formulas, out / name, render.render, render.looks, name, seed)
    return [str(out / "train")], [str(out / "val")]
