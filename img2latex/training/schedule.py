"""How far a run is, and the learning rate and the longest label that follow from it."""

from __future__ import annotations

import math

import torch

from img2latex.config import TrainConfig


class Schedule:
    """How far a run is, in 0..1, by pictures seen or by the clock, and what follows from it."""

    def __init__(self, config: TrainConfig, pictures: int):
        self.config, self.total = config, config.max_epochs * pictures

    def progress(self, seen: int, minutes: float) -> float:
        done = minutes / self.config.minutes if self.config.minutes else seen / self.total
        return min(1.0, done)

    def learning_rate(self, step: int, progress: float) -> float:
        low, high = self.config.final_learning_rate, self.config.learning_rate
        cosine = low + (high - low) * (1 + math.cos(math.pi * progress)) / 2
        return cosine * min(1.0, (step + 1) / max(1, self.config.warmup_steps))

    def max_tokens(self, progress: float) -> int:
        return next((n for until, n in self.config.curriculum if progress < until), self.config.curriculum[-1][1])


class Limit:
    """Longest label of a pool: by its number, or by the clock that the main process sets; at least `shortest`."""

    def __init__(self, schedule: Schedule, pool: int, shortest: int = 1):
        self.schedule, self.pool, self.shortest = schedule, pool, shortest
        self.clock = torch.zeros(1).share_memory_()

    def __call__(self, number: int) -> int:
        by_clock = self.schedule.config.minutes is not None
        progress = float(self.clock) if by_clock else number * self.pool / self.schedule.total
        return max(self.shortest, self.schedule.max_tokens(progress))
