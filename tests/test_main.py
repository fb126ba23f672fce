"""The command line: what it prints, where, and with which exit status."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageOps

from img2latex import Recognizer
from img2latex.__main__ import main
from img2latex.data.render import Look, render
from img2latex.latex import normalize
from img2latex.reader.checkpoints import save
from tests.export.test_word import read_back
from tests.tiny import TOKENS, tiny_model

ROOT = Path(__file__).resolve().parent.parent
FORMULAS = {"fraction.png": r"\frac{a}{b}", "sum.PNG": "x+y=2", "square.jpg": "x^{2}=1"}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """The folder of an untrained model that reads a row of x in whatever has ink."""
    model = tiny_model()
    with torch.no_grad():
        model.head.bias[len(model.config.vocab) - len(TOKENS) + TOKENS.index("x")] = 1000.0
    folder = tmp_path_factory.mktemp("checkpoint")
    save(model, folder)
    return str(folder)


@pytest.fixture(scope="module")
def printed():
    """Large, clear pictures of FORMULAS by their names."""
    pictures = render(list(FORMULAS.values()), Look(size=12, dpi=220))
    return {name: ImageOps.expand(Image.fromarray(ink), 20, 255) for name, ink in zip(FORMULAS, pictures, strict=True)}


@pytest.fixture
def folder(tmp_path, printed):
    """A folder as a person has one: pictures, and what is none."""
    for name, picture in printed.items():
        picture.save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "deeper").mkdir()
    return tmp_path


@pytest.fixture
def run(capsys, checkpoint):
    """Runs the command in this process with the untrained model: (exit status, lines of stdout, lines of stderr)."""

    def run(*arguments):
        status = main([*map(str, arguments), "--checkpoint", checkpoint])
        captured = capsys.readouterr()
        return status, captured.out.splitlines(), captured.err.splitlines()

    return run


def type_in(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_one_picture_prints_its_latex_alone(run, folder, checkpoint):
    path = folder / "fraction.png"
    status, out, err = run(path)
    result = Recognizer.from_pretrained(checkpoint).recognize(path)
    assert result.latex and result.warning
    assert (status, out, err) == (0, [result.latex], [f"img2latex: {path}: {result.warning}"])


def test_a_folder_prints_a_line_for_each_picture_in_it(run, folder):
    status, out, _ = run(folder)
    assert status == 0
    assert [line.split("\t")[0] for line in out] == [str(folder / name) for name in sorted(FORMULAS)]
    assert all(line.split("\t")[1] for line in out)


def test_pictures_of_every_kind_in_a_folder_are_read(run, folder, printed):
    for suffix in (".avif", ".ppm", ".ico", ".JPG"):
        printed["fraction.png"].convert("RGB").save(folder / f"more{suffix}")
    status, out, _ = run(folder)
    assert status == 0 and len(out) == len(FORMULAS) + 4


def test_pictures_are_read_in_the_order_given(run, folder):
    paths = [str(folder / "sum.PNG"), str(folder / "fraction.png"), str(folder / "sum.PNG")]
    status, out, _ = run(*paths)
    assert status == 0
    assert [line.split("\t")[0] for line in out] == paths


def test_a_bad_file_does_not_stop_the_others(run, folder):
    missing, good = folder / "missing.png", folder / "fraction.png"
    status, out, err = run(missing, folder / "notes.txt", good)
    assert status == 1
    assert [line.split("\t")[0] for line in out] == [str(good)]
    assert f"{missing}: There is no file" in err[0]
    assert "notes.txt is not a picture" in err[1]


def test_a_blank_picture_is_a_failure(run, folder):
    Image.new("L", (80, 40), 255).save(folder / "blank.png")
    status, out, err = run(folder / "blank.png")
    assert (status, out) == (1, [])
    assert len(err) == 1 and "Nothing is written" in err[0]


def test_an_empty_folder_is_a_failure(run, folder):
    status, out, err = run(folder / "deeper")
    assert (status, out) == (1, [])
    assert "there is no picture in this folder" in err[0]
    assert run(folder / "deeper", folder / "sum.PNG")[0] == 1


def test_standard_input(run, folder, monkeypatch):
    type_in(monkeypatch, (folder / "fraction.png").read_bytes())
    assert run("-")[:2] == run(folder / "fraction.png")[:2]


@pytest.mark.parametrize("content", [b"", b"no picture at all"])
def test_standard_input_that_is_no_picture(run, monkeypatch, content):
    type_in(monkeypatch, content)
    status, out, err = run("-")
    assert (status, out, len(err)) == (1, [], 1)


def test_json_tells_successes_and_failures(run, folder, checkpoint):
    good, missing = str(folder / "fraction.png"), str(folder / "missing.png")
    status, out, _ = run(good, missing, "--json")
    first, second = map(json.loads, out)
    result = Recognizer.from_pretrained(checkpoint).recognize(good)
    assert status == 1
    assert (first["path"], first["latex"], first["warning"]) == (good, result.latex, result.warning)
    assert first["confidence"] == pytest.approx(result.confidence, abs=1e-3)
    assert (second["path"], "no file" in second["error"]) == (missing, True)


def test_a_word_document_holds_the_formulas_that_were_read(run, folder, checkpoint):
    """Asked of pandoc, which reads it again."""
    out, good, missing = folder / "formulas.docx", folder / "fraction.png", folder / "missing.png"
    latex = Recognizer.from_pretrained(checkpoint).recognize(good).latex
    assert run(good, "--format", "docx", "--out", out)[:2] == (0, [])
    assert [normalize(line) for line in read_back(out.read_bytes())] == [normalize(latex)]
    assert run(missing, good, "--format", "docx", "--out", out)[0] == 1
    name, line = read_back(out.read_bytes())
    assert (name, normalize(line)) == (str(good), normalize(latex))


def test_a_word_document_that_cannot_be_written_is_told(run, folder):
    status, _, err = run(folder / "fraction.png", "--format", "docx", "--out", folder)
    assert status == 1 and err[-1].startswith(f"img2latex: {folder}: ") and not list(folder.glob(".*"))
    status, out, _ = run(folder / "missing.png", "--format", "docx", "--out", folder / "none.docx")
    assert (status, out, (folder / "none.docx").exists()) == (1, [], False)


def test_beam_reaches_the_decoder(run, folder, checkpoint):
    path = folder / "fraction.png"
    assert run(path, "--beam", 3)[1] == [Recognizer.from_pretrained(checkpoint).recognize(path, beam_size=3).latex]


@pytest.mark.parametrize(
    "arguments", [[], ["--json"], ["a.png", "--beam", "0"], ["a.png", "--beam", "many"], ["a.png", "--colour"],
     ["a.png", "--format", "docx"], ["a.png", "--out", "a.docx"],
     ["a.png", "--json", "--format", "docx", "--out", "a.docx"]]
)
def test_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_import_and_help_are_there_at_once_for_they_load_nothing_but_python_s_own():
    asked = """
