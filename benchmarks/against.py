"""How many times as fast as an earlier commit this one reads, with the same weights and one thread, in one run.

    python -m benchmarks.against                         # thirty formulas of our own, against torch in a1690c3
    python -m benchmarks.against FOLDER ... --limit 1000 --keep read.jsonl    # goes on where an earlier run ended

Seconds are the processor's, but for those of the command line, from the shell to LaTeX.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import formulas
from benchmarks.agree import pictures_in
from benchmarks.peers import ADAPTERS, Peer, PeerError
from img2latex.reader import checkpoints

HERE = Path(__file__).resolve().parents[1]
TOGETHER = 100  # pictures that are handed over at a time, to be read in pools


def ask(peer: Peer, paths: list[Path]) -> tuple[float, list[str]]:
    """Seconds, and the tokens of each picture."""
    answer = peer.ask("\t".join(map(str, paths)))
    if "error" in answer:
        raise PeerError(f"{peer.name}: {answer['error']}")
    seconds, *tokens = answer["latex"].split("\t")
    return float(seconds), tokens


def command_line(tree: Path, checkpoint: Path, picture: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of `python -m img2latex`."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "img2latex", str(picture), "--checkpoint", str(checkpoint)]
    process = subprocess.Popen(command, cwd=tree, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def read(peers: list[Peer], paths: list[Path], keep: Path | None) -> Iterator[dict]:
    """What came of so many pictures at a time: each by each program, in turns, and then by the last one in pools.

    Args:
        keep: a file with a line for each of them; what it holds already is not read again.
    """
    kept = map(json.loads, keep.read_text().splitlines()) if keep and keep.exists() else ()
    known = {tuple(line["paths"]): line for line in kept}
    bar = tqdm(total=len(paths), unit="picture")
    for start in range(0, len(paths), TOGETHER):
        some = paths[start : start + TOGETHER]
        line = known.get(tuple(map(str, some)))
        if not line:
            line = {"paths": list(map(str, some)), "alone": []}
            for path in some:
                line["alone"].append([[seconds, tokens] for seconds, (tokens,) in (ask(p, [path]) for p in peers)])
                bar.update()
            line["pool"] = list(ask(peers[-1], some))
            if keep:
                with keep.open("a") as file:
                    file.write(json.dumps(line) + "\n")
        bar.update(start + len(some) - bar.n)
        yield line
    bar.close()


def measure(tree: Path, checkpoint: Path, paths: list[Path], repeats: int, keep: Path | None) -> None:
    """Prints the table of an earlier tree against this one."""
    trees = (tree, HERE)
    starts = np.array([[command_line(each, checkpoint, paths[0]) for each in trees] for _ in range(repeats)])
    from benchmarks.speed import LENGTHS, rows  # not before: Linux counts what a child's parent held, and this is torch

    adapter = [sys.executable, str(ADAPTERS / "read_tree.py")]
    peers = [Peer(str(each), [*adapter, str(each), str(checkpoint)], 1) for each in trees]
    for peer in peers:
        ask(peer, paths[:1])
    lines = list(read(peers, paths, keep))
    alone = [pair for line in lines for pair in line["alone"]]
    seconds = np.array([[taken for taken, _ in pair] for pair in alone])
    said = [[tokens for _, tokens in pair] for pair in alone]
    pooled, pool = sum(line["pool"][0] for line in lines), [tokens for line in lines for tokens in line["pool"][1]]
    cells = [["", "before", "now", "ratio", "the same tokens"]]
    for low, high in LENGTHS:
        chosen = [i for i, (_, now) in enumerate(said) if low <= len(now.split()) <= high]
        if chosen:
            before, now = 1000 * seconds[chosen].mean(axis=0)
            same = sum(said[i][0] == said[i][1] for i in chosen)
            cells.append([f"{low}-{high} tokens, ms", f"{before:.0f}", f"{now:.0f}", f"{before / now:.1f}",
                          f"{same} of {len(chosen)}"])  # fmt: skip
    before = seconds[:, 0].sum()
    same = sum(one == now for one, (_, now) in zip(pool, said, strict=True))
    cells.append([f"{len(paths)} pictures, before one by one, now in a pool, s", f"{before:.1f}", f"{pooled:.1f}",
                  f"{before / pooled:.1f}", f"{same} of {len(paths)} as alone"])  # fmt: skip
    medians = np.median(starts, axis=0).T
    for name, (before, now) in zip(("command line, s", "its peak memory, MB"), medians, strict=True):
        cells.append([name, f"{before:.2f}", f"{now:.2f}", f"{before / now:.1f}", ""])
    print(rows(cells))
    for peer in peers:
        peer.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--commit", default="a1690c3")
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="what was read, for a run that goes on")
    parser.add_argument("--repeats", type=int, default=5, help="of the command line")
    parser.add_argument("--checkpoint", type=Path, default=HERE / "checkpoints" / "math")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as aside:
        tree = Path(aside, "tree")
        git = ["git", "-C", str(HERE), "worktree"]
        try:
            subprocess.run([*git, "add", "-q", "--detach", tree, options.commit], check=True)
            if not options.folders:
                formulas.draw(Path(aside, "drawn"))
            folders = [folder.resolve() for folder in options.folders] or [Path(aside, "drawn")]
            paths = pictures_in(folders, options.limit)
            config, weights = checkpoints.read(options.checkpoint)
            known = Path(aside, "checkpoint")  # without what the earlier program cannot know
            checkpoints.write(dataclasses.replace(config, calibration_handwriting=(), handwriting=()), weights, known)
            measure(tree, known, paths, options.repeats, options.keep)
        except (PeerError, subprocess.CalledProcessError, formulas.RenderError, OSError) as error:
            print(f"against: {error}", file=sys.stderr)
            return 1
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
