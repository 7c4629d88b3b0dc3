"""Decayed popularity: what a short list is filled with, whatever method gave it."""

import numpy as np

from services.evaluate.method import Method, Parameters, Peer, Query
from services.evaluate.past import Past
from services.evaluate.ranking import top_n
from shared.core.arithmetic.decay import TABLE
from shared.core.items.popularity import Counters, counts_at
from shared.core.kernel import Flags, Floats, Ints

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
EVER = 36_500 * DAY
HALF_LIVES = (10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, 21 * DAY, 60 * DAY, EVER)
USUAL = 3 * DAY


class Fill(Method):
    """The most popular items at one half-life (ms)."""

    def __init__(self, past: Past, half_life_ms: int) -> None:
        self.past = past
        self._half_life = half_life_ms
        self._counters = Counters([half_life_ms], len(past.log.items))
        self._counts: Floats = np.zeros(len(past.log.items), dtype=np.float64)
        self._one: Floats = np.ones(1, dtype=np.float64)
        self._any: Flags = np.ones(len(past.log.items), dtype=np.bool_)

    def learn(self, event: int) -> None:
        log = self.past.log
        self._counters.add(log.item[event : event + 1], self._one, log.ts[event : event + 1])

    def recommend(self, query: Query, n: int) -> Ints:
        values, exponents = self._counters.values[:, 0], self._counters.exponents[:, 0]
        counts_at(values, exponents, query.ts, self._half_life, TABLE, self._counts)
        self._counts[query.excluded] = 0.0
        return top_n(self._counts, self._any, n)


def build(past: Past, parameters: Parameters, seed: int) -> Fill:
    del seed
    return Fill(past, int(parameters["half_life_ms"] or USUAL))


FILL = Peer("fill", build, tuple({"half_life_ms": half_life} for half_life in HALF_LIVES))
