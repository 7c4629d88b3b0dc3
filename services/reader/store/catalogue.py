"""The catalogue in the reader's memory: items as they are asked for, read anew when the write path says they changed.

``item-changes`` names them, a few times a second; what left that stream unread makes everything be read again. An item
that cannot be read anew stays as it was known last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.reader.store.reading import Unreadable, read_item
from services.reader.store.views import NO_ID, Changes, Id, Views
from shared.contracts.errors import Unavailable
from shared.contracts.views import VIEW_VERSION, ItemView, Keys, at
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import Entry, entry_of
from shared.core.kernel import Ints
from shared.core.texts.text_slots import UNREAD

ABSENT = at(0, 0)


@dataclass(slots=True, eq=False)
class _Reading:
    """Items that are being read, and what has changed meanwhile: those that are new here have no slot yet to say so."""

    items: Sequence[str]
    changed: set[str] = field(default_factory=set)


class Catalogue:
    """Columns of at most ``most`` items; the one read first leaves first. An item without a record counts as one of
    which the record says nothing.
    """

    def __init__(self, views: Views, keys: Keys, most: int) -> None:
        self._views = views
        self._keys = keys
        self._most = most
        self.columns = CatalogueColumns()
        self.last: Id | None = None  # nothing was read of the stream yet
        self._under_way: list[_Reading] = []
        self.lost = False  # Redis has lost its views: what is not there is not known, rather than not in the catalogue

    def __len__(self) -> int:
        return len(self.columns)

    def take(self, changes: Changes) -> None:
        """What changed since ``last`` is to be read anew."""
        stale = self.columns.stale
        if self.last is not None and changes.first > self.last:  # what came between has left the stream
            stale[:] = True
            for reading in self._under_way:
                reading.changed.update(reading.items)
        stale[self.columns.slots(changes.items)] = True
        stale[UNREAD] = False
        for reading in self._under_way:
            reading.changed.update(changes.items)
        self.last = changes.last if changes.last != NO_ID else self.last or NO_ID

    def known(self, items: Sequence[str]) -> Ints | None:
        """Slots of all items, if they are in memory and as they should be."""
        slots = self.columns.find(items)
        return None if slots is None or self.columns.stale[slots].any() else slots

    async def slots(self, items: Sequence[str]) -> Ints:
        """In the order asked, int32[m]; ``UNREAD`` of what could not be read and was not known. They hold until
        something else is read (``columns.moved`` tells).
        """
        known = self.known(items)
        if known is not None:
            return known
        stale = self.columns.stale[self.columns.slots(items)].tolist()
        held = self.columns.slot_of
        wanted = [item for item, old in zip(items, stale, strict=True) if old or item not in held]
        await self._read(list(dict.fromkeys(wanted)))
        return self.columns.slots(items)

    async def entries(self, items: Sequence[str]) -> list[Entry | None]:
        """In the order asked; None of what could not be read and was not known."""
        await self.slots(items)
        return self._entries(items)

    async def records(self, items: Sequence[str]) -> tuple[list[ItemView], str]:
        """Of those that have one, in the order asked, as Redis says now; and why some may be missing, or as they were
        known last (empty: they are not). None is held for having been asked for here.
        """
        try:
            found, away = await self._views.get(*map(self._keys.item, items)), "lost" if self.lost else ""
        except Unavailable:
            found, away = [None] * len(items), "redis"
        records, why = list[ItemView](), away
        for entry, raw in zip(self._entries(items), found, strict=True):
            if raw is not None:
                try:
                    records.append(read_item(raw))
                except Unreadable:
                    why = why or "unreadable"
            elif away and entry is not None and entry.view.at != ABSENT:
                records.append(entry.view)
        return records, why

    def _entries(self, items: Sequence[str]) -> list[Entry | None]:
        columns = self.columns
        return [columns.entries[columns.slot_of.get(item, 0)] for item in items]

    async def _read(self, items: Sequence[str]) -> None:
        self._mark(items, stale=False)  # before: what changes meanwhile is to be read again
        self._under_way.append(reading := _Reading(items))
        try:
            found = await self._views.get(*map(self._keys.item, items))
        except Unavailable:
            self._mark(items, stale=True)
            return
        finally:
            self._under_way.remove(reading)
        for item, raw in zip(items, found, strict=True):
            if raw is not None or not self.lost:
                self._put(item, ItemView(VIEW_VERSION, ABSENT, item) if raw is None else _decoded(item, raw))
        self._mark([item for item in items if item in reading.changed], stale=True)

    def _put(self, item: str, view: ItemView) -> None:
        self.columns.put(item, entry_of(view))
        if len(self.columns) > self._most:
            self.columns.drop(next(iter(self.columns.slot_of)))

    def _mark(self, items: Sequence[str], *, stale: bool) -> None:
        self.columns.stale[self.columns.slots(items)] = stale
        self.columns.stale[UNREAD] = False


def _decoded(item: str, raw: bytes) -> ItemView:
    """One that cannot be read is not shown: nobody knows whether it may be."""
    try:
        return read_item(raw)
    except Unreadable:
        return ItemView(VIEW_VERSION, ABSENT, item, available=False)
