"""What whoever ranks holds of the items' views: rows, numbers, top counts; bounded, with an age limit.

Filled by a shell that reads ``row:``, ``stat:`` and ``trending@…:`` views; what is older than ``ttl_ms`` by the
caller's clock is read again. Slots are of a table of its own.
"""

from collections.abc import Sequence

import numpy as np

from shared.contracts.rank_views import RowView, StatView
from shared.core.interning import Interner, grown
from shared.core.kernel import Floats, Ints, Keys, Longs

NO_ROW = -1
ABSENT = -(2**62)
TOP = 100
NEVER_LOG = -30.0
"""log2 of the count of what was never counted."""


class RankCache:
    """By item slot: ``row_of`` int32 (NO_ROW: none is held), ``log_count`` float64[slots, half-lives] (log2 of decayed
    counts as of ``stat_ts``), ``first_ts``, ``last_ts``, ``category``, ``brand``, ``log_price``.

    By row: ``neighbours`` int32[rows, K], ``scores`` float64[rows, K, 3], ``alike`` int32[rows, A], ``likeness``
    float64[rows, A] and their lengths. By half-life: ``top`` int32[half-lives, 100], heaviest first, ``top_log``
    float64[half-lives] (log2 of the heaviest count as of ``top_ts``), ``top_length``.
    """

    def __init__(self, bound: int, half_lives: Sequence[int], width: int, alike: int, ttl_ms: int) -> None:
        self.items = Interner(bound)
        self.ttl_ms = ttl_ms
        self.half_lives: Longs = np.array(half_lives, dtype=np.int64)
        ladder, slots = len(half_lives), self.items.capacity
        self.row_of: Ints = np.full(slots, NO_ROW, dtype=np.int32)
        self.row_read: Longs = np.full(slots, ABSENT, dtype=np.int64)
        self.stat_read: Longs = np.full(slots, ABSENT, dtype=np.int64)
        self.log_count: Floats = np.full((slots, ladder), NEVER_LOG)
        self.stat_ts: Longs = np.zeros(slots, dtype=np.int64)
        self.first_ts: Longs = np.zeros(slots, dtype=np.int64)
        self.last_ts: Longs = np.zeros(slots, dtype=np.int64)
        self.category: Keys = np.zeros(slots, dtype=np.uint64)
        self.brand: Keys = np.zeros(slots, dtype=np.uint64)
        self.log_price: Floats = np.full(slots, np.nan)
        self.rows = 0
        self.neighbours: Ints = np.full((1024, width), -1, dtype=np.int32)
        self.scores: Floats = np.zeros((1024, width, 3))
        self.lengths: Ints = np.zeros(1024, dtype=np.int32)
        self.alike: Ints = np.full((1024, alike), -1, dtype=np.int32)
        self.likeness: Floats = np.zeros((1024, alike))
        self.alike_lengths: Ints = np.zeros(1024, dtype=np.int32)
        self.top: Ints = np.full((ladder, TOP), -1, dtype=np.int32)
        self.top_length: Ints = np.zeros(ladder, dtype=np.int32)
        self.top_log: Floats = np.full(ladder, NEVER_LOG)
        self.top_ts: Longs = np.zeros(ladder, dtype=np.int64)
        self.tops_read = ABSENT

    def slots(self, names: Sequence[str]) -> Ints:
        """Slots of item ids, taken into the table. Mostly all are in it: that they are seen again is not marked, since
        nothing leaves but all at once.
        """
        try:
            return np.fromiter(map(self.items.slots.__getitem__, names), dtype=np.int32, count=len(names))
        except KeyError:
            slots = self.items.intern(names)
        if self.items.capacity > len(self.row_of):
            self._grow(self.items.capacity)
        return slots

    def _grow(self, capacity: int) -> None:
        for name, fill in _BY_SLOT.items():
            setattr(self, name, grown(getattr(self, name), capacity, fill))

    def stale_rows(self, slots: Ints, now: int) -> Ints:
        """Of these items, each once, those whose row is to be read."""
        return np.unique(slots[self.row_read[slots] < now - self.ttl_ms]).astype(np.int32)

    def stale_stats(self, slots: Ints, now: int) -> Ints:
        """The same of their numbers."""
        return np.unique(slots[self.stat_read[slots] < now - self.ttl_ms]).astype(np.int32)

    def expire(self, rows: Ints, stats: Ints) -> None:
        """Rows and numbers of these items have changed: they are to be read again, and the tops."""
        self.row_read[rows] = ABSENT
        self.stat_read[stats] = ABSENT
        self.tops_read = ABSENT

    def put_row(self, slot: int, view: RowView | None, now: int) -> None:
        """Hold a row; an item without a view has an empty one."""
        self.row_read[slot] = now
        row = int(self.row_of[slot])
        if view is None:
            if row != NO_ROW:
                self.lengths[row] = self.alike_lengths[row] = 0
            return
        if row == NO_ROW:
            row = self._new_row(slot)
        width, most = self.neighbours.shape[1], self.alike.shape[1]
        others, like = self.slots(view.items[:width]), self.slots(view.alike[:most])
        self.neighbours[row, : len(others)] = others
        self.scores[row, : len(others)] = view.neighbour_scores()[:width]
        self.lengths[row] = len(others)
        self.alike[row, : len(like)] = like
        self.likeness[row, : len(like)] = view.likeness()[:most]
        self.alike_lengths[row] = len(like)

    def _new_row(self, slot: int) -> int:
        row = self.rows
        self.rows += 1
        if self.rows > len(self.lengths):
            for name in ("neighbours", "scores", "lengths", "alike", "likeness", "alike_lengths"):
                setattr(self, name, grown(getattr(self, name), 2 * row))
        self.row_of[slot] = row
        return row

    def put_stat(self, slot: int, view: StatView | None, now: int) -> None:
        """Hold an item's numbers; without a view it was never met."""
        self.stat_read[slot] = now
        if view is None or len(view.decayed()) != len(self.half_lives):
            for name in _OF_STAT:
                getattr(self, name)[slot] = _BY_SLOT[name]
            return
        counts = view.decayed().astype(np.float64)
        with np.errstate(divide="ignore"):
            self.log_count[slot] = np.maximum(np.log2(counts), NEVER_LOG)
        self.stat_ts[slot] = view.ts
        self.first_ts[slot], self.last_ts[slot] = view.first_ts, view.last_ts
        self.category[slot], self.brand[slot], self.log_price[slot] = view.category, view.brand, view.log_price

    def put_top(self, column: int, items: Sequence[str], counts: Sequence[float], ts: int) -> None:
        """Hold the heaviest items at one half-life, with their counts as of ``ts``."""
        slots = self.slots(items[:TOP])
        self.top[column, : len(slots)] = slots
        self.top_length[column] = len(slots)
        self.top_log[column] = np.log2(counts[0]) if len(slots) and counts[0] > 0 else NEVER_LOG
        self.top_ts[column] = ts

    def trim(self) -> None:
        """Back under the bound: between two batches, everything is let go (it comes back as it is read)."""
        if len(self.items) > self.items.bound:
            self.clear()

    def clear(self) -> None:
        """Let go of everything."""
        half_lives = self.half_lives.tolist()
        self.__init__(self.items.bound, half_lives, self.neighbours.shape[1], self.alike.shape[1], self.ttl_ms)  # type: ignore[misc]


_BY_SLOT: dict[str, float] = {
    "row_of": NO_ROW,
    "row_read": ABSENT,
    "stat_read": ABSENT,
    "log_count": NEVER_LOG,
    "stat_ts": 0,
    "first_ts": 0,
    "last_ts": 0,
    "category": 0,
    "brand": 0,
    "log_price": np.nan,
}
_OF_STAT = ("log_count", "stat_ts", "first_ts", "last_ts", "category", "brand", "log_price")
