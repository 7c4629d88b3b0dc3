"""Where a user's candidates come from: neighbours of the newest items by order and by nearness, items like them, tops.

score of x in a source = Σ_r weight^r · (what the row of the r-th newest item says of x); the best of each source are
candidates, with the heaviest items at each half-life. Numbers of a source are divided by its best one, for this user.
"""

from dataclasses import dataclass

import numpy as np

from shared.core.candidates import keep_best
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.rank_cache import RankCache

TOGETHER, NEXT, QUICK, ALIKE = 0, 1, 2, 3
SOURCES = 4
NAMES = ("together", "next", "quick", "alike")
BEST_OF_SOURCE = 50
TOPS_OF_HALF_LIFE = 30
DEPTHS = (20, 5, 5, 3)
"""How many of the newest items each source looks at."""
WEIGHTS = (0.8, 0.6, 0.6, 0.6)
"""Weight per step back."""


@dataclass(frozen=True)
class Users:
    """Whom lists are wanted for: ``recent`` int32[users, depth] (cache slots, newest first, -1 beyond),
    ``newest_ts`` int64[users] (ms; 0 without a history), ``visits`` int32[users] (items in the history), ``excluded``
    int32 user after user, user u's from ``excluded_start[u]`` to ``excluded_start[u + 1]``.
    """

    recent: Ints
    newest_ts: Longs
    visits: Ints
    excluded: Ints
    excluded_start: Ints

    def __len__(self) -> int:
        return len(self.recent)


@dataclass(frozen=True)
class Candidates:
    """``items`` int32[users, most] (cache slots, -1 beyond ``counts`` int32[users]); ``values`` float64[users, most, 4]
    and ``places`` likewise (1/√(1 + place among the source's best), 0 where it is not among them); ``top_places``
    float64[users, most, half-lives] likewise.
    """

    items: Ints
    counts: Ints
    values: Floats
    places: Floats
    top_places: Floats


def most_candidates(half_lives: int) -> int:
    return SOURCES * BEST_OF_SOURCE + half_lives * TOPS_OF_HALF_LIFE


class Scratch:
    """Arrays by item slot that are as they were after every user: kept, since clearing them costs more than a list."""

    def __init__(self) -> None:
        self._fit(0)

    def _fit(self, slots: int) -> None:
        self.sums: Floats = np.zeros((SOURCES, slots))
        self.touched: Flags = np.zeros((SOURCES, slots), dtype=np.bool_)
        self.touching: Ints = np.zeros((SOURCES, slots), dtype=np.int32)
        self.position: Ints = np.full(slots, -1, dtype=np.int32)
        self.barred: Flags = np.zeros(slots, dtype=np.bool_)

    def hold(self, slots: int) -> None:
        """Room for a table of so many slots."""
        if slots > len(self.barred):
            self._fit(slots)


def gather(users: Users, cache: RankCache, scratch: Scratch) -> Candidates:
    """O(users · depth · K)."""
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
    )
    gather_each(
        users.recent,
        users.excluded,
        users.excluded_start,
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
        np.array(DEPTHS, dtype=np.int32),
        np.array(WEIGHTS),
        scratch.sums,
        scratch.touched,
        scratch.touching,
        scratch.position,
        scratch.barred,
        found.items,
        found.counts,
        found.values,
        found.places,
        found.top_places,
    )
    return found


@kernel
def gather_each(
    recent: Ints,
    excluded: Ints,
    excluded_start: Ints,
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
    depths: Ints,
    weights: Floats,
    sums: Floats,
    touched: Flags,
    touching: Ints,
    position: Ints,
    barred: Flags,
    items: Ints,
    counts: Ints,
    values: Floats,
    places: Floats,
    top_places: Floats,
) -> None:
    """User after user; the scratch arrays (``sums`` to ``barred``) are as they were at the end of each."""
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
        n = add_tops(top, top_length, barred, position, n, items[user], top_places[user])
        take_values(items[user], n, sums, sizes, touching, values[user])
        counts[user] = n
        for source in range(4):
            for place in range(sizes[source]):
                sums[source, touching[source, place]] = 0.0
                touched[source, touching[source, place]] = False
        for place in range(n):
            position[items[user, place]] = -1
        for place in range(excluded_start[user], excluded_start[user + 1]):
            barred[excluded[place]] = False


@kernel
def add_rows(
    recent: Ints,
    row_of: Ints,
    neighbours: Ints,
    scores: Floats,
    lengths: Ints,
    alike: Ints,
    likeness: Floats,
    alike_lengths: Ints,
    depths: Ints,
    weights: Floats,
    sums: Floats,
    touched: Flags,
    touching: Ints,
    sizes: Longs,
    barred: Flags,
) -> None:
    """What the rows of the newest items say, by source."""
    worth = np.ones(4)
    for rank in range(len(recent)):
        if recent[rank] < 0:
            break
        row = row_of[recent[rank]]
        if row >= 0:
            for place in range(lengths[row]):
                for source in range(3):
                    score = scores[row, place, source] * worth[source]
                    if rank < depths[source] and score > 0.0 and not barred[neighbours[row, place]]:
                        touch(neighbours[row, place], score, source, sums, touched, touching, sizes)
            if rank < depths[3]:
                for place in range(alike_lengths[row]):
                    if not barred[alike[row, place]]:
                        touch(alike[row, place], likeness[row, place] * worth[3], 3, sums, touched, touching, sizes)
        worth *= weights


@kernel
def touch(item: int, score: float, source: int, sums: Floats, touched: Flags, touching: Ints, sizes: Longs) -> None:
    """Add to an item's sum in a source."""
    if not touched[source, item]:
        touched[source, item] = True
        touching[source, sizes[source]] = item
        sizes[source] += 1
    sums[source, item] += score


@kernel
def candidate(item: int, n: int, position: Ints, items: Ints) -> int:
    """Make the item a candidate unless it is one; returns how many there are."""
    if position[item] < 0:
        position[item] = n
        items[n] = item
        n += 1
    return n


@kernel
def add_tops(
    top: Ints, top_length: Ints, barred: Flags, position: Ints, n: int, items: Ints, top_places: Floats
) -> int:
    """The heaviest items at each half-life that are not barred."""
    for column in range(len(top)):
        taken = 0
        for place in range(top_length[column]):
            item = top[column, place]
            if barred[item]:
                continue
            n = candidate(item, n, position, items)
            top_places[position[item], column] = 1.0 / np.sqrt(1.0 + place)
            taken += 1
            if taken == 30:
                break
    return n


@kernel
def take_values(items: Ints, n: int, sums: Floats, sizes: Longs, touching: Ints, values: Floats) -> None:
    """The candidates' sums, divided by the source's largest."""
    for source in range(4):
        largest = 0.0
        for place in range(sizes[source]):
            largest = max(largest, sums[source, touching[source, place]])
        if largest > 0.0:
            for place in range(n):
                values[place, source] = sums[source, items[place]] / largest
