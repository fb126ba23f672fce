"""The log of a training run: TensorBoard's curves and tables, and a progress bar with the time left."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from img2latex.picture import images
from img2latex.scoring.metrics import ned
from img2latex.training.run import Run


class Logger:
    """Writes TensorBoard's curves during a run and shows a progress bar with the time left."""

    def __init__(self, run: Run, out: Path):
        self.run = run
        self.writer = SummaryWriter(str(out), purge_step=run.step)
        self.writer.add_text("config", f"```\n{json.dumps(dataclasses.asdict(run.config), indent=1)}\n```", run.step)
        self.bar = tqdm(total=100, bar_format="{l_bar}{bar}| {elapsed} {postfix}", file=sys.stdout, mininterval=10)
        self.window: list[tuple[float, int]] = []

    def note(self, numbers: dict[str, float], pictures: int, seconds: float, progress: float) -> None:
        self.window = [*self.window[-200:], (seconds, pictures)]
        run = self.run
        if run.step % 20:
            return
        for key, value in numbers.items():
            self.writer.add_scalar(f"train/{key}", value, run.step)
        rate = sum(n for _, n in self.window) / sum(t for t, _ in self.window)
        self.writer.add_scalar("train/pictures_per_second", rate, run.step)
        left = run.minutes * (1 - progress) / max(progress, 1e-6)
        self.bar.n = round(100 * progress, 1)
        loss = numbers["loss"]
        self.bar.set_postfix_str(f"loss {loss:.3f} {rate:.0f} pictures/s, {left:.0f} min left, {run.seen} seen")

    def close(self) -> None:
        self.bar.close()
        self.writer.close()


def report(writer: SummaryWriter, name: str, scores: dict, rows: list, step: int) -> None:
    """Scores and a table of the worst predictions with their pictures, for TensorBoard."""
    for key in ("ned", "exact"):
        writer.add_scalar(f"val/{name}/{key}", scores[key], step)
    rows = sorted(rows, key=lambda row: -ned(row[1], row[2]))[:12]
    lines = ["| # | label | prediction |", "|---|---|---|"]
    lines += [f"| {k} | `{' '.join(t)}` | `{' '.join(p)}` |" for k, (_, p, t) in enumerate(rows)]
    writer.add_text(f"val/{name}/worst", "\n".join(lines), step)
    sheet, _ = images.pad([picture[:160, :800] for picture, _, _ in rows])
    writer.add_image(f"val/{name}/worst", np.vstack(list(sheet))[None], step)
