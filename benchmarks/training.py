"""Where the time of a training step goes, and what share of the processor's matrix units it reaches.

    python -m benchmarks.training                                         # on formulas of our own
    python -m benchmarks.training --data FOLDER[=WEIGHT] ... --batches 40 # on shards, mixed as in training

One thread, one process: the loader, which runs beside training, is timed by itself.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import formulas
from img2latex.config import STRIDE, TrainConfig
from img2latex.data import pairs
from img2latex.data.dataset import Batch, Stream, parse_source
from img2latex.latex.tokens import PAD
from img2latex.training.run import Run
from img2latex.training.start import known_only, new_model_config


class Clock:
    """Seconds of the processor, by the part of a step."""

    def __init__(self):
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        start = time.process_time()
        yield
        self.seconds[part] += time.process_time() - start


def step(run: Run, batch: Batch, clock: Clock) -> None:
    """`Run.train_batch`, its backward pass cut at the memory so that trunk and decoder can be told apart."""
    run.set_training()
    with torch.autocast("cpu", torch.bfloat16, enabled=run.bf16), run.attention():
        with clock("trunk, forward"):
            memory, padding = run.model.encode(batch.pictures, batch.sizes)
        cut = memory.detach().requires_grad_()
        with clock("decoder, forward"):
            logits = run.model.decode(batch.tokens[:, :-1], cut, padding)
    with clock("loss"):
        loss = run.loss(logits, batch.tokens)
    run.optimizer.zero_grad(set_to_none=True)
    with clock("decoder, backward"):
        loss.backward()
    with clock("trunk, backward"):
        memory.backward(cut.grad)
    with clock("optimizer and averages"):
        torch.nn.utils.clip_grad_norm_(run.model.parameters(), run.config.gradient_clip)
        run.optimizer.step()
        run.step, run.local_steps = run.step + 1, 1
        run._average()


def peak(bf16: bool) -> float:
    """FLOP/s of a large matrix product: what the matrix units of one core reach."""
    a = torch.randn(2048, 2048).to(torch.bfloat16 if bf16 else torch.float32)
    a @ a
    start = time.process_time()
    for _ in range(3):
        a @ a
    return 3 * 2 * 2048**3 / (time.process_time() - start)


def padding(batches: list[Batch]) -> tuple[float, float]:
    """The shares of pixels and of tokens that are padding."""
    pixels = sum(batch.pictures.numel() for batch in batches)
    used = sum(int((-(-batch.sizes // STRIDE) * STRIDE).prod(1).sum()) for batch in batches)
    tokens = sum(batch.tokens.numel() for batch in batches)
    return 1 - used / pixels, sum(int((batch.tokens == PAD).sum()) for batch in batches) / tokens


def measure(config: TrainConfig, count: int) -> None:
    sources = [parse_source(text) for text in config.data]
    model_config = new_model_config(config, sources)
    for source in sources:
        known_only(source, model_config)
    run = Run(config, model_config, sum(map(len, sources)), torch.device("cpu"))
    run.start_from(config.init)
    stream = Stream(sources, model_config, config, lambda _: model_config.max_length)
    clock = Clock()
    with clock("loader"):
        pool = stream.pool(0)
    batches = pool[:count]
    pictures = sum(len(batch.pictures) for batch in batches)
    clock.seconds["loader"] *= pictures / sum(len(batch.pictures) for batch in pool)
    with FlopCounterMode(display=False) as flops:  # which takes time itself: a pass of its own, and a warm-up
        for batch in batches:
            step(run, batch, Clock())
    for batch in batches:
        step(run, batch, clock)
    report(clock.seconds, pictures, batches, flops.get_total_flops(), run.bf16)


def report(seconds: dict[str, float], pictures: int, batches: list[Batch], flops: int, bf16: bool) -> None:
    whole = sum(seconds.values())
    reached, most = flops / (whole - seconds["loader"]), peak(bf16)
    pixels, tokens = padding(batches)
    print(f"{pictures} pictures in {len(batches)} batches, {1e3 * whole / pictures:.1f} ms each\n")
    print("| part | ms | share |\n|---|---|---|")
    for part, its in seconds.items():
        print(f"| {part} | {1e3 * its / pictures:.1f} | {its / whole:.0%} |")
    print(f"\nPadding is {pixels:.0%} of the pixels and {tokens:.0%} of the tokens. Steps reach {reached / 1e9:.0f}")
    print(f"GFLOP/s, {reached / most:.0%} of the {most / 1e9:.0f} of a large product of matrices"
          f" in {'bfloat16' if bf16 else 'float32'}.")  # fmt: skip


def shards_of_our_own(folder: Path) -> str:
    """The formulas of `benchmarks.formulas` as a folder of shards."""
    formulas.draw(folder / "pictures")
    pairs.main([str(folder / "pictures"), "--out", str(folder / "shards")])
    return str(folder / "shards")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__.split("\n")[0])
    parser.add_argument("--data", nargs="+", default=[], help="FOLDER[=WEIGHT] of shards; without, formulas of our own")
    parser.add_argument("--init", default="math", help="the checkpoint to train")
    parser.add_argument("--batches", type=int, default=30)
    parser.add_argument("--batch-pixels", type=int, default=600_000)
    parser.add_argument("--freeze-stem", action="store_true")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as aside:
        data = options.data or [shards_of_our_own(Path(aside))]
        config = TrainConfig(data=data, init=options.init, batch_size=64, batch_pixels=options.batch_pixels, pool=1024,
                             freeze_stem=options.freeze_stem, workers=0)  # fmt: skip
        measure(config, options.batches)
    return 0


if __name__ == "__main__":
    sys.exit(main())
