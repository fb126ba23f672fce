"""The import of label folders, im2latex-100k and plain lists: exact counts, exact output, nothing fatal."""

import json
import os
import shutil

import cv2
import numpy as np
import pytest

from img2latex.data import prepare, records
from img2latex.data.shards import Shard
from img2latex.latex.tokens import BOS, SPECIAL, Tokenizer

LABELS = {
    "good": b"x^2+1\n",
    "half": b"\\frac12",
    "leq": "\ufeff$a \\le b$".encode(),  # a byte order mark, as Windows editors write it
    "same": b"x^{2}+1",  # another spelling of `good`
    "two lines": b"a+b\nc+d\n",
    "failed": b"error mathpix",
    "chinese": "x=\\text{速度}".encode(),
    "no_picture": b"z",
    "corrupt": b"y^2",
    "zero": b"w",
    "blank": b"v",
    "empty": b" \n",
    "nothing": b"",
    "latin": "\\alpha é".encode("latin-1"),
    "open": b"\\sqrt{2",
}
KEPT = {"good": "x ^ { 2 } + 1", "half": r"\frac { 1 } { 2 }", "leq": r"a \leq b", "same": "x ^ { 2 } + 1"}


def picture(seed: int = 0, margin: int = 30) -> np.ndarray:
    """A black frame with a pattern of its own within wide white margins; the frame measures 24 x 40 pixels."""
    ink = np.where(np.random.default_rng(seed).random((6, 10)) < 0.5, 0, 255).astype(np.uint8)
    ink[[0, -1]] = ink[:, [0, -1]] = 0
    return np.pad(np.kron(ink, np.ones((4, 4), np.uint8)), margin, constant_values=255)


@pytest.fixture
def folders(tmp_path):
    """Pictures and labels of every good and bad kind."""
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.mkdir()
    labels.mkdir()
    for number, (name, text) in enumerate(LABELS.items()):
        (labels / f"{name}.txt").write_bytes(text)
        if name != "no_picture":
            cv2.imwrite(str(images / f"{name}.png"), picture(number))
    cv2.imwrite(str(images / "unlabelled.png"), picture())
    cv2.imwrite(str(images / "blank.png"), np.full((40, 60), 255, np.uint8))
    (images / "corrupt.png").write_bytes((images / "corrupt.png").read_bytes()[:60])
    (images / "zero.png").write_bytes(b"")
    (images / "notes.md").write_text("not a picture")
    return tmp_path


def run(folder, *more, layout=("--images", "images", "--labels", "labels")) -> dict:
    """Runs the command in a folder, and returns its report."""
    arguments = [word if word.startswith("--") else str(folder / word) for word in layout]
    assert prepare.main([*arguments, "--out", str(folder / "out"), *map(str, more)]) == 0
    return json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))


def counts(report: dict) -> dict:
    """Kept, and dropped by reason, of each step."""
    return {
        step["step"]: (step["kept"], {reason: entry["count"] for reason, entry in step["reasons"].items()})
        for step in report["steps"]
    }


