"""What this user took most: for logs in which users take things again."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.histories import holds
from services.evaluate.peers.popularity import Popularity
from services.evaluate.peers.settings import DAY, half_life
from shared.core.kernel import Floats, Ints, Longs, kernel

TIES = 1e-3
"""Of an event's worth: what being the most popular item adds to its own frequency."""


class TopFrequency(Scoring):
    """GP-TopFreq (Li, Jullien, Ariannezhad & de Rijke, A next basket recommendation reality check, TOIS 2023): the
    user's own items by frequency, filled with popular ones, which the harness does with decayed popularity.

    An event halves every ``half_life_ms`` before the user's newest one; rows of one item and moment are one event:
    a basket has an item or not. Of items taken as often, the more popular one is first: most of a history was taken
    once, and in an order of no meaning a tenth of Online Retail's hits are lost.
    """

    def __init__(self, past: Past, half_life_ms: int, popular_ms: int) -> None:
        self.past = past
        self._half_life = half_life_ms
        self._popular = Popularity(past, popular_ms)

    def learn(self, event: int) -> None:
        """For ties alone: the history is all else that it needs."""
        self._popular.learn(event)

    def score(self, query: Query, out: Floats) -> None:
        """O(items)."""
        start, end = self.past.span(query.user)
        if start < end:
            count_own(self.past.items, self.past.times, start, end, self._half_life, out)
            counts = self._popular.counts
            out += np.where(out > 0.0, TIES / counts.max() * counts, 0.0)


@kernel
def count_own(items: Ints, times: Longs, start: int, end: int, half_life: int, out: Floats) -> None:
    """An item once for a moment. O(history · events of a moment). ``half_life`` 0: none."""
    first = start
    for place in range(start, end):
        if times[place] != times[first]:
            first = place
        if not holds(items, first, place, items[place]):
            age = times[end - 1] - times[place]
            out[items[place]] += 1.0 if half_life == 0 else 2.0 ** (-age / half_life)


def build(past: Past, parameters: Parameters, seed: int) -> TopFrequency:
    del seed
    return TopFrequency(past, half_life(parameters), half_life(parameters, "popular_ms"))


GP_TOPFREQ = Peer(
    "gp-topfreq",
    build,
    tuple(
        {"half_life_ms": own, "popular_ms": popular}
        for own in (None, 7 * DAY, 60 * DAY, 180 * DAY)
        for popular in (DAY, 7 * DAY)
    ),
)
