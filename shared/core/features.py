"""What a candidate is judged by: float64[features] in one fixed order, each about 0 … 1.

Of each source: place, value, log of the value. Of each half-life: log of the decayed count against the heaviest one,
place among the tops. Then: how long since it was last met, since it was first met; place and value under a long
history and after a long pause; likeness to the newest items by the catalogue; whether no event has named it yet; how
lately this user met it; the log of the source of own items, by how far it is this user's habit to take things again.
"""

import numpy as np

from shared.core.feature_kernels import Asking, Heaviest, Known, judge_each
from shared.core.kernel import Floats, Ints, Longs, making_kernel
from shared.core.rank_cache import RankCache
from shared.core.reach import Reach
from shared.core.sources import NAMES as SOURCE_NAMES
from shared.core.sources import SOURCES, Candidates, Users

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


def features(users: Users, found: Candidates, cache: RankCache, now: Longs, reach: Reach) -> Floats:
    """float64[users, most that one has, features] as of ``now`` int64[users] (ms of event time); zeros in what the
    reach leaves out, anything beyond the candidates. O(users · candidates · features).
    """
    count = feature_count(len(cache.half_lives))
    rows = np.empty((len(users), int(found.counts.max(initial=0)), count))
    _judge(users, found, cache, now, reach, np.zeros((SEGMENTS, count)), rows)
    return rows


def judged(users: Users, found: Candidates, cache: RankCache, now: Longs, reach: Reach, weights: Floats) -> Floats:
    """float64[users, most]: the score of each candidate by ``weights`` float64[SEGMENTS, features], anything beyond
    them. What :func:`features` and the ranker's ``score_each`` say, bit for bit, but features are not kept: they are
    as much memory as all the rest of a list.
    """
    return _judge(users, found, cache, now, reach, weights)


def _judge(
    users: Users,
    found: Candidates,
    cache: RankCache,
    now: Longs,
    reach: Reach,
    weights: Floats,
    rows: Floats | None = None,
) -> Floats:
    """Scores, and into ``rows``, if given, the features."""
    count, scores = weights.shape[1], np.empty(found.items.shape)
    asking = Asking(
        users.recent, users.newest_ts, users.visits, now, segments(users.visits), users.own.times, users.own.start
    )
    judge_each(
        asking,
        found.taken(),
        found.counts,
        Known(cache.log_count, cache.times, cache.category, cache.brand, cache.log_price),
        Heaviest(cache.half_lives, cache.top_log, cache.top_ts, reach.of_tops(len(cache.half_lives))),
        reach.catalogue,
        weights,
        np.empty(count),
        np.empty((1, 1, count)) if rows is None else rows,
        rows is not None,
        scores,
    )
    return scores


@making_kernel
def segments(visits: Ints) -> Ints:
    """Which weight vector is a user's beside the one for all: int32[users]."""
    found = np.empty(len(visits), dtype=np.int32)
    for user in range(len(visits)):
        n = visits[user]
        found[user] = 1 if n < 1 else 2 if n < 2 else 3 if n < 5 else 4 if n < 20 else 5
    return found
