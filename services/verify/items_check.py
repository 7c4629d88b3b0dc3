"""One partition of `item-deltas`: the deltas themselves, the saved state, and the rows, tops and items it published.

A view names the delta that it includes, so it is compared with the oracle as of that delta.
"""

from collections import defaultdict
from contextlib import suppress

from services.verify.items_oracle import ItemsOracle
from services.verify.profiles_check import Expected
from services.verify.saved_state import saved_items, shown
from services.verify.shop import Shop, scored
from services.verify.states import of_items
from services.verify.tops_check import TopsLog
from shared.contracts.deltas import ItemDelta, ScopeTops, decode_delta
from shared.contracts.errors import BadRecord
from shared.contracts.routing import partition_of
from shared.contracts.topics import ITEM_DELTAS
from shared.contracts.views import View, at, decode_item_view

Rows = dict[int, dict[int, list[View]]]
"""items partition → delta → the ``sim:`` views that include just that one."""


def published_rows(shop: Shop) -> Rows:
    """Every ``sim:`` view that stands; one of another generation is a difference."""
    rows: Rows = defaultdict(lambda: defaultdict(list))
    partitions, generation = shop.settings.topics.items_partitions, at(shop.settings.generation, 0)[:7]
    names = shop.views.names(shop.keys.sim(""))
    for name, view in zip(names, shop.lists([shop.keys.sim(name) for name in names]), strict=True):
        if view is None:
            continue
        if view.at.startswith(generation):
            rows[partition_of(name, partitions)][int(view.at[len(generation) :])].append(view)
        elif shop.refreshed:
            shop.findings.of("rows").same(
                f"generation of {shop.keys.sim(name)}", generation, view.at[: len(generation)]
            )
    return rows


class ItemsCheck:
    """One pass over the partition's log."""

    def __init__(self, shop: Shop, partition: int, expected: Expected, rows: Rows, tops: TopsLog) -> None:
        self._shop, self._partition, self._expected = shop, partition, expected
        self._oracle = ItemsOracle(shop.settings, partition)
        self._rows = rows[partition]
        self._tops = tops.by_delta(partition)
        self._reached: dict[int, int] = {}

    def run(self) -> ItemsOracle:
        """Fold and compare; the oracle as it stands at the log's end."""
        shop, partition = self._shop, self._partition
        saved = shop.saved(ITEM_DELTAS, partition)
        skipped, end = shop.skipped(ITEM_DELTAS, partition), shop.end(ITEM_DELTAS, partition)
        for offset, value in shop.log.read(shop.topic(ITEM_DELTAS), partition, 0, end, contiguous=True):
            if offset in skipped:
                self._leave_out(offset, value)
            else:
                delta = decode_delta(value)
                self._check_delta(delta, value)
                self._oracle.fold(offset, delta)
            self._check_published(offset)
            if saved is not None and offset == saved.offset:
                found = saved_items(shop.settings, partition, saved.segments)
                shop.compare_states(f"item-deltas/{partition}", of_items(self._oracle), found)
        for offset in self._rows.keys() | self._tops.keys():
            shop.findings.of("rows").missing(f"delta {offset} of item-deltas/{partition}, which a view includes")
        if shop.refreshed:
            self._check_items()
        return self._oracle

    def _leave_out(self, offset: int, value: bytes) -> None:
        """It was decided upon; the frame that it is of is not missed, if it can be read at all."""
        with suppress(BadRecord):
            delta = decode_delta(value)
            self._expected.pop((self._partition, delta.partition, delta.offset), None)
        self._oracle.offset = offset

    def _check_delta(self, delta: ItemDelta, value: bytes) -> None:
        """The first of a frame is the one that counts; what a restart sent again is not compared."""
        if delta.offset <= self._reached.get(delta.partition, -1):
            return
        self._reached[delta.partition] = delta.offset
        place = (self._partition, delta.partition, delta.offset)
        if place in self._expected:
            what = f"delta of frames/{delta.partition} offset {delta.offset}"
            self._shop.findings.of("deltas").same(what, self._expected.pop(place), value)

    def _check_published(self, offset: int) -> None:
        for view in self._rows.pop(offset, []):
            self._check_row(view)
        for record in self._tops.pop(offset, []):
            self._check_top(record, offset)

    def _check_row(self, view: View) -> None:
        item = str(view.item_id)
        found = (view.ts, scored(view))
        expected = (self._oracle.ts, self._oracle.similar(item) if item in self._oracle.rows() else [])
        self._shop.findings.of("rows").same(f"{self._shop.keys.sim(item)} as of {view.at}", expected, found)

    def _check_top(self, record: ScopeTops, offset: int) -> None:
        for top in record.tops:
            what = f"tops of {record.scope}, {top.half_life}, as of delta {self._partition}/{offset}"
            found = (record.ts, list(zip(top.items, top.counts, strict=True)))
            expected = (self._oracle.ts, self._oracle.top(record.scope, top.half_life))
            self._shop.findings.of("tops").same(what, expected, found)

    def _check_items(self) -> None:
        """``item:{item}`` says what the catalogue said last."""
        shop, names = self._shop, list(self._oracle.catalogue)
        for name, raw in zip(names, shop.read([shop.keys.item(name) for name in names]), strict=True):
            if raw is None:
                shop.findings.of("items").missing(shop.keys.item(name))
                continue
            expected = shown(self._oracle.catalogue[name])
            shop.findings.of("items").same(shop.keys.item(name), expected, shown(decode_item_view(raw)))
