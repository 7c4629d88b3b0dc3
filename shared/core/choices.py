"""Which events of a frame become examples: what a user did next, as seen from before the frame.

A choice counts only as a step to something new: the item is not excluded from the user's list (``exclude_viewed``), and
of several events of a user in one frame those of the first moment count, the others were not yet in sight of a list.
Drawn by a digest of the event's place, so that a log has the same examples whenever it is folded.
"""

from dataclasses import dataclass

import numpy as np

from shared.contracts.frames import NONE, Frame
from shared.core.draws import draws
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs
from shared.core.logarithm import log2
from shared.core.profile_state import ProfileState

MOST_PER_FRAME = 128
HIGHEST_VALUE = 65_535.0
"""A choice of more is worth no more (17 times its type's weight), lest one example decide."""


@dataclass(frozen=True)
class Chosen:
    """Columns of one length: ``user`` int32 (slot in the state, -1 for who is not known yet), ``item`` (id), ``weight``
    float64 (what the choice is worth), ``draw`` uint64, ``ts`` int64 (event time, ms).
    """

    user: Ints
    item: list[str]
    weight: Floats
    draw: Keys
    ts: Longs


def chosen(
    frame: Frame, fresh: Flags, weights: Floats, state: ProfileState, offset: int, one_in: int, objective: str
) -> Chosen:
    """One event in ``one_in`` of those that count, at most :data:`MOST_PER_FRAME`. ``weights``: by kind index;
    ``objective``: what a choice is worth, see :func:`worth`.
    """
    users, kinds = frame.column("user"), frame.column("kind")
    eligible = fresh & (users != NONE) & (frame.column("item") != NONE) & (weights[kinds] > 0)
    rows = np.flatnonzero(eligible)
    rows = rows[_in_first_moment(users[rows], frame.column("ts")[rows])]
    drawn = draws(offset, rows)
    taken = drawn % np.uint64(one_in) == 0
    rows, drawn = rows[taken][:MOST_PER_FRAME], drawn[taken][:MOST_PER_FRAME]
    slots = state.users.find(frame.users[user] for user in users[rows].tolist())
    names = [frame.items[item] for item in frame.column("item")[rows].tolist()]
    new = np.array([not _has(state, slot, name) for slot, name in zip(slots.tolist(), names, strict=True)], dtype=bool)
    kept = np.flatnonzero(new)
    rows = rows[kept]
    times = frame.column("ts")[rows].astype(np.int64)
    worths = worth(objective, weights[kinds[rows]], frame.column("value")[rows])
    return Chosen(slots[kept], [names[n] for n in kept.tolist()], worths, drawn[kept], times)


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


def _in_first_moment(users: Ints, times: np.ndarray) -> Flags:
    """Rows at the time of their user's first row."""
    unique, first, back = np.unique(users, return_index=True, return_inverse=True)
    del unique
    same: Flags = times == times[first][back]
    return same


def _has(state: ProfileState, user: int, name: str) -> bool:
    """Whether the item is in the user's history, or had or refused."""
    item = state.items.slots.get(name, -1)
    if user < 0 or item < 0:
        return False
    length = int(state.history_length[user])
    return bool((state.history_item[user, :length] == item).any()) or item in state.has.get(user, {})
