"""The scripts in runs/ go from raw data to checkpoints by one command, on data made up for the purpose."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from img2latex import Recognizer
from img2latex.data import recipes

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["math", "biology", "handwriting"]
SCRIPTS = [f"runs/{name}.sh" for name in NAMES]  # the others go on from the first


def run(*command):
    environment = os.environ | {"PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for script in SCRIPTS:
        done = run(script, "--smoke", str(folder))
        assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return folder


def test_every_folder_of_the_recipes_is_made(out):
    for name in NAMES:
        assert len(recipes.sources(name, out / "shards")) == len(recipes.RECIPES[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_calibrated_checkpoint_comes_out(out, name):
    reader = Recognizer.from_pretrained(str(out / name))
    assert reader.config.calibration != (1.0, 0.0, 0.0, 0.0)
    assert reader.recognize(ROOT / "examples" / "1-printed.png").crop.width > 0
    assert (out / "runs" / name / "state.pt").is_file(), "a run can be resumed"


@pytest.mark.parametrize("name", ["handwriting", "math"])
def test_models_that_read_backwards_come_out(out, name):
    assert Recognizer.from_pretrained(str(out / name)).backwards


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_without_arguments_says_what_it_needs(script):
    done = run(script)
    assert done.returncode == 2 and f"{script} DATA OUT" in done.stderr and f"{script} --smoke OUT" in done.stderr
