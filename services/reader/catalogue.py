"""The catalogue in the reader's memory: items as they are asked for, read anew when the write path says they changed.

``item-changes`` names them, a few times a second; what left that stream unread makes everything be read again. An item
that cannot be read anew stays as it was known last.
"""

from asyncio import gather
from collections.abc import Sequence

from services.reader.reading import Unreadable, read_item
from services.reader.views import NO_ID, Changes, Id, Views
from shared.contracts.errors import Unavailable
from shared.contracts.views import VIEW_VERSION, ItemView, Keys, at
from shared.core.catalogue_entry import BARE, Entry, entry_of

ABSENT = at(0, 0)


class Catalogue:
    """Entries by item, at most ``most``; the one read first leaves first. Without a record an item has a bare entry."""

    def __init__(self, views: Views, keys: Keys, most: int) -> None:
        self._views = views
        self._keys = keys
        self._most = most
        self._entries: dict[str, Entry] = {}
        self._stale: set[str] = set()
        self.last: Id | None = None  # nothing was read of the stream yet
        self.tells_kinds = False  # some item had a category or a brand
        self.lost = False  # Redis has lost its views: what is not there is not known, rather than not in the catalogue

    def __len__(self) -> int:
        return len(self._entries)

    def take(self, changes: Changes) -> None:
        """What changed since ``last`` is to be read anew."""
        if self.last is not None and changes.first > self.last:  # what came between has left the stream
            self._stale.update(self._entries)
        self._stale.update(item for item in changes.items if item in self._entries)
        self.last = changes.last if changes.last != NO_ID else self.last or NO_ID

    def known(self, items: Sequence[str]) -> list[Entry] | None:
        """Entries of all items, if they are in memory and as they should be."""
        entries = self._entries
        if self._stale and not self._stale.isdisjoint(items):
            return None
        try:
            return [entries[item] for item in items]
        except KeyError:
            return None

    def held(self, items: Sequence[str]) -> list[Entry]:
        """Of these, what is in memory, be it old."""
        return [entry for item in items if (entry := self._entries.get(item)) is not None]

    async def entries(self, items: Sequence[str]) -> list[Entry | None]:
        """In the order asked; None of what could not be read and was not known."""
        known = self.known(items)
        if known is not None:
            return list(known)
        wanted = [item for item in dict.fromkeys(items) if item not in self._entries or item in self._stale]
        await gather(*(self._read(item) for item in wanted))
        return [self._entries.get(item) for item in items]

    async def _read(self, item: str) -> None:
        self._stale.discard(item)  # before: what changes meanwhile is to be read again
        try:
            raw = await self._views.get(self._keys.item(item))
        except Unavailable:
            if item in self._entries:
                self._stale.add(item)
            return
        if raw is None and self.lost:
            return
        self._put(item, ItemView(VIEW_VERSION, ABSENT, item) if raw is None else _decoded(item, raw))

    def _put(self, item: str, view: ItemView) -> None:
        self._entries.pop(item, None)
        entry = self._entries[item] = entry_of(view)
        self.tells_kinds = self.tells_kinds or entry.kind != BARE
        if len(self._entries) > self._most:
            oldest = next(iter(self._entries))
            del self._entries[oldest]
            self._stale.discard(oldest)


def is_absent(entry: Entry) -> bool:
    """Whether the catalogue has no such item."""
    return entry.view.at == ABSENT


def _decoded(item: str, raw: bytes) -> ItemView:
    """One that cannot be read is not shown: nobody knows whether it may be."""
    try:
        return read_item(raw)
    except Unreadable:
        return ItemView(VIEW_VERSION, ABSENT, item, available=False)
