"""Kernels of pair counts against plain dictionaries."""

from collections import defaultdict

import numpy as np
import pytest

from services.evaluate.peers.cooccurrence import NEAR, WeightedPairs, build_cooccurrence, build_transitions
from services.evaluate.peers.histories import newest_distinct
from services.evaluate.peers.pairs import count_pair
from services.evaluate.peers.settings import HOUR, MINUTE, NEVER
from tests.unit.evaluate.peers.logs import START, Events, learned, log_of, random_events, scores

EVENTS = random_events(5, 400, users=6, items=15, step=5 * MINUTE)


def distinct_backwards(items: list[int]) -> list[int]:
    return list(dict.fromkeys(reversed(items)))


class Plain:
    """Every pair event with its weight and time, decayed when asked."""

    def __init__(self, events: Events, gap_weights: list[float], both_ways: bool) -> None:
        self.pairs: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        self.taken: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self.histories: dict[int, list[int]] = defaultdict(list)
        for ts, user, item in events:
            for gap, other in enumerate(distinct_backwards(self.histories[user])[: len(gap_weights)]):
                if other == item:
                    break
                self.pairs[other, item].append((ts, gap_weights[gap]))
                if both_ways:
                    self.pairs[item, other].append((ts, gap_weights[gap]))
            self.taken[item].append((ts, 1.0))
            self.histories[user].append(item)

    def score(self, user: int, now: int, half_life: int, length: int, fade: float, column: float) -> dict[int, float]:
        def worth(entries: list[tuple[int, float]]) -> float:
            return sum(w * (1.0 if half_life == NEVER else 2.0 ** ((ts - now) / half_life)) for ts, w in entries)

        found: dict[int, float] = defaultdict(float)
        for rank, row in enumerate(distinct_backwards(self.histories[user])[:length]):
            for (one, other), entries in self.pairs.items():
                if one == row:
                    below = (worth(self.taken[row]) + 3.0) ** 0.5 * (worth(self.taken[other]) + 3.0) ** column
                    found[other] += fade**rank * worth(entries) / below
        return found


@pytest.mark.parametrize("half_life", [None, HOUR])
@pytest.mark.parametrize("both_ways", [True, False])
def test_the_score_is_the_formula(half_life: int | None, both_ways: bool) -> None:
    parameters = {"half_life_ms": half_life, "fade": 0.7, "column": 0.15}
    build = build_cooccurrence if both_ways else build_transitions
    weights = [0.8**gap if both_ways else 1.0 / (gap + 1) for gap in range(NEAR)]
    plain = Plain(EVENTS, weights, both_ways)
    method: WeightedPairs = learned(log_of(EVENTS), lambda past: build(past, parameters, 7))
    now = EVENTS[-1][0] + HOUR
    for user in range(6):
        wanted = plain.score(user, now, half_life or NEVER, NEAR if both_ways else NEAR // 2, 0.7, 0.15)
        found = scores(method, user, now)
        assert {item: found[item] for item in np.flatnonzero(found).tolist()} == pytest.approx(wanted, rel=1e-9)


def test_transitions_point_forward() -> None:
    parameters = {"half_life_ms": None, "fade": 1.0, "column": 0.0}
    log = log_of([(0, 0, 0), (1, 0, 1), (2, 1, 1), (3, 2, 0)])
    method = learned(log, lambda past: build_transitions(past, parameters, 7))
    assert not scores(method, 1).any()
    assert np.flatnonzero(scores(method, 2)).tolist() == [1]


def test_a_full_row_loses_its_lightest_neighbour_of_equals_the_one_with_the_largest_number() -> None:
    starts = np.array([0, 3], dtype=np.int64)
    neighbours, weights = np.zeros(3, dtype=np.int32), np.zeros(3)
    lengths, times = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int64)
    for other, weight in ((5, 1.0), (9, 1.0), (2, 4.0), (7, 0.5)):
        count_pair(starts, neighbours, weights, lengths, times, HOUR, 0, other, weight, START)
    assert neighbours.tolist() == [5, 7, 2]
    count_pair(starts, neighbours, weights, lengths, times, HOUR, 0, 2, 1.0, START + HOUR)
    assert weights.tolist() == [0.5, 0.25, 3.0]


def test_newest_distinct_items_come_newest_first() -> None:
    items = np.array([4, 1, 2, 1, 3, 3], dtype=np.int32)
    out = np.zeros(3, dtype=np.int32)
    assert newest_distinct(items, 0, 6, out) == 3
    assert out.tolist() == [3, 1, 2]
    assert newest_distinct(items, 4, 6, out) == 1
