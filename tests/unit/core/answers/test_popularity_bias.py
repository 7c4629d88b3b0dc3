import numpy as np
import pytest

from shared.core.answers.popularity_bias import factors


@pytest.mark.parametrize(("bias", "expected"), [(0.0, [1, 1, 1]), (0.5, [0.5, 0.75, 1]), (1.0, [0, 0.5, 1])])
def test_the_more_popular_the_more_an_item_gives_way(bias: float, expected: list[float]) -> None:
    assert factors(np.array([1.0, 0.5, 0.0]), bias).tolist() == expected
