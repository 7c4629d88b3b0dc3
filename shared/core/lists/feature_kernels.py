"""The kernels that :mod:`shared.core.lists.features` is made of: candidates described, and judged by what describes
them.

What describes puts features into ``row`` and says what they weigh by ``both``, the weights of all and of the user's
segment: of one feature after the other in registers, since what was just stored is slow to read.
"""

from typing import NamedTuple

import numpy as np

from shared.core.arithmetic.logarithm import exp2, log2
from shared.core.kernel import Floats, Ints, Keys, Longs, kernel
from shared.core.lists.rank_cache_kernels import AS_OF, FIRST, LAST
from shared.core.lists.source_kernels import Found
from shared.core.lists.sources import AGAIN, SOURCES
from shared.core.profiles.possession import MOST_OWN

LEAST = 1e-300
"""Of a value that is not above it the logarithm counts for nothing."""
PER_OCTAVE, PER_HALVING = 1 / 13.3, 1 / 8.66
PER_MINUTE, PER_HOUR = 1 / 60_000, 1 / 3_600_000
"""To divide takes longer than all else that is done for a number."""


class Asking(NamedTuple):
    """Users who ask, by row: ``recent`` int32[users, newest], ``newest_ts`` and ``now`` int64 (ms), ``visits`` int32;
    ``segments`` int32 say which weights are theirs; of their own items ``own_times``, from ``own_start`` on.
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
    """By half-life: how often it passes in a millisecond, ``rates`` float64; the logarithm of the heaviest item's count
    ``top_log`` as of ``top_ts`` (ms).
    """

    rates: Floats
    top_log: Floats
    top_ts: Longs


class LookedAt(NamedTuple):
    """What a reach looks at: the numbers of its ``sources`` int32, those of the half-lives of its ``tops`` int32,
    whether at the catalogue and at users' own items. Features of what it does not look at are left as they are.
    """

    sources: Ints
    tops: Ints
    catalogue: bool
    own: bool


@kernel
def judge_each(
    asking: Asking,
    found: Found,
    counts: Ints,
    known: Known,
    heaviest: Heaviest,
    looked_at: LookedAt,
    weights: Floats,
    room: Floats,
    out: Floats,
) -> None:
    """User after user, candidate after candidate: what its features weigh into ``out`` float64[users, most], which
    holds anything before. ``room`` float64[3, features]. ``found`` is of all users.
    """
    both, most, row = room[0], room[1], room[2]
    for user in range(len(counts)):
        for feature in range(len(both)):
            both[feature] = weights[0, feature] + weights[asking.segments[user], feature]
        decay_heaviest(heaviest, looked_at.tops, asking.now[user], most)
        pause, length, habit = describe_user(user, asking)
        for place in range(counts[user]):
            out[user, place] = describe(
                user, place, asking, found, known, heaviest.rates, most, looked_at, pause, length, habit, both, row
            )


@kernel
def describe_each(
    asking: Asking,
    found: Found,
    who: Ints,
    places: Ints,
    known: Known,
    heaviest: Heaviest,
    looked_at: LookedAt,
    room: Floats,
    rows: Floats,
) -> None:
    """The candidates at ``places`` int32[n] of the users ``who`` int32[n] into ``rows`` float64[n, features], zeros
    before; nothing of place -1. ``room`` as for judging, zeros.
    """
    both, most, before = room[0], room[1], -1
    pause = length = habit = 0.0
    for n in range(len(who)):
        user, place = who[n], places[n]
        if place < 0:
            continue
        if user != before:
            decay_heaviest(heaviest, looked_at.tops, asking.now[user], most)
            before = user
            pause, length, habit = describe_user(user, asking)
        describe(
            user, place, asking, found, known, heaviest.rates, most, looked_at, pause, length, habit, both, rows[n]
        )


@kernel
def decay_heaviest(heaviest: Heaviest, tops: Ints, now: int, most: Floats) -> None:
    """The logarithm of the heaviest count at each half-life, decayed to ``now``; infinite where no top is known."""
    for column in tops:
        behind = (now - heaviest.top_ts[column]) * heaviest.rates[column]
        most[column] = heaviest.top_log[column] - behind if heaviest.top_ts[column] > 0 else np.inf


@kernel
def describe_user(user: int, asking: Asking) -> tuple[float, float, float]:
    """How long their newest event is ago, how long their history is, how far it is their habit to take things again."""
    newest, pause = asking.newest_ts[user], 0.0
    if newest > 0:
        pause = log2(1.0 + max(0, asking.now[user] - newest) * PER_MINUTE) * 0.07
    habit = share_again(asking.own_times[asking.own_start[user] : asking.own_start[user + 1]])
    return pause, min(asking.visits[user], 20) / 20.0, habit


@kernel
def describe(
    user: int,
    place: int,
    asking: Asking,
    found: Found,
    known: Known,
    rates: Floats,
    most: Floats,
    looked_at: LookedAt,
    pause: float,
    length: float,
    habit: float,
    both: Floats,
    row: Floats,
) -> float:
    """All features of one candidate; what they weigh."""
    item, now = found.items[user, place], asking.now[user]
    values, top_places = found.values[user, place], found.top_places[user, place]
    score = describe_sources(values, found.places[user, place], looked_at.sources, both, row)
    as_of = known.times[item, AS_OF]
    score += describe_counts(known.log_count[item], as_of, top_places, rates, looked_at.tops, most, now, both, row)
    at = 3 * SOURCES + 2 * len(rates)
    score += describe_age(known.times[item, FIRST], known.times[item, LAST], now, both, row, at)
    score += describe_against(pause, length, both, row, at + 2)
    if looked_at.catalogue:
        score += describe_likeness(item, asking.recent[user], known, both, row, at + 5)
    if looked_at.own:
        score += describe_meeting(found.met[user, place], now, habit, both, row, at + 10)
    return score


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
def describe_meeting(met_ts: int, now: int, habit: float, both: Floats, row: Floats, at: int) -> float:
    """How lately the user met the item: 1 just now, half of it 17 hours ago, 0 two years ago and never. And the log of
    the source of own items, by their habit.
    """
    lately = 0.0
    if met_ts != 0:
        lately = max(0.0, 1.0 - log2(1.0 + max(0, now - met_ts) * PER_MINUTE) * 0.05)
    by_habit = row[3 * AGAIN + 2] * habit
    row[at], row[at + 1] = lately, by_habit
    return float(lately * both[at] + by_habit * both[at + 1])


@kernel
def describe_sources(values: Floats, places: Floats, sources: Ints, both: Floats, row: Floats) -> float:
    """Place, value and log of it, source by source."""
    score = 0.0
    for source in sources:
        at, place, value = 3 * source, places[source], values[source]
        log = max(0.0, log2(max(value, LEAST)) * PER_OCTAVE + 1.0)
        row[at], row[at + 1], row[at + 2] = place, value, log
        score += place * both[at] + value * both[at + 1] + log * both[at + 2]
    return score


@kernel
def describe_counts(
    log_count: Floats,
    as_of: int,
    top_places: Floats,
    rates: Floats,
    tops: Ints,
    most: Floats,
    now: int,
    both: Floats,
    row: Floats,
) -> float:
    """Popularity at each half-life that is looked at, decayed to ``now`` in the logarithm, against the heaviest
    item's: where none is known, all are as unpopular as can be.
    """
    score = 0.0
    for column in tops:
        at, behind = 3 * SOURCES + 2 * column, log_count[column] - (now - as_of) * rates[column] - most[column]
        popular, top_place = min(max(behind, -20.0), 2.0) * PER_HALVING + 1.0, top_places[column]
        row[at], row[at + 1] = popular, top_place
        score += popular * both[at] + top_place * both[at + 1]
    return score


@kernel
def describe_age(first: int, last: int, now: int, both: Floats, row: Floats, at: int) -> float:
    """How long since an event named it last, and first; whether none has."""
    since_last, since_first, never = 1.0, 0.0, 1.0
    if last > 0:
        since_last = log2(1.0 + max(0, now - last) * PER_MINUTE) * 0.07
        since_first = log2(1.0 + max(0, now - first) * PER_HOUR) * 0.07
        never = 0.0
    row[at], row[at + 1], row[at + 9] = since_last, since_first, never
    return float(since_last * both[at] + since_first * both[at + 1] + never * both[at + 9])


@kernel
def describe_against(pause: float, length: float, both: Floats, row: Floats, at: int) -> float:
    """Place and log of the first source under a long history and after a long pause, place among the first tops."""
    by_history, by_pause = row[0] * length, row[2] * pause
    top_by_pause = row[3 * SOURCES + 1] * pause
    row[at], row[at + 1], row[at + 2] = by_history, by_pause, top_by_pause
    return float(by_history * both[at] + by_pause * both[at + 1] + top_by_pause * both[at + 2])


@kernel
def describe_likeness(item: int, recent: Ints, known: Known, both: Floats, row: Floats, at: int) -> float:
    """To the newest item: same category, same brand, near in price; share of its category among the newest ten."""
    if recent[0] < 0:
        row[at : at + 4] = 0.0
        return 0.0
    category, brand, newest = known.category, known.brand, recent[0]
    same_category = 1.0 if category[newest] != 0 and category[newest] == category[item] else 0.0
    same_brand = 1.0 if brand[newest] != 0 and brand[newest] == brand[item] else 0.0
    distance = abs(known.log_price[item] - known.log_price[newest])
    near = 0.0 if np.isnan(distance) else exp2(-2.9 * distance)
    n = same = 0
    for rank in range(min(10, len(recent))):
        if recent[rank] < 0:
            break
        n += 1
        if category[item] != 0 and category[recent[rank]] == category[item]:
            same += 1
    row[at], row[at + 1], row[at + 2], row[at + 3] = same_category, same_brand, near, same / n
    weighed = same_category * both[at] + same_brand * both[at + 1] + near * both[at + 2] + same / n * both[at + 3]
    return float(weighed)
