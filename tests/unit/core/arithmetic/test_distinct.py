import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.arithmetic.distinct import distinct, grouped

columns = st.lists(st.integers(-1, 9), max_size=30).map(lambda numbers: np.array(numbers, dtype=np.int32))


@given(columns)
def test_each_once_as_numpy_has_it(numbers: np.ndarray) -> None:
    found = distinct(numbers)
    assert (found.tolist(), found.dtype) == (np.unique(numbers).tolist(), numbers.dtype)


@given(columns)
def test_where_each_stands_as_numpy_has_it(numbers: np.ndarray) -> None:
    expected = np.unique(numbers, return_index=True, return_inverse=True)
    assert [part.tolist() for part in grouped(numbers)] == [part.tolist() for part in expected]