def state(folder) -> dict:
    """Name, content and time of every file."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_formulas(folder, formulas, name="formulas.txt"):
    (folder / name).write_text("".join(f"{formula}\n" for formula in formulas), encoding="utf-8")


def rows(out) -> dict[str, list[tuple[str, str]]]:
    """Of each split, the pictures with their labels, as the lists pair them."""
    formulas = (out / "im2latex_formulas.norm.lst").read_text(encoding="utf-8").splitlines()
    found = {}
    for split in records.SPLITS:
        lines = (out / f"im2latex_{split}_filter.lst").read_text(encoding="utf-8").splitlines()
        found[split] = [(name, formulas[int(number)]) for name, number in (line.rsplit(maxsplit=1) for line in lines)]
    return found


def test_every_step_counts_what_it_drops(folders):
    assert counts(run(folders)) == {
        "read labels": (12, {"empty": 2, "not UTF-8": 1}),
        "read pictures": (14, {"no label of this name": 1}),
        "one line": (11, {"several lines": 1}),
        "no `error mathpix`": (10, {"`error mathpix`": 1}),
        "tokenize": (8, {"Chinese text": 1, "unreadable LaTeX": 1}),
        "pair": (7, {"no picture of this name": 1}),
        "crop": (4, {"blank picture": 1, "unreadable picture": 2}),
    }


def test_the_report_gives_examples(folders, capsys):
    report = run(folders)
    reasons = {reason: entry for step in report["steps"] for reason, entry in step["reasons"].items()}
    assert reasons["not UTF-8"]["examples"] == ["latin.txt: byte 7 is 0xe9"]
    assert reasons["several lines"]["examples"] == ["two lines.txt: 2 lines"]
    unreadable = reasons["unreadable picture"]["examples"]
    assert [example.split(":")[0] for example in unreadable] == ["corrupt.txt", "zero.txt"]
    assert all(len(example) > 30 for example in unreadable), "they say why"
    printed = capsys.readouterr()
    assert "crop: 4 kept, 3 dropped" in printed.out and "1 Chinese text, as in chinese.txt" in printed.out
    assert "Traceback" not in printed.out + printed.err


def test_no_more_examples_than_people_read(tmp_path):
    write_formulas(tmp_path, ["x", *["{"] * 20])
    steps = {step["step"]: step for step in run(tmp_path, layout=("--formulas", "formulas.txt"))["steps"]}
    assert steps["tokenize"]["reasons"]["unreadable LaTeX"]["count"] == 20
    assert len(steps["tokenize"]["reasons"]["unreadable LaTeX"]["examples"]) == records.EXAMPLES


def test_the_lists_are_those_of_im2latex(folders):
    report = run(folders)
    out = folders / "out"
    found = rows(out)
    assert {f"{name}.png": label for name, label in KEPT.items()} == dict(sum(found.values(), []))
    assert {split: len(pairs) for split, pairs in found.items()} == report["splits"]
    assert report["splits"] == {"train": 3, "validate": 0, "test": 1}
    numbers = [
        int(line.split()[-1])
        for split in records.SPLITS
        for line in (out / f"im2latex_{split}_filter.lst").read_text().splitlines()
    ]
    assert numbers == [0, 1, 2, 3], "formulas stand in the order of the lists"


def test_pictures_are_cropped_to_the_ink(folders):
    run(folders)
    names = sorted(path.name for path in (folders / "out" / "images").iterdir())
    assert names == sorted(f"{name}.png" for name in KEPT)
    for number, name in enumerate(LABELS):
        if name in KEPT:
            cropped = cv2.imread(str(folders / "out" / "images" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
            dark = np.argwhere(cropped < 128)
            (top, left), (bottom, right) = dark.min(axis=0), dark.max(axis=0) + 1
            assert np.array_equal(cropped[top:bottom, left:right], picture(number, margin=0))
            assert cropped.shape[0] <= 24 + 16 and cropped.shape[1] <= 40 + 16, "the wide margins are gone"


def test_dark_mode_becomes_ink_on_paper(tmp_path):
    many(tmp_path, ["x"])
    cv2.imwrite(str(tmp_path / "images" / "000.png"), 255 - picture(0))
    run(tmp_path)
    shard = Shard(next((tmp_path / "out").glob("*.zip")))
    margin = (shard.heights[0] - 24) // 2
    assert np.array_equal(shard.picture(0)[margin:-margin, margin:-margin], picture(0, margin=0))


def test_the_shards_hold_the_same(folders):
    run(folders)
    for split, pairs in rows(folders / "out").items():
        paths = list((folders / "out").glob(f"{split}-*.zip"))
        assert len(paths) == (1 if pairs else 0)
        for shard in map(Shard, paths):
            shard.verify()
            assert shard.labels == [label for _, label in pairs]
            assert shard.latex == [LABELS[name[:-4]].decode("utf-8-sig").strip() for name, _ in pairs]
            for number, (name, _) in enumerate(pairs):
                png = cv2.imread(str(folders / "out" / "images" / name), cv2.IMREAD_GRAYSCALE)
                assert np.array_equal(shard.picture(number), png)


def test_the_vocabulary_is_that_of_train(folders):
    report = run(folders)
    content = json.loads((folders / "out" / "vocab.json").read_text(encoding="utf-8"))
    words = {token for _, label in rows(folders / "out")["train"] for token in label.split()}
    assert list(content) == [*SPECIAL, *sorted(words)]
    assert list(content.values()) == list(range(len(content)))
    assert Tokenizer(list(content)).encode(["<bos>"]) == [BOS]
    beyond = sum(not words.issuperset(label.split()) for _, label in rows(folders / "out")["test"])
    assert report["labels beyond the vocabulary"] == {"train": 0, "validate": 0, "test": beyond}
    assert report["vocabulary"] == len(content)


def test_a_second_run_changes_nothing(folders):
    run(folders)
    before = state(folders)
    run(folders)
    assert state(folders) == before


def test_an_interrupted_run_goes_on(folders, monkeypatch):
    """Stopped at the third picture, the run leaves two whole ones, which the next run does not make again."""
    done, real = [], prepare.loading.load

    def load(path):
        if len(done) == 2:
            raise KeyboardInterrupt
        result = real(path)
        done.append(path)
        return result

    (folders / "images" / "blank.png").unlink()
    (folders / "images" / "corrupt.png").unlink()
    monkeypatch.setattr(prepare.loading, "load", load)
    arguments = ["--images", folders / "images", "--labels", folders / "labels", "--out", folders / "out"]
    assert prepare.main([*map(str, arguments), "--workers", "1"]) == 130
    assert sorted(path.name for path in (folders / "out").rglob("*") if path.is_file()) == ["good.png", "half.png"]

    loaded = []
    monkeypatch.setattr(prepare.loading, "load", lambda path: loaded.append(path.name) or real(path))
    run(folders, "--workers", "1")
    assert loaded == ["leq.png", "same.png", "zero.png"]
    monkeypatch.undo()
    resumed = {name: content for name, (content, _) in state(folders / "out").items()}
    for path in sorted((folders / "out").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    run(folders)
    assert {name: content for name, (content, _) in state(folders / "out").items()} == resumed


def test_a_failed_write_leaves_the_old_file(folders, monkeypatch, capsys):
    run(folders)
    before = state(folders / "out")
    (folders / "labels" / "half.txt").write_text("\\frac13")

    def refuse(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", refuse)
    arguments = ["--images", folders / "images", "--labels", folders / "labels", "--out", folders / "out"]
    assert prepare.main([*map(str, arguments)]) == 2
    assert state(folders / "out") == before
    assert capsys.readouterr().err == "no space left\n"


def test_changed_input_is_noticed(folders):
    run(folders)
    (folders / "labels" / "half.txt").write_text("\\frac13")
    changed = folders / "images" / "leq.png"
    cv2.imwrite(str(changed), np.pad(np.zeros((10, 50), np.uint8), 20, constant_values=255))
    newer = (folders / "out" / "images" / "leq.png").stat().st_mtime_ns + 10**9
    os.utime(changed, ns=(newer, newer))
    run(folders)
    labels = dict(sum(rows(folders / "out").values(), []))
    assert labels["half.png"] == r"\frac { 1 } { 3 }"
    cropped = cv2.imread(str(folders / "out" / "images" / "leq.png"), cv2.IMREAD_GRAYSCALE)
    assert np.ptp(np.argwhere(cropped < 128), axis=0).tolist() == [9, 49]
    shown = [label for path in (folders / "out").glob("*-*.zip") for label in Shard(path).labels]
    assert sorted(shown) == sorted(labels.values())


def test_shards_of_a_larger_run_go(folders, monkeypatch):
    monkeypatch.setattr(prepare, "PER_SHARD", 1)
    run(folders)
    assert len(list((folders / "out").glob("train-*.zip"))) == 3
    (folders / "labels" / "half.txt").unlink()
    run(folders)
    left = sorted((folders / "out").glob("*-?????.zip"))
    assert sum(len(Shard(path)) for path in left) == len(left) == 3


@pytest.mark.parametrize("more", [["--seed", "3"], ["--split", "formula"], ["--tokens", "regex"]])
def test_a_run_with_other_options_leaves_what_a_first_run_would(folders, more):
    run(folders)
    run(folders, *more)
    after = {name: content for name, (content, _) in state(folders / "out").items()}
    shutil.rmtree(folders / "out")
    run(folders, *more)
    assert after == {name: content for name, (content, _) in state(folders / "out").items()}


def test_a_run_without_pictures_leaves_none(folders):
    """Shards and crops of the run before would be trained on, with labels that are no longer in the lists."""
    run(folders)
    (folders / "out" / "images" / "mine.png").write_bytes(b"somebody else's")
    write_formulas(folders, ["a+b", "c"])
    run(folders, layout=("--formulas", "formulas.txt"))
    left = {str(path.relative_to(folders / "out")) for path in (folders / "out").rglob("*") if path.is_file()}
    lists = {f"im2latex_{split}_filter.lst" for split in records.SPLITS}
    assert left == {*lists, "im2latex_formulas.norm.lst", "vocab.json", "report.json", "images/mine.png"}


def test_a_run_that_keeps_nothing_leaves_nothing_of_the_last(folders):
    run(folders)
    write_formulas(folders, ["{"])
    assert prepare.main(["--formulas", str(folders / "formulas.txt"), "--out", str(folders / "out")]) == 1
    assert [path.name for path in (folders / "out").rglob("*") if path.is_file()] == ["report.json"]


def test_another_picture_of_the_same_name_is_cropped_anew(folders):
    """Even an older one, as when the command is given another folder."""
    run(folders)
    shutil.copytree(folders / "images", folders / "older")
    cv2.imwrite(str(folders / "older" / "good.png"), np.pad(np.zeros((10, 50), np.uint8), 20, constant_values=255))
    os.utime(folders / "older" / "good.png", (1e9, 1e9))
    run(folders, layout=("--images", "older", "--labels", "labels"))
    cropped = cv2.imread(str(folders / "out" / "images" / "good.png"), cv2.IMREAD_GRAYSCALE)
    assert np.ptp(np.argwhere(cropped < 128), axis=0).tolist() == [9, 49]


def test_a_vocabulary_filters_labels(folders):
    (folders / "vocab.json").write_text(
        json.dumps({"<PAD>": 0, "x": 1, "^": 2, "{": 3, "}": 4, "2": 5, "+": 6, "1": 7})
    )
    report = run(folders, "--vocab", folders / "vocab.json")
    tokenized = {step["step"]: step for step in report["steps"]}["tokenize"]
    assert tokenized["reasons"]["tokens outside the vocabulary"] == {
        "count": 6,
        "examples": ["blank.txt: v", "corrupt.txt: y", r"half.txt: \frac", r"leq.txt: a \leq b", "no_picture.txt: z"],
    }
    assert {name for name, _ in sum(rows(folders / "out").values(), [])} == {"good.png", "same.png"}
    content = json.loads((folders / "out" / "vocab.json").read_text())
    assert list(content) == [*SPECIAL, "x", "^", "{", "}", "2", "+", "1"]


def test_the_reference_way(folders):
    """Longest match, the author's spelling: the label is what stood in the file."""
    (folders / "vocab.txt").write_text("x\n^\n{\n}\n2\n+\n1\n\\frac\n\\le\n\\leq\n$\na\nb\n")
    report = run(folders, "--vocab", folders / "vocab.txt", "--tokens", "longest", "--as-written")
    assert dict(sum(rows(folders / "out").values(), [])) == {
        "good.png": "x ^ 2 + 1",
        "half.png": r"\frac 1 2",
        "leq.png": r"$ a \le b $",
        "same.png": "x ^ { 2 } + 1",
    }
    assert counts(report)["tokenize"] == (4, {"Chinese text": 1, "tokens outside the vocabulary": 5})


