"""The items step: deltas in; counters, neighbour rows and scopes changed. A function of the deltas' sequence alone.

Which rows and scopes changed since they were last published is kept here too: publishing is the shell's, paced by it.
"""

import msgspec
import numpy as np

from shared.contracts.catalogue import ItemRecord
from shared.contracts.deltas import (
    MEETING_COLUMNS,
    OTHER_COLUMNS,
    SCOPE_COLUMNS,
    TOPS_VERSION,
    Availability,
    ItemDelta,
    ScopeNew,
    ScopeTops,
    Top,
)
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, at
from shared.core.arithmetic.distinct import distinct
from shared.core.items.content import Alike, alike, alike_column
from shared.core.items.context_counts import ContextCounts
from shared.core.items.cooccurrence import NeighbourRows
from shared.core.items.item_catalogue import ItemCatalogue, shown
from shared.core.items.item_effects import ItemEffects
from shared.core.items.item_facts import ItemFacts
from shared.core.items.leaders import Leaders
from shared.core.items.newest import Newest
from shared.core.items.pairs import pairs_of
from shared.core.items.popularity import Counters
from shared.core.items.scopes import Scopes
from shared.core.items.unavailable import Unavailable
from shared.core.kernel import Flags, Floats, Ints
from shared.core.profiles.meetings import Meetings, parted
from shared.core.tables.dirty import Dirty
from shared.core.tables.interning import Interner
from shared.core.tables.kin import ITEM_IDS
from shared.core.tables.owners import Owners

_RECORD = msgspec.json.Decoder(ItemRecord)
AFTER, BEFORE = -1, 1  # how an item stands to what came before it; to what was bought beside it


