"""Who may be among the heaviest of all items, so that not all of them are looked at whenever one was counted.

Counts of a half-life shrink alike, so only who was counted since can pass another. Of the rest those suffice that were
among the heaviest when all were looked at last, or so near to it that no rounding parts them.
"""

import math
from collections.abc import Callable

import numpy as np

from shared.core.arithmetic.decay import TABLE, as_of, decayed
from shared.core.items.popularity import Counters
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, making_kernel
from shared.core.tables.dirty import first_met
from shared.core.tables.interning import grown

NEAR = 1.0 - 1e-6
"""Of the least count that has room: what had less stays behind it, however counts are rounded."""
TINY = 1e-250
"""Counts near the smallest numbers are rounded so coarsely that all are looked at."""
ROOM = 4
"""Times the root of how many there are: so many more than at first, and all are looked at again."""


class Leaders:
    """Those that led at first and :data:`ROOM` · √items more at most; one byte per slot."""

    def __init__(self) -> None:
        self._slots: Ints | None = None
        self._size = self._most_size = self._most = 0
        self._all = False  # whether nobody else is there
        self._among: Flags = np.zeros(0, dtype=np.bool_)

    def note(self, slots: Ints, capacity: int) -> None:
        """These were counted; each once."""
        if self._slots is None:
            return
        if capacity > len(self._among):
            self._among = grown(self._among, capacity)
        new = first_met(slots, self._among)
        if self._size + len(new) > self._most_size:
            self._slots = None
            return
        self._slots[self._size : self._size + len(new)] = new
        self._size += len(new)

    def forget(self) -> None:
        """Items have left: all are to be looked at."""
        self._slots = None

    def heaviest(
        self, counters: Counters, members: Callable[[], Ints], columns: int, ts: int, keys: Keys, most: int
    ) -> list[tuple[Ints, Floats]]:
        """As :meth:`Counters.heaviest_each` has it of all ``members``; ``ts`` never goes back. O(leaders + √members),
        and O(members) once in √members that were counted.
        """
        if self._slots is not None and most == self._most:
            found = counters.heaviest_each(self._slots[: self._size], columns, ts, keys, most)
            if self._all or all(len(counts) == most and counts[-1] >= TINY for _, counts in found):
                return found
        every = members()
        found = counters.heaviest_each(every, columns, ts, keys, most)
        self._hold(every, found, counters, ts, len(keys), most)
        return found

    def _hold(
        self, every: Ints, found: list[tuple[Ints, Floats]], counters: Counters, ts: int, capacity: int, most: int
    ) -> None:
        bars = np.array([counts[-1] * NEAR if len(counts) == most else 0.0 for _, counts in found])
        leading = leading_of(counters.values, counters.exponents, every, ts, counters.half_lives, TABLE, bars)
        self._all = len(leading) == len(every)
        self._most, self._size = most, len(leading)
        self._most_size = len(leading) + math.isqrt(ROOM * ROOM * len(every))
        self._slots = np.empty(self._most_size, dtype=np.int32)
        self._slots[: self._size] = leading
        self._among = np.zeros(capacity, dtype=np.bool_)
        self._among[leading] = True


@making_kernel
def leading_of(
    values: Floats, exponents: Ints, members: Ints, ts: int, half_lives: Longs, table: Floats, bars: Floats
) -> Ints:
    """Those whose count is no less than the bar of any half-life."""
    found, size = np.empty(len(members), dtype=np.int32), 0
    growths, wholes = as_of(ts, half_lives, table)
    for item in members:
        for h in range(len(bars)):
            if decayed(values[item, h], exponents[item, h], growths[h], wholes[h]) >= bars[h]:
                found[size] = item
                size += 1
                break
    return found[:size]
