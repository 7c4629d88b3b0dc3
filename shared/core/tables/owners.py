"""Which items partition owns each item of a table, asked for once per item."""

import numpy as np

from shared.contracts.routing import partitions_of
from shared.core.kernel import Ints
from shared.core.tables.interning import Interner, grown

UNKNOWN = -1


class Owners:
    """Of ``partitions``; 4 bytes per slot of the table."""

    def __init__(self, items: Interner, partitions: int) -> None:
        self._items = items
        self._partitions = partitions
        self._owner: Ints = np.full(items.capacity, UNKNOWN, dtype=np.int32)

    def of(self, slots: Ints) -> Ints:
        """int32[slots]; O(slots), and a digest of each item that is new."""
        if self._items.capacity > len(self._owner):
            self._owner = grown(self._owner, self._items.capacity, UNKNOWN)
        found: Ints = self._owner[slots]
        if found.min(initial=0) != UNKNOWN:
            return found
        unknown = np.unique(slots[found == UNKNOWN])
        self._owner[unknown] = partitions_of(map(self._items.names.__getitem__, unknown.tolist()), self._partitions)
        return self._owner[slots]

    def forget(self, slots: Ints) -> None:
        """These slots were freed."""
        self._owner[slots] = UNKNOWN
