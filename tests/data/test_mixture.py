"""A validation set mixed from several has as many pictures of each, under its name."""

import numpy as np

from img2latex.data import mixture
from img2latex.data.shards import Shard, write_shard


def shards(folder, count, grey):
    folder.mkdir()
    rows = [(np.full((20, 10 + i), grey, np.uint8), "any", f"x_{i}", f"x _ {{ {i} }}") for i in range(count)]
    write_shard(folder / "any-00000.zip", rows)
    return str(folder)


def test_each_set_gives_as_many_pictures_and_its_name(tmp_path, capsys):
    folders = [shards(tmp_path / "val-felt", 9, 0), shards(tmp_path / "val-print", 3, 255)]
    assert mixture.main([*folders, "--each", "5", "--out", str(tmp_path / "mixed")]) == 0
    mixed = Shard(tmp_path / "mixed" / "mixed-00000.zip")
    assert mixed.sources == ["val-felt"] * 5 + ["val-print"] * 3
    assert mixed.labels == [f"x _ {{ {latex[2:]} }}" for latex in mixed.latex] and len(set(mixed.labels[:5])) == 5
    assert mixed.widths[0] == 10 + int(mixed.latex[0][2:])
    assert mixed.picture(0).max() == 0 and mixed.picture(7).min() == 255
    assert "8 pictures of 2 sets" in capsys.readouterr().out


def test_a_folder_without_shards_is_told(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert mixture.main([str(tmp_path / "empty"), "--out", str(tmp_path / "mixed")]) == 1
    assert "no shards" in capsys.readouterr().err
