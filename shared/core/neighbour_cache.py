"""The neighbour rows that a worker holds to make lists from: read from `sim:` views, bounded, with an age limit."""

import numpy as np

from shared.core.interning import Interner, grown
from shared.core.kernel import Floats, Ints, Longs

ABSENT = -(2**62)


class NeighbourCache:
    """``neighbours`` int32[items, width] and ``scores`` float64 likewise, by slots of a table of its own.

    ``read_at`` is when (ms, the caller's clock) an item's row was read; rows older than ``ttl_ms`` are read again.
    """

    def __init__(self, bound: int, width: int, ttl_ms: int) -> None:
        self.items = Interner(bound)
        self.ttl_ms = ttl_ms
        self.generation = 0
        self.neighbours: Ints = np.full((self.items.capacity, width), -1, dtype=np.int32)
        self.scores: Floats = np.zeros((self.items.capacity, width), dtype=np.float64)
        self.lengths: Ints = np.zeros(self.items.capacity, dtype=np.int32)
        self.read_at: Longs = np.full(self.items.capacity, ABSENT, dtype=np.int64)

    def slots(self, names: list[str]) -> Ints:
        """Slots of item ids, taken into the table."""
        slots = self.items.intern(names)
        if self.items.capacity > len(self.lengths):
            capacity = self.items.capacity
            self.neighbours = grown(self.neighbours, capacity, -1)
            self.scores = grown(self.scores, capacity)
            self.lengths = grown(self.lengths, capacity)
            self.read_at = grown(self.read_at, capacity, ABSENT)
        return slots

    def stale(self, slots: Ints, now: int) -> Ints:
        """Of these items, each once, those whose row is to be read."""
        unique = np.unique(slots)
        return unique[self.read_at[unique] < now - self.ttl_ms].astype(np.int32)

    def put(self, slot: int, items: list[str], scores: list[float], now: int) -> None:
        """Store a row (best first); an item without a view is stored as an empty row."""
        width = self.neighbours.shape[1]
        others = self.slots(items[:width])
        self.neighbours[slot, : len(others)] = others
        self.scores[slot, : len(others)] = scores[:width]
        self.lengths[slot] = len(others)
        self.read_at[slot] = now

    def trim(self) -> None:
        """Back under the bound: between two batches, everything is let go (rows come back as they are read)."""
        if len(self.items) > self.items.bound:
            self.clear()

    def clear(self) -> None:
        """Let go of everything."""
        self.__init__(self.items.bound, self.neighbours.shape[1], self.ttl_ms)  # type: ignore[misc]
