"""Rules of the shop floor: the most popular of what resembles the user's last item by one attribute."""

from abc import abstractmethod

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.catalogue import Groups, by_brand, by_category, by_topic, log_prices
from services.evaluate.peers.popularity import Popularity
from services.evaluate.peers.settings import DAY, HOUR, MINUTE, half_life, real
from shared.core.kernel import Floats, Ints

UNSEEN = 1e-300  # what an item of the group scores that nobody took yet
RECENT = 20  # events whose topics are counted

HALF_LIVES = (None, 10 * MINUTE, HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY)


class Rule(Scoring):
    """Items that :meth:`choose` names, by decayed popularity; items not seen yet last. Score O(items chosen)."""

    unseen_too = True

    def __init__(self, past: Past, half_life_ms: int) -> None:
        self.past = past
        self._popularity = Popularity(past, half_life_ms)

    def learn(self, event: int) -> None:
        self._popularity.learn(event)

    def score(self, query: Query, out: Floats) -> None:
        chosen = self.choose(self.past.history(query.user))
        out[chosen] += self._popularity.counts[chosen] + UNSEEN

    @abstractmethod
    def choose(self, history: Ints) -> Ints:
        """Items for a user with this history (oldest first): no item twice."""


class SameGroup(Rule):
    """Items of the group of the newest item that has one."""

    def __init__(self, past: Past, half_life_ms: int, groups: Groups) -> None:
        super().__init__(past, half_life_ms)
        self._groups = groups

    def choose(self, history: Ints) -> Ints:
        for item in history[::-1].tolist():
            groups = self._groups.of_item(item)
            if len(groups):
                return self._groups.members(int(groups[0]))
        return history[:0]


class SameTopic(Rule):
    """Items of the topic that the user's 20 newest events name most; ties: the topic named first in the catalogue."""

    def __init__(self, past: Past, half_life_ms: int) -> None:
        super().__init__(past, half_life_ms)
        self._groups = by_topic(past.log)

    def choose(self, history: Ints) -> Ints:
        named = [self._groups.of_item(item) for item in history[-RECENT:].tolist()]
        if not sum(map(len, named)):
            return history[:0]
        return self._groups.members(int(np.argmax(np.bincount(np.concatenate(named)))))


class PriceBand(Rule):
    """Items whose price is within a factor of 1 + ``width`` of the newest item that has one. O(log items + chosen)."""

    def __init__(self, past: Past, half_life_ms: int, width: float) -> None:
        super().__init__(past, half_life_ms)
        self._reach = float(np.log1p(width))
        self._prices = log_prices(past.log)
        priced = np.flatnonzero(~np.isnan(self._prices))
        self._order: Ints = priced[np.argsort(self._prices[priced], kind="stable")].astype(np.int32)
        self._sorted: Floats = self._prices[self._order]

    def choose(self, history: Ints) -> Ints:
        priced = history[~np.isnan(self._prices[history])]
        if not len(priced):
            return priced
        price = self._prices[priced[-1]]
        first, end = np.searchsorted(self._sorted, [price - self._reach, price + self._reach])
        return self._order[first:end]


def build_category(past: Past, parameters: Parameters, seed: int) -> Rule:
    del seed
    return SameGroup(past, half_life(parameters), by_category(past.log))


def build_brand(past: Past, parameters: Parameters, seed: int) -> Rule:
    del seed
    return SameGroup(past, half_life(parameters), by_brand(past.log))


def build_topic(past: Past, parameters: Parameters, seed: int) -> Rule:
    del seed
    return SameTopic(past, half_life(parameters))


def build_price(past: Past, parameters: Parameters, seed: int) -> Rule:
    del seed
    return PriceBand(past, half_life(parameters), real(parameters, "width"))


_BY_AGE = tuple({"half_life_ms": ms} for ms in HALF_LIVES)

SAME_CATEGORY = Peer("same-category-popular", build_category, _BY_AGE)
SAME_BRAND = Peer("same-brand", build_brand, _BY_AGE, default=False)
MOST_READ_IN_TOPIC = Peer("most-read-in-topic", build_topic, _BY_AGE, default=False)
PRICE_BAND = Peer(
    "price-band",
    build_price,
    tuple({"half_life_ms": ms, "width": width} for ms in (None, 8 * HOUR, 3 * DAY, 30 * DAY) for width in (0.1, 0.3)),
    default=False,
)
