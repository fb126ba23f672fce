"""The command that scores a checkpoint, on a set written here, and the calibration of its confidence."""

import gzip
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from img2latex.data import render, synthesize
from img2latex.data.shards import write_shard
from img2latex.evaluate import main, parser
from img2latex.latex import normalize, problem
from img2latex.reader import checkpoints
from img2latex.reader.checkpoints import BACKWARDS
from img2latex.reader.recognizer import Recognition, Recognizer
from img2latex.scoring import calibrate, evaluation
from tests.tiny import tiny_model

FORMULAS = [r"x^{2}+y^{2}=1", r"\frac{a}{b}", r"\alpha\leq\beta", r"AaBb\times aabb"]


@pytest.fixture(scope="module")
def pictures():
    return render.render(FORMULAS, render.Look(dpi=160))


@pytest.fixture
def folder(tmp_path, pictures):
    """A pairs folder with four good pictures, a label that is no LaTeX and a picture that is none."""
    (tmp_path / "images").mkdir()
    lines = []
    for i, (picture, latex) in enumerate(zip(pictures, FORMULAS, strict=True)):
        cv2.imwrite(str(tmp_path / "images" / f"good_{i}.png"), picture)
        lines.append(f"good_{i}.png\t{latex}")
    cv2.imwrite(str(tmp_path / "images" / "label_0.png"), pictures[0])
    (tmp_path / "images" / "text_0.png").write_text("no picture")
    lines += ["label_0.png\t{x", "text_0.png\tx"]
    (tmp_path / "labels.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def checkpoint(tmp_path):
    checkpoints.save(tiny_model(0), tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def test_pairs_are_scored_and_the_unusable_counted(folder, checkpoint, capsys):
    arguments = ["--pairs", folder, "--checkpoint", checkpoint, "--json", folder / "scores.json"]
    files = [f"--worst={folder / 'worst.html'}", f"--predictions={folder / 'read.tsv'}"]
    assert main([*map(str, arguments), *files]) == 0
    rows = [line.split("\t") for line in (folder / "read.tsv").read_text().splitlines()]
    assert [row[0] for row in rows] == [f"good_{i}.png" for i in range(4)] and {len(row) for row in rows} == {3}
    scores = json.loads((folder / "scores.json").read_text())
    pairs, weights = ("/".join(Path(path).parts[-2:]) for path in (folder, checkpoint))  # where they lie is ours alone
    assert scores["command"] == f"python -m img2latex.evaluate --pairs {pairs} --checkpoint {weights}"
    assert (scores["count"], scores["skipped_labels"], scores["skipped_pictures"]) == (4, 1, 1)
    assert scores["exact"] == 0 and scores["ned"] > 0.5  # random weights know nothing
    assert sum(part["count"] for part in scores["by_length"].values()) == 4
    assert (folder / "worst.html").read_text().count("<tr>") == 4
    assert "4 pictures" in capsys.readouterr().out


def test_a_perfect_reader_scores_perfectly(folder):
    skipped = evaluation.Skipped()
    chosen = list(evaluation.from_pairs(folder, ["good"], skipped))
    results = [
        Recognition(" ".join(e.label), e.label, [1.0] * len(e.label), 1.0, None) for e in chosen
    ]  # fmt: skip
    scores = evaluation.summary(chosen, results, [0.1] * len(chosen))
    assert (scores["ned"], scores["exact"], scores["renders"], scores["ece"]) == (0, 1, 1, 0)


def test_the_number_of_an_equation_counts_only_where_the_label_has_one():
    labels = [normalize(latex).split() for latex in ("a=b", r"a=b\tag{1}", r"a=b\tag{1}")]
    chosen = [evaluation.Example("", np.zeros((9, 9), np.uint8), label) for label in labels]
    said = (r"a=b\tag{1}", r"a=b\tag{1}", "a=b")
    results = [Recognition(latex, [], [], 1.0, Image.new("L", (9, 9))) for latex in said]
    scores = evaluation.summary(chosen, results, [0.1] * 3)
    assert scores["exact"] == pytest.approx(2 / 3)
    assert evaluation.page(chosen, results).count(r"\tag") == 3  # one label and prediction with, one label without


def test_each_group_tells_how_many_of_its_sure_answers_are_right():
    crop = Image.new("L", (8, 8))
    told = [("felt", "x", "x", 0.95), ("felt", "x", "y", 0.92), ("felt", "x", "x", 0.5), ("print", "a", "b", 0.4)]
    chosen = [evaluation.Example(str(i), np.array(crop), [label], group) for i, (group, label, *_) in enumerate(told)]
    results = [Recognition(said, [said], [sure], sure, crop) for *_, said, sure in told]
    scores = evaluation.summary(chosen, results, [0.0] * len(told))
    assert scores["by_group"]["felt"]["sure"] == {"coverage": 2 / 3, "precision": 0.5}
    assert scores["by_group"]["print"]["sure"] == {"coverage": 0.0, "precision": None}
    lines = evaluation.report(scores | {"skipped_labels": 0, "skipped_pictures": 0}).splitlines()
    assert any("felt" in line and "0.9 or more 0.6667, exact 0.5000" in line for line in lines)


def test_what_katex_does_not_know_lowers_renders():
    said = ["a=b", r"\idotsint f", r"a\hdots b", r"\frac{a}", "", "a#b", r"\ae", r"\iiiint f"]
    chosen = [evaluation.Example("", np.zeros((9, 9), np.uint8), ["x"])] * len(said)
    results = [Recognition(latex, [], [], 1.0, None) for latex in said]
    assert np.mean([not latex or problem(latex) is None for latex in said]) == 3 / 8
    said[3] = "c"  # what cannot be read cannot be scored
    results[3].latex = "c"
    assert evaluation.summary(chosen, results, [0.1] * len(said))["renders"] == 4 / 8


def test_scale_resizes_the_pictures(folder, pictures):
    options = parser().parse_args(["--pairs", str(folder), "--prefix", "good", "--scale", "0.5"])
    chosen = evaluation.examples(options, evaluation.Skipped())
    assert [e.picture.shape[0] for e in chosen] == [round(p.shape[0] / 2) for p in pictures]


def test_an_empty_set_is_refused_in_one_sentence(folder, checkpoint, capsys):
    assert main(["--pairs", str(folder), "--prefix", "nothing", "--checkpoint", str(checkpoint)]) == 1
    assert capsys.readouterr().err == "evaluate: there is nothing to score in this set\n"


def test_a_list_is_drawn_on_the_fly(tmp_path):
    rows = [("test", "school", latex) for latex in FORMULAS] + [("train", "school", "z"), ("test", "other", "y")]
    path = tmp_path / "list.tsv"
    path.write_text("split\tsource\tlatex\n" + "".join("\t".join(row) + "\n" for row in rows))
    options = parser().parse_args(["--list", str(path), "--source", "school", "--plain"])
    chosen = evaluation.examples(options, evaluation.Skipped())
    assert sorted(" ".join(e.label) for e in chosen) == sorted(map(normalize, FORMULAS))


def test_several_folders_of_shards_are_scored_one_by_one(tmp_path, checkpoint, pictures, capsys):
    rows = [(p, "school", f, normalize(f)) for p, f in zip(pictures, FORMULAS, strict=True)]
    for name, count in (("one", 3), ("two", 4)):
        (tmp_path / name).mkdir()
        write_shard(tmp_path / name / "val-00000.zip", rows[:count])
    assert main(["--shards", *map(str, (tmp_path / "one", tmp_path / "two")), "--checkpoint", str(checkpoint)]) == 0
    said = capsys.readouterr().out
    assert re.search("^  one: .* of 3;?", said, re.M) and re.search("^  two: .* of 4;?", said, re.M)
    options = parser().parse_args(["--shards", *map(str, (tmp_path / "one", tmp_path / "two")), "--limit", "2"])
    assert [e.group for e in evaluation.examples(options, evaluation.Skipped())] == ["one", "one", "two", "two"]


def test_formulas_are_made_up_on_other_seeds_than_training_takes(checkpoint, capsys):
    options = parser().parse_args(["--synthesized", "layouts", "--limit", "6", "--plain", "--dpi", "60"])
    examples = evaluation.examples(options, evaluation.Skipped())
    made = synthesize.labelled("layouts", 10_000, 6)
    assert [(example.group, " ".join(example.label)) for example in examples] == [(c, normalize(f)) for c, f in made]
    assert all(example.picture.min() < 128 for example in examples)
    assert main(["--synthesized", "poetry", "--checkpoint", str(checkpoint)]) == 1
    assert "none of 'poetry'" in capsys.readouterr().err


def test_calibration_finds_the_curve_it_was_made_from():
    rng = np.random.default_rng(0)
    found, weights = rng.normal(0, 3, (20_000, 4)), (0.5, -1, 0.3, 0.7)
    found[:, 1] = 1
    right = rng.random(20_000) < 1 / (1 + np.exp(-found @ weights))
    assert calibrate.fit(found, right.astype(float)) == pytest.approx(weights, abs=0.05)


def test_calibration_never_trusts_more_for_a_weaker_token():
    rng = np.random.default_rng(0)
    found = rng.normal(0, 3, (2_000, 4))
    every, _, weakest, _ = calibrate.fit(found, (found @ (1, 0, -1, 0) > 0).astype(float))
    assert every > 0 and weakest == 0


def test_calibrate_saves_a_checkpoint_with_the_curve(tmp_path, checkpoint, pictures):
    (tmp_path / "val").mkdir()
    rows = [(p, "school", f, normalize(f)) for p, f in zip(pictures, FORMULAS, strict=True)]
    write_shard(tmp_path / "val" / "val-00000.zip", rows)
    arguments = [str(checkpoint), "--shards", str(tmp_path / "val"), "--out", str(tmp_path / "out")]
    assert calibrate.main(arguments) == 0
    before, after = checkpoints.load(checkpoint), checkpoints.load(tmp_path / "out")
    assert after[1].calibration != before[1].calibration
    assert after[1].calibration_handwriting == after[1].handwriting == ()
    assert calibrate.main([*arguments, "--handwritten", str(tmp_path / "val")]) == 0
    assert len(checkpoints.load(tmp_path / "out")[1].calibration_handwriting) == 4
    assert all(
        (a == b).all() for a, b in zip(before[0].state_dict().values(), after[0].state_dict().values(), strict=True)
    )


def test_calibrate_joins_a_model_that_was_trained_backwards(tmp_path, checkpoint, pictures, capsys):
    (tmp_path / "val").mkdir()
    rows = [(p, "school", f, normalize(f)) for p, f in zip(pictures, FORMULAS, strict=True)]
    write_shard(tmp_path / "val" / "val-00000.zip", rows)
    checkpoints.save(tiny_model(1, direction="backwards"), tmp_path / "turned")
    arguments = [str(checkpoint), "--shards", str(tmp_path / "val"), "--out", str(tmp_path / "out")]
    assert calibrate.main([*arguments, "--backwards", str(checkpoint)]) == 1 and not (tmp_path / "out").exists()
    assert "not a model like" in capsys.readouterr().err
    assert calibrate.main([*arguments, "--backwards", str(tmp_path / "turned")]) == 0
    reader = Recognizer.from_pretrained(tmp_path / "out")
    assert reader.config.direction == "both" and reader.backwards.config == reader.config
    again = [str(tmp_path / "out"), *arguments[1:]]
    assert calibrate.main(again) == 0 and Recognizer.from_pretrained(tmp_path / "out").backwards
    kept, turned = checkpoints.read(tmp_path / "out", weights=BACKWARDS)[1], checkpoints.read(tmp_path / "turned")[1]
    assert kept.keys() == turned.keys() and all((kept[name] == turned[name]).all() for name in kept)


def test_ink_is_scored_in_a_look(tmp_path, checkpoint, capsys):
    strokes = [[[0, 0], [60, 60]], [[60, 0], [0, 60]]]
    rows = [{"id": str(k), "latex": latex, "split": "test", "strokes": strokes} for k, latex in enumerate(("x", "{x"))]
    path = tmp_path / "ink.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))

    def drawn(*more):
        return evaluation.examples(parser().parse_args(["--ink", str(path), *more]), evaluation.Skipped())

    felt = ["--look", "felt"]
    (plain,), (pad,), (one,), (other,) = drawn(), drawn("--look", "pad"), drawn(*felt), drawn(*felt, "--seed", "1")
    assert (plain.group, pad.group) == ("plain", "pad") and plain.label == ["x"]
    assert pad.picture.shape == (300, 600) and not np.array_equal(one.picture, other.picture)
    assert main(["--ink", str(path), "--look", "crayon", "--checkpoint", str(checkpoint)]) == 1
    assert "no look crayon, only plain, felt" in capsys.readouterr().err
