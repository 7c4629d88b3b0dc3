"""Numbers of a log for slots of the steps' tables, without a name in between once it was met."""

from collections.abc import Sequence

import numpy as np

from shared.core.arithmetic.digests import digests
from shared.core.kernel import Ints
from shared.core.tables.interning import Interner
from shared.core.tables.other_tables import OtherTables


class Numbering:
    """``names``: by number, all that a table may hold."""

    def __init__(self, names: Sequence[str]) -> None:
        keys, self._number = digests(names), {name: number for number, name in enumerate(names)}
        self._tables = OtherTables(self._numbers, lambda: keys)

    def of(self, table: Interner, slots: Ints) -> Ints:
        """int32, as ``slots`` (of any shape; -1: none). O(slots) once they were met."""
        return self._tables.translated(table, slots.ravel()).reshape(slots.shape)

    def _numbers(self, names: list[str]) -> Ints:
        return np.array([self._number[name] for name in names], dtype=np.int32)

    def get(self, name: str) -> int:
        """The number of a name, -1 for one that there is none of."""
        return self._number.get(name, -1)
