"""Matrix factorisation by one stochastic step per event: ISGD."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.factors import Reals, first_factors, put_above_zero
from services.evaluate.peers.settings import real
from shared.core.kernel import Floats, kernel


class Isgd(Scoring):
    """ISGD (Vinagre, Jorge & Gama, UMAP 2014) for positive-only feedback: each event moves p_u · q_i towards 1; the
    best items are those nearest to 1. 32 factors, regularisation ``penalty``. The rate is ``rate`` / (1 + ``rate`` ·
    (|p|² + |q|²)), as in normalised LMS: the plain step diverges on long histories.
    """

    def __init__(self, past: Past, rate: float, penalty: float, seed: int) -> None:
        self.past = past
        self._rate, self._penalty = rate, penalty
        self._users, self._items = first_factors(past, seed)

    def learn(self, event: int) -> None:
        log = self.past.log
        step(self._users[log.user[event]], self._items[log.item[event]], self._rate, self._penalty)

    def score(self, query: Query, out: Floats) -> None:
        if self.past.count[query.user]:
            put_above_zero(out, self.past, -np.abs(1.0 - self._items @ self._users[query.user]))


@kernel
def step(user: Reals, item: Reals, rate: float, penalty: float) -> None:
    """Gradient descent on (1 − user · item)², both factors at once. O(factors)."""
    error, size = 1.0, 0.0
    for f in range(len(user)):
        mine, its = float(user[f]), float(item[f])
        error -= mine * its
        size += mine * mine + its * its
    reach = rate / (1.0 + rate * size)
    for f in range(len(user)):
        mine, its = float(user[f]), float(item[f])
        user[f] = mine + reach * (error * its - penalty * mine)
        item[f] = its + reach * (error * mine - penalty * its)


def build(past: Past, parameters: Parameters, seed: int) -> Isgd:
    return Isgd(past, real(parameters, "rate"), real(parameters, "penalty"), seed)


ISGD = Peer(
    "isgd",
    build,
    tuple({"rate": rate, "penalty": penalty} for rate in (0.3, 0.05, 0.1, 0.6) for penalty in (0.01, 0.05)),
    default=False,
)
