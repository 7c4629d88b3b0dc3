"""Which events of a frame become examples: what a user did next, as seen from before the frame.

A choice counts only as a step to what the user's list may hold (:func:`shared.core.profiles.possession.barred`: mostly
something new), and of several events of a user in one frame those of the first moment count, the others were not yet in
sight of a list.
Drawn by a digest of the event's place, so that a log has the same examples whenever it is folded.
"""

from dataclasses import dataclass

import numpy as np

from shared.contracts.frames import NONE, Frame
from shared.contracts.settings import Settings
from shared.core.arithmetic.draws import draws
from shared.core.arithmetic.logarithm import log2
from shared.core.frames.frame_slots import Ordered
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, making_kernel
from shared.core.profiles.possession import barred
from shared.core.profiles.profile_state import ProfileState

MOST_PER_FRAME = 128
HIGHEST_VALUE = 65_535.0
"""A choice of more is worth no more (17 times its type's weight), lest one example decide."""


@dataclass(frozen=True)
class Chosen:
    """Columns of one length: ``user`` int32 (slot in the state, -1 for who is not known yet), ``item`` ids, ``weight``
    float64 (what the choice is worth), ``draw`` uint64, ``ts`` int64 (event time, ms).
    """

    user: Ints
    item: Ordered
    weight: Floats
    draw: Keys
    ts: Longs


def chosen(
    frame: Frame, fresh: Flags, weights: Floats, state: ProfileState, rules: Settings, offset: int, one_in: int
) -> Chosen:
    """One event in ``one_in`` of those that count, at most :data:`MOST_PER_FRAME`. ``weights``: by kind index."""
    users, kinds, items = (frame.column(name) for name in ("user", "kind", "item"))
    rows = in_first_moment(fresh, users, items, kinds, weights, frame.column("ts"), len(frame.users))
    drawn = draws(offset, rows)
    taken = drawn % np.uint64(one_in) == 0
    rows, drawn = rows[taken][:MOST_PER_FRAME], drawn[taken][:MOST_PER_FRAME]
    slots = state.users.find_keyed(frame.users.keys[users[rows]])
    kept = not_among(state.items.find_keyed(frame.items.keys[items[rows]]), *barred(state, slots, rules.lists))
    rows = rows[kept]
    times = frame.column("ts")[rows].astype(np.int64)
    worths = worth(rules.ranker.objective, weights[kinds[rows]], frame.column("value")[rows])
    return Chosen(slots[kept], Ordered(frame.items, items[rows]), worths, drawn[kept], times)


def worth(objective: str, weights: Floats, values: Floats) -> Floats:
    """``weight``: that of the event's type; ``equal``: 1; ``value``: weight · (1 + log2(1 + value)), where there is no
    value (not a number) or a negative one just the weight.
    """
    if objective == "equal":
        return np.ones(len(weights))
    if objective == "weight":
        return weights
    known = np.clip(np.nan_to_num(values, nan=0.0), 0.0, HIGHEST_VALUE)
    logs = [log2(1.0 + value) for value in known.tolist()]
    return weights * (1.0 + np.array(logs, dtype=np.float64))


@making_kernel
def in_first_moment(
    fresh: Flags, users: Ints, items: Ints, kinds: Ints, weights: Floats, times: Longs, many: int
) -> Longs:
    """Rows that count at the time of their user's first such row; ``users`` are below ``many``."""
    first = np.full(many, NONE, dtype=np.int64)
    found, size = np.empty(len(users), dtype=np.int64), 0
    for row in range(len(users)):
        user = users[row]
        if not fresh[row] or user == NONE or items[row] == NONE or weights[kinds[row]] <= 0.0:
            continue
        if first[user] == NONE:
            first[user] = row
        if times[row] == times[first[user]]:
            found[size] = row
            size += 1
    return found[:size]


@making_kernel
def not_among(items: Ints, others: Ints, start: Ints) -> Longs:
    """The places of items that are none of their others: those of item n from ``start[n]`` to ``start[n + 1]``."""
    found, size = np.empty(len(items), dtype=np.int64), 0
    for n in range(len(items)):
        met = False
        for place in range(start[n], start[n + 1]):
            met = met or others[place] == items[n]
        if not met:
            found[size] = n
            size += 1
    return found[:size]
