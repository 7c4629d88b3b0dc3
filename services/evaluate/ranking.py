"""Scores → a list: the best n items that may be shown, filled with decayed popularity where they are too few."""

import numpy as np

from services.evaluate.method import Query, Scoring
from services.evaluate.past import Past
from shared.core.kernel import Flags, Floats, Ints, kernel, making_kernel


@making_kernel
def top_n(scores: Floats, allowed: Flags, n: int) -> Ints:
    """The at most n allowed items with the highest scores above 0, best first, ties by item number.

    A heap of the n best so far, the worst on top. O(items + n log n · log(items / n)) on average.
    """
    item = np.empty(n, dtype=np.int32)
    score = np.empty(n, dtype=np.float64)
    size = 0
    for x in range(len(scores)):
        s = scores[x]
        if not (s > 0.0 and allowed[x]):  # NaN is above nothing
            continue
        if size < n:
            item[size], score[size] = x, s
            size += 1
            if size == n:
                for place in range(n // 2 - 1, -1, -1):
                    _sift(item, score, place, n)
        elif s > score[0]:  # items come ascending: an equal score loses
            item[0], score[0] = x, s
            _sift(item, score, 0, n)
    if size < n:
        for place in range(size // 2 - 1, -1, -1):
            _sift(item, score, place, size)
    for end in range(size - 1, 0, -1):
        item[0], item[end] = item[end], item[0]
        score[0], score[end] = score[end], score[0]
        _sift(item, score, 0, end)
    return item[:size].copy()


@kernel
def _sift(item: Ints, score: Floats, place: int, size: int) -> None:
    """Let the entry at ``place`` sink until no child is worse: a lower score, or the same and a higher number."""
    while True:
        worst = place
        for child in (2 * place + 1, 2 * place + 2):
            if child < size and (
                score[child] < score[worst] or (score[child] == score[worst] and item[child] > item[worst])
            ):
                worst = child
        if worst == place:
            return
        item[place], item[worst] = item[worst], item[place]
        score[place], score[worst] = score[worst], score[place]
        place = worst


class Ranker:
    """Ranks what a :class:`Scoring` method scores. One buffer of float64[items] serves all."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._scores: Floats = np.zeros(len(past.log.items), dtype=np.float64)
        self._all: Flags = np.ones(len(past.log.items), dtype=np.bool_)

    def rank(self, method: Scoring, query: Query, n: int) -> Ints:
        """Items already seen, or, for a method with ``unseen_too``, all of a catalogue that is known ahead."""
        unseen_too = getattr(method, "unseen_too", False) and self._past.log.catalogue_ahead
        self._scores.fill(0.0)
        method.score(query, self._scores)
        self._scores[query.excluded] = 0.0
        return top_n(self._scores, self._all if unseen_too else self._past.seen, n)


def filled(own: Ints, popular: Ints, n: int) -> Ints:
    """``own``, then as many of ``popular`` that are not in it as make n."""
    rest = popular[~np.isin(popular, own)]
    return np.concatenate([own, rest])[:n].astype(np.int32)
