"""The cached decoder against the plain one, and what greedy and beam promise."""

import pytest
import torch

from img2latex import decoding
from img2latex.model import sinusoid_2d
from img2latex.tokens import BOS, EOS
from tests.tiny import tiny_model

SIZES = torch.tensor([[32, 96], [20, 40], [48, 128]])


@pytest.fixture(scope="module")
def model():
    return tiny_model(3, num_layers=2)


@pytest.fixture(scope="module")
def pictures():
    """Three pictures of noise with paper beyond their own sizes."""
    generator = torch.Generator().manual_seed(0)
    batch = torch.full((3, 48, 128), 255, dtype=torch.uint8)
    for row, (height, width) in zip(batch, SIZES.tolist(), strict=True):
        row[:height, :width] = torch.randint(0, 256, (height, width), generator=generator, dtype=torch.uint8)
    return batch


@pytest.fixture(scope="module")
def memory(model, pictures):
    with torch.inference_mode():
        return model.encode(pictures, SIZES)


def plain_greedy(model, memory, outside, limit):
    """One formula, each step through the whole nn.TransformerDecoder."""
    ids = [BOS]
    while len(ids) <= limit:
        with torch.inference_mode():
            logits = model.decode(torch.tensor([ids]), memory, outside)[:, -1]
        logits[:, [0, 1, 3]] = float("-inf")
        token = int(logits.argmax())
        if token == EOS:
            break
        ids.append(token)
    return ids[1:]


def test_a_cached_step_equals_the_plain_decoder(model, memory):
    tokens = torch.randint(4, 16, (3, 10), generator=torch.Generator().manual_seed(1))
    tokens[:, 0] = BOS
    with torch.inference_mode():
        plain = model.decode(tokens, *memory)
        cache = decoding.Cache(model, *memory)
        cached = torch.stack([cache.step(tokens[:, t])[0] for t in range(10)], dim=1)
    assert torch.allclose(plain, cached, atol=1e-5)


def test_attention_is_a_distribution_over_the_cells_of_the_picture(model, memory):
    with torch.inference_mode():
        looked = decoding.Cache(model, *memory).step(torch.full((3,), BOS))[1]
    assert torch.allclose(looked.sum(1), torch.ones(3), atol=1e-5)
    assert looked[memory[1]].abs().max() == 0


def test_greedy_of_a_batch_equals_plain_decoding_one_by_one(model, memory):
    found = decoding.greedy(model, *memory)
    for i, decoded in enumerate(found):
        assert decoded.ids == plain_greedy(model, memory[0][i : i + 1], memory[1][i : i + 1], model.config.max_length)
        assert len(decoded.probabilities) == len(decoded.ids) + (not decoded.truncated)


def test_rows_that_end_early_do_not_disturb_the_others(memory):
    """A model that likes to end: rows end at different steps, and the rest goes on as if alone."""
    model = tiny_model(3, num_layers=2, max_length=40)
    with torch.no_grad():
        model.head.bias[EOS] += 1.0
        memory = tuple(m.clone() for m in memory)
        together = [d.ids for d in decoding.greedy(model, *memory)]
        alone = [decoding.greedy(model, memory[0][i : i + 1], memory[1][i : i + 1])[0].ids for i in range(3)]
    assert together == alone


def test_padding_beside_a_picture_changes_nothing(model, pictures):
    height, width = 32, 48
    with torch.inference_mode():
        narrow = model.decode(torch.tensor([[BOS, 5, 6]]), *model.encode(pictures[1:2, :height, :width], SIZES[1:2]))
        wide = model.decode(torch.tensor([[BOS, 5, 6]]), *model.encode(pictures[1:2], SIZES[1:2]))
    assert torch.allclose(narrow, wide, atol=0.05)  # the trunk sees paper where it saw the edge, no more


def test_beam_of_one_is_greedy(model, memory):
    one = memory[0][:1], memory[1][:1]
    assert decoding.beam(model, *one, beam_size=1) == decoding.greedy(model, *one)[0].ids


def test_a_prefix_is_kept_and_the_rest_follows_from_it(model, memory):
    one = memory[0][:1], memory[1][:1]
    free = decoding.greedy(model, *one)[0].ids
    other = next(i for i in range(4, 16) if i != free[0])
    assert decoding.greedy(model, *one, prefix=[other])[0].ids[0] == other
    assert decoding.greedy(model, *one, prefix=free[:3])[0].ids == free


def test_a_formula_cut_by_the_limit_says_so(model, memory):
    with torch.no_grad():
        bias = model.head.bias.clone()
        model.head.bias[EOS] = -100
        found = decoding.greedy(model, *memory, max_length=5)
        model.head.bias.copy_(bias)
    assert [d.truncated for d in found] == [True] * 3
    assert [len(d.ids) for d in found] == [len(d.probabilities) for d in found] == [5] * 3


def test_positions_tell_every_cell_apart():
    cells = sinusoid_2d(7, 50, 64).flatten(0, 1)
    assert cells.shape == (350, 64)
    assert torch.cdist(cells, cells).fill_diagonal_(1).min() > 0.1
