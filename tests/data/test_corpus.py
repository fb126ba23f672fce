"""Lists of formulas: what is tested on is never trained on, in whatever spelling; the mix keeps to its shares."""

import gzip
from collections import Counter

import pytest

from img2latex.data import corpus, held_out
from img2latex.data.corpus import CAPS, SHARES, Formula, kind, main, mix, read, split_apart
from img2latex.latex import normalize


def formula(split, latex, source="arxiv_inline"):
    return Formula(split, source, latex, normalize(latex))


def write_list(path, rows, header="split\tsource\tlatex"):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([header, *("\t".join(row) for row in rows)]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


# Reading


@pytest.mark.parametrize("name", ["formulas.tsv", "formulas.tsv.gz"])
def test_read(tmp_path, name):
    path = write_list(tmp_path / name, [("train", "s", r"x^2_i"), ("test", "s", r'"\le'), ("val", "s", "größe")])
    assert read(path) == [
        Formula("train", "s", r"x^2_i", "x _ { i } ^ { 2 }"),
        Formula("test", "s", r'"\le', r'" \leq'),  # a quote is a quote, and an unreadable formula is left out
    ]


def test_read_leaves_out_what_is_too_long(tmp_path):
    path = write_list(tmp_path / "f.tsv", [("train", "s", "x" * n) for n in (4, 5, 6)])
    assert [len(f.latex) for f in read(path, max_tokens=5)] == [4, 5]


def test_columns_may_stand_in_any_order_and_more_of_them(tmp_path):
    path = write_list(tmp_path / "f.tsv", [("x", "7", "s", "val")], header="latex\tyear\tsource\tsplit")
    assert read(path) == [Formula("val", "s", "x", "x")]


@pytest.mark.parametrize("header, missing", [("split\tlatex", "source"), ("a", "latex, source, split"), ("", "latex")])
def test_missing_columns_are_told(tmp_path, header, missing):
    path = write_list(tmp_path / "f.tsv", [], header=header)
    with pytest.raises(ValueError, match=missing):
        read(path)


# Leaks


def test_another_spelling_of_a_test_formula_does_not_enter_train():
    splits, leaks = split_apart([
        formula("train", r"a \le b"), formula("train", r"{x}^{2}_{i}"), formula("train", r"\frac12"),
        formula("train", r"\left( y \right)."), formula("train", "kept"),
        formula("test", r"a\leq b"), formula("test", r"x_i^2"), formula("val", r"{1 \over 2}"), formula("val", "(y)"),
    ])  # fmt: skip
    assert leaks == 4
    assert [f.latex for f in splits["train"]] == ["kept"]
    assert len(splits["test"]) == len(splits["val"]) == 2


def test_a_leak_is_found_in_any_order():
    tested, trained = formula("test", "x'"), formula("train", r"x^\prime")
    for rows in ([tested, trained], [trained, tested]):
        splits, leaks = split_apart(rows)
        assert leaks == 1 and splits["train"] == []


def test_each_label_is_kept_once():
    splits, leaks = split_apart([formula("train", "x^2"), formula("train", "x^{2}"), formula("train", "y")])
    assert leaks == 0
    assert [f.latex for f in splits["train"]] == ["x^2", "y"]  # the first spelling of it


def test_what_is_held_out_elsewhere_is_dropped_too():
    splits, leaks = split_apart([formula("train", r"a\ne b"), formula("train", "c")], kept_out={normalize(r"a\neq b")})
    assert leaks == 1 and [f.latex for f in splits["train"]] == ["c"]


def test_train_lists_of_one_file_know_the_tests_of_another(tmp_path, capsys):
    write_list(tmp_path / "math" / "f.tsv", [("train", "k12", r"a\le b"), ("train", "k12", "c"), ("val", "k12", "d")])
    write_list(tmp_path / "biology" / "f.tsv.gz", [("test", "school", r"a \leq b ."), ("train", "school", r"{d}"),
                                                    ("train", "school", "e")])  # fmt: skip
    out = tmp_path / "lists"
    files = [str(tmp_path / "math" / "f.tsv"), str(tmp_path / "biology" / "f.tsv.gz")]
    assert main([*files, "--out", str(out), "--train", "100"]) == 0

    def lines(name):
        return (out / name).read_text().splitlines()

    assert lines("math/train.tsv") == ["k12\tc"]
    assert lines("biology/train.tsv") == ["school\te"]
    assert lines("biology/test.tsv") == ["school\ta \\leq b ."]
    assert "math train: 1 formulas (1 leaks dropped)" in capsys.readouterr().out
    assert not list(out.rglob("*.part"))


def test_a_bad_list_is_told_in_one_sentence(tmp_path, capsys):
    bad = write_list(tmp_path / "f.tsv", [], header="a\tb")
    for path in (bad, tmp_path / "none.tsv"):
        assert main([str(path), "--out", str(tmp_path / "out")]) == 1
        assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


# The mix


def many(source, count):
    return [Formula("train", source, f"{source} {i}", f"{source} {i}") for i in range(count)]


def test_kinds():
    kinds = {"k12_rows": "school", "arxiv_display": "display", "arxiv_inline": "inline", "wiki": "notes"}
    assert {source: kind(source) for source in kinds} == kinds
    assert sum(SHARES.values()) == pytest.approx(1)


def test_the_mix_keeps_to_its_shares():
    rows = many("k12", 5000) + many("arxiv_display", 5000) + many("wiki", 5000) + many("arxiv_inline", 5000)
    mixed = mix(rows, 1000, seed=0)
    assert Counter(kind(f.source) for f in mixed) == {name: round(1000 * share) for name, share in SHARES.items()}
    assert len(set(mixed)) == 1000
    assert [f.source for f in mixed[:100]] != sorted(f.source for f in mixed[:100])


def test_a_source_that_is_too_small_gives_all_it_has():
    mixed = mix(many("k12", 10) + many("arxiv_display", 5000), 1000, seed=0)
    assert Counter(f.source for f in mixed) == {"k12": 10, "arxiv_display": 330}


def test_monotonous_sources_are_capped():
    source, cap = next(iter(CAPS.items()))
    counts = Counter(f.source for f in mix(many(source, 2 * cap) + many("wiki", 100), 1_000_000, seed=0))
    assert counts == {source: cap, "wiki": 100}


def test_biology_is_taken_as_it_is_up_to_the_size():
    assert len(mix(many("wiki", 500), 300, seed=0)) == 300
    assert len(mix(many("wiki", 200), 300, seed=0)) == 200
    assert len(mix(many("wiki", 200) + many("gaokao_chem", 20), 300, seed=0)) == 220  # not as a mix of mathematics


def test_the_mix_follows_from_the_seed():
    rows = many("k12", 500) + many("wiki", 500)
    assert mix(rows, 200, seed=1) == mix(rows, 200, seed=1)
    assert mix(rows, 200, seed=1) != mix(rows, 200, seed=2)


def test_rare_tokens_come_first_in_a_balanced_mix():
    common = [Formula("train", "wiki", f"x {i}", "x") for i in range(1000)]
    rare = [Formula("train", "wiki", f"x y {i}", "x y") for i in range(50)]
    found = {balance: sum(f.label == "x y" for f in mix(common + rare, 100, 3, balance)) for balance in (0, 0.6, 1)}
    assert found[0] < 12 and found[0] + 10 < found[0.6] < found[1]
    assert len(set(mix(common + rare, 1050, 3, 1))) == 1050


def test_a_mix_has_the_tokens_of_other_formulas_as_often_as_they_have():
    formulas = [Formula("train", "cam_notes", f"{a}_{i}", f"{a} _ {{ {i} }}") for i in range(500) for a in "xxxxxxxEP"]
    like = ["E _ { 1 }"] * 30 + ["P _ { 2 }"] * 20 + ["x _ { 3 }"] * 50
    found, plain = (Counter(f.label[0] for f in mix(formulas, 600, seed=1, like=those)) for those in (like, ()))
    assert found["E"] > 150 > found["P"] > 90 and found["x"] < 360  # of 600; 180, 120 and 300 would be equal
    assert plain["E"] < 90 and plain["P"] < 90 and plain["x"] > 420


def test_tokens_stand_alone_if_they_can_be_told_apart_so_and_are_not_held_out():
    formulas = [formula("train", r"\sqrt{x}+C.y"), formula("train", r"x\neq\frac{1}{y}")]
    found = corpus.symbols(formulas, kept_out={"y"})
    assert {f.latex for f in found} == {"+", "1", r"\neq", "x"}  # a root needs something under it, C looks like c
    assert len(found) == 4 * corpus.LOOKS and all(f.label == f.latex for f in found)


def test_endings_are_seen_and_mean_nothing():
    formulas = [formula("train", f"x_{{{i}}}" + ("." if i % 2 else r"\,")) for i in range(200)]
    punctuated = corpus.punctuate(formulas, 0.5, seed=1)
    ends = sum(held_out.label(f.latex, ending=True)[-1] in ",.;" for f in punctuated)
    assert 125 < ends < 175  # of those without any, half have got one
    assert [held_out.label(f.latex) for f in punctuated] == [held_out.label(f.latex) for f in formulas]
    assert corpus.punctuate(formulas, 0.5, seed=1) == punctuated and corpus.punctuate(formulas, 0, seed=1) == formulas


def test_a_write_that_breaks_off_leaves_the_old_list(tmp_path):
    path = tmp_path / "train.tsv"
    corpus.write([formula("train", "old")], path)

    def broken():
        yield formula("train", "new")
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        corpus.write(broken(), path)
    assert path.read_text() == "arxiv_inline\told\n"
