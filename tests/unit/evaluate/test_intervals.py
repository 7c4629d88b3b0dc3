import numpy as np
import pytest

from services.evaluate.intervals import interval, resampled_means
from shared.core.kernel import Ints


def users(*numbers: int) -> Ints:
    return np.array(numbers, dtype=np.int32)


def test_a_single_user_is_always_drawn_whole() -> None:
    means = resampled_means(np.array([[1.0], [0.0]]), users(3, 3), seed=7)
    assert means.tolist() == [[0.5]] * 1000


def test_a_users_targets_are_drawn_together() -> None:
    values = np.array([[1.0]] * 9 + [[0.0]])
    means = resampled_means(values, users(*[1] * 9, 2), seed=7, resamples=250)
    assert set(means.round(6).ravel().tolist()) == {0.0, 0.9, 1.0}


def test_all_columns_see_the_same_resamples() -> None:
    values = np.random.default_rng(1).random((60, 1))
    means = resampled_means(np.hstack([values, values + 0.25]), users(*np.arange(60) % 20), seed=7)
    assert (means[:, 1] - means[:, 0]).tolist() == pytest.approx([0.25] * 1000)


def test_the_interval_is_that_of_the_mean() -> None:
    values = np.random.default_rng(2).normal(size=(4000, 1))
    low, high = interval(resampled_means(values, np.arange(4000, dtype=np.int32), seed=7)[:, 0])
    assert (high - low) / (2 * 1.96 / np.sqrt(4000)) == pytest.approx(1, abs=0.1)


def test_equal_seeds_give_equal_resamples() -> None:
    values, who = np.arange(6, dtype=np.float64)[:, None], users(0, 1, 2, 3, 4, 5)
    assert (resampled_means(values, who, seed=1) == resampled_means(values, who, seed=1)).all()
    assert (resampled_means(values, who, seed=1) != resampled_means(values, who, seed=2)).any()
