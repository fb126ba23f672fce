"""What the processes that read tell of pictures of one formula, and the command of what it lacks."""

import pyarrow as pa

from img2latex.bulk import __main__ as command
from img2latex.bulk.run import Reader
from img2latex.latex import normalize
from tests.conftest import FORMULAS


def test_pictures_of_one_formula_are_read_whole(pictures):
    names = ("circle", "text", "blank", "fraction")
    sheets = [
        {"source": name, "page": 0, "content": (pictures / f"{name}.png").read_bytes(), "reason": ""} for name in names
    ]
    circle, text, blank, fraction = Reader("math", single=True)(pa.Table.from_pylist(sheets)).to_pylist()
    for row, name in ((circle, "circle"), (fraction, "fraction")):
        assert normalize(row["formulas"][0]["latex"]) == normalize(FORMULAS[name])
        assert row["formulas"][0]["box"] == [0, 0, row["width"], row["height"]]
    assert "not a picture" in text["reason"] and blank["formulas"] == [] and "Nothing" in blank["warning"]


def test_without_ray_it_is_said_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert command.main([str(tmp_path), str(tmp_path / "out")]) == 2
    assert "pip install 'ray[data]'" in capsys.readouterr().err
