"""Session neighbours with linearly fading positions: VMIS-kNN and, with more of everything, VSKNN."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.sessions import CONTEXT, LONGEST, Sessions, counts_first, keep_largest
from services.evaluate.peers.settings import whole
from shared.core.kernel import Floats, Ints, Longs, kernel

MATCH_FADE = 0.1  # per rank of the newest shared item


def linear_positions() -> Floats:
    """``[c, r]``: weight (c − r) / c of the r-th newest of c items. float64[CONTEXT + 1, CONTEXT]."""
    counts = np.arange(CONTEXT + 1, dtype=np.float64)[:, None]
    ranks = np.arange(CONTEXT, dtype=np.float64)[None, :]
    return np.clip((counts - ranks) / np.maximum(counts, 1.0), 0.0, 1.0)


class VmisKnn(Scoring):
    """VMIS-kNN (Kersbergen, Sprangers & Schelter, Serenade, SIGMOD 2022), without its nightly index.

    Of the sessions among the last ``m`` takers of each of the session's newest items, the m with the latest events; of
    these the ``k`` most similar. An item of a neighbour scores similarity · (1 − .1 · rank of the newest shared item)
    · ln(N / n_i), with N sessions, n_i of them with the item.
    """

    def __init__(self, past: Past, m: int, k: int) -> None:
        self.past = past
        self._m, self._k = m, k
        self._weights = linear_positions()
        self._sessions = Sessions(past, m)

    def learn(self, event: int) -> None:
        self._sessions.learn(event)

    def score(self, query: Query, out: Floats) -> None:
        held, past = self._sessions, self.past
        count, _ = held.gather(query.user, self._weights)
        count = keep_largest(held.found, count, held.latest, self._m)
        count = keep_largest(held.found, count, held.similarity, self._k)
        score_items(
            held.found, count, held.similarity, held.match, past.items, past.start, past.count,
            held.taken, held.users, held.counted_for, held.counted, out,
        )  # fmt: skip
        held.counted += count


@kernel
def score_items(
    found: Ints, count: int, similarity: Floats, match: Ints, items: Ints, starts: Longs, counts: Ints,
    taken: Longs, users: int, counted_for: Longs, earlier: int, out: Floats,
) -> None:  # fmt: skip
    """Each item once per neighbour, however often it is there; ``earlier`` were counted for before them.

    O(neighbours · LONGEST).
    """
    for place in range(count):
        user = found[place]
        weight = similarity[user] * (1.0 - MATCH_FADE * match[user])
        end = starts[user] + counts[user]
        for at in range(max(starts[user], end - LONGEST), end):
            item = items[at]
            if counts_first(counted_for, earlier + place + 1, item):
                out[item] += weight * (np.log(users / taken[item]) + 1e-3)


def _peer(name: str, sizes: tuple[tuple[int, int], ...], *, default: bool) -> Peer:
    def build(past: Past, parameters: Parameters, seed: int) -> VmisKnn:
        del seed
        return VmisKnn(past, whole(parameters, "m"), whole(parameters, "k"))

    return Peer(name, build, tuple({"m": m, "k": k} for m, k in sizes), default)


VMIS_KNN = _peer(
    "vmis-knn",
    ((500, 100), (500, 50), (500, 250), (100, 50), (100, 100), (250, 100), (1000, 100), (1000, 250)),
    default=True,
)
VSKNN = _peer("vsknn", ((2000, 500), (2000, 100), (2000, 1000), (4000, 500)), default=False)
"""Vector session kNN (Ludewig & Jannach, UMUAI 2018): the same formula over far more sessions."""
