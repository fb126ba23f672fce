"""The wheel as a stranger has it: in an environment of its own, away from the clone. `make try-wheel` makes that."""

import json
import os
import re
import subprocess
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from img2latex.hub.space import ask, running

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".wheel" / "bin"
SAMPLE = ROOT / "examples" / "1-printed.png"
LATEX = r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}"
NOBODY = "http://127.0.0.1:9"  # a proxy that is not there: whoever asks the network fails
ALONE = {"HF_HUB_OFFLINE": "1", "HTTP_PROXY": NOBODY, "HTTPS_PROXY": NOBODY, "NO_PROXY": "127.0.0.1,localhost"}
HEAVY = {"torch", "torchvision", "timm", "tensorboard", "ray", "pyarrow"}


@pytest.fixture
def run(tmp_path):
    """Runs a program of the environment in an empty folder, without a network: what it prints."""

    def run(program, *arguments):
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | ALONE
        done = subprocess.run(
            [BIN / program, *map(str, arguments)], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_it_brings_no_torch_and_lies_in_the_environment(run):
    code = "import json, sys, img2latex, importlib.metadata as m; " \
        "print(json.dumps([img2latex.__file__, [d.name for d in m.distributions()]]))"  # fmt: skip
    place, brought = json.loads(run("python", "-c", code))
    assert Path(place).is_relative_to(BIN.parent)
    assert not HEAVY & set(brought) and {"img2latex", "onnxruntime", "gradio"} <= set(brought)


@pytest.mark.parametrize("checkpoint", ["math", "biology", "handwriting"])
def test_the_command_reads_a_picture(run, checkpoint):
    assert run("img2latex", SAMPLE, "--checkpoint", checkpoint) == LATEX + "\n"


def test_the_command_saves_a_word_document(run, tmp_path):
    run("img2latex", SAMPLE, "--format", "docx", "--out", "formula.docx")
    assert (tmp_path / "formula.docx").read_bytes()[:2] == b"PK"


def test_the_app_is_inside_and_reads(tmp_path):
    with running(tmp_path, str(BIN / "img2latex"), "app", **ALONE) as url:
        answer = ask(url, SAMPLE)
        assert (answer["latex"], answer["checkpoint"]) == (LATEX, "math")
        assert ask(url, SAMPLE, "biology")["latex"] == LATEX
        opener = build_opener(ProxyHandler({}))
        config = opener.open(f"{url}/config").read().decode()
        assert "1-printed.png" in config  # the examples
        editor = re.search(r"gradio_api/file=[^\"']+mathlive\.min\.mjs", config)[0]
        assert opener.open(f"{url}/{editor}").status == 200


def test_the_endpoint_is_inside_and_reads(tmp_path):
    with running(tmp_path, str(BIN / "img2latex"), "serve", **ALONE) as url:
        request = build_opener(ProxyHandler({})).open(url, SAMPLE.read_bytes())
        assert request.read().decode() == LATEX + "\n"
