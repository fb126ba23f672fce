"""A checkpoint is a folder with config.json and model.safetensors. This module finds, checks, loads and saves them.

One whose config gives both directions has a second model of the same config beside it, backwards.safetensors.

A checkpoint is given by a name (`math`, `biology`, `handwriting`), by a folder, or as `ORG/NAME` or
`ORG/NAME@REVISION` on the Hugging Face Hub. A name is looked for in the environment (`IMG2LATEX_MATH`: a folder or
`ORG/NAME@REVISION`), then in `checkpoints/NAME` of the clone or the wheel, then on the Hub, at the pinned revision of
`PUBLISHED`.

The weights file carries two SHA-256 sums in its header: of its tensors, and of the config that it was saved with. So a
damaged file, and a vocabulary that belongs to other weights, are refused instead of read as noise.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from img2latex.config import VERSION, ModelConfig
from img2latex.files.atomic import replacing
from img2latex.files.beside import beside
from img2latex.latex.tokens import Tokenizer
from img2latex.reader.weights import shapes

if TYPE_CHECKING:  # reading needs no torch
    import torch

    from img2latex.reader.model import Img2Latex

CONFIG, WEIGHTS, BACKWARDS = "config.json", "model.safetensors", "backwards.safetensors"
CHECKPOINTS = beside("checkpoints")

# Name -> "ORG/NAME@COMMIT" on the Hub. A full commit id, so that what a name means can't change under its users.
PUBLISHED: dict[str, str] = {}

_NAME = re.compile(r"[\w.-]*\w[\w.-]*")


class CheckpointError(ValueError):
    """Why a checkpoint cannot be loaded, in one sentence for a person."""


class _DamagedError(CheckpointError):
    """The bytes of a file are not those that were saved."""


def resolve(name: str | os.PathLike, revision: str | None = None, weights: str = WEIGHTS) -> Path:
    """Finds a checkpoint's folder, downloading it from the Hub when it is there and not cached yet.

    Args:
        name: A name, a folder, or `ORG/NAME` with or without `@REVISION`.
        revision: A branch, tag or commit of a repository on the Hub.
        weights: Which file of weights it must have.

    Raises:
        CheckpointError: There is no such checkpoint, or it can't be reached.
    """
    wanted = os.path.expanduser(os.fspath(name))
    if _NAME.fullmatch(wanted) and wanted not in {".", ".."}:
        wanted = _meaning(wanted)
    repository, _, pinned = wanted.partition("@")
    if not _is_on_hub(wanted, repository):
        if revision:
            raise CheckpointError(f"{wanted} is a folder, and only a repository on the Hub has a revision.")
        return _complete(Path(wanted), weights)
    if pinned and revision and pinned != revision:
        raise CheckpointError(f"{wanted} names one revision and revision={revision} another.")
    from img2latex.reader import download  # late: the Hub's client takes a fifth of a second to import

    try:
        return download.folder(repository, revision or pinned or "main", (CONFIG, weights))
    except download.DownloadError as error:
        raise CheckpointError(str(error)) from error


def is_known(name: str) -> bool:
    """Whether a name stands for a checkpoint, be it installed or on the Hub."""
    return _stands_for(name) is not None


def read(
    name: str | os.PathLike, revision: str | None = None, weights: str = WEIGHTS
) -> tuple[ModelConfig, dict[str, np.ndarray]]:
    """The config of a checkpoint and the weights in one of its files; shapes and checksums are checked.

    Args:
        name, revision, weights: See `resolve`.

    Raises:
        CheckpointError: It can't be found, is damaged, or doesn't fit this version of img2latex.
    """
    folder = resolve(name, revision, weights)
    try:
        return _read(folder, weights)
    except _DamagedError as error:
        from img2latex.reader import download

        if not download.forget(folder, (CONFIG, weights)):
            raise
        raise CheckpointError(f"{error} It was removed from the cache: try again to download it anew.") from error


def load(
    name: str | os.PathLike, revision: str | None = None, device: "str | torch.device" = "cpu"
) -> "tuple[Img2Latex, ModelConfig]":
    """A checkpoint as a torch model, to train or to read on a GPU.

    Returns:
        The model on `device`, float32, in evaluation mode, and its config.
    """
    from img2latex.reader.model import Img2Latex  # late: torch takes seconds to import

    config, weights = read(name, revision)
    return Img2Latex.of(config, weights).to(device).eval(), config


def save(model: "Img2Latex", folder: str | os.PathLike) -> None:
    """Saves a model as a checkpoint, see `write`."""
    write(model.config, {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}, folder)


def write(
    config: ModelConfig, weights: Mapping[str, np.ndarray], folder: str | os.PathLike,
    backwards: Mapping[str, np.ndarray] | None = None,
) -> None:  # fmt: skip
    """Saves a checkpoint: weights in float16, config as JSON.

    Each file is replaced in one step, so that nobody reads half of one, even after a crash.

    Raises:
        ValueError: A weight is infinite, not a number, or too large for float16.
    """
    folder = Path(folder)
    told = config.to_dict()
    for file, values in ((WEIGHTS, weights), (BACKWARDS, backwards)):
        if values is not None:
            _write_tensors({name: _compact(name, part) for name, part in values.items()}, told, folder / file)
    with replacing(folder / CONFIG) as draft:
        draft.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_tensors(tensors: dict[str, np.ndarray], config: dict, path: Path) -> None:
    sums = json.dumps({"config": _config_sum(config), "tensors": _tensors_sum(tensors)})
    # One entry: safetensors writes several in random order, and equal checkpoints should be equal files.
    with replacing(path) as draft:
        save_file(tensors, draft, {"sha256": sums})


# Finding


def _meaning(name: str) -> str:
    """A bare name -> the folder or ORG/NAME@REVISION that it stands for."""
    if found := _stands_for(name):
        return found
    if Path(name).is_dir():
        return os.path.join(".", name)
    known = sorted({*PUBLISHED, *(path.parent.name for path in CHECKPOINTS.glob(f"*/{CONFIG}"))})
    raise CheckpointError(f"There is no checkpoint named {name!r}; there is {', '.join(known) or 'none'}.")


def _stands_for(name: str) -> str | None:
    """What a name stands for in the environment, in the clone or the wheel, or on the Hub."""
    if chosen := os.environ.get("IMG2LATEX_" + re.sub(r"\W", "_", name).upper()):
        return os.path.expanduser(chosen)
    shipped = CHECKPOINTS / name
    return str(shipped) if shipped.is_dir() else PUBLISHED.get(name)


def _is_on_hub(wanted: str, repository: str) -> bool:
    """Tells ORG/NAME from a folder: a folder that exists, or whose parent exists, is never asked of the Hub."""
    parts = repository.split("/")
    return (
        len(parts) == 2
        and all(_NAME.fullmatch(part) and not part.startswith(".") for part in parts)
        and not Path(wanted).exists()
        and not Path(parts[0]).is_dir()
    )


def _complete(folder: Path, weights: str) -> Path:
    if not folder.is_dir():
        raise CheckpointError(f"There is no checkpoint folder {folder}.")
    for name in (CONFIG, weights):
        if not (folder / name).is_file():
            raise CheckpointError(f"The folder {folder} is no checkpoint: it has no {name}.")
    return folder


# Reading


def _read(folder: Path, weights: str) -> tuple[ModelConfig, dict[str, np.ndarray]]:
    raw, config = _read_config(folder / CONFIG)
    path = folder / weights
    tensors, sums = _read_tensors(path)
    if sums["tensors"] != _tensors_sum(tensors):
        raise _DamagedError(f"{path} is damaged: its content doesn't match its SHA-256 sum.")
    if sums["config"] != _config_sum(raw):
        raise CheckpointError(f"{folder / CONFIG} was not saved with the {weights} beside it.")
    _check_fit(path, shapes(config), {name: tensor.shape for name, tensor in tensors.items()})
    return config, tensors


def _read_config(path: Path) -> tuple[dict, ModelConfig]:
    """The config as it stands in the file, and what it means."""
    try:
        raw = json.loads(path.read_bytes())
    except ValueError as error:
        raise _DamagedError(f"{path} is damaged: it is not JSON.") from error
    try:
        version = int(raw["version"])
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} is not the config of an img2latex checkpoint.") from error
    if version > VERSION:
        raise CheckpointError(f"{path} is of version {version}, newer than this img2latex knows: update img2latex.")
    try:
        config = ModelConfig.from_dict(raw)
        Tokenizer(config.vocab)
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} is not the config of an img2latex checkpoint: {error}.") from error
    return raw, config


def _read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    try:
        with safe_open(path, framework="np") as file:
            sums = json.loads((file.metadata() or {}).get("sha256", "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError) as error:
        raise _DamagedError(f"{path} is damaged or truncated ({error}).") from error
    if sums is None:
        raise CheckpointError(f"{path} was not saved by img2latex: its header has no SHA-256 sum.")
    return tensors, sums


def _check_fit(path: Path, expected: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> None:
    missing = sorted(expected.keys() - found.keys())
    surplus = sorted(found.keys() - expected.keys())
    wrong = sorted(n for n in expected.keys() & found.keys() if expected[n] != found[n])
    faults = [("lacks", missing), ("has the unknown", surplus), ("has another shape of", wrong)]
    told = [f"{what} {names[0]}{f' and {len(names) - 1} more' if names[1:] else ''}" for what, names in faults if names]
    if told:
        raise CheckpointError(f"{path} doesn't fit its config: it {', '.join(told)}.")


# Saving


def _compact(name: str, values: np.ndarray) -> np.ndarray:
    found = np.ascontiguousarray(values).reshape(values.shape)  # which alone would give a scalar a side
    with np.errstate(over="ignore"):  # told below
        compact = found.astype(np.float16) if np.issubdtype(found.dtype, np.floating) else found
    if not np.isfinite(compact).all():
        raise ValueError(f"{name} holds a number that is infinite, not a number, or too large for float16.")
    return compact


def _config_sum(config: dict) -> str:
    # Through JSON, so that a tuple saved and the list read back are the same.
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()


def _tensors_sum(tensors: dict[str, np.ndarray]) -> str:
    total = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        total.update(f"{name} torch.{tensor.dtype} {tensor.shape}\n".encode())  # "torch." as in the first checkpoints
        total.update(np.ascontiguousarray(tensor).data)
    return total.hexdigest()
