"""What is scored never trains: a label of val or test, in any spelling and any file, enters no command's train."""

import gzip
import json

import cv2
import numpy as np
import pytest

from img2latex.data import compose, corpus, handwriting, pairs
from img2latex.data.handwriting import Handwriting
from img2latex.data.held_out import label, labels, read_strokes, read_table
from img2latex.data.shards import Shard

# What would train -> how it is spelt where it is scored: in the same table, another table, two files of handwriting.
SPELLINGS = {r"a \le b": r"a\leq b", "{x}^{2}_{i}": "x_i^2", r"\frac12": r"{1 \over 2}", r"\left( y \right)": "(y)"}
FRESH = "x+y=1"
TRAIN = [*SPELLINGS, FRESH]
PEN = [[[0, 0], [60, 60]], [[60, 0], [0, 60]]]


def write_table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "split\tsource\tlatex\n" + "".join(f"{split}\tschool\t{latex}\n" for split, latex in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def write_ink(path, rows):
    lines = [
        json.dumps({"id": f"{path.stem}{number}", "split": split, "latex": latex, "strokes": PEN})
        for number, (split, latex) in enumerate(rows)
    ]
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    return path


def write_pairs(folder):
    (folder / "images").mkdir(parents=True)
    for number in range(len(TRAIN)):
        cv2.imwrite(str(folder / "images" / f"p_{number}.png"), np.full((20, 30), 200, np.uint8))
    (folder / "labels.tsv").write_text("".join(f"p_{number}.png\t{latex}\n" for number, latex in enumerate(TRAIN)))


class Data:
    """Two tables, handwriting and pairs; `scored`: their val and test hold other spellings of what stands in train."""

    def __init__(self, folder, scored: bool):
        first, second, third, fourth = SPELLINGS.values() if scored else ("p", "q", "r", "s")
        self.out, self.ink, self.pairs = folder / "out", folder / "ink", folder / "pairs"
        train = [("train", latex) for latex in TRAIN]
        self.table = write_table(folder / "math" / "formulas.tsv", [*train, ("val", first)])
        self.other = write_table(folder / "biology" / "formulas.tsv.gz", [("train", "z"), ("test", second)])
        self.ink.mkdir()
        write_ink(self.ink / "crohme_train.jsonl.gz", train[:3])
        write_ink(self.ink / "crohme_train_extra.jsonl.gz", [("train_extra", latex) for latex in TRAIN[3:]])
        self.tests = [
            write_ink(self.ink / "crohme_test2013.jsonl.gz", [("test2013", third)]),
            write_ink(self.ink / "crohme_test2014.jsonl.gz", [("test2014", fourth)]),
        ]
        symbols = [("train", token) for token in ["a", r"\leq", "b", "x", "i", "y", "(", ")", "+", "=", "1", "2"]]
        for name in compose.STOCK_FILES:
            write_ink(self.ink / f"{name}.jsonl.gz", symbols)
        write_pairs(self.pairs)

    def shards(self) -> list[str]:
        return sorted(said for path in self.out.glob("*.zip") for said in Shard(path).labels)

    def corpus(self) -> list[str]:
        more = [str(path) for path in (self.other, *self.tests)]
        assert corpus.main([str(self.table), "--out", str(self.out), "--held-out", *more]) == 0
        lines = (self.out / "math" / "train.tsv").read_text().splitlines()
        return sorted(label(line.split("\t")[1]) for line in lines)

    def packed(self) -> list[str]:
        """What training may draw, as it was written and composed."""
        listed = self.table.with_name("list.tsv")
        listed.write_text("".join(f"school\t{latex}\n" for latex in TRAIN))
        arguments = ["--ink", self.ink, "--formulas", listed, "--out", self.out]
        assert handwriting.main([*map(str, arguments), "--held-out", str(self.table), str(self.other)]) == 0
        written, composed = (Handwriting(self.out, mode).labels for mode in ("written", "composed"))
        assert sorted(written) == sorted(composed)
        return sorted(written)

    def paired(self) -> list[str]:
        arguments = [self.pairs, "--out", self.out, "--held-out", self.table, self.other, *self.tests]
        assert pairs.main([*map(str, arguments)]) == 0
        return self.shards()


@pytest.mark.parametrize("command", [Data.corpus, Data.packed, Data.paired])
def test_what_is_scored_never_trains(tmp_path, command):
    (tmp_path / "scored").mkdir()
    (tmp_path / "unscored").mkdir()
    assert command(Data(tmp_path / "scored", True)) == [label(FRESH)]
    assert command(Data(tmp_path / "unscored", False)) == sorted(map(label, TRAIN)), "so it was held out, not lost"


def test_what_is_scored_is_drawn_whole(tmp_path, capsys):
    data = Data(tmp_path, True)
    assert handwriting.main(["--ink", str(data.ink), "--out", str(data.out), "--split", "test"]) == 0
    assert data.shards() == [label("(y)")]
    assert handwriting.main(["--ink", str(data.ink), "--out", str(data.out)]) == 0
    assert "2  held out" in capsys.readouterr().out


def test_labels_of_any_file(tmp_path):
    data = Data(tmp_path, True)
    assert labels([data.table, data.other, *data.tests]) == set(map(label, SPELLINGS))
    assert labels([data.ink / "crohme_train_extra.jsonl.gz"]) == set()
    assert labels([write_table(tmp_path / "f.tsv", [("val", r"\frac{a"), ("val", "größe")])]) == set()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"split\tlatex\nval\tx\n",
        b"split\tsource\tlatex\nval\tx\n",
        b"split\tsource\tlatex\nval\ts\t\xff\n",
        gzip.compress(b"split\tsource\tlatex\nval\ts\tx\n" * 99, mtime=0)[:60],
    ],
)
def test_a_bad_table_is_one_sentence(tmp_path, content):
    path = tmp_path / ("f.tsv.gz" if content[:1] == b"\x1f" else "f.tsv")
    path.write_bytes(content)
    with pytest.raises(ValueError, match="f.tsv") as error:
        list(read_table(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["not json", "[]", '{"latex": "x"}', None])
def test_bad_handwriting_is_one_sentence(tmp_path, text):
    path = tmp_path / "a.jsonl.gz"
    good = '{"split": "val", "latex": "x"}\n'
    path.write_bytes(gzip.compress((good + (text or 500 * good)).encode())[: None if text else 40])
    with pytest.raises(ValueError, match="a.jsonl.gz") as error:
        list(read_strokes(path))
    assert "\n" not in str(error.value)


def test_every_command_tells_of_a_missing_file_in_one_sentence(tmp_path, capsys):
    data, gone = Data(tmp_path, True), ["--held-out", str(tmp_path / "gone.tsv")]
    out = ["--out", str(tmp_path / "fresh")]
    assert corpus.main([str(data.table), *out, *gone]) == 1
    assert handwriting.main(["--ink", str(data.ink), *out, *gone]) == 1
    assert pairs.main([str(data.pairs), *out, *gone]) == 1
    assert [line.count("gone.tsv") for line in capsys.readouterr().err.splitlines()] == [1, 1, 1]
    assert not (tmp_path / "fresh").exists()
