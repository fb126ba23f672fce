import multiprocessing
import pickle
import zipfile

import numpy as np
import pytest

from img2latex.data.shards import Row, Shard, ShardError, decode, encode, size, write_shard

ROWS = [("school", "x^2", "x ^ { 2 }"), ("paper", r"\frac ab", r"\frac { a } { b }"), ("paper", "é", "e")]


def picture(seed: int, height: int = 20, width: int = 31) -> np.ndarray:
    """Noise on white, in the 16 greys that a shard can hold."""
    levels = np.random.default_rng(seed).integers(0, 32, (height, width)).clip(max=15)
    return (levels * 17).astype(np.uint8)


def pictures() -> list[np.ndarray]:
    return [picture(1), picture(2, 1, 1), picture(3, 7, 50)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "deep" / "a.zip"
    rows = [Row(image, *texts) for image, texts in zip(pictures(), ROWS, strict=True)]
    assert write_shard(path, rows, origin="seed-1") == 3
    return path


def test_what_is_written_is_read(path):
    shard = Shard(path)
    assert len(shard) == 3
    assert shard.origin == "seed-1"
    assert list(zip(shard.sources, shard.latex, shard.labels, strict=True)) == ROWS
    assert (shard.widths, shard.heights) == ([31, 1, 50], [20, 1, 7])
    for i, expected in enumerate(pictures()):
        assert np.array_equal(shard.picture(i), expected)
    shard.verify()


def test_the_file_is_a_zip_of_four_bit_pictures(path):
    with zipfile.ZipFile(path) as archive:
        ways = {member.filename[-3:]: member.compress_type for member in archive.infolist()}
        assert ways == {"png": zipfile.ZIP_STORED, "tsv": zipfile.ZIP_DEFLATED}
        assert archive.read("000000.png")[24] == 4  # the bit depth in the PNG's header
        header = archive.read("index.tsv").decode().split("\n")[0]
    assert header == "name\twidth\theight\tsource\tlatex\tlabel"
    assert [file.name for file in path.parent.iterdir()] == ["a.zip"]


def test_other_greys_move_by_half_a_step_at_most():
    ramp = np.append(np.arange(256), np.full(256, 255)).astype(np.uint8)[None]
    back = decode(encode(ramp))
    assert len(np.unique(back)) == 16
    assert back[0, 0] == 0 and back[0, -1] == 255
    assert np.abs(back.astype(int) - ramp).max() <= 8


def test_paper_in_a_shade_keeps_its_greys():
    shaded = np.tile(np.linspace(120, 250, 90).astype(np.uint8), (20, 1))
    assert np.array_equal(decode(encode(shaded)), shaded)


def test_encoded_pictures_and_plain_tuples_are_rows_too(tmp_path):
    png = encode(picture(4))
    assert size(png) == (31, 20)
    write_shard(tmp_path / "a.zip", [(png, "s", "x", "x")])
    assert np.array_equal(Shard(tmp_path / "a.zip").picture(0), picture(4))


def test_tabs_and_line_ends_do_not_break_the_index(tmp_path):
    write_shard(tmp_path / "a.zip", [Row(picture(1), "s", "a\t+\r\nb", "a + b")])
    assert Shard(tmp_path / "a.zip").latex == ["a + b"]


def test_equal_rows_give_equal_bytes(path, tmp_path):
    again = tmp_path / "b.zip"
    write_shard(again, [Row(image, *texts) for image, texts in zip(pictures(), ROWS, strict=True)], origin="seed-1")
    assert again.read_bytes() == path.read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_other(path):
    before = path.read_bytes()

    def rows():
        yield Row(picture(9), "s", "x", "x")
        raise RuntimeError("the renderer died")

    with pytest.raises(RuntimeError, match="died"):
        write_shard(path, rows())
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("wrong", [np.zeros((2, 2)), np.zeros((2, 2, 3), np.uint8), np.zeros((0, 5), np.uint8)])
def test_only_grey_bytes_are_pictures(wrong):
    with pytest.raises(ShardError, match="grey uint8 HxW"):
        encode(wrong)


def test_one_flipped_byte_is_found(path):
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("000002.png")
    data[member.header_offset + 30 + len(member.filename) + 60] ^= 1
    path.write_bytes(data)
    shard = Shard(path)
    assert np.array_equal(shard.picture(0), pictures()[0])  # the others can still be read
    with pytest.raises(ShardError, match=r"damaged at 000002\.png"):
        shard.picture(2)
    with pytest.raises(ShardError, match="damaged"):
        Shard(path).verify()


def test_a_file_cut_short_is_no_shard(path):
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ShardError, match="no shard"):
        Shard(path).verify()


def test_a_missing_file_is_no_shard(tmp_path):
    with pytest.raises(ShardError, match="no shard"):
        len(Shard(tmp_path / "none.zip"))


def test_a_zip_without_an_index_is_damaged(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("000000.png", encode(picture(1)))
    with pytest.raises(ShardError, match="index"):
        Shard(tmp_path / "a.zip").verify()


def test_pictures_and_index_must_agree(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("000003.png", encode(picture(1)))
    with pytest.raises(ShardError, match="does not name"):
        Shard(path).verify()


def _sums(shard: Shard) -> list[int]:
    return [int(shard.picture(i).sum()) for i in range(len(shard))]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_read_one_shard_at_once(path, method):
    shard = Shard(path)
    expected = _sums(shard)  # opened here first, as a training loop does
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(_sums, [shard] * 4) == [expected] * 4
    assert _sums(shard) == expected


def test_an_open_shard_can_be_pickled(path):
    shard = Shard(path)
    shard.verify()
    assert pickle.loads(pickle.dumps(shard)).labels == shard.labels
