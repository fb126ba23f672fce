"""A small folder of inks, packed: another picture each time, always with its own label, and none that is held out."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from img2latex.data import compose, handwriting
from img2latex.data.dataset import parse_source
from img2latex.data.handwriting import MODES, Handwriting, Pack, write_pack
from img2latex.data.ink import Strokes
from img2latex.data.paper import PAPERS
from img2latex.data.pen import PENS
from img2latex.data.shards import Shard
from tests.data.test_compose import corners, polygon

TOKENS = [*"xyz0123456789+="]
HELD_OUT = {"x + 7", "y + z"}


def shape(token: str, left: float = 0.0) -> list[list[float]]:
    """A polygon whose number of corners tells the token."""
    return (polygon(3 + TOKENS.index(token), 40, 40) + [left, 0]).tolist()


def token_of(stroke: np.ndarray) -> str:
    return TOKENS[corners(stroke) - 3]


def row(number: int, latex: str, split: str, writer: str) -> dict:
    tokens = latex.split()
    strokes = [shape(token, 60 * k) for k, token in enumerate(tokens)]
    syms = [[token, [k]] for k, token in enumerate(tokens)]
    return {"id": str(number), "latex": latex, "split": split, "writer": writer, "strokes": strokes, "syms": syms}


def save(path: Path, rows: list[dict]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(each) + "\n" for each in rows)


@pytest.fixture(scope="module")
def inks(tmp_path_factory) -> Path:
    """Two expressions to train on and one that is held out, symbols by three writers, and a list of formulas."""
    folder = tmp_path_factory.mktemp("inks")
    train = [row(1, "x + 3", "train", "ann"), row(2, "y = z", "train", "bob"), row(3, "y + z", "train", "bob")]
    save(folder / "crohme_train.jsonl.gz", train)
    save(folder / "crohme_test2013.jsonl.gz", [row(4, "x + 7", "test2013", "eve")])
    save(folder / "crohme_test2014.jsonl.gz", [row(5, "y + z", "test2014", "eve")])
    alone = [{"id": f"{writer}{token}", "latex": token, "split": "train", "writer": writer, "strokes": [shape(token)]}
             for token in TOKENS for writer in ("cid", "dan")]  # fmt: skip
    for name in compose.STOCK_FILES:
        save(folder / f"{name}.jsonl.gz", alone if name == "unipen_chars" else [])
    formulas = ["x_{1}+y^{2}=3", r"z=x\otimes y", "x+7", "y+z", "1+2=3"]
    (folder / "list.tsv").write_text("".join(f"school\t{latex}\n" for latex in formulas))
    return folder


@pytest.fixture(scope="module")
def packed(inks, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("packed")
    arguments = ["--ink", inks, "--out", out, "--formulas", inks / "list.tsv"]
    assert handwriting.main([*map(str, arguments)]) == 0
    return out


@pytest.fixture(scope="module", params=MODES)
def source(request, packed) -> Handwriting:
    return Handwriting(packed, request.param)


def strokes_of(*lengths: int) -> Strokes:
    return [np.arange(2.0 * n).reshape(n, 2).astype(np.float32) for n in lengths]


def test_a_pack_gives_back_what_was_put_in(tmp_path):
    records = [({"label": "a"}, strokes_of(3, 1)), ({"label": "ß"}, strokes_of(2)), ({"label": ""}, [])]
    assert write_pack(tmp_path / "p.npz", iter(records), colour="blue") == 3
    pack = Pack(tmp_path / "p.npz")
    assert pack.about["colour"] == "blue" and [known for known, _ in records] == pack.records
    for number, (_, strokes) in enumerate(records):
        found = pack.strokes(number)
        assert len(found) == len(strokes) and all(map(np.array_equal, found, strokes))
    assert [path.name for path in tmp_path.iterdir()] == ["p.npz"]


def test_what_is_packed_is_told(inks, tmp_path, capsys):
    arguments = ["--ink", inks, "--out", tmp_path, "--formulas", inks / "list.tsv"]
    assert handwriting.main([*map(str, arguments)]) == 0
    said = capsys.readouterr().out
    assert "2 expressions" in said and "2 formulas" in said
    assert "1  held out" in said and "1  cmsy:10 circlemultiply" in said


def test_sources_know_their_labels(packed):
    assert Handwriting(packed, "written").labels == Handwriting(packed, "exchanged").labels == ["x + 3", "y = z"]
    assert sorted(Handwriting(packed, "composed").labels) == ["1 + 2 = 3", "x _ { 1 } + y ^ { 2 } = 3"]


def test_no_picture_comes_twice_and_a_seed_gives_the_same(source):
    pictures = [source.sample(0, rng)[0] for rng in [np.random.default_rng(1)] for _ in range(8)]
    assert len({picture.tobytes() for picture in pictures}) == 8
    assert np.array_equal(source.sample(0, np.random.default_rng(1))[0], pictures[0])
    assert all(picture.dtype == np.uint8 and np.ptp(picture) > 20 for picture in pictures)


def test_what_is_written_is_what_the_label_says(source):
    """Before another hand moves it: then the corners still tell the tokens."""
    for seed in range(40):
        label, strokes = source.written(seed % 2, np.random.default_rng(seed))
        said = [token for token in label.split() if token in TOKENS]
        assert sorted(token_of(stroke) for stroke in strokes) == sorted(said)


def test_a_symbol_alone_is_not_held_out(packed):
    source = Handwriting(packed, "alone")
    assert len(source.labels) > 2 and all(len(label.split()) == 1 for label in source.labels)
    assert not {*source.labels} & {".", ",", *HELD_OUT}


def test_a_symbol_comes_alone_more_often_if_expressions_hold_it_more_often():
    found = handwriting.often(["+", "2", "z"], ["2 + 2", "z", "2", "2 2"])
    assert found == ["+", "2", "2", "2", "z"]  # to one each are added 3 times 1/7, 5/7 and 1/7, rounded


def test_exchanged_labels_are_others_of_the_same_length_and_none_is_held_out(packed):
    source = Handwriting(packed, "exchanged")
    labels = {source.written(i, np.random.default_rng(seed))[0] for i in (0, 1) for seed in range(400)}
    assert len(labels) >= 12 and not labels & HELD_OUT
    assert {len(label.split()) for label in labels} == {3}
    source.kept_out = set()
    freed = {source.written(0, np.random.default_rng(seed))[0] for seed in range(400)}
    assert "x + 7" in freed, "so it was held out, not out of reach"


def test_what_is_composed_stands_as_in_print(packed):
    source = Handwriting(packed, "composed")
    label, strokes = source.written(source.labels.index("x _ { 1 } + y ^ { 2 } = 3"), np.random.default_rng(0))
    middle = {token_of(stroke): stroke.mean(0) for stroke in strokes}
    assert [token for token, _ in sorted(middle.items(), key=lambda item: item[1][0])] == [*"x1+y2=3"]
    assert middle["1"][1] > middle["x"][1] and middle["2"][1] < middle["y"][1]


def test_a_folder_and_a_mode_name_a_source_to_train_on(packed):
    source = parse_source(f"{packed}/exchanged=0.3")
    assert source.weight == 0.3 and len(source) == 2 and source.count(2) == 0
    picture, label = source.pictures.sample(1, np.random.default_rng(0))
    assert picture.ndim == 2 and len(label.split()) == 3


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file.unlink(), "no pack of strokes"),
        (lambda file: file.write_bytes(b"text"), "no pack of strokes"),
        (lambda file: file.write_bytes(file.read_bytes()[:200]), "no pack of strokes"),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_missing_or_damaged_pack_is_one_sentence(packed, tmp_path, mode, damage, message):
    for file in packed.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    damage(tmp_path / (handwriting.LAYOUTS if mode == "composed" else handwriting.EXPRESSIONS))
    with pytest.raises(ValueError, match=message) as error:
        parse_source(f"{tmp_path}/{mode}")
    assert "\n" not in str(error.value)


def test_there_is_no_other_mode(packed):
    with pytest.raises(ValueError, match="no handwriting printed"):
        Handwriting(packed, "printed")


def test_a_split_is_drawn_once_with_the_pen_and_paper_named(inks, tmp_path, capsys):
    arguments = ["--ink", str(inks), "--split", "val"]
    for name, more in {"any": [], "same": [], "felt": ["--pen", "felt", "--paper", "ruled"]}.items():
        assert handwriting.main([*arguments, "--out", str(tmp_path / name), *more]) == 0
    shards = {name: Shard(tmp_path / name / "ink-val.zip") for name in ("any", "same", "felt")}
    assert all(shard.labels == ["x + 7"] for shard in shards.values())
    assert np.array_equal(shards["any"].picture(0), shards["same"].picture(0))
    assert not np.array_equal(shards["any"].picture(0), shards["felt"].picture(0))
    assert "1 pictures" in capsys.readouterr().out


@pytest.mark.parametrize("option", [["--pen", "quill"], ["--paper", "sand"]])
def test_an_unknown_pen_or_paper_is_refused_with_those_there_are(inks, tmp_path, capsys, option):
    with pytest.raises(SystemExit):
        handwriting.main(["--ink", str(inks), "--out", str(tmp_path), "--split", "val", *option])
    assert next(iter(PENS if "--pen" in option else PAPERS)) in capsys.readouterr().err


def test_a_missing_folder_is_one_sentence(tmp_path, capsys):
    for more in ([], ["--split", "val"]):
        assert handwriting.main(["--ink", str(tmp_path / "none"), "--out", str(tmp_path / "out"), *more]) == 1
        said = capsys.readouterr().err
        assert said.startswith("handwriting: ") and said.count("\n") == 1
    assert not list(tmp_path.glob("out/*"))
