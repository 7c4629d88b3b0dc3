"""Profiles and items together, as production couples them: frames in; neighbour rows, numbers and tops out."""

import numpy as np

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.deltas import Availability, TopsRecord, decode_delta, decode_tops, encode
from shared.contracts.rank_views import RowView, StatView, decode_row, decode_stat
from shared.contracts.routing import partition_of
from shared.contracts.settings import load_settings
from shared.contracts.views import View, decode_view
from shared.contracts.views import at as version_of
from shared.core.arithmetic.digests import digests
from shared.core.items.item_views import ItemTexts, ItemViews
from shared.core.items.items import Items
from shared.core.items.tops import Tops
from shared.core.kernel import Ints
from shared.core.profiles.profiles import Profiles
from tests.unit.core.frame_rows import Row, frame_of

PARTITIONS = 3


class Way:
    """One frames partition, three items partitions, tops; everything goes through its encoding."""

    def __init__(self, **sections: object) -> None:
        base = {"topics": {"items_partitions": PARTITIONS, "frames_partitions": 1}}
        self.settings = load_settings(**{**base, **sections})
        self.profiles = Profiles(self.settings, 0)
        self.items = [Items(self.settings, p) for p in range(PARTITIONS)]
        self._texts = [ItemTexts(step.items) for step in self.items]
        self.tops = Tops(self.settings)
        self.frames = 0
        self.deltas = [0] * PARTITIONS
        self.told: list[Availability] = []
        self.evicted: set[tuple[str, int]] = set()
        self.similar: dict[str | None, dict[str, float]] = {}
        self.rows: dict[str, RowView] = {}

    def pass_on(self, rows: list[Row], topic: str = "view", *, twice: bool = False) -> None:
        effects = self.profiles.step(self.frames, frame_of(rows, 1000 * self.frames, topic))
        self.frames += 1
        for partition, delta in effects.deltas * (2 if twice else 1):
            step = self.items[partition]
            done = step.step(self.deltas[partition], decode_delta(encode(delta)))
            self.deltas[partition] += 1
            self.told += done.availability
            self.evicted |= {(name, partition) for name in done.evicted}
        for step in self.items:
            told = step.take_gone_scopes(), step.take_dirty_scopes(100), step.take_new(100)
            records: list[TopsRecord] = [record for of_kind in told for record in of_kind]
            for record in records:
                self.tops.step(self.tops.offset + 1, decode_tops(encode(record)))

    def neighbours(self, item: str) -> dict[str, float]:
        self.publish()
        return dict(self.similar.get(item, {}))

    def publish(self) -> None:
        """What changed of rows."""
        for step in self.items:
            similar, rows = self.said(step, step.take_dirty_rows(1000))
            self.similar |= {v.item_id: dict(zip(v.items, v.scores, strict=True)) for v in similar}
            self.rows |= {view.item: view for view in rows}

    def said(self, step: Items, wanted: Ints) -> tuple[list[View], list[RowView]]:
        similar, rows = self._views(step).rows(wanted, version_of(1, step.offset), self._texts_of(step))
        assert [item for item, _ in similar] == [item for item, _ in rows]
        views = [decode_view(raw) for _, raw in similar], [decode_row(raw) for _, raw in rows]
        for (item, _), view, row in zip(similar, *views, strict=True):
            assert item == view.item_id == row.item
            assert row.keys == digests([*row.items, *row.alike]).tobytes()
        return views

    def stats(self, step: Items, wanted: list[str]) -> list[StatView]:
        known = np.array([slot for slot in step.items.find(wanted).tolist() if slot >= 0], dtype=np.int32)
        found = self._views(step).stats(known, version_of(1, step.offset), self._texts_of(step))
        views = [decode_stat(raw) for _, raw in found]
        assert [item for item, _ in found] == [view.item for view in views]
        return views

    def _texts_of(self, step: Items) -> ItemTexts:
        """Kept for as long as the step's table: one that was restored has another."""
        number = self.items.index(step)
        if self._texts[number].json.table is not step.items:
            self._texts[number] = ItemTexts(step.items)
        return self._texts[number]

    def _views(self, step: Items) -> ItemViews:
        return ItemViews(step, self.settings.popularity.half_lives_ms)

    def owner(self, item: str) -> Items:
        return self.items[partition_of(item, PARTITIONS)]

    def stat(self, item: str) -> StatView:
        [view] = self.stats(self.owner(item), [item])
        return view

    def catalogue(self, *records: ItemRecord) -> None:
        """The shop says what its items are."""
        rows = [Row(None, r.item_id, kind="item", record=ENCODER.encode(r)) for r in records]
        self.pass_on(rows, topic="item")

    def trending(self, scope: str = "all") -> list[str]:
        return self.tops.lists(scope)["1d"].items


def shelf(way: Way, n: int = 8) -> list[str]:
    """So many lamps that somebody has met each, everything published."""
    names = [f"lamp{number}" for number in range(n)]
    way.catalogue(*(ItemRecord(name, categories=["lamps"], price=10.0 + at) for at, name in enumerate(names)))
    way.pass_on([Row(f"u-{name}", name, 1) for name in names], topic="click")
    way.publish()
    way.similar.clear()
    way.rows.clear()
    return names


def names_of(step: Items, slots: Ints) -> list[str]:
    return [step.items.names[slot] for slot in slots.tolist()]
