"""A share of an answer's places for items that are hardly known yet: how else would they be?"""

import numpy as np

from shared.core.draws import draws
from shared.core.kernel import Floats, Ints, Keys, kernel
from shared.core.logarithm import log2

NONE = -1
FIRST = 1
"""The first place is never given away."""


def seed(user: int, now_ms: int, stable_ms: int) -> int:
    """What a user's draws depend on: the same for ``stable_ms``, and not everybody's next at one moment. ``user``: a
    digest of the user's id, 0 … 2⁶⁴ - 1.
    """
    window = (now_ms + user % stable_ms) // stable_ms
    return int(draws(user, np.array([window], dtype=np.int64))[0])


def explored(n: int, share: float, pool: int, drawn_by: int) -> Ints:
    """Who gets each of ``n`` places: int32[n], an item of the pool (0 … pool - 1), or :data:`NONE` for the list's own.

    ``share · n`` places on average over users, a part of one by a draw; no more than the pool has or than there are
    places below the first. Places and items are drawn evenly, none twice. O((n + pool) log).
    """
    given = np.full(n, NONE, dtype=np.int32)
    if share <= 0 or pool <= 0 or n <= FIRST:
        return given
    drawn = draws(drawn_by, np.arange(1 + n - FIRST + pool))
    part = float(drawn[0] >> np.uint64(11)) * 2.0**-53
    count = min(int(np.floor(share * n + part)), n - FIRST, pool)
    places = FIRST + np.argsort(drawn[1 : 1 + n - FIRST], kind="stable")[:count]
    given[places] = np.argsort(drawn[1 + n - FIRST :], kind="stable")[:count]
    return given


def moved_down(given: Ints) -> Ints:
    """Which of the list's own items, from 0, stands at each place that :func:`explored` leaves it: int32[n]. What is
    explored takes nobody's place: those below move down, and the last ones out.
    """
    kept: Ints = (np.cumsum(given == NONE) - 1).astype(np.int32)
    return kept


def hardly_known(events: Floats, size: int, drawn_by: int) -> Ints:
    """A pool of ``size`` of m items to explore, int32, none twice: drawn, the less known the likelier.

    ``events`` float64[m]: how often each was met. One item is about 1 / (1 + events)² as likely as one that nobody met:
    so not everybody explores the same few, which the least known alone would be. O(m log m).
    """
    keys = np.empty(len(events))
    arrivals(draws(drawn_by, np.arange(len(events))), events, keys)
    chosen: Ints = np.argsort(keys, kind="stable")[: max(size, 0)].astype(np.int32)
    return chosen


@kernel
def arrivals(drawn: Keys, events: Floats, out: Floats) -> None:
    """Exponential times at these rates: the order of a draw without replacement (Efraimidis and Spirakis, 2006)."""
    for item in range(len(drawn)):
        even = (np.float64(drawn[item] >> np.uint64(11)) + 0.5) * 2.0**-53
        out[item] = -log2(even) * (1.0 + events[item]) ** 2
