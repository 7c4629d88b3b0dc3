"""What this user took most: for logs in which users take things again."""

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.settings import DAY, HOUR, half_life
from shared.core.kernel import Floats, Ints, Longs, kernel


class TopFrequency(Scoring):
    """GP-TopFreq (Li, Jullien, Ariannezhad & de Rijke, A next basket recommendation reality check, TOIS 2023): the
    user's own items by frequency, filled with popular ones, which the harness does with decayed popularity.

    An event halves every ``half_life_ms`` before the user's newest one. Learns nothing: the history is all it needs.
    """

    def __init__(self, past: Past, half_life_ms: int) -> None:
        self.past = past
        self._half_life = half_life_ms

    def learn(self, event: int) -> None:
        del event

    def score(self, query: Query, out: Floats) -> None:
        start, end = self.past.span(query.user)
        count_own(self.past.items, self.past.times, start, end, self._half_life, out)


@kernel
def count_own(items: Ints, times: Longs, start: int, end: int, half_life: int, out: Floats) -> None:
    """O(history). ``half_life`` 0: none."""
    for place in range(start, end):
        age = times[end - 1] - times[place]
        out[items[place]] += 1.0 if half_life == 0 else 2.0 ** (-age / half_life)


def build(past: Past, parameters: Parameters, seed: int) -> TopFrequency:
    del seed
    return TopFrequency(past, half_life(parameters))


GP_TOPFREQ = Peer(
    "gp-topfreq",
    build,
    tuple({"half_life_ms": ms} for ms in (None, HOUR, 8 * HOUR, DAY, 7 * DAY, 21 * DAY, 60 * DAY, 180 * DAY)),
)
