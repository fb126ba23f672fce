r"""This program against others, on the same pictures, in turns, with the same threads.

    python -m benchmarks.formulas pictures
    python -m benchmarks.peers pictures --peer "pix2tex=peers/bin/python benchmarks/adapters/read_pix2tex.py peers/nia"

FOLDER holds `images/` and `labels.tsv` (picture name, tab, LaTeX). Each peer runs in its own process, with the Python
of its own virtual environment; benchmarks/adapters/serve.py is all that an adapter for another one needs. Labels and
answers go through one normaliser, and through img2latex.scoring.metrics; an answer that it cannot read is scored as
written.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from img2latex.latex import LatexError, normalize
from img2latex.latex.tokens import tokenize
from img2latex.scoring.metrics import score

ADAPTERS = Path(__file__).parent / "adapters"
OURS = "img2latex"
MEDIUM = range(30, 51)  # tokens of a formula of middle length


class PeerError(ValueError):
    """A peer does not start, or the folder holds no pictures; one sentence."""


@dataclass
class Answers:
    """What one program said to each picture, in order, as tokens, and its seconds."""

    tokens: list[list[str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    unreadable: int = 0  # not LaTeX by our normaliser, or nothing at all


class Peer:
    """A running program that answers a path with LaTeX; see benchmarks/adapters/serve.py."""

    def __init__(self, name: str, command: Sequence[str], threads: int):
        self.name, self.answers = name, Answers()
        count = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
        try:
            self.process = subprocess.Popen(
                command, env={**os.environ, **count}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, bufsize=1,
            )  # fmt: skip
        except OSError as error:
            raise PeerError(f"{name} does not start: {error.strerror}") from None
        self._answer()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise PeerError(f"{self.name} has ended: run its command alone to see why")
        return json.loads(line)

    def ask(self, path: Path) -> dict:
        with suppress(BrokenPipeError):  # it has ended: `_answer` says so
            self.process.stdin.write(f"{path}\n")
        return self._answer()

    def read(self, path: Path) -> None:
        """Reads a picture and keeps the answer."""
        answer = self.ask(path)
        tokens, readable = spelled(answer["latex"])
        self.answers.tokens.append(tokens)
        self.answers.seconds.append(answer["seconds"])
        self.answers.unreadable += not readable

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def spelled(latex: str) -> tuple[list[str], bool]:
    """An answer as tokens of the one spelling, or as it was written if that is no LaTeX; and which of the two."""
    try:
        return tokenize(normalize(latex)), True
    except LatexError:
        return tokenize(latex), False


def pictures(folder: Path, limit: int | None) -> tuple[list[Path], list[list[str]]]:
    """Paths and labels of a folder; what has no readable label is left out."""
    try:
        lines = (folder / "labels.tsv").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise PeerError(f"{folder} has no labels.tsv: {error.strerror}") from None
    images = folder.resolve() / "images"
    pairs = [(images / name, *spelled(latex)) for name, _, latex in (line.partition("\t") for line in lines)]
    pairs = [(path, tokens) for path, tokens, readable in pairs if readable and path.is_file()][:limit]
    if not pairs:
        raise PeerError(f"{folder} holds no picture with a readable label")
    return [path for path, _ in pairs], [tokens for _, tokens in pairs]


def compare(peers: list[Peer], paths: list[Path]) -> None:
    """Each picture goes to each program before the next one comes; who is first changes from picture to picture."""
    for peer in peers:
        peer.ask(paths[0])  # once for nothing: the first picture pays for what is loaded late
    for turn, path in enumerate(tqdm(paths, unit="picture", disable=not sys.stderr.isatty())):
        for k in range(len(peers)):
            peers[(turn + k) % len(peers)].read(path)


def table(peers: list[Peer], labels: list[list[str]]) -> str:
    """Markdown: accuracy and time of each program, and how many times as long as ours (the first) it takes."""
    medium = [i for i, label in enumerate(labels) if len(label) in MEDIUM]
    lines = [
        f"| program | NED [95 %] | exact | BLEU-4 | unreadable | p50 ms | p95 ms | p50 ms, {MEDIUM.start} to "
        f"{MEDIUM.stop - 1} tokens ({len(medium)}) | times ours |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    ours = np.median(peers[0].answers.seconds)
    for peer in peers:
        said, result = peer.answers, score(peer.answers.tokens, labels)
        times = 1000 * np.array(said.seconds)
        middle = f"{np.median(times[medium]):.0f}" if medium else "-"
        lines.append(
            f"| {peer.name} | {result['ned']:.3f} [{result['ned_low']:.3f}, {result['ned_high']:.3f}] "
            f"| {result['exact']:.3f} | {result['bleu']:.3f} | {said.unreadable} of {len(labels)} "
            f"| {np.median(times):.0f} | {np.percentile(times, 95):.0f} | {middle} "
            f"| {np.median(said.seconds) / ours:.1f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="images/ and labels.tsv")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND", help="another program")
    parser.add_argument("--checkpoint", default="math", help="of img2latex (default math)")
    parser.add_argument("--limit", type=int, help="only so many pictures")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    ours = [sys.executable, str(ADAPTERS / "read_img2latex.py"), options.checkpoint]
    others = [(name, shlex.split(command)) for name, _, command in (peer.partition("=") for peer in options.peer)]
    peers: list[Peer] = []
    try:
        paths, labels = pictures(options.folder, options.limit)
        for name, command in [(OURS, ours), *others]:
            peers.append(Peer(name, command, options.threads))
        compare(peers, paths)
    except PeerError as error:
        print(f"peers: {error}", file=sys.stderr)
        return 1
    finally:
        for peer in peers:
            peer.close()
    print(f"{len(paths)} pictures of {options.folder}, {options.threads} thread(s)\n\n{table(peers, labels)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
