"""What is held of items, as kernels take it, and how it is put there; by whom: :mod:`shared.core.lists.rank_cache`."""

from typing import NamedTuple

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, Singles, kernel, making_kernel

NEVER_LOG = -30.0
"""log2 of the count of what was never counted."""
NO_ROW = -1
"""Of an item of which no row is held."""
AGE_SHARE = 16
AS_OF, FIRST, LAST = range(3)
"""Times of an item (ms): of its counts, of its first and its last event (0: none). What is read together is near."""


class Rows(NamedTuple):
    """What is said of items' neighbours, as kernels take it; see :class:`~shared.core.lists.rank_cache.RankCache`."""

    row_of: Ints
    neighbours: Ints
    scores: Singles
    lengths: Ints
    alike: Ints
    likeness: Singles
    alike_lengths: Ints


class Numbers(NamedTuple):
    """The same of items' numbers, by slot. ``times`` int64[slots, 3]: :data:`AS_OF`, :data:`FIRST`, :data:`LAST`."""

    log_count: Floats
    times: Longs
    category: Keys
    brand: Keys
    log_price: Floats


@making_kernel
def stale(slots: Ints, due: Longs, now: int, met: Flags) -> Ints:
    """Each slot once, in the order in which they are met, that was due before ``now``. ``met``, by slot: false
    everywhere before and after.
    """
    found, size = np.empty(min(len(slots), len(met)), dtype=np.int32), 0
    for slot in slots:
        if slot >= 0 and due[slot] < now and not met[slot]:
            met[slot] = True
            found[size] = slot
            size += 1
    for at in range(size):
        met[found[at]] = False
    return found[:size]


@kernel
def hold(slots: Ints, times: Longs, due: Longs, now: int, least: int, most: int) -> None:
    """Due after a sixteenth of each item's age, but for ``least`` ms at the soonest and ``most``, which goes before it,
    at the latest.
    """
    for slot in slots:
        first = times[slot, FIRST]
        age = times[slot, AS_OF] - first if first > 0 else 0
        due[slot] = now + min(max(age // AGE_SHARE, least), most)


@kernel
def empty_rows(slots: Ints, row_of: Ints, lengths: Ints) -> None:
    """Nothing stands in the rows of those that have one."""
    for slot in slots:
        if row_of[slot] != NO_ROW:
            lengths[row_of[slot]] = 0


@kernel
def give_rows(slots: Ints, row_of: Ints, rows: int) -> int:
    """The next rows to those that have none, in order; how many rows there are then."""
    for slot in slots:
        if row_of[slot] == NO_ROW:
            row_of[slot] = rows
            rows += 1
    return rows


@kernel
def put_numbers(
    slots: Ints,
    logs: Floats,
    ts: Longs,
    first_ts: Longs,
    last_ts: Longs,
    category: Keys,
    brand: Keys,
    log_price: Floats,
    held: Numbers,
) -> None:
    """What is said of items under their slots. A count that is none has the logarithm of one that never was."""
    for n in range(len(slots)):
        slot = slots[n]
        for column in range(logs.shape[1]):
            held.log_count[slot, column] = max(logs[n, column], NEVER_LOG)
        held.times[slot, AS_OF], held.times[slot, FIRST], held.times[slot, LAST] = ts[n], first_ts[n], last_ts[n]
        held.category[slot], held.brand[slot], held.log_price[slot] = category[n], brand[n], log_price[n]


@kernel
def put_others(
    row_of: Ints,
    items: Ints,
    lengths: Ints,
    slots: Ints,
    others: Ints,
    scores: Singles,
    held: Ints,
    held_scores: Singles,
    held_lengths: Ints,
) -> None:
    """Who stands in the row of each item, as far as there is room, and the numbers beside them. ``others`` row after
    row, each an index into ``slots``; their ``scores`` float32[places, columns] go into [rows, columns, room].
    """
    start = 0
    for n in range(len(items)):
        row, length = row_of[items[n]], min(lengths[n], held.shape[1])
        for place in range(length):
            held[row, place] = slots[others[start + place]]
        for column in range(held_scores.shape[1]):
            for place in range(length):
                held_scores[row, column, place] = scores[start + place, column]
        held_lengths[row] = length
        start += lengths[n]
