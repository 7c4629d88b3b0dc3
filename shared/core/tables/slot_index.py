"""Digests of ids → slots, for many at once: open addressing with linear probing.

Nothing is ever taken out: an entry that is not true any more (the item left, or has another slot) is found out when it
is asked for, and leaves when the table is made anew.
"""

from collections.abc import Callable

import numpy as np

from shared.core.kernel import Ints, Keys, kernel, making_kernel

FREE = -1
FIRST_ROOM = 64


class KeyIndex:
    """Slots of a table by their digests: ``table`` int32 has them by place. What the slots' own digests are by now
    decides: an entry of a slot that has another since is passed over. Two to four places for each that was live when
    the index was made last: it is made anew when three quarters are taken, so half as many are put at least before.

    Another thread may look something up meanwhile, and is told of what is or was there.
    """

    def __init__(self) -> None:
        self.table = _room_for(0)
        self._used = 0

    def put(self, slots: Ints, keys: Keys, live: Callable[[], Ints]) -> None:
        """These slots are found by their ``keys`` (by slot); ``live`` says which there are, these too. O(slots)
        amortised.
        """
        if self._is_full(len(slots)):
            self._make(live(), keys, 0)
        else:
            self._used += enter(slots, keys, self.table)

    def find(self, wanted: Keys, keys: Keys) -> Ints:
        """int32[len(wanted)]: their slots, -1 for what there is none of."""
        return look_up(wanted, keys, self.table)

    def give(self, wanted: Keys, found: Ints, free: Ints, keys: Keys, live: Callable[[], Ints]) -> Ints:
        """``found`` as of ``find``, where what has none gets the next of the slots in ``free``, of which there are
        enough, and ``keys`` what it is found by. Returns where those stand in ``wanted`` first. O(wanted) amortised.
        """
        if self._is_full(len(free)):
            self._make(live(), keys, len(free))
        firsts = np.empty(len(free), dtype=np.int32)
        given = enter_new(wanted, found, free, keys, self.table, firsts)
        self._used += given
        return firsts[:given]

    def _is_full(self, more: int) -> bool:
        return 4 * (self._used + more) > 3 * len(self.table)

    def _make(self, live: Ints, keys: Keys, more: int) -> None:
        made = _room_for(2 * (len(live) + more))
        self._used = enter(live, keys, made)
        self.table = made


def _room_for(places: int) -> Ints:
    """More than so many, all free."""
    return np.full(max(FIRST_ROOM, 1 << places.bit_length()), FREE, dtype=np.int32)


@kernel
def place_with(key: np.uint64, keys: Keys, table: Ints) -> int:
    """Where a slot stands that has the key by now, or would."""
    mask = len(table) - 1
    place = np.int64(key & np.uint64(mask))
    while table[place] != FREE and not (table[place] < len(keys) and keys[table[place]] == key):
        place = (place + 1) & mask
    return int(place)


@kernel
def enter(new: Ints, keys: Keys, table: Ints) -> int:
    """How many places more are taken."""
    taken = 0
    for slot in new:
        place = place_with(keys[slot], keys, table)
        taken += table[place] == FREE
        table[place] = slot
    return taken


@making_kernel
def look_up(wanted: Keys, keys: Keys, table: Ints) -> Ints:
    found = np.empty(len(wanted), dtype=np.int32)
    for n in range(len(wanted)):
        found[n] = table[place_with(wanted[n], keys, table)]
    return found


@kernel
def enter_new(wanted: Keys, found: Ints, free: Ints, keys: Keys, table: Ints, firsts: Ints) -> int:
    """How many slots are given."""
    given = 0
    for n in range(len(wanted)):
        if found[n] != FREE:
            continue
        place = place_with(wanted[n], keys, table)
        if table[place] == FREE:
            slot = free[given]
            firsts[given], keys[slot], table[place] = n, wanted[n], slot
            given += 1
        found[n] = table[place]
    return given
