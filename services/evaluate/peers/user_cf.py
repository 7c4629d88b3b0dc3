"""User-based collaborative filtering: what users alike took."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.histories import holds
from services.evaluate.peers.likeness import COSINE, EUCLIDEAN, PEARSON, likeness
from services.evaluate.peers.sessions import LONGEST, Sessions, counts_first, keep_largest
from services.evaluate.peers.settings import whole
from shared.core.kernel import Floats, Ints, Longs, kernel

HISTORY = 50  # newest distinct items of the user that are compared
TAKERS = 500  # last users of each of them that they are compared with
MEASURES = {"cosine": COSINE, "pearson": PEARSON, "euclidean": EUCLIDEAN}


class UserCf(Scoring):
    """GroupLens's scheme (Resnick et al., CSCW 1994) over rows of the binary matrix: an item's score is the summed
    likeness of those of the ``k`` most similar users who have it among their 100 newest events. Incremental.
    """

    def __init__(self, past: Past, measure: int, k: int) -> None:
        self.past = past
        self._measure, self._k = measure, k
        self._sessions = Sessions(past, TAKERS, HISTORY)
        self._each: Floats = np.ones((HISTORY + 1, HISTORY), dtype=np.float64)
        self._sizes: Floats = np.zeros(len(past.log.users), dtype=np.float64)

    def learn(self, event: int) -> None:
        log = self.past.log
        user = int(log.user[event])
        self._sizes[user] += not holds(self.past.items, *self.past.span(user), int(log.item[event]))
        self._sessions.learn(event)

    def score(self, query: Query, out: Floats) -> None:
        held, past = self._sessions, self.past
        count, length = held.gather(query.user, self._each)
        compare(held.found, count, held.similarity, self._sizes, length, past.seen_count, self._measure)
        count = keep_largest(held.found, count, held.similarity, self._k)
        score_taken(
            held.found, count, held.similarity, past.items, past.start, past.count,
            held.counted_for, held.counted, out,
        )  # fmt: skip
        held.counted += count


@kernel
def compare(found: Ints, count: int, similarity: Floats, sizes: Floats, length: int, items: int, measure: int) -> None:
    """The number of shared items becomes the likeness."""
    for place in range(count):
        user = found[place]
        similarity[user] = likeness(measure, similarity[user], float(length), sizes[user], float(items))


@kernel
def score_taken(
    found: Ints, count: int, similarity: Floats, items: Ints, starts: Longs, counts: Ints,
    counted_for: Longs, earlier: int, out: Floats,
) -> None:  # fmt: skip
    """Each item once per neighbour; ``earlier`` were counted for before them."""
    for place in range(count):
        user = found[place]
        end = starts[user] + counts[user]
        for at in range(max(starts[user], end - LONGEST), end):
            if counts_first(counted_for, earlier + place + 1, items[at]):
                out[items[at]] += similarity[user]


def build(past: Past, parameters: Parameters, seed: int) -> UserCf:
    del seed
    return UserCf(past, MEASURES[str(parameters["measure"])], whole(parameters, "k"))


USER_CF = Peer(
    "user-cf",
    build,
    tuple({"measure": measure, "k": k} for measure in MEASURES for k in (100, 300)),
    default=False,
)
