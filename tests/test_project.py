"""The project's own files agree with each other: requirements, README, Makefile, imports."""

import ast
import graphlib
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

import img2latex

ROOT = Path(__file__).resolve().parent.parent
STARTED = ["app.py", "train.py", "img2latex/__main__.py"]  # by people who installed requirements.txt only
# The rooms of the package from the top floor to the ground: a module imports from its own room and from lower floors.
FLOORS = ["web hub training bulk", "scoring", "page data", "reader export", "picture latex", "config files"]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms.split()}
ENTRIES = {"app", "train", "tests", "benchmarks"}  # and what lies flat in the package; no room imports them
MOST_FLAT = 6  # modules


def sources(*names):
    """The Python files under these files and folders of the project."""
    for name in names:
        path = ROOT / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def imports(path):
    """The dotted names that a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules():
    """{dotted name: file} of the package, packages themselves included."""
    files = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in sources("img2latex")}
    return {name.removesuffix("/__init__").replace("/", "."): path for name, path in files.items()}


def reached(*names):
    """The files that these need, directly or through others of the project."""
    known, found, waiting = modules(), set(), [ROOT / name for name in names]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [known[name] for name in imports(path) if name in known]
    return found


def room_of(name):
    """The room, or the entry, that a dotted name lies in; None for what is not the project's."""
    first, _, rest = img2latex._HOMES.get(name.removeprefix("img2latex."), name).partition(".")
    return first if first in ENTRIES else rest.partition(".")[0] if first == "img2latex" else None


def broken_rules(package):
    """A sentence for each import that goes up, aside, to an entry, or is relative."""
    for path in sorted(package.glob("*/**/*.py")):
        here, *_ = path.relative_to(package).parts
        if here not in FLOOR:
            yield f"{path}: {here} is none of the rooms; give it a floor in FLOORS"
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)):
            yield f"{path}: imports are written in full, from img2latex on"
        for there, name in {room_of(name): name for name in imports(path)}.items():  # one sentence for each room
            if there in ENTRIES or (package / f"{there}.py").is_file() and there != "config":
                yield f"{path}: {name} is an entry, and entries are imported by no room"
            elif there in FLOOR and there != here and FLOOR[there] <= FLOOR[here]:
                below = sorted(room for room in FLOOR if FLOOR[room] > FLOOR[here])
                yield f"{path}: {here} must not import {name}; it may import from {', '.join(below)}"


def canonical(distribution):
    return re.sub(r"[-_.]+", "-", distribution).lower()


