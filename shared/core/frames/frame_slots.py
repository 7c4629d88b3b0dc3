"""Columns of a frame as the tables of a state have them: slots for the numbers of names."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shared.contracts.frames import NONE
from shared.contracts.ids import Ids
from shared.core.kernel import Ints, Keys, making_kernel
from shared.core.tables.interning import Interner


def slots_of_column(table: Interner, ids: Ids, column: Ints) -> Ints:
    """Slots of a column of indices into ids, NONE kept; ids are interned in the order of their first row."""
    order = first_uses(column, len(ids))
    named = Ordered(ids, order)
    return by_number(column, order, table.intern_keyed(named.keys, named), len(ids))


@dataclass(frozen=True)
class Ordered:
    """Ids, by their place in an order."""

    ids: Ids
    order: Ints

    def __getitem__(self, place: int, /) -> str:
        return self.ids[int(self.order[place])]

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[str]:
        return map(self.ids.__getitem__, self.order.tolist())

    @property
    def keys(self) -> Keys:
        """Their digests."""
        return self.ids.keys[self.order]


@making_kernel
def by_number(column: Ints, order: Ints, slots: Ints, size: int) -> Ints:
    """The column with slots in place of numbers below ``size``: ``order`` has that of each slot. NONE is kept."""
    table = np.full(size, NONE, dtype=np.int32)
    for n in range(len(order)):
        table[order[n]] = slots[n]
    found = np.empty(len(column), dtype=np.int32)
    for row in range(len(column)):
        found[row] = NONE if column[row] == NONE else table[column[row]]
    return found


@making_kernel
def first_uses(column: Ints, size: int) -> Ints:
    """The indices below ``size`` in a column in the order of their first rows, NONE left out."""
    used = np.zeros(size, dtype=np.bool_)
    order = np.empty(size, dtype=np.int32)
    n = 0
    for index in column:
        if index != NONE and not used[index]:
            used[index] = True
            order[n] = index
            n += 1
    return order[:n]
