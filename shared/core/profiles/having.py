"""What users have of items: who takes one or refuses it, who gives it back. Kernels; an entry is of one item."""

from typing import NamedTuple

from shared.core.kernel import Flags, Ints, Longs, Tinies, kernel
from shared.core.profiles.history import index_of, place_of
from shared.core.tables.runs import Places, close_up, copy_entries, open_up, widen

RELEASED, OWNED, REFUSED = 0, 1, 2


class Having(NamedTuple):
    """By user, in the order of their last times: items (slots), ``how`` the newest event says (OWNED or REFUSED), how
    many ``times`` each was taken, ``last`` event time (ms).
    """

    places: Places
    items: Ints
    how: Tinies
    times: Ints
    last: Longs


@kernel
def acquire(having: Having, user: int, item: int, how: int, ts: int) -> None:
    """The user takes (or refuses) the item at ``ts``; what was left alone for longest leaves beyond the bound. There
    must be room. A late event counts, but neither moves the last time back nor says again what a newer one has said
    otherwise.
    """
    places = having.places
    start, length = places.start[user], places.entered[user]
    at = index_of(having.items, start, length, item)
    taken = 1 if how == OWNED else 0
    if at >= 0:
        taken += having.times[start + at]
        if ts < having.last[start + at]:
            having.times[start + at] = taken
            return
    place = start + place_of(having.last, start, length, ts)
    if at < 0 and length < places.most:
        if length == places.room[user]:
            place += make_wider(having, user)
            start = places.start[user]
        open_entries(having, place, start + length)
        places.entered[user] += 1
    elif place == start:
        return  # it would be the first to leave
    else:
        place -= 1
        close_entries(having, start + max(at, 0), place)
    having.items[place], having.how[place], having.times[place], having.last[place] = item, how, taken, ts


@kernel
def release(having: Having, user: int, item: int) -> None:
    """The user gave the item back, whenever that was; what is refused stays refused."""
    places = having.places
    start, length = places.start[user], places.entered[user]
    at = index_of(having.items, start, length, item)
    if at >= 0 and having.how[start + at] == OWNED:
        close_entries(having, start + at, start + length - 1)
        places.entered[user] -= 1


@kernel
def drop_from_having(having: Having, gone: Flags) -> None:
    """Close the gaps that the items in ``gone`` leave."""
    places = having.places
    for user in range(len(places.entered)):
        start, kept = places.start[user], places.start[user]
        for place in range(start, start + places.entered[user]):
            if not gone[having.items[place]]:
                having.items[kept], having.how[kept] = having.items[place], having.how[place]
                having.times[kept], having.last[kept] = having.times[place], having.last[place]
                kept += 1
        places.entered[user] = kept - start


@kernel
def make_wider(having: Having, user: int) -> int:
    """How far the user's entries move."""
    places = having.places
    before = widen(places, user)
    start, length = places.start[user], places.entered[user]
    copy_entries(having.items, before, having.items, start, length)
    copy_entries(having.how, before, having.how, start, length)
    copy_entries(having.times, before, having.times, start, length)
    copy_entries(having.last, before, having.last, start, length)
    return int(start - before)


@kernel
def open_entries(having: Having, begin: int, end: int) -> None:
    open_up(having.items, begin, end)
    open_up(having.how, begin, end)
    open_up(having.times, begin, end)
    open_up(having.last, begin, end)


@kernel
def close_entries(having: Having, begin: int, end: int) -> None:
    close_up(having.items, begin, end)
    close_up(having.how, begin, end)
    close_up(having.times, begin, end)
    close_up(having.last, begin, end)
