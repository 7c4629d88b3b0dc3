"""What records name as near: kept as digests, found where it stands, and taken into a state."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.interning import Interner, order_key
from shared.core.near import Near
from shared.core.slot_index import SlotIndex

NAMES = [f"i{n}" for n in range(12)]
LISTS = st.lists(st.sampled_from(NAMES), max_size=6, unique=True)


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def test_none_costs_nothing() -> None:
    held = Near(4)
    held.file(2, [])
    assert (held.digests.size, held.take(4)) == (0, {})
    assert held.slots(ints(0, 1), np.zeros(4, dtype=np.uint64), np.ones(4, dtype=np.int64)).shape == (2, 0)


def test_the_first_place_is_the_nearest_and_what_is_not_in_the_catalogue_leaves_a_gap() -> None:
    held, keys = Near(3), np.array([order_key(name) for name in "abc"], dtype=np.uint64)
    filed = np.array([1, 0, 2])
    held.file(0, ["c", "b", "x"])
    assert held.slots(ints(1, 0), keys, filed).tolist() == [[-1] * 3, [2, -1, -1]]
    filed[1] = 3
    held.file(1, ["a"])
    assert held.slots(ints(1, 0), keys, filed).tolist() == [[0, -1, -1], [2, 1, -1]]
    held.unfile(0)
    assert held.slots(ints(0), keys, filed).tolist() == [[-1] * 3]
    assert held.of(0) == []


WHAT = st.sampled_from(["file", "file", "drop", "ask"])
Steps = st.lists(st.tuples(WHAT, st.sampled_from(NAMES), LISTS), max_size=40)


@given(Steps)
def test_lists_and_where_they_lead_equal_a_plain_twin_through_leaving_and_coming_again(
    steps: list[tuple[str, str, list[str]]],
) -> None:
    held, ids, filed = Near(1024), Interner(100), np.zeros(1024, dtype=np.int64)
    twin: dict[str, list[str]] = {}
    for what, name, named in steps:
        if what == "file":
            [slot] = ids.intern([name]).tolist()
            filed[slot] = 1
            held.file(slot, named)
            twin[name] = named
        elif what == "drop" and name in twin:
            gone = ids.remove(name)
            assert gone is not None
            held.unfile(gone)
            filed[gone] = 0
            del twin[name]
        elif what == "ask":
            check(held, ids, filed, twin)
    check(held, ids, filed, twin)
    again = Near(1024)
    again.restore(held.take(12))
    check(again, ids, filed, twin)
    assert again.take(12) == held.take(12)


def check(held: Near, ids: Interner, filed: np.ndarray, twin: dict[str, list[str]]) -> None:
    names = list(twin)
    found = held.slots(ids.find(names), ids.keys, filed)
    for name, row in zip(names, found.tolist(), strict=True):
        assert held.of(ids.slots[name]) == [order_key(other) for other in twin[name]]
        expected = [ids.slots[other] if other in twin else -1 for other in twin[name]]
        assert row == expected + [-1] * (len(row) - len(expected))


def test_an_index_that_nobody_asks_does_not_grow_for_ever() -> None:
    held, keys, filed = Near(2), np.array([5, 6], dtype=np.uint64), np.array([1, 1])
    held.file(0, ["x"])
    held.slots(ints(0), keys, filed)
    for _ in range(100):
        held.file(1, [])
    assert len(held._unindexed) <= 3


@given(st.lists(st.lists(st.integers(0, 400), max_size=120), max_size=5))
def test_an_index_finds_all_that_was_put_and_no_more(batches: list[list[int]]) -> None:
    index, keys, filed = SlotIndex(), np.arange(401, dtype=np.uint64) * 8 % 401, np.zeros(401, dtype=np.int64)
    for batch in batches:
        filed[batch] = 1
        index.put(np.array(batch, dtype=np.int32), keys, filed)
    expected = [slot if filed[slot] else -1 for slot in range(401)]
    assert index.find(keys, keys, filed).tolist() == expected
    assert index.find(np.array([401], dtype=np.uint64), keys, filed).tolist() == [-1]
