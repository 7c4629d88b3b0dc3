"""The items step's shell: `item-deltas` in; `sim:`, `row:`, `stat:` and `item:` views and `tops` records out."""

from shared.adapters import metrics
from shared.contracts.deltas import decode_delta, unpacked
from shared.contracts.routing import partition_of
from shared.contracts.topics import ITEM_DELTAS
from shared.contracts.views import at
from shared.core.items import item_segments
from shared.core.items.item_effects import ItemEffects
from shared.core.items.item_views import ItemTexts, ItemViews
from shared.core.items.items import Items
from shared.core.tables.segments import Segments
from streams.steps.ages import Rounds
from streams.steps.ports import Ports
from streams.steps.step import KeptStep

ITEMS_PER_TICK = 500
ITEM = "item"


class ItemsStep(KeptStep):
    """One `item-deltas` partition."""

    topic = ITEM_DELTAS
    kinds = frozenset((ITEM, "sim", "row", "stat"))

    def __init__(self, partition: int, ports: Ports) -> None:
        self.partition = partition
        self._ports = ports
        self._core = Items(ports.settings, partition)
        self._texts = ItemTexts(self._core.items)
        self._tops_due = 0
        self._rounds = Rounds(ports.settings.ticks.rows_ms, ports.settings.cooccurrence.rows_per_tick)

    @property
    def offset(self) -> int:
        return self._core.offset

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        for delta in map(decode_delta, unpacked(value)):
            effects = self._core.step(offset, delta)
            if not effects.repeated and not replayed:
                self._take(offset, effects)
            metrics.FRAMES.labels("items").inc()

    def _take(self, offset: int, effects: ItemEffects) -> None:
        keys = self._ports.keys
        unshown = [*effects.removed, *effects.unlisted]
        self._ports.remove([keys.item(name) for name in unshown], offset)
        self._ports.tell_changes(unshown)
        self._ports.remove([of(name) for name in effects.evicted for of in (keys.sim, keys.row, keys.stat)], offset)
        for record in effects.availability:
            self._ports.tell_tops(record)

    def skip(self, offset: int) -> None:
        self._core.offset = offset

    def take(self) -> Segments:
        return item_segments.take(self._core)

    def restore(self, segments: Segments) -> None:
        self._core = item_segments.restore(self._ports.settings, self.partition, segments)
        self._texts = ItemTexts(self._core.items)

    def hold(self) -> None:
        self._ports.at_hand.hold(self.partition, self._core)

    def let_go(self) -> None:
        self._ports.at_hand.let_go(self.partition)

    def publish(self) -> None:
        """Nothing: rows and counts change too often to be written for each record."""

    def tick(self, now: int) -> None:
        settings = self._ports.settings
        self._write_items(self._core.catalogue.take_dirty(ITEMS_PER_TICK))
        self._write_due_rows(now)
        if now >= self._tops_due:
            self._tops_due = now + settings.ticks.tops_ms
            for gone in self._core.take_gone_scopes():
                self._ports.tell_tops(gone)
                self._ports.clear_tops(gone)
            for record in self._core.take_dirty_scopes(settings.ticks.scopes_per_tick):
                self._ports.tell_tops(record)
            for new in self._core.take_new(settings.ticks.scopes_per_tick):
                self._ports.tell_tops(new)
            self._measure()

    def _write_items(self, items: list[tuple[str, bytes]]) -> None:
        """The views first, then their names: who hears of a change finds it."""
        self._write(ITEM, [(self._ports.keys.item(name), raw) for name, raw in items])
        self._ports.tell_changes([name for name, _ in items])

    def _write_due_rows(self, now: int) -> None:
        """All at their pace; what new items change at once, and lists of this worker are made from it at once."""
        core, ports = self._core, self._ports
        most = ports.settings.cooccurrence.rows_per_tick
        rows, stats = core.fresh_rows.first(most), core.fresh_stats.first(most)
        count = max(self._rounds.due(now, core.rows_waiting), len(rows), len(stats))
        if count:
            began = ports.clock()
            self._write_rows(count)
            self._rounds.wrote(count, ports.clock() - began, ports.at_hand.partitions_held)
        ports.maker.cache.expire(core.items, rows, stats)
        ports.maker.cache.expire_likes(core.items, rows)

    def _write_rows(self, most: int) -> None:
        """Of at most ``most`` items each: neighbours for apps and for whoever ranks, and numbers."""
        settings, keys = self._ports.settings, self._ports.keys
        views = ItemViews(self._core, settings.popularity.half_lives_ms)
        version = at(settings.generation, self._core.offset)
        similar, rows = views.rows(self._core.take_dirty_rows(most), version, self._texts)
        stats = views.stats(self._core.take_dirty_stats(most), version, self._texts)
        self._write("sim", [(keys.sim(item), raw) for item, raw in similar])
        self._write("row", [(keys.row(item), raw) for item, raw in rows])
        self._write("stat", [(keys.stat(item), raw) for item, raw in stats])

    def _write(self, view: str, payloads: list[tuple[str, bytes]]) -> None:
        """Views without an end of their own."""
        self._ports.write(view, [key for key, _ in payloads], [payload for _, payload in payloads])

    def _measure(self) -> None:
        metrics.STATE_SIZE.labels("items", self.partition, "items").set(len(self._core.items))
        metrics.STATE_SIZE.labels("items", self.partition, "dirty_rows").set(len(self._core.dirty_rows))

    def republish(self) -> None:
        for record in self._core.mark_all_dirty():
            self._ports.tell_tops(record)

    def strays(self, kind: str, names: list[str]) -> list[str]:
        partitions = self._ports.settings.topics.items_partitions
        mine = [name for name in names if partition_of(name, partitions) == self.partition]
        table = self._core.catalogue.ids if kind == ITEM else self._core.items
        return [name for name, slot in zip(mine, table.find(mine).tolist(), strict=True) if slot < 0]

    def left(self, kind: str, names: list[str]) -> None:
        if kind == ITEM:
            self._ports.tell_changes(names)

    @property
    def republished(self) -> bool:
        return not self._core.owed

    @property
    def settled(self) -> bool:
        core = self._core
        held = (core.scopes, core.contexts, core.newest, core.catalogue)
        return not core.rows_waiting and not any(part.dirty for part in held)
