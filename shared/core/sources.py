"""Where a user's candidates come from: neighbours of the newest items by order and by nearness, items like them, what
the user took before and may take again, what people with such a history like, tops.

score of x in a source of rows = Σ_r weight^r · (what the row of the r-th newest item says of x); the best of each are
candidates, with the user's own items, whose score is how often they were taken, those that taste (`taste.py`) scores
highest, whose score counts as 2^score, and the heaviest items at each half-life. Numbers of a source are divided by its
best one, for this user.
"""

from dataclasses import dataclass

import numpy as np

from shared.core.candidates import keep_best
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, Singles, kernel
from shared.core.possession import MOST_OWN
from shared.core.rank_cache import RankCache
from shared.core.source_kernels import (
    add_own,
    add_rows,
    add_tastes,
    add_tops,
    candidate,
    take_tastes,
    take_values,
)

ROWS = 4
"""Sources that rows of items are read for; the user's own items and taste are two more."""
AGAIN, TASTE = ROWS, ROWS + 1
SOURCES = ROWS + 2
NAMES = ("together", "next", "quick", "alike", "again", "taste")
BEST_OF_SOURCE = 50
LOOKED_AT = 0.5
"""What it counts as a taking that the user only looked at an item."""
TOPS_OF_HALF_LIFE = 30
DEPTHS = (20, 5, 5, 3)
"""How many of the newest items each source looks at."""
WEIGHTS = (0.8, 0.6, 0.6, 0.6)
"""Weight per step back."""


@dataclass(frozen=True)
class OwnItems:
    """What may come again, the oftenest taken first: ``items`` int32 (cache slots) user after user, user u's from
    ``start[u]`` to ``start[u + 1]``; how many ``times`` int32 each was taken (0: only looked at), ``last`` int64 (ms).
    """

    items: Ints
    times: Ints
    last: Longs
    start: Ints


@dataclass(frozen=True)
class Users:
    """Whom lists are wanted for: ``recent`` int32[users, depth] (cache slots, newest first, -1 beyond),
    ``newest_ts`` int64[users] (ms; 0 without a history), ``visits`` int32[users] (items in the history), ``excluded``
    int32 user after user, user u's from ``excluded_start[u]`` to ``excluded_start[u + 1]``; their ``own`` items.
    """

    recent: Ints
    newest_ts: Longs
    visits: Ints
    excluded: Ints
    excluded_start: Ints
    own: OwnItems

    def __len__(self) -> int:
        return len(self.recent)


@dataclass(frozen=True)
class Candidates:
    """``items`` int32[users, most] (cache slots, -1 beyond ``counts`` int32[users]); ``values`` float64[users, most,
    sources] and ``places`` likewise (1/√(1 + place among the source's best), 0 where it is not among them);
    ``top_places`` float64[users, most, half-lives] likewise; ``met`` int64[users, most]: when the user last met it
    (ms), 0 where it is none of their own.
    """

    items: Ints
    counts: Ints
    values: Floats
    places: Floats
    top_places: Floats
    met: Longs


def most_candidates(half_lives: int) -> int:
    return (ROWS + 1) * BEST_OF_SOURCE + MOST_OWN + half_lives * TOPS_OF_HALF_LIFE


class Scratch:
    """Arrays by item slot that are as they were after every user: kept, since clearing them costs more than a list."""

    def __init__(self) -> None:
        self._fit(0)

    def _fit(self, slots: int) -> None:
        self.sums: Floats = np.zeros((ROWS, slots))
        self.touched: Flags = np.zeros((ROWS, slots), dtype=np.bool_)
        self.touching: Ints = np.zeros((ROWS, slots), dtype=np.int32)
        self.position: Ints = np.full(slots, -1, dtype=np.int32)
        self.barred: Flags = np.zeros(slots, dtype=np.bool_)
        self.tastes: Singles = np.zeros(slots, dtype=np.float32)

    def hold(self, slots: int) -> None:
        """Room for a table of so many slots."""
        if slots > len(self.barred):
            self._fit(slots)


