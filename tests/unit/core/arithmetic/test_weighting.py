import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.arithmetic.weighting import LANES, weighted

numbers = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(numbers, numbers), max_size=3 * LANES + 3))
def test_a_sum_by_weights_is_that_of_its_lanes(pairs: list[tuple[float, float]]) -> None:
    row, weights = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    whole = len(pairs) - len(pairs) % LANES
    lanes = [0.0] * LANES
    for at, (number, weight) in enumerate(pairs):
        lanes[at % LANES if at < whole else 0] += number * weight
    found = weighted(row, weights)
    assert found == (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
    assert found == pytest.approx(math.fsum(a * b for a, b in pairs), rel=1e-9, abs=1e-3)


def test_what_is_no_number_makes_none_of_it() -> None:
    assert math.isnan(weighted(np.array([1.0, math.nan]), np.ones(2)))
