"""Items like the last one by what the catalogue says: category, brand, price."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.catalogue import by_brand, by_category, log_prices
from services.evaluate.peers.settings import real
from shared.core.kernel import Floats, Ints

UNPRICED = 1.0  # distance where a price is unknown


class Content(Scoring):
    """Of the category of the newest item that has one, the items by
    brand · [same brand] − price · |ln price − ln price there| + popularity · ln(1 + events), events or none so far.

    The category is the whole path. Learn O(1), score O(items of the category).
    """

    unseen_too = True

    def __init__(self, past: Past, brand: float, price: float, popularity: float) -> None:
        self.past = past
        self._brand, self._price, self._popularity = brand, price, popularity
        self._categories = by_category(past.log)
        self._brands = first_groups(past)
        self._prices = log_prices(past.log)
        self._events: Floats = np.zeros(len(past.log.items), dtype=np.float64)

    def learn(self, event: int) -> None:
        self._events[self.past.log.item[event]] += 1.0

    def score(self, query: Query, out: Floats) -> None:
        for item in self.past.history(query.user)[::-1].tolist():
            category = self._categories.of_item(item)
            if len(category):
                members = self._categories.members(int(category[0]))
                out[members] += np.exp(self._likeness(item, members))
                return

    def _likeness(self, item: int, members: Ints) -> Floats:
        same_brand = (self._brands[members] == self._brands[item]) & (self._brands[item] >= 0)
        apart = np.nan_to_num(np.abs(self._prices[members] - self._prices[item]), nan=UNPRICED)
        popularity = np.log1p(self._events[members])
        likeness: Floats = self._brand * same_brand - self._price * apart + self._popularity * popularity
        return likeness


def first_groups(past: Past) -> Ints:
    """The brand of each item as a number, int32[items]; −1 without."""
    brands = by_brand(past.log)
    of = np.full(len(past.log.items), -1, dtype=np.int32)
    branded = np.flatnonzero(np.diff(brands.of_start))
    of[branded] = brands.of
    return of


def build(past: Past, parameters: Parameters, seed: int) -> Content:
    del seed
    return Content(past, real(parameters, "brand"), real(parameters, "price"), real(parameters, "popularity"))


CONTENT = Peer(
    "content",
    build,
    tuple(
        {"brand": brand, "price": price, "popularity": popularity}
        for brand in (1.0, 2.0)
        for price in (1.0, 2.0)
        for popularity in (0.3, 0.1)
    ),
)
