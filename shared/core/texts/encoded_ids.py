"""Ids as they stand in texts, encoded once and copied from then on: most of what is published are ids."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from shared.core.kernel import Ints, Keys, Longs, making_kernel
from shared.core.tables.interning import Interner, grown
from shared.core.texts.text_kernels import Bytes

ROOM = 1 << 20
FIRST_ROOM = 1 << 16


class Texts(NamedTuple):
    """Texts one after the other, text n from ``start[n]`` to ``start[n + 1]``."""

    text: Bytes
    start: Longs


class Encoded(NamedTuple):
    """By number: ``text`` from ``start`` on, ``size`` bytes."""

    text: Bytes
    start: Longs
    size: Ints


class EncodedTexts:
    """Texts by number, which stand in the order in which they were put; ``used`` bytes."""

    def __init__(self, numbers: int = 0) -> None:
        self.used = 0
        self.held = Encoded(np.empty(FIRST_ROOM, np.uint8), np.zeros(numbers, np.int64), np.zeros(numbers, np.int32))

    def grow(self, numbers: int) -> None:
        """There is room for so many."""
        text, start, size = self.held
        if numbers > len(size):
            self.held = Encoded(text, grown(start, numbers), grown(size, numbers))

    def put(self, numbers: Ints, parts: Sequence[bytes]) -> int:
        """These are encoded so; there must be room. Returns their bytes, which it takes that many steps for."""
        text, start, size = self.held
        sizes = np.array([len(part) for part in parts], dtype=np.int64)
        first, more = self.used, int(sizes.sum())
        size[numbers], start[numbers] = sizes, first + np.cumsum(sizes) - sizes
        self.used = first + more
        while self.used > len(text):
            text = grown(text, 2 * len(text))
        text[first : self.used] = np.frombuffer(b"".join(parts), dtype=np.uint8)
        self.held = Encoded(text, start, size)
        return more


class EncodedIds:
    """Ids of a table, each encoded once when it is first wanted, by the table's slots, for as long as the slot is that
    id's: what was of others is let go of once it is more than a megabyte and more than what is held.
    """

    def __init__(self, table: Interner, encode: Callable[[str], bytes]) -> None:
        self.table = table
        self._encode = encode
        self._keys: Keys = np.zeros(table.capacity, dtype=np.uint64)
        self._texts = EncodedTexts(table.capacity)
        self._held = 0

    def hold(self, *parts: Ints) -> Encoded:
        """These slots (-1: none) encoded, at least. O(slots), and the ids that are new."""
        slots = np.concatenate([part.ravel() for part in parts])
        if self._texts.used > 2 * self._held + ROOM:
            self._texts, self._held = EncodedTexts(self.table.capacity), 0
        if self.table.capacity > len(self._keys):
            self._texts.grow(self.table.capacity)
            self._keys = grown(self._keys, self.table.capacity)
        new, gone = not_encoded(slots, self._texts.held.size, self._keys, self.table.keys)
        if len(new):
            self._held += self._texts.put(new, [self._encode(self.table.names[slot]) for slot in new.tolist()]) - gone
        return self._texts.held


@making_kernel
def not_encoded(slots: Ints, size: Ints, keys: Keys, table: Keys) -> tuple[Ints, int]:
    """Of the slots, each once, those without a size or of another digest, whose size is -1 from now on; and how many
    bytes they had.
    """
    found, n, gone = np.empty(len(slots), dtype=np.int32), 0, 0
    for slot in slots:
        if slot >= 0 and (size[slot] == 0 or keys[slot] != table[slot]):
            found[n], keys[slot] = slot, table[slot]
            gone += size[slot]
            size[slot] = -1
            n += 1
    return found[:n], gone


def texts(parts: Sequence[bytes]) -> Texts:
    """Of the parts."""
    start: Longs = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=start[1:])
    return Texts(np.frombuffer(b"".join(parts), dtype=np.uint8), start)


def cut(out: Bytes, ends: Longs) -> list[bytes]:
    """Texts that stand one after the other, each up to its end."""
    raw, start, made = out.tobytes(), 0, list[bytes]()
    for end in ends.tolist():
        made.append(raw[start:end])
        start = end
    return made
