"""Digests of ids → slots, for many at once: open addressing with linear probing.

Nothing is ever taken out: an entry that is not true any more (the item left, or has another slot) is found out when it
is asked for, and leaves when the table is made anew.
"""

from collections.abc import Callable

import numpy as np

from shared.core.kernel import Ints, Keys, Longs, kernel, making_kernel

FREE = -1
FIRST_ROOM = 64


class SlotIndex:
    """At most four places for each item that was in the catalogue when the table was made last, or twice as many as
    were put since: 12 bytes a place.
    """

    def __init__(self) -> None:
        self._keys: Keys = np.zeros(FIRST_ROOM, dtype=np.uint64)
        self._slots: Ints = np.full(FIRST_ROOM, FREE, dtype=np.int32)
        self._used = 0

    def put(self, slots: Ints, keys: Keys, filed: Longs) -> None:
        """Those of the slots that the catalogue has (``filed`` not 0) are found by their ``keys``, both by slot.
        O(slots) amortised.
        """
        if 2 * (self._used + len(slots)) > len(self._slots):
            slots = np.flatnonzero(filed).astype(np.int32)
            room = max(FIRST_ROOM, 1 << (4 * len(slots)).bit_length())
            self._keys, self._slots = np.zeros(room, dtype=np.uint64), np.full(room, FREE, dtype=np.int32)
            self._used = 0
        self._used += put_each(slots, keys, filed, self._keys, self._slots)

    def find(self, wanted: Keys, keys: Keys, filed: Longs) -> Ints:
        """int32[len(wanted)]: their slots; -1 for what the catalogue has not."""
        found: Ints = np.empty(len(wanted), dtype=np.int32)
        find_each(wanted, keys, filed, self._keys, self._slots, found)
        return found


class KeyIndex:
    """Slots of a table by their digests: ``keys`` and ``slots`` by place. What the table says by now decides: an entry
    of a slot that has another digest since is none. Three to six places for each that was live when the index was made
    last: it is made anew when half are taken, so half as many are put at least before it is made again.
    """

    def __init__(self) -> None:
        self.keys: Keys = np.zeros(FIRST_ROOM, dtype=np.uint64)
        self.slots: Ints = np.full(FIRST_ROOM, FREE, dtype=np.int32)
        self._used = 0

    def put(self, slots: Ints, keys: Keys, live: Callable[[], Ints]) -> None:
        """These slots are found by their ``keys`` (by slot); ``live`` says which there are, these too. O(slots)
        amortised.
        """
        if 2 * (self._used + len(slots)) > len(self.slots):
            slots = live()
            room = max(FIRST_ROOM, 1 << (3 * len(slots)).bit_length())
            self.keys, self.slots, self._used = np.zeros(room, np.uint64), np.full(room, FREE, np.int32), 0
        self._used += enter(slots, keys, self.keys, self.slots)

    def find(self, wanted: Keys, keys: Keys) -> Ints:
        """int32[len(wanted)]: their slots, -1 for what there is none of."""
        return look_up(wanted, keys, self.keys, self.slots)


@kernel
def place_of(key: np.uint64, table: Keys, slots: Ints) -> int:
    """Where the key stands, or would."""
    mask = len(table) - 1
    place = np.int64(key & np.uint64(mask))
    while slots[place] != FREE and table[place] != key:
        place = (place + 1) & mask
    return int(place)


@kernel
def put_each(new: Ints, keys: Keys, filed: Longs, table: Keys, slots: Ints) -> int:
    """How many places more are taken."""
    taken = 0
    for slot in new:
        if filed[slot] == 0:
            continue
        place = place_of(keys[slot], table, slots)
        if slots[place] == FREE:
            taken += 1
        table[place], slots[place] = keys[slot], slot
    return taken


@kernel
def find_each(wanted: Keys, keys: Keys, filed: Longs, table: Keys, slots: Ints, found: Ints) -> None:
    for n in range(len(wanted)):
        slot = slots[place_of(wanted[n], table, slots)]
        there = slot != FREE and filed[slot] != 0 and keys[slot] == wanted[n]
        found[n] = slot if there else FREE


@kernel
def enter(new: Ints, keys: Keys, table: Keys, slots: Ints) -> int:
    """How many places more are taken."""
    taken = 0
    for slot in new:
        place = place_of(keys[slot], table, slots)
        taken += slots[place] == FREE
        table[place], slots[place] = keys[slot], slot
    return taken


@making_kernel
def look_up(wanted: Keys, keys: Keys, table: Keys, slots: Ints) -> Ints:
    found = np.empty(len(wanted), dtype=np.int32)
    for n in range(len(wanted)):
        slot = slots[place_of(wanted[n], table, slots)]
        found[n] = slot if slot != FREE and keys[slot] == wanted[n] else FREE
    return found
