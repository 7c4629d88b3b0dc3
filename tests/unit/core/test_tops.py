"""The heaviest of several partitions' items."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.interning import order_key
from shared.core.tops import heaviest_named


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.0 + 2**-52, 7.0]), max_size=12), st.integers(1, 14))
def test_the_heaviest_come_first_and_equal_ones_by_key(counts: list[float], most: int) -> None:
    items = [f"i{n}" for n in range(len(counts))]
    found = heaviest_named(items, np.array(counts, dtype=np.float64), most).tolist()
    assert found == sorted(range(len(items)), key=lambda n: (-counts[n], order_key(items[n])))[:most]
