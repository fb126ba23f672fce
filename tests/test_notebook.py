"""The training notebook runs from top to bottom, as on Kaggle, on a handful of pictures of our own."""

import os
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from img2latex.data.render import Look, render
from img2latex.reader.checkpoints import CONFIG, WEIGHTS, load

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "train.ipynb"
SECONDS = 900  # a cell may take so long on a slow machine
FORMULAS = [f"{a}+{b}={c}" for a in "xyz" for b in "ab1" for c in "20"]
TINY = "--max-epochs 1 --batch-size 8 --d-model 32 --num-layers 1 --threads 1 --workers 0 --device cpu"


@pytest.fixture
def labelled(tmp_path):
    """Folders of pictures and of label files, as people bring them."""
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    for number, (latex, picture) in enumerate(zip(FORMULAS, render(FORMULAS, Look(size=12, dpi=150)), strict=True)):
        Image.fromarray(picture).save(tmp_path / "images" / f"{number:02}.png")
        (tmp_path / "labels" / f"{number:02}.txt").write_text(latex + "\n")
    return tmp_path


def told(book):
    """All text that the cells printed."""
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


def test_the_notebook_is_kept_without_results():
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert "--max-epochs 5 --batch-size 16" in code[0].source and "cuda" in code[0].source


def test_the_notebook_trains_a_checkpoint_from_pictures_and_label_files(labelled):
    run = labelled / "runs" / "mine"
    settings = {
        "SOURCE": "", "IMAGES": labelled / "images", "LABELS": labelled / "labels", "DATA": labelled / "data",
        "RUN": run, "OPTIONS": TINY,
    }  # fmt: skip
    book = nbformat.read(NOTEBOOK, as_version=4)
    first = next(cell for cell in book.cells if "parameters" in cell.metadata.get("tags", []))
    assert {line.partition(" = ")[0] for line in first.source.splitlines()} == set(settings)
    first.source = "\n".join(f"{name} = {str(value)!r}" for name, value in settings.items())
    client = NotebookClient(
        book, timeout=SECONDS, startup_timeout=SECONDS, resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    client.execute(env=os.environ | {"TMPDIR": str(labelled), "OMP_NUM_THREADS": "1"})
    assert "confidence" in told(book), told(book)
    model, config = load(run)
    assert set("xyzab120+=") <= set(config.vocab) and config.d_model == 32
    with zipfile.ZipFile(f"{run}.zip") as archive:
        assert {CONFIG, WEIGHTS} < {Path(name).name for name in archive.namelist()}
