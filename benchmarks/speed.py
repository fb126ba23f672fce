"""How fast this machine reads: by engine and length, in batches, from a cold start, and with and without the cache.

    python -m benchmarks.speed                          # thirty formulas of our own, threads 1 and 2
    python -m benchmarks.speed --pairs FOLDER --threads 1 4 --repeats 5 --checkpoint runs/mine

Readings are greedy, on the CPU. Engines are compared in one run, picture by picture, by the time of the
processor that they take: so their ratio holds on a busy machine too, and all other figures on an idle one only.
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

from benchmarks import formulas
from benchmarks.peers import PeerError, pictures
from img2latex.latex.tokens import BOS, PAD, UNK
from img2latex.picture import images
from img2latex.reader import checkpoints, decoding
from img2latex.reader.engine_torch import TorchEngine
from img2latex.reader.recognizer import Recognizer

LENGTHS = ((1, 15), (16, 30), (31, 50), (51, 80), (81, 1000))  # tokens of a label
BATCHES = (1, 4, 16, 32)
CACHED_STEPS = 100  # tokens, or as many as the longest label has


def seconds_of(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    work()
    return clock() - started


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


def by_length(labels: list[list[str]]) -> dict[str, list[int]]:
    """Which pictures have a label of so many tokens."""
    found = {
        f"{low}-{high}": [i for i, label in enumerate(labels) if low <= len(label) <= high] for low, high in LENGTHS
    }
    return {name: chosen for name, chosen in found.items() if chosen}


def latency(readers: dict[int, Recognizer], paths: list[Path], labels: list[list[str]], repeats: int) -> str:
    """Milliseconds from file to LaTeX, one picture at a time, by the number of threads."""
    cells = [["tokens", "pictures", *(f"p50 / p95 ms, {n} thread(s)" for n in readers)]]
    times = {n: [[] for _ in paths] for n in readers}
    for _ in range(repeats):
        for count, reader in readers.items():  # in turns, so that a slow minute slows all alike
            reader.recognize(paths[0])
            for each, path in zip(times[count], paths, strict=True):
                each.append(1000 * seconds_of(lambda reader=reader, path=path: reader.recognize(path)))
    for name, chosen in by_length(labels).items():
        found = [np.concatenate([times[count][i] for i in chosen]) for count in readers]
        percentiles = [f"{np.percentile(each, 50):.0f} / {np.percentile(each, 95):.0f}" for each in found]
        cells.append([name, len(chosen), *percentiles])
    return rows(cells)


def engines(readers: dict[str, Recognizer], paths: list[Path], labels: list[list[str]], repeats: int) -> str:
    """How many times as fast as the first of these readers the others are, by the processor's time, and how alike.

    Last come all pictures in one pool, beside the first reader's one by one.
    """
    first, *others = readers
    told = {name: [reader.recognize(path).tokens for path in paths] for name, reader in readers.items()}
    times = {name: np.zeros((repeats, len(paths))) for name in readers}
    for turn in range(repeats):
        for i, path in enumerate(paths):
            for name, reader in readers.items():
                work = lambda reader=reader, path=path: reader.recognize(path)  # noqa: E731
                times[name][turn, i] = seconds_of(work, time.process_time)
    medians = {name: np.median(each, axis=0) for name, each in times.items()}
    cells = [["tokens", "pictures", f"{first} ms", *(f"{name} ms (ratio, same tokens)" for name in others)]]
    for length, chosen in by_length(labels).items():
        taken = {name: float(medians[name][chosen].mean()) for name in readers}
        row = [length, len(chosen), f"{1000 * taken[first]:.0f}"]
        for name in others:
            same = sum(told[name][i] == told[first][i] for i in chosen)
            row.append(f"{1000 * taken[name]:.0f} ({taken[first] / taken[name]:.1f}, {same} of {len(chosen)})")
        cells.append(row)
    alone = float(medians[first].sum())
    row = ["in a pool", len(paths), f"{1000 * alone / len(paths):.0f} (one by one)"]
    for name in others:
        pool = min(seconds_of(lambda name=name: readers[name].recognize_many(paths), time.process_time)
                   for _ in range(repeats))  # fmt: skip
        row.append(f"{1000 * pool / len(paths):.0f} ({alone / pool:.1f})")
    return rows([*cells, row])


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
def uncached(engine: TorchEngine, picture: np.ndarray, prefix: list[int]) -> list[int]:
    """The likeliest id behind each start of `prefix` (the empty one too), all of it decoded anew at every step."""
    batch, sizes = (torch.from_numpy(each) for each in images.pad([picture]))
    memory, key_padding_mask = engine.model.encode(batch, sizes)
    tokens = torch.tensor([[BOS, *prefix]])
    likeliest = []
    for length in range(1, tokens.shape[1]):
        logits = engine.model.decode(tokens[:, :length], memory, key_padding_mask)[0, -1]
        logits[[PAD, BOS, UNK]] = float("-inf")
        likeliest.append(int(logits.argmax()))
    return likeliest


def cached(engine: TorchEngine, picture: np.ndarray, prefix: list[int]) -> list[int]:
    """The same by `decoding.search`."""
    (found,) = decoding.search(engine, [engine.encode(picture)], max_length=len(prefix), prefix=prefix, rows=1)
    return [ranked[0][0] for ranked in found.alternatives[: len(prefix)]]


def cache_ratio(engine: TorchEngine, path: Path, prefix: list[int], repeats: int) -> tuple[str, bool]:
    """How many times as long the plain decoder takes for the same tokens; and whether they are the same."""
    picture = images.prepare_for(engine.config, path)
    same = cached(engine, picture, prefix) == uncached(engine, picture, prefix)
    pairs = [
        [seconds_of(lambda way=way: way(engine, picture, prefix)) for way in (cached, uncached)] for _ in range(repeats)
    ]
    fast, slow = np.median(pairs, axis=0)
    verdict = "the same" if same else "NOT the same"
    head = ["tokens", "cached ms", "uncached ms", "ratio", "tokens of both"]
    return rows([head, [len(prefix), f"{1000 * fast:.0f}", f"{1000 * slow:.0f}", f"{slow / fast:.1f}", verdict]]), same


def measure(options: argparse.Namespace, folder: Path) -> bool:
    """Prints all tables; False if the cache changes the tokens."""
    paths, labels = pictures(folder, None)
    longest = max(range(len(labels)), key=lambda i: len(labels[i]))
    print(f"{machine()}; {len(paths)} pictures, median of {options.repeats}\n")
    # First, while this process is small: Linux counts what a child's parent held before the child's program began.
    print(cold_start(paths[0], options.checkpoint, options.repeats), end="\n\n")
    ways = {"torch": {"engine": "torch"}, "onnx": {"engine": "onnx"}, "onnx --fast": {"fast": True}}
    named = {name: Recognizer.from_pretrained(options.checkpoint, threads=1, **way) for name, way in ways.items()}
    print(engines(named, paths, labels, options.repeats), end="\n\n")
    readers = {n: Recognizer.from_pretrained(options.checkpoint, threads=n) for n in options.threads}
    print(latency(readers, paths, labels, options.repeats), end="\n\n")
    engine = TorchEngine(checkpoints.load(options.checkpoint)[0], threads=1)
    prefix = [i for i in readers[options.threads[0]].tokenizer.encode(labels[longest]) if i != UNK][:CACHED_STEPS]
    table, same = cache_ratio(engine, paths[longest], prefix, options.repeats)
    print(table, end="\n\n")
    print(throughput(readers[options.threads[0]], paths, options.repeats))
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
