"""Which items the catalogue has had for the shortest time: of all of it, and of each of its categories."""

import sys
from bisect import bisect_left, insort
from collections import OrderedDict
from typing import NamedTuple

from shared.contracts.catalogue import ItemRecord
from shared.contracts.views import ALL, category_scope
from shared.core.tables.interning import ID_BYTES, order_key
from shared.core.tables.segments import PENDING, Segments, pack_list, unpack_list
from shared.core.tables.told_names import ToldNames

KEPT = 1000
"""Items of a scope, as many as a list may have."""
DIRTY = f"{PENDING}new"
GONE = f"{DIRTY}-gone"

Entry = tuple[int, int, str]
"""(−since, the item's key, item): newest first, ties by item key."""


class Filed(NamedTuple):
    """When an item was filed first (ms), where it stands in the lists of which scopes."""

    first: int
    entry: Entry
    scopes: tuple[str, ...]


class Newest:
    """By scope the :data:`KEPT` newest, of ``bound`` categories at most: the one filed in longest ago leaves. Since
    when items are there is known of ``max_items``. ``dirty``: scopes to be told.
    """

    def __init__(self, bound: int, max_items: int) -> None:
        self._bound, self._max_items = bound, max_items
        self._filed: OrderedDict[str, Filed] = OrderedDict()  # a dict finds its first slower the more have left
        self._lists: dict[str, list[Entry]] = {ALL: []}
        self.dirty = ToldNames()
        self._taken: Segments | None = None  # of what is filed, as long as it stays so

    def file(self, record: ItemRecord, now: int) -> None:
        """The catalogue's word as of ``now`` (ms, of the log); an item that it had is as old as it was. O(KEPT)."""
        item, known = record.item_id, self.remove(record.item_id)
        self._taken = None
        first = now if known is None else known.first
        since = first if record.published_at is None else record.published_at
        scopes = tuple(dict.fromkeys((ALL, *(sys.intern(category_scope(c)) for c in record.categories))))
        self._filed[item] = filed = Filed(first, (-since, order_key(item), item), scopes)
        for scope in scopes:
            entries = self._lists.pop(scope, [])
            insort(entries, filed.entry)
            del entries[KEPT:]
            self._lists[scope] = entries  # the last filed in stands last
            self.dirty.mark(scope)
        while len(self._lists) > self._bound + 1:
            oldest = next(scope for scope in self._lists if scope != ALL)
            del self._lists[oldest]
            self.dirty.forget(oldest)
        if len(self._filed) > self._max_items:
            self.remove(next(iter(self._filed)))

    def remove(self, item: str) -> Filed | None:
        """The catalogue no longer has it; what was known."""
        known = self._filed.pop(item, None)
        if known is None:
            return None
        self._taken = None
        for scope in known.scopes:
            if self._listed(known, scope):
                entries = self._lists[scope]
                del entries[bisect_left(entries, known.entry)]
                self.dirty.mark(scope)
        return known

    def _listed(self, filed: Filed, scope: str) -> bool:
        entries = self._lists.get(scope, [])
        place = bisect_left(entries, filed.entry)
        return place < len(entries) and entries[place] == filed.entry

    def newest(self, scope: str, most: int) -> tuple[list[str], list[int]]:
        """At most ``most`` items, newest first, and since when they are there (ms)."""
        entries = self._lists.get(scope, [])[:most]
        return [item for _, _, item in entries], [-negated for negated, _, _ in entries]

    def firsts(self) -> dict[str, int]:
        """When items were filed first (ms)."""
        return {item: filed.first for item, filed in self._filed.items()}

    def names(self) -> list[str]:
        """The scopes that are held, the one filed in longest ago first."""
        return list(self._lists)

    def take_dirty(self, most: int) -> list[str]:
        """At most ``most`` scopes to be told, longest waiting first."""
        return self.dirty.take(most)

    def mark_all_dirty(self) -> None:
        self.dirty.owe(self._lists)

    def take(self) -> Segments:
        """As segments. O(items), but for what waits O(1) if the catalogue is as it was at the last call."""
        if self._taken is None:
            self._taken = self._take()
        return (
            self._taken
            | pack_list(DIRTY, list(self.dirty), ID_BYTES)
            | pack_list(GONE, list(self.dirty.gone), ID_BYTES)
        )

    def _take(self) -> Segments:
        """Lists are told item by item, so that a long one is spread over many."""
        listed: dict[str, list[int]] = {}
        for number, entries in enumerate(self._lists.values()):
            for _, _, item in entries:
                listed.setdefault(item, []).append(number)
        filed = [
            (item, first, -entry[0], scopes[1:], listed.get(item, ()))
            for item, (first, entry, scopes) in self._filed.items()
        ]
        return pack_list("new-scopes", list(self._lists), ID_BYTES) | pack_list("new", filed, 4 * ID_BYTES)

    def restore(self, segments: Segments) -> None:
        """What was taken."""
        order = unpack_list(segments, "new-scopes")
        self._lists = {scope: [] for scope in order}
        for item, first, since, categories, listed in unpack_list(segments, "new"):
            scopes = (ALL, *map(sys.intern, categories))
            self._filed[item] = filed = Filed(first, (-since, order_key(item), item), scopes)
            for n in listed:
                self._lists[order[n]].append(filed.entry)
        for entries in self._lists.values():
            entries.sort()
        self.dirty = ToldNames(unpack_list(segments, DIRTY), order, unpack_list(segments, GONE))
