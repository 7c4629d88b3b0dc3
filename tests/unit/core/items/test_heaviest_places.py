"""The heaviest of some counts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.items.popularity import heaviest_places
from shared.core.tables.interning import order_key


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.0 + 2**-52, 7.0]), max_size=12), st.integers(1, 14))
def test_the_heaviest_come_first_and_equal_ones_by_key(counts: list[float], most: int) -> None:
    items = [f"i{n}" for n in range(len(counts))]
    keys = np.array([order_key(item) for item in items], dtype=np.uint64)
    found = heaviest_places(np.array(counts, dtype=np.float64), most, keys.__getitem__).tolist()
    assert found == sorted(range(len(items)), key=lambda n: (-counts[n], order_key(items[n])))[:most]
