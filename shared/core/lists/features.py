"""What a candidate is judged by: float64[features] in one fixed order, each about 0 … 1.

Of each source: place, value, log of the value. Of each half-life: log of the decayed count against the heaviest one,
place among the tops. Then: how long since it was last met, since it was first met; place and value under a long
history and after a long pause; likeness to the newest items by the catalogue; whether no event has named it yet; how
lately this user met it; the log of the source of own items, by how far it is this user's habit to take things again.
"""

from dataclasses import dataclass
from functools import cache as kept
from functools import cached_property

import numpy as np

from shared.core.kernel import Floats, Ints, Longs, making_kernel
from shared.core.lists.feature_kernels import Asking, Heaviest, Known, LookedAt, describe_each, judge_each
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.reach import Reach
from shared.core.lists.sources import NAMES as SOURCE_NAMES
from shared.core.lists.sources import SOURCES, Candidates, Users

OTHERS = (
    "since-last", "since-first", "place-history", "value-pause", "place-pause", "same-category", "same-brand",
    "price", "category-share", "never-met", "again-lately", "again-habit",
)  # fmt: skip
SEGMENTS = 6
"""Weight vectors: one for all, then by history: none, 1, 2 to 4, 5 to 19, 20 and more items."""


def feature_count(half_lives: int) -> int:
    return 3 * SOURCES + 2 * half_lives + len(OTHERS)


def feature_names(half_lives: list[str]) -> list[str]:
    """In the order of the columns."""
    sources = [f"{source}-{what}" for source in SOURCE_NAMES for what in ("place", "value", "log")]
    ladder = [f"{what}-{half_life}" for half_life in half_lives for what in ("popularity", "top-place")]
    return [*sources, *ladder, *OTHERS]


@dataclass(frozen=True)
class Situation:
    """What is to be judged: users, their candidates, as of ``now`` int64[users] (ms of event time), in sight of what is
    held and looked at.
    """

    users: Users
    found: Candidates
    now: Longs
    cache: RankCache
    reach: Reach

    @cached_property
    def segments(self) -> Ints:
        """Which weight vector is each user's beside the one for all: int32[users]."""
        return segments(self.users.visits)


def judged(at: Situation, weights: Floats) -> Floats:
    """float64[users, most]: what the features of each candidate weigh by ``weights`` float64[SEGMENTS, features],
    anything beyond the candidates. O(users · candidates · features).
    """
    room, scores = np.zeros((3, weights.shape[1])), np.empty(at.found.items.shape)
    judge_each(_asking(at), at.found.taken(), at.found.counts, *_sight(at), weights, room, scores)
    return scores


def described(at: Situation, who: Ints, places: Ints) -> Floats:
    """float64[n, features] of the candidates at ``places`` int32[n] of the users ``who`` int32[n]: zeros in what the
    reach leaves out, and of place -1. Those of a user are best asked for together.
    """
    count = feature_count(len(at.cache.half_lives))
    rows = np.zeros((len(who), count))
    describe_each(_asking(at), at.found.taken(), who, places, *_sight(at), np.zeros((3, count)), rows)
    return rows


def _asking(at: Situation) -> Asking:
    users = at.users
    return Asking(users.recent, users.newest_ts, users.visits, at.now, at.segments, users.own.times, users.own.start)


def _sight(at: Situation) -> tuple[Known, Heaviest, LookedAt]:
    cache, reach = at.cache, at.reach
    return (
        Known(cache.log_count, cache.times, cache.category, cache.brand, cache.log_price),
        Heaviest(1.0 / cache.half_lives, cache.top_log, cache.top_ts),
        looked_at(reach, len(cache.half_lives)),
    )


@kept
def looked_at(reach: Reach, half_lives: int) -> LookedAt:
    """Of so many half-lives. Made once: every list asks for it, and nobody writes to it."""
    depths = [*reach.depths, reach.own, reach.taste]
    sources, tops = (np.flatnonzero(many).astype(np.int32) for many in (depths, reach.of_tops(half_lives)))
    return LookedAt(sources, tops, reach.catalogue, reach.own > 0)


@making_kernel
def segments(visits: Ints) -> Ints:
    """By how many items of a history."""
    found = np.empty(len(visits), dtype=np.int32)
    for user in range(len(visits)):
        n = visits[user]
        found[user] = 1 if n < 1 else 2 if n < 2 else 3 if n < 5 else 4 if n < 20 else 5
    return found
