"""Trains the finder of formulas on pages: a ResNet18 trunk to layer3, seen at strides 4, 8 and 16, and a small head.

    python -m img2latex.training.finder --pages pages/train --val pages/val --out runs/page --minutes 40

It starts from the trunk of a checkpoint that reads formulas, or from another finder; the stem and layer1 stay as they
are, which saves half of the time. A run that was stopped goes on when the command is given again. TensorBoard shows
the losses of training and, every few minutes, recall and precision on the validation pages. Folders that still grow are
read again now and then. A run that ended goes on with more minutes: the learning rate rises to where it would be had
they been told at first.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from img2latex.data import augment, pages
from img2latex.files.atomic import replacing
from img2latex.page import finder
from img2latex.page.cells import CELL, KINDS, targets
from img2latex.picture import levelling
from img2latex.reader import checkpoints
from img2latex.scoring.boxes import score

CROP = 576  # px of a training picture's side, a multiple of 16
WIDTH = 96  # channels of the head
LETTER_SPREAD = 0.2  # standard deviation of the logarithm of letters' heights, relative to LETTER_HEIGHT
MOMENTUM = 0.02  # of the means in batch normalization: six crops a step tell little
RATE, TRUNK_RATE = 1.5e-3, 4e-4  # learning rates at their highest
SETTLED = 0.7  # share of a run after which normalization stays as it is: what is trained then is what is used
TILT, SLANT = 0.7, 0.03  # degrees; change of scale from one side of a crop to the other, as in a photograph
STATE = "state.pt"
# What changes no place on the page, with the chance of each.
EFFECTS = (
    (augment.weight, 0.15), (augment.show_through, 0.05), (augment.blur, 0.15), (augment.fade, 0.15),
    (augment.contrast, 0.2), (augment.shade, 0.2), (augment.gradient, 0.15), (augment.shadow, 0.1),
    (augment.dark_mode, 0.1), (augment.resample, 0.08), (augment.noise, 0.15), (augment.specks, 0.03),
    (augment.jpeg, 0.25),
)  # fmt: skip


class Finder(nn.Module):
    """Ink B x 1 x H x W (0 to 1) -> logits B x KINDS x H/8 x W/8 and distances B x 4 x H/8 x W/8 in px."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = timm.create_model(
            "resnet18", in_chans=1, features_only=True, out_indices=[1, 2, 3], pretrained=False
        )
        fine, middle, coarse = self.trunk.feature_info.channels()
        self.fine = nn.Conv2d(fine, WIDTH, 2, stride=2)
        self.middle, self.coarse = nn.Conv2d(middle, WIDTH, 1), nn.Conv2d(coarse, WIDTH, 1)
        self.mix1, self.norm1 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH)
        self.mix2, self.norm2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH)
        self.out = nn.Conv2d(WIDTH, len(KINDS) + 4, 1)
        for part in self.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.momentum = MOMENTUM
        self.settled = False
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.constant_(self.out.bias[: len(KINDS)], -3.0)  # few cells are formulas

    def frozen(self) -> list[nn.Module]:
        return [self.trunk.conv1, self.trunk.bn1, self.trunk.layer1]

    def train(self, mode: bool = True) -> Finder:
        super().train(mode)
        for part in self.frozen():
            part.eval()
        if self.settled:
            for part in self.modules():
                if isinstance(part, nn.BatchNorm2d):
                    part.eval()
        return self

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            stem = self.trunk.maxpool(self.trunk.act1(self.trunk.bn1(self.trunk.conv1(ink))))
            fine = self.trunk.layer1(stem)
        middle = self.trunk.layer2(fine)
        coarse = self.coarse(self.trunk.layer3(middle))
        mixed = F.relu(self.fine(fine) + self.middle(middle) + F.interpolate(coarse, scale_factor=2.0))
        mixed = F.relu(self.norm1(self.mix1(mixed)))
        mixed = F.relu(self.norm2(self.mix2(mixed)))
        told = self.out(mixed).float()
        return told[:, : len(KINDS)], CELL * told[:, len(KINDS) :]


def start(init: str) -> Finder:
    """The finder in the folder `init`, or a new one with the trunk of that checkpoint, which reads formulas."""
    model = Finder()
    known = model.state_dict()
    if (Path(init) / finder.WEIGHTS).exists():
        weights = finder.load(Path(init))
    else:
        weights = {name: v for name, v in checkpoints.read(init)[1].items() if name.startswith("trunk.")}
    model.load_state_dict({**known, **{name: torch.tensor(values).to(known[name]) for name, values in weights.items()}})
    for part in model.frozen():
        part.requires_grad_(False)
    return model


