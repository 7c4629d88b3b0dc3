"""What users take, refuse and give back, event by event, and what they buy beside what they have: pairs for the items,
counted apart from those of histories.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from shared.core.having import OWNED, RELEASED, Having, acquire, release
from shared.core.kernel import Flags, Floats, Ints, Longs, kernel
from shared.core.profile_rows import Learned
from shared.core.profile_state import ProfileState
from shared.core.runs import is_short


@dataclass(frozen=True)
class Settled:
    """Events that settle what a user has, of one length: slots, ``how`` (RELEASED, OWNED, REFUSED), whether it is
    paired as ``bought``.
    """

    user: Ints
    item: Ints
    ts: Longs
    weight: Floats
    how: Ints
    bought: Flags


@dataclass(frozen=True)
class BoughtPairs:
    """In the order of the events; columns as a delta has them."""

    row: Ints
    other: Ints
    weight: Floats
    gap: Ints
    ts: Longs


def settle(state: ProfileState, events: Settled, most: int) -> BoughtPairs:
    """Apply the events in order; each that is bought is paired with at most ``most`` items. O(events · what users
    have).
    """
    room = 2 * min(most, state.bounds.max_owned) * int(np.count_nonzero(events.bought))
    made = BoughtPairs(
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.float64),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.int64),
    )
    done = pairs = 0
    while done < len(events.user):
        state.having.make_room()
        done, pairs = settle_each(
            done, pairs, most, state.having_arrays,
            events.user, events.item, events.ts, events.weight, events.how, events.bought,
            made.row, made.other, made.weight, made.gap, made.ts,
        )  # fmt: skip
    return BoughtPairs(*(getattr(made, column.name)[:pairs] for column in fields(made)))


def with_bought(learned: Learned, pairs: Sequence[BoughtPairs]) -> Learned:
    """What the items are to learn, these pairs last."""
    bought = sum(len(part.row) for part in pairs)
    if not bought:
        return learned
    return replace(
        learned,
        pair_row=np.concatenate([learned.pair_row, *(part.row for part in pairs)]),
        pair_other=np.concatenate([learned.pair_other, *(part.other for part in pairs)]),
        pair_weight=np.concatenate([learned.pair_weight, *(part.weight for part in pairs)]),
        pair_gap=np.concatenate([learned.pair_gap, *(part.gap for part in pairs)]),
        pair_ts=np.concatenate([learned.pair_ts, *(part.ts for part in pairs)]),
        bought=bought,
    )


@kernel
def settle_each(
    first: int,
    n: int,
    most: int,
    having: Having,
    user: Ints,
    item: Ints,
    ts: Longs,
    weight: Floats,
    how: Ints,
    bought: Flags,
    pair_row: Ints,
    pair_other: Ints,
    pair_weight: Floats,
    pair_gap: Ints,
    pair_ts: Longs,
) -> tuple[int, int]:
    """From event ``first`` on; returns the one before which somebody may want more room than there is (or the number
    of events), and the number of pairs.
    """
    for event in range(first, len(user)):
        if is_short(having.places, len(having.items)):
            return event, n
        if bought[event]:
            end = pair_bought(
                having, user[event], item[event], ts[event], most, pair_row, pair_other, pair_gap, pair_ts, n
            )
            pair_weight[n:end] = weight[event]
            n = end
        if how[event] == RELEASED:
            release(having, user[event], item[event])
        else:
            acquire(having, user[event], item[event], how[event], ts[event])
    return len(user), n


@kernel
def pair_bought(
    having: Having,
    user: int,
    item: int,
    ts: int,
    most: int,
    pair_row: Ints,
    pair_other: Ints,
    pair_gap: Ints,
    pair_ts: Longs,
    n: int,
) -> int:
    """Pairs of the item with at most ``most`` items that the user took after they took this one last, the newest
    first; returns the new n. Gaps are below 0 both ways: what belongs together follows neither from the other.
    """
    start, steps = having.places.start[user], 0
    place = start + having.places.entered[user] - 1
    while place >= start and steps < most and having.items[place] != item:
        if having.how[place] == OWNED:
            steps += 1
            other, later = having.items[place], max(ts, having.last[place])
            pair_row[n], pair_other[n], pair_gap[n], pair_ts[n] = item, other, -steps, later
            pair_row[n + 1], pair_other[n + 1], pair_gap[n + 1], pair_ts[n + 1] = other, item, -steps, later
            n += 2
        place -= 1
    return n
