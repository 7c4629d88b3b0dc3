"""What everybody takes: all events counted alike, or halving with age."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.settings import DAY, HOUR, MINUTE, NEVER, half_life
from shared.core.kernel import Floats

REBASE = 512  # half-lives after which the landmark moves: float64 holds 1023


class Popularity(Scoring):
    """Counts of events per item; each halves every ``half_life_ms`` (:data:`NEVER`: none does).

    Forward decay (Cormode et al., ICDE 2009): an event at t adds 2^((t − landmark) / half-life), so an order changes by
    events alone. The landmark moves by whole half-lives, which scales every count by a power of two, exactly; an event
    that is more than some 1,500 half-lives old counts nothing. Learn O(1), score O(items).
    """

    def __init__(self, past: Past, half_life_ms: int) -> None:
        self.past = past
        self.half_life_ms = half_life_ms
        self.counts: Floats = np.zeros(len(past.log.items), dtype=np.float64)
        self._landmark = int(past.log.ts[0]) if len(past.log) else 0

    def learn(self, event: int) -> None:
        self.add(int(self.past.log.item[event]), int(self.past.log.ts[event]))

    def add(self, item: int, ts: int) -> None:
        """Count one event of ``item`` at ``ts`` (ms)."""
        gain = 1.0 if self.half_life_ms == NEVER else 2.0 ** self._age(ts)  # first: it may replace the counts
        self.counts[item] += gain

    def _age(self, ts: int) -> float:
        """Half-lives since the landmark, which moves when they are too many."""
        passed = (ts - self._landmark) // self.half_life_ms
        if passed > REBASE:
            self.counts = np.ldexp(self.counts, -passed)
            self._landmark += passed * self.half_life_ms
        return (ts - self._landmark) / self.half_life_ms

    def score(self, query: Query, out: Floats) -> None:
        """In units of an event at the landmark."""
        del query
        out += self.counts


def build(past: Past, parameters: Parameters, seed: int) -> Popularity:
    del seed
    return Popularity(past, half_life(parameters))


POPULARITY = Peer("popularity", build, ({"half_life_ms": None},))
DECAYED = Peer(
    "decayed-popularity",
    build,
    tuple({"half_life_ms": ms} for ms in (DAY, 10 * MINUTE, HOUR, 3 * HOUR, 8 * HOUR, 3 * DAY, 7 * DAY, 30 * DAY)),
)
