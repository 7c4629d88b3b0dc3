"""Slots found by digests, whatever became of them since."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.kernel import Ints
from shared.core.tables.slot_index import KeyIndex

SLOTS = 40
digest = st.integers(1, 2**64 - 1) | st.integers(1, 12)
change = st.tuples(st.integers(0, SLOTS - 1), digest | st.just(0))


@given(changes=st.lists(st.lists(change, max_size=30), max_size=8), others=st.lists(digest, max_size=20))
def test_what_the_table_says_by_now_is_found_and_nothing_else(
    changes: list[list[tuple[int, int]]], others: list[int]
) -> None:
    """0: the slot is freed."""
    keys, index = np.zeros(SLOTS, dtype=np.uint64), KeyIndex()

    def live() -> Ints:
        return np.flatnonzero(keys).astype(np.int32)

    for some in changes:
        new = []
        for slot, key in some:
            if key not in keys:
                keys[slot] = key
                new.append(slot)
        held = dict.fromkeys(slot for slot in new if keys[slot])
        index.put(np.array(list(held), dtype=np.int32), keys, live)
        wanted = [*filter(None, keys.tolist()), *others]
        by_key = {key: slot for slot, key in enumerate(keys.tolist()) if key}
        found = index.find(np.array(wanted, dtype=np.uint64), keys).tolist()
        assert found == [by_key.get(key, -1) for key in wanted]
