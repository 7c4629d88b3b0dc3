"""One user's event enters their history: dedupe, bot cap, place by event time, and the pairs it makes.

Kernels over flat arrays; :mod:`tests` compare them with plain-Python twins.
"""

from typing import NamedTuple

from shared.core.kernel import Flags, Ints, Keys, Longs, kernel
from shared.core.profiles.meetings import Meetings, meeting_at, put_other
from shared.core.tables.runs import Places, close_up, copy_entries, open_up, widen

SEEN_BEFORE, REPEATED, APPLIED, CAPPED = 0, 1, 2, 3
"""What became of a row: source offset already included · event id repeated · applied · applied, not learned."""


class Histories(NamedTuple):
    """By user: items (slots) and when they were met, in the order of event time, the oldest first."""

    places: Places
    items: Ints
    times: Longs


class RecentIds(NamedTuple):
    """By user: digests of event ids, a ring; an id's number modulo ``places.most`` is its place in it. A count goes
    from twice as many back to as many: it says what is held, and where the next one stands.
    """

    places: Places
    keys: Keys


@kernel
def is_repeat(recent: RecentIds, user: int, key: int) -> bool:
    """Whether the event id's digest is among the user's recent ones; if not, it takes the oldest's place.

    0 stands for "no id given" and never repeats: such an event is known by its source offset alone.
    """
    if key == 0:
        return False
    places, keys = recent.places, recent.keys
    start, count, most = places.start[user], places.entered[user], places.most
    for place in range(start, start + min(count, most)):
        if keys[place] == key:
            return True
    if count < most and count == places.room[user]:
        before = widen(places, user)
        start = places.start[user]
        copy_entries(keys, before, keys, start, count)
    keys[start + (count if count < most else count - most)] = key
    places.entered[user] = count + 1 if count + 1 < 2 * most else most
    return False


@kernel
def over_the_cap(minute: Longs, events: Ints, user: int, ts: int, cap: int) -> bool:
    """Whether the user has more than ``cap`` events in the event-time minute of ``ts``."""
    this = ts // 60_000
    if this != minute[user]:
        minute[user] = this
        events[user] = 0
    events[user] += 1
    return bool(events[user] > cap)


@kernel
def place_of(times: Longs, start: int, length: int, ts: int) -> int:
    """Where an event at ``ts`` stands in the history that begins at ``start``: after all that are not later."""
    place = length
    while place > 0 and times[start + place - 1] > ts:
        place -= 1
    return place


@kernel
def index_of(items: Ints, start: int, length: int, item: int) -> int:
    """The item's position in the history, -1 if absent."""
    for position in range(length):
        if items[start + position] == item:
            return position
    return -1


@kernel
def meet(
    items: Ints,
    times: Longs,
    length: int,
    item: int,
    ts: int,
    weight: float,
    place: int,
    before: int,
    most: int,
    met: Meetings,
    m: int,
    n: int,
) -> tuple[int, int]:
    """Meetings of ``item`` (entering a history of ``length`` at ``place``) with its neighbours in time, after ``m``
    meetings and ``n`` others; returns the new m and n.

    Backwards up to ``most`` items or to the item's own earlier visit at ``before``; forwards too, which only a late
    first visit has: those items came without meeting it. The gap counts steps, above 0 where ``other`` came later.
    """
    first = m
    for position in range(place - 1, max(before, place - 1 - most), -1):
        m = meeting_at(met, first, m, item, weight, ts)
        n = put_other(met, m, n, items[position], position - place)
    end = min(length, place + most) if before < 0 else place
    for position in range(place, end):
        m = meeting_at(met, first, m, item, weight, times[position])
        n = put_other(met, m, n, items[position], position - place + 1)
    return m, n


@kernel
def insert(histories: Histories, user: int, item: int, ts: int, place: int, before: int) -> None:
    """Put the item at ``place``, taking it from ``before`` (or -1), the oldest leaving when no more may be held."""
    places, items, times = histories
    start, length = places.start[user], places.entered[user]
    if before < 0 and length < places.most:
        if length == places.room[user]:
            old = widen(places, user)
            start = places.start[user]
            copy_entries(items, old, items, start, length)
            copy_entries(times, old, times, start, length)
        open_up(items, start + place, start + length)
        open_up(times, start + place, start + length)
        places.entered[user] = length + 1
    else:
        place -= 1
        close_up(items, start + max(before, 0), start + place)
        close_up(times, start + max(before, 0), start + place)
    items[start + place] = item
    times[start + place] = ts


@kernel
def drop_from_histories(histories: Histories, gone: Flags) -> None:
    """Close the gaps that the items in ``gone`` leave."""
    places, items, times = histories
    for user in range(len(places.entered)):
        start, kept = places.start[user], 0
        for position in range(start, start + places.entered[user]):
            if not gone[items[position]]:
                items[start + kept] = items[position]
                times[start + kept] = times[position]
                kept += 1
        places.entered[user] = kept