class Crops:
    """Endless training pictures cut out of folders of pages, which may still grow."""

    def __init__(self, folders: Sequence[Path], rng: np.random.Generator):
        self.folders, self.rng = folders, rng
        self.known: dict[Path, pages.Example] = {}
        self.lines: list[tuple[Path, dict]] = []

    def refresh(self) -> None:
        self.lines = [(folder, line) for folder in self.folders for line in pages.read(folder)]

    def batch(self, size: int) -> tuple[Tensor, ...]:
        """Ink B x 1 x CROP x CROP, and scores, distances, weights as `cells.targets` gives them."""
        parts = [self.sample() for _ in range(size)]
        return tuple(torch.from_numpy(np.stack(part)) for part in zip(*parts, strict=True))

    def sample(self) -> tuple[np.ndarray, ...]:
        folder, line = self.lines[self.rng.integers(len(self.lines))]
        path = folder / line["file"]
        if path not in self.known:
            self.known[path] = pages.load(folder, line)
        grey, boxes, kinds = crop(self.known[path], self.rng)
        for effect, chance in EFFECTS:
            if self.rng.random() < chance:
                grey = effect(grey, self.rng, finder.LETTER_HEIGHT)
        ink = (255 - levelling.level(grey).astype(np.float32))[None] / 255
        return ink, *targets((CROP // CELL, CROP // CELL), boxes, kinds)


def crop(page: pages.Example, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A part of a page, turned a little: uint8 CROP x CROP; the boxes in it, N x 4 px, and their kinds' indices."""
    letter = page.letter or finder.LETTER_HEIGHT
    factor = finder.LETTER_HEIGHT / letter * float(np.exp(rng.normal(0, LETTER_SPREAD)))
    height, width = page.picture.shape
    centre = np.array([rng.uniform(0, width), rng.uniform(0, height)])
    if len(page.boxes) and rng.random() < 0.6:
        left, top, right, bottom = page.boxes[rng.integers(len(page.boxes))]
        centre = np.array([rng.uniform(left, right), rng.uniform(top, bottom)]) + rng.normal(0, 0.25, 2) * CROP / factor
    half, size = CROP / factor / 2, np.array([width, height])
    centre = np.where(size > 2 * half, np.clip(centre, half, np.maximum(size - half, half)), size / 2)
    angle = float(rng.normal(0, TILT)) if rng.random() < 0.3 else 0.0
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D(centre.tolist(), angle, factor)
    matrix[:2, 2] += CROP / 2 - centre
    if rng.random() < 0.2:
        matrix = slanted(rng.normal(0, SLANT, 2)) @ matrix
    source, halved = page.picture, np.eye(3)
    if factor < 0.6:  # so that thin strokes are not skipped
        source = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        halved[0, 0] = halved[1, 1] = 2
    grey = cv2.warpPerspective(source, matrix @ halved, (CROP, CROP), borderValue=255,
                               flags=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)  # fmt: skip
    kinds = np.array([KINDS.index(kind) for kind in page.kinds], int)
    boxes = turned(page.boxes, matrix)
    seen = np.clip(boxes, 0, CROP)
    share = _area(seen) / np.maximum(_area(boxes), 1e-6)
    visible = (share > 0.05) & ((seen[:, 2:] - seen[:, :2]) > 2).all(axis=1)
    return grey, boxes[visible], kinds[visible]


def slanted(slopes: np.ndarray) -> np.ndarray:
    """The map, 3 x 3, that enlarges a crop to one side, across and down by so much, and leaves its middle."""
    there, back = np.eye(3), np.eye(3)
    there[:2, 2], back[:2, 2] = -CROP / 2, CROP / 2
    middle = np.eye(3)
    middle[2, :2] = slopes / CROP
    return back @ middle @ there


def turned(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Boxes N x 4 around what a map, 3 x 3, makes of the cross in their middle: the map turns by little."""
    left, top, right, bottom = boxes.T
    x, y = (left + right) / 2, (top + bottom) / 2
    ends = [(left, y), (right, y), (x, top), (x, bottom)]
    places = np.array([np.stack((*end, np.ones(len(boxes))), axis=1) @ matrix.T for end in ends])  # 4 x N x 3
    places = places[..., :2] / places[..., 2:]
    return np.concatenate((places.min(axis=0), places.max(axis=0)), axis=1)


def _area(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def losses(told: tuple[Tensor, Tensor], scores: Tensor, distances: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Of the scores (focal) and of the distances (relative to their size), both per weighted cell of a formula."""
    logits, apart = told
    plain = F.binary_cross_entropy_with_logits(logits, scores, reduction="none")
    sure = torch.exp(-plain)
    importance = torch.where(weights > 0, weights, 1.0)[:, None]
    total = weights.sum().clamp(min=1)
    classes = ((1 - sure) ** 2 * plain * importance).sum() / total
    difference = (apart - distances).abs() / (3 + 0.15 * distances.clamp(min=0))
    return classes, (difference.sum(1) * weights).sum() / total / 4


@torch.no_grad()
def validate(model: Finder, folder: Path, count: int) -> dict[str, float]:
    """Recall and precision of each kind on the first pages of a folder."""
    model.eval()
    results = []
    for line in pages.read(folder)[:count]:
        page = pages.load(folder, line)
        view = finder.prepare(page.picture)
        with torch.autocast("cpu", torch.bfloat16):
            logits, distances = model(torch.from_numpy(view.ink).contiguous(memory_format=torch.channels_last))
        found = view.boxes(logits[0].sigmoid().numpy(), distances[0].numpy())
        results.append((found, page.boxes, page.kinds))
    model.train()
    return score(results)


def batches(crops: Crops, size: int) -> Iterator[tuple[Tensor, ...]]:
    while True:
        crops.refresh()
        for _ in range(40):
            yield crops.batch(size)


def run(options: argparse.Namespace) -> None:
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    model = start(options.init).to(memory_format=torch.channels_last).train()
    trunk = [p for name, p in model.named_parameters() if name.startswith("trunk.") and p.requires_grad]
    head = [p for name, p in model.named_parameters() if not name.startswith("trunk.")]
    groups = [{"params": trunk, "top": TRUNK_RATE}, {"params": head, "top": RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    step, spent = 0, 0.0
    if (options.out / STATE).exists():
        state = torch.load(options.out / STATE, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    writer = SummaryWriter(str(options.out), purge_step=step)
    crops = Crops(options.pages, np.random.default_rng(options.seed + step))
    bar = tqdm(total=options.minutes, initial=round(spent / 60, 1), unit="min", mininterval=10)
    began = saved = time.monotonic()
    for batch in batches(crops, options.batch_size):
        progress = min(spent / 60 / options.minutes, 1.0)
        rate = min(1.0, (step + 1) / 40) * (0.5 * (1 + np.cos(np.pi * progress)) + 0.005)
        for group in optimizer.param_groups:
            group["lr"] = float(group["top"] * rate)
        if progress > SETTLED and not model.settled:
            model.settled = True
            model.train()
        ink, *wanted = batch
        with torch.autocast("cpu", torch.bfloat16):
            told = model(ink.contiguous(memory_format=torch.channels_last))
        classes, sides = losses(told, *wanted)
        optimizer.zero_grad()
        (classes + sides).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        step += 1
        if step % 5 == 0:
            writer.add_scalar("train/classes", classes.item(), step)
            writer.add_scalar("train/sides", sides.item(), step)
            bar.set_postfix_str(f"step {step} classes {classes.item():.3f} sides {sides.item():.3f}")
        now = time.monotonic()
        spent += now - began
        began = now
        bar.update(round(spent / 60, 1) - bar.n)
        ended = spent > 60 * options.minutes
        if ended or now - saved > 60 * options.save_minutes:
            if options.val:
                for name, value in validate(model, options.val, options.val_count).items():
                    writer.add_scalar(f"val/{name}", value, step)
                    bar.write(f"{step} {name} {value:.3f}")
            save(model, optimizer, step, spent, options.out)
            began = saved = time.monotonic()
        if ended:
            break
    writer.close()


def save(model: Finder, optimizer: torch.optim.Optimizer, step: int, spent: float, out: Path) -> None:
    with replacing(out / STATE) as draft:
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "spent": spent}
        torch.save(state, draft)
    finder.save({name: tensor.numpy() for name, tensor in model.state_dict().items()}, out)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m img2latex.training.finder", description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=Path, nargs="+", required=True, help="folders that data.pages made")
    parser.add_argument("--val", type=Path, help="another, to validate on")
    parser.add_argument("--val-count", type=int, default=24, help="pages of it (default 24)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--init", default="math", help="checkpoint whose trunk it starts from (default math), or a "
                        "folder with a finder, as checkpoints/page")  # fmt: skip
    parser.add_argument("--minutes", type=float, default=40, help="of training in all, those before a stop included")
    parser.add_argument("--save-minutes", type=float, default=6)
    parser.add_argument("--batch-size", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    try:
        run(parser.parse_args(arguments))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
