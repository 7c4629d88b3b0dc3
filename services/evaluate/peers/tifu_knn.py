"""Next baskets from personal frequencies and those of users alike: TIFU-KNN."""

from time import process_time

import numpy as np
from scipy.sparse import csr_array

from services.evaluate.event_log import NONE
from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.histories import holds
from services.evaluate.peers.settings import real, whole
from shared.core.kernel import Floats, Ints, kernel

OWN = 0.7  # share of the user's own vector
GROUP = 7  # baskets


class TifuKnn(Scoring):
    """TIFU-KNN (Hu, He, Gao & Zhang, Modeling personalized item frequency information, SIGIR 2020).

    A user's vector: baskets in groups of 7 from the newest on; within a group a basket fades by ``within`` per step
    back, a group by ``between``; the mean of the groups' means. Score: .7 · the user's vector + .3 · the mean of those
    of the ``k`` nearest users (Euclidean). The user's own vector is fresh, the others are those of the last refit. A
    basket is what the log calls one, else the events of one timestamp.
    """

    def __init__(self, past: Past, k: int, within: float, between: float) -> None:
        self.past = past
        self._k, self._within, self._between = k, within, between
        self._baskets: Ints = np.zeros(len(past.log), dtype=np.int32)
        self._last: Ints = np.full(len(past.log.users), NONE, dtype=np.int32)
        self._users: Ints = np.zeros(0, dtype=np.int32)
        self._vectors = csr_array((0, len(past.log.items)), dtype=np.float64)
        self._squares: Floats = np.zeros(0, dtype=np.float64)

    def learn(self, event: int) -> None:
        """Number the user's baskets from 0, beside ``past.items``; ``_last``: the user's newest event."""
        user = int(self.past.log.user[event])
        start, end = self.past.span(user)
        if end > start:
            self._baskets[end] = self._baskets[end - 1] + (not self._together(int(self._last[user]), event))
        self._last[user] = event

    def _together(self, one: int, other: int) -> bool:
        log = self.past.log
        column = log.ts if log.basket[one] == NONE else log.basket
        return bool(column[one] == column[other])

    def refit(self, ts: int) -> float:
        """The vectors of all users. O(events)."""
        del ts
        started = process_time()
        past = self.past
        self._users = np.flatnonzero(past.count).astype(np.int32)
        owners = np.repeat(np.arange(len(self._users)), past.count[self._users])
        weights, items = np.zeros(len(owners)), np.zeros(len(owners), dtype=np.int32)
        first = 0
        for user in self._users.tolist():
            start, end = past.span(user)
            items[first : first + end - start] = past.items[start:end]
            into = weights[first : first + end - start]
            weigh_events(past.items, self._baskets, start, end, self._within, self._between, into)
            first += end - start
        self._vectors = csr_array((weights, (owners, items)), shape=(len(self._users), len(past.seen)))
        self._squares = self._vectors.multiply(self._vectors).sum(axis=1)
        return process_time() - started

    def score(self, query: Query, out: Floats) -> None:
        """O(ones of all vectors)."""
        start, end = self.past.span(query.user)
        if end == start:
            return
        mine, weights = np.zeros(len(out)), np.zeros(end - start)
        weigh_events(self.past.items, self._baskets, start, end, self._within, self._between, weights)
        np.add.at(mine, self.past.items[start:end], weights)
        out += OWN * mine
        apart = self._squares - 2.0 * (self._vectors @ mine)
        order = np.argsort(apart, kind="stable")
        nearest = np.sort(order[self._users[order] != query.user][: self._k])
        if len(nearest):
            out += (1.0 - OWN) / len(nearest) * self._vectors[nearest].sum(axis=0)


@kernel
def weigh_events(items: Ints, baskets: Ints, start: int, end: int, within: float, between: float, out: Floats) -> None:
    """What each event of a history, ``items[start:end]``, adds to its item, which counts once for a basket however many
    of its rows name it. ``baskets`` beside the items, ascending. O(events · events of a basket).
    """
    newest, first = baskets[end - 1], start
    count = newest + 1
    groups = (count + GROUP - 1) // GROUP
    for at in range(start, end):
        if baskets[at] != baskets[first]:
            first = at
        back = newest - baskets[at]
        group = back // GROUP
        size = min(GROUP, count - group * GROUP)
        again = holds(items, first, at, items[at])
        out[at - start] = 0.0 if again else within ** (back % GROUP) / size * between**group / groups


def build(past: Past, parameters: Parameters, seed: int) -> TifuKnn:
    del seed
    return TifuKnn(past, whole(parameters, "k"), real(parameters, "within"), real(parameters, "between"))


TIFU_KNN = Peer(
    "tifu-knn",
    build,
    tuple(
        {"k": k, "within": within, "between": between}
        for k in (300, 50)
        for within in (0.9, 1.0)
        for between in (0.7, 0.9)
    ),
    default=False,
)
