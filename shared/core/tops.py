"""The tops step: what each items partition holds on top becomes the shop's trending, popular and new lists."""

from dataclasses import dataclass, field

import numpy as np

from shared.contracts.deltas import Availability, ScopeNew, ScopeTops, TopsRecord
from shared.contracts.settings import Settings
from shared.contracts.views import SCORE_DIGITS, VIEW_VERSION, View, at
from shared.core.decay import between
from shared.core.dirty_names import DirtyNames
from shared.core.interning import order_key

LAST_WORDS = 10_000
"""Of items that are available, and of scopes that partitions hold no longer: those that were said last, as far back as
a worker that was stopped may speak of.
"""


@dataclass
class Tops:
    """The step over the one `tops` partition. Records replace earlier ones of the same partition and scope. ``dirty``
    and ``dirty_new``: scopes whose trending and popular, and whose new list is to be written; ``gone``: those whose
    lists are to go.

    Bounded: the partitions' scopes · ``published`` items each; unavailable items as many as the partitions tell. Items
    are held with the offset as of which that was said, those that are ``available`` not for long, nor which scopes
    partitions have ``left``.
    """

    settings: Settings
    offset: int = -1
    held: dict[str, dict[int, ScopeTops]] = field(default_factory=dict)
    unavailable: dict[str, int] = field(default_factory=dict)
    available: dict[str, int] = field(default_factory=dict)
    dirty: DirtyNames = field(default_factory=DirtyNames)
    gone: dict[str, None] = field(default_factory=dict)
    left: dict[tuple[str, int], int] = field(default_factory=dict)
    held_new: dict[str, dict[int, ScopeNew]] = field(default_factory=dict)
    dirty_new: DirtyNames = field(default_factory=DirtyNames)
    changed_items: dict[str, bool] = field(default_factory=dict)

    def step(self, offset: int, record: TopsRecord) -> None:
        """Take one record; a record that is older than what its partition said before changes nothing."""
        self.offset = offset
        if isinstance(record, Availability):
            self._take_availability(record)
            return
        if isinstance(record, ScopeNew):
            self._take_new(record)
            return
        place = record.scope, record.partition
        known = self.held.get(record.scope, {}).get(record.partition)
        if record.offset < (self.left.get(place, -1) if known is None else known.offset):
            return
        self.left.pop(place, None)
        if record.tops:
            self.held.setdefault(record.scope, {})[record.partition] = record
            self.gone.pop(record.scope, None)
            self.dirty.mark(record.scope)
        else:
            self._drop(*place)
            self.left[place] = record.offset
            if len(self.left) > LAST_WORDS:
                del self.left[next(iter(self.left))]

    def _drop(self, scope: str, partition: int) -> None:
        """The partition holds it no longer."""
        others = self.held.get(scope, {})
        others.pop(partition, None)
        if others:
            self.dirty.mark(scope)
            return
        self.held.pop(scope, None)
        self.dirty.forget(scope)
        self.gone[scope] = None

    def _take_new(self, record: ScopeNew) -> None:
        partitions = self.held_new.setdefault(record.scope, {})
        known = partitions.get(record.partition)
        if known is None or known.offset <= record.offset:
            partitions[record.partition] = record
            self.dirty_new.mark(record.scope)

    def _take_availability(self, record: Availability) -> None:
        item, now, other = record.item, self.unavailable, self.available
        if record.available:
            now, other = other, now
        if record.offset < max(now.get(item, -1), other.get(item, -1)):
            return
        other.pop(item, None)
        now.pop(item, None)
        now[item] = record.offset
        if len(self.available) > LAST_WORDS:
            del self.available[next(iter(self.available))]
        self.changed_items[item] = record.available

    def take_dirty(self, most: int) -> list[str]:
        """At most ``most`` scopes whose trending and popular lists are to be written, longest waiting first."""
        return self.dirty.take(most)

    def take_dirty_new(self, most: int) -> list[str]:
        """The same of new lists."""
        return self.dirty_new.take(most)

    def take_gone(self, most: int) -> list[str]:
        """At most ``most`` scopes whose trending and popular lists are to go."""
        taken = [scope for scope, _ in zip(self.gone, range(most), strict=False)]
        for scope in taken:
            del self.gone[scope]
        return taken

    def take_changed_items(self) -> dict[str, bool]:
        """Items whose availability is to be written."""
        changed, self.changed_items = self.changed_items, {}
        return changed

    def lists(self, scope: str) -> dict[str, View]:
        """Half-life name → the scope's list, counts brought to the newest event time, ties by item key."""
        parts = list(self.held.get(scope, {}).values())
        newest = max((part.ts for part in parts), default=0)
        return {
            name: self._list(scope, name, half_life, parts, newest)
            for name, half_life in self.settings.popularity.half_lives_ms.items()
        }

    def _list(self, scope: str, name: str, half_life: int, parts: list[ScopeTops], newest: int) -> View:
        items: list[str] = []
        brought = [np.empty(0)]
        for part in parts:
            for top in part.tops:
                if top.half_life == name:
                    items += top.items
                    brought.append(between(np.array(top.counts), part.ts, newest, half_life))
        counts = np.concatenate(brought)
        keys = np.array([order_key(item) for item in items], dtype=np.uint64)
        order = np.lexsort((keys, -counts))[: self.settings.popularity.published]
        return View(
            v=VIEW_VERSION,
            at=at(self.settings.generation, self.offset),
            ts=newest,
            source="trending",
            model=f"decayed-{name}",
            items=[items[place] for place in order.tolist()],
            scores=np.round(counts[order], SCORE_DIGITS).tolist(),
            scope=scope,
        )

    def new(self, scope: str) -> View:
        """What is new in the scope, newest first, ties by item key; scores: since when it is there, s."""
        parts = self.held_new.get(scope, {}).values()
        found = [(since, item) for part in parts for since, item in zip(part.since, part.items, strict=True)]
        found.sort(key=lambda one: (-one[0], order_key(one[1])))
        newest = found[: self.settings.popularity.published]
        return View(
            v=VIEW_VERSION,
            at=at(self.settings.generation, self.offset),
            ts=newest[0][0] if newest else 0,
            source="new",
            model="newest",
            items=[item for _, item in newest],
            scores=[since / 1000 for since, _ in newest],
            scope=scope,
        )

    def mark_all_dirty(self) -> None:
        """Everything is to be written again."""
        self.dirty.owe(self.held)
        self.dirty_new.owe(self.held_new)
        self.changed_items = dict.fromkeys(self.unavailable, False)
