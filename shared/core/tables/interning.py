"""Ids ↔ dense slots, bounded: what was not seen for longest leaves first, and its slot is used again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

import numpy as np

from shared.core.arithmetic.digests import digests
from shared.core.kernel import Ints, Keys, Longs, kernel
from shared.core.tables.kin import Kin
from shared.core.tables.segments import Segments, of_table, pack, pack_ints, put_rows, slices, unpack, unpack_ints
from shared.core.tables.slot_index import KeyIndex

FIRST_CAPACITY = 1024
DOUBLED_UP_TO = 8192
LIKELY = 64  # rows, of which one is not 0 if any is: slots are taken from the first on
ID_BYTES = 1024  # of an id in a segment, as long as ids may be by default


@lru_cache(maxsize=100_000)
def order_key(text: str) -> int:
    """A 64-bit digest of an id: ties between equal scores are broken by it, whatever order ids arrived in."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def grown(array: np.ndarray, capacity: int, fill: float = 0) -> np.ndarray:
    """The array with its first axis at ``capacity``; new rows hold ``fill``."""
    shape = (capacity, *array.shape[1:])  # zeros need no memory before they are written to
    bigger = np.full(shape, fill, dtype=array.dtype) if fill else np.zeros(shape, dtype=array.dtype)
    if fill or array[:LIKELY].any() or array.any():  # to copy zeros is to write to them
        bigger[: len(array)] = array
    return bigger


