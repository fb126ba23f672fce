"""Preparing data survives `kill -9` at any moment: what is there is whole, nothing is lost, the next run goes on."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from img2latex.data.prepare import SPLITS
from img2latex.data.shards import Shard

ROOT = Path(__file__).resolve().parents[2]
PICTURES = 40
KILLS = 6
SECONDS = 300  # how long a slow machine may take for one run


@pytest.fixture
def folders(tmp_path):
    """Pictures with as many strokes as a page, so that each takes a while, and their labels."""
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    for number in range(PICTURES):
        page = np.full((500, 700), 255, np.uint8)
        for x, y, turn in np.random.default_rng(number).integers(20, 480, (60, 3)):
            cv2.ellipse(page, (int(x), int(y)), (12, 7), int(turn), 0, 300, 0, 2)
        cv2.imwrite(str(tmp_path / "images" / f"{number:02d}.png"), page)
        (tmp_path / "labels" / f"{number:02d}.txt").write_text(f"x_{number}=\\frac{{{number}}}2")
    return tmp_path


def start(folder, out):
    command = [sys.executable, "-m", "img2latex.data.prepare", "--images", folder / "images", "--labels",
               folder / "labels", "--out", out, "--workers", "2"]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(folder, out):
    process = start(folder, out)
    assert process.wait(SECONDS) == 0, process.stderr.read()
    process.stderr.close()


def files(out):
    """The content of every file but drafts, which other programs pass over: their names begin with a dot."""
    paths = [path for path in out.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def check(out):
    """Every file can be read to its end."""
    for name, content in files(out).items():
        if name.endswith(".png"):
            assert content.endswith(b"IEND\xaeB`\x82"), name
            assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE) is not None, name
        elif name.endswith(".zip"):
            Shard(out / name).verify()
        elif name.endswith(".json"):
            assert json.loads(content), name
        else:
            assert content.endswith(b"\n") or not content, name


def kill_when(process, out, count):
    """Kills the run as soon as it has finished so many files; False if it was through with all of them before."""
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and len(files(out)) < count:
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGKILL)
    process.stderr.close()
    return process.wait() == -signal.SIGKILL


def test_killed_again_and_again(folders):
    """At a random file of each run: the ends of the pictures, and the lists and shards behind them, come up too."""
    whole, out = folders / "whole", folders / "out"
    finish(folders, whole)
    expected = files(whole)
    shards = sum(name.endswith(".zip") for name in expected)
    assert shards == len(SPLITS) and len(expected) == PICTURES + shards + 6

    stops = sorted(random.Random(0).sample(range(1, PICTURES), KILLS - 3)) + [PICTURES, PICTURES + 2, len(expected) - 3]
    killed, before = 0, {}
    for stop in stops:
        killed += kill_when(start(folders, out), out, stop)
        check(out)
        now = files(out)
        assert now.items() >= before.items(), "what was done is still there"
        before = now
    assert killed >= KILLS - 3, "killed in the midst of its work"
    (out / "images" / ".39.png.1.part").write_bytes(b"half")  # what a kill in the midst of a file leaves

    times = {name: (out / name).stat().st_mtime_ns for name in before}
    finish(folders, out)
    assert files(out) == expected
    assert {name: (out / name).stat().st_mtime_ns for name in before} == times, "nothing was done twice"
    assert not list(out.rglob("*.part")), "drafts of the dead are cleared away"
