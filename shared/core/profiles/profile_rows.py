"""The rows of a frame, one after the other, through histories into meetings and counts: the hot loop."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shared.contracts.sections import CooccurrenceSettings
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel, making_kernel
from shared.core.profiles.history import (
    APPLIED,
    CAPPED,
    REPEATED,
    Histories,
    RecentIds,
    index_of,
    insert,
    is_repeat,
    meet,
    over_the_cap,
    place_of,
)
from shared.core.profiles.meetings import Meetings, first_meetings, room_for_meetings
from shared.core.profiles.profile_state import ProfileState
from shared.core.tables.runs import is_short


class Rows(NamedTuple):
    """Columns of the rows to process, all of one length n: slots, event times, id digests, weights (0: no model)."""

    user: Ints
    item: Ints
    ts: Longs
    key: Keys
    weight: Floats


@dataclass(frozen=True)
class Learned:
    """What the rows did: their status, whether the item was new to the user, and what the items are to learn."""

    status: Ints
    new: Flags
    met: Meetings
    count_item: Ints
    count_weight: Floats
    count_ts: Longs
    count_row: Longs  # which of the rows it was
    bought: int = 0  # of the meetings the last ones: of items that one user bought


def learn_rows(state: ProfileState, rows: Rows, rules: CooccurrenceSettings) -> Learned:
    """Apply the rows in order; O(n · (history + others)). Arrays must be grown to the user table before."""
    n = len(rows.user)
    status = np.zeros(n, dtype=np.int32)
    new = np.zeros(n, dtype=np.bool_)
    room = room_for_meetings(n * (1 + rules.pairs_per_event), n * 2 * rules.pairs_per_event)
    done = meetings = others = 0
    while done < n:
        state.histories.make_room()
        state.recent.make_room()
        done, meetings, others = learn_each(
            done,
            meetings,
            others,
            rows,
            state.history_arrays,
            state.recent_arrays,
            state.minute,
            state.minute_events,
            state.bounds.max_events_per_minute,
            rules.pairs_per_event,
            status,
            new,
            room,
        )
    counted = np.flatnonzero((status == APPLIED) & (rows.weight > 0) & (rows.item >= 0))
    return Learned(
        status,
        new,
        first_meetings(room, meetings, others),
        rows.item[counted],
        rows.weight[counted],
        rows.ts[counted],
        counted,
    )


@kernel
def learn_each(
    first: int,
    m: int,
    n: int,
    rows: Rows,
    histories: Histories,
    recent: RecentIds,
    minute: Longs,
    minute_events: Ints,
    cap: int,
    most: int,
    status: Ints,
    new: Flags,
    met: Meetings,
) -> tuple[int, int, int]:
    """Fill ``status``, ``new`` and ``met``, where ``m`` meetings with ``n`` others are, from row ``first`` on; returns
    the row before which somebody may want more room than there is (or the number of rows), the new m and n.
    """
    places, items, times = histories
    for row in range(first, len(rows.user)):
        if is_short(places, len(items)) or is_short(recent.places, len(recent.keys)):
            return row, m, n
        u, i, t = rows.user[row], rows.item[row], rows.ts[row]
        if is_repeat(recent, u, rows.key[row]):
            status[row] = REPEATED
            continue
        capped = over_the_cap(minute, minute_events, u, t, cap)
        status[row] = CAPPED if capped else APPLIED
        if rows.weight[row] <= 0.0 or i < 0:
            continue
        start, length = places.start[u], places.entered[u]
        before = index_of(items, start, length, i)
        new[row] = before < 0
        place = place_of(times, start, length, t)
        if before >= place or (place == 0 and length == places.most):
            continue  # the user has come to it again since, or all that is remembered is newer
        if not capped:
            m, n = meet(items[start:], times[start:], length, i, t, rows.weight[row], place, before, most, met, m, n)
        insert(histories, u, i, t, place, before)
    return len(rows.user), m, n


@making_kernel
def tally(status: Ints, kinds: Ints, size: int) -> Longs:
    """int64[statuses, kinds]: how many rows there are of each."""
    counts = np.zeros((CAPPED + 1, size), dtype=np.int64)
    for row in range(len(status)):
        counts[status[row], kinds[row]] += 1
    return counts
