"""Tables of one process that know the same ids have one object for an id's text: texts of its own would take a table 60
bytes more per id.
"""

from collections.abc import Sequence
from typing import Protocol
from weakref import ref

import numpy as np

from shared.core.kernel import Ints, Keys


class Table(Protocol):
    """Ids by slot and slots by their digests; a slot that is free has another text than it had."""

    names: list[str]

    def find_keyed(self, keys: Keys, /) -> Ints: ...


class Kin:
    """Tables that have many of the same ids join once; those that are no more leave by themselves. Nothing is held
    beyond what they hold; threads may join and ask at any time.
    """

    def __init__(self) -> None:
        self._tables: tuple[ref[Table], ...] = ()
        self._had: ref[Table] | None = None  # the last one that had any: it may have the next ones, too

    def join(self, table: Table) -> None:
        """What it knows is told to the others from now on."""
        self._tables = (*(held for held in self._tables if held() is not None), ref(table))

    def held(self, texts: Sequence[str], keys: Keys, of: Table) -> list[str]:
        """Equal texts, for the table ``of``: the objects that another one has, where one has them. ``keys`` are their
        digests. O(texts · tables).
        """
        found, missing = list(texts), np.arange(len(texts))
        for held in (*filter(None, [self._had]), *self._tables):
            table = held()
            if table is not None and table is not of and len(missing):
                slots = table.find_keyed(keys[missing])
                there = slots >= 0
                if there.any():
                    self._had = held
                for place, slot in zip(missing[there].tolist(), slots[there].tolist(), strict=True):
                    if slot < len(table.names) and (known := table.names[slot]) == found[place]:
                        found[place] = known  # another thread may have freed it, or not have named it yet
                missing = missing[~there]
        return found


ITEM_IDS = Kin()
