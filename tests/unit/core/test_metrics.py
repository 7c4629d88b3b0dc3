import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core import metrics
from shared.core.kernel import Ints

LISTS = np.array([[3, 1, 2], [4, 0, -1], [-1, -1, -1]], dtype=np.int32)


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int32)


def test_places_count_from_zero_and_a_missing_item_has_none() -> None:
    assert metrics.places_of(ints(2, 4, 7), LISTS).tolist() == [2, 0, -1]


def test_the_next_item_by_rank() -> None:
    places = ints(0, 2, 10, -1)
    assert metrics.hits(places, 10).tolist() == [1, 1, 0, 0]
    assert metrics.reciprocal_ranks(places, 10).tolist() == [1, pytest.approx(1 / 3), 0, 0]
    assert metrics.gains(places, 10).tolist() == [1, pytest.approx(1 / math.log2(4)), 0, 0]


def test_a_list_of_several_relevant_items() -> None:
    found = metrics.relevance(LISTS, ints(0, 0, 1, 1, 2), ints(3, 2, 9, 0, 1), items=10)
    relevant = ints(2, 2, 1)
    assert found.tolist() == [[True, False, True], [False, True, False], [False, False, False]]
    assert metrics.precision(found, 3).tolist() == [pytest.approx(2 / 3), pytest.approx(1 / 3), 0]
    assert metrics.recall(found, relevant, 3).tolist() == [1, 0.5, 0]
    assert metrics.average_precision(found, relevant, 3).tolist() == [
        pytest.approx((1 + 2 / 3) / 2),
        pytest.approx((1 / 2) / 2),
        0,
    ]


def test_a_missing_place_is_not_the_last_item_of_the_query_before() -> None:
    lists = np.array([[0, 1], [-1, -1]], dtype=np.int32)
    assert not metrics.relevance(lists, ints(0), ints(9), items=10).any()


def test_a_full_list_of_relevant_items_has_an_average_precision_of_one() -> None:
    found = np.ones((1, 5), dtype=np.bool_)
    assert metrics.average_precision(found, ints(40), 5).tolist() == [1.0]


def test_exposures() -> None:
    assert metrics.exposures(LISTS, 6).tolist() == [1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("counts", "expected"), [([4, 4, 4], 0.0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25), ([0, 0], math.nan)]
)
def test_gini(counts: list[int], expected: float) -> None:
    assert metrics.gini(np.array(counts, dtype=np.int64)) == pytest.approx(expected, nan_ok=True)


def test_novelty_is_in_bits_and_an_item_without_events_has_some() -> None:
    counts = np.array([[3, 7, 0], [0, 0, 0]], dtype=np.int32)
    lists = np.array([[5, 6, -1], [-1, -1, -1]], dtype=np.int32)
    found = metrics.novelty(lists, counts, np.array([15, 15], dtype=np.int64))
    assert found.tolist() == [pytest.approx((2 + 1) / 2), pytest.approx(math.nan, nan_ok=True)]


def plain_diversity(row: list[int], categories: list[set[int]]) -> float:
    known = [categories[item] for item in row if item >= 0 and categories[item]]
    pairs = [len(a & b) / len(a | b) for n, a in enumerate(known) for b in known[:n]]
    return 1 - sum(pairs) / len(pairs) if pairs else math.nan


@given(
    st.lists(st.sets(st.integers(0, 4), max_size=3), min_size=6, max_size=6),
    st.lists(st.lists(st.integers(-1, 5), min_size=4, max_size=4), min_size=1, max_size=4),
)
def test_diversity_is_one_less_the_mean_jaccard(categories: list[set[int]], rows: list[list[int]]) -> None:
    bounds = np.cumsum([0, *map(len, categories)]).astype(np.int64)
    flat = np.array([c for of_item in categories for c in sorted(of_item)], dtype=np.int32)
    found = metrics.diversity(np.array(rows, dtype=np.int32), bounds, flat)
    assert found.tolist() == [pytest.approx(plain_diversity(row, categories), nan_ok=True) for row in rows]
