import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.items.leaders import Leaders
from shared.core.items.popularity import Counters
from shared.core.kernel import Ints, Keys

MINUTE = 60_000
HALF_LIVES = [MINUTE, 60 * MINUTE, 10_000 * MINUTE]
SLOTS = 40
KEYS: Keys = np.random.default_rng(7).permutation(SLOTS).astype(np.uint64)

counted = st.lists(st.tuples(st.integers(0, SLOTS - 1), st.sampled_from([0.1, 0.3, 1.0])), min_size=1, max_size=12)
spans = st.sampled_from([0, 1, MINUTE, 100 * MINUTE, 2000 * MINUTE])


def told(counters: Counters, members: Ints, ts: int, most: int) -> list[tuple[list[int], list[float]]]:
    """Of all, half-life after half-life."""
    found = (counters.heaviest(members, column, ts, KEYS, most) for column in range(len(HALF_LIVES)))
    return [(items.tolist(), counts.tolist()) for items, counts in found]


@given(st.lists(st.tuples(spans, counted), min_size=1, max_size=30), st.sampled_from([1, 3, 100]))
def test_the_leaders_are_those_of_all(records: list[tuple[int, list[tuple[int, float]]]], most: int) -> None:
    """Ages apart and at once, equal counts and such as rounding parts, until the smallest numbers and below."""
    counters, leaders, ts = Counters(HALF_LIVES, SLOTS), Leaders(), MINUTE
    known = dict[int, None]()
    for span, events in records:
        ts += span
        items = np.array([item for item, _ in events], dtype=np.int32)
        counters.add(items, np.array([weight for _, weight in events]), np.full(len(items), ts, dtype=np.int64))
        known |= dict.fromkeys(items.tolist())
        leaders.note(np.unique(items), SLOTS)
        members: Ints = np.array(list(known), dtype=np.int32)
        found = leaders.heaviest(counters, members.copy, len(HALF_LIVES), ts, KEYS, most)
        assert [(items.tolist(), counts.tolist()) for items, counts in found] == told(counters, members, ts, most)


def test_all_are_looked_at_once_in_a_while() -> None:
    counters, leaders = Counters(HALF_LIVES, SLOTS), Leaders()
    members: Ints = np.arange(SLOTS, dtype=np.int32)
    counters.add(members, np.arange(1.0, SLOTS + 1), np.full(SLOTS, MINUTE, dtype=np.int64))
    looks = list[int]()

    def every() -> Ints:
        looks.append(1)
        return members

    def ask() -> None:
        leaders.heaviest(counters, every, len(HALF_LIVES), MINUTE, KEYS, 3)

    ask()
    leaders.note(members[:5], SLOTS)
    ask()
    assert len(looks) == 1
    leaders.note(members[:37], SLOTS)  # more than four times the root of 40
    ask()
    assert len(looks) == 2
    leaders.forget()
    ask()
    assert len(looks) == 3


@pytest.mark.parametrize("most", [1, 2, 50])
def test_each_half_life_has_what_it_has_alone(most: int) -> None:
    counters, rng = Counters(HALF_LIVES, SLOTS), np.random.default_rng(3)
    items = rng.integers(0, SLOTS - 5, 200).astype(np.int32)
    counters.add(items, np.ones(200), np.sort(rng.integers(1, 300 * MINUTE, 200)))
    members: Ints = np.arange(SLOTS, dtype=np.int32)
    found = counters.heaviest_each(members, len(HALF_LIVES), 300 * MINUTE, KEYS, most)
    assert [(some.tolist(), counts.tolist()) for some, counts in found] == told(counters, members, 300 * MINUTE, most)
    within = counters.counts_within(members, 2, 300 * MINUTE)
    for column in range(2):
        alone = counters.counts_of(members, column, 300 * MINUTE)
        assert within[:, column].tolist() == alone.astype(np.float32).tolist()
