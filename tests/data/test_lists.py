"""Lists of formulas become shards: complete, the same again, resumed after a stop."""

import pytest

from img2latex.data import lists
from img2latex.data.lists import RenderError
from img2latex.data.render import looks, main, render
from img2latex.data.shards import Shard
from img2latex.latex import normalize


def formulas(n: int) -> list[tuple[str, str]]:
    return [("school" if k % 2 else "paper", rf"x_{k}+\frac{{{k}}}{{y}}") for k in range(n)]


def build(rows, folder, name="a", jobs=1, **options):
    return lists.build(rows, folder, render, looks, name, jobs=jobs, **options)


def contents(folder) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_build_counts_and_labels(tmp_path):
    rows = [*formulas(7), ("paper", r"\nosuch x"), ("paper", r"\frac{a"), ("paper", r"x \nosuchcommand")]
    counts = build(rows, tmp_path, "math", seed=3, per_shard=4)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"math-0000{k}.zip" for k in range(3)]
    shards = [Shard(path) for path in sorted(tmp_path.iterdir())]
    for shard in shards:
        shard.verify()
        assert shard.labels == [normalize(latex) for latex in shard.latex]
    found = {pair for shard in shards for pair in zip(shard.sources, shard.latex, strict=True)}
    assert found == set(formulas(7))
    assert counts["pictures"] == 7 and counts["no label"] + counts["not drawn"] == 3


def test_a_second_run_changes_nothing_and_a_broken_one_goes_on(tmp_path, capsys):
    build(formulas(9), tmp_path, seed=1, per_shard=3)
    before = contents(tmp_path)
    counts = build(formulas(9), tmp_path, seed=1, per_shard=3)
    assert counts == {"skipped shards": 3, "pictures": 9}
    assert contents(tmp_path) == before

    (tmp_path / "a-00000.zip").write_bytes(before["a-00000.zip"][0][:-50])  # cut short
    (tmp_path / "a-00001.zip").unlink()
    counts = build(formulas(9), tmp_path, seed=1, per_shard=3)
    assert counts["skipped shards"] == 1 and counts["pictures"] == 9
    after = contents(tmp_path)
    assert {name: data for name, (data, _) in after.items()} == {name: data for name, (data, _) in before.items()}
    assert after["a-00002.zip"] == before["a-00002.zip"]


def test_other_formulas_or_another_seed_are_drawn_anew(tmp_path):
    build(formulas(3), tmp_path, seed=1)
    assert build(formulas(3), tmp_path, seed=2)["skipped shards"] == 0
    assert build(formulas(2), tmp_path, seed=2)["pictures"] == 2


def test_processes_give_the_same_shards(monkeypatch, tmp_path):
    monkeypatch.setattr(lists, "BATCH", 3)
    for jobs in (1, 2):
        build(formulas(10), tmp_path / str(jobs), seed=5, jobs=jobs, per_shard=6)
    one, two = ({name: data for name, (data, _) in contents(tmp_path / jobs).items()} for jobs in "12")
    assert one == two and len(one) == 2


@pytest.mark.parametrize("data, says", [
    (b"school\tx\nno tab here\n", "formula 2 has 1 columns"),
    (b"school\t\xff\xfe\n", "cannot be read"),
    (None, "cannot be read"),
])  # fmt: skip
def test_a_bad_list_is_said_in_one_sentence(tmp_path, capsys, data, says):
    path = tmp_path / "list.tsv"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(RenderError, match=says):
        lists.read(path)
    assert main(["--list", str(path), "--out", str(tmp_path / "out")]) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
