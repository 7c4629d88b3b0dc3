"""What a frame teaches, split by who owns it: meetings to the owners of what met, counts within scopes to the owner of
their item, counts and catalogue to every one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shared.contracts.deltas import DELTA_VERSION, MEETING_COLUMNS, OTHER_COLUMNS, ItemDelta
from shared.contracts.ids import Ids
from shared.core.kernel import Flags, Ints, kernel, making_kernel
from shared.core.profiles.context_scopes import UNSCOPED, Scoped
from shared.core.profiles.meetings import BY_MEETING, Meetings, first_meetings, room_for_meetings
from shared.core.profiles.profile_rows import Learned
from shared.core.tables.interning import Interner, grown
from shared.core.tables.owners import UNKNOWN, Owners
from shared.core.texts.carried_ids import ids_at, ids_of
from shared.core.texts.encoded_ids import EncodedIds

CatalogueRecord = tuple[str, bytes | None]
FEW = 64  # ids, for which it is not worth while to copy what was encoded before


@dataclass(frozen=True)
class Mine:
    """What one owner is told: meetings, the last ``bought`` of what was bought, and counts within scopes."""

    met: Meetings
    bought: int
    within: Scoped


class OwnerSplit:
    """Splits by ``partitions`` owners of the items in a table; 28 bytes per slot, and what its id has."""

    def __init__(self, items: Interner, partitions: int) -> None:
        self._items = items
        self._partitions = partitions
        self._owners = Owners(items, partitions)
        self._encoded = EncodedIds(items, str.encode)
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
        met, within = learned.met, split_scopes(scoped, self._owners)
        owner_of_item, owner_of_other = self._owners.of(met.item), self._owners.of(met.other)
        made = {}
        for partition in range(self._partitions):
            room = room_for_meetings(len(met.item), len(met.other))
            meetings, others, bought = take_owned(
                partition, met, owner_of_item, owner_of_other, len(met.item) - learned.bought, room
            )
            if meetings or len(learned.count_item) or records:
                mine = Mine(first_meetings(room, meetings, others), bought, within(partition))
                made[partition] = self._delta(learned, mine, records, source, arrived)
        return made

    def _delta(
        self,
        learned: Learned,
        mine: Mine,
        records: list[CatalogueRecord],
        source: tuple[int, int],
        arrived: int,
    ) -> ItemDelta:
        counts, within = learned.count_item.astype("<i4"), mine.within
        named = by_place(mine.met.item, mine.met.other, counts, self._place)
        by_meeting, by_other = mine.met[:BY_MEETING], mine.met[BY_MEETING:]
        columns = dict(zip(MEETING_COLUMNS, by_meeting, strict=True)) | dict(zip(OTHER_COLUMNS, by_other, strict=True))
        return ItemDelta(
            v=DELTA_VERSION,
            partition=source[0],
            offset=source[1],
            arrived=arrived,
            items=self._ids(named),
            scopes=within.names,
            columns={name: column.tobytes() for name, column in columns.items()}
            | {
                "count_item": counts.tobytes(),
                "count_weight": learned.count_weight.astype("<f8").tobytes(),
                "count_ts": learned.count_ts.astype("<i8").tobytes(),
                "scope_name": within.scope.astype("<i4").tobytes(),
                "scope_item": np.searchsorted(named, within.item).astype("<i4").tobytes() if within.names else b"",
                "scope_weight": within.weight.astype("<f8").tobytes(),
                "scope_ts": within.ts.astype("<i8").tobytes(),
            },
            records=records,
            bought=mine.bought,
        )

    def _ids(self, slots: Ints) -> Ids:
        """As a delta names them."""
        if len(slots) < FEW:
            return ids_of([self._items.names[slot] for slot in slots.tolist()], self._items.keys[slots])
        return ids_at(slots, self._encoded.hold(slots), self._items.keys)


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


@kernel
def take_owned(
    partition: int, met: Meetings, owner_of_item: Ints, owner_of_other: Ints, first_bought: int, mine: Meetings
) -> tuple[int, int, int]:
    """Fill ``mine`` with the meetings whose item the partition owns, and of the others those with what it owns; how
    many there are, with how many others, how many of them from ``first_bought`` on. Owners by meeting and by other.
    """
    m = n = place = bought = 0
    for meeting in range(len(met.item)):
        whole, before = owner_of_item[meeting] == partition, n
        for at in range(place, place + met.size[meeting]):
            if whole or owner_of_other[at] == partition:
                mine.other[n], mine.gap[n] = met.other[at], met.gap[at]
                n += 1
        place += met.size[meeting]
        if n > before:
            mine.item[m], mine.weight[m], mine.ts[m] = met.item[meeting], met.weight[meeting], met.ts[meeting]
            mine.size[m] = n - before
            m += 1
            bought += meeting >= first_bought
    return m, n, bought


@making_kernel
def by_place(items: Ints, others: Ints, counted: Ints, place: Ints) -> Ints:
    """The slots that are named, in order; places among these take theirs. ``place`` by slot, -1 before and after."""
    met = np.empty(len(items) + len(others) + len(counted), dtype=np.int32)
    found = note_met(items, place, met, 0)
    found = note_met(others, place, met, found)
    found = note_met(counted, place, met, found)
    met = np.sort(met[:found])
    for n in range(found):
        place[met[n]] = n
    for slots in (items, others, counted):
        for n in range(len(slots)):
            slots[n] = place[slots[n]]
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
