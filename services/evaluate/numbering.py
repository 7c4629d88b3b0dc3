"""Numbers of a log for slots of the steps' tables, without a name in between once it was met."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from shared.core.digests import digests
from shared.core.interning import Interner, grown
from shared.core.kernel import Ints
from shared.core.rank_cache import translate

_NONE: Ints = np.empty(0, dtype=np.int32)


class Numbering:
    """``names``: by number, all that a table may hold. What stood in a slot is remembered, and told to be true by the
    digests of both.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._keys = digests(names)
        self._number = {name: number for number, name in enumerate(names)}
        self._met = WeakKeyDictionary[Interner, Ints]()

    def of(self, table: Interner, slots: Ints) -> Ints:
        """int32, as ``slots`` (of any shape; -1: none). O(slots) once they were met."""
        known = self._met.get(table, _NONE)
        if len(known) < table.capacity:
            known = self._met[table] = grown(known, table.capacity, -1)
        flat = slots.ravel()
        found, unknown = translate(flat, known, table.keys, self._keys)
        if len(unknown):
            for slot in set(unknown.tolist()):
                known[slot] = self._number[table.names[slot]]
            found, _ = translate(flat, known, table.keys, self._keys)
        return found.reshape(slots.shape)

    def get(self, name: str) -> int:
        """The number of a name, -1 for one that there is none of."""
        return self._number.get(name, -1)
