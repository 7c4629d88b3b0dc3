"""The rows of a frame, one after the other, through histories into pairs and counts: the hot loop."""

from dataclasses import dataclass

import numpy as np

from shared.contracts.sections import CooccurrenceSettings
from shared.core.history import APPLIED, CAPPED, REPEATED, index_of, insert, is_repeat, over_the_cap, pair_up, place_of
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.profile_state import ProfileState


@dataclass(frozen=True)
class Rows:
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
    pair_row: Ints
    pair_other: Ints
    pair_weight: Floats
    pair_gap: Ints
    pair_ts: Longs
    count_item: Ints
    count_weight: Floats
    count_ts: Longs
    count_row: Longs  # which of the rows it was
    bought: int = 0  # of the pairs the last ones: of items that one user bought


def learn_rows(state: ProfileState, rows: Rows, rules: CooccurrenceSettings) -> Learned:
    """Apply the rows in order; O(n · (history + pairs)). Arrays must be grown to the user table before."""
    n = len(rows.user)
    status = np.zeros(n, dtype=np.int32)
    new = np.zeros(n, dtype=np.bool_)
    room = 4 * rules.pairs_per_event * n
    pair_row, pair_other = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    pair_weight, pair_gap = np.empty(room, dtype=np.float64), np.empty(room, dtype=np.int32)
    pair_ts = np.empty(room, dtype=np.int64)
    pairs = learn_each(
        rows.user,
        rows.item,
        rows.ts,
        rows.key,
        rows.weight,
        state.history_item,
        state.history_ts,
        state.history_length,
        state.recent_keys,
        state.recent_position,
        state.minute,
        state.minute_events,
        state.bounds.max_events_per_minute,
        rules.pairs_per_event,
        status,
        new,
        pair_row,
        pair_other,
        pair_weight,
        pair_gap,
        pair_ts,
    )
    counted = np.flatnonzero((status == APPLIED) & (rows.weight > 0) & (rows.item >= 0))
    return Learned(
        status,
        new,
        pair_row[:pairs],
        pair_other[:pairs],
        pair_weight[:pairs],
        pair_gap[:pairs],
        pair_ts[:pairs],
        rows.item[counted],
        rows.weight[counted],
        rows.ts[counted],
        counted,
    )


@kernel
def learn_each(
    user: Ints,
    item: Ints,
    ts: Longs,
    key: Keys,
    weight: Floats,
    history_item: Ints,
    history_ts: Longs,
    history_length: Ints,
    recent_keys: Keys,
    recent_position: Ints,
    minute: Longs,
    minute_events: Ints,
    cap: int,
    most: int,
    status: Ints,
    new: Flags,
    pair_row: Ints,
    pair_other: Ints,
    pair_weight: Floats,
    pair_gap: Ints,
    pair_ts: Longs,
) -> int:
    """Fill ``status``, ``new`` and the pair columns; returns the number of pairs."""
    n = 0
    for row in range(len(user)):
        u, i, t = user[row], item[row], ts[row]
        if is_repeat(recent_keys, recent_position, u, key[row]):
            status[row] = REPEATED
            continue
        capped = over_the_cap(minute, minute_events, u, t, cap)
        status[row] = CAPPED if capped else APPLIED
        if weight[row] <= 0.0 or i < 0:
            continue
        length = history_length[u]
        before = index_of(history_item, u, length, i)
        new[row] = before < 0
        place = place_of(history_ts, u, length, t)
        if before >= place or (place == 0 and length == history_item.shape[1]):
            continue  # the user has come to it again since, or all that is remembered is newer
        if not capped:
            end = pair_up(
                history_item, history_ts, length, u, i, t, place, before, most,
                pair_row, pair_other, pair_gap, pair_ts, n,
            )  # fmt: skip
            pair_weight[n:end] = weight[row]
            n = end
        insert(history_item, history_ts, history_length, u, i, t, place, before)
    return n
