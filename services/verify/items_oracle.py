"""Deltas of one partition, folded pair by pair into neighbour rows, counters and scopes."""

import math
from functools import lru_cache
from hashlib import blake2b

import msgspec

from services.verify.forward_decay import NOTHING, Count, added, count_at, factor
from services.verify.scopes_oracle import ScopesOracle
from services.verify.slots import Slots
from shared.contracts.catalogue import ItemRecord
from shared.contracts.deltas import ItemDelta
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings


@lru_cache(maxsize=100_000)
def order_key(item: str) -> int:
    """What breaks a tie between items: the first 64 bits, little-endian, of an 8-byte BLAKE2b of the id."""
    return int.from_bytes(blake2b(item.encode(), digest_size=8).digest(), "little")


def best_first(scored: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Higher scores first, ties by item key."""
    return sorted(scored, key=lambda entry: (-entry[1], order_key(entry[0])))


def rounded(score: float) -> float:
    """To six decimals, as views hold it."""
    return round(score * 1e6) / 1e6


class ItemsOracle:
    """O(pairs · neighbours). ``row_changed``, ``scope_changed``: the delta that last changed a row or a scope;
    ``catalogue``: what was last said of an item.
    """

    def __init__(self, settings: Settings, partition: int) -> None:
        rules = settings.cooccurrence
        self._settings, self._rules, self._partition = settings, rules, partition
        self.half_lives = [*settings.popularity.half_lives_ms.values(), rules.half_life_ms]
        self._slots = Slots(rules.max_items)
        self._rows: dict[str, list[tuple[str, float]]] = {}
        self._exponents: dict[str, int] = {}
        self._counters: dict[str, list[Count]] = {}
        self._scopes = ScopesOracle(settings.popularity.max_scopes, rules.max_items)
        self._unavailable: dict[str, None] = {}
        self._sources: dict[int, int] = {}
        self.catalogue: dict[str, ItemRecord] = {}
        self._catalogue_slots = Slots(rules.max_items)
        self.row_changed: dict[str, int] = {}
        self.scope_changed: dict[str, int] = {}
        self.offset = -1
        self.ts = 0

    def fold(self, offset: int, delta: ItemDelta) -> None:
        """A delta whose frame is included already changes nothing."""
        self.offset = offset
        if delta.offset <= self._sources.get(delta.partition, -1):
            return
        self._sources[delta.partition] = delta.offset
        for item, raw in delta.records:
            self._take_record(item, None if raw is None else msgspec.json.decode(raw, type=ItemRecord))
        for item in delta.items:
            self._slots.see(item)
            self._counters.setdefault(item, [NOTHING] * len(self.half_lives))
        self._count(delta)
        self._pair(delta)
        self._keep_bounds()
        self.scope_changed |= dict.fromkeys(self._scopes.changed, offset)
        self._scopes.changed.clear()

    def _take_record(self, item: str, record: ItemRecord | None) -> None:
        self.catalogue.pop(item, None)
        if record is None:
            self._catalogue_slots.remove(item)
        else:
            self._catalogue_slots.see(item)
            self.catalogue[item] = record
        self._scopes.file(item, [] if record is None else record.categories)
        if record is not None and record.available:
            self._unavailable.pop(item, None)
        else:
            self._unavailable[item] = None
            if len(self._unavailable) > self._rules.max_items:
                del self._unavailable[next(iter(self._unavailable))]

    def _count(self, delta: ItemDelta) -> None:
        columns = (delta.column(name).tolist() for name in ("count_item", "count_weight", "count_ts"))
        counted = set()
        for index, weight, ts in zip(*columns, strict=True):
            item = delta.items[index]
            self._counters[item] = [
                added(count, weight, ts, half_life)
                for count, half_life in zip(self._counters[item], self.half_lives, strict=True)
            ]
            counted.add(item)
            self.ts = max(self.ts, ts)
        for item in sorted(counted, key=self._slots.of.__getitem__):
            if partition_of(item, self._settings.topics.items_partitions) == self._partition:
                self._scopes.touch(item)

    def _pair(self, delta: ItemDelta) -> None:
        columns = (delta.column(name).tolist() for name in ("pair_row", "pair_other", "pair_weight", "pair_ts"))
        for row, other, weight, ts in zip(*columns, strict=True):
            self._add_pair(delta.items[row], delta.items[other], weight, ts)
            self.row_changed[delta.items[row]] = self.offset

    def _add_pair(self, item: str, other: str, weight: float, ts: int) -> None:
        k, gain = ts // self._rules.half_life_ms, weight * factor(ts, self._rules.half_life_ms)
        row = self._rows.setdefault(item, [])
        exponent = self._exponents.get(item, k) if row else k
        if k > exponent:
            row[:] = [(neighbour, math.ldexp(value, exponent - k)) for neighbour, value in row]
            exponent = k
        gain = math.ldexp(gain, k - exponent)
        self._exponents[item] = exponent
        for place, (neighbour, value) in enumerate(row):
            if neighbour == other:
                row[place] = (other, value + gain)
                return
        if len(row) < self._rules.neighbours:
            row.append((other, gain))
        else:
            row[row.index(min(row, key=lambda entry: (entry[1], -order_key(entry[0]))))] = (other, gain)

    def _keep_bounds(self) -> None:
        for item in self._catalogue_slots.evict():
            del self.catalogue[item]
        gone = self._slots.evict()
        for item in gone:
            self._counters.pop(item, None)
            self._rows.pop(item, None)
            self._scopes.drop(item)
        if gone:
            left = set(gone)
            self._rows = {item: [e for e in row if e[0] not in left] for item, row in self._rows.items()}

    def similar(self, item: str) -> list[tuple[str, float]]:
        """What ``sim:{item}`` says as of now: neighbours by normalised count, rounded."""
        rules, exponent = self._rules, self._exponents.get(item, 0)
        own = self._weight(item, rules.row_exponent)
        scored = []
        for other, value in self._rows.get(item, []):
            count = count_at((value, exponent), self.ts, rules.half_life_ms)
            scored.append((other, count / (own * self._weight(other, rules.column_exponent))))
        return [(other, rounded(score)) for other, score in best_first(scored)[: rules.published]]

    def _weight(self, item: str, exponent: float) -> float:
        popularity = count_at(self._counters[item][-1], self.ts, self._rules.half_life_ms)
        return float((popularity + self._rules.shrinkage) ** exponent)

    def top(self, scope: str, half_life: str) -> list[tuple[str, float]]:
        """The heaviest items of a scope as of now, with their decayed counts."""
        column = list(self._settings.popularity.half_lives_ms).index(half_life)
        counts = [
            (item, count_at(self._counters[item][column], self.ts, self.half_lives[column]))
            for item in self._scopes.members.get(scope, ())
        ]
        return best_first([entry for entry in counts if entry[1] > 0.0])[: self._settings.popularity.published]

    def rows(self) -> dict[str, list[tuple[str, float]]]:
        """Of items that have any neighbour."""
        return {item: row for item, row in self._rows.items() if row}

    def exponents(self) -> dict[str, int]:
        return {item: self._exponents[item] for item, row in self._rows.items() if row}

    def counters(self) -> dict[str, list[Count]]:
        """One count per half-life of the settings, then the pairs' own."""
        return self._counters

    def scopes(self) -> dict[str, set[str]]:
        return self._scopes.members

    def unavailable(self) -> list[str]:
        return list(self._unavailable)

    def sources(self) -> dict[int, int]:
        """The last frame of each `frames` partition that is included."""
        return self._sources
