"""grouping.py: pictures of similar size side by side."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from img2latex.reader.grouping import SLACK, alike, groups

sizes = st.lists(st.tuples(st.integers(4, 800), st.integers(4, 1600)), min_size=1, max_size=60)


def work(sizes, lengths, group):
    """Pixels of the padded batch, each token place counted as 130."""
    height, width = (-(-max(sizes[i][side] for i in group) // 16) * 16 for side in (0, 1))
    return len(group) * (height * width + 130 * max(lengths[i] for i in group))


@settings(deadline=None, derandomize=True)
@given(sizes, st.integers(1, 12), st.integers(1000, 500_000))
def test_groups_hold_every_picture_once_within_the_budgets(sizes, batch_size, pixels):
    lengths = [7 * k % 50 for k in range(len(sizes))]
    found = groups(sizes, lengths, batch_size, pixels)
    assert sorted(itertools.chain(*found)) == list(range(len(sizes)))
    for group in found:
        assert 1 <= len(group) <= batch_size
        assert len(group) == 1 or work(sizes, lengths, group) <= pixels


def test_groups_waste_little():
    kinds = [(30, 100, 8), (30, 900, 90), (200, 300, 40), (30, 100, 60)]
    mixed = [kinds[k % 4] for k in range(80)]
    sizes, lengths = [kind[:2] for kind in mixed], [kind[2] for kind in mixed]
    found = groups(sizes, lengths, 48, 400_000)
    assert sum(work(sizes, lengths, g) for g in found) == sum(work(sizes, lengths, [i]) for i in range(80))
    assert len(found) < 40


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(16, 2_000_000), max_size=60), st.sampled_from([1.0, 2.0, float("inf")]))
def test_a_pool_holds_no_picture_far_smaller_than_its_largest(areas, spread):
    found = alike(areas, spread)
    assert sorted(itertools.chain(*found)) == list(range(len(areas)))
    for group in found:
        first, *_, last = [areas[i] for i in group] * 2
        assert first == max(areas[i] for i in group) and first <= spread * last + SLACK
    for larger, smaller in itertools.pairwise(found):
        assert areas[larger[0]] > spread * areas[smaller[0]] + SLACK, "else they would be one pool"
