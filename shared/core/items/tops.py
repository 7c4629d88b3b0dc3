"""The tops step: what each items partition holds on top becomes the shop's trending, popular and new lists."""

from dataclasses import dataclass, field

import numpy as np
from msgspec.structs import replace

from shared.contracts.deltas import Availability, ScopeNew, ScopeTops, TopsRecord
from shared.contracts.settings import Settings
from shared.contracts.views import SCORE_DIGITS, VIEW_VERSION, View, at
from shared.core.arithmetic.decay import between
from shared.core.items.popularity import heaviest_places
from shared.core.tables.interning import order_key
from shared.core.tables.told_scopes import LAST_WORDS, ToldScopes


@dataclass
class Tops:
    """The step over the one `tops` partition. Records replace earlier ones of the same partition and scope: ``tops``
    of scopes' trending and popular lists, ``new`` of their new lists.

    Bounded: the partitions' scopes · ``published`` items each; unavailable items as many as the partitions tell. Items
    are held with the offset as of which that was said, those that are ``available`` up to the last words.
    """

    settings: Settings
    offset: int = -1
    tops: ToldScopes[ScopeTops] = field(default_factory=ToldScopes)
    new: ToldScopes[ScopeNew] = field(default_factory=ToldScopes)
    unavailable: dict[str, int] = field(default_factory=dict)
    available: dict[str, int] = field(default_factory=dict)
    changed_items: dict[str, bool] = field(default_factory=dict)

    def step(self, offset: int, record: TopsRecord) -> TopsRecord | None:
        """Take one record; a record that is older than what its partition said before changes nothing: what that was
        is returned, since compaction would keep the record that came last.
        """
        self.offset = offset
        if isinstance(record, Availability):
            return self._take_availability(record)
        return self.new.take(record) if isinstance(record, ScopeNew) else self.tops.take(record)

    def cleared(self, offset: int, key: str) -> TopsRecord | None:
        """Take a null under a :func:`shared.contracts.deltas.tops_key`; what a partition holds of a scope under it all
        the same is returned: it had left a scope that it came to hold again, and compaction would keep the null.
        """
        self.offset = offset
        partition, _, of_scope = key.partition(":")
        if not partition.isdecimal():
            return None
        kind, _, scope = of_scope.partition(":")
        return (self.tops if kind == "scope" else self.new).said(scope, int(partition))

    def _take_availability(self, record: Availability) -> Availability | None:
        item, now, other = record.item, self.unavailable, self.available
        if record.available:
            now, other = other, now
        if record.offset < max(now.get(item, -1), other.get(item, -1)):
            available = item in self.available
            said = (self.available if available else self.unavailable)[item]
            return replace(record, offset=said, available=available)
        other.pop(item, None)
        now.pop(item, None)
        now[item] = record.offset
        if len(self.available) > LAST_WORDS:
            del self.available[next(iter(self.available))]
        self.changed_items[item] = record.available
        return None

    def take_changed_items(self) -> dict[str, bool]:
        """Items whose availability is to be written."""
        changed, self.changed_items = self.changed_items, {}
        return changed

    def lists(self, scope: str) -> dict[str, View]:
        """Half-life name → the scope's list, counts brought to the newest event time, ties by item key."""
        parts = list(self.tops.held.get(scope, {}).values())
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
        order = heaviest_places(
            counts,
            self.settings.popularity.published,
            lambda places: np.array([order_key(items[place]) for place in places.tolist()], dtype=np.uint64),
        )
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

    def new_list(self, scope: str) -> View:
        """What is new in the scope, newest first, ties by item key; scores: since when it is there, s."""
        parts = self.new.held.get(scope, {}).values()
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
        for scopes in (self.tops, self.new):
            scopes.dirty.owe(scopes.held)
        self.changed_items = dict.fromkeys(self.unavailable, False)
