"""Where a user's candidates come from: neighbours of the newest items by order and by nearness, items like them, what
the user took before and may take again, what people with such a history like, tops.

score of x in a source of rows = Σ_r weight^r · (what the row of the r-th newest item says of x); the best of each are
candidates, with the user's own items, whose score is how often they were taken, those that taste (`taste.py`) scores
highest, whose score counts as 2^score, and the heaviest items at each half-life. Numbers of a source are divided by its
best one, for this user.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from shared.core.kernel import Floats, Ints, Keys, Longs, kernel
from shared.core.lists.held_taste import Vectors
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.rank_cache_kernels import Rows
from shared.core.lists.reach import ROWS, Reach, depths_of
from shared.core.lists.source_kernels import (
    Found,
    Tops,
    Work,
    add_best,
    add_own,
    add_rows,
    add_tastes,
    add_tops,
    bar,
    take_tastes,
    take_values,
)

AGAIN, TASTE = ROWS, ROWS + 1
"""The user's own items and taste are two sources more than rows are read for."""
SOURCES = ROWS + 2
NAMES = ("together", "next", "quick", "alike", "again", "taste")
LOOKED_AT = 0.5
"""What it counts as a taking that the user only looked at an item."""
WEIGHTS: Floats = np.array((0.8, 0.6, 0.6, 0.6))
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

    def part(self, first: int, stop: int) -> "Users":
        """The users from ``first`` to ``stop``; a view."""
        if first == 0 and stop >= len(self):
            return self
        these, ends = slice(first, stop), slice(first, stop + 1)
        own = replace(self.own, start=self.own.start[ends])
        return Users(
            self.recent[these], self.newest_ts[these], self.visits[these], self.excluded, self.excluded_start[ends], own
        )


def one_after_the_other(parts: Sequence[Users]) -> Users:
    """Those of all parts as one; at least one part, histories of one depth."""
    if len(parts) == 1:
        return parts[0]
    own = [part.own for part in parts]
    return Users(
        np.concatenate([part.recent for part in parts]),
        np.concatenate([part.newest_ts for part in parts]),
        np.concatenate([part.visits for part in parts]),
        np.concatenate([part.excluded for part in parts]),
        _starts([part.excluded_start for part in parts]),
        OwnItems(
            np.concatenate([one.items for one in own]),
            np.concatenate([one.times for one in own]),
            np.concatenate([one.last for one in own]),
            _starts([one.start for one in own]),
        ),
    )


def _starts(parts: Sequence[Ints]) -> Ints:
    """Where each user's begin once the parts stand one after the other."""
    sizes = np.concatenate([np.diff(part) for part in parts])
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)


@dataclass(frozen=True)
class Candidates:
    """``items`` int32[users, most] (cache slots, -1 beyond ``counts`` int32[users]); ``values`` float64[users, most,
    sources] and ``places`` likewise (1/√(1 + place among the source's best), 0 where it is not among them);
    ``top_places`` float64[users, most, half-lives] likewise, of all of which anything is there beyond the counts;
    ``met`` int64[users, most]: when the user last met it (ms), 0 where it is none of their own.
    """

    items: Ints
    counts: Ints
    values: Floats
    places: Floats
    top_places: Floats
    met: Longs

    def taken(self) -> Found:
        """As kernels take them."""
        return Found(self.items, self.values, self.places, self.top_places, self.met)


class Blocks:
    """Large arrays by name that are used again and again: one made anew costs a page fault for every 4 kB of it."""

    def __init__(self) -> None:
        self._held: dict[str, np.ndarray] = {}

    def take(self, name: str, shape: tuple[int, ...], kind: type) -> Any:
        """An array with anything in it; what was taken under this name before is not to be used any more."""
        size = math.prod(shape)
        held = self._held.get(name)
        if held is None or len(held) < size:
            held = self._held[name] = np.empty(size, dtype=kind)
        return held[:size].reshape(shape)


