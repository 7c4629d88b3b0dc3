"""Decayed counts of items within scopes that events name: the values of their context."""

import numpy as np

from shared.core.items.popularity import Counters
from shared.core.kernel import Floats, Ints, Longs
from shared.core.tables.interning import ID_BYTES, Interner, Names, order_key
from shared.core.tables.segments import PENDING, Segments, pack, pack_list, put_columns, slices, unpack_list
from shared.core.tables.told_names import ToldNames

DIRTY = f"{PENDING}contexts"
GONE = f"{DIRTY}-gone"
BY_ITEM = ("values", "exponents")


class ScopeCounts:
    """One scope: at most ``bound`` items at a record's end, the longest uncounted leave (a sixteenth at once)."""

    def __init__(self, half_lives: list[int], bound: int) -> None:
        self.items = Interner(bound)
        self.counters = Counters(half_lives, self.items.capacity)

    def add(self, items: list[str], weights: Floats, times: Longs) -> None:
        """Count events, in order."""
        slots = self.items.intern(items)
        self.counters.grow(self.items.capacity)
        self.counters.add(slots, weights, times)

    def evict(self) -> None:
        """Keep the bound."""
        gone = self.items.evict()
        if len(gone):
            self.counters.clear(gone)

    def heaviest(self, column: int, ts: int, most: int) -> tuple[list[str], list[float]]:
        """Items with their counts as of ``ts`` at one half-life, heaviest first, ties by item key."""
        slots, counts = self.counters.heaviest(self.items.live(), column, ts, self.items.keys, most)
        return [self.items.names[slot] for slot in slots.tolist()], counts.tolist()


class ContextCounts:
    """At most ``bound`` scopes, the one longest uncounted in leaves; ``dirty``: to be told."""

    def __init__(self, half_lives: list[int], bound: int, items: int) -> None:
        self._half_lives, self._bound, self._items = half_lives, bound, items
        self.held: dict[str, ScopeCounts] = {}
        self.dirty = ToldNames()

    def add(self, scopes: list[str], items: Names, scope: Ints, item: Ints, weights: Floats, times: Longs) -> None:
        """Count a record's rows, in order, in the scopes that they name; keep the bounds. O(rows · scopes kept): where
        more are named than there is room for, the first would have left by the record's end.
        """
        kept = max(0, len(scopes) - self._bound)
        for name in scopes[:kept]:
            self._drop(name)
        for n, name in enumerate(scopes[kept:], kept):
            rows = np.flatnonzero(scope == n)
            counts = self.held.pop(name, None) or ScopeCounts(self._half_lives, self._items)
            counts.add([items[place] for place in item[rows].tolist()], weights[rows], times[rows])
            counts.evict()
            self.held[name] = counts  # the last counted in stands last
            self.dirty.mark(name)
        while len(self.held) > self._bound:
            self._drop(next(iter(self.held)))

    def _drop(self, name: str) -> None:
        self.held.pop(name, None)
        self.dirty.forget(name)

    def take_dirty(self, most: int) -> list[str]:
        """At most ``most`` scopes to be told, longest waiting first."""
        return self.dirty.take(most)

    def mark_all_dirty(self) -> None:
        self.dirty.owe(self.held)

    def take(self) -> Segments:
        """As segments; those of a scope keep their names whatever comes and goes."""
        taken = pack_list("contexts", list(self.held), ID_BYTES) | pack_list(DIRTY, list(self.dirty), ID_BYTES)
        taken |= pack_list(GONE, list(self.dirty.gone), ID_BYTES)
        for scope, counts in self.held.items():
            table, held = _table(scope), counts.counters
            taken |= counts.items.take(table)
            for name, rows in slices(f"{table}-counts", len(counts.items.names), 12 * len(self._half_lives)):
                taken[name] = pack({column: getattr(held, column)[rows] for column in BY_ITEM}, rows.start)
        return taken

    def restore(self, segments: Segments) -> None:
        """What was taken."""
        for scope in unpack_list(segments, "contexts"):
            counts = self.held[scope] = ScopeCounts(self._half_lives, self._items)
            counts.items = Interner.restore(self._items, segments, _table(scope))
            counts.counters.grow(counts.items.capacity)
            put_columns(counts.counters, BY_ITEM, segments, f"{_table(scope)}-counts")
        self.dirty = ToldNames(unpack_list(segments, DIRTY), self.held, unpack_list(segments, GONE))


def _table(scope: str) -> str:
    return f"context-{order_key(scope):016x}"
