"""How fast this machine reads: by length and threads, in batches, from a cold start, and with and without the cache.

    python -m benchmarks.speed                          # thirty formulas of our own, threads 1 and 2
    python -m benchmarks.speed --pairs FOLDER --threads 1 4 --repeats 5 --checkpoint runs/mine

Times are wall-clock, greedy, one view, on the CPU; run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks import formulas
from benchmarks.peers import PeerError, pictures
from img2latex.latex.tokens import BOS, PAD, UNK
from img2latex.picture import images
from img2latex.reader import decoding
from img2latex.reader.model import Img2Latex
from img2latex.reader.recognizer import Recognizer

LENGTHS = ((1, 15), (16, 30), (31, 50), (51, 80), (81, 1000))  # tokens of a label
BATCHES = (1, 4, 16, 32)
CACHED_STEPS = 100  # tokens, or as many as the longest label has


def seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def rows(cells: Iterable[Iterable[object]]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = ["| " + " | ".join(map(str, row)) + " |" for row in cells]
    return "\n".join([head, "|" + "---|" * (head.count(" | ") + 1), *body])


def machine() -> str:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    name = names[0] if names else platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, torch {torch.__version__}"


def latency(reader: Recognizer, paths: list[Path], labels: list[list[str]], threads: list[int], repeats: int) -> str:
    """Milliseconds from file to LaTeX, one picture at a time."""
    cells = [["tokens", "pictures", *(f"p50 / p95 ms, {n} thread(s)" for n in threads)]]
    times = {n: [[] for _ in paths] for n in threads}
    for _ in range(repeats):
        for count in threads:  # in turns, so that a slow minute slows all alike
            torch.set_num_threads(count)
            reader.recognize(paths[0])
            for each, path in zip(times[count], paths, strict=True):
                each.append(1000 * seconds_of(lambda path=path: reader.recognize(path)))
    for low, high in LENGTHS:
        chosen = [i for i, label in enumerate(labels) if low <= len(label) <= high]
        if chosen:
            found = [np.concatenate([times[count][i] for i in chosen]) for count in threads]
            percentiles = [f"{np.percentile(each, 50):.0f} / {np.percentile(each, 95):.0f}" for each in found]
            cells.append([f"{low}-{high}", len(chosen), *percentiles])
    return rows(cells)


def throughput(reader: Recognizer, paths: list[Path], repeats: int) -> str:
    """Pictures a second in batches."""
    cells = [["batch size", "pictures / s"]]
    for size in BATCHES:
        seconds = [seconds_of(lambda size=size: reader.recognize_many(paths, size)) for _ in range(repeats)]
        cells.append([size, f"{len(paths) / np.median(seconds):.1f}"])
    return rows(cells)


def cold_start(path: Path, checkpoint: str, repeats: int) -> str:
    """The command line from its start to its end, with one picture: seconds, and the most memory it took."""
    seconds, peaks = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        command = [sys.executable, "-m", "img2latex", str(path), "--checkpoint", checkpoint]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # else Popen would wait for it again
        if process.returncode:
            raise PeerError(f"{' '.join(command[1:4])} failed")
        seconds.append(time.perf_counter() - started)
        peaks.append(usage.ru_maxrss / 1024)
    return rows([["cold start s (median)", "peak memory MB"], [f"{np.median(seconds):.2f}", f"{max(peaks):.0f}"]])


@torch.inference_mode()
def uncached(model: Img2Latex, memory: Tensor, outside: Tensor, prefix: list[int]) -> list[int]:
    """The likeliest id behind each start of `prefix` (the empty one too), all of it decoded anew at every step."""
    tokens = torch.tensor([[BOS, *prefix]], device=memory.device)
    likeliest = []
    for length in range(1, tokens.shape[1]):
        logits = model.decode(tokens[:, :length], memory, outside)[0, -1]
        logits[[PAD, BOS, UNK]] = float("-inf")
        likeliest.append(int(logits.argmax()))
    return likeliest


def cached(model: Img2Latex, memory: Tensor, outside: Tensor, prefix: list[int]) -> list[int]:
    """The same by `decoding.greedy`."""
    (found,) = decoding.greedy(model, memory, outside, max_length=len(prefix), prefix=prefix)
    return [rivals[0][0] for rivals in found.rivals[: len(prefix)]]


def cache_ratio(reader: Recognizer, path: Path, label: list[str], repeats: int) -> tuple[str, bool]:
    """How many times as long the plain decoder takes for the same tokens; and whether they are the same."""
    model = reader.model
    prefix = [i for i in reader.tokenizer.encode(label) if i != UNK][:CACHED_STEPS]
    batch, sizes = images.pad([images.prepare(path, model.config.letter_height)])
    with torch.inference_mode():
        memory, outside = model.encode(torch.from_numpy(batch), torch.from_numpy(sizes))
    same = cached(model, memory, outside, prefix) == uncached(model, memory, outside, prefix)
    pairs = [
        [seconds_of(lambda way=way: way(model, memory, outside, prefix)) for way in (cached, uncached)]
        for _ in range(repeats)
    ]
    fast, slow = np.median(pairs, axis=0)
    verdict = "the same" if same else "NOT the same"
    head = ["tokens", "cached ms", "uncached ms", "ratio", "tokens of both"]
    return rows([head, [len(prefix), f"{1000 * fast:.0f}", f"{1000 * slow:.0f}", f"{slow / fast:.1f}", verdict]]), same


def measure(options: argparse.Namespace, folder: Path) -> bool:
    """Prints all tables; False if the cache changes the tokens."""
    paths, labels = pictures(folder, None)
    reader = Recognizer.from_pretrained(options.checkpoint)
    longest = max(range(len(labels)), key=lambda i: len(labels[i]))
    print(f"{machine()}; {len(paths)} pictures, median of {options.repeats}\n")
    # First, while this process is small: Linux counts what a child's parent held before the child's program began.
    print(cold_start(paths[0], options.checkpoint, options.repeats), end="\n\n")
    print(latency(reader, paths, labels, options.threads, options.repeats), end="\n\n")
    torch.set_num_threads(options.threads[0])
    table, same = cache_ratio(reader, paths[longest], labels[longest], options.repeats)
    print(table, end="\n\n")
    print(throughput(reader, paths, options.repeats))
    return same


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=Path, help="images/ and labels.tsv (default: formulas of our own, drawn)")
    parser.add_argument("--checkpoint", default="math")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as name:
            if not options.pairs:
                formulas.draw(Path(name))
            return 0 if measure(options, options.pairs or Path(name)) else 1
    except (PeerError, formulas.RenderError, OSError, ValueError) as error:
        print(f"speed: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
