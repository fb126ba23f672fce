"""Decoding: the cache changes nothing but the time, rows do not meddle with each other, limits and grammar hold."""

import numpy as np
import pytest
import torch

from img2latex.latex import normalize, problem
from img2latex.latex.automaton import NEVER, formulas, free
from img2latex.latex.tokens import BOS, EOS, PAD, UNK, Tokenizer
from img2latex.picture import images
from img2latex.reader.decoding import LOOP_COPIES, LOOP_TOKENS, beam_search, log_probabilities, loops, search
from img2latex.reader.engine_torch import TorchEngine
from img2latex.reader.pool import Cache
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
    """Six memories of different lengths: memory 6 x S x D, mask 6 x S."""
    generator = torch.Generator().manual_seed(1)
    memory = 2 * torch.randn(6, CELLS, 32, generator=generator)
    mask = torch.zeros(6, CELLS, dtype=torch.bool)
    for row, used in enumerate((9, 3, 7, 1, 9, 5)):
        mask[row, used:] = True
    return memory, mask


@pytest.fixture(scope="module")
def trained():
    """The model that knows eight formulas, its memories of them and their ids."""
    known = overfit()
    batch, sizes = images.pad([images.prepare(picture) for picture in known.pictures])
    with torch.inference_mode():
        memory, mask = known.model.encode(torch.from_numpy(batch), torch.from_numpy(sizes))
    ids = [Tokenizer(known.model.config.vocab).encode(label) for label in known.labels]
    return known.model, memory, mask, ids


def beam(model, memory, mask, beam_size, **told):
    """The reading of each memory, all in one pool."""
    engine = TorchEngine(model)
    return search(engine, remembered(engine, memory, mask), beam_size, rows=beam_size * len(memory), **told)


def greedy(model, memory, mask, **told):
    return beam(model, memory, mask, 1, **told)


def remembered(engine, memory, mask):
    """What the engine keeps of each memory's own cells."""
    own = (cells[~beyond] for cells, beyond in zip(memory, mask, strict=True))
    return [engine.remember(cells, (1, len(cells))) for cells in own]


def liking(token, much, **settings):
    """An untrained model that likes one token, as a broken one may."""
    model = tiny_model(seed=5, **settings)
    with torch.no_grad():
        model.head.bias[model.config.vocab.index(token)] += much
    return model


def latex(model, found):
    return " ".join(Tokenizer(model.config.vocab).decode(found.ids))


def plain_greedy(model, memory, mask, limit, grammar):
    """The plainest greedy decoder there is, of one row, without a cache."""
    state = grammar.start
    ids = [BOS]
    while len(ids) <= limit:
        logits = model.decode(torch.tensor([ids]), memory, mask)[0, -1]
        logits[~torch.from_numpy(grammar.allowed([state], [NEVER])[0])] = float("-inf")
        best = int(logits.argmax())
        if best == EOS:
            break
        ids.append(best)
        state = grammar.step(state, best)
    return ids[1:]


# The cache


@torch.inference_mode()
def test_cached_steps_equal_the_plain_decoder(model, memories):
    memory, mask = memories
    tokens = torch.randint(4, len(model.config.vocab), (6, 12), generator=torch.Generator().manual_seed(2))
    tokens[:, 0] = BOS
    expected = model.decode(tokens, memory, mask)
    engine = TorchEngine(model)
    cache = Cache(engine, 6)
    cache.arrange([], remembered(engine, memory, mask))
    for step in range(tokens.shape[1]):
        logits, looked = engine.step(tokens[:, step].tolist(), cache)
        assert np.allclose(logits, expected[:, step], atol=1e-5)
        assert np.allclose(looked.sum(1), 1, atol=1e-5)
        assert not looked[:, :CELLS][mask].any() and not looked[:, CELLS:].any()


