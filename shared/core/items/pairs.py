"""Pairs of items for the rows of a partition, from meetings: each counts one item, ``other``, in another's row."""

from typing import NamedTuple

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Longs, kernel
from shared.core.profiles.meetings import Meetings


class Pairs(NamedTuple):
    """By pair: slots ``row`` and ``other`` int32, the ``gap`` int32 of steps between the two, below 0 where ``other``
    came before, the number of its ``meeting`` int32. By meeting: the ``weight`` float64 of the event, the time ``ts``
    int64 (ms) of the later of the two.
    """

    row: Ints
    other: Ints
    gap: Ints
    meeting: Ints
    weight: Floats
    ts: Longs


def pairs_of(met: Meetings, slots: Ints, mine: Flags, back: int) -> Pairs:
    """Of each meeting and each of its others, in order: the other in the item's row at the gap, the item in the other's
    at ``back`` times the gap; in rows that are ``mine``. ``slots`` and ``mine`` by the numbers that the meetings have.
    """
    row, other, gap, meeting = np.empty((4, 2 * len(met.other)), dtype=np.int32)
    pairs = Pairs(row, other, gap, meeting, met.weight, met.ts)
    made = pair_each(met, slots, mine, back, pairs)
    return Pairs(row[:made], other[:made], gap[:made], meeting[:made], met.weight, met.ts)


@kernel
def pair_each(met: Meetings, slots: Ints, mine: Flags, back: int, pairs: Pairs) -> int:
    """How many pairs there are."""
    n = place = 0
    for meeting in range(len(met.item)):
        item = met.item[meeting]
        for at in range(place, place + met.size[meeting]):
            other, gap = met.other[at], met.gap[at]
            if mine[item]:
                pairs.row[n], pairs.other[n], pairs.gap[n], pairs.meeting[n] = slots[item], slots[other], gap, meeting
                n += 1
            if mine[other]:
                pairs.row[n], pairs.other[n] = slots[other], slots[item]
                pairs.gap[n], pairs.meeting[n] = back * gap, meeting
                n += 1
        place += met.size[meeting]
    return n
