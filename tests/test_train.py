"""train.py as a user runs it: a real process on shards made here, stopped by force and resumed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import train
from img2latex import checkpoints
from img2latex.data import render

ROOT = Path(__file__).resolve().parent.parent
FORMULAS = [r"x+y", r"\frac{a}{b}", r"x^{2}", r"a_{1}", r"\alpha=1", r"\sqrt{2}", r"x\leq y", r"2x"]
QUICK = ["--threads", "1", "--workers", "0", "--pool", "8", "--batch-size", "4", "--augment", "0"]


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    render.build([("school", f) for f in FORMULAS], folder, "train", jobs=1)
    return folder


def command(shards, out, *more):
    return [sys.executable, str(ROOT / "train.py"), "--data", str(shards), "--out", str(out), *QUICK, *more]


def scalars(out, tag):
    events = EventAccumulator(str(out), size_guidance={"scalars": 0})
    events.Reload()
    return events.Scalars(tag)


def test_a_killed_run_goes_on_where_it_was(shards, tmp_path):
    out = tmp_path / "run"
    first = subprocess.Popen(command(shards, out, "--max-epochs", "10000", "--save-minutes", "0"), cwd=tmp_path)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if (out / "state.pt").exists() and torch.load(out / "state.pt", weights_only=True)["step"] >= 25:
            break
        assert first.poll() is None
        time.sleep(0.5)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    before = torch.load(out / "state.pt", weights_only=True)
    done = str(before["seen"] // len(FORMULAS) + 8)
    again = command(shards, out, "--resume", "--max-epochs", done, "--val", str(shards))
    subprocess.run(again, cwd=tmp_path, check=True, timeout=300)
    after = torch.load(out / "state.pt", weights_only=True)
    assert after["step"] > before["step"] >= 25 and after["seen"] > before["seen"]
    assert not list(out.glob("*.part"))
    losses = scalars(out, "train/loss")
    assert losses[-1].step > 25 and losses[-1].value < losses[0].value + 0.5
    for tag in ("train/learning_rate", "train/gradient_norm", "train/pictures_per_second"):
        assert scalars(out, tag)
    name = shards.stem
    assert scalars(out, f"val/{name}/ned") and scalars(out, f"val/{name}/exact")
    model, config = checkpoints.load(out)
    assert config.vocab == tuple(after["model_config"]["vocab"])
    assert set(FORMULAS[0]) - {" "} <= set(config.vocab)


def test_what_cannot_be_trained_is_said_in_one_sentence(tmp_path, capsys):
    assert train.main(["--data", str(tmp_path), "--out", str(tmp_path / "run")]) == 1
    assert capsys.readouterr().err == f"train.py: there are no shards in {tmp_path}\n"
    assert train.main(["--data", str(tmp_path), "--out", str(tmp_path / "run"), "--resume"]) == 1


def test_the_learning_rate_warms_up_and_falls(shards):
    schedule = train.Schedule(train.TrainConfig(warmup_steps=10, learning_rate=1e-3, final_learning_rate=1e-5), 100)
    assert schedule.learning_rate(0, 0.0) == pytest.approx(1e-4)
    assert schedule.learning_rate(50, 0.0) == pytest.approx(1e-3)
    assert schedule.learning_rate(50, 1.0) == pytest.approx(1e-5)
    assert [schedule.max_tokens(p) for p in (0.0, 0.2, 0.9, 1.0)] == [10, 25, 250, 250]
