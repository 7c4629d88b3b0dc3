"""Slots found by digests."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.slot_index import KeyIndex

some = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=200, unique=True)


@given(digests=some, others=some, parts=st.lists(st.integers(0, 200), max_size=4))
def test_each_slot_that_is_held_is_found_and_nothing_else(
    digests: list[int], others: list[int], parts: list[int]
) -> None:
    keys, index = np.array(digests, dtype=np.uint64), KeyIndex()
    for size in parts:
        index.hold(keys, min(size, len(keys)))
    held = {key: slot for slot, key in enumerate(digests[: max(parts, default=0)])}
    wanted = [*digests, *others]
    assert index.find(np.array(wanted, dtype=np.uint64)).tolist() == [held.get(key, -1) for key in wanted]
