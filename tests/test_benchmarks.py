"""The benchmarks measure what they say: the same tokens both ways, every program's own answers to every picture."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import against, peers, picture_steps, speed, training, typst_pages
from benchmarks.formulas import FORMULAS
from img2latex import Recognizer
from img2latex.config import TrainConfig
from img2latex.data import pages
from img2latex.data.dataset import collate
from img2latex.latex import normalize
from img2latex.picture import framing, images
from img2latex.reader import decoding
from img2latex.reader.engine_torch import TorchEngine
from img2latex.training.run import Run
from tests.tiny import TOKENS, tiny_model

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parent.parent
PEER = """
import sys
sys.path.append("benchmarks/adapters")
from serve import serve

def read(path):
    print("reading", path)  # must not be taken for the answer
    if path.endswith("b.png"):
        raise RuntimeError("too hard")
    return r"x^2"

serve(read)
"""
TREE = """
import sys
sys.path.append("benchmarks/adapters")
from serve import serve

serve(lambda line: "\\t".join(["0.5", *(path[-5] + " ^ 2" for path in line.split("\\t"))]))
"""


def test_the_formulas_are_of_all_lengths():
    lengths = [len(normalize(latex).split(" ")) for latex in FORMULAS]
    assert len(lengths) == 30
    for low, high in speed.LENGTHS:
        assert sum(low <= length <= high for length in lengths) >= 5


@pytest.fixture
def encoded():
    picture = np.random.default_rng(0).integers(0, 256, (32, 64)).astype(np.uint8)
    return TorchEngine(tiny_model(max_length=40)), picture


def test_both_decoders_find_the_same_tokens(encoded):
    prefix = [4 + i % 12 for i in range(30)]
    found = speed.cached(*encoded, prefix)
    assert found == speed.uncached(*encoded, prefix) and len(found) == len(prefix)
    assert len(set(found)) > 1, "or any two would agree"


def test_without_a_prefix_it_is_what_greedy_says(encoded):
    engine, picture = encoded
    (said,) = [found.ids for found in decoding.search(engine, [engine.encode(picture)], max_length=10)]
    assert said and speed.uncached(*encoded, said) == said


def cells(table):
    return [row.strip("| ").split(" | ") for row in table.splitlines() if not row.startswith("|---")]


def test_every_table_has_a_cell_for_each_measurement(folder):
    engine = TorchEngine(tiny_model(max_length=120))
    reader = Recognizer(engine)
    paths, labels = peers.pictures(folder, None)
    head, row, pool = cells(speed.engines({"torch": reader, "other": Recognizer(engine)}, paths, labels, 2))
    assert head[:4] == ["tokens", "pictures", "torch ms", "other ms (ratio, same tokens)"]
    assert row[0] == "1-15" and row[3].endswith("2 of 2)") and len(row) == len(pool) == 4
    head, row = cells(speed.latency({1: reader}, paths, labels, 2))
    assert len(head) == len(row) == 3 and row[:2] == ["1-15", "2"]
    assert [row[0] for row in cells(speed.throughput(reader, paths, 1))[1:]] == [str(size) for size in speed.BATCHES]
    prefix = np.random.default_rng(0).integers(4, 4 + len(TOKENS), speed.CACHED_STEPS).tolist()
    table, same = speed.cache_ratio(engine, paths[0], prefix, 1)
    assert same and cells(table)[1][0] == str(speed.CACHED_STEPS) and cells(table)[1][-1] == "the same"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "images").mkdir()
    for name in "ab":
        Image.new("L", (40, 30), 255).save(tmp_path / "images" / f"{name}.png")
    (tmp_path / "labels.tsv").write_text("a.png\tx^2\nb.png\ty\ngone.png\tz\na.png\t{\n")
    (tmp_path / "peer.py").write_text(PEER)
    return tmp_path


def test_each_program_is_scored_on_its_own_answers(folder, monkeypatch):
    monkeypatch.chdir(ROOT)
    paths, labels = peers.pictures(folder, None)
    assert [path.name for path in paths] == ["a.png", "b.png"]
    programs = [peers.Peer(name, [sys.executable, str(folder / "peer.py")], 1) for name in ("one", "other")]
    peers.compare(programs, paths)
    for program in programs:
        program.close()
        assert program.answers.tokens == [["x", "^", "{", "2", "}"], []] and program.answers.unreadable == 1
        assert len(program.answers.seconds) == 2
    head, _, *rows = peers.table(programs, labels).splitlines()
    assert [row.split(" | ")[0] for row in rows] == ["| one", "| other"]
    assert all("| 0.500 |" in row and "| 1 of 2 |" in row for row in rows)


def test_a_comparison_of_many_pictures_goes_on_where_it_ended(folder, monkeypatch):
    monkeypatch.chdir(ROOT)
    (folder / "tree.py").write_text(TREE)
    programs = [peers.Peer(name, [sys.executable, str(folder / "tree.py")], 1) for name in ("before", "now")]
    paths = [folder / "images" / f"{i:03d}a.png" for i in range(against.TOGETHER)] + [folder / "images" / "b.png"]
    keep = folder / "kept.jsonl"
    (first,) = against.read(programs, paths[:-1], keep)
    assert first["alone"] == [[[0.5, "a ^ 2"]] * 2] * against.TOGETHER
    lines = list(against.read(programs, paths, keep))
    for program in programs:
        program.close()
    assert lines[0] == first and lines[1]["pool"] == [0.5, ["b ^ 2"]]
    assert list(against.read([], paths, keep)) == lines, "nothing is read again"


@pytest.mark.parametrize(
    "command, told", [("no-such-program", "does not start"), (f"{sys.executable} -c pass", "has ended")]
)
def test_a_peer_that_does_not_work_is_told_in_one_sentence(folder, capsys, monkeypatch, command, told):
    monkeypatch.setattr(peers, "OURS", "ours")
    monkeypatch.setattr(peers, "ADAPTERS", folder)
    (folder / "read_img2latex.py").write_text(PEER)
    monkeypatch.chdir(ROOT)
    assert peers.main([str(folder), "--peer", f"broken={command}"]) == 1
    error = capsys.readouterr().err
    assert told in error and "broken" in error and error.count("\n") == 1


def test_a_folder_without_pictures_is_told_in_one_sentence(tmp_path, capsys):
    assert peers.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def ask_katex(*files):
    """Status, output and errors of the command; a process of its own, for Playwright runs but once in one."""
    command = [sys.executable, "-m", "benchmarks.katex", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


def test_what_katex_refuses_is_told_and_counted(tmp_path):
    good, bad = tmp_path / "good.tsv", tmp_path / "bad.tsv"
    good.write_text("a.png\tx\t\\frac{a}{b}\nblank.png\tx\t\nc.png\tx\t\\geqslant\n")
    bad.write_text("d.png\tx\t\\genfrac x\n")
    assert ask_katex(good) == (0, "2 formulas, 0 refused\n", "")
    status, told, _ = ask_katex(good, bad)
    assert status == 1 and told.startswith("\\genfrac x\n    KaTeX parse error")
    assert told.endswith("3 formulas, 1 refused\n")
    status, told, error = ask_katex(tmp_path / "none.tsv")
    assert (status, told) == (1, "") and error.startswith("katex: ") and error.count("\n") == 1


def test_a_threshold_made_larger_changes_the_crops_that_it_decides():
    (spans,) = (t for t in picture_steps.thresholds() if (t.module, t.name) == ("framing", "SPANS"))
    letters = cv2.putText(np.full((60, 160), 255, np.uint8), "x+y=2", (10, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 2)
    given = [letters, picture_steps.framed(letters)]
    crops = [images.prepare(picture) for picture in given]
    assert picture_steps.sweep(spans, given, crops, 1.0) == 0
    assert picture_steps.sweep(spans, given, crops, 1.25) == 0.5, "a frame stays, what has none is the same"
    assert images is sys.modules["img2latex.picture.images"] and spans.value == framing.SPANS


def test_every_threshold_is_found_with_its_reason():
    found = picture_steps.thresholds()
    assert len(found) > 40 and {t.module for t in found} >= {"components", "framing", "neighbours", "ruling", "tones"}
    assert [t.name for t in found if not t.about] == []


def test_a_step_timed_part_by_part_is_a_step_of_training(encoded):
    batch = collate([encoded[1]] * 2, [[5, 6, 7], [8, 9]], 0)
    config = TrainConfig(warmup_steps=1, bf16=False, device="cpu")
    whole, timed = (Run(config, tiny_model(dropout=0.0).config, 100, torch.device("cpu")) for _ in range(2))
    timed.load({**{part: getattr(whole, part).state_dict() for part in ("model", "ema", "optimizer")}, "step": 0,
                "seen": 0, "minutes": 0.0, "best": 1.0, "pool": 0, "random": torch.get_rng_state()})  # fmt: skip
    clock = training.Clock()
    whole.train_batch(batch)
    training.step(timed, batch, clock)
    assert min(clock.seconds.values()) > 0 and len(clock.seconds) == 6
    for part in ("model", "ema"):
        for one, other in zip(getattr(whole, part).parameters(), getattr(timed, part).parameters(), strict=True):
            torch.testing.assert_close(one, other)


def test_pages_of_typst_tell_where_their_formulas_stand(tmp_path):
    assert typst_pages.main(["--out", str(tmp_path), "--count", str(len(typst_pages.HEADS))]) == 0
    kinds = set()
    for line in pages.read(tmp_path):
        page = pages.load(tmp_path, line)
        assert len(page.boxes) and page.letter
        for left, top, right, bottom in page.boxes.astype(int):
            part = page.picture[top:bottom, left:right]
            assert all(side.min() < 200 for side in (part[0], part[-1], part[:, 0], part[:, -1]))
        kinds |= set(page.kinds)
    assert kinds == {"displayed", "inline", "number"}
