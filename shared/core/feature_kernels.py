"""The kernels that :mod:`shared.core.features` is made of: candidates described, and judged by what describes them."""

from typing import NamedTuple

import numpy as np

from shared.core.kernel import Floats, Ints, Keys, Longs, kernel
from shared.core.logarithm import exp2, log2
from shared.core.possession import MOST_OWN
from shared.core.rank_cache_kernels import AS_OF, FIRST, LAST
from shared.core.source_kernels import Found
from shared.core.sources import AGAIN, SOURCES


class Asking(NamedTuple):
    """Users who ask, by row: ``recent`` int32[users, newest], ``newest_ts`` and ``now`` int64 (ms), ``visits`` int32;
    ``segments`` int32 say which weights are theirs; of their own items ``times``, from ``start`` on.
    """

    recent: Ints
    newest_ts: Longs
    visits: Ints
    now: Longs
    segments: Ints
    own_times: Ints
    own_start: Ints


class Known(NamedTuple):
    """What is known of items by slot: ``log_count`` float64[slots, half-lives] as of ``times`` int64[slots, 3], and of
    the catalogue ``category``, ``brand`` uint64, ``log_price`` float64.
    """

    log_count: Floats
    times: Longs
    category: Keys
    brand: Keys
    log_price: Floats


class Heaviest(NamedTuple):
    """By half-life (ms): the logarithm of the heaviest item's count ``top_log`` as of ``top_ts``; how many of the
    heaviest are candidates, 0: popularity at this half-life is not looked at.
    """

    half_lives: Longs
    top_log: Floats
    top_ts: Longs
    of_tops: Ints


@kernel
def judge_each(
    asking: Asking,
    found: Found,
    counts: Ints,
    known: Known,
    heaviest: Heaviest,
    catalogue: bool,
    weights: Floats,
    both: Floats,
    rows: Floats,
    kept: bool,
    out: Floats,
) -> None:
    """User after user, candidate after candidate: what describes it into ``rows`` float64[users, most, features] if it
    is to be kept, else into the first of them; its sum by the weights of all and of the user's segment into ``out``
    float64[users, most]. ``both`` float64[features]. All three hold anything before. ``found`` is of all users.
    """
    for user in range(len(counts)):
        for feature in range(len(both)):
            both[feature] = weights[0, feature] + weights[asking.segments[user], feature]
        pause, length = pause_of(asking, user), min(asking.visits[user], 20) / 20.0
        habit = share_again(asking.own_times[asking.own_start[user] : asking.own_start[user + 1]])
        for place in range(counts[user]):
            row = rows[user if kept else 0, place if kept else 0]
            describe(user, place, asking, found, known, heaviest, catalogue, pause, length, habit, row)
            score = 0.0
            for feature in range(len(both)):
                score += row[feature] * both[feature]
            out[user, place] = score


@kernel
def pause_of(asking: Asking, user: int) -> float:
    """How long the user's newest event is ago; 0 without one."""
    newest = asking.newest_ts[user]
    return log2(1.0 + max(0, asking.now[user] - newest) / 60_000.0) * 0.07 if newest > 0 else 0.0


@kernel
def describe(
    user: int,
    place: int,
    asking: Asking,
    found: Found,
    known: Known,
    heaviest: Heaviest,
    catalogue: bool,
    pause: float,
    length: float,
    habit: float,
    row: Floats,
) -> None:
    """All features of one candidate."""
    item, now = found.items[user, place], asking.now[user]
    row[:] = 0.0
    at = describe_sources(found.values[user, place], found.places[user, place], row)
    as_of = known.times[item, AS_OF]
    at = describe_counts(known.log_count[item], as_of, found.top_places[user, place], heaviest, now, row, at)
    first, last = known.times[item, FIRST], known.times[item, LAST]
    row[at] = log2(1.0 + max(0, now - last) / 60_000.0) * 0.07 if last > 0 else 1.0
    row[at + 1] = log2(1.0 + max(0, now - first) / 3_600_000.0) * 0.07 if last > 0 else 0.0
    row[at + 2], row[at + 3], row[at + 4] = row[0] * length, row[2] * pause, row[3 * SOURCES + 1] * pause
    if catalogue:
        describe_likeness(item, asking.recent[user], known, row, at + 5)
    row[at + 9] = 0.0 if last > 0 else 1.0
    row[at + 10] = describe_meeting(found.met[user, place], now)
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
    log_count: Floats, as_of: int, top_places: Floats, heaviest: Heaviest, now: int, row: Floats, at: int
) -> int:
    """Popularity at each half-life that is looked at, decayed to ``now`` in the logarithm; returns the next column.
    Where no top is known, all are as unpopular as can be.
    """
    for column in range(len(heaviest.half_lives)):
        if heaviest.of_tops[column] > 0:
            behind, half_life = -20.0, heaviest.half_lives[column]
            if heaviest.top_ts[column] > 0:
                most = heaviest.top_log[column] - (now - heaviest.top_ts[column]) / half_life
                behind = log_count[column] - (now - as_of) / half_life - most
            row[at] = min(max(behind, -20.0), 2.0) / 8.66 + 1.0
            row[at + 1] = top_places[column]
        at += 2
    return at


@kernel
def describe_likeness(item: int, recent: Ints, known: Known, row: Floats, at: int) -> None:
    """To the newest item: same category, same brand, near in price; share of its category among the newest ten."""
    if recent[0] < 0:
        return
    category, brand, newest = known.category, known.brand, recent[0]
    row[at] = 1.0 if category[newest] != 0 and category[newest] == category[item] else 0.0
    row[at + 1] = 1.0 if brand[newest] != 0 and brand[newest] == brand[item] else 0.0
    distance = abs(known.log_price[item] - known.log_price[newest])
    row[at + 2] = 0.0 if np.isnan(distance) else exp2(-2.9 * distance)
    n = same = 0
    for rank in range(min(10, len(recent))):
        if recent[rank] < 0:
            break
        n += 1
        if category[item] != 0 and category[recent[rank]] == category[item]:
            same += 1
    row[at + 3] = same / n
