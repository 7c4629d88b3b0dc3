"""What is fitted to the whole past once a day, and answers from the history of now or of the night."""

from abc import abstractmethod
from collections.abc import Callable
from time import process_time

import numpy as np
from scipy.sparse import csr_array

from services.evaluate.method import Parameters, Peer, Query, Scoring
from services.evaluate.past import Past
from shared.core.kernel import Floats, Ints


class Batch(Scoring):
    """``stale``: a user's list is made from the history at the last refit, as a nightly job would have stored it;
    otherwise from the current one. Learns nothing in between.
    """

    def __init__(self, past: Past, *, stale: bool) -> None:
        self.past = past
        self._stale = stale
        self._fitted = False
        self._then: Ints = np.zeros(len(past.log.users), dtype=np.int32)

    def learn(self, event: int) -> None:
        del event

    def refit(self, ts: int) -> float:
        del ts
        if not self.past.seen_count:
            return 0.0
        started = process_time()
        self.fit(user_items(self.past))
        self._fitted = True
        self._then = self.past.count.copy()
        return process_time() - started

    def score(self, query: Query, out: Floats) -> None:
        start, end = self.past.span(query.user)
        if self._stale:
            end = start + int(self._then[query.user])
        if self._fitted and end > start:
            self.score_history(np.unique(self.past.items[start:end]), out)

    @abstractmethod
    def fit(self, matrix: csr_array) -> None:
        """``matrix``: float32[users, items], 1 where the user took the item at least once; not empty."""

    @abstractmethod
    def score_history(self, history: Ints, out: Floats) -> None:
        """Add the scores for who took the items of ``history`` (ascending, distinct, at least one)."""


def user_items(past: Past) -> csr_array:
    """The binary matrix of the past, float32[users, items]; columns of a row ascend."""
    owners = np.repeat(np.arange(len(past.count)), past.count)
    firsts = np.cumsum(past.count) - past.count
    places = past.start[owners] + np.arange(len(owners)) - firsts[owners]
    ones = np.ones(len(owners), dtype=np.float32)
    matrix = csr_array((ones, (owners, past.items[places])), shape=(len(past.count), len(past.seen)))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def both(
    name: str, build: Callable[[Past, Parameters, int, bool], Batch], grid: tuple[Parameters, ...]
) -> tuple[Peer, Peer]:
    """``name`` with fresh histories and ``name-stale``; ``build`` takes as its last whether it is stale."""

    def fresh(past: Past, parameters: Parameters, seed: int) -> Batch:
        return build(past, parameters, seed, False)

    def stale(past: Past, parameters: Parameters, seed: int) -> Batch:
        return build(past, parameters, seed, True)

    return Peer(name, fresh, grid, default=False), Peer(f"{name}-stale", stale, grid, default=False)