def gather(users: Users, cache: RankCache, scratch: Scratch) -> Candidates:
    """O(users · (depth · K + own items))."""
    ladder = len(cache.half_lives)
    scratch.hold(len(cache.row_of))
    most = most_candidates(ladder)
    shape = (len(users), most)
    found = Candidates(
        np.full(shape, -1, dtype=np.int32),
        np.zeros(len(users), dtype=np.int32),
        np.zeros((*shape, SOURCES)),
        np.zeros((*shape, SOURCES)),
        np.zeros((*shape, ladder)),
        np.zeros(shape, dtype=np.int64),
    )
    gather_each(
        users.recent,
        users.excluded,
        users.excluded_start,
        users.own.items,
        users.own.times,
        users.own.last,
        users.own.start,
        cache.row_of,
        cache.neighbours,
        cache.scores,
        cache.lengths,
        cache.alike,
        cache.likeness,
        cache.alike_lengths,
        cache.top,
        cache.top_length,
        cache.items.keys,
        cache.taste.items,
        cache.taste.place_of,
        cache.taste.inner,
        cache.taste.outer,
        cache.taste.bias,
        np.array(DEPTHS, dtype=np.int32),
        np.array(WEIGHTS),
        scratch.sums,
        scratch.touched,
        scratch.touching,
        scratch.position,
        scratch.barred,
        scratch.tastes,
        found.items,
        found.counts,
        found.values,
        found.places,
        found.top_places,
        found.met,
    )
    return found


@kernel
def gather_each(
    recent: Ints,
    excluded: Ints,
    excluded_start: Ints,
    own: Ints,
    own_times: Ints,
    own_last: Longs,
    own_start: Ints,
    row_of: Ints,
    neighbours: Ints,
    scores: Floats,
    lengths: Ints,
    alike: Ints,
    likeness: Floats,
    alike_lengths: Ints,
    top: Ints,
    top_length: Ints,
    keys: Keys,
    taste_items: Ints,
    taste_place: Ints,
    inner: Singles,
    outer: Singles,
    bias: Singles,
    depths: Ints,
    weights: Floats,
    sums: Floats,
    touched: Flags,
    touching: Ints,
    position: Ints,
    barred: Flags,
    tastes: Singles,
    items: Ints,
    counts: Ints,
    values: Floats,
    places: Floats,
    top_places: Floats,
    met: Longs,
) -> None:
    """User after user; the scratch arrays (``sums`` to ``tastes``) are as they were at the end of each."""
    sizes = np.zeros(4, dtype=np.int64)
    best, best_scores = np.empty(50, dtype=np.int32), np.empty(50)
    for user in range(len(recent)):
        for place in range(excluded_start[user], excluded_start[user + 1]):
            barred[excluded[place]] = True
        sizes[:] = 0
        add_rows(
            recent[user], row_of, neighbours, scores, lengths, alike, likeness, alike_lengths,
            depths, weights, sums, touched, touching, sizes, barred,
        )  # fmt: skip
        n = 0
        for source in range(4):
            size = keep_best(touching[source], sums[source], sizes[source], keys, best, best_scores)
            for place in range(size):
                n = candidate(best[place], n, position, items[user])
                places[user, position[best[place]], source] = 1.0 / np.sqrt(1.0 + place)
        start, end = own_start[user], min(own_start[user + 1], own_start[user] + MOST_OWN)
        n = add_own(
            own[start:end], own_times[start:end], own_last[start:end], barred, position, n,
            items[user], values[user], places[user], met[user],
        )  # fmt: skip
        n = add_tastes(
            recent[user], taste_place, inner, outer, bias, tastes, taste_items, barred, keys, best, best_scores,
            position, n, items[user], places[user],
        )  # fmt: skip
        n = add_tops(top, top_length, barred, position, n, items[user], top_places[user])
        take_values(items[user], n, sums, sizes, touching, values[user])
        take_tastes(items[user], n, tastes, taste_place, best_scores[0], values[user])
        counts[user] = n
        for source in range(4):
            for place in range(sizes[source]):
                sums[source, touching[source, place]] = 0.0
                touched[source, touching[source, place]] = False
        for place in range(n):
            position[items[user, place]] = -1
        for place in range(excluded_start[user], excluded_start[user + 1]):
            barred[excluded[place]] = False
