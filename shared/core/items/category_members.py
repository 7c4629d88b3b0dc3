"""Items by their narrowest category; of those of each that were filed last, what likeness looks at lies side by side.

What lies side by side is made when somebody asks for it, so it is no part of a state. An item that is new to a category
is put at its end; whatever else changes in one has it made again.
"""

from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from shared.core.arithmetic.decay import TABLE, growth, whole_half_lives
from shared.core.items.popularity import Counters, log_popularity
from shared.core.kernel import Floats, Ints, Keys, Longs, kernel
from shared.core.tables.interning import grown

MEMBERS = 2000
ROOM = 1024
NOWHERE = -1
NEVER = np.iinfo(np.int64).min
FRESH = 64  # parts of a half-life: popularity is reckoned again after one
STEPPED = 1 / 512  # of a half-life: two steps of how growth is reckoned
DECLINE = 1.387  # of the logarithm in pieces, 2 ln 2 at most, where the true one goes down by 1

Known = tuple[Floats, Keys, Keys]
"""By slot: logarithms of prices, brands, marks of titles."""


class Columns(NamedTuple):
    """By place: ``items`` int32 (slots), ``log_price`` float64, ``brand`` uint64, the ``marks`` of their titles
    uint64[places, 2], and how ``popular`` they are at most: log2(1 + count) as of a while ago, or of when they were
    counted since.
    """

    items: Ints
    log_price: Floats
    brand: Keys
    marks: Keys
    popular: Floats


class Spans(NamedTuple):
    """Of n categories the places from ``starts`` to ``ends`` int64[n], and by how much less popular than is said any
    of them may be by now, ``faded`` float64[n].
    """

    starts: Longs
    ends: Longs
    faded: Floats


@dataclass
class Span:
    """Places from ``start`` to ``end``, the item filed last at the end; there is room from ``first`` to ``limit``."""

    first: int
    limit: int
    start: int
    end: int
    as_of: int = NEVER


class CategoryMembers:
    """At most :data:`MEMBERS` of each category lie in ``columns``: 44 bytes each, and room for up to three times as
    many.
    """

    def __init__(self, capacity: int) -> None:
        self.columns = _columns(ROOM)
        self._filed: dict[int, dict[int, None]] = {}
        self._spans: dict[int, Span] = {}
        # or where an item lay that lies there no longer: nobody else does, before all are let go
        self._place_of: Ints = np.full(capacity, NOWHERE, dtype=np.int32)
        self._used = self._lost = 0
        self._changes = 0  # of counters, up to which popularity is known

    def grow(self, capacity: int) -> None:
        self._place_of = grown(self._place_of, capacity, NOWHERE)

    def add(self, slot: int, category: int, log_price: float, brand: int, marks: Keys) -> None:
        """An item that is in none. O(1)"""
        self._filed.setdefault(category, {})[slot] = None
        span = self._spans.get(category)
        if span is None:
            return
        if span.end == span.limit:
            self._drop(category)
            return
        if span.end - span.start == MEMBERS:
            span.start += 1
        held, self._place_of[slot] = self.columns, span.end
        held.items[span.end], held.log_price[span.end], held.brand[span.end] = slot, log_price, brand
        held.marks[span.end] = marks
        span.end, span.as_of = span.end + 1, NEVER

    def remove(self, slot: int, category: int) -> None:
        """An item that is in it. O(1)"""
        members = self._filed[category]
        del members[slot]
        self._drop(category)
        if not members:
            del self._filed[category]

    def restore(self, slots: list[int], categories: list[int]) -> None:
        """Into empty ones, in the order in which they were filed. O(items)"""
        for slot, category in zip(slots, categories, strict=True):
            self._filed.setdefault(category, {})[slot] = None

    def recount(self, items: Ints, counters: Counters, column: int, ts: int) -> None:
        """Follow the one change that counters had since the last call: of these items, as of now. O(items)"""
        if self._spans and self._changes + 1 == counters.changes:
            self._reckon(items, counters, column, ts)
            self._changes += 1

    def _reckon(self, items: Ints, counters: Counters, column: int, ts: int) -> None:
        """The popularity of those that lie somewhere."""
        values, exponents = counters.values[:, column], counters.exponents[:, column]
        half_life = int(counters.half_lives[column])
        reckon_each(items, self._place_of, values, exponents, ts, half_life, TABLE, self.columns.popular)

    def spans(self, categories: Keys, known: Known, counters: Counters, column: int, ts: int) -> Spans:
        """Where the members of these categories lie (0: there is none).

        Popularity is the count in that column as of ``ts``. O(1) each while categories stay as they are.
        """
        self._forget(counters)
        half_life = int(counters.half_lives[column])
        found = [self._span(category, known, ts) for category in categories.tolist()]
        for span in found:
            if not span.as_of <= ts <= span.as_of + half_life // FRESH:
                self._reckon(self.columns.items[span.start : span.end], counters, column, ts)
                span.as_of = ts
        starts, ends, as_of = np.array([(span.start, span.end, span.as_of) for span in found], dtype=np.int64).T
        return Spans(starts, ends, DECLINE * ((ts - as_of) / half_life + STEPPED))

    def _forget(self, counters: Counters) -> None:
        """What is of no use any more."""
        if self._lost > len(self.columns.items) // 2:
            self._spans.clear()
            self._place_of[:] = NOWHERE
            self._used = self._lost = 0
        if self._changes != counters.changes:
            self._changes = counters.changes
            for span in self._spans.values():
                span.as_of = NEVER

    def _span(self, category: int, known: Known, ts: int) -> Span:
        """Where its members lie, laid there if they do not yet."""
        if not category:
            return Span(0, 0, 0, 0, ts)
        span = self._spans.get(category)
        if span is None:
            members = np.array(self.newest(category)[::-1], dtype=np.int32)
            span = self._spans[category] = self._laid(members, known)
        return span

    def newest(self, category: int) -> list[int]:
        """Its members, at most :data:`MEMBERS`, the one filed last first."""
        return list(islice(reversed(self._filed.get(category, {})), MEMBERS))

    def _laid(self, items: Ints, known: Known) -> Span:
        start, end = self._used, self._used + len(items)
        self._used = limit = end + max(len(items), 8)
        while limit > len(self.columns.items):
            self.columns = Columns(*(grown(column, 2 * len(column)) for column in self.columns))
        for column, values in zip(self.columns[1:4], known, strict=True):
            column[start:end] = values[items]
        self.columns.items[start:end] = items
        self._place_of[items] = np.arange(start, end)
        return Span(start, limit, start, end)

    def _drop(self, category: int) -> None:
        span = self._spans.pop(category, None)
        if span is not None:
            self._lost += span.limit - span.first


def _columns(places: int) -> Columns:
    return Columns(
        np.empty(places, np.int32),
        np.empty(places),
        np.empty(places, np.uint64),
        np.empty((places, 2), np.uint64),
        np.empty(places),
    )


@kernel
def reckon_each(
    items: Ints, place_of: Ints, values: Floats, exponents: Ints, ts: int, half_life: int, table: Floats, out: Floats
) -> None:
    """The popularity of those that lie somewhere, there; ``values`` and ``exponents`` by slot."""
    grown_by, whole = growth(ts, half_life, table), whole_half_lives(ts, half_life)
    for item in items:
        if place_of[item] != NOWHERE:
            out[place_of[item]] = log_popularity(values[item], exponents[item], grown_by, whole)
