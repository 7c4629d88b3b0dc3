import math
from collections import Counter, defaultdict
from itertools import permutations

import numpy as np
import pytest

from services.evaluate.peers.item_cf import ItemCf
from services.evaluate.peers.likeness import COSINE, EUCLIDEAN, PEARSON, likeness
from tests.unit.evaluate.peers.logs import learned, log_of, random_events, scores

EVENTS = random_events(2, 120, users=12, items=14)


def columns() -> tuple[np.ndarray, dict[tuple[int, int], int]]:
    """The binary matrix [users, items], and users who share each pair."""
    baskets: dict[int, set[int]] = defaultdict(set)
    for _, user, item in EVENTS:
        baskets[user].add(item)
    matrix = np.zeros((12, max(item for _, _, item in EVENTS) + 1))
    for user, items in baskets.items():
        matrix[user, list(items)] = 1.0
    return matrix, Counter(pair for items in baskets.values() for pair in permutations(sorted(items), 2))


def measured(measure: int, one: np.ndarray, other: np.ndarray) -> float:
    """By the definitions, over whole columns."""
    if measure == COSINE:
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    if measure == PEARSON:
        return 0.0 if one.std() * other.std() == 0.0 else float(np.corrcoef(one, other)[0, 1])
    return float(1.0 / (1.0 + np.linalg.norm(one - other)))


@pytest.mark.parametrize("measure", [COSINE, PEARSON, EUCLIDEAN])
def test_scores_sum_what_the_definitions_say(measure: int) -> None:
    matrix, shared = columns()
    method = learned(log_of(EVENTS), lambda past: ItemCf(past, measure, window=50, length=50))
    for user in range(12):
        wanted = np.zeros(matrix.shape[1])
        for one in np.flatnonzero(matrix[user]).tolist():
            for other in range(matrix.shape[1]):
                if shared[one, other]:
                    wanted[other] += measured(measure, matrix[:, one], matrix[:, other])
        assert scores(method, user) == pytest.approx(wanted, abs=1e-9)


def test_a_user_counts_once_however_often_an_item_is_taken() -> None:
    log = log_of([(0, 0, 0), (1, 0, 1), (2, 0, 0), (3, 0, 1), (4, 1, 0)])
    found = scores(learned(log, lambda past: ItemCf(past, COSINE, window=5, length=5)), user=1)
    assert found.tolist() == pytest.approx([0.0, 1.0 / math.sqrt(2.0)])


def test_a_window_bounds_how_far_back_pairs_reach() -> None:
    log = log_of([(n, 0, n) for n in range(4)])
    found = scores(learned(log, lambda past: ItemCf(past, COSINE, window=1, length=1)), user=0)
    assert np.flatnonzero(found).tolist() == [2]


def test_likeness_without_spread_is_none() -> None:
    assert likeness(PEARSON, 3.0, 3.0, 3.0, 3.0) == 0.0
    assert likeness(EUCLIDEAN, 3.0, 3.0, 3.0, 3.0) == 1.0
