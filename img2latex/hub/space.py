"""Builds and measures the folder of a Hugging Face Space: what `python -m img2latex.space` does.

The front matter of README.md says what the Space installs and starts. Training code is left out: serving needs none.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("LICENSE", "README.md", "app.py", "assets", "checkpoints", "examples", "img2latex", "requirements.txt")
LEFT_OUT = ("__pycache__", "data", "training", "make.py", ".*")  # wherever in them
SAMPLE = Path("examples") / "1-printed.png"
PATIENCE = 600  # seconds for a slow machine to start the app

_DIRECT = build_opener(ProxyHandler({}))  # without a proxy, since the app is on this machine


class SpaceError(RuntimeError):
    """Why the folder can't be built or the app doesn't start from it, in one sentence for a person."""


@dataclass
class Figures:
    """Size and speed of a Space, in bytes and seconds."""

    files: int
    size: int
    start: float  # from nothing to the first page served
    answer: float  # from the first picture sent to its LaTeX: the weights are loaded meanwhile
    latex: str


def build(folder: Path) -> None:
    """Copies what a Space needs into a new folder.

    Raises:
        SpaceError: there is something of this name already.
    """
    if folder.exists():
        raise SpaceError(f"{folder} is there already: name a new folder.")
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, draft / part, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copy(ROOT / part, draft / part)
    os.replace(draft, folder)


@contextmanager
def running(folder: Path, *command: str, **settings: str) -> Iterator[str]:
    """Starts the app of a folder in a process of its own, yields its address, and stops it at the end.

    Args:
        folder: as `build` makes it; nothing else of the project is in the reach of the process.
        command: to start there instead of the app; it gets `--port`.
        settings: more environment variables than those of this process.

    Raises:
        SpaceError: it ended before it served its page, or took too long.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | settings
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [*(command or (sys.executable, "app.py")), "--port", port],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            if not _serves(url, process):
                log.seek(0)
                last = (log.read().strip() or f"it was still starting after {PATIENCE} seconds").splitlines()[-1]
                raise SpaceError(f"The app didn't start: {last}")
            yield url
        finally:
            process.terminate()
            process.wait()


def _serves(url: str, process: subprocess.Popen) -> bool:
    """Waits until the page is there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _DIRECT.open(url, timeout=5).close()
            return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def ask(url: str, picture: Path, checkpoint: str = "math") -> dict:
    """The answer of the app at this address to a picture: `latex`, `confidence` and all that /recognize returns."""
    from gradio_client import Client, handle_file  # late: it takes seconds to import, and --help needs none of it

    return Client(url, verbose=False).predict(handle_file(str(picture)), checkpoint, api_name="/recognize")


def measure(folder: Path) -> Figures:
    """Starts the app from a folder, in a fresh process, and asks it for one formula."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    began = time.perf_counter()
    with running(folder) as url:
        started = time.perf_counter()
        latex = ask(url, folder / SAMPLE)["latex"]
        return Figures(len(sizes), sum(sizes), started - began, time.perf_counter() - started, latex)
