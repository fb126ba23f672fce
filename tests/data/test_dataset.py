"""Batches: what is drawn follows from the seed, the weights and the curriculum; nothing is lost, no budget overrun."""

import itertools
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

from img2latex.config import ModelConfig
from img2latex.data.dataset import Shards, Source, Stream, collate, parse_source, validation_set
from img2latex.data.shards import write_shard
from img2latex.latex.tokens import BOS, EOS, PAD, Tokenizer, build_vocab
from img2latex.picture import images

LABELS = [" ".join("abcdefghijklmnopqrstuvwxyz"[:n]) for n in range(1, 25)]  # of 1 to 24 tokens
TOKENIZER = Tokenizer(build_vocab([LABELS[-1].split()]))


def drawing(text):
    """Letters as OpenCV writes them: uint8 HxW, 0 ink, 255 paper."""
    picture = np.full((40, 24 * len(text) + 16), 255, np.uint8)
    cv2.putText(picture, text, (8, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    return picture


def shard(path, labels, source="test"):
    write_shard(path, [(drawing(label.replace(" ", "")), source, label, label) for label in labels])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two shards, so that an index has to find its shard."""
    folder = tmp_path_factory.mktemp("data")
    shard(folder / "some-00000.zip", LABELS[:10])
    shard(folder / "some-00001.zip", LABELS[10:])
    return folder


@pytest.fixture
def source(folder):
    return Source(Shards(folder))


def stream(sources, limit=lambda number: 100, start=0, share=(0, 1), **settings):
    config = SimpleNamespace(**{"pool": 40, "seed": 5, "augment": 1.0, "scale_jitter": 0.2, "batch_size": 8,
                                "batch_pixels": 60_000} | settings)  # fmt: skip
    model = ModelConfig(TOKENIZER.vocab, direction=settings.pop("direction", "forwards"))
    return Stream(sources, model, config, limit, start, share)


def content(some_batches):
    return [(b.pictures.numpy().tobytes(), b.sizes.tolist(), b.tokens.tolist()) for b in some_batches]


def words(batch):
    return [" ".join(TOKENIZER.decode(ids[1:])) for ids in batch.tokens.tolist()]


# Sources


def test_a_source_is_all_its_shards(source, folder):
    assert len(source) == len(LABELS) and source.labels == LABELS
    assert source.weight == len(LABELS)
    for i in (0, 9, 10, 23):
        expected = (drawing(LABELS[i].replace(" ", "")).astype(int) + 8) // 17 * 17  # a shard keeps 16 greys
        assert np.array_equal(source.pictures.picture(i), expected)
    assert len(Source(Shards(folder / "some-00001.zip"))) == 14


def test_lengths_are_counted(source):
    assert [source.count(n) for n in (0, 1, 10, 24, 99)] == [0, 1, 10, 24, 24]
    assert source.lengths.tolist() == list(range(1, 25))


def test_a_label_has_no_box_around_all_of_it(tmp_path):
    shard(tmp_path / "some-00000.zip", [r"\boxed { a }", r"\boxed { a } = b"])
    assert Shards(tmp_path).labels == ["a", r"\boxed { a } = b"]


def test_a_source_without_shards_is_told(tmp_path):
    for missing in (tmp_path, tmp_path / "none", tmp_path / "none.zip"):
        with pytest.raises(ValueError, match="no shards in"):
            Shards(missing)


def test_weights_are_told_behind_the_folder(folder):
    assert parse_source(str(folder)).weight == len(LABELS)
    assert parse_source(f"{folder}=0.25").weight == 0.25
    with pytest.raises(ValueError):
        parse_source(f"{folder}=much")


def test_splits_in_one_folder_are_kept_apart(tmp_path):
    for split, labels in (("train", LABELS[:5]), ("validate", LABELS[5:8]), ("test", LABELS[8:10])):
        shard(tmp_path / f"{split}-00000.zip", labels)
    assert Shards(tmp_path).labels == LABELS[:5]
    assert Shards(tmp_path, "validate").labels == LABELS[5:8]


def test_the_validation_set_is_a_fixed_sample(source):
    chosen = validation_set(source, 10)
    assert chosen == validation_set(source, 10)
    assert len(set(chosen)) == 10 and chosen != sorted(chosen)
    assert sorted(validation_set(source, 1000)) == list(range(len(LABELS)))


# Batches


def test_collate():
    batch = collate([np.zeros((20, 33), np.uint8), np.zeros((7, 16), np.uint8)], [[4, 5, 6], [7]], pool=3)
    assert batch.pictures.shape == (2, 32, 48) and batch.pictures.dtype == torch.uint8
    assert batch.sizes.tolist() == [[20, 33], [7, 16]]
    assert batch.tokens.tolist() == [[BOS, 4, 5, 6, EOS], [BOS, 7, EOS, PAD, PAD]]
    assert batch.pool == 3


# The stream


def test_a_pool_follows_from_seed_and_number_alone(source):
    first = content(stream([source]).pool(7))
    later = stream([source])
    later.pool(3)
    assert content(later.pool(7)) == first
    assert content(stream([source], start=5).pool(7)) == first
    assert content(stream([source]).pool(8)) != first
    assert content(stream([source], seed=6).pool(7)) != first


def test_a_pool_holds_as_many_pictures_as_asked_in_batches_within_the_budgets(source):
    some = stream([source]).pool(0)
    assert sum(len(b.pictures) for b in some) == 40
    assert all(len(b.pictures) <= 8 for b in some)
    assert all(b.pool == 0 for b in some)


def test_batches_of_a_pool_come_in_no_order_of_size(source):
    widths = [b.pictures.shape[2] for b in stream([source]).pool(0)]
    assert widths != sorted(widths)


def test_labels_stay_with_their_pictures(source):
    """A longer label has a wider picture here."""
    pairs = [(len(w), size[1]) for b in stream([source], augment=0, scale_jitter=0).pool(0)
             for w, size in zip(words(b), b.sizes.tolist(), strict=True)]  # fmt: skip
    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.98


def test_labels_can_be_learnt_backwards(source):
    forwards, backwards = (stream([source], direction=each).pool(0) for each in ("forwards", "backwards"))
    for one, other in zip(forwards, backwards, strict=True):
        assert torch.equal(one.pictures, other.pictures)
        for row, turned in zip(one.tokens.tolist(), other.tokens.tolist(), strict=True):
            assert turned[: row.index(EOS)] == [BOS, *row[1 : row.index(EOS)][::-1]]


def test_what_the_model_sees_is_what_the_recognizer_shows_it(source):
    plain = stream([source], augment=0, scale_jitter=0)
    seen = plain.varied(source.pictures.picture(12), np.random.default_rng(0))
    assert np.array_equal(seen, images.prepare(source.pictures.picture(12)))


def test_pictures_vary_and_letters_are_larger_and_smaller(source):
    rng = np.random.default_rng(0)
    heights = [stream([source], augment=0).varied(source.pictures.picture(5), rng).shape[0] for _ in range(30)]
    usual = images.prepare(source.pictures.picture(5)).shape[0]
    assert min(heights) < usual < max(heights)
    assert usual / 1.35 < min(heights) and max(heights) < usual * 1.35
    augmented = {stream([source]).varied(source.pictures.picture(5), rng).tobytes() for _ in range(8)}
    assert len(augmented) == 8


def test_the_curriculum_limits_the_labels(source):
    limited = stream([source], limit=lambda number: 3 if number < 2 else 12)
    for number, longest in ((0, 3), (1, 3), (2, 12)):
        lengths = {len(w.split()) for b in limited.pool(number) for w in words(b)}
        assert max(lengths) == longest and min(lengths) == 1
    with pytest.raises(ValueError, match="at most 0 tokens"):
        stream([source], limit=lambda number: 0).pool(0)


def test_sources_are_mixed_by_weight(folder):
    one, other = Source(Shards(folder / "some-00000.zip"), 3), Source(Shards(folder / "some-00001.zip"), 1)
    drawn = stream([one, other], pool=4000).draw(np.random.default_rng(0), 100)
    assert sum(s == 0 for s, _ in drawn) / 4000 == pytest.approx(0.75, abs=0.03)
    assert {i for s, i in drawn if s == 0} == set(range(10))  # and evenly within
    assert {i for s, i in drawn if s == 1} == set(range(14))


def test_a_source_without_short_labels_waits(folder):
    short, long = Source(Shards(folder / "some-00000.zip"), 1), Source(Shards(folder / "some-00001.zip"), 9)
    drawn = stream([short, long], pool=200).draw(np.random.default_rng(0), 5)
    assert {s for s, _ in drawn} == {0}
    assert max(short.lengths[i] for _, i in drawn) == 5


def test_a_source_of_weight_nothing_is_never_drawn(folder):
    one, other = Source(Shards(folder / "some-00000.zip"), 1), Source(Shards(folder / "some-00001.zip"), 0)
    assert {s for s, _ in stream([one, other], pool=500).draw(np.random.default_rng(0), 100)} == {0}


def test_a_picture_without_ink_is_left_out(tmp_path):
    blank = np.full((30, 30), 255, np.uint8)
    write_shard(tmp_path / "s.zip", [(blank, "t", "a", "a"), (drawing("ab"), "t", "a b", "a b")])
    some = stream([Source(Shards(tmp_path))], augment=0).pool(0)
    assert {w for b in some for w in words(b)} == {"a b"}
    assert 0 < sum(len(b.pictures) for b in some) < 40


def test_pools_come_one_after_the_other_and_are_shared_out(source):
    def numbers(**options):
        endless = iter(stream([source], pool=9, **options))
        return list(dict.fromkeys(batch.pool for batch in itertools.islice(endless, 20)))[:4]

    assert numbers() == [0, 1, 2, 3]
    assert numbers(start=6) == [6, 7, 8, 9]
    assert numbers(start=6, share=(0, 2)) == [6, 8, 10, 12]
    assert numbers(start=6, share=(1, 2)) == [7, 9, 11, 13]


def test_worker_processes_share_the_pools_out(source):
    loader = torch.utils.data.DataLoader(stream([source], pool=9), batch_size=None, num_workers=2)
    found = {}
    for batch in itertools.islice(loader, 12):
        found.setdefault(batch.pool, []).append(batch)
    assert {0, 1} <= set(found)
    assert content(found[0]) == content(stream([source], pool=9).pool(0))
    assert content(found[1]) == content(stream([source], pool=9).pool(1))


def test_without_worker_processes_the_training_keeps_its_threads(source):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert next(iter(stream([source])))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
