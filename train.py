r"""Trains a checkpoint.

    python train.py                                   # on formulas the project makes itself
    python train.py --data shards/train --val shards/val --out runs/mine --max-epochs 5 --batch-size 16 --device cuda
    python train.py --recipe math --data-root shards --init checkpoints/math
    python train.py --out runs/mine --resume          # goes on after a stop, whenever it came
    torchrun --nproc_per_node=2 train.py              # on several GPUs
    torchrun --nproc_per_node=2 train.py --threads 1 --local-seconds 25     # or with a process for each core of a CPU
    tensorboard --logdir runs

A run is a folder: `state.pt` (everything needed to go on), `config.json` and `model.safetensors` (the averaged weights
that scored best, as a checkpoint, ready for `Recognizer.from_pretrained`), the folder `last` (the same at the last
validation), and TensorBoard's events. `python -m img2latex.average` makes one checkpoint of several.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import math
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from img2latex import checkpoints, decoding, images
from img2latex.config import ModelConfig, TrainConfig
from img2latex.data import recipes
from img2latex.data.dataset import Source, Stream, collate, parse_source, validation_set
from img2latex.grammar import formulas
from img2latex.grouping import groups
from img2latex.latex import repair
from img2latex.metrics import ned, score
from img2latex.model import Img2Latex
from img2latex.tokens import PAD, Tokenizer, build_vocab

MIN_COUNT = 8  # a token seen in fewer labels is left out of a new vocabulary, with its labels
VAL_PICTURES = 128  # of each validation source
STATE, SETTINGS = "state.pt", "train.json"


def has_native_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; elsewhere autocast is several times slower than float32."""
    try:
        return bool({"avx512_bf16", "amx_bf16", "bf16"} & set(Path("/proc/cpuinfo").read_text().split()))
    except OSError:
        return False


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


def start_processes(device: str) -> tuple[int, int]:
    """This process's rank and how many there are; joins the others where torchrun has started several."""
    world = int(os.environ.get("WORLD_SIZE", 1))
    if world > 1 and not dist.is_initialized():
        on_cuda = torch.cuda.is_available() and not device.startswith("cpu")
        if on_cuda:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("nccl" if on_cuda else "gloo")
    return (dist.get_rank(), world) if world > 1 else (0, 1)


