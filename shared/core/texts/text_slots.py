"""Slots of ids found in a JSON text of them, without a string being made of each.

An id has two keys, 64 bits each, from its UTF-8 bytes: one finds it, the other is compared as well. They are no digests
of any contract: nothing is kept by them beyond the process.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.core.kernel import Flags, Ints, Keys, kernel, making_kernel
from shared.core.tables.interning import grown
from shared.core.tables.slot_index import FREE, KeyIndex, place_with

Text = npt.NDArray[np.uint8]
QUOTE, COMMA, OPEN, CLOSE, BACKSLASH = b'",[]\\'
FIRST, SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03)
UNREAD = 0
"""The slot of an item of which nothing could be read."""
NOT_PLAIN = -1


class TextTable(NamedTuple):
    """A :class:`TextSlots` as kernels take it: the index's ``slots`` by place, ``keys`` and ``checks`` by slot."""

    slots: Ints
    keys: Keys
    checks: Keys


class TextSlots:
    """``keys`` and ``checks`` uint64[slots]. What left the table may be in ``index`` still."""

    def __init__(self, slots: int) -> None:
        self.keys: Keys = np.zeros(slots, dtype=np.uint64)
        self.checks: Keys = np.zeros(slots, dtype=np.uint64)
        self.index = KeyIndex()
        self._live: Flags = np.zeros(slots, dtype=np.bool_)

    def put(self, slot: int, item: str) -> None:
        """The item is found there from now on. O(its length) amortised."""
        raw = np.frombuffer(item.encode(), dtype=np.uint8)
        self.keys[slot], self.checks[slot] = keys_of(raw, 0, len(raw))
        self._live[slot] = True
        self.index.put(np.array([slot], dtype=np.int32), self.keys, self._all)

    def drop(self, slot: int) -> None:
        self.keys[slot] = self.checks[slot] = 0
        self._live[slot] = False

    def hold(self, slots: int) -> None:
        """Have room for so many."""
        self.keys, self.checks = grown(self.keys, slots), grown(self.checks, slots)
        self._live = grown(self._live, slots, False)

    @property
    def table(self) -> TextTable:
        """As it stands now."""
        return TextTable(self.index.table, self.keys, self.checks)

    def _all(self) -> Ints:
        return np.flatnonzero(self._live).astype(np.int32)


@kernel
def keys_of(text: Text, start: int, end: int) -> tuple[np.uint64, np.uint64]:
    """Of an id's bytes; the first is never 0, which is that of a slot nobody has."""
    one, other = FIRST, SECOND
    for n in range(start, end):
        byte = np.uint64(text[n])
        one = (one ^ byte) * FIRST
        one ^= one >> np.uint64(29)
        other = (other + byte) * SECOND
        other ^= other >> np.uint64(31)
    return one | np.uint64(1) << np.uint64(63), other


@making_kernel
def slots_in(text: Text, table: TextTable, out: Ints) -> int:
    """How many ids a JSON array of them has: the slots of the first len(``out``) are put there, :data:`UNREAD` for
    those there are none of. :data:`NOT_PLAIN` for anything else than texts without escapes or white space between
    them. O(bytes).
    """
    wanted, others = np.empty(len(out), dtype=np.uint64), np.empty(len(out), dtype=np.uint64)
    count = keys_in(text, wanted, others)
    for n in range(min(count, len(out))):
        out[n] = slot_of_key(wanted[n], others[n], table)
    return count


@making_kernel
def slots_of_keys(wanted: Keys, others: Keys, table: TextTable) -> Ints:
    """int32[m], by both keys of m ids."""
    out = np.empty(len(wanted), dtype=np.int32)
    for n in range(len(wanted)):
        out[n] = slot_of_key(wanted[n], others[n], table)
    return out


@kernel
def slot_of_key(key: np.uint64, check: np.uint64, table: TextTable) -> int:
    """:data:`UNREAD`, if there is none."""
    slot = table.slots[place_with(key, table.keys, table.slots)]
    return int(slot) if slot != FREE and table.checks[slot] == check else UNREAD


@kernel
def keys_in(text: Text, keys: Keys, checks: Keys) -> int:
    """How many ids a JSON array of them has, as :func:`slots_in`: both keys of the first len(``keys``)."""
    size, count, at = len(text), 0, 1
    if size < at + 1 or text[0] != OPEN or text[size - 1] != CLOSE:
        return NOT_PLAIN
    if size == at + 1:
        return 0
    while at < size - 1 and text[at] == QUOTE:
        start, end = at + 1, _end_of(text, at + 1)
        if end == NOT_PLAIN:
            break
        if count < len(keys):
            keys[count], checks[count] = keys_of(text, start, end)
        count += 1
        if end + 2 == size:
            return count
        if text[end + 1] != COMMA:
            break
        at = end + 2
    return NOT_PLAIN


@kernel
def _end_of(text: Text, start: int) -> int:
    """Where a text's closing quote stands, before the last byte."""
    for end in range(start, len(text) - 1):
        if text[end] == QUOTE:
            return end
        if text[end] == BACKSLASH:
            break
    return NOT_PLAIN
