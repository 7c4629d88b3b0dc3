"""Rows of a frame that say something of the user, rather than of an item, as the state takes them."""

import numpy as np

from shared.contracts.event_types import CATEGORICAL, TOLD, Meaning
from shared.contracts.frames import NONE, Frame
from shared.core.kernel import Ints, Longs
from shared.core.profiles.profile_state import ProfileState
from shared.core.profiles.told import NOTHING_TOLD, avoids, belongs, prefers, segments_of, was


def note_told(state: ProfileState, frame: Frame, meanings: list[Meaning], rows: Longs, users: Ints) -> None:
    """Of these rows of users (slots) those that tell; ``meanings`` by kind index. O(rows)."""
    telling = [meaning in TOLD for meaning in meanings]
    if not any(telling):
        return
    most = state.bounds.max_told
    kinds, records, sessions = (frame.column(name) for name in ("kind", "record", "session"))
    for at in np.flatnonzero(np.array(telling)[kinds[rows]]).tolist():
        row, user = rows[at], int(users[at])
        meaning, before = meanings[kinds[row]], state.told.get(user, NOTHING_TOLD)
        if meaning is Meaning.IDENTIFY and sessions[row] != NONE:
            state.hold_told(user, was(before, frame.sessions[sessions[row]], most))
        elif meaning in CATEGORICAL and records[row] != NONE:
            says = prefers if meaning is Meaning.PREFER else avoids
            state.hold_told(user, says(before, frame.records[records[row]].decode(), most))


def note_record(state: ProfileState, user: str, record: bytes) -> int | None:
    """A user record puts its user into segments; their slot. A record that puts somebody unknown into none does not
    make them known, and None is returned: they would take the place of another.
    """
    bounds = state.bounds
    segments = segments_of(record, bounds.segments, bounds.max_told)
    if not segments and user not in state.users.slots:
        return None
    slot = int(state.users.intern([user])[0])
    state.grow()
    state.hold_told(slot, belongs(state.told.get(slot, NOTHING_TOLD), segments))
    return slot
