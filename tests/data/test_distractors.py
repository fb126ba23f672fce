"""Pictures without a formula: of every kind, the same for the same seed, and learnt as "nothing"."""

import numpy as np
import pytest

from img2latex.config import ModelConfig, TrainConfig
from img2latex.data import distractors
from img2latex.data.dataset import Shards, Source, Stream
from img2latex.latex.tokens import BOS, EOS, build_vocab
from img2latex.picture import images


@pytest.mark.parametrize("make", distractors.KINDS, ids=lambda make: make.__name__)
def test_every_kind_draws_something(make):
    for seed in range(5):
        picture = make(np.random.default_rng(seed))
        assert picture.dtype == np.uint8 and picture.ndim == 2
        assert min(picture.shape) > 20 and np.ptp(picture) > 100
        assert not images.crop(picture).blank
    assert np.array_equal(make(np.random.default_rng(4)), picture)


def test_a_picture_depends_on_the_seed_and_its_number_alone():
    few, many = list(distractors.distractors(3, seed=7)), list(distractors.distractors(40, seed=7))
    for (kind, picture), (other_kind, other) in zip(few, many, strict=False):
        assert kind == other_kind and np.array_equal(picture, other)
    assert {kind for kind, _ in many} == {make.__name__ for make in distractors.KINDS}
    others = list(distractors.distractors(3, seed=8))
    assert any(a.shape != b.shape or (a != b).any() for (_, a), (_, b) in zip(few, others, strict=True))


def test_text_is_written_even_without_fonts(monkeypatch):
    monkeypatch.setattr(distractors, "fonts", lambda: ())
    picture = distractors.prose(np.random.default_rng(0))
    assert 0.02 < (picture < 128).mean() < 0.4


def test_the_model_is_taught_to_say_nothing(tmp_path, capsys):
    assert distractors.main(["--out", str(tmp_path / "none"), "--count", "12", "--seed", "3"]) == 0
    assert "12 pictures" in capsys.readouterr().out
    source = Source(Shards(tmp_path / "none"))
    assert source.labels == [""] * 12 and source.count(0) == 12
    config = TrainConfig(pool=8, augment=0)
    batches = Stream([source], ModelConfig(build_vocab([["a"]])), config, limit=lambda number: 5).pool(0)
    assert sum(len(batch.tokens) for batch in batches) == 8
    assert all(ids == [BOS, EOS] for batch in batches for ids in batch.tokens.tolist())


def test_a_folder_that_cannot_be_made_is_told(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert distractors.main(["--out", str(tmp_path / "file"), "--count", "1"]) == 1
    assert capsys.readouterr().err.startswith("distractors: ")
