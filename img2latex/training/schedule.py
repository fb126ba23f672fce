"""The progress of a run, and the learning rate and the longest label that follow from it."""

from __future__ import annotations

import math

import torch

from img2latex.config import TrainConfig


class Schedule:
    """Progress of a run, 0 to 1, by pictures seen or by the clock; from it the learning rate and the longest label."""

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
    """The longest label a pool may hold, by the pool's number or by the clock of the main process; >= `shortest`."""

    def __init__(self, schedule: Schedule, pool: int, shortest: int = 1):
        self.schedule, self.pool, self.shortest = schedule, pool, shortest
        self.clock = torch.zeros(1).share_memory_()

    def __call__(self, number: int) -> int:
        by_clock = self.schedule.config.minutes is not None
        progress = float(self.clock) if by_clock else number * self.pool / self.schedule.total
        return max(self.shortest, self.schedule.max_tokens(progress))
