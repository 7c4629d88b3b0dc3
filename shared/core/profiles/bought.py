"""What users take, refuse and give back, event by event, and what they buy beside what they have: meetings for the
items, counted apart from those of histories.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Longs, kernel
from shared.core.profiles.having import OWNED, RELEASED, Having, acquire, release
from shared.core.profiles.meetings import (
    Meetings,
    first_meetings,
    joined_meetings,
    meeting_at,
    put_other,
    room_for_meetings,
)
from shared.core.profiles.profile_rows import Learned
from shared.core.profiles.profile_state import ProfileState
from shared.core.tables.runs import is_short


class Settled(NamedTuple):
    """Events that settle what a user has, of one length: slots, ``how`` (RELEASED, OWNED, REFUSED), whether it is
    paired as ``bought``.
    """

    user: Ints
    item: Ints
    ts: Longs
    weight: Floats
    how: Ints
    bought: Flags


def settle(state: ProfileState, events: Settled, most: int) -> Meetings:
    """Apply the events in order; each that is bought is paired with at most ``most`` items. O(events · what users
    have).
    """
    most_others = min(most, state.bounds.max_owned) * int(np.count_nonzero(events.bought))
    room = room_for_meetings(most_others, most_others)
    done = meetings = others = 0
    while done < len(events.user):
        state.having.make_room()
        done, meetings, others = settle_each(done, meetings, others, most, state.having_arrays, events, room)
    return first_meetings(room, meetings, others)


def with_bought(learned: Learned, parts: Sequence[Meetings]) -> Learned:
    """What the items are to learn, these meetings last."""
    bought = sum(len(part.item) for part in parts)
    return replace(learned, met=joined_meetings([learned.met, *parts]), bought=bought) if bought else learned


@kernel
def settle_each(
    first: int, m: int, n: int, most: int, having: Having, events: Settled, met: Meetings
) -> tuple[int, int, int]:
    """From event ``first`` on; returns the one before which somebody may want more room than there is (or the number
    of events), and the numbers of meetings and others.
    """
    for event in range(first, len(events.user)):
        if is_short(having.places, len(having.items)):
            return event, m, n
        user, item, ts, how = events.user[event], events.item[event], events.ts[event], events.how[event]
        if events.bought[event]:
            m, n = meet_bought(having, user, item, ts, events.weight[event], most, met, m, n)
        if how == RELEASED:
            release(having, user, item)
        else:
            acquire(having, user, item, how, ts)
    return len(events.user), m, n


@kernel
def meet_bought(
    having: Having, user: int, item: int, ts: int, weight: float, most: int, met: Meetings, m: int, n: int
) -> tuple[int, int]:
    """Meetings of the item with at most ``most`` items that the user took after they took this one last, the newest
    first; returns the new m and n. Gaps are below 0: what belongs together follows neither from the other.
    """
    first, start, steps = m, having.places.start[user], 0
    place = start + having.places.entered[user] - 1
    while place >= start and steps < most and having.items[place] != item:
        if having.how[place] == OWNED:
            steps += 1
            m = meeting_at(met, first, m, item, weight, max(ts, having.last[place]))
            n = put_other(met, m, n, having.items[place], -steps)
        place -= 1
    return m, n
