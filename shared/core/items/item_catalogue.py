"""What pages show of items, as it was said last: kept so that a view store that was lost can be filled again."""

from shared.contracts.catalogue import LARGEST_SHOWN, LONGEST_DESCRIPTION, ItemRecord
from shared.contracts.views import VIEW_VERSION, ItemView, encode_view
from shared.core.tables.dirty_names import DirtyNames
from shared.core.tables.interning import Interner
from shared.core.tables.kin import ITEM_IDS
from shared.core.tables.segments import PENDING, Segments, pack_list, unpack_list

ENTRY_BYTES = 4096  # as most are, and more
LARGEST_ENTRY = LARGEST_SHOWN + 6 * LONGEST_DESCRIPTION + 100
"""What the contract allows: 128 of them, as many as a segment has, stay below a record's bound."""
DIRTY = f"{PENDING}catalogue"


class ItemCatalogue:
    """``item:`` views by item, at most ``bound``; the one not said for longest leaves. ``dirty``: to be published."""

    def __init__(self, bound: int) -> None:
        self.ids = Interner(bound, ITEM_IDS)
        self._entries: list[bytes] = []
        self.dirty = DirtyNames()

    def put(self, view: ItemView) -> None:
        """The catalogue's word on an item; replaces the one before."""
        [slot] = self.ids.intern([view.item_id]).tolist()
        self._entries += [b""] * (slot + 1 - len(self._entries))
        self._entries[slot] = encode_view(view)
        self.dirty.mark(view.item_id)

    def remove(self, item: str) -> None:
        """The catalogue no longer has it."""
        slot = self.ids.remove(item)
        if slot is not None:
            self._entries[slot] = b""

    def evict(self) -> list[str]:
        """Keep the bound, at a record's end; the items that left."""
        if len(self.ids) <= self.ids.bound:
            return []
        names, gone = self.ids.names.copy(), self.ids.evict().tolist()
        for slot in gone:
            self._entries[slot] = b""
        return [names[slot] for slot in gone]

    def get(self, item: str) -> bytes | None:
        """The view as it is published."""
        slot = self.ids.slots.get(item)
        return None if slot is None else self._entries[slot]

    def take_dirty(self, most: int) -> list[tuple[str, bytes]]:
        """At most ``most`` views to be published, longest waiting first."""
        return [(name, raw) for name in self.dirty.take(most) if (raw := self.get(name))]

    def mark_all_dirty(self) -> None:
        self.dirty.owe(self.ids.slots)

    def take(self) -> Segments:
        """As segments."""
        entries = pack_list("catalogue", self._entries, ENTRY_BYTES)
        return self.ids.take("catalogue-ids") | entries | pack_list(DIRTY, list(self.dirty), ENTRY_BYTES)

    def restore(self, segments: Segments) -> None:
        """What was taken."""
        self.ids = Interner.restore(self.ids.bound, segments, "catalogue-ids", ITEM_IDS)
        self._entries = unpack_list(segments, "catalogue")
        self.dirty = DirtyNames(unpack_list(segments, DIRTY))


def shown(record: ItemRecord, version: str) -> ItemView:
    """What pages show of an item: all of its record but embedding and what is near; a long description is cut."""
    return ItemView(
        v=VIEW_VERSION,
        at=version,
        item_id=record.item_id,
        title=record.title,
        categories=record.categories,
        brand=record.brand,
        price=record.price,
        image=record.image,
        available=record.available,
        repeatable=record.repeatable,
        description=record.description[:LONGEST_DESCRIPTION],
        parent_id=record.parent_id,
        published_at=record.published_at,
        expires_at=record.expires_at,
        tags=record.tags,
        seller=record.seller,
        markets=record.markets,
        attributes=record.attributes,
    )
