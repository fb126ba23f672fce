"""Reading for the app: the same as the reader's, on a lent GPU too, and told in one sentence when it can't be done."""

import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from img2latex.picture.loading import PictureError
from img2latex.reader.checkpoints import CheckpointError, load
from img2latex.reader.engine_torch import TorchEngine
from img2latex.reader.recognizer import Recognizer
from img2latex.web import serving

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "examples" / "1-printed.png"
ZERO = """
import sys
from img2latex.web import serving
serving.preload([sys.argv[1], "nonsense"])
tensors = serving.reader(sys.argv[1]).engine.model.state_dict().values()
print(serving.DEVICE, {str(tensor.device) for tensor in tensors}, hasattr(serving._recognize, "zerogpu"))
"""


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


def test_it_reads_as_the_reader_does():
    expected = Recognizer.from_pretrained("math", device=serving.DEVICE).recognize(SAMPLE, prefix=["x"])
    found = serving.recognize(SAMPLE, "math", prefix=["x"])
    assert found.latex == expected.latex and found.tokens[0] == "x"
    assert found.confidence == pytest.approx(expected.confidence, abs=0.05)


def test_a_checkpoint_is_loaded_once_however_many_ask_for_it(monkeypatch):
    monkeypatch.setattr(serving, "_readers", {})
    together = threading.Barrier(3)

    def ask(_):
        together.wait()
        return serving.reader("math")

    with ThreadPoolExecutor(3) as visitors:
        readers = set(visitors.map(ask, range(3)))
    assert len(readers) == 1 and readers == {serving.reader("math")}


def test_the_shipped_weights_read_in_bfloat16_too():
    model, _ = load("math")
    narrow, wide = (Recognizer(TorchEngine(model, half=half)).recognize(SAMPLE) for half in (True, False))
    assert narrow.tokens == wide.tokens
    assert narrow.probabilities != wide.probabilities  # so bfloat16 it was
    assert narrow.probabilities == pytest.approx(wide.probabilities, abs=0.1)


def test_what_cannot_be_read_is_told_before_a_gpu_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "_recognize", lambda *arguments: pytest.fail("asked for a GPU"))
    with pytest.raises(CheckpointError, match="no checkpoint named"):
        serving.recognize(SAMPLE, "nonsense")
    (tmp_path / "text.png").write_text("This is a text file.")
    with pytest.raises(PictureError, match="not a picture"):
        serving.recognize(tmp_path / "text.png", "math")


def test_what_is_missing_does_not_hold_up_the_others(monkeypatch, caplog):
    asked = []

    def reader(name):
        asked.append(name)
        if name == "biology":
            raise CheckpointError("It is not there.")

    monkeypatch.setattr(serving, "DEVICE", "cuda")
    monkeypatch.setattr(serving, "reader", reader)
    with caplog.at_level(logging.WARNING):
        serving.preload(["biology", "math"])
    assert asked == ["biology", "math"]
    assert [record.getMessage() for record in caplog.records] == ["biology is not available now: It is not there."]


def test_on_zerogpu_models_wait_on_cuda_and_reading_is_sent_to_a_gpu():
    space = {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": "http://127.0.0.1:1"}
    run = subprocess.run(
        [sys.executable, "-c", ZERO, "math"], cwd=ROOT, env=os.environ | space, capture_output=True, text=True
    )
    assert run.stdout.strip() == "cuda {'cuda:0'} True", run.stderr
    assert "nonsense is not available now" in run.stderr
