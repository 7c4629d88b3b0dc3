"""A share of an answer's places for items that are hardly known yet: how else would they be?"""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from shared.core.arithmetic.draws import draw, draws, part_of
from shared.core.arithmetic.logarithm import log2
from shared.core.kernel import Floats, Ints, Keys, kernel

FIRST = 1
"""The first place is never given away."""


def seed(user: int, now_ms: int, stable_ms: int) -> int:
    """What a user's draws depend on: the same for ``stable_ms``, and not everybody's next at one moment. ``user``: a
    digest of the user's id, 0 … 2⁶⁴ - 1.
    """
    return draw(user, (now_ms + user % stable_ms) // stable_ms)


def explored(
    n: int, share: float, pool: int, drawn_by: int, allowed: Callable[[int], bool] = lambda _: True
) -> list[tuple[int, int]]:
    """Who gets places of ``n``: (place, item of the pool 0 … pool - 1) of each that is given away, by place.

    ``share · n`` places on average over users, a part of one by a draw; no more than the pool has ``allowed`` ones or
    than there are places below the first. Places and allowed items are drawn evenly, none twice. What is explored takes
    nobody's place: those below move down, and the last ones out. O(places given, and items drawn in vain).
    """
    count = int(share * n + part_of(draw(drawn_by, 0))) if share > 0 else 0
    count = max(min(count, n - FIRST, pool), 0)
    if not count:
        return []
    items = list(islice(filter(allowed, _shuffled(pool, drawn_by, 1 + count)), count))
    places = islice(_shuffled(n - FIRST, drawn_by, 1), len(items))
    return [(FIRST + place, item) for place, item in zip(sorted(places), items, strict=True)]


def _shuffled(size: int, drawn_by: int, row: int) -> Iterator[int]:
    """0 … size - 1 in a random order (Fisher and Yates), by the draws from ``row`` on."""
    moved: dict[int, int] = {}
    for n in range(size):
        other = n + draw(drawn_by, row + n) % (size - n)
        yield moved.get(other, other)
        moved[other] = moved.get(n, n)


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
