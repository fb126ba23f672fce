"""Pictures that exist already: what is left out is counted, what stays becomes a shard."""

import cv2
import numpy as np
import pytest

from img2latex.data import pairs
from img2latex.data.shards import Shard
from img2latex.latex import normalize


@pytest.fixture
def folder(tmp_path):
    """Two projects' pictures, a label that is no LaTeX, a picture that is none and one that is missing."""
    (tmp_path / "images").mkdir()
    for number, name in enumerate(("one_0", "one_1", "two_0", "one_2", "one_3")):
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), np.full((20, 30 + number), 100, np.uint8))
    (tmp_path / "images" / "one_3.png").write_bytes(b"no picture")
    labels = {"one_0": "x^2", "one_1": r"\frac{a}{b}", "two_0": "y", "one_2": "{", "one_3": "z", "one_4": "z"}
    (tmp_path / "labels.tsv").write_text("".join(f"{name}.png\t{latex}\n" for name, latex in labels.items()))
    return tmp_path


def test_pairs_become_a_shard(folder, capsys):
    assert pairs.main([str(folder), "--out", str(folder / "out")]) == 0
    shard = Shard(folder / "out" / "pairs-00000.zip")
    shard.verify()
    assert shard.labels == [normalize(latex) for latex in ("x^2", r"\frac{a}{b}", "y")]
    assert shard.sources == ["one", "one", "two"] and shard.widths == [30, 31, 32]
    assert capsys.readouterr().out.strip() == "3 pictures, 1 unreadable labels, 2 unreadable pictures"


def test_a_prefix_chooses_the_project(folder):
    assert pairs.main([str(folder), "--out", str(folder / "out"), "--prefix", "two"]) == 0
    assert Shard(folder / "out" / "pairs-00000.zip").labels == ["y"]


def test_a_folder_without_labels_is_one_sentence(tmp_path, capsys):
    assert pairs.main([str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()