class Scratch:
    """Arrays for one user after the other, kept since making them anew costs more than a list: :class:`Work`, whose
    ``position`` is -1 everywhere after every user.
    """

    def __init__(self) -> None:
        self._fit(0, 0)

    def _fit(self, slots: int, best: int) -> None:
        self.work = Work(
            np.full(slots, -1, dtype=np.int32),
            np.zeros(slots, dtype=np.int32),
            np.zeros(slots, dtype=np.int32),
            np.zeros((ROWS, slots)),
            np.zeros(ROWS, dtype=np.int32),
            np.zeros(ROWS),
            np.zeros(ROWS),
            np.zeros(slots, dtype=np.float32),
            np.zeros(best, dtype=np.int32),
            np.zeros(best),
            np.zeros(best, dtype=np.uint64),
        )

    def hold(self, slots: int, best: int) -> Work:
        """Room for a table of so many slots, and so many of the best of a source."""
        if slots > len(self.work.position) or best > len(self.work.best):
            self._fit(max(slots, len(self.work.position)), max(best, len(self.work.best)))
        return self.work


def gather(users: Users, cache: RankCache, scratch: Scratch, reach: Reach, blocks: Blocks | None = None) -> Candidates:
    """O(users · (depth · K + own items)). In arrays of ``blocks``, if given: until the next call with them."""
    blocks = blocks or Blocks()
    ladder = len(cache.half_lives)
    shape = (len(users), reach.most_candidates(ladder))
    found = Candidates(
        blocks.take("items", shape, np.int32),
        np.zeros(len(users), dtype=np.int32),
        blocks.take("values", (*shape, SOURCES), np.float64),
        blocks.take("places", (*shape, SOURCES), np.float64),
        blocks.take("top places", (*shape, ladder), np.float64),
        blocks.take("met", shape, np.int64),
    )
    own = users.own
    gather_each(
        UserArrays(users.recent, users.excluded, users.excluded_start, own.items, own.times, own.last, own.start),
        cache.held_rows,
        Tops(cache.top, cache.top_length, reach.of_tops(ladder)),
        cache.items.keys,
        cache.taste.vectors,
        Depth(depths_of(reach), WEIGHTS, reach.best, reach.own, reach.taste),
        scratch.hold(len(cache.row_of), max(reach.best, reach.taste)),
        found.taken(),
        found.counts,
    )
    return found


class UserArrays(NamedTuple):
    """:class:`Users` and their :class:`OwnItems`, as kernels take them."""

    recent: Ints
    excluded: Ints
    excluded_start: Ints
    own: Ints
    own_times: Ints
    own_last: Longs
    own_start: Ints


class Depth(NamedTuple):
    """A :class:`~shared.core.lists.reach.Reach`, its ``depths`` int32 and the ``weights`` float64 of a step back by
    source of rows.
    """

    depths: Ints
    weights: Floats
    best: int
    own: int
    taste: int


@kernel
def gather_each(
    asking: UserArrays,
    rows: Rows,
    tops: Tops,
    keys: Keys,
    vectors: Vectors,
    depth: Depth,
    work: Work,
    every: Found,
    counts: Ints,
) -> None:
    """User after user: all that ``every`` says of them, an axis more than of one. What is given to be filled holds
    anything.
    """
    for user in range(len(counts)):
        found = Found(
            every.items[user], every.values[user], every.places[user], every.top_places[user], every.met[user]
        )
        recent, start = asking.recent[user], asking.own_start[user]
        barred = asking.excluded[asking.excluded_start[user] : asking.excluded_start[user + 1]]
        bar(barred, work.position, -2)
        size = add_rows(recent, rows, depth.depths, depth.weights, work)
        n = add_best(work, keys, depth.best, found)
        end = min(asking.own_start[user + 1], start + depth.own)
        own, times, last = asking.own[start:end], asking.own_times[start:end], asking.own_last[start:end]
        size, n = add_own(own, times, last, work, size, n, found)
        size, n, highest = add_tastes(recent, vectors, keys, depth.taste, work, size, n, found)
        size, n = add_tops(tops, work, size, n, found)
        take_values(work, n, found)
        take_tastes(n, work.tastes, vectors.place_of, highest, found)
        found.items[n:], found.met[n:] = -1, 0
        counts[user] = n
        bar(work.named[:size], work.position, -1)
        bar(barred, work.position, -1)
