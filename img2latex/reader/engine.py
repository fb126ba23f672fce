"""Which engine computes a checkpoint here: ONNX Runtime, or torch."""

from __future__ import annotations

import os
import re
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from img2latex.reader import checkpoints
from img2latex.reader.pool import Engine

if TYPE_CHECKING:
    import torch

OLDEST = {"onnxruntime": (1, 20), "torch": (2, 8)}  # as requirements.txt says


def find(
    name: str | os.PathLike, revision: str | None = None, device: str | torch.device = "cpu", engine: str | None = None,
    fast: bool = False, threads: int | None = None, weights: str = checkpoints.WEIGHTS,
) -> Engine:  # fmt: skip
    """The engine of a checkpoint.

    Args:
        name, revision, weights: see `checkpoints.resolve`.
        device: torch reads on all but the CPU.
        engine: `onnx` or `torch`; by default onnx on the CPU if its runtime is installed, else torch.
        fast: onnx only: the decoder computes in 8 bits.
        threads: of the CPU; by default as many as `OMP_NUM_THREADS` or the machine's cores. Torch has but one number
            for all it does in a process, which stays as it is by default.

    Raises:
        checkpoints.CheckpointError: the checkpoint cannot be had, or nothing is installed that computes it.
        ValueError: options that do not go together.
    """
    on_cpu = str(device) == "cpu"
    if engine not in (None, "onnx", "torch"):
        raise ValueError(f"the engine is onnx or torch, not {engine}")
    if engine == "onnx" and not on_cpu:
        raise ValueError(f"the onnx engine computes on the CPU, not on {device}")
    chosen = engine or ("onnx" if on_cpu and not _unfit("onnxruntime") else "torch")
    if fast and chosen != "onnx":
        raise ValueError("only the onnx engine, on the CPU, reads with 8 bits")
    why = _unfit("onnxruntime" if chosen == "onnx" else "torch")
    if why:
        raise checkpoints.CheckpointError(f"The {chosen} engine can't be used: {why}.")
    config, tensors = checkpoints.read(name, revision, weights)
    if chosen == "onnx":
        from img2latex.reader.engine_onnx import OnnxEngine

        return OnnxEngine(config, tensors, fast=fast, threads=threads)
    from img2latex.reader.engine_torch import TorchEngine
    from img2latex.reader.model import Img2Latex

    return TorchEngine(Img2Latex.of(config, tensors).to(device), threads)


def gpu() -> str | None:
    """`cuda` if torch is installed and finds a GPU. It takes seconds to import: without a driver it is not asked."""
    driver = "SPACES_ZERO_GPU" in os.environ or shutil.which("nvidia-smi") or Path("/dev/kfd").exists()
    if not driver or _unfit("torch"):
        return None
    import torch

    return "cuda" if torch.cuda.is_available() else None


def _unfit(package: str) -> str | None:
    """Why a package can't be used, as a clause; None if it can."""
    if find_spec(package) is None:
        return f"{package} is not installed (pip install {package})"
    found = import_module(package).__version__  # it is used next; importlib.metadata would take longer
    if tuple(int(part) for part in re.findall(r"\d+", found)[:2]) < OLDEST[package]:
        oldest = ".".join(map(str, OLDEST[package]))
        return f"{package} {found} is older than {oldest} (pip install -U {package})"
    return None
