"""What a run finds in the tables of runs before."""

import pytest

from img2latex.bulk.tables import Done, Tables

PAGE = {"source": "a.pdf", "page": 1, "width": 5, "height": 5, "formulas": 1, "warning": None}
FORMULA = {"source": "a.pdf", "page": 1, "box": [0, 0, 5, 5], "kind": "inline", "latex": "x", "tag": "",
           "confidence": 0.5, "warning": None}  # fmt: skip
BAD = {"source": "b.png", "page": None, "reason": "no picture"}


def test_a_part_counts_when_all_of_it_is_written(tmp_path):
    store = Tables(tmp_path, {})
    store.add({"pages": [PAGE], "formulas": [FORMULA], "bad": [BAD]})
    store.add({"pages": [{**PAGE, "page": 2}], "formulas": [{**FORMULA, "page": 2}], "bad": []})
    (tmp_path / "pages" / "part-00000001.parquet").unlink()  # as if killed before
    (tmp_path / "pages" / ".part-00000001.parquet.abcd.part").write_bytes(b"half")
    store = Tables(tmp_path, {})
    done = store.done()
    assert ("a.pdf", 1) in done and ("b.png", 0) in done and ("a.pdf", 2) not in done and len(done) == 2
    assert store.count("formulas") == 1 and not list((tmp_path / "pages").glob(".*"))


def test_rows_read_in_another_way_are_not_mixed(tmp_path):
    Tables(tmp_path, {"checkpoint": "math"})
    with pytest.raises(ValueError, match="name another folder"):
        Tables(tmp_path, {"checkpoint": "biology"})


def test_nothing_is_done_at_first():
    assert ("a", 0) not in Done()