@pytest.mark.parametrize(
    ("latex", "tokens"),
    [
        (r"a\leqslant b", ["a", r"\leqslant", "b"]),
        (r"\int\in\infty", [r"\int", r"\in", r"\infty"]),
        (r"\inf", [r"\inf"]),  # no `\in`, `f`: it is another command
        (r"\sin x", [r"\sin", "x"]),
        (r"sin x", ["sin", "x"]),
        (r"\begin{array}x", [r"\begin{array}", "x"]),
        (r"\{x\}", [r"\{", "x", r"\}"]),
        ("x速", ["x", "速"]),
    ],
)
def test_longest_match(latex, tokens):
    vocab = [r"\in", r"\int", r"\infty", r"\le", r"\leq", r"\leqslant", r"\sin", "sin", "s", r"\begin{array}", "x", "a"]
    assert prepare.longest_match([*vocab, "b", r"\{", r"\}"])(latex) == tokens


def many(folder, labels):
    images, texts = folder / "images", folder / "labels"
    images.mkdir()
    texts.mkdir()
    for number, label in enumerate(labels):
        (texts / f"{number:03d}.txt").write_text(label)
        cv2.imwrite(str(images / f"{number:03d}.png"), picture(number))


def test_the_split_is_70_10_20_and_seeded(tmp_path):
    many(tmp_path, [f"x+{number}" for number in range(50)])
    report = run(tmp_path)
    assert report["splits"] == {"train": 35, "validate": 5, "test": 10}
    first = rows(tmp_path / "out")
    assert sorted(sum(first.values(), [])) == [(f"{n:03d}.png", " ".join(f"x+{n}")) for n in range(50)]
    run(tmp_path, "--seed", 1)
    assert rows(tmp_path / "out") != first
    run(tmp_path, "--seed", 0)
    assert rows(tmp_path / "out") == first