def required(*files):
    """The distributions that requirements files name, without their versions."""
    lines = [line for file in files for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    return {canonical(re.match(r"[\w.-]+", line)[0]) for line in lines if re.match(r"\w", line)}


def undeclared(paths, declared):
    """{module: file} for what is imported but neither ours, nor Python's, nor declared."""
    ours = {"img2latex", "tests", "benchmarks", "train", "app"} | set(sys.stdlib_module_names)
    owners = packages_distributions()
    found = {}
    for path in paths:
        for module in {name.split(".")[0] for name in imports(path)} - ours:
            if not {canonical(owner) for owner in owners.get(module, [])} & declared:
                found[module] = path.name
    return found


def front_matter():
    head = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    return dict(line.split(": ", 1) for line in head.splitlines() if re.match(r"\w+: ", line))


def test_space_and_requirements_name_the_same_gradio():
    pin = re.search(r"^gradio==(\S+)$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)[1]
    assert front_matter()["sdk_version"] == pin == version("gradio")


def test_space_starts_a_file_that_exists():
    assert front_matter()["sdk"] == "gradio"
    assert (ROOT / front_matter()["app_file"]).is_file()


def test_what_the_app_and_training_need_is_in_requirements():
    paths = reached(*STARTED)
    assert ROOT / "img2latex/reader/model.py" in paths
    assert undeclared(paths, required("requirements.txt")) == {}


def test_the_package_and_its_extras_bring_the_same_as_requirements():
    """Plainly installed it reads without torch; `[train]` brings the rest."""
    told = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    light, gpu, train = (
        set(re.findall(r'^    "(.+)",$', re.search(rf"^{name} = \[\n(.*?)^\]", told, re.M | re.S)[1], re.M))
        for name in ("dependencies", "gpu", "train")
    )
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert light | train == {line.partition("  #")[0].strip() for line in lines if re.match(r"\w", line)}
    assert gpu < train and not light & train
    assert {re.match(r"\w+", line)[0] for line in gpu} == {"torch", "torchvision", "timm"}


def test_torch_is_imported_by_training_and_its_engine_only():
    users = {path.relative_to(ROOT).as_posix() for path in sources("img2latex") if "torch" in imports(path)}
    users = {name for name in users if not name.startswith("img2latex/training/")}
    assert users == {
        "img2latex/data/dataset.py",  # batches for training
        "img2latex/reader/checkpoints.py",  # in annotations
        "img2latex/reader/engine.py",  # to ask for a GPU, where there is a driver
        "img2latex/reader/engine_torch.py",
        "img2latex/reader/model.py",
        "img2latex/reader/recognizer.py",  # in annotations
    }


def test_all_else_is_in_the_requirements_for_development():
    assert undeclared(sources("img2latex", "tests"), required("requirements.txt", "requirements-dev.txt")) == {}


def test_modules_import_each_other_one_way():
    known = {name: path for name, path in modules().items() if path.name != "__init__.py"}
    graph = {name: {other for other in imports(path) if other in known} for name, path in known.items()}
    assert any(graph.values())
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, naming the circle


def test_rooms_import_downwards_only():
    assert list(broken_rules(ROOT / "img2latex")) == []


@pytest.mark.parametrize(
    "room, line, rule",
    [
        ("picture", "from img2latex.reader.model import Img2Latex", "picture must not import img2latex.reader.model"),
        ("latex", "from img2latex import Recognizer", "latex must not import img2latex.Recognizer"),
        ("latex", "from img2latex import picture", "latex must not import img2latex.picture"),
        ("reader", "def late():\n    import img2latex.web.views", "reader must not import img2latex.web.views"),
        ("web", "from img2latex.hub import card", "web must not import img2latex.hub"),
        ("hub", "from img2latex.evaluate import main", "img2latex.evaluate.main is an entry"),
        ("training", "import train", "train is an entry"),
        ("data", "from ..web import views", "imports are written in full"),
        ("attic", "import os", "attic is none of the rooms"),
    ],
)
def test_an_import_that_goes_up_is_told_with_its_rule(tmp_path, room, line, rule):
    package = tmp_path / "img2latex"
    (package / room).mkdir(parents=True)
    (package / "evaluate.py").touch()
    (package / room / "new.py").write_text(line + "\nfrom img2latex.config import ModelConfig\n")
    sentences = list(broken_rules(package))
    assert len(sentences) == 1 and rule in sentences[0], sentences


def test_few_modules_lie_outside_the_rooms():
    assert len(list((ROOT / "img2latex").glob("*.py"))) <= MOST_FLAT


def test_pictures_need_no_torch():
    paths = reached(*sources("img2latex/picture"))
    assert len(paths) > 3
    assert [path for path in paths if "torch" in {name.split(".")[0] for name in imports(path)}] == []


@pytest.mark.parametrize("file, forbidden", [("app.py", "torch"), ("img2latex/reader/model.py", "PIL")])
def test_layers_stay_apart(file, forbidden):
    assert forbidden not in {name.split(".")[0] for name in imports(ROOT / file)}


def test_serving_needs_no_training_code():
    trained = {ROOT / "train.py", *sources("img2latex/data", "img2latex/training")}
    assert reached("app.py", "img2latex/__main__.py") & trained == set()


DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_links_to_or_names_is_there(document):
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(((?!https?:)[^)#]+)", text)
    named = re.findall(r"`((?:img2latex|tests|benchmarks|docs|runs|notebooks|checkpoints|examples)/[\w./-]+)`", text)
    missing = [name for name in links if not (document.parent / name).exists()]
    missing += [name for name in named if not (ROOT / name).exists() and "NAME" not in name]
    assert missing == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_make_names_the_system_tools_a_machine_lacks():
    run = subprocess.run(
        [shutil.which("make"), "-s", "test"], cwd=ROOT, env={"PATH": os.devnull}, capture_output=True, text=True
    )
    assert run.returncode != 0
    first, *rest = run.stderr.splitlines()
    assert "lacks: latex dvipng pandoc chromium;" in first
    assert "apt-get install" in first and "texlive-latex-base" in first
    assert not any("lacks" in line for line in rest)


@pytest.mark.parametrize("flags, status", [([], 0), (["-p", "tests.no_skips"], 1)])
def test_a_skipped_test_fails_ci_only(tmp_path, flags, status):
    test = tmp_path / "test_sample.py"
    test.write_text("import pytest\n\ndef test_one(): pass\n\ndef test_two(): pytest.skip('no need')\n")
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), *flags, str(test)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == status, run.stdout + run.stderr
