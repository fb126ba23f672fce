"""A training run: its state, saved and loaded, its step, and its processes."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.parallel import DistributedDataParallel

from img2latex.config import ModelConfig, TrainConfig
from img2latex.files.atomic import replacing
from img2latex.latex.tokens import PAD
from img2latex.reader import checkpoints
from img2latex.reader.model import Img2Latex
from img2latex.training.schedule import Schedule

STATE = "state.pt"


def has_native_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; elsewhere autocast is several times slower than float32."""
    try:
        return bool({"avx512_bf16", "amx_bf16", "bf16"} & set(Path("/proc/cpuinfo").read_text().split()))
    except OSError:
        return False


def choose_device(name: str) -> torch.device:
    """Raises ValueError for a device that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError):  # torch says so in either way, at length
        raise ValueError(f"there is no device {name} here") from None


def start_processes(device: str) -> tuple[int, int]:
    """Rank of this process and number of processes; joins the process group where torchrun has started several."""
    world = int(os.environ.get("WORLD_SIZE", 1))
    if world > 1 and not dist.is_initialized():
        on_cuda = torch.cuda.is_available() and not device.startswith("cpu")
        if on_cuda:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("nccl" if on_cuda else "gloo")
    return (dist.get_rank(), world) if world > 1 else (0, 1)


@contextlib.contextmanager
def first_process_first():
    """Runs the block in the first process before the others, which then find the files that it made."""
    several = dist.is_initialized()
    if several and dist.get_rank() > 0:
        dist.barrier()
    yield
    if several and dist.get_rank() == 0:
        dist.barrier()


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
        stem = [self.model.trunk[name] for name in ("conv1", "bn1", "layer1")]
        self.frozen = [self.model.trunk] if config.freeze_trunk else stem if config.freeze_stem else []
        for part in self.frozen:
            part.requires_grad_(False)
        self.local = self.world > 1 and config.local_seconds > 0
        together = self.world > 1 and not self.local
        self.parallel = DistributedDataParallel(self.model, gradient_as_bucket_view=True) if together else self.model
        self.local_steps = 0  # steps since all processes had the same weights
        self.next_reduce = time.monotonic() + config.local_seconds  # when their weights are averaged
        self.uncounted: list[tuple[int, int, float]] = []  # pictures, pool and minutes of each of these steps
        self.step = self.seen = self.pool = 0
        self.minutes, self.best = 0.0, float("inf")

    def start_from(self, folder: str) -> None:
        """Loads the weights of a checkpoint; the rows of new tokens, at the end of the vocabulary, stay random."""
        own, weights = self.model.state_dict(), checkpoints.load(folder, device=self.device)[0].state_dict()
        for name, tensor in weights.items():
            if tensor.shape != own[name].shape:
                weights[name] = torch.cat([tensor, own[name][len(tensor) :]])
        self.model.load_state_dict(weights)
        self.ema.load_state_dict(weights)

    def train_batch(self, batch) -> dict[str, float]:
        """One step of the optimizer on one batch."""
        self.set_training()
        progress = self.schedule.progress(self.seen, self.minutes)
        rate = self.schedule.learning_rate(self.step, progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        tensors = (batch.pictures, batch.sizes, batch.tokens)
        pictures, sizes, tokens = (t.to(self.device, non_blocking=True) for t in tensors)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16), self.attention():
            logits = self.parallel(pictures, sizes, tokens[:, :-1])
        loss = self.loss(logits, tokens)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_clip)
        sound = bool(torch.isfinite(norm))  # one bad batch must not poison the weights
        if sound:
            self.optimizer.step()
        self.step += 1
        self.local_steps += 1
        if not self.local or time.monotonic() >= self.next_reduce:
            self._all_reduce()
            if sound:
                self._average()
            self.local_steps = 0
        return {"loss": loss.item(), "learning_rate": rate, "gradient_norm": float(norm)}

    def set_training(self) -> None:
        """Training mode for all but the frozen parts."""
        self.model.train()
        for part in self.frozen:
            part.eval()  # batch statistics too stay as they are

    def loss(self, logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy of logits B x T x V for tokens B x (T + 1), the first of which is bos."""
        return F.cross_entropy(
            logits.float().flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD,
            label_smoothing=self.config.label_smoothing,
        )  # fmt: skip

    def attention(self) -> contextlib.AbstractContextManager:
        """Chooses the fastest attention: in bfloat16 on a CPU, fused attention makes a step a quarter slower."""
        slow = self.bf16 and self.device.type == "cpu"
        return sdpa_kernel(SDPBackend.MATH) if slow else contextlib.nullcontext()

    @torch.no_grad()
    def _all_reduce(self) -> None:
        """Local SGD (Stich 2019): averages the weights and batch statistics of processes that trained separately.

        The clock says when, not the number of steps: batches differ in cost, and one process would wait for the other.
        """
        if not self.local:
            return
        trained = [p for p in self.model.parameters() if p.requires_grad]
        for tensor in trained + [b for b in self.model.buffers() if b.dtype.is_floating_point]:
            dist.all_reduce(tensor)
            tensor /= self.world
        self.next_reduce = time.monotonic() + self.config.local_seconds

    def count(self, batch, minutes: float) -> int:
        """Counts a batch and its minutes; after an all-reduce, adds all processes' pictures to the run's totals.

        The totals' minutes are those of the first process. Returns the number of pictures added.
        """
        self.uncounted.append((len(batch.pictures), batch.pool, minutes))
        if self.local_steps:
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
        """Moves the averaged weights (EMA) towards the trained ones, faster in the first steps of a run."""
        decay = min(self.config.ema_decay, (1 + self.step) / (10 + self.step)) ** self.local_steps
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
        with replacing(folder / STATE) as draft:
            torch.save(state, draft)

    def load(self, state: dict) -> None:
        for name in ("model", "ema", "optimizer"):
            getattr(self, name).load_state_dict(state[name])
        self.optimizer.param_groups[0]["weight_decay"] = self.config.weight_decay  # may be changed on resuming
        self.step, self.seen, self.minutes, self.best = (state[k] for k in ("step", "seen", "minutes", "best"))
        self.pool = state["pool"] + 1  # the rest of the interrupted pool is skipped
        torch.set_rng_state(state["random"])


def load_state(out: Path, device: torch.device) -> dict:
    """The saved state of a run; raises ValueError where there is none or it is damaged."""
    if not (out / STATE).exists():
        raise ValueError(f"there is no state to resume in {out}")
    try:
        return torch.load(out / STATE, map_location=device, weights_only=True)
    except Exception:  # the unpickler may raise anything on bytes that torch did not write
        raise ValueError(f"{out / STATE} is not the state of a training run, or it is damaged") from None
