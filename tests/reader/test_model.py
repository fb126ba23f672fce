"""The model: shapes, positions, what may influence what, and eight formulas learnt by heart."""

import dataclasses
import json

import pytest
import torch

from img2latex.config import STRIDE, VERSION, ModelConfig
from img2latex.latex.tokens import BOS, SPECIAL
from img2latex.reader.checkpoints import CHECKPOINTS
from img2latex.reader.model import Img2Latex, sinusoid, sinusoid_2d
from tests.overfit import overfit
from tests.tiny import tiny_model

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model():
    return tiny_model(num_layers=2)


def paper(count, height, width):
    return torch.full((count, height, width), 255, dtype=torch.uint8)


def scribble(height, width, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.where(torch.rand(height, width, generator=generator) < 0.2, 0, 255).to(torch.uint8)


def test_size_of_the_real_model():
    model = Img2Latex(ModelConfig(vocab=(*SPECIAL, *map(str, range(500)))))
    assert 5e6 < sum(p.numel() for p in model.parameters()) < 9e6
    assert model.trunk.feature_info.reduction() == [STRIDE]


@pytest.mark.parametrize("height, width", [(16, 16), (48, 160), (800, 16), (16, 1600)])
def test_shapes(model, height, width):
    pictures = paper(2, height, width)
    sizes = torch.tensor([[height, width], [height, 1]])
    with torch.inference_mode():
        memory, mask = model.encode(pictures, sizes)
        logits = model(pictures, sizes, torch.tensor([[BOS, 4, 5]] * 2))
    cells = (height // STRIDE) * (width // STRIDE)
    assert memory.shape == (2, cells, model.config.d_model)
    assert mask.shape == (2, cells) and mask.dtype == torch.bool
    assert not mask[0].any()
    assert mask[1].sum() == cells - height // STRIDE  # all but the first column of cells
    assert logits.shape == (2, 3, len(model.config.vocab))
    assert torch.isfinite(logits).all()


def test_cells_with_a_pixel_of_the_picture_are_inside(model):
    with torch.inference_mode():
        mask = model.encode(paper(1, 48, 64), torch.tensor([[17, 33]]))[1].reshape(3, 4)
    assert mask.tolist() == [[False, False, False, True], [False, False, False, True], [True] * 4]


def test_half_a_column_stride_adds_cells_between_those_that_were_there():
    wide, fine = (tiny_model(column_stride=stride).eval() for stride in (16, 8))
    fine.load_state_dict(wide.state_dict())
    picture, sizes = scribble(48, 160)[None], torch.tensor([[48, 145]])
    with torch.inference_mode():
        few, many = wide.encode(picture, sizes), fine.encode(picture, sizes)
    inner = slice(2, 8)  # the outer columns see the paper around the picture further away
    assert many[0].shape[1] == 2 * few[0].shape[1]
    torch.testing.assert_close(many[0].reshape(3, 20, -1)[:, ::2][:, inner], few[0].reshape(3, 10, -1)[:, inner])
    assert many[1].reshape(3, 20)[0].tolist() == [False] * 19 + [True]


# Positions


def test_sinusoid_by_hand():
    rows = sinusoid(torch.arange(3), 4)
    assert rows[0].tolist() == [0, 0, 1, 1]
    assert rows[1] == pytest.approx(torch.tensor([1.0, 0.01, 1.0, 0.01]).sin().tolist()[:2] + [0.5403023, 0.9999500])


def test_each_cell_has_its_own_position_whatever_the_size():
    large = sinusoid_2d(50, 100, 256)
    assert large.shape == (50, 100, 256)
    assert torch.unique(large.reshape(-1, 256), dim=0).shape[0] == 5000
    for height, width in ((1, 1), (3, 7), (50, 1)):
        assert torch.equal(sinusoid_2d(height, width, 256), large[:height, :width])
    assert torch.equal(large[3, 0, :128], large[3, 99, :128])  # half of it tells the row
    assert torch.equal(large[0, 9, 128:], large[49, 9, 128:])  # half of it the column


# What may influence what


def test_a_token_is_told_from_those_before_it_only(model):
    memory, mask = torch.randn(1, 6, 32), torch.zeros(1, 6, dtype=torch.bool)
    tokens = torch.tensor([[BOS, 4, 5, 6, 7]])
    other = torch.tensor([[BOS, 4, 5, 9, 10]])
    with torch.inference_mode():
        one, two = model.decode(tokens, memory, mask), model.decode(other, memory, mask)
    assert torch.allclose(one[:, :3], two[:, :3], atol=1e-6)
    assert not torch.allclose(one[:, 3:], two[:, 3:], atol=1e-3)


def test_the_order_of_tokens_matters(model):
    memory, mask = torch.randn(1, 6, 32), torch.zeros(1, 6, dtype=torch.bool)
    with torch.inference_mode():
        one = model.decode(torch.tensor([[BOS, 4, 5, 6]]), memory, mask)
        two = model.decode(torch.tensor([[BOS, 5, 4, 6]]), memory, mask)
    assert not torch.allclose(one[:, -1], two[:, -1], atol=1e-3)


def test_padding_gets_no_attention(model):
    memory, mask = torch.randn(2, 6, 32), torch.zeros(2, 6, dtype=torch.bool)
    mask[0, 4:] = True
    changed = memory.clone()
    changed[0, 4:] = 1000.0
    tokens = torch.tensor([[BOS, 4, 5]] * 2)
    with torch.inference_mode():
        assert torch.allclose(model.decode(tokens, memory, mask), model.decode(tokens, changed, mask), atol=1e-6)
        changed[0, 3] = 1000.0
        assert not torch.allclose(model.decode(tokens, memory, mask)[0], model.decode(tokens, changed, mask)[0])


def test_padding_reaches_no_further_than_the_edge(model):
    """Paper around a picture may be seen at its edge (as paper), not inside."""
    picture = scribble(256, 256)
    wide = paper(1, 320, 480)
    wide[0, :256, :256] = picture
    size = torch.tensor([[256, 256]])
    with torch.inference_mode():
        alone, _ = model.encode(picture[None], size)
        padded, mask = model.encode(wide, size)
    alone, padded = alone.reshape(16, 16, -1), padded.reshape(20, 30, -1)[:16, :16]
    assert mask.reshape(20, 30)[:16, :16].sum() == 0
    assert torch.allclose(alone[:6, :6], padded[:6, :6], atol=1e-4)


# Learning


def test_eight_formulas_are_learnt_by_heart():
    trained = overfit()
    assert trained.losses[0] > 2 and trained.losses[-1] < 0.1


# Settings


def test_config_round_trip():
    curves = {"calibration": (0.5, -1.0), "calibration_handwriting": (1.0, 0.0, 0.0, 0.0)}
    curves |= {"handwriting": (0.5,) * 65}
    config = ModelConfig(vocab=(*SPECIAL, "x"), d_model=64, **curves)
    assert ModelConfig.from_dict(config.to_dict()) == config
    assert config.to_dict()["version"] == VERSION


def test_the_first_checkpoints_had_wide_memory_cells():
    old = ModelConfig(vocab=SPECIAL, letter_height=12.0).to_dict()
    del old["column_stride"]  # a setting that came later
    assert ModelConfig.from_dict(old).column_stride == 16 != ModelConfig().column_stride
    assert ModelConfig.from_dict(old).handwriting == ()


@pytest.mark.parametrize("checkpoint", ["math", "biology"])
def test_a_new_model_is_built_like_the_shipped_ones(checkpoint):
    shipped = ModelConfig.from_dict(json.loads((CHECKPOINTS / checkpoint / "config.json").read_text()))
    names = ("vocab", "dropout", "temperature", "calibration", "calibration_handwriting", "handwriting", "direction")
    fitted = {name: getattr(shipped, name) for name in names}
    assert dataclasses.replace(ModelConfig(), **fitted) == shipped


@pytest.mark.parametrize("change, told", [({"wings": 2}, "unknown settings.*: wings"), ({"version": 99}, "version 99")])
def test_a_config_of_another_program_is_refused(change, told):
    with pytest.raises(ValueError, match=told):
        ModelConfig.from_dict(ModelConfig().to_dict() | change)