def test_leaks_are_counted_and_avoided(tmp_path):
    """40 pictures of 8 formulas, each in two spellings: by file they leak, by formula they cannot."""
    many(tmp_path, [("x^{%d}" if number % 2 else "x^%d") % (number % 8) for number in range(40)])
    report = run(tmp_path)
    found = rows(tmp_path / "out")
    trained = {label for _, label in found["train"]}
    leaked = {split: sum(label in trained for _, label in found[split]) for split in ("validate", "test")}
    assert report["leaks"]["by file"] == leaked and sum(leaked.values()) > 0
    assert report["leaks"]["by formula"] == {"validate": 0, "test": 0}

    by_formula = run(tmp_path, "--split", "formula")
    found = rows(tmp_path / "out")
    assert by_formula["leaks"] == report["leaks"], "what the other split would leak is said too"
    labels = {split: {label for _, label in pairs} for split, pairs in found.items()}
    assert not labels["train"] & labels["test"] and not labels["train"] & labels["validate"]
    assert sum(map(len, found.values())) == 40 and len(found["train"]) == 30  # 6 of 8 formulas are next to 70 %


def test_pictures_in_folders_and_of_other_kinds(tmp_path):
    for kind, name in ((".jpg", "a/one"), (".bmp", "b/one"), (".PNG", "two")):
        image, label = (tmp_path / "images" / name).with_suffix(kind), (tmp_path / "labels" / name).with_suffix(".tex")
        image.parent.mkdir(parents=True, exist_ok=True)
        label.parent.mkdir(parents=True, exist_ok=True)
        image.write_bytes(cv2.imencode(kind, picture())[1].tobytes())
        label.write_text("x")
    (tmp_path / "labels" / "two.txt").write_text("y")
    report = run(tmp_path)
    assert counts(report)["read labels"] == (3, {"a second label of the same name": 1})
    assert sorted(sum(rows(tmp_path / "out").values(), [])) == [
        ("a/one.png", "x"),
        ("b/one.png", "x"),
        ("two.png", "x"),
    ]


