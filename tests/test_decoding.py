"""Decoding: the cache changes nothing but the time, rows do not meddle with each other, limits and prefixes hold."""

import pytest
import torch

from img2latex import images
from img2latex.decoding import Cache, beam, greedy
from img2latex.tokens import BOS, EOS, PAD, UNK, Tokenizer
from tests.overfit import overfit
from tests.tiny import tiny_model

torch.set_num_threads(1)
CELLS = 9


@pytest.fixture(scope="module")
def model():
    """Untrained; its head is sharpened so that it has an opinion, which depends on the memory."""
    model = tiny_model(seed=3, num_layers=3, max_length=20)
    with torch.no_grad():
        model.head.weight.mul_(6)
        model.head.bias[EOS] += 3
    return model


@pytest.fixture(scope="module")
def memories():
    """Six memories of different lengths: memory 6 x S x D, outside 6 x S."""
    generator = torch.Generator().manual_seed(1)
    memory = 2 * torch.randn(6, CELLS, 32, generator=generator)
    outside = torch.zeros(6, CELLS, dtype=torch.bool)
    for row, used in enumerate((9, 3, 7, 1, 9, 5)):
        outside[row, used:] = True
    return memory, outside


@pytest.fixture(scope="module")
def trained():
    """The model that knows eight formulas, its memories of them and their ids."""
    known = overfit()
    batch, sizes = images.pad([images.prepare(picture) for picture in known.pictures])
    with torch.inference_mode():
        memory, outside = known.model.encode(torch.from_numpy(batch), torch.from_numpy(sizes))
    ids = [Tokenizer(known.model.config.vocab).encode(label) for label in known.labels]
    return known.model, memory, outside, ids


def plain_greedy(model, memory, outside, limit):
    """The plainest greedy decoder there is, of one row, without a cache."""
    ids = [BOS]
    while len(ids) <= limit:
        logits = model.decode(torch.tensor([ids]), memory, outside)[0, -1]
        logits[[PAD, BOS, UNK]] = float("-inf")
        best = int(logits.argmax())
        if best == EOS:
            break
        ids.append(best)
    return ids[1:]


# The cache


@torch.inference_mode()
def test_cached_steps_equal_the_plain_decoder(model, memories):
    memory, outside = memories
    tokens = torch.randint(4, len(model.config.vocab), (6, 12), generator=torch.Generator().manual_seed(2))
    tokens[:, 0] = BOS
    expected = model.decode(tokens, memory, outside)
    cache = Cache(model, memory, outside)
    for step in range(tokens.shape[1]):
        logits, looked = cache.step(tokens[:, step])
        assert torch.allclose(logits, expected[:, step], atol=1e-5)
        assert torch.allclose(looked.sum(1), torch.ones(6), atol=1e-5)
        assert not looked[outside].any()


@torch.inference_mode()
def test_cached_steps_equal_the_plain_decoder_when_rows_are_dropped_repeated_and_reordered(model, memories):
    memory, outside = memories
    tokens = torch.randint(4, len(model.config.vocab), (6, 12), generator=torch.Generator().manual_seed(3))
    tokens[:, 0] = BOS
    cache = Cache(model, memory, outside)
    for step in range(tokens.shape[1]):
        if step == 3:
            rows = torch.tensor([0, 2, 3, 5])  # two have ended
        elif step == 6:
            rows = torch.tensor([3, 3, 0])  # as beams do
        else:
            rows = torch.arange(len(tokens))
        if step:
            cache.select(rows)
        tokens, memory, outside = tokens[rows], memory[rows], outside[rows]
        logits, _ = cache.step(tokens[:, step])
        assert torch.allclose(logits, model.decode(tokens[:, : step + 1], memory, outside)[:, -1], atol=1e-5)


@torch.inference_mode()
def test_the_attention_is_that_of_the_last_layer(model, memories):
    memory, outside = memories
    seen = []
    attention = model.decoder.layers[-1].multihead_attn
    hook = attention.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model.train()  # the fast path of evaluation passes by the hook
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout) or hasattr(module, "dropout"):
            module.train(False)
    model.decode(torch.full((6, 1), BOS), memory, outside)
    hook.remove()
    model.eval()
    _, expected = attention(seen[0], memory, memory, key_padding_mask=outside)
    assert torch.allclose(Cache(model, memory, outside).step(torch.full((6,), BOS))[1], expected[:, 0], atol=1e-5)


# Greedy


def test_greedy_equals_the_plainest_decoder(model, memories):
    memory, outside = memories
    found = greedy(model, memory, outside)
    assert len({tuple(f.ids) for f in found}) > 2  # else this would prove little
    assert len({f.truncated for f in found} | {len(f.ids) for f in found}) > 2
    with torch.inference_mode():
        for row, result in enumerate(found):
            assert result.ids == plain_greedy(model, memory[row : row + 1], outside[row : row + 1], 20)


def test_a_batch_is_read_as_its_rows_one_by_one(model, memories):
    memory, outside = memories
    for row, result in enumerate(greedy(model, memory, outside)):
        (alone,) = greedy(model, memory[row : row + 1], outside[row : row + 1])
        assert alone.ids == result.ids and alone.truncated == result.truncated
        assert alone.probabilities == pytest.approx(result.probabilities, abs=1e-5)
        for one, other in zip(alone.attention, result.attention, strict=True):
            assert torch.allclose(one, other, atol=1e-5)


