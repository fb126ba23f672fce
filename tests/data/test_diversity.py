"""Symbols that another hand has written alike are counted, and those that only look like others are not."""

import numpy as np
import pytest

from img2latex.data import diversity, handwriting
from img2latex.data.compose import Stock
from tests.data.test_handwriting import row, save

UPRIGHT, LEVEL, SLANT = ([np.array([[0.0, 0.0], end])] for end in ([0.0, 9.0], [9.0, 0.0], [9.0, 9.0]))
STOCK = Stock({"1": {"ann": [UPRIGHT]}, "-": {"bob": [LEVEL]}, "/": {"cid": [SLANT]}}, {})


def test_the_nearest_by_another_writer_decides():
    bent = [np.array([[0.0, 0.0], [0.4, 5.0], [0.0, 9.0]])]
    asked = [("1", None, bent), ("-", "eve", LEVEL), ("|", "eve", UPRIGHT), ("1", "ann", UPRIGHT)]
    assert diversity.covered(asked, STOCK) == [True, True, False, False]  # the last is known by her own hand only


def test_the_share_of_each_file_is_told(tmp_path, capsys):
    handwriting.write_pack(tmp_path / handwriting.SYMBOLS, handwriting.symbols(STOCK), glyphs={})
    save(tmp_path / "val.jsonl.gz", [row(1, "x + 3", "val", "eve")])
    single = row(2, "1", "val", "eve") | {"strokes": [UPRIGHT[0].tolist()], "syms": []}
    save(tmp_path / "single.jsonl.gz", [single])
    files = [str(tmp_path / f"{name}.jsonl.gz") for name in ("val", "single")]
    assert diversity.main(["--packed", str(tmp_path), "--ink", *files]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "val.jsonl.gz: 0.000 of 3 symbols", "single.jsonl.gz: 1.000 of 1 symbols"]  # fmt: skip


@pytest.mark.parametrize("missing", ["packed", "ink"])
def test_what_is_missing_is_one_sentence(tmp_path, capsys, missing):
    if missing == "ink":
        handwriting.write_pack(tmp_path / handwriting.SYMBOLS, handwriting.symbols(STOCK), glyphs={})
    assert diversity.main(["--packed", str(tmp_path), "--ink", str(tmp_path / "none.jsonl.gz")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("diversity: ") and said.count("\n") == 1
