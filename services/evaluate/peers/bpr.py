"""Matrix factorisation by pairwise ranking, one step per event: incremental BPR."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.factors import Draws, Reals, first_factors, put_above_zero
from services.evaluate.peers.settings import real
from shared.core.kernel import Floats, Ints, kernel

NEGATIVES = 10
FEWEST = 30  # items seen before there is anything to compare with


class Bpr(Scoring):
    """BPR (Rendle, Freudenthaler, Gantner & Schmidt-Thieme, UAI 2009): score p_u · q_i + b_i; each event is a step
    against 10 items drawn evenly from all seen so far, of rate ``rate`` with the regularisation ``penalty``.
    """

    def __init__(self, past: Past, rate: float, penalty: float, seed: int) -> None:
        self.past = past
        self._rate, self._penalty = rate, penalty
        self._users, self._items = first_factors(past, seed)
        self._bias: Reals = np.zeros(len(past.log.items), dtype=np.float32)
        self._draws = Draws(NEGATIVES, seed + 1)

    def learn(self, event: int) -> None:
        """O(negatives · factors)."""
        past, log = self.past, self.past.log
        if past.seen_count < FEWEST:
            return
        step(
            self._users[log.user[event]], self._items, self._bias, int(log.item[event]),
            past.seen_items, past.seen_count, self._draws.take(), self._rate, self._penalty,
        )  # fmt: skip

    def score(self, query: Query, out: Floats) -> None:
        if self.past.count[query.user]:
            put_above_zero(out, self.past, self._items @ self._users[query.user] + self._bias)


@kernel
def step(
    user: Reals, items: Reals, bias: Reals, item: int, seen: Ints, seen_count: int, draws: Floats,
    rate: float, penalty: float,
) -> None:  # fmt: skip
    """Gradient ascent on ln σ(score(item) − score(other)) for each drawn other item, one after the other."""
    for draw in draws:
        other = seen[int(draw * seen_count)]
        if other == item:
            continue
        ahead = float(bias[item]) - float(bias[other])
        for f in range(len(user)):
            ahead += float(user[f]) * (float(items[item, f]) - float(items[other, f]))
        pull = rate / (1.0 + np.exp(ahead))
        bias[item] += pull - rate * penalty * bias[item]
        bias[other] += -pull - rate * penalty * bias[other]
        for f in range(len(user)):
            mine, its, others = float(user[f]), float(items[item, f]), float(items[other, f])
            user[f] = mine + pull * (its - others) - rate * penalty * mine
            items[item, f] = its + pull * mine - rate * penalty * its
            items[other, f] = others - pull * mine - rate * penalty * others


def build(past: Past, parameters: Parameters, seed: int) -> Bpr:
    return Bpr(past, real(parameters, "rate"), real(parameters, "penalty"), seed)


BPR = Peer(
    "bpr",
    build,
    tuple({"rate": rate, "penalty": penalty} for rate in (0.15, 0.05, 0.1, 0.4) for penalty in (0.002, 0.01)),
)