def test_padding_a_memory_changes_nothing(model, memories):
    memory, outside = memories
    used = int((~outside[1]).sum())
    (padded,) = greedy(model, memory[1:2], outside[1:2])
    (cut,) = greedy(model, memory[1:2, :used], outside[1:2, :used])
    assert cut.ids == padded.ids
    assert cut.probabilities == pytest.approx(padded.probabilities, abs=1e-5)


def test_a_batch_of_pictures_is_read_as_each_of_them_alone(trained):
    model, _, _, ids = trained
    for picture, expected in zip(overfit().pictures, ids, strict=True):
        batch, sizes = images.pad([images.prepare(picture)])
        with torch.inference_mode():
            memory, outside = model.encode(torch.from_numpy(batch), torch.from_numpy(sizes))
        assert greedy(model, memory, outside)[0].ids == expected


def test_what_was_learnt_is_said(trained):
    model, memory, outside, ids = trained
    found = greedy(model, memory, outside)
    assert [f.ids for f in found] == ids
    for result in found:
        assert not result.truncated
        assert len(result.probabilities) == len(result.rivals) == len(result.attention) == len(result.ids) + 1


def test_rivals_are_ranked_and_part_of_a_formula(model, memories):
    for result in greedy(model, *memories, rivals=4):
        for step, (token, probability) in enumerate(zip(result.ids, result.probabilities, strict=False)):
            rivals = result.rivals[step]
            assert rivals[0] == (token, pytest.approx(probability))
            assert len(rivals) == 4 and sum(p for _, p in rivals) <= 1 + 1e-5
            assert [p for _, p in rivals] == sorted((p for _, p in rivals), reverse=True)
            assert not {token for token, _ in rivals} & {PAD, BOS, UNK}


def test_temperature_softens_and_changes_no_word(trained):
    model, memory, outside, ids = trained
    sharp = greedy(model, memory, outside)
    config = model.config
    try:
        model.config = type(config).from_dict(config.to_dict() | {"temperature": 3.0})
        soft = greedy(model, memory, outside)
    finally:
        model.config = config
    assert [f.ids for f in soft] == ids
    for one, other in zip(soft, sharp, strict=True):
        assert all(s < h for s, h in zip(one.probabilities, other.probabilities, strict=True))


# Limits


def test_a_formula_cut_off_is_told(trained):
    model, memory, outside, ids = trained
    for limit in (1, 5):
        for result, expected in zip(greedy(model, memory, outside, max_length=limit), ids, strict=True):
            assert result.ids == expected[:limit]
            assert result.truncated == (len(expected) > limit)


def test_a_formula_as_long_as_the_limit_is_whole(trained):
    model, memory, outside, ids = trained
    for row, expected in enumerate(ids):
        (result,) = greedy(model, memory[row : row + 1], outside[row : row + 1], max_length=len(expected))
        assert result.ids == expected and not result.truncated


def test_the_model_has_a_limit_of_its_own(model, memories):
    for result in greedy(model, *memories, max_length=10_000):
        assert len(result.ids) <= model.config.max_length


# Prefix


def test_a_prefix_is_kept_and_read_on_from(trained):
    model, memory, outside, ids = trained
    expected = ids[1]
    (result,) = greedy(model, memory[1:2], outside[1:2], prefix=expected[:4])
    assert result.ids == expected
    odd = [i for i in range(4, len(model.config.vocab)) if i != expected[0]][:2]
    (result,) = greedy(model, memory[1:2], outside[1:2], prefix=odd)
    assert result.ids[:2] == odd
    assert result.probabilities[0] < 0.5  # the probability of what was forced, not of what the model would have said
    assert result.rivals[0][0][0] == expected[0]


def test_a_prefix_goes_for_every_row(trained):
    model, memory, outside, _ = trained
    assert all(result.ids[:2] == [5, 6] for result in greedy(model, memory, outside, prefix=[5, 6]))


# Beam


def score(model, memory, outside, ids):
    """Log-probability of ids and eos, divided as beam search divides it."""
    tokens = torch.tensor([[BOS, *ids]])
    with torch.inference_mode():
        logits = model.decode(tokens, memory, outside)[0].float()
        logits[:, [PAD, BOS, UNK]] = float("-inf")
        total = logits.log_softmax(-1)[range(len(ids) + 1), [*ids, EOS]].sum()
    return float(total) / ((6 + len(ids)) / 6) ** 0.6


@pytest.mark.parametrize("beam_size", [1, 4])
def test_a_beam_finds_what_was_learnt(trained, beam_size):
    model, memory, outside, ids = trained
    for row, expected in enumerate(ids):
        assert beam(model, memory[row : row + 1], outside[row : row + 1], beam_size) == expected


@pytest.mark.parametrize("beam_size", [1, 5])
def test_a_beam_finds_no_worse_than_greedy(model, memories, beam_size):
    memory, outside = memories
    better = 0
    for row in range(len(memory)):
        one = memory[row : row + 1], outside[row : row + 1]
        (first,) = greedy(model, *one)
        if not first.truncated:
            found, narrow = score(model, *one, beam(model, *one, beam_size)), score(model, *one, first.ids)
            assert found >= narrow - 1e-4
            better += found > narrow + 1e-3
    assert better  # else this would prove little


def test_a_beam_keeps_to_the_limit(model, memories):
    memory, outside = memories
    for row in range(len(memory)):
        assert len(beam(model, memory[row : row + 1], outside[row : row + 1], beam_size=3, max_length=4)) <= 4
