"""Tables of one process that know the same ids have one object for an id's text, and all have one for a slot's number:
texts and numbers of its own would take a table 90 bytes more per id.
"""

from typing import Protocol
from weakref import WeakValueDictionary


class Table(Protocol):
    """Slots by id and ids by slot; a slot that is free has another text than it had."""

    slots: dict[str, int]
    names: list[str]


class Kin:
    """Tables that have many of the same ids join once; those that are no more leave by themselves. Nothing is held
    beyond what they hold; threads may join and ask at any time.
    """

    def __init__(self) -> None:
        self._tables: WeakValueDictionary[int, Table] = WeakValueDictionary()

    def join(self, table: Table) -> None:
        """What it knows is told to the others from now on."""
        self._tables[id(table)] = table

    def held(self, texts: list[str]) -> list[str]:
        """Equal texts: the objects that a table has, where one has them. O(texts · tables)."""
        tables = [table for known in self._tables.valuerefs() if (table := known()) is not None]
        return [_held(text, tables) for text in texts]


def _held(text: str, tables: list[Table]) -> str:
    for table in tables:
        slot = table.slots.get(text)
        if slot is not None and (known := table.names[slot]) == text:  # another thread may have freed it
            return known
    return text


class Numbers:
    """0, 1, …: a quarter more at most than were ever asked for, 40 bytes each."""

    def __init__(self) -> None:
        self._all: list[int] = []

    def below(self, end: int) -> list[int]:
        """At least those; the same objects at each call. O(1) amortised."""
        held = self._all
        if end > len(held):  # a list that is told stays as it is: of two threads that ask for more both are told right
            held = self._all = [*held, *range(len(held), max(end, len(held) + len(held) // 4))]
        return held


ITEM_IDS = Kin()
SLOTS = Numbers()