class Items:
    """The step over one `item-deltas` partition."""

    def __init__(self, settings: Settings, partition: int) -> None:
        self.partition = partition
        self._settings = settings
        self._partitions = settings.topics.items_partitions
        self._half_lives = settings.popularity.half_lives_ms
        self.items = Interner(settings.cooccurrence.max_items, ITEM_IDS)
        capacity = self.items.capacity
        rules, of_all = settings.cooccurrence, self._partitions
        self.rows = NeighbourRows(rules, capacity, partitions=of_all)
        self.bought = NeighbourRows(rules.of_bought(), capacity, "bought", columns=1, partitions=of_all)
        # the last columns are the pairs' own half-lives: what neighbour rows are normalised by
        self.counters = Counters([*self._half_lives.values(), rules.half_life_ms, rules.quick_half_life_ms], capacity)
        self._alike_by = alike_column(self._half_lives)
        self.facts = ItemFacts(capacity, rules.max_items, rules.embedding_dimensions)
        self.scopes = Scopes(settings.popularity.max_scopes, settings.cooccurrence.max_items)
        self.newest = Newest(settings.popularity.max_scopes, settings.cooccurrence.max_items)
        popularity = settings.popularity
        self.contexts = ContextCounts([*self._half_lives.values()], popularity.max_contexts, popularity.context_items)
        self.catalogue = ItemCatalogue(settings.cooccurrence.max_items)
        self.unavailable = Unavailable(settings.cooccurrence.max_items)
        self.sources: dict[int, int] = {}
        self.offset = -1
        self.ts = 0
        self.dirty_rows, self.dirty_stats = Dirty(), Dirty()
        self.fresh_rows, self.fresh_stats = Dirty(), Dirty()  # what an item that is new to the catalogue changes
        self._leaders = Leaders()  # of the whole catalogue
        self._owners: Owners | None = None

    def step(self, offset: int, delta: ItemDelta) -> ItemEffects:
        """Apply the delta at ``offset``, unless its frame is included already."""
        self.offset = offset
        if delta.offset <= self.sources.get(delta.partition, -1):
            return ItemEffects([], [], repeated=True)
        self.sources[delta.partition] = delta.offset
        effects, new = self._take_records(delta)
        slots = self.items.intern_keyed(delta.items.keys, delta.items)
        self._grow()
        mine = self._whose().of(slots) == self.partition
        self._count(delta, slots, mine)
        if delta.scopes:
            self.contexts.add(delta.scopes, delta.items, *(delta.column(name) for name in SCOPE_COLUMNS))
        self._pair(delta, slots, mine)
        self._freshen(new)
        effects.unlisted, effects.evicted = self.catalogue.evict(), self._evict()
        return effects

    def _grow(self) -> None:
        self.counters.grow(self.items.capacity)
        self.facts.grow(self.items.capacity)
        self.rows.grow(self.items.capacity)
        self.bought.grow(self.items.capacity)

    def _owns(self, name: str) -> bool:
        return partition_of(name, self._partitions) == self.partition

    def _count(self, delta: ItemDelta, slots: Ints, mine: Flags) -> None:
        times = delta.column("count_ts")
        if not len(times):
            return
        places = delta.column("count_item")
        items = slots[places]
        self.ts = max(self.ts, int(times.max()))
        self.counters.add(items, delta.column("count_weight"), times)
        self.facts.categories.recount(items, self.counters, self._alike_by, self.ts)
        self.facts.meet(items, times)
        counted = distinct(items[mine[places]])
        self.scopes.touch_all(counted, self.items.names)
        self._leaders.note(counted, self.items.capacity)
        self._mark(counted, self.dirty_rows, self.dirty_stats)

    def _mark(self, slots: Ints, *waiting: Dirty) -> None:
        for dirty in waiting:
            dirty.mark(slots, self.items.capacity)

    def _owned(self, slots: Ints) -> Ints:
        """Those of this partition, in the order of slots."""
        return np.sort(slots[self._whose().of(slots) == self.partition])

    def _whose(self) -> Owners:
        """Owners in the table that was restored, if one was."""
        if self._owners is None:
            self._owners = Owners(self.items, self._partitions)
        return self._owners

    def _pair(self, delta: ItemDelta, slots: Ints, mine: Flags) -> None:
        met = Meetings(*(delta.column(name) for name in MEETING_COLUMNS + OTHER_COLUMNS))
        if not len(met.item):
            return
        self.ts = max(self.ts, int(met.ts.max()))  # of an event that was capped, so not counted
        seen, bought = parted(met, len(met.item) - delta.bought)
        for table, part, back in ((self.rows, seen, AFTER), (self.bought, bought, BEFORE)):
            if len(part.item):
                pairs = pairs_of(part, slots, mine, back)
                table.add_pairs(pairs, self.items.keys)
                self._mark(pairs.row, self.dirty_rows)

    def _take_records(self, delta: ItemDelta) -> tuple[ItemEffects, list[int]]:
        """Facts of all items; the catalogue, its scopes and what may be served of those that are owned. Also the slots
        of items that were not in the catalogue before, or in another category.
        """
        effects, new, slots = ItemEffects([], []), list[int](), list[int]()
        if delta.records:
            slots = self.items.intern_some([(name, raw is not None) for name, raw in delta.records]).tolist()
            self._grow()
        for slot, (name, raw) in zip(slots, delta.records, strict=True):
            record = None if raw is None else _RECORD.decode(raw)
            new += self._take_facts(slot, record)
            if self._owns(name):
                self._take_owned(slot, name, record, effects, delta.arrived)
        return effects, new

    def _take_facts(self, slot: int, record: ItemRecord | None) -> list[int]:
        """The item's slot, if it is new."""
        if record is None:
            if slot >= 0:
                self.facts.unfile(slot)
            return []
        before = int(self.facts.filed[slot]), int(self.facts.category[slot])
        self.facts.file(slot, record)
        return [slot] if not before[0] or before[1] != self.facts.category[slot] else []

    def _freshen(self, new: list[int]) -> None:
        """New items are to be found at once: they and, of what is like each, what users have met are said anew."""
        slots = np.array([slot for slot in dict.fromkeys(new) if self.facts.filed[slot]], dtype=np.int32)
        if not len(slots):
            return
        mine = self._owned(slots)
        self._mark(mine, self.fresh_rows, self.fresh_stats)
        if not self.ts:
            return  # nobody has met anything
        like, _, lengths = self.alike(slots)
        others = np.unique(like[np.arange(like.shape[1]) < lengths[:, None]])
        self._mark(self._owned(others[self.facts.last_ts[others] > 0]), self.fresh_rows)

    def _take_owned(self, slot: int, name: str, record: ItemRecord | None, effects: ItemEffects, now: int) -> None:
        if slot >= 0:
            self._mark(np.array([slot], dtype=np.int32), self.dirty_rows, self.dirty_stats)
        self.scopes.file(name, [] if record is None else record.categories)
        if record is None:
            self.catalogue.remove(name)
            self.newest.remove(name)
            effects.removed.append(name)
        else:
            self.newest.file(record, now)
            self.catalogue.put(shown(record, at(self._settings.generation, self.offset)))
        news = self.unavailable.note(name, available=record is not None and record.available)
        effects.availability += map(self._availability, news)

    def _availability(self, name: str) -> Availability:
        return Availability(TOPS_VERSION, self.partition, self.offset, name, name not in self.unavailable.names)

    def _evict(self) -> list[str]:
        """Keep the bounds; the names of owned items that left."""
        if len(self.items) <= self.items.bound:
            return []
        names, gone = self.items.names.copy(), self.items.evict()
        self._leaders.forget()
        self.counters.clear(gone)
        self.facts.clear(gone)
        self.rows.clear(gone)
        self.bought.clear(gone)
        self.scopes.drop_slots(gone)
        for waiting in (self.fresh_rows, self.fresh_stats, self.dirty_rows, self.dirty_stats):
            waiting.forget(gone)
        if self._owners is not None:
            self._owners.forget(gone)
        return [name for name in map(names.__getitem__, gone.tolist()) if self._owns(name)]

    def alike(self, slots: Ints) -> Alike:
        """What the catalogue says is like each of them, as :func:`shared.core.items.content.alike` says it."""
        return alike(self.facts, slots, self.counters, self._alike_by, self.ts, self.items)

    def take_dirty_rows(self, most: int) -> Ints:
        """At most ``most`` items whose rows are to be written: fresh ones, then the longest waiting."""
        return _taken(self.fresh_rows, self.dirty_rows, most)

    def take_dirty_stats(self, most: int) -> Ints:
        """The same of what is known of items themselves."""
        return _taken(self.fresh_stats, self.dirty_stats, most)

    @property
    def rows_waiting(self) -> int:
        """Of how many items at most rows or numbers are to be written."""
        return max(len(self.fresh_rows) + len(self.dirty_rows), len(self.fresh_stats) + len(self.dirty_stats))

    def take_dirty_scopes(self, most: int) -> list[ScopeTops]:
        """The `tops` records of the whole catalogue and of at most ``most`` changed categories and contexts each."""
        categories = [self._scope_tops(scope) for scope in self.scopes.take_dirty(most)]
        return categories + [self._context_tops(scope) for scope in self.contexts.take_dirty(most)]

    def take_gone_scopes(self) -> list[ScopeTops | ScopeNew]:
        """The `tops` records of scopes that were told and are held no longer: of nothing."""
        version, gone = (TOPS_VERSION, self.partition, self.offset), self.newest.dirty.take_gone()
        new = [ScopeNew(*version, scope, [], []) for scope in gone]
        tops = [*self.scopes.dirty.take_gone(), *self.contexts.dirty.take_gone()]
        return [*new, *(ScopeTops(*version, self.ts, scope, []) for scope in tops)]

    def take_new(self, most: int) -> list[ScopeNew]:
        """The `tops` records of what is new in at most ``most`` scopes."""
        published = self._settings.popularity.published
        return [
            ScopeNew(TOPS_VERSION, self.partition, self.offset, scope, *self.newest.newest(scope, published))
            for scope in self.newest.take_dirty(most)
        ]

    def _scope_tops(self, scope: str) -> ScopeTops:
        named, found = self.items.names.__getitem__, zip(self._half_lives, self.heaviest(scope), strict=True)
        tops = [Top(at, list(map(named, items.tolist())), counts.tolist()) for at, (items, counts) in found]
        return ScopeTops(TOPS_VERSION, self.partition, self.offset, self.ts, scope, tops)

    def heaviest(self, scope: str) -> list[tuple[Ints, Floats]]:
        """Slots and decayed counts of a category's heaviest items, or the whole catalogue's, at each half-life."""
        as_of = len(self._half_lives), self.ts, self.items.keys, self._settings.popularity.published
        if scope == ALL:
            return self._leaders.heaviest(self.counters, lambda: self.scopes.members(ALL), *as_of)
        return self.counters.heaviest_each(self.scopes.members(scope), *as_of)

    def _context_tops(self, scope: str) -> ScopeTops:
        counts, most = self.contexts.held[scope], self._settings.popularity.published
        tops = [
            Top(half_life, *counts.heaviest(column, self.ts, most)) for column, half_life in enumerate(self._half_lives)
        ]
        return ScopeTops(TOPS_VERSION, self.partition, self.offset, self.ts, scope, tops)

    def mark_all_dirty(self) -> list[Availability]:
        """Everything is to be published again (a view store that was lost, a new owner)."""
        self.fresh_rows.clear()
        self.fresh_stats.clear()
        mine = self._owned(self.items.live())
        for waiting in (self.dirty_rows, self.dirty_stats):
            waiting.owe(mine, self.items.capacity)
        self.scopes.mark_all_dirty()
        self.contexts.mark_all_dirty()
        self.newest.mark_all_dirty()
        self.catalogue.mark_all_dirty()
        return [self._availability(name) for name in self.unavailable.names]

    @property
    def owed(self) -> bool:
        """Whether something waits yet of what the last :meth:`mark_all_dirty` marked."""
        parts = self.scopes, self.contexts, self.newest, self.catalogue
        return bool(self.dirty_rows.owed or self.dirty_stats.owed or any(part.dirty.owed for part in parts))


def _taken(fresh: Dirty, dirty: Dirty, most: int) -> Ints:
    first = fresh.take(most)
    then = dirty.take(most - len(first))
    return np.concatenate((first, then[~np.isin(then, first)])) if len(first) else then
