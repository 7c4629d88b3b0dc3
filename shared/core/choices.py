"""Which events of a frame become examples: what a user did next, as seen from before the frame.

A choice counts only as a step to what the user's list may hold (:func:`shared.core.possession.barred`: mostly something
new), and of several events of a user in one frame those of the first moment count, the others were not yet in sight of
a list.
Drawn by a digest of the event's place, so that a log has the same examples whenever it is folded.
"""

from dataclasses import dataclass

import numpy as np

from shared.contracts.frames import NONE, Frame
from shared.contracts.settings import ListSettings
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs
from shared.core.possession import barred
from shared.core.profile_state import ProfileState

MOST_PER_FRAME = 128


@dataclass(frozen=True)
class Chosen:
    """Columns of one length: ``user`` int32 (slot in the state, -1 for who is not known yet), ``item`` (id), ``weight``
    float64 (of the event's type), ``draw`` uint64, ``ts`` int64 (event time, ms).
    """

    user: Ints
    item: list[str]
    weight: Floats
    draw: Keys
    ts: Longs


def chosen(
    frame: Frame, fresh: Flags, weights: Floats, state: ProfileState, rules: ListSettings, offset: int, one_in: int
) -> Chosen:
    """One event in ``one_in`` of those that count, at most :data:`MOST_PER_FRAME`. ``weights``: by kind index."""
    users, kinds = frame.column("user"), frame.column("kind")
    eligible = fresh & (users != NONE) & (frame.column("item") != NONE) & (weights[kinds] > 0)
    rows = np.flatnonzero(eligible)
    rows = rows[_in_first_moment(users[rows], frame.column("ts")[rows])]
    draws = _draws(offset, rows)
    taken = draws % np.uint64(one_in) == 0
    rows, draws = rows[taken][:MOST_PER_FRAME], draws[taken][:MOST_PER_FRAME]
    slots = state.users.find(frame.users[user] for user in users[rows].tolist())
    names = [frame.items[item] for item in frame.column("item")[rows].tolist()]
    known = state.items.find(names)
    had = {slot: frozenset(barred(state, slot, rules)) for slot in set(slots.tolist())}
    free = [item not in had[slot] for slot, item in zip(slots.tolist(), known.tolist(), strict=True)]
    kept = np.flatnonzero(np.array(free, dtype=np.bool_))
    rows = rows[kept]
    times = frame.column("ts")[rows].astype(np.int64)
    return Chosen(slots[kept], [names[n] for n in kept.tolist()], weights[kinds[rows]], draws[kept], times)


def _in_first_moment(users: Ints, times: np.ndarray) -> Flags:
    """Rows at the time of their user's first row."""
    unique, first, back = np.unique(users, return_index=True, return_inverse=True)
    del unique
    same: Flags = times == times[first][back]
    return same


def _draws(offset: int, rows: np.ndarray) -> Keys:
    """SplitMix64 (Steele et al., 2014) of the event's place."""
    with np.errstate(over="ignore"):
        z = np.uint64(offset) * np.uint64(0x9E3779B97F4A7C15) + (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(
            0xD1B54A32D192ED03
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        drawn: Keys = z ^ (z >> np.uint64(31))
    return drawn
