"""What is to be written again, longest waiting first; what waits is not marked twice."""

import numpy as np

from shared.core.kernel import Flags, Ints, making_kernel
from shared.core.tables.interning import grown

FIRST_ROOM = 64


class Dirty:
    """Slots of a table in the order in which they were marked; ``_waits`` by slot, so that marking what waits costs no
    more than a look. ``owed``: that many at most of those that wait have waited since :meth:`owe`. Bounded by the
    table: a byte per slot, and 8 bytes for each that waits or did at the last growth.
    """

    def __init__(self) -> None:
        self._waits: Flags = np.zeros(0, dtype=np.bool_)
        self._queue: Ints = np.empty(FIRST_ROOM, dtype=np.int32)
        self._first = self._end = self._owed = 0

    def __len__(self) -> int:
        return self._end - self._first

    @property
    def owed(self) -> int:
        return min(self._owed, len(self))

    def owe(self, slots: Ints, capacity: int) -> None:
        """These wait, and no others: everything is to be published again."""
        self.clear()
        self.mark(slots, capacity)
        self._owed = len(self)

    def first(self, most: int) -> Ints:
        """At most ``most`` of those that wait."""
        return self._queue[self._first : min(self._end, self._first + most)].copy()

    def mark(self, slots: Ints, capacity: int) -> None:
        """Of a table of that capacity, in the order of slots; ``slots`` may name one often. O(slots), and sorting those
        that did not wait.
        """
        if capacity > len(self._waits):
            self._waits = grown(self._waits, capacity)
        new = first_met(slots, self._waits)
        if not len(new):
            return
        new.sort()
        self._make_room(len(new))
        self._queue[self._end : self._end + len(new)] = new
        self._end += len(new)

    def _make_room(self, more: int) -> None:
        if self._end + more <= len(self._queue):
            return
        held = self._queue[self._first : self._end]
        room = 2 * (len(held) + more)  # what is moved is moved again only once as many have come
        self._settle(held, np.empty(room, dtype=np.int32) if room > len(self._queue) else self._queue)

    def _settle(self, held: Ints, queue: Ints) -> None:
        """Only these wait, from the front of the queue on."""
        queue[: len(held)] = held.copy()
        self._queue, self._first, self._end = queue, 0, len(held)

    def take(self, most: int) -> Ints:
        """At most ``most``, which wait no longer."""
        taken = self.first(most)
        self._waits[taken] = False
        self._first += len(taken)
        self._owed = max(0, self._owed - len(taken))
        return taken

    def forget(self, slots: Ints) -> None:
        """These slots are free: their next owners wait for themselves. O(all that wait)."""
        known = slots[slots < len(self._waits)]
        if self._waits[known].any():
            self._waits[known] = False
            held = self._queue[self._first : self._end]
            self._settle(held[self._waits[held]], self._queue)

    def clear(self) -> None:
        self.take(len(self))

    def restore(self, slots: Ints, capacity: int) -> None:
        """These wait, in this order, and no others."""
        self._waits = np.zeros(capacity, dtype=np.bool_)
        self._waits[slots] = True
        self._settle(slots, np.empty(len(slots) + FIRST_ROOM, dtype=np.int32))


@making_kernel
def first_met(slots: Ints, met: Flags) -> Ints:
    """Those of the slots that are not ``met`` yet, once each; they are now."""
    found = np.empty(len(slots), dtype=np.int32)
    n = 0
    for slot in slots:
        if not met[slot]:
            met[slot] = True
            found[n] = slot
            n += 1
    return found[:n]
