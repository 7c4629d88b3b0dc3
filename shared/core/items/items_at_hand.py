"""Items partitions that are in this very process: what their views would say is told from their state, as of now."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from shared.core.items.item_views import ItemViews
from shared.core.items.items import Items
from shared.core.items.said import SaidRows, SaidStats
from shared.core.kernel import Ints
from shared.core.tables.interning import Interner
from shared.core.tables.other_tables import OtherTables
from shared.core.tables.owners import Owners

S = TypeVar("S")


class Held(NamedTuple):
    """A partition that is at hand; ``slots``: in its table, by those in others."""

    views: ItemViews
    slots: OtherTables


class ItemsAtHand:
    """``partitions``: how many there are, of which some are held. An item is told of by the partition that owns it;
    it is asked for by its slot in a table of the asker's, from which none leaves.
    """

    def __init__(self, partitions: int, half_lives: dict[str, int]) -> None:
        self._partitions = partitions
        self._half_lives = half_lives
        self._held: dict[int, Held] = {}
        self._owners = WeakKeyDictionary[Interner, Owners]()

    def hold(self, partition: int, items: Items) -> None:
        table = items.items
        slots = OtherTables(table.find, lambda: table.keys)
        self._held[partition] = Held(ItemViews(items, self._half_lives), slots)

    def let_go(self, partition: int) -> None:
        """If it is held."""
        self._held.pop(partition, None)

    @property
    def partitions_held(self) -> int:
        """How many."""
        return len(self._held)

    def rows(self, table: Interner, items: Ints) -> tuple[list[SaidRows], Ints]:
        """What is said of these items' neighbours, and the items of partitions that are not held. O(neighbours)."""
        return self._told(table, items, ItemViews.said_rows)

    def likes(self, table: Interner, items: Ints) -> tuple[list[SaidRows], Ints]:
        """The same of what the catalogue says is like them. O(members) each."""
        return self._told(table, items, ItemViews.said_likes)

    def stats(self, table: Interner, items: Ints) -> tuple[list[SaidStats], Ints]:
        """The same of numbers. O(items · half-lives)."""
        return self._told(table, items, ItemViews.said_stats)

    def _told(self, table: Interner, items: Ints, say: Callable[[ItemViews, Ints, Ints], S]) -> tuple[list[S], Ints]:
        if not self._held or not len(items):
            return [], items
        owners, others, said = self._owners_of(table, items), np.ones(len(items), dtype=np.bool_), list[S]()
        for partition, held in self._held.items():
            owned = owners == partition
            mine = items[owned]
            if len(mine):
                others &= ~owned
                slots = held.slots.translated(table, mine)
                known = slots >= 0
                said.append(say(held.views, mine[known], slots[known]))
        return said, items[others]

    def _owners_of(self, table: Interner, items: Ints) -> Ints:
        if self._partitions == 1:
            return np.zeros_like(items)
        owners = self._owners.get(table)
        if owners is None:
            owners = self._owners[table] = Owners(table, self._partitions)
        return owners.of(items)