@torch.inference_mode()
def test_cached_steps_equal_the_plain_decoder_when_rows_are_dropped_repeated_and_reordered(model, memories):
    memory, mask = memories
    tokens = torch.randint(4, len(model.config.vocab), (6, 12), generator=torch.Generator().manual_seed(3))
    tokens[:, 0] = BOS
    engine = TorchEngine(model)
    cache = Cache(engine, 6)
    cache.arrange([], remembered(engine, memory, mask))
    for step in range(tokens.shape[1]):
        if step == 3:
            rows = torch.tensor([0, 2, 3, 5])  # two have ended
        elif step == 6:
            rows = torch.tensor([3, 3, 0])  # as beams do
        else:
            rows = torch.arange(len(tokens))
        if step:
            cache.arrange(rows.tolist())
        tokens, memory, mask = tokens[rows], memory[rows], mask[rows]
        logits, _ = engine.step(tokens[:, step].tolist(), cache)
        assert np.allclose(logits, model.decode(tokens[:, : step + 1], memory, mask)[:, -1], atol=1e-5)


@torch.inference_mode()
def test_the_attention_is_that_of_the_last_layer(model, memories):
    memory, mask = memories
    seen = []
    attention = model.decoder.layers[-1].multihead_attn
    hook = attention.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model.train()  # the fast path of evaluation passes by the hook
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout) or hasattr(module, "dropout"):
            module.train(False)
    model.decode(torch.full((6, 1), BOS), memory, mask)
    hook.remove()
    model.eval()
    _, expected = attention(seen[0], memory, memory, key_padding_mask=mask)
    engine = TorchEngine(model)
    cache = Cache(engine, 6)
    cache.arrange([], remembered(engine, memory, mask))
    assert np.allclose(engine.step([BOS] * 6, cache)[1][:, :CELLS], expected[:, 0].detach(), atol=1e-5)


# Greedy


@pytest.mark.parametrize("masked", [False, True])
def test_greedy_equals_the_plainest_decoder(model, memories, masked):
    memory, mask = memories
    grammar = formulas(model.config.vocab) if masked else free(len(model.config.vocab))
    found = greedy(model, memory, mask, grammar=grammar)
    assert len({tuple(f.ids) for f in found}) > 2  # else this would prove little
    assert len({f.truncated for f in found} | {len(f.ids) for f in found}) > 2
    with torch.inference_mode():
        for row, result in enumerate(found):
            expected = plain_greedy(model, memory[row : row + 1], mask[row : row + 1], 20, grammar)
            assert result.ids == expected or (masked and result.truncated)  # closed where the plain one writes on


def test_a_batch_is_read_as_its_rows_one_by_one(model, memories):
    memory, mask = memories
    for row, result in enumerate(greedy(model, memory, mask)):
        (alone,) = greedy(model, memory[row : row + 1], mask[row : row + 1])
        assert alone.ids == result.ids and alone.truncated == result.truncated
        assert alone.probabilities == pytest.approx(result.probabilities, abs=1e-5)
        for one, other in zip(alone.attention, result.attention, strict=True):
            assert np.allclose(one, other, atol=1e-5)


def test_formulas_are_as_probable_as_the_search_found_them(model, memories):
    engine, lengths = TorchEngine(model), set()
    for memory in remembered(engine, *memories):
        (found,) = beam_search(engine, [memory], 4, rows=4)
        whole = [each for each in found if not each.truncated]
        logs = log_probabilities(engine, memory, [each.ids for each in whole])
        assert logs == pytest.approx([sum(np.log(each.probabilities)) for each in whole], abs=1e-3)
        lengths |= {len(each.ids) for each in whole}
    assert len(lengths) > 1


@pytest.mark.parametrize("rows", [1, 2, 3, 6])
@pytest.mark.parametrize("beam_size", [1, 2])
def test_a_row_that_ends_makes_room_for_the_next_picture(model, memories, rows, beam_size):
    """In a pool for fewer rows than pictures each is read as in one for all, and asked for when it can begin."""
    engine = TorchEngine(model)
    asked, waiting = [], remembered(engine, *memories)

    def encode(number):
        asked.append(number)
        return waiting[number]

    found = search(engine, map(encode, range(6)), beam_size, rows=rows * beam_size)
    assert asked == list(range(6))
    for one, other in zip(found, beam(model, *memories, beam_size), strict=True):
        same(one, other)


