"""Contact sheets: every picture with its own label, from folders or by a recipe; nothing half-written."""

import numpy as np
import pytest
from PIL import Image

from img2latex.data import preview, recipes
from img2latex.data.dataset import Shards, Source
from img2latex.data.shards import write_shard

LABELS = {"wide": (20, 120), "x ^ { 2 }": (40, 40), "": (60, 30)}


def framed(height, width):
    """A black frame, whose proportions tell which picture it is."""
    return np.pad(np.pad(np.full((height, width), 255, np.uint8), 4), 10, constant_values=255)


@pytest.fixture
def folder(tmp_path):
    rows = [(framed(*size), "mine", label, label) for label, size in LABELS.items()]
    write_shard(tmp_path / "shards" / "a-000.zip", rows)
    return tmp_path / "shards"


def proportions(height, width):
    """-1 for an upright picture, 0 for a square one, 1 for a wide one."""
    return (width > 1.3 * height) - (height > 1.3 * width)


def ink(image):
    return (np.asarray(image) < 200).sum()


def test_each_sample_has_its_own_label(folder):
    drawn = preview.samples([Source(Shards(folder))], 30, seed=1, strength=0)
    assert {label for _, label in drawn} == set(LABELS)
    for picture, label in drawn:
        assert proportions(*picture.shape) == proportions(*LABELS[label])


def test_weights_are_kept(folder, tmp_path):
    write_shard(tmp_path / "other" / "a.zip", [(framed(30, 30), "mine", "y", "y")])
    drawn = preview.samples([Source(Shards(folder), 0.0), Source(Shards(tmp_path / "other"), 1.0)], 20, seed=1)
    assert [label for _, label in drawn] == ["y"] * 20


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        (r"\sin ( x ) \leq 1", [r"\sin(x)\leq1"]),
        ("", ["(no formula)"]),
        ("{ x", ["{ x"]),  # no LaTeX, shown as it is
    ],
)
def test_captions_are_what_people_write(label, lines):
    assert preview.caption(label) == lines


def test_a_long_caption_is_cut():
    lines = preview.caption("x + " * 200 + "x")
    assert len(lines) == preview.LINES and lines[-1].endswith("…")
    assert all(len(line) <= preview.LINE_LENGTH for line in lines)


def test_a_tile_shows_the_picture_above_its_label():
    tile = preview.tile(np.zeros((30, 50), np.uint8), "x")
    assert tile.size == (preview.CELL[0], preview.CELL[1] + preview.LINES * preview.LINE)
    assert ink(tile.crop((0, 0, *preview.CELL))) == 30 * 50
    assert 0 < ink(tile.crop((0, preview.CELL[1], *tile.size))) < 100
    large = preview.tile(np.zeros((300, 2000), np.uint8), "x")
    assert ink(large.crop((0, 0, *preview.CELL))) == pytest.approx(400 * 60, rel=0.02), "shrunk, in proportion"


def test_the_command_writes_a_sheet(folder, tmp_path, capsys):
    out = tmp_path / "sheet.png"
    arguments = ["--data", str(folder), "--n", "5", "--columns", "2", "--out", str(out)]
    assert preview.main(arguments) == 0
    first = out.read_bytes()
    with Image.open(out) as sheet:
        width, height = preview.CELL[0] + preview.GAP, preview.CELL[1] + preview.LINES * preview.LINE + preview.GAP
        assert sheet.size == (2 * width + preview.GAP, 3 * height + preview.GAP)
        cells = [sheet.crop((x, y, x + width, y + height)) for y in (0, height, 2 * height) for x in (0, width)]
    assert [ink(cell) > 50 for cell in cells] == [True] * 5 + [False]
    assert preview.main(arguments) == 0 and out.read_bytes() == first, "the same seed shows the same"
    assert "5 pictures" in capsys.readouterr().out and sorted(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("data", ["nowhere", "shards=much"])
def test_what_is_missing_is_one_sentence(folder, tmp_path, monkeypatch, capsys, data):
    monkeypatch.chdir(tmp_path)
    assert preview.main(["--data", data, "--out", "sheet.png"]) == 1
    assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "sheet.png").exists()


def test_a_recipe_names_its_folders(folder, tmp_path):
    for name in recipes.RECIPES["base"]:
        (tmp_path / "root" / name).mkdir(parents=True)
        (tmp_path / "root" / name / "a.zip").write_bytes((folder / "a-000.zip").read_bytes())
    named = recipes.sources("base", tmp_path / "root")
    assert named == [f"{tmp_path}/root/{name}={weight}" for name, weight in recipes.RECIPES["base"].items()]
    out = tmp_path / "sheet.png"
    arguments = ["--recipe", "base", "--data-root", str(tmp_path / "root"), "--n", "3", "--out", str(out)]
    assert preview.main(arguments) == 0 and out.exists()


def test_what_a_recipe_lacks_is_told(tmp_path, capsys):
    (tmp_path / "math").mkdir()
    arguments = ["--recipe", "math", "--data-root", str(tmp_path), "--out", str(tmp_path / "sheet.png")]
    assert preview.main(arguments) == 1
    said = capsys.readouterr().err
    missing = ", ".join(folder for folder in recipes.RECIPES["math"] if folder != "math")
    assert said.count("\n") == 1 and f"needs {missing} in {tmp_path}" in said
    with pytest.raises(ValueError, match="no recipe dinner, only base, math, biology"):
        recipes.sources("dinner", tmp_path)


def test_recipes_are_shares():
    assert {"base", "math", "biology"} <= recipes.RECIPES.keys()
    for weights in recipes.RECIPES.values():
        assert 0.9 < sum(weights.values()) <= 1.001 and min(weights.values()) > 0
