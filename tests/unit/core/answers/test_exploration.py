"""The laws of exploring."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.answers.exploration import explored, hardly_known, seed

SEEDS = st.integers(0, 2**64 - 1)


@given(st.integers(0, 100), st.floats(0, 1), st.integers(0, 60), SEEDS)
def test_each_of_the_pool_has_one_place_at_most_and_the_first_is_the_lists_own(
    n: int, share: float, pool: int, drawn_by: int
) -> None:
    given_to = explored(n, share, pool, drawn_by)
    places, taken = [place for place, _ in given_to], [item for _, item in given_to]
    assert places == sorted(set(places))
    assert set(places) <= set(range(1, n))
    assert len(set(taken)) == len(taken)
    assert set(taken) <= set(range(pool))
    assert len(taken) >= min(int(share * n), n - 1, pool)
    assert len(taken) <= share * n + 1
    assert given_to == explored(n, share, pool, drawn_by)


def test_over_users_the_share_is_exact_and_places_and_items_are_even() -> None:
    drawn = [one for by in range(8000) for one in explored(20, 0.06, 8, by)]
    assert len(drawn) / (8000 * 20) == pytest.approx(0.06, rel=0.03)
    places = np.bincount([place for place, _ in drawn], minlength=20) / 8000
    assert places[1:] == pytest.approx(0.06 * 20 / 19, rel=0.2)
    counts = np.bincount([item for _, item in drawn], minlength=8)
    assert counts / counts.sum() == pytest.approx(1 / 8, rel=0.1)


@given(st.integers(2, 40), st.floats(0, 1), st.lists(st.booleans(), max_size=30), SEEDS)
def test_only_what_is_allowed_is_explored_and_all_of_it_can_be(
    n: int, share: float, allowed: list[bool], drawn_by: int
) -> None:
    given_to = explored(n, share, len(allowed), drawn_by, allowed.__getitem__)
    assert all(allowed[item] for _, item in given_to)
    assert len(given_to) >= min(int(share * n), n - 1, sum(allowed))
    assert len(set(dict(given_to).values())) == len(given_to)


def test_among_what_is_allowed_draws_are_even() -> None:
    drawn = [item for by in range(8000) for _, item in explored(20, 0.06, 40, by, lambda item: item % 5 == 0)]
    counts = np.bincount(drawn, minlength=40)[::5]
    assert counts.sum() == len(drawn)
    assert counts / counts.sum() == pytest.approx(1 / 8, rel=0.1)


@given(SEEDS, st.integers(0, 2**42), st.integers(1000, 10**8))
def test_draws_last_for_a_window_and_then_change(user: int, now: int, stable: int) -> None:
    until_next = stable - (now + user % stable) % stable
    assert seed(user, now, stable) == seed(user, now + until_next - 1, stable)
    assert seed(user, now, stable) != seed(user, now + until_next, stable)
    assert 0 <= seed(user, now, stable) < 2**64


def test_not_everybody_changes_at_one_moment() -> None:
    users = range(0, 10_000, 100)
    changed = [seed(user, 7_000_000, 10_000) != seed(user, 7_001_000, 10_000) for user in users]
    assert sum(changed) == pytest.approx(len(changed) / 10, abs=2)


@given(st.lists(st.integers(0, 1000), max_size=30), st.integers(0, 40), SEEDS)
def test_a_pool_holds_each_item_once_and_is_the_same_for_a_seed(events: list[int], size: int, drawn_by: int) -> None:
    counts = np.array(events, dtype=np.float64)
    pool = hardly_known(counts, size, drawn_by).tolist()
    assert len(set(pool)) == len(pool) == min(size, len(events))
    assert set(pool) <= set(range(len(events)))
    assert pool == hardly_known(counts, size, drawn_by).tolist()


def test_the_less_known_the_likelier_is_it_in_a_pool() -> None:
    first = np.array([hardly_known(np.array([0.0, 1.0, 3.0]), 1, by)[0] for by in range(20_000)])
    rates = np.array([1, 1 / 4, 1 / 16])
    assert np.bincount(first, minlength=3) / len(first) == pytest.approx(rates / rates.sum(), abs=0.04)
