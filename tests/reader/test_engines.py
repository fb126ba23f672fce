"""Two engines, one answer: the same tokens, probabilities and attention, and no torch where ONNX Runtime reads."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from img2latex import Recognizer
from img2latex.data.render import Look, render
from img2latex.latex.tokens import SPECIAL
from img2latex.reader import checkpoints, decoding, engine, engine_onnx
from img2latex.reader.engine import find
from img2latex.reader.engine_onnx import OnnxEngine, positions_2d
from img2latex.reader.engine_torch import TorchEngine
from img2latex.reader.model import Img2Latex, sinusoid_2d
from img2latex.reader.pool import Cache
from img2latex.reader.weights import shapes
from tests.tiny import tiny_model

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "examples" / "1-printed.png"
FORMULAS = [
    r"x", r"\frac{a}{b}", r"\int_0^1 x^2\,dx=\frac{1}{3}", r"\begin{pmatrix}1&0&2\\0&1&3\end{pmatrix}",
    r"\mathrm{C}_6\mathrm{H}_{12}\mathrm{O}_6", r"\sum_{i=1}^{n}\frac{1}{i^2}<\frac{\pi^2}{6}", r"e^{i\pi}+1=0",
    r"f(x)=\begin{cases}x&x>0\\-x&\text{otherwise}\end{cases}", r"\sqrt[3]{a+b}",
    r"p(y\mid x)=\frac{p(x\mid y)p(y)}{p(x)}",
]  # fmt: skip
BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "torchvision", "timm", "onnx"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
"""
SHAPES = [
    {"d_model": 32, "num_layers": 2, "column_stride": 8},
    {"d_model": 48, "num_layers": 1, "num_heads": 3, "feedforward": 40},
    {"d_model": 64, "num_layers": 3, "num_heads": 4, "vocab": (*SPECIAL, *"abcdefg")},
]


def both(model):
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return TorchEngine(model), OnnxEngine(model.config, weights)


def built(**settings):
    torch.manual_seed(1)
    config = tiny_model().config.to_dict() | {"max_length": 60} | settings
    model = Img2Latex(tiny_model().config.from_dict(config))
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):  # a trained one has statistics of its own
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 2)
    return model.eval()


@pytest.fixture(scope="module")
def pictures():
    return [picture for dpi in (90, 200) for picture in render(FORMULAS, Look(dpi=dpi))]


@pytest.fixture(scope="module")
def readers():
    return [Recognizer.from_pretrained("math", engine=name, threads=1) for name in ("torch", "onnx")]


def same(one, other):
    assert (one.tokens, one.latex, one.warning) == (other.tokens, other.latex, other.warning)
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)
    assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
    assert [[t for t, p in step if p > 1e-4] for step in one.alternatives] == [
        [t for t, p in step if p > 1e-4] for step in other.alternatives
    ]
    for looked, there in zip(one.attention, other.attention, strict=True):
        assert looked.shape == there.shape and np.allclose(looked, there, atol=1e-4)


# The same answer


@pytest.mark.parametrize("beam_size", [1, 3])
def test_both_engines_read_the_same(readers, pictures, beam_size):
    by_torch, by_onnx = (reader.recognize_many(pictures, beam_size=beam_size) for reader in readers)
    assert sum(len(result.tokens) for result in by_torch) > 200  # else this would prove little
    for one, other in zip(by_torch, by_onnx, strict=True):
        same(one, other)


@pytest.mark.parametrize("batch_size", [2, 7])
def test_a_picture_is_read_the_same_in_any_company(readers, pictures, batch_size):
    """Wide beside narrow ones, short beside long ones, in a pool whose rows end at different times."""
    reader = readers[1]
    for picture, together in zip(pictures, reader.recognize_many(pictures, batch_size=batch_size), strict=True):
        same(reader.recognize(picture), together)


@pytest.mark.parametrize("settings", SHAPES)
def test_a_model_of_any_shape_computes_the_same(settings):
    generator = np.random.default_rng(0)
    engines = both(built(**settings))
    caches = []
    for each in engines:
        cache = Cache(each, 3)
        sizes = ((40, 90), (16, 8), (70, 131))
        picture = np.random.default_rng(5).integers(0, 256, (70, 131)).astype(np.uint8)
        cache.arrange([], [each.encode(picture[:height, :width]) for height, width in sizes])
        caches.append(cache)
    assert [memory.cells for memory in caches[0].memories] == [memory.cells for memory in caches[1].memories]
    for step in range(40):  # past the room that a cache begins with
        tokens = generator.integers(4, len(engines[0].config.vocab), len(caches[0])).tolist()
        (logits, looked), (other_logits, there) = (e.step(tokens, c) for e, c in zip(engines, caches, strict=True))
        assert np.allclose(logits, other_logits, atol=1e-4) and np.allclose(looked, there, atol=1e-5)
        if step == 20:
            for cache in caches:
                cache.arrange([2, 0], [cache.memories[1]])


