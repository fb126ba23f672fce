"""Shards -> batches: sources mixed by weight, short formulas first, pictures augmented and sorted by size.

The content of a pool depends only on the seed and the pool's number, so a resumed run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from img2latex.config import ModelConfig
from img2latex.data.augment import augment
from img2latex.data.handwriting import MODES, Handwriting
from img2latex.data.shards import Shard
from img2latex.latex import unframed
from img2latex.latex.tokens import BOS, EOS, PAD, Tokenizer, split_label
from img2latex.picture import images
from img2latex.reader.grouping import groups

# The most px of a prepared picture, and more for each token of its label. In a larger one specks or lines were measured
# as letters, and training on it would waste time.
ROOM, ROOM_PER_TOKEN = 15_000, 1_800


@dataclass
class Batch:
    """`pictures` uint8 B x H x W, `sizes` B x 2 px, `tokens` B x (T + 2) with bos and eos; `pool`: its number."""

    pictures: Tensor
    sizes: Tensor
    tokens: Tensor
    pool: int


def shard_files(path: Path, split: str) -> list[Path]:
    """Shards of one split: those named after it in a folder where some are, else all; a file stands for itself."""
    if path.is_file():
        return [path]
    every = sorted(path.glob("*.zip"))
    several = {file.name.split("-")[0] for file in every} & {"validate", "test"}
    return [file for file in every if file.name.startswith(f"{split}-")] if several else every


class Shards:
    """The pictures of a folder of shards.

    Args:
        folder: with shards of one split, or of all three as data/prepare.py writes them.
        split: `train` or `validate`, where the folder holds several.

    Raises:
        ValueError: the folder holds no shard.
    """

    def __init__(self, folder: str | Path, split: str = "train"):
        files = shard_files(Path(folder), split)
        if not files:
            raise ValueError(f"there are no shards in {folder}")
        self.shards = [Shard(file) for file in files]
        self.labels = [unframed(label) for shard in self.shards for label in shard.labels]
        self.starts = np.cumsum([0, *(len(shard) for shard in self.shards)])

    def picture(self, i: int) -> np.ndarray:
        shard = int(np.searchsorted(self.starts, i, side="right")) - 1
        return self.shards[shard].picture(i - int(self.starts[shard]))

    def sample(self, i: int, rng: np.random.Generator) -> tuple[np.ndarray, str]:
        """Picture `i`, which is always the same, and its label."""
        return self.picture(i), self.labels[i]


class Source:
    """Pictures to train on, with how often they are drawn from beside other sources.

    Args:
        pictures: `Shards`, or `Handwriting` that is drawn when it is asked for.
        weight: by default, the number of pictures.
    """

    def __init__(self, pictures: Shards | Handwriting, weight: float | None = None):
        self.pictures, self.labels = pictures, pictures.labels
        self.lengths = np.array([len(split_label(label)) for label in self.labels])
        self.by_length = np.argsort(self.lengths, kind="stable")
        self.weight = float(len(self.labels) if weight is None else weight)

    def __len__(self) -> int:
        return len(self.labels)

    def count(self, max_tokens: int) -> int:
        """How many labels have at most `max_tokens` tokens."""
        return int(np.searchsorted(self.lengths[self.by_length], max_tokens, side="right"))


def parse_source(text: str) -> Source:
    """`FOLDER` or `FOLDER=WEIGHT`; without a weight a source weighs what it holds.

    A folder is one of shards, or `written`, `exchanged` or `composed` in a folder of packed handwriting.
    """
    name, _, weight = text.partition("=")
    folder = Path(name)
    handwritten = folder.name in MODES and not folder.is_dir()
    pictures = Handwriting(folder.parent, folder.name) if handwritten else Shards(folder)
    return Source(pictures, float(weight) if weight else None)


def collate(pictures: list[np.ndarray], labels: list[list[int]], pool: int = 0) -> Batch:
    """Prepared pictures and ids -> a batch."""
    batch, sizes = images.pad(pictures)
    tokens = torch.full((len(labels), max(map(len, labels)) + 2), PAD)
    for row, ids in zip(tokens, labels, strict=True):
        row[: len(ids) + 2] = torch.tensor([BOS, *ids, EOS])
    return Batch(torch.from_numpy(batch), torch.from_numpy(sizes), tokens, pool)


class Stream(IterableDataset):
    """Endless batches for training.

    Args:
        sources: what is mixed, by their weights.
        model: for which pictures and labels are prepared.
        limit: pool number -> the longest label it may hold, in tokens.
        start: number of the first pool.
        share: (rank, world) of a distributed run.
    """

    def __init__(self, sources: list[Source], model: ModelConfig, config, limit, start: int = 0, share=(0, 1)):
        self.sources, self.model, self.config, self.limit = sources, model, config, limit
        self.tokenizer = Tokenizer(model.vocab)
        self.start, self.share = start, share

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        if info:  # a process of the loader; the training process keeps its threads
            torch.set_num_threads(1)
        rank, world = self.share
        pool = self.start + worker * world + rank
        while True:
            yield from self.pool(pool)
            pool += workers * world

    def draw(self, rng: np.random.Generator, max_tokens: int) -> list[tuple[int, int]]:
        """(source, index) of each picture of a pool."""
        counts = np.array([source.count(max_tokens) for source in self.sources])
        weights = np.array([source.weight for source in self.sources]) * (counts > 0)
        if not weights.any():
            raise ValueError(f"no label has at most {max_tokens} tokens")
        which = rng.choice(len(self.sources), self.config.pool, p=weights / weights.sum())
        return [(s, int(self.sources[s].by_length[rng.integers(counts[s])])) for s in which]

    def pool(self, number: int) -> list[Batch]:
        rng = np.random.default_rng([self.config.seed, number])
        pictures, labels = [], []
        for s, i in self.draw(rng, self.limit(number)):
            picture, label = self.sources[s].pictures.sample(i, rng)
            picture = self.varied(picture, rng)
            ids = self.tokenizer.encode(split_label(label))[:: -1 if self.model.direction == "backwards" else 1]
            fits = not ids or picture.size <= ROOM + ROOM_PER_TOKEN * len(ids)  # without a formula: any size
            if picture.shape[0] > 2 * images.MARGIN and fits:
                pictures.append(picture)  # in the others the ink was lost, or measured wrongly
                labels.append(ids)
        sizes, lengths = [picture.shape for picture in pictures], [len(ids) for ids in labels]
        chosen = groups(sizes, lengths, self.config.batch_size, self.config.batch_pixels)
        rng.shuffle(chosen)
        return [collate([pictures[i] for i in group], [labels[i] for i in group], number) for group in chosen]

    def varied(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The picture augmented, then prepared as in serving."""
        if self.config.augment > 0:
            picture = augment(picture, rng, self.config.augment)
        jitter = float(np.exp(rng.uniform(-1, 1) * np.log1p(self.config.scale_jitter)))
        return images.prepare_for(self.model, picture, jitter)


def validation_set(source: Source, limit: int, seed: int = 0) -> list[int]:
    """Indices of a fixed random sample of a source."""
    return np.random.default_rng(seed).permutation(len(source))[:limit].tolist()
