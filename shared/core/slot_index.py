"""Digests of ids → slots, for many at once: open addressing with linear probing.

Nothing is ever taken out: an entry that is not true any more (the item left, or has another slot) is found out when it
is asked for, and leaves when the table is made anew.
"""

import numpy as np

from shared.core.kernel import Ints, Keys, Longs, kernel

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
    """Of a table whose slots, counted from 0, keep their digests: at most four places for each."""

    def __init__(self) -> None:
        self._keys: Keys = np.zeros(FIRST_ROOM, dtype=np.uint64)
        self._slots: Ints = np.full(FIRST_ROOM, FREE, dtype=np.int32)
        self._held = 0

    def hold(self, keys: Keys, slots: int) -> None:
        """The first so many slots are found by their ``keys``. O(new slots) amortised."""
        if slots <= self._held:
            return
        if 2 * slots > len(self._slots):
            room = 1 << (4 * slots).bit_length()
            self._keys, self._slots, self._held = np.zeros(room, np.uint64), np.full(room, FREE, np.int32), 0
        number_keys(self._held, slots, keys, self._keys, self._slots)
        self._held = slots

    def find(self, wanted: Keys) -> Ints:
        """int32[len(wanted)]: their slots, -1 for what there is none of."""
        return find_keys(wanted, self._keys, self._slots)


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
def number_keys(first: int, stop: int, keys: Keys, table: Keys, slots: Ints) -> None:
    for slot in range(first, stop):
        place = place_of(keys[slot], table, slots)
        table[place], slots[place] = keys[slot], slot


@kernel
def find_keys(wanted: Keys, table: Keys, slots: Ints) -> Ints:
    found = np.empty(len(wanted), dtype=np.int32)
    for n in range(len(wanted)):
        found[n] = slots[place_of(wanted[n], table, slots)]
    return found
