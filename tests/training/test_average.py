"""Averages of tiny models: the arithmetic, and what cannot be averaged."""

import dataclasses

import numpy as np
import pytest

from img2latex.reader import checkpoints
from img2latex.training.average import average, main
from tests.tiny import tiny_model


def read(seed=0, **settings):
    """Config and weights of a tiny checkpoint."""
    model = tiny_model(seed=seed)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return dataclasses.replace(model.config, **settings), weights


def test_every_weight_is_the_mean_by_shares():
    one, other = read(0), read(1)
    _, mean = average([one, other], [3, 1])
    assert {*mean} == {*one[1]}
    moved = 0
    for name, values in mean.items():
        np.testing.assert_allclose(values, 0.75 * one[1][name] + 0.25 * other[1][name], atol=1e-6)
        moved += not np.array_equal(values, one[1][name])
    assert moved > 10


def test_one_checkpoint_is_its_own_average_but_for_what_confidence_means():
    config, weights = read(calibration=(0.5, 1.0, 0.2, 0.1), calibration_handwriting=(0.4, 0.0, 0.0, 0.0))
    alone, same = average([(config, weights)], [0.2])
    assert all(np.array_equal(values, weights[name]) for name, values in same.items())
    assert alone == dataclasses.replace(config, calibration=(1.0, 0.0, 0.0, 0.0), calibration_handwriting=())


def test_models_of_another_vocabulary_or_size_of_letters_are_refused():
    with pytest.raises(ValueError, match="same build and vocabulary"):
        average([read(), read(1, letter_height=13.0)], [1, 1])


def test_the_command_saves_a_checkpoint_or_says_why_not(tmp_path, capsys):
    names = [tmp_path / "a", tmp_path / "b"]
    for seed, name in enumerate(names):
        checkpoints.save(tiny_model(seed=seed), name)
    assert main([f"{names[0]}=3", str(names[1]), "--out", str(tmp_path / "mean")]) == 0
    assert "2 checkpoints" in capsys.readouterr().out
    one, other, mean = (checkpoints.load(name)[0].state_dict() for name in (*names, tmp_path / "mean"))
    key = max(one, key=lambda name: one[name].numel())
    expected = 0.75 * one[key].numpy() + 0.25 * other[key].numpy()
    np.testing.assert_allclose(mean[key].numpy(), expected, atol=2e-3 * np.abs(expected).max())
    for wrong, told in (("=0", "more than 0"), ("=much", "'much' is no number")):
        assert main([f"{names[0]}{wrong}", "--out", str(tmp_path / "none")]) == 1
        assert told in capsys.readouterr().err
    assert main([str(tmp_path / "gone"), "--out", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.startswith("average: ") and not (tmp_path / "none").exists()
