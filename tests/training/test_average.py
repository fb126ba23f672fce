"""Averages of tiny models: the arithmetic, and what cannot be averaged."""

import dataclasses

import numpy as np
import pytest
import torch

from img2latex.reader import checkpoints
from img2latex.training.average import average, main
from tests.tiny import tiny_model


def test_every_weight_is_the_mean_by_shares():
    models = [tiny_model(seed=seed) for seed in (0, 1)]
    states = [model.state_dict() for model in models]
    mean = average(models, [3, 1]).state_dict()
    assert {*mean} == {*states[0]}
    moved = 0
    for name, tensor in mean.items():
        torch.testing.assert_close(tensor.double(), 0.75 * states[0][name].double() + 0.25 * states[1][name].double())
        moved += not torch.equal(tensor, states[0][name])
    assert moved > 10


def test_one_checkpoint_is_its_own_average_but_for_what_confidence_means():
    model = tiny_model()
    curves = {"calibration": (0.5, 1.0, 0.2, 0.1), "calibration_handwriting": (0.4, 0.0, 0.0, 0.0)}
    model.config = dataclasses.replace(model.config, **curves)
    alone = average([model], [0.2])
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in alone.state_dict().items())
    assert alone.config == dataclasses.replace(
        model.config, calibration=(1.0, 0.0, 0.0, 0.0), calibration_handwriting=()
    )


def test_models_of_another_vocabulary_or_size_of_letters_are_refused():
    model, other = tiny_model(), tiny_model(seed=1)
    other.config = dataclasses.replace(other.config, letter_height=other.config.letter_height + 1)
    with pytest.raises(ValueError, match="same build and vocabulary"):
        average([model, other], [1, 1])


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
