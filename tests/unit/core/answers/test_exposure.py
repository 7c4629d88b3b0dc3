"""The laws of providers' shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.answers.diversity import Limits, diverse
from shared.core.answers.exposure import exposed, quotas
from shared.core.answers.fusion import RANK_SCORES
from tests.unit.core.arrangements import kinds

SHARES = st.lists(st.floats(0, 1), max_size=4)
SEEDS = st.integers(0, 2**64 - 1)


@given(SHARES, st.integers(0, 100), SEEDS)
def test_a_share_is_rounded_to_a_place_and_no_more_is_promised_than_there_is(
    shares: list[float], n: int, seed: int
) -> None:
    least = np.array(shares)
    at_least, at_most = quotas(least, np.ones(len(shares)), n, seed)
    fair = least * n / max(1.0, least.sum())
    assert (np.abs(at_least - fair) < 1 + 1e-6).all()
    assert at_least.sum() <= n
    assert (at_most >= at_least).all()


def test_over_users_shares_are_exact() -> None:
    least, most = np.array([0.13, 0.07, 0.4]), np.array([0.2, 0.33, 1.0])
    drawn = [quotas(least, most, 10, seed) for seed in range(4000)]
    means = np.mean(drawn, axis=0)
    assert means[0] == pytest.approx(least * 10, abs=0.03)
    assert means[1][:2] == pytest.approx(most[:2] * 10, abs=0.03)


def test_the_same_seed_gives_the_same_places() -> None:
    one, other = (quotas(np.array([0.13, 0.4]), np.array([0.5, 0.5]), 10, 77) for _ in range(2))
    assert [part.tolist() for part in one] == [part.tolist() for part in other]


@given(st.lists(st.integers(-1, 2), min_size=20, max_size=20), st.integers(0, 20), SEEDS)
def test_an_answer_keeps_to_the_shares(providers: list[int], n: int, seed: int) -> None:
    provider = np.array(providers, dtype=np.int32)
    least, most = np.array([0.3, 0.1, 0.0]), np.array([1.0, 0.2, 0.25])
    limits = exposed(Limits(), provider, least, most, n, seed)
    at_least, at_most = quotas(least, most, n, seed)
    found = provider[diverse(np.array(RANK_SCORES[:20]), kinds([[]] * 20, [-1] * 20), 0.0, n, limits=limits)].tolist()
    for p in range(3):
        assert min(at_least[p], providers.count(p)) <= found.count(p) <= at_most[p]


def test_without_providers_nothing_is_asked() -> None:
    provider = np.array([-1, -1], dtype=np.int32)
    limits = exposed(Limits(), provider, np.empty(0), np.empty(0), 2, 5)
    assert diverse(np.array(RANK_SCORES[:2]), kinds([[], []], [-1, -1]), 0.0, 2, limits=limits).tolist() == [0, 1]
