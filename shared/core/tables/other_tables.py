"""Slots of other tables in terms of one's own, without a name in between once they were met."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np

from shared.core.kernel import Ints, Keys, making_kernel
from shared.core.tables.interning import Interner, grown

_NONE: Ints = np.empty(0, dtype=np.int32)


class OtherTables:
    """Where each slot of another table stood is remembered, and told to be true by the digests of both.

    ``own`` numbers names, ascending by their slots there, and is asked for those not met yet; ``keys`` are the digests
    by number, as of now.
    """

    def __init__(self, own: Callable[[list[str]], Ints], keys: Callable[[], Keys]) -> None:
        self._own, self._keys = own, keys
        self._met = WeakKeyDictionary[Interner, Ints]()

    def translated(self, table: Interner, slots: Ints) -> Ints:
        """int32[slots] of the table (-1: none) as own numbers. O(slots) once they were met."""
        known = self._met.get(table, _NONE)
        if len(known) < table.capacity:
            known = self._met[table] = grown(known, table.capacity, -1)
        found, unknown = translate(slots, known, table.keys, self._keys())
        if len(unknown):
            unknown = np.unique(unknown)
            known[unknown] = self._own([table.names[slot] for slot in unknown.tolist()])
            found, _ = translate(slots, known, table.keys, self._keys())
        return found


@making_kernel
def translate(slots: Ints, known: Ints, keys: Keys, ours: Keys) -> tuple[Ints, Ints]:
    """Slots by ``known``, where both tables have the same digest; and those of which that is not so, as often as they
    are met.
    """
    found, unknown, size = np.full(len(slots), -1, dtype=np.int32), np.empty(len(slots), dtype=np.int32), 0
    for n in range(len(slots)):
        slot = slots[n]
        if slot < 0:
            continue
        there = known[slot]
        if there >= 0 and there < len(ours) and ours[there] == keys[slot]:
            found[n] = there
        else:
            unknown[size] = slot
            size += 1
    return found, unknown[:size]
