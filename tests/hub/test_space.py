"""What a Space and a container get: enough to start the app and read, and nothing that contradicts the rest."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from gradio_client.exceptions import AppError
from huggingface_hub import SpaceCard, SpaceHardware
from packaging.requirements import Requirement

from img2latex.hub import space
from img2latex.latex import normalize
from img2latex.reader.checkpoints import PUBLISHED
from img2latex.space import main
from tests.hub_server import Hub

ROOT = Path(__file__).resolve().parents[2]
LATEX = r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}"  # of space.SAMPLE, as examples/make.py draws it


@pytest.fixture(scope="module")
def front():
    """The front matter of README.md, by which a Space is set up."""
    return SpaceCard.load(ROOT / "README.md").data


@pytest.fixture(scope="module")
def locked():
    """The requirements of the lock."""
    text = (ROOT / "requirements-lock.txt").read_text(encoding="utf-8")
    return [Requirement(line) for line in text.splitlines() if not line.startswith("#")]


def requirements():
    """Those of the package without extras."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return [Requirement(line) for line in re.findall(r'^    "(.+)",$', text.partition("[project.opt")[0], re.M)]


# The Space


def test_the_front_matter_says_what_a_space_must_know(front):
    assert front.sdk == "gradio" and front.sdk_version == version("gradio")
    assert front.app_file in space.PARTS
    assert front.suggested_hardware in {hardware.value for hardware in SpaceHardware}
    assert front.title and front.license and len(front.short_description) <= 60
    assert sorted(front.models) == sorted({place.partition("@")[0] for place in PUBLISHED.values()})


def test_the_space_runs_a_python_that_the_project_supports(front):
    lowest = re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text())[1]
    assert re.fullmatch(r"3\.\d+", front.python_version)
    assert int(front.python_version.split(".")[1]) >= int(lowest)


def test_the_folder_holds_what_serves_and_no_more(tmp_path):
    folder = tmp_path / "space"
    space.build(folder)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"README.md", "app.py", "requirements.txt", "img2latex/reader/model.py", "examples/1-printed.png"} < files
    assert "checkpoints/math/model.safetensors" in files
    assert not [name for name in files if re.search(r"(^|/)(tests|data|training|__pycache__|train\.py|\.)", name)]
    assert all((folder / name).read_bytes() == (ROOT / name).read_bytes() for name in files)
    with pytest.raises(space.SpaceError, match="is there already"):
        space.build(folder)


def test_the_command_tells_size_start_up_and_first_answer(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "space")]) == 0
    size, start, answer = capsys.readouterr().out.splitlines()
    files = [path for path in (tmp_path / "space").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert size == f"size          {sum(path.stat().st_size for path in files) / 1e6:.1f} MB in {len(files)} files"
    assert re.fullmatch(r"start-up      \d+\.\d s", start)
    seconds, latex = re.fullmatch(r"first answer  (\d+\.\d) s: (.*)", answer).groups()
    assert float(seconds) > 0 and normalize(latex) == normalize(LATEX)


def test_the_app_starts_on_what_it_has(tmp_path):
    folder = tmp_path / "space"
    space.build(folder)
    with Hub() as down:
        settings = {"HF_ENDPOINT": down.url, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0"}
    with space.running(folder, IMG2LATEX_BIOLOGY="somebody/biology", **settings) as url:
        with pytest.raises(AppError) as caught:
            space.ask(url, folder / space.SAMPLE, "biology")
        assert normalize(space.ask(url, folder / space.SAMPLE, "math")["latex"]) == normalize(LATEX)
    sentence = str(caught.value)
    assert "somebody/biology@main cannot be downloaded from the Hub: it can't be reached." in sentence
    assert "\n" not in sentence


def test_an_app_that_does_not_start_is_told_in_one_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "app.py").write_text("print('Here it starts.')\nraise SystemExit('There is no room here.')\n")
    with pytest.raises(space.SpaceError) as caught, space.running(tmp_path):
        pytest.fail("it runs")
    assert str(caught.value) == "The app didn't start: There is no room here."
    assert main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"space: {tmp_path} is there already: name a new folder.\n"


# The container


def test_the_dockerfile_is_clean():
    tool = Path(sys.executable).with_name("hadolint")
    run = subprocess.run([tool, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, ""), run.stdout + run.stderr


def test_the_container_runs_as_nobody_special_and_tells_its_health(front):
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"USER [1-9]\d*", [line for line in lines if line.startswith("USER")][-1])
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert {line.split()[1] for line in lines if line.startswith("FROM")} == {f"python:{front.python_version}-slim"}


def test_the_image_gets_what_a_space_gets():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == {*space.PARTS, "requirements-lock.txt"}



# The lock


def test_the_lock_meets_the_requirements(locked):
    assert len(requirements()) > 15
    for requirement in requirements():
        found = [entry for entry in locked if entry.name == requirement.name]
        assert found, requirement
        for entry in found:
            (pin,) = entry.specifier
            assert pin.operator == "==" and requirement.specifier.contains(pin.version), requirement


def test_the_lock_pins_one_version_for_each_system_and_names_no_host(locked):
    assert len(locked) > 50
    assert all([pin.operator for pin in entry.specifier] == ["=="] for entry in locked)
    for linux in ({"python_full_version": f"3.{minor}.1"} for minor in (10, 12, 13)):
        installed = [entry.name for entry in locked if not entry.marker or entry.marker.evaluate(linux)]
        assert len(installed) == len(set(installed))
    assert "://" not in (ROOT / "requirements-lock.txt").read_text(encoding="utf-8")
