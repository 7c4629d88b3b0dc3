"""What users take, refuse and give back, event by event, and what they buy beside what they have: pairs for the items,
counted apart from those of histories.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from shared.core.having import OWNED, RELEASED, Having, acquire, release
from shared.core.kernel import Flags, Floats, Ints, Longs, kernel
from shared.core.pairs import Pairs, joined_pairs, pair_both, part_of, room_for
from shared.core.profile_rows import Learned
from shared.core.profile_state import ProfileState
from shared.core.runs import is_short


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


def settle(state: ProfileState, events: Settled, most: int) -> Pairs:
    """Apply the events in order; each that is bought is paired with at most ``most`` items. O(events · what users
    have).
    """
    pairs = room_for(2 * min(most, state.bounds.max_owned) * int(np.count_nonzero(events.bought)))
    done = made = 0
    while done < len(events.user):
        state.having.make_room()
        done, made = settle_each(done, made, most, state.having_arrays, events, pairs)
    return part_of(pairs, 0, made)


def with_bought(learned: Learned, pairs: Sequence[Pairs]) -> Learned:
    """What the items are to learn, these pairs last."""
    bought = sum(len(part.row) for part in pairs)
    return replace(learned, pairs=joined_pairs([learned.pairs, *pairs]), bought=bought) if bought else learned


@kernel
def settle_each(first: int, n: int, most: int, having: Having, events: Settled, pairs: Pairs) -> tuple[int, int]:
    """From event ``first`` on; returns the one before which somebody may want more room than there is (or the number
    of events), and the number of pairs.
    """
    for event in range(first, len(events.user)):
        if is_short(having.places, len(having.items)):
            return event, n
        user, item, ts, how = events.user[event], events.item[event], events.ts[event], events.how[event]
        if events.bought[event]:
            n = pair_bought(having, user, item, ts, events.weight[event], most, pairs, n)
        if how == RELEASED:
            release(having, user, item)
        else:
            acquire(having, user, item, how, ts)
    return len(events.user), n


@kernel
def pair_bought(having: Having, user: int, item: int, ts: int, weight: float, most: int, pairs: Pairs, n: int) -> int:
    """Pairs of the item with at most ``most`` items that the user took after they took this one last, the newest
    first; returns the new n. Gaps are below 0 both ways: what belongs together follows neither from the other.
    """
    start, steps = having.places.start[user], 0
    place = start + having.places.entered[user] - 1
    while place >= start and steps < most and having.items[place] != item:
        if having.how[place] == OWNED:
            steps += 1
            later = max(ts, having.last[place])
            n = pair_both(pairs, n, item, having.items[place], -steps, -steps, weight, later)
        place -= 1
    return n