def im2latex(folder):
    """im2latex-100k in small: published lists, a stray carriage return, a line that isn't UTF-8, some faults."""
    images = folder / "images"
    images.mkdir()
    formulas = [b"x^2", b"\\frac{a}\rb", b"\\alpha \xe9", b"y \\to 0", b"x^{2}"]
    (folder / "im2latex_formulas.lst").write_bytes(b"\n".join(formulas) + b"\n")
    (folder / "im2latex_train.lst").write_text("0 aaa basic\n1 bbb basic\n2 ccc basic\n9 ddd basic\n1 aaa basic\n")
    (folder / "im2latex_validate.lst").write_text("3 eee basic\nnonsense\n")
    (folder / "im2latex_test.lst").write_text("4 fff basic\n0 gone basic\n")
    for number, name in enumerate(("aaa", "bbb", "ccc", "eee", "fff", "spare")):
        cv2.imwrite(str(images / f"{name}.png"), picture(number))


IM2LATEX = ("--images", "images", "--formulas", "im2latex_formulas.lst")


def test_im2latex_as_published(tmp_path):
    im2latex(tmp_path)
    report = run(tmp_path, layout=IM2LATEX)
    assert counts(report) == {
        "read lists": (
            5,
            {
                "a formula number beyond the list": 1,
                "a line that names no picture and number": 1,
                "a picture named twice": 1,
                "not UTF-8": 1,
            },
        ),
        "read pictures": (5, {"not in any list": 1}),
        "one line": (5, {}),
        "no `error mathpix`": (5, {}),
        "tokenize": (5, {}),
        "pair": (4, {"no picture of this name": 1}),
        "crop": (4, {}),
    }
    assert rows(tmp_path / "out") == {
        "train": [("aaa.png", "x ^ { 2 }"), ("bbb.png", r"\frac { a } { b }")],
        "validate": [("eee.png", r"y \rightarrow 0")],
        "test": [("fff.png", "x ^ { 2 }")],
    }
    assert report["leaks"]["as given"] == {"validate": 0, "test": 1}
    assert run(tmp_path, "--split", "formula", layout=IM2LATEX)["split"] == "formula"


