"""The kernels that :mod:`shared.core.features` is made of: candidates described, and judged by what describes them."""

import numpy as np

from shared.core.kernel import Floats, Ints, Keys, Longs, kernel
from shared.core.logarithm import exp2, log2
from shared.core.possession import MOST_OWN
from shared.core.rank_cache_kernels import AS_OF, FIRST, LAST
from shared.core.sources import AGAIN, SOURCES


@kernel
def judge_each(
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
    met: Longs,
    log_count: Floats,
    times: Longs,
    category: Keys,
    brand: Keys,
    log_price: Floats,
    top_log: Floats,
    top_ts: Longs,
    half_lives: Longs,
    of_tops: Ints,
    catalogue: bool,
    now: Longs,
    segments: Ints,
    weights: Floats,
    both: Floats,
    rows: Floats,
    kept: bool,
    out: Floats,
) -> None:
    """User after user, candidate after candidate: what describes it into ``rows`` float64[users, most, features] if it
    is to be kept, else into the first of them; its sum by the weights of all and of the user's segment into ``out``
    float64[users, most]. ``both`` float64[features]. All three hold anything before. Its arrays are given one by one:
    taken out of tuples they made it half as fast.
    """
    for user in range(len(counts)):
        pause = 0.0
        if newest_ts[user] > 0:
            pause = log2(1.0 + max(0, now[user] - newest_ts[user]) / 60_000.0) * 0.07
        length = min(visits[user], 20) / 20.0
        habit = share_again(own_times[own_start[user] : own_start[user + 1]])
        for feature in range(len(both)):
            both[feature] = weights[0, feature] + weights[segments[user], feature]
        for place in range(counts[user]):
            item = items[user, place]
            row = rows[user if kept else 0, place if kept else 0]
            row[:] = 0.0
            at = describe_sources(values[user, place], places[user, place], row)
            at = describe_counts(
                log_count[item], times[item, AS_OF], top_places[user, place], top_log, top_ts, half_lives, of_tops,
                now[user], row, at,
            )  # fmt: skip
            first, last = times[item, FIRST], times[item, LAST]
            row[at] = log2(1.0 + max(0, now[user] - last) / 60_000.0) * 0.07 if last > 0 else 1.0
            row[at + 1] = log2(1.0 + max(0, now[user] - first) / 3_600_000.0) * 0.07 if last > 0 else 0.0
            row[at + 2], row[at + 3], row[at + 4] = row[0] * length, row[2] * pause, row[3 * SOURCES + 1] * pause
            if catalogue:
                describe_likeness(item, recent[user], category, brand, log_price, row, at + 5)
            row[at + 9] = 0.0 if last > 0 else 1.0
            row[at + 10] = describe_meeting(met[user, place], now[user])
            row[at + 11] = row[3 * AGAIN + 2] * habit
            score = 0.0
            for feature in range(len(both)):
                score += row[feature] * both[feature]
            out[user, place] = score


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
    as_of: int,
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
                most = top_log[column] - (now - top_ts[column]) / half_lives[column]
                behind = log_count[column] - (now - as_of) / half_lives[column] - most
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
