"""One draw is what many at once have for it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.arithmetic.draws import draw, draws, part_of


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**62))
def test_one_is_as_many(source: int, row: int) -> None:
    drawn = draw(source, row)
    assert drawn == int(draws(source, np.array([row]))[0])
    assert 0 <= part_of(drawn) < 1