import sys
before = set(sys.modules)
from img2latex.__main__ import main
try:
    main(["--help"])
except SystemExit:
    print(*{name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"""
    run = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "img2latex" and "usage: img2latex" in run.stdout


def test_a_checkpoint_that_does_not_exist(folder, capsys):
    assert main([str(folder / "fraction.png"), "--checkpoint", str(folder / "nothing")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [f"img2latex: There is no checkpoint folder {folder / 'nothing'}."]


def test_a_reader_that_leaves_is_no_error(folder, checkpoint):
    code = f"{sys.executable} -m img2latex '{folder}' --checkpoint '{checkpoint}' | true"
    run = subprocess.run(["bash", "-o", "pipefail", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in run.stderr and "Exception" not in run.stderr
    assert run.returncode == 1


def test_shipped_weights_read_print_through_a_real_pipe(folder):
    """The whole way as a person takes it: a process of its own, a picture on its standard input, the math weights."""
    with open(folder / "fraction.png", "rb") as picture:
        command = [sys.executable, "-m", "img2latex", "-"]
        run = subprocess.run(command, cwd=ROOT, stdin=picture, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert normalize(run.stdout) == normalize(FORMULAS["fraction.png"])


def test_shipped_weights_read_a_folder_of_print(folder, capsys):
    assert main([str(folder)]) == 0
    read = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert {Path(path).name: normalize(latex) for path, latex in read.items()} == {
        name: normalize(formula) for name, formula in FORMULAS.items()
    }