def test_what_was_written_can_be_read(tmp_path):
    """The output is im2latex-100k's filtered layout: reading it again keeps pictures, labels and splits."""
    im2latex(tmp_path)
    run(tmp_path, layout=IM2LATEX)
    again = tmp_path / "again"
    (tmp_path / "out").rename(again)
    report = run(tmp_path, layout=("--images", "again/images", "--formulas", "again/im2latex_formulas.norm.lst"))
    assert rows(tmp_path / "out") == rows(again)
    assert all(step["dropped"] == 0 for step in report["steps"])


def test_a_plain_list(tmp_path):
    write_formulas(tmp_path, ["x^2", "", "速度", "x^{2}", "\\frac{1}{2}"])
    report = run(tmp_path, layout=("--formulas", "formulas.txt"))
    assert counts(report) == {
        "read formulas": (4, {"empty": 1}),
        "one line": (4, {}),
        "no `error mathpix`": (4, {}),
        "tokenize": (3, {"Chinese text": 1}),
    }
    assert sorted(sum(rows(tmp_path / "out").values(), [])) == [
        ("0.png", "x ^ { 2 }"),
        ("3.png", "x ^ { 2 }"),
        ("4.png", r"\frac { 1 } { 2 }"),
    ]
    assert not list((tmp_path / "out").glob("*.zip")), "no pictures, no shards"


def test_a_plain_list_drawn(tmp_path):
    write_formulas(tmp_path, ["x^2", "y+1", "\\frac{1}{2}"])
    layout = ("--formulas", "formulas.txt")
    report = run(tmp_path, "--render", "--workers", 1, layout=layout)
    assert report["splits"] == {"train": 2, "validate": 0, "test": 1}
    assert counts(report)["draw train"] == (2, {}) and counts(report)["draw test"] == (1, {})
    drawn = {split: Shard(tmp_path / "out" / f"{split}-00000.zip") for split in ("train", "test")}
    for split, pairs in rows(tmp_path / "out").items():
        assert sorted(drawn[split].labels if pairs else []) == sorted(label for _, label in pairs)
    assert min(drawn["test"].picture(0).shape) > 5
    before = state(tmp_path)
    run(tmp_path, "--render", "--workers", 1, layout=layout)
    assert state(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--images", "nowhere", "--labels", "labels"], "nowhere is no folder"),
        (["--images", "images", "--labels", "images"], "holds no label files"),
        (["--images", "images", "--labels", "labels", "--tokens", "longest"], "name one with --vocab"),
        (["--images", "images", "--labels", "labels", "--vocab", "images/good.png"], "is no vocabulary"),
        (["--images", "images", "--labels", "labels", "--vocab", "gone.json"], "cannot be read"),
        (["--images", "images", "--labels", "labels", "--split", "given"], "needs lists of train"),
        (["--images", "images", "--labels", "labels", "--render"], "that have no pictures"),
        (["--images", "images", "--formulas", "labels/good.txt"], "say which picture shows what"),
        (["--formulas", "labels/nothing.txt"], "holds no formulas"),
        (["--formulas", "gone.txt"], "cannot be read"),
        (["--images", "images", "--labels", "labels", "--out", "images/out"], "must lie apart"),
        (["--images", "images", "--labels", "labels", "--out", "."], "must lie apart"),
        (["--formulas", "labels/good.txt", "--out", "labels"], "must lie apart"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(folders, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(folders)
    (folders / "images" / "notes.md").unlink()
    before = state(folders)
    assert prepare.main(arguments if "--out" in arguments else [*arguments, "--out", "out"]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert state(folders) == before, "nothing half-written"


def test_nothing_kept_is_a_failure_with_a_report(tmp_path, capsys):
    write_formulas(tmp_path, ["{", "}"])
    assert prepare.main(["--formulas", str(tmp_path / "formulas.txt"), "--out", str(tmp_path / "out")]) == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.json"]
    assert "2 unreadable LaTeX" in capsys.readouterr().out


def test_names_that_no_list_can_hold(tmp_path):
    many(tmp_path, ["x"])
    cv2.imwrite(str(tmp_path / "images" / "two\nlines.png"), picture())
    (tmp_path / "labels" / "two\nlines.txt").write_text("y")
    assert counts(run(tmp_path))["pair"] == (1, {"an unusable file name": 1})
