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

ROOT = Path(__file__).resolve().parent.parent
STARTED = ["app.py", "train.py", "img2latex/__main__.py"]  # by people who installed requirements.txt only


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


def test_all_else_is_in_the_requirements_for_development():
    assert undeclared(sources("img2latex", "tests"), required("requirements.txt", "requirements-dev.txt")) == {}


def test_modules_import_each_other_one_way():
    known = {name: path for name, path in modules().items() if path.name != "__init__.py"}
    graph = {name: {other for other in imports(path) if other in known} for name, path in known.items()}
    assert any(graph.values())
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, naming the circle


@pytest.mark.parametrize("file, forbidden", [("app.py", "torch"), ("img2latex/reader/model.py", "PIL")])
def test_layers_stay_apart(file, forbidden):
    assert forbidden not in {name.split(".")[0] for name in imports(ROOT / file)}


def test_serving_needs_no_training_code():
    trained = {ROOT / "train.py", *sources("img2latex/data", "img2latex/training")}
    assert reached("app.py", "img2latex/__main__.py") & trained == set()


def test_make_names_the_system_tools_a_machine_lacks():
    run = subprocess.run(
        [shutil.which("make"), "-s", "test"], cwd=ROOT, env={"PATH": os.devnull}, capture_output=True, text=True
    )
    assert run.returncode != 0
    first, *rest = run.stderr.splitlines()
    assert "lacks: latex dvipng chromium;" in first
    assert "apt-get install" in first and "texlive-latex-base" in first
    assert not any("lacks" in line for line in rest)


@pytest.mark.parametrize("flags, status", [([], 0), (["-p", "tests.no_skips"], 1)])
def test_a_skipped_test_fails_ci_only(tmp_path, flags, status):
    test = tmp_path / "test_sample.py"
    test.write_text("import pytest\n\ndef test_one(): pass\n\ndef test_two(): pytest.skip('no need')\n")
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), *flags, str(test)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == status, run.stdout + run.stderr
