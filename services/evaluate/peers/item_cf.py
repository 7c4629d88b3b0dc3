"""Item-based collaborative filtering: items alike by the users they share."""

import numpy as np

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.histories import holds, newest_distinct
from services.evaluate.peers.layout import row_starts
from services.evaluate.peers.likeness import COSINE, EUCLIDEAN, PEARSON, likeness
from services.evaluate.peers.pairs import NEIGHBOURS, count_pair
from services.evaluate.peers.settings import NEVER, whole
from shared.core.kernel import Floats, Ints, Longs, kernel


class ItemCf(Scoring):
    """n_i users took item i, c_ij of them item j as well (counted once per user, among ``window`` items of a history).
    Over the columns of the binary users × items matrix of N users:

    - cosine c / √(n_i n_j) (Sarwar et al., WWW 2001);
    - Pearson (N c − n_i n_j) / √(n_i (N − n_i) n_j (N − n_j));
    - Euclidean 1 / (1 + √(n_i + n_j − 2c)).

    A candidate's score is the sum over the ``length`` newest distinct items of the history. Incremental; per item 200
    neighbours at most.
    """

    def __init__(self, past: Past, measure: int, window: int, length: int) -> None:
        items = len(past.log.items)
        self.past = past
        self._measure = measure
        self._length = length
        self._newest: Ints = np.zeros(window, dtype=np.int32)
        self._users = 0
        self._starts = row_starts(past.log, 2 * window, NEIGHBOURS)
        self._neighbours: Ints = np.zeros(self._starts[-1], dtype=np.int32)
        self._shared: Floats = np.zeros(self._starts[-1], dtype=np.float64)
        self._lengths: Ints = np.zeros(items, dtype=np.int32)
        self._times: Longs = np.zeros(items, dtype=np.int64)
        self._takers: Floats = np.zeros(items, dtype=np.float64)

    def learn(self, event: int) -> None:
        log = self.past.log
        start, end = self.past.span(int(log.user[event]))
        self._users += start == end
        learn_shared(
            self._starts, self._neighbours, self._shared, self._lengths, self._times, self._takers,
            self.past.items, start, end, int(log.item[event]), self._newest,
        )  # fmt: skip

    def score(self, query: Query, out: Floats) -> None:
        start, end = self.past.span(query.user)
        newest = np.empty(self._length, dtype=np.int32)
        score_alike(
            self._starts, self._neighbours, self._shared, self._lengths, self._takers, self._users, self._measure,
            self.past.items, start, end, newest, out,
        )  # fmt: skip


@kernel
def learn_shared(
    starts: Longs, neighbours: Ints, shared: Floats, lengths: Ints, times: Longs, takers: Floats,
    items: Ints, start: int, end: int, item: int, newest: Ints,
) -> None:  # fmt: skip
    """One more taker, if the user had not taken the item yet. O(history + window · K)."""
    if holds(items, start, end, item):
        return
    takers[item] += 1.0
    for gap in range(newest_distinct(items, start, end, newest)):
        count_pair(starts, neighbours, shared, lengths, times, NEVER, newest[gap], item, 1.0, 0)
        count_pair(starts, neighbours, shared, lengths, times, NEVER, item, newest[gap], 1.0, 0)


@kernel
def score_alike(
    starts: Longs, neighbours: Ints, shared: Floats, lengths: Ints, takers: Floats, users: int, measure: int,
    items: Ints, start: int, end: int, newest: Ints, out: Floats,
) -> None:  # fmt: skip
    """The newest item's neighbours first. O(distinct items · K)."""
    for rank in range(newest_distinct(items, start, end, newest)):
        row = newest[rank]
        for place in range(starts[row], starts[row] + lengths[row]):
            other = neighbours[place]
            out[other] += likeness(measure, shared[place], takers[row], takers[other], users)


def _peer(name: str, measure: int, *, default: bool) -> Peer:
    def build(past: Past, parameters: Parameters, seed: int) -> ItemCf:
        del seed
        return ItemCf(past, measure, whole(parameters, "window"), whole(parameters, "length"))

    grid = tuple({"window": window, "length": length} for window in (20, 5, 50, 100) for length in (10, 50))
    return Peer(name, build, grid, default)


COSINE_PEER = _peer("cooccurrence-cosine", COSINE, default=True)
PEARSON_PEER = _peer("item-cf-pearson", PEARSON, default=False)
EUCLIDEAN_PEER = _peer("item-cf-euclidean", EUCLIDEAN, default=False)