class Run:
    """The state of a training run and its steps."""

    def __init__(self, config: TrainConfig, model_config: ModelConfig, pictures: int, device: torch.device):
        self.config, self.device = config, device
        self.schedule = Schedule(config, pictures)
        self.model = Img2Latex(model_config).to(device, memory_format=torch.channels_last)
        self.ema = Img2Latex(model_config).to(device).eval().requires_grad_(False)
        decay = [p for p in self.model.parameters() if p.dim() > 1]
        plain = [p for p in self.model.parameters() if p.dim() <= 1]
        groups = [{"params": decay, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98), fused=True)
        native = device.type == "cuda" or has_native_bf16()
        self.bf16 = native if config.bf16 is None else config.bf16
        self.rank, self.world = start_processes(config.device)
        self.frozen = [self.model.trunk[name] for name in ("conv1", "bn1", "layer1")] if config.freeze_stem else []
        for part in self.frozen:
            part.requires_grad_(False)
        self.local = self.world > 1 and config.local_seconds > 0
        together = self.world > 1 and not self.local
        self.parallel = DistributedDataParallel(self.model, gradient_as_bucket_view=True) if together else self.model
        self.alone = 0  # steps since all processes had the same weights
        self.meeting = time.monotonic() + config.local_seconds  # when they will have them again
        self.uncounted: list[tuple[int, int, float]] = []  # pictures, pool and minutes of each of these steps
        self.step = self.seen = self.pool = 0
        self.minutes, self.best = 0.0, float("inf")

    def start_from(self, folder: str) -> None:
        """Takes the weights of a checkpoint; what it has none for, new tokens at the vocabulary's end, stays random."""
        own, weights = self.model.state_dict(), checkpoints.load(folder, device=self.device)[0].state_dict()
        for name, tensor in weights.items():
            if tensor.shape != own[name].shape:
                weights[name] = torch.cat([tensor, own[name][len(tensor) :]])
        self.model.load_state_dict(weights)
        self.ema.load_state_dict(weights)

    def train_batch(self, batch) -> dict[str, float]:
        """One step of the optimizer on one batch."""
        self.model.train()
        for part in self.frozen:
            part.eval()  # batch statistics too stay as they are
        progress = self.schedule.progress(self.seen, self.minutes)
        rate = self.schedule.learning_rate(self.step, progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        tensors = (batch.pictures, batch.sizes, batch.tokens)
        pictures, sizes, tokens = (t.to(self.device, non_blocking=True) for t in tensors)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16), self.attention():
            logits = self.parallel(pictures, sizes, tokens[:, :-1])
        loss = F.cross_entropy(
            logits.float().flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD,
            label_smoothing=self.config.label_smoothing,
        )  # fmt: skip
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_clip)
        sound = bool(torch.isfinite(norm))  # one bad batch must not poison the weights
        if sound:
            self.optimizer.step()
        self.step += 1
        self.alone += 1
        if not self.local or time.monotonic() >= self.meeting:
            self._meet()
            if sound:
                self._average()
            self.alone = 0
        return {"loss": loss.item(), "learning_rate": rate, "gradient_norm": float(norm)}

    def attention(self) -> contextlib.AbstractContextManager:
        """The fastest attention to train with: in bfloat16 on a CPU the fused one makes a step a quarter longer."""
        slow = self.bf16 and self.device.type == "cpu"
        return sdpa_kernel(SDPBackend.MATH) if slow else contextlib.nullcontext()

    @torch.no_grad()
    def _meet(self) -> None:
        """Local SGD (Stich 2019): the weights and statistics of processes that went alone become their mean.

        They meet by the clock, for batches differ in cost: after equal steps one would wait long for the other.
        """
        if not self.local:
            return
        trained = [p for p in self.model.parameters() if p.requires_grad]
        for tensor in trained + [b for b in self.model.buffers() if b.dtype.is_floating_point]:
            dist.all_reduce(tensor)
            tensor /= self.world
        self.meeting = time.monotonic() + self.config.local_seconds

    def count(self, batch, minutes: float) -> int:
        """Notes a batch of each process and its time; where they meet, adds the pictures of all and the first one's
        time to the run's totals. Returns the pictures added."""
        self.uncounted.append((len(batch.pictures), batch.pool, minutes))
        if self.alone:
            return 0
        pictures, pools, clocks = zip(*self.uncounted, strict=True)
        self.uncounted.clear()
        ours = torch.tensor([sum(pictures), max(pools), sum(clocks)], dtype=torch.float64, device=self.device)
        every = [ours]
        if self.world > 1:
            every = [torch.empty_like(ours) for _ in range(self.world)]
            dist.all_gather(every, ours)
        pictures, pools, clocks = torch.stack(every).T.tolist()
        self.seen += int(sum(pictures))
        self.pool = max(self.pool, int(max(pools)))
        self.minutes += clocks[0]
        return int(sum(pictures))

    @torch.no_grad()
    def _average(self) -> None:
        """Moves the averaged weights towards the trained ones, faster while there are few steps behind them."""
        decay = min(self.config.ema_decay, (1 + self.step) / (10 + self.step)) ** self.alone
        for mean, now in zip(self.ema.state_dict().values(), self.model.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(now.to(mean.dtype), 1 - decay)
            else:
                mean.copy_(now)

    def save(self, folder: Path) -> None:
        """Writes the state in one step: a stop at any moment leaves the old one or the new one."""
        state = {
            "model": self.model.state_dict(), "ema": self.ema.state_dict(), "optimizer": self.optimizer.state_dict(),
            "step": self.step, "seen": self.seen, "pool": self.pool, "minutes": self.minutes, "best": self.best,
            "model_config": self.model.config.to_dict(), "random": torch.get_rng_state(),
        }  # fmt: skip
        temporary = folder / f"{STATE}.part"
        torch.save(state, temporary)
        os.replace(temporary, folder / STATE)

    def load(self, state: dict) -> None:
        for name in ("model", "ema", "optimizer"):
            getattr(self, name).load_state_dict(state[name])
        self.step, self.seen, self.minutes, self.best = (state[k] for k in ("step", "seen", "minutes", "best"))
        self.pool = state["pool"] + 1  # the rest of the pool being trained on is given up
        torch.set_rng_state(state["random"])


def validate(model: Img2Latex, source: Source, device: torch.device, limit: int = VAL_PICTURES) -> tuple[dict, list]:
    """Greedy scores on a fixed sample, and its rows (picture, prediction, label) for a look at them."""
    tokenizer = Tokenizer(model.config.vocab)
    chosen = validation_set(source, limit)
    pictures = [images.prepare(source.picture(i), model.config.letter_height) for i in chosen]
    valid = formulas(model.config.vocab)  # what people get is written under it
    found: dict[int, list[str]] = {}
    lengths = [int(source.lengths[i]) for i in chosen]
    for group in groups([p.shape for p in pictures], lengths, 32, 600_000):
        batch = collate([pictures[k] for k in group], [[] for _ in group])
        with torch.inference_mode():
            memory, outside = model.encode(batch.pictures.to(device), batch.sizes.to(device))
        for k, decoded in zip(group, decoding.greedy(model, memory, outside, grammar=valid), strict=True):
            found[k] = repair(tokenizer.decode(decoded.ids))
    labels = [repair(source.labels[i].split()) for i in chosen]
    predictions = [found[k] for k in range(len(chosen))]
    return score(predictions, labels), list(zip(pictures, predictions, labels, strict=True))


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


def new_model_config(config: TrainConfig, sources: list[Source]) -> ModelConfig:
    """That of the checkpoint the run starts from, or one for all that the labels hold.

    Raises:
        ValueError: a width that does not divide among the heads, or a stride that the trunk cannot have.
    """
    told = {name: getattr(config, name) for name in ("letter_height", "column_stride") if getattr(config, name)}
    if config.init:
        start = checkpoints.load(config.init)[1]
        new = dict.fromkeys(token for token in config.new_tokens if token not in start.vocab)
        return dataclasses.replace(start, vocab=(*start.vocab, *new), dropout=config.dropout, **told)
    width = config.d_model
    if width % ModelConfig.num_heads:
        raise ValueError(f"d_model must be a multiple of {ModelConfig.num_heads}, the number of attention heads")
    return ModelConfig(vocab=vocabulary(sources), d_model=width, num_layers=config.num_layers, feedforward=4 * width,
                       dropout=config.dropout, **told)  # fmt: skip


def vocabulary(sources: list[Source]) -> tuple[str, ...]:
    """All tokens that are common enough in the labels."""
    fewest = MIN_COUNT if sum(map(len, sources)) > 10_000 else 1
    return build_vocab((set(label.split()) for source in sources for label in source.labels), fewest)


def known_only(source: Source, config: ModelConfig) -> None:
    """Leaves labels that the model cannot write out of the order: with unknown tokens, or too many."""
    known = set(config.vocab)
    fits = (i for i in source.by_length if source.lengths[i] <= config.max_length)
    source.by_length = np.array([i for i in fits if known.issuperset(source.labels[i].split())], int)


def check_sources(sources: list[Source]) -> None:
    """Raises ValueError where no picture could ever be drawn."""
    if any(source.weight < 0 for source in sources) or not any(source.weight for source in sources):
        raise ValueError("the weights of the data must not be negative, nor all zero")
    if not any(len(source.by_length) and source.weight for source in sources):
        raise ValueError("no label of the data is one that the model could write")


@contextlib.contextmanager
def first_process_first():
    """What the first process makes, the others find."""
    several = dist.is_initialized()
    if several and dist.get_rank() > 0:
        dist.barrier()
    yield
    if several and dist.get_rank() == 0:
        dist.barrier()


def default_data(out: Path) -> tuple[list[str], list[str]]:
    """Shards of formulas that the project makes itself, rendered once: a fresh clone can train something real."""
    from img2latex.data import render, synthesize
    from img2latex.latex import normalize

    held_out: set[str] = set()
    for name, seed, count in (("val", 2, 500), ("train", 1, 20_000)):
        formulas = [("math", f) for f in synthesize.math(seed, count)]
        formulas += [("biology", f) for f in synthesize.biology(seed, count // 2)]
        formulas = [(source, f) for source, f in formulas if normalize(f) not in held_out]
        held_out.update(normalize(f) for _, f in formulas)  # what is validated on is never trained on
        render.build(formulas, out / name, name, seed)
    return [str(out / "train")], [str(out / "val")]


def parse(arguments: list[str] | None = None) -> tuple[TrainConfig, bool]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resume", action="store_true", help="go on from the state in --out")
    simple = {"int": int, "float": float, "str": str, "str | None": str, "float | None": float, "int | None": int}
    for field in dataclasses.fields(TrainConfig):
        flag = "--" + field.name.replace("_", "-")
        if field.type == "list[str]":
            metavar = "TOKEN" if field.name == "new_tokens" else "FOLDER[=WEIGHT]"
            parser.add_argument(flag, nargs="+", default=[], metavar=metavar)
        elif field.type in simple:
            parser.add_argument(flag, type=simple[field.type], default=field.default, help=f"default {field.default}")
        elif "bool" in field.type:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default)
        elif field.name == "curriculum":
            parser.add_argument(flag, type=json.loads, default=field.default, metavar="[[SHARE, TOKENS], ...]")
    values = parser.parse_args(arguments)
    if values.resume:  # what is not told anew stays as it was
        parser.set_defaults(**settings_of(Path(values.out)))
        values = parser.parse_args(arguments)
    values = vars(values)
    resume = values.pop("resume")
    return TrainConfig(**values), resume


def settings_of(out: Path) -> dict:
    """The settings that a run was started with, as far as this version knows them."""
    try:
        saved = json.loads((out / SETTINGS).read_text())
    except (OSError, ValueError):
        return {}
    return {field.name: saved[field.name] for field in dataclasses.fields(TrainConfig) if field.name in saved}


def main(arguments: list[str] | None = None) -> int:
    config, resume = parse(arguments)
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    out = Path(config.out)
    try:
        start_processes(config.device)
        out.mkdir(parents=True, exist_ok=True)
        train(config, out, resume)
    except (ValueError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntrain.py: stopped; --resume goes on from the last saved state", file=sys.stderr)
        return 130
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
    return 0


def choose_device(name: str) -> torch.device:
    """Raises ValueError for a device that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError):  # torch says so in either way, at length
        raise ValueError(f"there is no device {name} here") from None


def load_state(out: Path, device: torch.device) -> dict:
    """Raises ValueError where there is nothing to go on from."""
    if not (out / STATE).exists():
        raise ValueError(f"there is no state to resume in {out}")
    try:
        return torch.load(out / STATE, map_location=device, weights_only=True)
    except Exception:  # the unpickler may raise anything on bytes that torch did not write
        raise ValueError(f"{out / STATE} is not the state of a training run, or it is damaged") from None


def train(config: TrainConfig, out: Path, resume: bool) -> None:
    """Trains until the run is done.

    Raises:
        ValueError: no data, no state to resume, or a checkpoint that does not fit.
    """
    device = choose_device(config.device)
    state = load_state(out, device) if resume else None
    if config.recipe and not config.data:
        config.data = recipes.sources(config.recipe, Path(config.data_root))
    if not config.data:
        with first_process_first():
            config.data, config.val = default_data(Path("runs") / "data")
    sources = [parse_source(text) for text in config.data]
    if not config.val:  # as data/prepare.py lays them beside the training shards
        folders = [Path(text.partition("=")[0]) for text in config.data]
        config.val = [str(folder) for folder in folders if list(folder.glob("validate-*.zip"))]
    model_config = ModelConfig.from_dict(state["model_config"]) if state else new_model_config(config, sources)
    for source in sources:
        known_only(source, model_config)
    check_sources(sources)
    run = Run(config, model_config, sum(len(s.by_length) for s in sources), device)
    if state:
        run.load(state)
    elif config.init:
        run.start_from(config.init)
    vals = [Source(path, split="validate") for path in config.val]
    names = [Path(path).stem for path in config.val]
    if run.rank == 0:
        temporary = out / f"{SETTINGS}.part"
        temporary.write_text(json.dumps(dataclasses.asdict(config), indent=1) + "\n")
        os.replace(temporary, out / SETTINGS)
    loop(run, sources, dict(zip(names, vals, strict=True)), out)


def follow_parent(_: int) -> None:
    """Ends a worker whose training was killed: it would wait for ever to hand over its batches, and keep its memory."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def loop(run: Run, sources: list[Source], vals: dict[str, Source], out: Path) -> None:
    config = run.config
    shortest = min(int(source.lengths[source.by_length[0]]) for source in sources if len(source.by_length))
    limit = Limit(run.schedule, config.pool, shortest)
    limit.clock[0] = run.schedule.progress(run.seen, run.minutes)
    stream = Stream(sources, Tokenizer(run.model.config.vocab), config, limit, run.pool, (run.rank, run.world),
                    run.model.config.letter_height)  # fmt: skip
    # Batches made ahead: more than a pool, so that the making of one never holds up the training.
    ahead = 128 if config.workers else None
    loader = DataLoader(
        stream, batch_size=None, num_workers=config.workers, prefetch_factor=ahead, worker_init_fn=follow_parent
    )
    diary = Diary(run, out) if run.rank == 0 else None
    last = saved = time.monotonic()
    validated = run.minutes
    for batch in loader:
        numbers = run.train_batch(batch)
        now = time.monotonic()
        pictures = run.count(batch, (now - last) / 60)
        seconds, last = now - last, now
        progress = limit.clock[0] = run.schedule.progress(run.seen, run.minutes)
        if diary:
            diary.note(numbers, pictures, seconds, float(progress))
        if run.alone:
            continue
        if diary:
            if now - saved > 60 * config.save_minutes or progress >= 1:
                diary.writer.flush()  # so that after a kill the curves reach as far as the state
                run.save(out)
                saved = now
            if run.minutes - validated > config.validate_minutes or progress >= 1:
                validate_all(run, vals, diary.writer, out)
                validated = run.minutes
                last = time.monotonic()
        if progress >= 1:
            break
    if diary:
        diary.close()


class Diary:
    """What a run tells while it goes: TensorBoard's curves and a bar with the time left."""

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


def validate_all(run: Run, vals: dict[str, Source], writer: SummaryWriter, out: Path) -> None:
    """Scores the averaged weights, and exports them as a checkpoint if they are the best so far."""
    mean = 0.0
    for name, source in vals.items():
        scores, rows = validate(run.ema, source, run.device)
        report(writer, name, scores, rows, run.step)
        where = f"step {run.step} seen {run.seen} {run.minutes:.1f} min"
        print(f"\n{where}: {name} NED {scores['ned']:.4f} exact {scores['exact']:.3f}", flush=True)
        mean += scores["ned"] / len(vals)
    writer.flush()
    checkpoints.save(run.ema, out / "last")  # a small validation set does not tell which of two good ones is better
    if not vals or mean <= run.best:
        run.best = mean if vals else run.best
        checkpoints.save(run.ema, out)
        run.save(out)


if __name__ == "__main__":
    sys.exit(main())