@pytest.mark.parametrize("settings", SHAPES)
def test_whole_formulas_at_once_are_computed_as_step_by_step(settings, monkeypatch):
    engines = both(built(**settings))
    tokens = np.random.default_rng(0).integers(4, len(engines[0].config.vocab), (3, 35))
    picture = np.random.default_rng(5).integers(0, 256, (40, 90)).astype(np.uint8)
    told = []
    for each in engines:
        memory = each.encode(picture)
        cache = Cache(each, 3)
        cache.arrange([], [memory] * 3)
        steps = [each.step(column.tolist(), cache)[0] for column in tokens.T]
        assert np.allclose(each.logits(tokens, memory), np.stack(steps, 1), atol=1e-4)
        formulas = [row[: 5 + 10 * i].tolist() for i, row in enumerate(tokens)]
        told.append(decoding.log_probabilities(each, memory, formulas))
        monkeypatch.setattr(decoding, "SCORES", 1)  # one after the other
        assert decoding.log_probabilities(each, memory, formulas) == pytest.approx(told[-1], abs=1e-3)
        monkeypatch.undo()
    assert told[0] == pytest.approx(told[1], abs=1e-2)


def test_a_cell_knows_its_place_in_both_engines():
    for column_step in (1.0, 0.5):
        expected = sinusoid_2d(7, 300, 64, column_step=column_step).reshape(-1, 64)
        assert np.allclose(positions_2d(7, 300, 64, column_step), expected, atol=2e-5)


def test_in_8_bits_most_is_read_the_same(readers, pictures):
    fast = Recognizer.from_pretrained("math", fast=True, threads=1).recognize_many(pictures)
    exact = readers[1].recognize_many(pictures)
    assert [result.probabilities for result in fast] != [result.probabilities for result in exact]  # so 8 bits it was
    assert sum(one.tokens == other.tokens for one, other in zip(fast, exact, strict=True)) >= 0.9 * len(pictures)


# What is written


@pytest.mark.parametrize("settings", [{}, *SHAPES])
def test_the_tensors_of_a_model_are_known_without_it(settings):
    model = built(**settings)
    assert shapes(model.config) == {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def test_onnx_itself_finds_no_fault_in_the_graphs():
    config, weights = checkpoints.read("math")
    graphs = [made(config, weights) for made in (engine_onnx.encoder, engine_onnx.scorer)]
    for graph in (*graphs, engine_onnx.decoder(config, weights, fast=False)):
        onnx.checker.check_model(graph, full_check=True)


# Without torch


def blocked(code, *arguments):
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED + code, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_everything_that_reads_works_where_torch_cannot_be_imported(readers):
    code = """
from img2latex import Recognizer
from img2latex.web import serving
reader = Recognizer.from_pretrained("math")
print(reader.recognize(sys.argv[1]).latex)
print(reader.recognize_many([sys.argv[1]] * 2, careful=True)[1].latex)
print(serving.recognize(sys.argv[1], "math", beam_size=2).latex)
from img2latex.__main__ import main
main(sys.argv[1:])
"""
    assert blocked(code, SAMPLE).splitlines() == [readers[0].recognize(SAMPLE).latex] * 4


def test_the_command_line_leaves_alone_what_reading_does_not_need():
    code = """
import sys
from img2latex.__main__ import main
main([sys.argv[1]])
print(*{"torch", "timm", "onnx", "gradio", "huggingface_hub", "importlib.metadata", "numpy.ma"} & set(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", code, SAMPLE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(run.stdout.splitlines()) == 2 and run.stdout.splitlines()[1] == ""


# What cannot be computed


def test_torch_reads_where_the_runtime_is_too_old_or_missing(monkeypatch):
    monkeypatch.setitem(engine.OLDEST, "onnxruntime", (99, 0))
    assert isinstance(find("math"), TorchEngine)
    with pytest.raises(checkpoints.CheckpointError, match=r"onnx engine can't be used: onnxruntime .* than 99\.0"):
        find("math", engine="onnx")
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    with pytest.raises(checkpoints.CheckpointError, match="torch engine can't be used: torch is not installed"):
        find("math")


def test_engines_that_there_are_not():
    for options, told in [
        ({"engine": "tensorflow"}, "onnx or torch, not tensorflow"),
        ({"engine": "onnx", "device": "cuda"}, "on the CPU, not on cuda"),
        ({"engine": "torch", "fast": True}, "only the onnx engine"),
    ]:
        with pytest.raises(ValueError, match=told):
            find("math", **options)
