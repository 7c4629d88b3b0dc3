"""What a frame teaches, split by who owns it: pairs to the owner of their row, counts within scopes to the owner of
their item, counts and catalogue to every one.
"""

from collections.abc import Callable

import numpy as np

from shared.contracts.deltas import DELTA_VERSION, ItemDelta
from shared.core.context_scopes import UNSCOPED, Scoped
from shared.core.interning import Interner, grown
from shared.core.kernel import Flags, Ints, kernel, making_kernel
from shared.core.owners import UNKNOWN, Owners
from shared.core.pairs import Pairs
from shared.core.profile_rows import Learned

CatalogueRecord = tuple[str, bytes | None]


class OwnerSplit:
    """Splits by ``partitions`` owners of the items in a table; 8 bytes per slot."""

    def __init__(self, items: Interner, partitions: int) -> None:
        self._items = items
        self._partitions = partitions
        self._owners = Owners(items, partitions)
        self._place: Ints = np.full(items.capacity, UNKNOWN, dtype=np.int32)  # unknown between two calls

    def forget(self, slots: Ints) -> None:
        """These slots were freed."""
        self._owners.forget(slots)

    def deltas(
        self,
        learned: Learned,
        records: list[CatalogueRecord],
        source: tuple[int, int],
        arrived: int,
        scoped: Scoped = UNSCOPED,
    ) -> dict[int, ItemDelta]:
        """Items partition → its delta, if there is anything to say. ``source`` is the frame's (partition, offset);
        ``scoped`` speaks of items that are counted.
        """
        if self._items.capacity > len(self._place):
            self._place = grown(self._place, self._items.capacity, UNKNOWN)
        owner = self._owners.of(learned.pairs.row)
        sizes, bought = self._sizes(owner), self._sizes(owner[len(owner) - learned.bought :])
        within = split_scopes(scoped, self._owners)
        return {
            partition: self._delta(
                learned, owner, partition, size, records, source, arrived, within(partition), bought[partition]
            )
            for partition, size in enumerate(sizes)
            if size or len(learned.count_item) or records
        }

    def _sizes(self, owner: Ints) -> list[int]:
        """How many of the rows each owner has."""
        sizes: list[int] = np.bincount(owner, minlength=self._partitions).tolist()
        return sizes

    def _delta(
        self,
        learned: Learned,
        owner: Ints,
        partition: int,
        size: int,
        records: list[CatalogueRecord],
        source: tuple[int, int],
        arrived: int,
        within: Scoped,
        bought: int,
    ) -> ItemDelta:
        """``owner`` int32 by pair."""
        pairs = Pairs(*(np.empty(size, dtype=kind) for kind in ("<i4", "<i4", "<f8", "<i2", "<i8")))
        counts = np.empty(len(learned.count_item), dtype="<i4")
        met = split_off(partition, owner, self._place, learned.count_item, learned.pairs, counts, pairs)
        columns = {f"pair_{name}": column.tobytes() for name, column in pairs._asdict().items()}
        return ItemDelta(
            v=DELTA_VERSION,
            partition=source[0],
            offset=source[1],
            arrived=arrived,
            items=list(map(self._items.names.__getitem__, met.tolist())),
            keys=self._items.keys[met].astype("<u8").tobytes(),
            scopes=within.names,
            columns=columns
            | {
                "count_item": counts.tobytes(),
                "count_weight": learned.count_weight.astype("<f8").tobytes(),
                "count_ts": learned.count_ts.astype("<i8").tobytes(),
                "scope_name": within.scope.astype("<i4").tobytes(),
                "scope_item": np.searchsorted(met, within.item).astype("<i4").tobytes() if within.names else b"",
                "scope_weight": within.weight.astype("<f8").tobytes(),
                "scope_ts": within.ts.astype("<i8").tobytes(),
            },
            records=records,
            bought=bought,
        )


def split_scopes(scoped: Scoped, owners: Owners) -> Callable[[int], Scoped]:
    """What an owner is told of them."""
    if not len(scoped.item):
        return lambda _: UNSCOPED
    owner = owners.of(scoped.item)
    return lambda partition: owned_by(owner == partition, scoped)


def owned_by(owned: Flags, scoped: Scoped) -> Scoped:
    """The rows that are owned; of the scopes those that they name, in the order of their first rows."""
    mine = np.flatnonzero(owned)
    scope = scoped.scope[mine]
    named, first = np.unique(scope, return_index=True)
    named = named[np.argsort(first, kind="stable")]
    number = np.empty(len(scoped.names), dtype=np.int32)
    number[named] = np.arange(len(named))
    names = [scoped.names[n] for n in named.tolist()]
    return Scoped(names, number[scope], scoped.item[mine], scoped.weight[mine], scoped.ts[mine])


@making_kernel
def split_off(
    partition: int,
    owner: Ints,
    place: Ints,
    count_item: Ints,
    pairs: Pairs,
    counts: Ints,
    mine: Pairs,
) -> Ints:
    """Fill the partition's ``counts`` and ``mine``; returns the slots that they name, in order. ``owner`` by pair;
    ``place`` by slot, -1 before and after.
    """
    size, n = len(mine.row), 0
    met = np.empty(2 * size + len(counts), dtype=np.int32)
    for pair in range(len(pairs.row)):
        if owner[pair] == partition:
            mine.row[n], mine.other[n] = pairs.row[pair], pairs.other[pair]
            mine.weight[n], mine.gap[n], mine.ts[n] = pairs.weight[pair], pairs.gap[pair], pairs.ts[pair]
            n += 1
    found = note_met(mine.row, place, met, 0)
    found = note_met(mine.other, place, met, found)
    found = note_met(count_item, place, met, found)
    met = np.sort(met[:found])
    for n in range(found):
        place[met[n]] = n
    for n in range(size):
        mine.row[n], mine.other[n] = place[mine.row[n]], place[mine.other[n]]
    for n in range(len(counts)):
        counts[n] = place[count_item[n]]
    place[met] = UNKNOWN
    return met


@kernel
def note_met(slots: Ints, place: Ints, met: Ints, found: int) -> int:
    """Slots without a place enter ``met``; returns how many stand there."""
    for slot in slots:
        if place[slot] == UNKNOWN:
            place[slot] = 0
            met[found] = slot
            found += 1
    return found
