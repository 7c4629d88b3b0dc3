"""The items step: deltas in; counters, neighbour rows and scopes changed. A function of the deltas' sequence alone.

Which rows and scopes changed since they were last published is kept here too: publishing is the shell's, paced by it.
"""

from dataclasses import dataclass

import msgspec
import numpy as np

from shared.contracts.catalogue import ItemRecord
from shared.contracts.deltas import TOPS_VERSION, Availability, ItemDelta, ScopeTops, Top
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.views import VIEW_VERSION, ItemView, View, at
from shared.core.cooccurrence import NeighbourRows
from shared.core.interning import Interner
from shared.core.item_catalogue import ItemCatalogue
from shared.core.kernel import Ints
from shared.core.popularity import Counters
from shared.core.scopes import Scopes

_RECORD = msgspec.json.Decoder(ItemRecord)


@dataclass
class ItemEffects:
    """What a delta did beyond the dirty marks: items that the catalogue lost, and availability to tell."""

    removed: list[str]
    availability: list[Availability]
    repeated: bool = False


class Items:
    """The step over one `item-deltas` partition."""

    def __init__(self, settings: Settings, partition: int) -> None:
        self.partition = partition
        self._settings = settings
        self._partitions = settings.topics.items_partitions
        self._half_lives = settings.popularity.half_lives_ms
        self.items = Interner(settings.cooccurrence.max_items)
        capacity = self.items.capacity
        # the last column is the pairs' own half-life: what neighbour rows are normalised by
        self.counters = Counters([*self._half_lives.values(), settings.cooccurrence.half_life_ms], capacity)
        self.rows = NeighbourRows(settings.cooccurrence, capacity)
        self.scopes = Scopes(settings.popularity.max_scopes, settings.cooccurrence.max_items)
        self.catalogue = ItemCatalogue(settings.cooccurrence.max_items)
        self.unavailable: dict[str, None] = {}
        self.sources: dict[int, int] = {}
        self.offset = -1
        self.ts = 0
        self.dirty_rows: dict[str, None] = {}

    def step(self, offset: int, delta: ItemDelta) -> ItemEffects:
        """Apply the delta at ``offset``, unless its frame is included already."""
        self.offset = offset
        if delta.offset <= self.sources.get(delta.partition, -1):
            return ItemEffects([], [], repeated=True)
        self.sources[delta.partition] = delta.offset
        effects = self._take_records(delta)
        slots = self.items.intern(delta.items)
        self.counters.grow(self.items.capacity)
        self._count(delta, slots)
        self._pair(delta, slots)
        self._evict()
        return effects

    def _count(self, delta: ItemDelta, slots: Ints) -> None:
        times = delta.column("count_ts")
        if not len(times):
            return
        items = slots[delta.column("count_item")]
        self.ts = max(self.ts, int(times.max()))
        self.counters.add(items, delta.column("count_weight"), times)
        for slot in np.unique(items).tolist():
            name = self.items.names[slot]
            if partition_of(name, self._partitions) == self.partition:
                self.scopes.touch(name, slot)

    def _pair(self, delta: ItemDelta, slots: Ints) -> None:
        rows = slots[delta.column("pair_row")]
        if not len(rows):
            return
        others = slots[delta.column("pair_other")]
        keys = self.items.keys
        self.rows.add_pairs(rows, others, delta.column("pair_weight"), delta.column("pair_ts"), keys)
        for slot in np.unique(rows).tolist():
            self.dirty_rows[self.items.names[slot]] = None

    def _take_records(self, delta: ItemDelta) -> ItemEffects:
        effects = ItemEffects([], [])
        version = at(self._settings.generation, self.offset)
        for name, raw in delta.records:
            record = None if raw is None else _RECORD.decode(raw)
            self.scopes.file(name, [] if record is None else record.categories)
            if record is None:
                self.catalogue.remove(name)
                effects.removed.append(name)
            else:
                self.catalogue.put(_item_view(record, version))
            self._set_available(name, available=record is not None and record.available, effects=effects)
        return effects

    def _set_available(self, name: str, *, available: bool, effects: ItemEffects) -> None:
        was = name not in self.unavailable
        if available:
            self.unavailable.pop(name, None)
        else:
            self.unavailable[name] = None
            if len(self.unavailable) > self.items.bound:
                del self.unavailable[next(iter(self.unavailable))]
        if was != available:
            effects.availability.append(self._availability(name, available=available))

    def _availability(self, name: str, *, available: bool) -> Availability:
        return Availability(TOPS_VERSION, self.partition, self.offset, name, available)

    def _evict(self) -> None:
        self.catalogue.evict()
        gone = self.items.evict()
        if not len(gone):
            return
        self.counters.clear(gone)
        self.rows.clear(gone)
        self.scopes.drop_slots(gone)

    def take_dirty_rows(self, most: int) -> list[View]:
        """The `sim:` views of at most ``most`` changed rows, longest waiting first."""
        names = [name for name, _ in zip(self.dirty_rows, range(most), strict=False)]
        for name in names:
            del self.dirty_rows[name]
        return self._row_views([name for name in names if name in self.items.slots])

    def _row_views(self, names: list[str]) -> list[View]:
        slots = self.items.find(names)
        popularity = self.counters.all_counts(self.counters.values.shape[1] - 1, self.ts)
        others, scores, lengths = self.rows.best(slots, self.ts, popularity, self.items.keys)
        known = self.items.names
        best = [[known[slot] for slot in row[:n]] for row, n in zip(others.tolist(), lengths.tolist(), strict=True)]
        rounded = np.round(scores, 6).tolist()
        version = at(self._settings.generation, self.offset)
        return [
            View(
                v=VIEW_VERSION,
                at=version,
                ts=self.ts,
                source="similar",
                model="cooc-1",
                items=items,
                scores=row[: len(items)],
                item_id=name,
            )
            for name, items, row in zip(names, best, rounded, strict=True)
        ]

    def take_dirty_scopes(self, most: int) -> list[ScopeTops]:
        """The `tops` records of the whole catalogue and of at most ``most`` changed categories."""
        return [self._scope_tops(scope) for scope in self.scopes.take_dirty(most)]

    def _scope_tops(self, scope: str) -> ScopeTops:
        rules = self._settings.popularity
        members = self.scopes.members(scope)
        tops = []
        for column, half_life in enumerate(self._half_lives):
            items, counts = self.counters.heaviest(members, column, self.ts, self.items.keys, rules.published)
            tops.append(Top(half_life, [self.items.names[i] for i in items.tolist()], counts.tolist()))
        return ScopeTops(TOPS_VERSION, self.partition, self.offset, self.ts, scope, tops)

    def mark_all_dirty(self) -> list[Availability]:
        """Everything is to be published again (a view store that was lost, a new owner)."""
        names = self.items.names
        self.dirty_rows = dict.fromkeys(names[item] for item in self.rows.item_of[self.rows.item_of >= 0].tolist())
        self.scopes.mark_all_dirty()
        self.catalogue.mark_all_dirty()
        return [self._availability(name, available=False) for name in self.unavailable]


def _item_view(record: ItemRecord, version: str) -> ItemView:
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
    )
