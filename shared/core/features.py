"""What a candidate is judged by: float64[features] in one fixed order, each about 0 … 1.

Of each source: place, value, log of the value. Of each half-life: log of the decayed count against the heaviest one,
place among the tops. Then: how long since it was last met, since it was first met; place and value under a long
history and after a long pause; likeness to the newest items by the catalogue; whether no event has named it yet; how
lately this user met it; the log of the source of own items, by how far it is this user's habit to take things again.
"""

import numpy as np

from shared.core.kernel import Floats, Ints, Keys, Longs, kernel
from shared.core.logarithm import exp2, log2
from shared.core.possession import MOST_OWN
from shared.core.rank_cache import RankCache
from shared.core.reach import Reach
from shared.core.sources import AGAIN, SOURCES, Blocks, Candidates, Users
from shared.core.sources import NAMES as SOURCE_NAMES

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


def features(
    users: Users, found: Candidates, cache: RankCache, now: Longs, reach: Reach, blocks: Blocks | None = None
) -> Floats:
    """float64[users, most that one has, features] as of ``now`` int64[users] (ms of event time); zeros in what the
    reach leaves out, anything beyond the candidates. In an array of ``blocks``, if given: until the next call.
    """
    shape = (len(users), int(found.counts.max(initial=0)), feature_count(len(cache.half_lives)))
    out: Floats = (blocks or Blocks()).take("features", shape, np.float64)
    describe_each(
        users.recent,
        users.newest_ts,
        users.visits,
        users.own.times,
        users.own.start,
        found.items,
        found.counts,
        found.values,
        found.places,
        found.top_places,
        found.met,
        cache.log_count,
        cache.stat_ts,
        cache.first_ts,
        cache.last_ts,
        cache.category,
        cache.brand,
        cache.log_price,
        cache.top_log,
        cache.top_ts,
        cache.half_lives,
        reach.of_tops(len(cache.half_lives)),
        reach.catalogue,
        now,
        out,
    )
    return out


@kernel
def segments(visits: Ints) -> Ints:
    """Which weight vector is a user's beside the one for all: int32[users]."""
    found = np.empty(len(visits), dtype=np.int32)
    for user in range(len(visits)):
        n = visits[user]
        found[user] = 1 if n < 1 else 2 if n < 2 else 3 if n < 5 else 4 if n < 20 else 5
    return found


@kernel
def describe_each(
    recent: Ints,
    newest_ts: Longs,
    visits: Ints,
    own_times: Ints,
    own_start: Ints,
    items: Ints,
    counts: Ints,
    values: Floats,
    places: Floats,
    top_places: Floats,
    met_ts: Longs,
    log_count: Floats,
    stat_ts: Longs,
    first_ts: Longs,
    last_ts: Longs,
    category: Keys,
    brand: Keys,
    log_price: Floats,
    top_log: Floats,
    top_ts: Longs,
    half_lives: Longs,
    of_tops: Ints,
    catalogue: bool,
    now: Longs,
    out: Floats,
) -> None:
    """User after user, candidate after candidate."""
    for user in range(len(recent)):
        pause = 0.0
        if newest_ts[user] > 0:
            pause = log2(1.0 + max(0, now[user] - newest_ts[user]) / 60_000.0) * 0.07
        length = min(visits[user], 20) / 20.0
        habit = share_again(own_times[own_start[user] : own_start[user + 1]])
        for place in range(counts[user]):
            item, row = items[user, place], out[user, place]
            row[:] = 0.0
            at = describe_sources(values[user, place], places[user, place], row)
            at = describe_counts(
                log_count[item], stat_ts[item], top_places[user, place], top_log, top_ts, half_lives, of_tops,
                now[user], row, at,
            )  # fmt: skip
            met = last_ts[item] > 0
            row[at] = log2(1.0 + max(0, now[user] - last_ts[item]) / 60_000.0) * 0.07 if met else 1.0
            row[at + 1] = log2(1.0 + max(0, now[user] - first_ts[item]) / 3_600_000.0) * 0.07 if met else 0.0
            row[at + 2], row[at + 3], row[at + 4] = row[0] * length, row[2] * pause, row[3 * SOURCES + 1] * pause
            if catalogue:
                describe_likeness(item, recent[user], category, brand, log_price, row, at + 5)
            row[at + 9] = 0.0 if met else 1.0
            row[at + 10] = describe_meeting(met_ts[user, place], now[user])
            row[at + 11] = row[3 * AGAIN + 2] * habit


@kernel
def share_again(times: Ints) -> float:
    """Of a user's takings the share that were of something taken before."""
    taken = total = 0
    for at in range(min(len(times), MOST_OWN)):
        if times[at] > 0:
            taken += 1
            total += times[at]
    return 1.0 - taken / total if total > 0 else 0.0


@kernel
def describe_meeting(met_ts: int, now: int) -> float:
    """How lately the user met the item: 1 just now, half of it 17 hours ago, 0 two years ago and never."""
    if met_ts == 0:
        return 0.0
    return max(0.0, 1.0 - log2(1.0 + max(0, now - met_ts) / 60_000.0) * 0.05)


@kernel
def describe_sources(values: Floats, places: Floats, row: Floats) -> int:
    """Place, value and log of it, source by source; returns the next column."""
    for source in range(len(values)):
        row[3 * source] = places[source]
        row[3 * source + 1] = values[source]
        row[3 * source + 2] = max(0.0, log2(values[source]) / 13.3 + 1.0) if values[source] > 0.0 else 0.0
    return 3 * len(values)


@kernel
def describe_counts(
    log_count: Floats,
    stat_ts: int,
    top_places: Floats,
    top_log: Floats,
    top_ts: Longs,
    half_lives: Longs,
    of_tops: Ints,
    now: int,
    row: Floats,
    at: int,
) -> int:
    """Popularity at each half-life that is looked at, decayed to ``now`` in the logarithm; returns the next column.
    Where no top is known, all are as unpopular as can be.
    """
    for column in range(len(half_lives)):
        if of_tops[column] > 0:
            behind = -20.0
            if top_ts[column] > 0:
                heaviest = top_log[column] - (now - top_ts[column]) / half_lives[column]
                behind = log_count[column] - (now - stat_ts) / half_lives[column] - heaviest
            row[at] = min(max(behind, -20.0), 2.0) / 8.66 + 1.0
            row[at + 1] = top_places[column]
        at += 2
    return at


@kernel
def describe_likeness(
    item: int, recent: Ints, category: Keys, brand: Keys, log_price: Floats, row: Floats, at: int
) -> None:
    """To the newest item: same category, same brand, near in price; share of its category among the newest ten."""
    if recent[0] < 0:
        return
    newest = recent[0]
    row[at] = 1.0 if category[newest] != 0 and category[newest] == category[item] else 0.0
    row[at + 1] = 1.0 if brand[newest] != 0 and brand[newest] == brand[item] else 0.0
    distance = abs(log_price[item] - log_price[newest])
    row[at + 2] = 0.0 if np.isnan(distance) else exp2(-2.9 * distance)
    n = same = 0
    for rank in range(min(10, len(recent))):
        if recent[rank] < 0:
            break
        n += 1
        if category[item] != 0 and category[recent[rank]] == category[item]:
            same += 1
    row[at + 3] = same / n
