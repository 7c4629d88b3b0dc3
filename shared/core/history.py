"""One user's event enters their history: dedupe, bot cap, place by event time, and the pairs it makes.

Kernels over flat arrays; :mod:`tests` compare them with plain-Python twins.
"""

from shared.core.kernel import Ints, Keys, Longs, kernel

SEEN_BEFORE, REPEATED, APPLIED, CAPPED = 0, 1, 2, 3
"""What became of a row: source offset already included · event id repeated · applied · applied, not learned."""


@kernel
def is_repeat(recent: Keys, position: Ints, user: int, key: int) -> bool:
    """Whether the event id's digest is among the user's recent ones; if not, it takes the oldest's place.

    0 stands for "no id given" and never repeats: such an event is known by its source offset alone.
    """
    if key == 0:
        return False
    window = recent.shape[1]
    for place in range(window):
        if recent[user, place] == key:
            return True
    recent[user, position[user]] = key
    position[user] = (position[user] + 1) % window
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
def place_of(times: Longs, user: int, length: int, ts: int) -> int:
    """Where an event at ``ts`` stands in the history: after all that are not later."""
    place = length
    while place > 0 and times[user, place - 1] > ts:
        place -= 1
    return place


@kernel
def index_of(items: Ints, user: int, length: int, item: int) -> int:
    """The item's position in the history, -1 if absent."""
    for position in range(length):
        if items[user, position] == item:
            return position
    return -1


@kernel
def pair_up(
    items: Ints,
    times: Longs,
    length: int,
    user: int,
    item: int,
    ts: int,
    place: int,
    before: int,
    most: int,
    pair_row: Ints,
    pair_other: Ints,
    pair_gap: Ints,
    pair_ts: Longs,
    n: int,
) -> int:
    """Pairs of ``item`` (entering at ``place``) with its neighbours in time, both directions; returns the new n.

    Backwards up to ``most`` items or to the item's own earlier visit at ``before``; forwards too, which only a late
    first visit has: those items came without meeting it. The gap counts steps, above 0 where ``other`` came later.
    """
    for position in range(place - 1, max(before, place - 1 - most), -1):
        other, gap = items[user, position], place - position
        pair_row[n], pair_other[n], pair_gap[n], pair_ts[n] = item, other, -gap, ts
        pair_row[n + 1], pair_other[n + 1], pair_gap[n + 1], pair_ts[n + 1] = other, item, gap, ts
        n += 2
    end = min(length, place + most) if before < 0 else place
    for position in range(place, end):
        other, gap, later = items[user, position], position - place + 1, times[user, position]
        pair_row[n], pair_other[n], pair_gap[n], pair_ts[n] = item, other, gap, later
        pair_row[n + 1], pair_other[n + 1], pair_gap[n + 1], pair_ts[n + 1] = other, item, -gap, later
        n += 2
    return n


@kernel
def insert(items: Ints, times: Longs, lengths: Ints, user: int, item: int, ts: int, place: int, before: int) -> None:
    """Put the item at ``place``, taking it from ``before`` (or -1), the oldest leaving when the row is full."""
    length = lengths[user]
    if before >= 0:
        for position in range(before, place - 1):
            items[user, position] = items[user, position + 1]
            times[user, position] = times[user, position + 1]
        items[user, place - 1] = item
        times[user, place - 1] = ts
    elif length < items.shape[1]:
        for position in range(length, place, -1):
            items[user, position] = items[user, position - 1]
            times[user, position] = times[user, position - 1]
        items[user, place] = item
        times[user, place] = ts
        lengths[user] = length + 1
    else:
        for position in range(place - 1):
            items[user, position] = items[user, position + 1]
            times[user, position] = times[user, position + 1]
        items[user, place - 1] = item
        times[user, place - 1] = ts