def test_a_pool_keeps_no_more_room_than_its_rows_need(model):
    """A long formula in a large picture must not make the short ones behind it expensive."""
    engine = TorchEngine(model)
    large, small = (engine.remember(torch.randn(cells, 32), (1, cells)) for cells in (400, 20))
    cache = Cache(engine, 2)
    cache.arrange([], [large, small])
    for _ in range(15):
        engine.step([5, 6], cache)
    before = cache.past[0][0][1, :, :, :15].clone()
    cache.arrange([1], [small])
    assert cache.memory_mask.shape[-1] < 64 and cache.lengths == [15, 0]
    assert torch.equal(cache.past[0][0][0, :, :, :15], before)


def test_a_batch_of_pictures_is_read_as_each_of_them_alone(trained):
    model, _, _, ids = trained
    for picture, expected in zip(overfit().pictures, ids, strict=True):
        batch, sizes = images.pad([images.prepare(picture)])
        with torch.inference_mode():
            memory, mask = model.encode(torch.from_numpy(batch), torch.from_numpy(sizes))
        assert greedy(model, memory, mask)[0].ids == expected


def test_what_was_learnt_is_said(trained):
    model, memory, mask, ids = trained
    found = greedy(model, memory, mask)
    assert [f.ids for f in found] == ids
    for result in found:
        assert not result.truncated
        assert len(result.probabilities) == len(result.alternatives) == len(result.attention) == len(result.ids) + 1


def test_alternatives_are_ranked_and_part_of_a_formula(model, memories):
    for result in greedy(model, *memories, alternatives=4):
        for step, (token, probability) in enumerate(zip(result.ids, result.probabilities, strict=False)):
            alternatives = result.alternatives[step]
            assert alternatives[0] == (token, pytest.approx(probability))
            assert len(alternatives) == 4 and sum(p for _, p in alternatives) <= 1 + 1e-5
            assert [p for _, p in alternatives] == sorted((p for _, p in alternatives), reverse=True)
            assert not {token for token, _ in alternatives} & {PAD, BOS, UNK}


def test_temperature_softens_and_changes_no_word(trained):
    model, memory, mask, ids = trained
    sharp = greedy(model, memory, mask)
    config = model.config
    try:
        model.config = type(config).from_dict(config.to_dict() | {"temperature": 3.0})
        soft = greedy(model, memory, mask)
    finally:
        model.config = config
    assert [f.ids for f in soft] == ids
    for one, other in zip(soft, sharp, strict=True):
        assert all(s < h for s, h in zip(one.probabilities, other.probabilities, strict=True))


# Limits


def test_a_formula_cut_off_is_told(trained):
    model, memory, mask, ids = trained
    for limit in (1, 5):
        for result, expected in zip(greedy(model, memory, mask, max_length=limit), ids, strict=True):
            assert result.ids == expected[:limit]
            assert result.truncated == (len(expected) > limit)


def test_a_formula_as_long_as_the_limit_is_whole(trained):
    model, memory, mask, ids = trained
    for row, expected in enumerate(ids):
        (result,) = greedy(model, memory[row : row + 1], mask[row : row + 1], max_length=len(expected))
        assert result.ids == expected and not result.truncated


def test_the_model_has_a_limit_of_its_own(model, memories):
    for result in greedy(model, *memories, max_length=10_000):
        assert len(result.ids) <= model.config.max_length


# Prefix


def test_a_prefix_is_kept_and_read_on_from(trained):
    model, memory, mask, ids = trained
    expected = ids[1]
    (result,) = greedy(model, memory[1:2], mask[1:2], prefix=expected[:4])
    assert result.ids == expected
    odd = [i for i in range(4, len(model.config.vocab)) if i != expected[0]][:2]
    (result,) = greedy(model, memory[1:2], mask[1:2], prefix=odd)
    assert result.ids[:2] == odd
    assert result.probabilities[0] < 0.5  # the probability of what was forced, not of what the model would have said
    assert result.alternatives[0][0][0] == expected[0]


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_prefix_goes_for_every_row(trained, beam_size):
    model, memory, mask, _ = trained
    found = any_way(beam_size)(model, memory, mask, prefix=[5, 6])
    assert len(found) == len(memory) and all(result.ids[:2] == [5, 6] for result in found)


