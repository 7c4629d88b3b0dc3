"""Deltas of one partition, folded pair by pair into neighbour rows, counters and scopes."""

from itertools import islice

import msgspec

from services.verify.content_oracle import alike, liked_by
from services.verify.contexts_oracle import ContextsOracle
from services.verify.facts_oracle import FactsOracle
from services.verify.forward_decay import NOTHING, Count, added, count_at
from services.verify.newest_oracle import NewestOracle
from services.verify.rows_oracle import RowsOracle
from services.verify.scopes_oracle import ScopesOracle
from services.verify.slots import Slots
from services.verify.ties import best_first
from shared.contracts.catalogue import ItemRecord
from shared.contracts.deltas import ItemDelta
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings

Pair = tuple[str, str, float, int, int]
"""Row, neighbour, the event's weight, steps from the one to the other, time (ms)."""


class ItemsOracle:
    """O(pairs · neighbours). ``rows_changed``, ``stats_changed``, ``scope_changed``: the delta that last changed what
    is said of an item or a scope, ``new_changed``: what is new in it; ``catalogue``: what was last said of an item that
    is owned, if that was no tombstone and it has not left at the bound.
    """

    def __init__(self, settings: Settings, partition: int) -> None:
        rules = settings.cooccurrence
        self.settings, self._partition = settings, partition
        ladder = settings.popularity.half_lives_ms.values()
        self._half_lives = [*ladder, rules.half_life_ms, rules.quick_half_life_ms]
        self.slots = Slots(rules.max_items)
        self._counters: dict[str, list[Count]] = {}
        partitions = settings.topics.items_partitions
        self.rows, self.bought = RowsOracle(rules, partitions), RowsOracle(rules.of_bought(), partitions)
        self.facts = FactsOracle(rules.max_items, rules.embedding_dimensions)
        popularity = settings.popularity
        self.categories = ScopesOracle(popularity.max_scopes, rules.max_items)
        self.newest = NewestOracle(popularity.max_scopes, rules.max_items)
        self.contexts = ContextsOracle(list(ladder), popularity.max_contexts, popularity.context_items)
        self._unavailable: dict[str, None] = {}
        self._new: dict[str, None] = {}
        self._sources: dict[int, int] = {}
        self.catalogue: dict[str, ItemRecord] = {}
        self.catalogue_slots = Slots(rules.max_items)
        self.rows_changed: dict[str, int] = {}
        self.stats_changed: dict[str, int] = {}
        self.scope_changed: dict[str, int] = {}
        self.new_changed: dict[str, int] = {}
        self.offset = -1
        self.ts = 0

    def fold(self, offset: int, delta: ItemDelta) -> None:
        """A delta whose frame is included already changes nothing."""
        self.offset = offset
        if delta.offset <= self._sources.get(delta.partition, -1):
            return
        self._sources[delta.partition] = delta.offset
        for item, raw in delta.records:
            record = None if raw is None else msgspec.json.decode(raw, type=ItemRecord)
            self._take_record(item, record, delta.arrived)
        items = list(delta.items)
        for item in items:
            self._see(item)
        self._count(delta, items)
        self._count_contexts(delta, items)
        self._pair(delta, items)
        self._say_anew()
        self._keep_bounds()
        self.scope_changed |= dict.fromkeys(self.categories.changed, offset) | dict.fromkeys(delta.scopes, offset)
        self.new_changed |= dict.fromkeys(self.newest.changed, offset)
        self.categories.changed.clear()
        self.newest.changed.clear()

    def _say_anew(self) -> None:
        """New items, and those that users have met of what is like them: their rows speak of each other."""
        column = liked_by(self.settings.popularity.half_lives_ms)
        for new in self._new if self.ts else ():
            if new in self.facts.filed:
                for other, _ in alike(self.facts, new, lambda item: self.count(item, column)):
                    if self.facts.is_met(other) and self._owns(other):
                        self.rows_changed[other] = self.offset
        self._new.clear()

    def _see(self, item: str) -> None:
        self.slots.see(item)
        self._counters.setdefault(item, [NOTHING] * len(self._half_lives))

    def _owns(self, item: str) -> bool:
        return partition_of(item, self.settings.topics.items_partitions) == self._partition

    def _take_record(self, item: str, record: ItemRecord | None, now: int) -> None:
        """Facts of every item; the rest of those that are owned."""
        if record is None:
            self.facts.unfile(item)
        else:
            self._see(item)
            before = self.facts.filed.get(item)
            self.facts.file(item, record)
            if before is None or before.category != self.facts.filed[item].category:
                self._new[item] = None
        if self._owns(item):
            self._take_owned(item, record, now)

    def _take_owned(self, item: str, record: ItemRecord | None, now: int) -> None:
        self.rows_changed[item] = self.stats_changed[item] = self.offset
        self.catalogue.pop(item, None)
        if record is None:
            self.catalogue_slots.remove(item)
            self.newest.remove(item)
        else:
            self.catalogue_slots.see(item)
            self.catalogue[item] = record
            self.newest.file(record, now)
        self.categories.file(item, [] if record is None else record.categories)
        if record is not None and record.available:
            self._unavailable.pop(item, None)
        else:
            self._unavailable[item] = None
            if len(self._unavailable) > self.settings.cooccurrence.max_items:
                del self._unavailable[next(iter(self._unavailable))]

    def _count(self, delta: ItemDelta, items: list[str]) -> None:
        columns = (delta.column(name).tolist() for name in ("count_item", "count_weight", "count_ts"))
        counted = set()
        for index, weight, ts in zip(*columns, strict=True):
            item = items[index]
            self._counters[item] = [
                added(count, weight, ts, half_life)
                for count, half_life in zip(self._counters[item], self._half_lives, strict=True)
            ]
            self.facts.meet(item, ts)
            counted.add(item)
            self.ts = max(self.ts, ts)
        for item in sorted(counted, key=self.slots.of.__getitem__):
            if self._owns(item):
                self.categories.touch(item)
                self.rows_changed[item] = self.stats_changed[item] = self.offset

    def _count_contexts(self, delta: ItemDelta, items: list[str]) -> None:
        columns = (delta.column(name).tolist() for name in ("scope_name", "scope_item", "scope_weight", "scope_ts"))
        rows = [
            (delta.scopes[scope], items[item], weight, ts) for scope, item, weight, ts in zip(*columns, strict=True)
        ]
        self.contexts.fold(delta.scopes, rows)

    def _pair(self, delta: ItemDelta, items: list[str]) -> None:
        names = ("meeting_item", "meeting_weight", "meeting_ts", "meeting_size")
        met = len(delta.column("meeting_item")) - delta.bought
        others = zip(delta.column("other_item").tolist(), delta.column("other_gap").tolist(), strict=True)
        told = zip(*(delta.column(name).tolist() for name in names), strict=True)
        seen, bought = list[Pair](), list[Pair]()
        for place, (item, weight, ts, size) in enumerate(told):
            pairs = seen if place < met else bought
            for other, gap in islice(others, size):
                back = -gap if place < met else gap  # what is bought together follows neither from the other
                pairs += [(items[item], items[other], weight, gap, ts), (items[other], items[item], weight, back, ts)]
        self._add(self.rows, seen)
        self._add(self.bought, bought)

    def _add(self, rows: RowsOracle, pairs: list[Pair]) -> None:
        """To rows of this partition."""
        owned = [pair for pair in pairs if self._owns(pair[0])]
        rows.begin({row for row, *_ in owned})
        for row, other, weight, gap, ts in owned:
            rows.add(row, other, weight, gap, ts)
            self.rows_changed[row] = self.offset
            self.ts = max(self.ts, ts)

    def _keep_bounds(self) -> None:
        for item in self.catalogue_slots.evict():
            del self.catalogue[item]
        gone = self.slots.evict()
        for item in gone:
            self._counters.pop(item, None)
            self.rows_changed.pop(item, None)
            self.stats_changed.pop(item, None)
            self.categories.drop(item)
        if gone:
            self.facts.drop(gone)
            self.rows.drop(gone)
            self.bought.drop(gone)

    def count(self, item: str, column: int) -> float:
        """The decayed count as of now: a column per half-life of the settings, then the rows' two."""
        return count_at(self._counters[item][column], self.ts, self._half_lives[column])

    def top(self, scope: str, half_life: str) -> list[tuple[str, float]]:
        """The heaviest items of a scope as of now, with their decayed counts."""
        column = list(self.settings.popularity.half_lives_ms).index(half_life)
        if scope in self.contexts.counts:
            held = self.contexts.counts[scope].items()
            half_life_ms = self._half_lives[column]
            counts = [(item, count_at(of_item[column], self.ts, half_life_ms)) for item, of_item in held]
        else:
            counts = [(item, self.count(item, column)) for item in self.categories.members.get(scope, ())]
        return best_first(entry for entry in counts if entry[1] > 0.0)[: self.settings.popularity.published]

    def counters(self) -> dict[str, list[Count]]:
        """Of every item that is held."""
        return self._counters

    def holds(self, item: str) -> bool:
        return item in self._counters

    def owned(self) -> list[str]:
        """Items that are held and owned."""
        return [item for item in self._counters if self._owns(item)]

    def scopes(self) -> dict[str, set[str]]:
        """Categories and contexts with their items."""
        return self.categories.members | {scope: set(counts) for scope, counts in self.contexts.counts.items()}

    def new(self, scope: str) -> list[tuple[str, int]]:
        """What is new in a scope."""
        return self.newest.newest(scope, self.settings.popularity.published)

    def unavailable(self) -> list[str]:
        return list(self._unavailable)

    def sources(self) -> dict[int, int]:
        """The last frame of each `frames` partition that is included."""
        return self._sources