def more_than(capacity: int) -> int:
    """The capacity after this one: twice as much while that is little, then a quarter more, since all that stands
    beside a table is as long and most of it is full of something.
    """
    return capacity + (capacity if capacity < DOUBLED_UP_TO else capacity // 4)


class Names(Protocol):
    """Ids by number, which may be had from somewhere only when they are wanted."""

    def __getitem__(self, number: int, /) -> str: ...


class Interner:
    """A table of at most ``bound`` ids after :meth:`evict` (between two calls it may hold one record's ids more). An id
    is known by its digest, ``keys`` by slot: two ids of one digest would be one, which is not to be expected of 64
    bits.

    ``kin``: the tables that have many of the same ids.
    """

    def __init__(self, bound: int, kin: Kin | None = None) -> None:
        self.bound = bound
        self.names: list[str] = []
        self.keys: Keys = np.zeros(FIRST_CAPACITY, dtype=np.uint64)
        self.last_seen: Longs = np.full(FIRST_CAPACITY, -1, dtype=np.int64)
        self._free: list[int] = []
        self._clock = 0
        self._index = KeyIndex()
        self._kin = kin
        if kin:
            kin.join(self)

    def __len__(self) -> int:
        return len(self.names) - len(self._free)

    @property
    def slots(self) -> "SlotsByName":
        """Slots by id, in the order of slots."""
        return SlotsByName(self)

    @property
    def capacity(self) -> int:
        """Slots that arrays beside this table must hold."""
        return len(self.keys)

    def intern(self, ids: Iterable[str]) -> Ints:
        """Slots of the ids, new ones where needed; marks them seen in this order. O(len(ids))."""
        names = ids if isinstance(ids, list) else list(ids)
        return self.intern_keyed(digests(names), names)

    def intern_keyed(self, keys: Keys, names: Names) -> Ints:
        """The same of ids that come with their digests: a third of the cost. ``names``, by place, are looked at only
        of those that are new.
        """
        out = self.find_keyed(keys)
        if not mark_seen(out, self.last_seen, self._clock):
            self._add(keys, names, out)
            mark_seen(out, self.last_seen, self._clock)
        self._clock += len(out)
        return out

    def intern_some(self, ids: Sequence[tuple[str, bool]]) -> Ints:
        """Slots of the ids: new ones where needed of those that are wanted, -1 of others that there are none of."""
        keys, wanted = digests([name for name, _ in ids]), np.array([wanted for _, wanted in ids], dtype=np.bool_)
        found = np.empty(len(ids), dtype=np.int32)
        found[wanted] = self.intern_keyed(keys[wanted], [name for name, wanted in ids if wanted])
        found[~wanted] = self.find_keyed(keys[~wanted])
        return found

    def live(self) -> Ints:
        """The slots that ids have, ascending. O(slots)."""
        return np.flatnonzero(self.last_seen[: len(self.names)] >= 0).astype(np.int32)

    def find(self, ids: Iterable[str]) -> Ints:
        """Slots of the ids, -1 for the unknown; changes nothing."""
        return self.find_keyed(digests(list(ids)))

    def find_keyed(self, keys: Keys) -> Ints:
        """The same of ids by their digests."""
        return self._index.find(keys, self.keys)

    def _add(self, keys: Keys, names: Names, out: Ints) -> None:
        """Slots into ``out`` for ids that have none there, which may be named twice."""
        unknown = np.flatnonzero(out < 0)
        named = [names[place] for place in unknown.tolist()]  # before any has a slot: what cannot be read has none
        again, first = self._free[: -len(named) - 1 : -1], len(self.names)
        free = np.array([*again, *range(first, first + len(named) - len(again))], dtype=np.int32)
        self._hold(first + len(named) - len(again))
        places = self._index.give(keys, out, free, self.keys, self.live)
        new = [named[place] for place in np.searchsorted(unknown, places).tolist()]
        if self._kin:
            new = self._kin.held(new, keys[places], self)
        del self._free[len(self._free) - min(len(again), len(new)) :]
        for slot, name in zip(again, new, strict=False):
            self.names[slot] = name
        self.names += new[len(again) :]

    def evict(self) -> Ints:
        """When over the bound, free the longest unseen (a sixteenth of the bound at once); returns their slots.

        The caller clears what it holds under them. O(capacity), once per bound/16 new ids.
        """
        excess = len(self) - self.bound
        if excess <= 0:
            return np.empty(0, dtype=np.int32)
        leaving = min(len(self) - 1, excess + self.bound // 16)
        live = self.live()
        oldest: Ints = live[np.argsort(self.last_seen[live], kind="stable")[:leaving]]
        for slot in oldest.tolist():
            self._release(slot)
        return oldest

    def remove(self, name: str) -> int | None:
        """Free one id's slot; returns it, or None if it was not there."""
        slot = self.slots.get(name)
        if slot is not None:
            self._release(slot)
        return slot

    def take(self, table: str) -> Segments:
        """The table as segments."""
        taken = {f"{table}-clock": pack({}, clock=self._clock)} | pack_ints(f"{table}-free", self._free)
        for name, rows in slices(table, len(self.names), ID_BYTES):
            columns = {"last_seen": self.last_seen[rows], "keys": self.keys[rows]}
            taken[name] = pack(columns, rows.start, names=self.names[rows])
        return taken

    @classmethod
    def restore(cls, bound: int, segments: Segments, table: str, kin: Kin | None = None) -> "Interner":
        """The table that was taken: the same slots, and the same ones free for the next ids. O(ids)."""
        made = cls(bound, kin)
        made._clock = unpack(segments[f"{table}-clock"]).values["clock"]
        made._free = unpack_ints(segments, f"{table}-free").tolist()
        for segment in of_table(segments, table):
            names, first = segment.values["names"], len(made.names)
            made._hold(first + len(names))
            put_rows(made, ("last_seen", "keys"), segment)
            made.names += kin.held(names, made.keys[first : first + len(names)], made) if kin else names
        made._index.put(made.live(), made.keys, made.live)
        return made

    def _hold(self, slots: int) -> None:
        """Grow until so many slots fit."""
        capacity = self.capacity
        while slots > capacity:
            capacity = more_than(capacity)
        if capacity > self.capacity:
            self.keys = grown(self.keys, capacity)
            self.last_seen = grown(self.last_seen, capacity, -1)

    def _release(self, slot: int) -> None:
        self.names[slot] = ""
        self.last_seen[slot] = -1
        self.keys[slot] = 0
        self._free.append(slot)


class SlotsByName(Mapping[str, int]):
    """What a table knows, by id: for people, and where there is one id to ask for."""

    def __init__(self, table: Interner) -> None:
        self._table = table

    def __getitem__(self, name: str) -> int:
        slot = int(self._table.find([name])[0])
        if slot < 0:
            raise KeyError(name)
        return slot

    def __iter__(self) -> Iterator[str]:
        return map(self._table.names.__getitem__, self._table.live().tolist())

    def __len__(self) -> int:
        return len(self._table)


@kernel
def mark_seen(slots: Ints, last_seen: Longs, clock: int) -> bool:
    """All of them, in this order; none if one is unknown (-1), whereof it tells."""
    for slot in slots:
        if slot < 0:
            return False
    for n in range(len(slots)):
        last_seen[slots[n]] = clock + n
    return True
