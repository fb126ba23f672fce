"""What `img2latex serve` takes for a picture beside the bare reading: the processor's time of both, in one process.

    python -m benchmarks.serve                     # the twelve shortest of thirty formulas of our own
    python -m benchmarks.serve --pairs FOLDER --repeats 9

The time of a request is that of all that happens, asking included; so the ratio holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import uvicorn

from benchmarks import formulas
from benchmarks.peers import PeerError, pictures
from benchmarks.speed import rows, seconds_of
from img2latex.reader.checkpoints import CheckpointError
from img2latex.web import endpoint, serving

SHORT = 12  # pictures of a folder that are read


@contextmanager
def served(checkpoint: str) -> Iterator[int]:
    """The endpoint in a thread of this process: its port."""
    settings = uvicorn.Config(endpoint.build([checkpoint]), host=endpoint.HOST, port=0, log_level="warning")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def ask(port: int, picture: bytes) -> str:
    """The answer to a picture that is posted."""
    connection = HTTPConnection(endpoint.HOST, port)
    connection.request("POST", "/", picture)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def compare(paths: list[Path], checkpoint: str, repeats: int) -> str:
    """A table: milliseconds of the processor for the bare reading and for a request, and those of the clock."""
    contents = [path.read_bytes() for path in paths]
    reader = serving.reader(checkpoint)
    taken = np.zeros((3, repeats, len(paths)))
    with served(checkpoint) as port:
        for content in contents:
            ask(port, content)
        for turn in range(repeats):
            for i, content in enumerate(contents):
                bare = lambda content=content: reader.recognize(content, alternatives=1, attention=False)  # noqa: E731
                posted = lambda content=content: ask(port, content)  # noqa: E731
                taken[0, turn, i] = seconds_of(bare, time.process_time)
                taken[1, turn, i] = seconds_of(posted, time.process_time)
                taken[2, turn, i] = seconds_of(posted)
    alone, request = 1000 * np.median(taken[:2], axis=1).mean(axis=1)
    clock = 1000 * np.percentile(taken[2], (50, 95))
    head = ["pictures", "reading, CPU ms", "request, CPU ms (ratio)", "request, p50 / p95 ms by the clock"]
    told = [len(paths), f"{alone:.0f}", f"{request:.0f} ({request / alone:.2f})", f"{clock[0]:.0f} / {clock[1]:.0f}"]
    return rows([head, told])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=Path, help="images/ and labels.tsv (default: formulas of our own, drawn)")
    parser.add_argument("--checkpoint", default="math")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as name:
            if not options.pairs:
                formulas.draw(Path(name))
            paths, _ = pictures(options.pairs or Path(name), SHORT)
            print(compare(paths, options.checkpoint, options.repeats))
    except (PeerError, CheckpointError, formulas.RenderError, OSError) as error:
        print(f"serve: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
