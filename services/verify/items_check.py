"""One partition of `item-deltas`: the deltas themselves, the saved state, and the views and tops it published.

A view names the delta that it includes, so it is compared with the oracle as of that delta.
"""

from contextlib import suppress

import numpy as np

from services.verify.item_views_oracle import ItemViewsOracle, said_by_row, said_by_similar, said_by_stat
from services.verify.items_oracle import ItemsOracle
from services.verify.profiles_check import Expected
from services.verify.published import ROW, SIM, STAT, ByDelta, Published, part_of
from services.verify.saved_state import saved_items, shown, waiting
from services.verify.shop import Shop, item_in, list_in, origin
from services.verify.states import of_items
from services.verify.ties import order_key
from services.verify.tops_check import TopsLog, check_items_current
from shared.contracts.deltas import ItemDelta, ScopeNew, ScopeTops, decode_delta, unpacked
from shared.contracts.errors import BadRecord
from shared.contracts.rank_views import decode_row, decode_stat
from shared.contracts.state import digest
from shared.contracts.topics import FRAMES, ITEM_DELTAS
from shared.contracts.views import VIEW_VERSION

SIMILAR = {"v": VIEW_VERSION, "source": "similar", "model": "cooc-1"}
"""What every `sim:` is."""


class ItemsCheck:
    """One pass over the partition's log."""

    def __init__(self, shop: Shop, partition: int, expected: Expected, views: ByDelta, tops: TopsLog) -> None:
        self._shop, self._partition, self._expected = shop, partition, expected
        self._oracle = ItemsOracle(shop.settings, partition)
        self._views = views
        self._standing = [view for of_delta in views.values() for view in of_delta]
        self._tops = tops.by_delta(partition)
        self._reached: dict[int, int] = {}

    def run(self) -> ItemsOracle:
        """Fold and compare; the oracle as it stands at the log's end."""
        shop, partition = self._shop, self._partition
        saved = shop.saved(ITEM_DELTAS, partition)
        skipped, end = shop.skipped(ITEM_DELTAS, partition), shop.end(ITEM_DELTAS, partition)
        behind = end - shop.log.committed(shop.topic(ITEM_DELTAS), partition)
        if behind > 0:
            what = f"what item-deltas/{partition} says last: {behind} records are behind"
            shop.findings.not_compared.append(what)
        for offset, value in shop.log.read(shop.topic(ITEM_DELTAS), partition, 0, end, contiguous=True):
            if offset in skipped:
                self._leave_out(offset, value)
            else:
                for raw in unpacked(value):
                    delta = decode_delta(raw)
                    self._check_delta(delta, raw)
                    self._oracle.fold(offset, delta)
            self._check_published(offset)
            if saved is not None and offset == saved.offset:
                found = saved_items(shop.settings, partition, saved.segments)
                shop.compare_states(f"item-deltas/{partition}", of_items(self._oracle), found)
        for offset in self._views.keys() | self._tops.keys():
            shop.findings.of("rows").missing(f"delta {offset} of item-deltas/{partition}, which a view includes")
        self._check_held()
        if shop.refreshed:
            self._check_items()
        elif saved is not None and saved.offset == end - 1 and shop.stands:
            check_items_current(shop, self._oracle, waiting(saved.segments))
        return self._oracle

    def _check_held(self) -> None:
        """Of an item that is held no longer, no view stands."""
        for view in self._standing:
            if not self._oracle.holds(view.item):
                self._shop.findings.of(part_of(view.kind)).same(f"{view.key}: the item is held", False, True)

    def _leave_out(self, offset: int, value: bytes) -> None:
        """It was decided upon; the frames that it is of are not missed, if it can be read at all."""
        with suppress(BadRecord):
            for delta in map(decode_delta, unpacked(value)):
                self._expected.pop((self._partition, delta.partition, delta.offset), None)
        self._oracle.offset = offset

    def _check_delta(self, delta: ItemDelta, value: bytes) -> None:
        """The first of a frame is the one that counts; what a restart sent again is not compared."""
        if delta.offset <= self._reached.get(delta.partition, -1):
            return
        self._reached[delta.partition] = delta.offset
        place = (self._partition, delta.partition, delta.offset)
        what = f"delta of frames/{delta.partition} offset {delta.offset}"
        if place in self._expected:
            self._shop.findings.of("deltas").same(what, self._expected.pop(place), digest(value))
        elif self._is_acknowledged(delta):
            self._shop.findings.of("deltas").stray(f"{what} for item-deltas/{self._partition}")

    def _is_acknowledged(self, delta: ItemDelta) -> bool:
        """Of a frame of which all deltas are known; one that was left out may have had some before."""
        shop, frames = self._shop, delta.partition
        if not 0 <= frames < len(shop.acknowledged):
            return True
        return delta.offset < shop.acknowledged[frames] and delta.offset not in shop.skipped(FRAMES, frames)

    def _check_published(self, offset: int) -> None:
        said = ItemViewsOracle(self._oracle)
        for view in self._views.pop(offset, []):
            self._check_view(view, said, offset)
        for record in self._tops.pop(offset, []):
            self._check_top(record, offset)

    def _check_view(self, view: Published, said: ItemViewsOracle, offset: int) -> None:
        findings = self._shop.findings.of(part_of(view.kind))
        what = f"{view.key} as of delta {self._partition}/{offset}"
        if not self._oracle.holds(view.item):
            findings.same(f"{what}: the item is held", True, False)
        elif view.kind == SIM and (similar := self._shop.decoded(view.key, view.payload, list_in)):
            findings.same(what, said.similar(view.item), said_by_similar(similar))
            findings.same(f"{what}: whose it is", {**SIMILAR, "item_id": view.item}, origin(similar))
        elif view.kind == ROW and (row := self._shop.decoded(view.key, view.payload, decode_row)):
            findings.same(what, said.row(view.item), said_by_row(row))
            keys = [order_key(item) for item in (*row.items, *row.alike)]
            findings.same(f"{what}: digests", keys, np.frombuffer(row.keys, dtype="<u8").tolist())
            findings.same(f"{what}: whose it is", view.item, row.item)
        elif view.kind == STAT and (stat := self._shop.decoded(view.key, view.payload, decode_stat)):
            findings.same(what, said.stat(view.item), said_by_stat(stat))
            findings.same(f"{what}: whose it is", view.item, stat.item)

    def _check_top(self, record: ScopeTops | ScopeNew, offset: int) -> None:
        if isinstance(record, ScopeNew):
            what = f"what is new in {record.scope} as of delta {self._partition}/{offset}"
            found_new = list(zip(record.items, record.since, strict=True))
            self._shop.findings.of("tops").same(what, self._oracle.new(record.scope), found_new)
            return
        told = [top.half_life for top in record.tops]
        what = f"half-lives of the tops of {record.scope} as of delta {self._partition}/{offset}"
        self._shop.findings.of("tops").same(what, list(self._shop.settings.popularity.half_lives_ms), told)
        for top in record.tops:
            what = f"tops of {record.scope}, {top.half_life}, as of delta {self._partition}/{offset}"
            found = (record.ts, list(zip(top.items, top.counts, strict=True)))
            expected = (self._oracle.ts, self._oracle.top(record.scope, top.half_life))
            self._shop.findings.of("tops").same(what, expected, found)

    def _check_items(self) -> None:
        """``item:{item}`` says what the catalogue said last, and none stands of what it does not hold."""
        shop, catalogue, findings = self._shop, self._oracle.catalogue, self._shop.findings.of("items")
        end = shop.end(ITEM_DELTAS, self._partition)
        names = dict.fromkeys((*catalogue, *shop.shown[self._partition]))
        keys = [shop.keys.item(name) for name in names]
        for key, name, raw in zip(keys, names, shop.read(keys), strict=True):
            view = shop.decoded(key, raw, item_in)
            if name in catalogue:
                findings.same(key, shown(catalogue[name]), None if view is None else shown(view))
                if view is not None:
                    findings.same(f"{key} v", VIEW_VERSION, view.v)
                    shop.check_version("items", key, view.at, end)
            elif raw is not None:
                findings.stray(key)