def test_a_beam_behind_a_prefix_is_one_among_what_begins_so(model, memories):
    """A beam of one is greedy there, and a wide one finds what is no less likely to come behind the prefix."""
    better = 0
    for row in range(len(memories[0])):
        one = memories[0][row : row + 1], memories[1][row : row + 1]
        wide, narrow = (beam(model, *one, size, prefix=[12])[0] for size in (5, 1))
        same(narrow, greedy(model, *one, prefix=[12])[0])
        if not narrow.truncated:
            found, first = (score(model, *one, result.ids, behind=1) for result in (wide, narrow))
            assert found >= first - 1e-4
            better += found > first + 1e-3
    assert better  # else this would prove little


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_prefix_may_end_the_formula(model, memories, beam_size):
    for found in any_way(beam_size)(model, *memories, prefix=[5, EOS]):
        assert found.ids == [5] and len(found.probabilities) == 2 and not found.truncated


# Beam


def score(model, memory, mask, ids, behind=0):
    """Log-probability of the ids behind the first few, and of eos, divided as beam search divides it."""
    tokens = torch.tensor([[BOS, *ids]])
    with torch.inference_mode():
        logits = model.decode(tokens, memory, mask)[0].float()
        logits[:, [PAD, BOS, UNK]] = float("-inf")
        total = logits.log_softmax(-1)[range(len(ids) + 1), [*ids, EOS]][behind:].sum()
    return float(total) / ((6 + len(ids) - behind) / 6) ** 0.6


@pytest.mark.parametrize("beam_size", [1, 4])
def test_a_beam_finds_what_was_learnt(trained, beam_size):
    model, memory, mask, ids = trained
    assert [found.ids for found in beam(model, memory, mask, beam_size)] == ids


def test_a_beam_finds_no_worse_than_greedy(model, memories):
    better = 0
    for row, (wide, first) in enumerate(zip(beam(model, *memories, 5), greedy(model, *memories), strict=True)):
        if not first.truncated:
            one = memories[0][row : row + 1], memories[1][row : row + 1]
            found, narrow = score(model, *one, wide.ids), score(model, *one, first.ids)
            assert found >= narrow - 1e-4
            better += found > narrow + 1e-3
    assert better  # else this would prove little


