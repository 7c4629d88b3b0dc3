"""Offsets of a partition are held as a set of numbers would hold them, in a fraction of the room."""

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.verify.offsets import BLOCK, Offsets

MOST = 2**62
offsets = st.integers(0, 40) | st.integers(BLOCK - 10, BLOCK + 10) | st.integers(0, MOST)


@given(parts=st.lists(st.lists(offsets)), others=st.lists(offsets))
def test_they_are_a_set(parts: list[list[int]], others: list[int]) -> None:
    found, expected = Offsets(), {offset for part in parts for offset in part}
    for part in parts:
        found.update(np.array(part, dtype=np.int64))
    assert [offset in found for offset in [*expected, *others]] == [True] * len(expected) + [
        offset in expected for offset in others
    ]
    assert found.end == max(expected, default=-1) + 1


def test_a_million_have_less_than_a_megabyte() -> None:
    tracemalloc.start()
    found = Offsets()
    for start in range(0, 1_000_000, 1000):
        found.update(np.arange(start, start + 1000))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1_000_000
    assert 999_999 in found
