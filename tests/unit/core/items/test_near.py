"""What records name as near: kept as digests, found where it stands, and taken into a state."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.items.near import Near
from shared.core.tables.interning import Interner, order_key

NAMES = [f"i{n}" for n in range(12)]
LISTS = st.lists(st.sampled_from(NAMES), max_size=6, unique=True)


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def test_none_costs_nothing() -> None:
    held = Near(4)
    held.file(2, [])
    assert (held.digests.size, held.take(4)) == (0, {})
    assert held.slots(ints(0, 1), Interner(4), np.ones(4, dtype=np.int64)).shape == (2, 0)


def test_the_first_place_is_the_nearest_and_what_is_not_in_the_catalogue_leaves_a_gap() -> None:
    held, table = Near(3), Interner(3)
    table.intern("abc")
    filed = np.array([1, 0, 2])
    held.file(0, ["c", "b", "x"])
    assert held.slots(ints(1, 0), table, filed).tolist() == [[-1] * 3, [2, -1, -1]]
    filed[1] = 3
    held.file(1, ["a"])
    assert held.slots(ints(1, 0), table, filed).tolist() == [[0, -1, -1], [2, 1, -1]]
    held.unfile(0)
    assert held.slots(ints(0), table, filed).tolist() == [[-1] * 3]
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
    found = held.slots(ids.find(names), ids, filed)
    for name, row in zip(names, found.tolist(), strict=True):
        assert held.of(ids.slots[name]) == [order_key(other) for other in twin[name]]
        expected = [ids.slots[other] if other in twin else -1 for other in twin[name]]
        assert row == expected + [-1] * (len(row) - len(expected))
