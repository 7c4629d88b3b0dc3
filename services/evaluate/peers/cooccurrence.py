"""Pairs near each other in time, weighted by how near and how recent: co-occurrence and directional transitions."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.pairs import PairCounts
from services.evaluate.peers.settings import DAY, HOUR, MINUTE, half_life, real
from shared.core.kernel import Floats

NEAR = 10  # items of the history before an event that it is paired with
SHRINKAGE = 3.0
PAIR_WEIGHT = 0.8


class WeightedPairs(Scoring):
    """c_ij / ((n_j + 3)^.5 · (n_i + 3)^column) over the newest items j of the user, the r-th weighing ``fade``^r."""

    def __init__(self, past: Past, pairs: PairCounts, length: int, fade: float, column: float) -> None:
        self.past = past
        self._pairs = pairs
        self._rank_weights: Floats = fade ** np.arange(length, dtype=np.float64)
        self._exponents = (0.5, column)

    def learn(self, event: int) -> None:
        self._pairs.learn(event)

    def score(self, query: Query, out: Floats) -> None:
        self._pairs.score(query.user, query.ts, self._rank_weights, self._exponents, SHRINKAGE, out)


def build_cooccurrence(past: Past, parameters: Parameters, seed: int) -> WeightedPairs:
    """Both ways; a pair weighs .8^gap, the candidate's popularity is divided out but weakly."""
    del seed
    gap_weights = PAIR_WEIGHT ** np.arange(NEAR, dtype=np.float64)
    pairs = PairCounts(past, gap_weights, half_life(parameters), both_ways=True)
    return WeightedPairs(past, pairs, NEAR, real(parameters, "fade"), 0.15)


def build_transitions(past: Past, parameters: Parameters, seed: int) -> WeightedPairs:
    """Only from the earlier item to the later one; a pair weighs 1 / gap. (Sequential rules: Ludewig & Jannach,
    Evaluation of session-based recommendation algorithms, UMUAI 2018.)
    """
    del seed
    gap_weights = 1.0 / np.arange(1, NEAR + 1, dtype=np.float64)
    pairs = PairCounts(past, gap_weights, half_life(parameters), both_ways=False)
    return WeightedPairs(past, pairs, NEAR // 2, real(parameters, "fade"), real(parameters, "column"))


RECENCY = Peer(
    "cooccurrence-recency",
    build_cooccurrence,
    tuple(
        {"half_life_ms": ms, "fade": 0.8} for ms in (None, 10 * MINUTE, HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY)
    ),
)
TRANSITIONS = Peer(
    "transitions",
    build_transitions,
    tuple(
        {"half_life_ms": ms, "fade": 0.6, "column": column}
        for ms in (None, HOUR, DAY, 14 * DAY)
        for column in (0.0, 0.3)
    ),
)