def same(one, other):
    """Are these the same reading, told the same way?"""
    assert one.ids == other.ids and one.truncated == other.truncated
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
    assert [[i for i, _ in step] for step in one.alternatives] == [[i for i, _ in step] for step in other.alternatives]
    for looked, there in zip(one.attention, other.attention, strict=True):
        assert np.allclose(looked, there, atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
def test_a_batch_of_beams_is_read_as_each_of_them_alone(model, memories, masked):
    memory, mask = memories
    grammar = formulas(model.config.vocab) if masked else None
    for row, together in enumerate(beam(model, memory, mask, 3, grammar=grammar)):
        (alone,) = beam(model, memory[row : row + 1], mask[row : row + 1], 3, grammar=grammar)
        same(alone, together)


def test_a_beam_tells_of_each_token_what_the_model_thinks_of_it(model, memories):
    memory, mask = memories
    for row, found in enumerate(beam(model, memory, mask, 4)):
        (forced,) = greedy(model, memory[row : row + 1], mask[row : row + 1], prefix=found.ids)
        count = len(found.ids)
        assert found.probabilities[:count] == pytest.approx(forced.probabilities[:count], abs=1e-5)


def test_a_beam_keeps_to_the_limit(model, memories):
    assert all(len(found.ids) <= 4 for found in beam(model, *memories, beam_size=3, max_length=4))


# Grammar


def any_way(beam_size):
    """Greedy or beam, to be called the same way."""
    return lambda *what, **how: beam(*what, beam_size, **how)


@pytest.mark.parametrize("beam_size", [1, 3])
@pytest.mark.parametrize("token", [r"\frac", "{", "}", "^", "x"])
@pytest.mark.parametrize("limit", [1, 2, 7, 8, 9, 40])
def test_all_that_is_read_parses_and_keeps_to_the_limit(memories, token, limit, beam_size):
    model = liking(token, 4, max_length=60)
    grammar = formulas(model.config.vocab)
    for found in any_way(beam_size)(model, *memories, max_length=limit, grammar=grammar):
        assert len(found.ids) <= limit
        assert not found.ids or problem(latex(model, found)) is None


def test_a_formula_cut_off_is_closed_and_told(memories):
    model = liking(r"\frac", 20, max_length=60)
    for limit in range(5, 30, 6):
        for found in greedy(model, *memories, max_length=limit, grammar=formulas(model.config.vocab)):
            assert found.truncated
            assert found.ids.count(model.config.vocab.index(r"\frac")) == limit // 5  # tokens of an empty fraction
            assert problem(latex(model, found)) is None


def test_the_grammar_changes_nothing_that_was_right(trained):
    model, memory, mask, ids = trained
    plain = greedy(model, memory, mask)
    for found, before in zip(greedy(model, memory, mask, grammar=formulas(model.config.vocab)), plain, strict=True):
        assert found.ids == before.ids and not found.truncated
        assert found.probabilities == before.probabilities  # among all ids, not only among those that may come


def test_with_a_grammar_too_a_formula_as_long_as_the_limit_is_whole(trained):
    model, memory, mask, ids = trained
    for row, expected in enumerate(ids):
        one = memory[row : row + 1], mask[row : row + 1]
        (whole,) = greedy(model, *one, max_length=len(expected), grammar=formulas(model.config.vocab))
        assert whole.ids == expected and not whole.truncated
        (short,) = greedy(model, *one, max_length=len(expected) - 1, grammar=formulas(model.config.vocab))
        assert len(short.ids) < len(expected) and short.truncated


def test_alternatives_are_what_may_stand_there(memories):
    model = liking("}", 6)
    vocab = model.config.vocab
    for found in greedy(model, *memories, grammar=formulas(vocab)):
        assert all(ranked[0][0] == token for ranked, token in zip(found.alternatives, found.ids, strict=False))
        assert vocab.index("}") not in {token for token, _ in found.alternatives[0]}
        assert found.probabilities[0] < 0.1  # most of it is on what may not come


def test_a_prefix_is_kept_whatever_the_grammar_says(trained):
    model, memory, mask, ids = trained
    odd = [model.config.vocab.index(token) for token in ("}", "^")]
    for found in greedy(model, memory, mask, prefix=odd, max_length=12, grammar=formulas(model.config.vocab)):
        assert found.ids[:2] == odd and len(found.ids) <= 12
        assert len(found.alternatives) == len(found.probabilities) == len(found.attention) >= len(found.ids)


# Loops


def zeros(size):
    rows = r"\\".join("&".join("0" * size) for _ in range(size))
    return rf"\begin{{pmatrix}}{rows}\end{{pmatrix}}"


@pytest.mark.parametrize(
    "formula",
    [
        *map(zeros, range(2, 9)),
        "+".join(f"x_{{{i}}}" for i in range(1, 20)),
        "0." + "3" * 40,
        r"\underbrace{" + "1+" * 20 + "1}_{21}",
        r"\begin{array}{" + "c" * 20 + "}" + "&".join("abcdefghijklmnopqrst") + r"\end{array}",
        r"\sqrt{" * 7 + "x" + "}" * 7,
    ],
)
def test_what_people_write_is_no_loop(formula):
    tokens = normalize(formula).split(" ")
    ids = [sorted(set(tokens)).index(token) for token in tokens]
    assert not any(loops(ids[:end]) for end in range(1, len(ids) + 1))


@pytest.mark.parametrize("period", [1, 2, 7, 8, 9, 30])
def test_a_loop_is_seen_as_soon_as_it_is_long_enough(period):
    start = [100, 101, 0, 102]
    ids = start + list(range(period)) * 100
    first = next(end for end in range(1, len(ids)) if loops(ids[:end]))
    assert first == len(start) + max(LOOP_COPIES * period, LOOP_TOKENS)


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_model_that_goes_round_in_circles_is_stopped(memories, beam_size):
    model = liking("1", 30, max_length=200)
    for found in any_way(beam_size)(model, *memories, grammar=formulas(model.config.vocab)):
        assert len(found.ids) == LOOP_TOKENS and found.truncated
        assert problem(latex(model, found)) is None


def test_a_loop_within_a_fraction_is_closed(memories):
    model = liking("1", 30, max_length=200)
    opened = [model.config.vocab.index(token) for token in (r"\frac", "{")]
    for found in greedy(model, *memories, prefix=opened, grammar=formulas(model.config.vocab)):
        assert latex(model, found) == r"\frac { " + "1 " * LOOP_TOKENS + "} { }"
        assert found.truncated
