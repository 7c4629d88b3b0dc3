"""Session neighbours weighted by three decays: STAN."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.sessions import CONTEXT, LONGEST, Sessions, counts_first, keep_largest
from services.evaluate.peers.settings import DAY, HOUR, real
from shared.core.kernel import Floats, Ints, Longs, kernel

RECENT = 500
NEIGHBOURS = 100
POSITION_DECAY = 3.0  # λ1, items


class Stan(Scoring):
    """STAN (Garg, Gupta, Malhotra, Vig & Shroff, Sequence and Time Aware Neighborhood, SIGIR 2019), incremental.

    Similarity: Σ over shared items e^(−rank / λ1) / √(items here · events there) · e^(−age of the session / λ2). An
    item of a neighbour scores similarity · e^(−distance there to the newest shared item / λ3), once. ``age_ms`` is λ2,
    ``distance`` λ3 in places. Candidates are the 500 latest sessions, neighbours the 100 most similar.
    """

    def __init__(self, past: Past, age_ms: float, distance: float) -> None:
        self.past = past
        self._age, self._distance = age_ms, distance
        ranks = np.exp(-np.arange(CONTEXT, dtype=np.float64) / POSITION_DECAY)
        self._weights: Floats = np.tile(ranks, (CONTEXT + 1, 1))
        self._sessions = Sessions(past, RECENT)

    def learn(self, event: int) -> None:
        self._sessions.learn(event)

    def score(self, query: Query, out: Floats) -> None:
        held, past = self._sessions, self.past
        count, length = held.gather(query.user, self._weights)
        count = keep_largest(held.found, count, held.latest, RECENT)
        fade(held.found, count, held.similarity, held.latest, past.count, length, query.ts, self._age)
        count = keep_largest(held.found, count, held.similarity, NEIGHBOURS)
        score_near(
            held.found, count, held.similarity, held.match, held.context, past.items, past.start, past.count,
            self._distance, held.counted_for, held.counted, out,
        )  # fmt: skip
        held.counted += count


@kernel
def fade(
    found: Ints, count: int, similarity: Floats, latest: Longs, counts: Ints, length: int, ts: int, age: float
) -> None:
    """Divide by the lengths of both sessions and by the neighbour's age."""
    for place in range(count):
        user = found[place]
        similarity[user] *= np.exp(-(ts - latest[user]) / age) / np.sqrt(float(length * counts[user]))


@kernel
def score_near(
    found: Ints, count: int, similarity: Floats, match: Ints, context: Ints,
    items: Ints, starts: Longs, counts: Ints, distance: float, counted_for: Longs, earlier: int, out: Floats,
) -> None:  # fmt: skip
    """Each item once per neighbour, where it is newest; ``earlier`` were counted for before them.

    O(neighbours · LONGEST); where the shared item is farther back than LONGEST, the distance is LONGEST.
    """
    for place in range(count):
        user = found[place]
        shared = context[match[user]]
        end = starts[user] + counts[user]
        first = max(starts[user], end - LONGEST)
        meeting = end - 1
        while meeting >= first and items[meeting] != shared:
            meeting -= 1
        for at in range(end - 1, first - 1, -1):
            if counts_first(counted_for, earlier + place + 1, items[at]):
                apart = abs(at - meeting) if meeting >= first else LONGEST
                out[items[at]] += similarity[user] * np.exp(-apart / distance)


def build(past: Past, parameters: Parameters, seed: int) -> Stan:
    del seed
    return Stan(past, real(parameters, "age_ms"), real(parameters, "distance"))


STAN = Peer(
    "stan",
    build,
    tuple(
        {"age_ms": age, "distance": distance}
        for age in (5 * DAY, 2 * HOUR, 12 * HOUR, 50 * DAY)
        for distance in (3.0, 10.0)
    ),
)
