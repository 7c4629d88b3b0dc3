"""What whoever ranks holds of the items' views: rows, numbers, top counts, vectors; bounded, with an age limit.

Filled by a shell that knows what ``row:``, ``stat:``, ``trending@…:`` and ``model:taste`` views say; what is held for
``ttl_ms`` by the caller's clock is asked for again, an item that has been known for long later: a sixteenth of its age,
at most :data:`LONGEST` times as long, :data:`LONGEST_LIKES` what the catalogue says is like it. (What is counted of an
item in a second changes what is known of it by a second's share of its age; likeness changes with what else is popular
in its category, and what is new there is said to have changed.) Slots are of a table of its own.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from shared.contracts.rank_views import TasteView
from shared.core.items.said import ByDigest, BySlot, SaidRows, SaidStats
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, Singles
from shared.core.lists.held_taste import HeldTaste
from shared.core.lists.rank_cache_kernels import (
    NEVER_LOG,
    NO_ROW,
    Numbers,
    Rows,
    empty_rows,
    give_rows,
    hold,
    put_numbers,
    put_others,
    stale,
)
from shared.core.tables.interning import Interner, Names, grown
from shared.core.tables.kin import ITEM_IDS
from shared.core.tables.other_tables import OtherTables

LONGEST, LONGEST_LIKES = 10, 3600
ABSENT = -(2**62)
TOP = 100


class RankCache:
    """By item slot: ``row_of`` int32 (NO_ROW: none is held), ``log_count`` float64[slots, half-lives] (log2 of decayed
    counts), ``times`` int64[slots, 3], ``category``, ``brand``, ``log_price``.

    By row: ``neighbours`` int32[rows, K], ``scores`` float32[rows, 3, K], ``alike`` int32[rows, A], ``likeness``
    float32[rows, 1, A] and their lengths; K is a multiple of ``width``, enough for the longest. By half-life: ``top``
    int32[half-lives, 100], heaviest first, ``top_log`` float64[half-lives] (log2 of the heaviest count as of
    ``top_ts``), ``top_length``.
    """

    def __init__(self, bound: int, half_lives: Sequence[int], width: int, alike: int, ttl_ms: int) -> None:
        self._width = width
        self.items = Interner(bound, ITEM_IDS)
        self.ttl_ms = self._least_ttl_ms = ttl_ms
        self.half_lives: Longs = np.array(half_lives, dtype=np.int64)
        ladder, slots = len(half_lives), self.items.capacity
        self.row_of: Ints = np.full(slots, NO_ROW, dtype=np.int32)
        self.row_due: Longs = np.full(slots, ABSENT, dtype=np.int64)
        self.like_due: Longs = np.full(slots, ABSENT, dtype=np.int64)
        self.stat_due: Longs = np.full(slots, ABSENT, dtype=np.int64)
        self.log_count: Floats = np.full((slots, ladder), NEVER_LOG)
        self.times: Longs = np.zeros((slots, 3), dtype=np.int64)
        self.category: Keys = np.zeros(slots, dtype=np.uint64)
        self.brand: Keys = np.zeros(slots, dtype=np.uint64)
        self.log_price: Floats = np.full(slots, np.nan)
        self.rows = 0
        self.neighbours: Ints = np.full((1024, width), -1, dtype=np.int32)
        self.scores: Singles = np.zeros((1024, 3, width), dtype=np.float32)
        self.lengths: Ints = np.zeros(1024, dtype=np.int32)
        self.alike: Ints = np.full((1024, alike), -1, dtype=np.int32)
        self.likeness: Singles = np.zeros((1024, 1, alike), dtype=np.float32)
        self.alike_lengths: Ints = np.zeros(1024, dtype=np.int32)
        self.top: Ints = np.full((ladder, TOP), -1, dtype=np.int32)
        self.top_length: Ints = np.zeros(ladder, dtype=np.int32)
        self.top_log: Floats = np.full(ladder, NEVER_LOG)
        self.top_ts: Longs = np.zeros(ladder, dtype=np.int64)
        self.taste = HeldTaste(slots)
        self.tops_read = self.taste_read = ABSENT
        self._met: Flags = np.zeros(slots, dtype=np.bool_)
        self._asked: dict[str, int] = {}  # slots of those that came by name
        self._others = OtherTables(self.slots, lambda: self.items.keys)

    @property
    def held_rows(self) -> Rows:
        """As kernels take them, until more are put."""
        return Rows(
            self.row_of, self.neighbours, self.scores, self.lengths, self.alike, self.likeness[:, 0], self.alike_lengths
        )

    @property
    def held_numbers(self) -> Numbers:
        """The same."""
        return Numbers(self.log_count, self.times, self.category, self.brand, self.log_price)

    def slots(self, names: Sequence[str]) -> Ints:
        """Slots of item ids, taken into the table. Mostly all were asked for before, as what trends is at every second:
        that they are seen again is not marked, since nothing leaves but all at once.
        """
        try:
            return np.fromiter(map(self._asked.__getitem__, names), dtype=np.int32, count=len(names))
        except KeyError:
            found = self._held(self.items.intern(names))
            self._asked.update(zip(names, found.tolist(), strict=True))
            return found

    def slots_keyed(self, keys: Keys, names: Names) -> Ints:
        """The same of ids that come with their digests."""
        return self._held(self.items.intern_keyed(keys, names))

    def _held(self, slots: Ints) -> Ints:
        """There is room for them."""
        if self.items.capacity > len(self.row_of):
            self._grow(self.items.capacity)
        return slots

    def slots_of(self, table: Interner, slots: Ints) -> Ints:
        """Slots of another table (-1: none) in this one's, into which their items are taken. O(slots) once met."""
        return self._others.translated(table, slots) if len(slots) else _NONE

    def _grow(self, capacity: int) -> None:
        self._met = grown(self._met, capacity)
        for name, fill in _BY_SLOT.items():
            setattr(self, name, grown(getattr(self, name), capacity, fill))
        self.taste.hold(capacity)

    def stale_rows(self, slots: Ints, now: int) -> Ints:
        """Of these items (-1: none), each once, those whose row is to be read."""
        return stale(slots.ravel(), self.row_due, now, self._met)

    def stale_likes(self, slots: Ints, now: int) -> Ints:
        """The same of what is like them."""
        return stale(slots.ravel(), self.like_due, now, self._met)

    def stale_stats(self, slots: Ints, now: int) -> Ints:
        """The same of their numbers."""
        return stale(slots.ravel(), self.stat_due, now, self._met)

    def expire(self, items: Interner, rows: Ints, stats: Ints) -> None:
        """Rows and numbers of these slots of a table of items have changed: they are to be read again. O(slots)"""
        self.row_due[self._held_of(items, rows)] = ABSENT
        self.stat_due[self._held_of(items, stats)] = ABSENT

    def expire_likes(self, items: Interner, slots: Ints) -> None:
        """The same of what is like them."""
        self.like_due[self._held_of(items, slots)] = ABSENT

    def _held_of(self, items: Interner, slots: Ints) -> Ints:
        """Slots here of those of another table; of what is not held nothing is to be read again."""
        if not len(slots):
            return _NONE
        found = self.items.find_keyed(items.keys[slots])
        return found[found >= 0]

    def expire_tops(self) -> None:
        """Tops and weights are to be read again."""
        self.tops_read = ABSENT

    def expire_taste(self) -> None:
        """The vectors of items are to be read again."""
        self.taste_read = ABSENT

    def put_rows(self, asked: Ints, told: Iterable[SaidRows], now: int) -> None:
        """Hold what is said of the neighbours of items that were asked for; one of which nothing is said has none."""
        self._put(asked, told, now, _NEIGHBOURS)

    def put_likes(self, asked: Ints, told: Iterable[SaidRows], now: int) -> None:
        """The same of what the catalogue says is like them."""
        self._put(asked, told, now, _LIKES)

    def _put(self, asked: Ints, told: Iterable[SaidRows], now: int, columns: "_Columns") -> None:
        """What is told though it was not asked for is held as well."""
        empty_rows(asked, self.row_of, getattr(self, columns.lengths))
        self._hold(asked, columns.due, now, columns.longest)
        for said in told:
            widest = int(said.lengths.max(initial=0))
            if columns is _NEIGHBOURS and widest > self.neighbours.shape[1]:
                self._widen(widest)
            slots = self._slots_of(said.who)
            self._make_rows(said.items)
            into = [getattr(self, name) for name in (columns.who, columns.scores, columns.lengths)]
            put_others(self.row_of, said.items, said.lengths, slots, said.others, said.scores, *into)
            self._hold(said.items, columns.due, now, columns.longest)

    def _hold(self, slots: Ints, due: str, now: int, longest: int) -> None:
        """``due``, by its name, once they have been held for as long as what is known of their age allows."""
        hold(slots, self.times, getattr(self, due), now, self.ttl_ms, longest * self._least_ttl_ms)

    def _slots_of(self, who: ByDigest | BySlot) -> Ints:
        """Taken into the table where they are new to it."""
        if isinstance(who, BySlot):
            return self.slots_of(who.table, who.slots)
        return self.slots_keyed(who.keys, who.names)

    def _make_rows(self, slots: Ints) -> None:
        """Room for their rows, where they have none yet."""
        self.rows = give_rows(slots, self.row_of, self.rows)
        while self.rows > len(self.lengths):
            self._widen(int(self.lengths.max()))
            for name in (*_NEIGHBOURS.by_row, *_LIKES.by_row):
                setattr(self, name, grown(getattr(self, name), 2 * len(getattr(self, name))))

    def _widen(self, longest: int) -> None:
        """Room for rows of so many neighbours and no more, in whole widths. O(rows) where that is not the width."""
        width = self._width * max(1, -(-longest // self._width))
        if width == self.neighbours.shape[1]:
            return
        kept = min(width, self.neighbours.shape[1])
        neighbours, scores = self.neighbours[:, :kept], self.scores[:, :, :kept]
        self.neighbours = np.full((len(self.lengths), width), -1, dtype=np.int32)
        self.scores = np.zeros((len(self.lengths), 3, width), dtype=np.float32)
        self.neighbours[:, :kept], self.scores[:, :, :kept] = neighbours, scores

    def put_stats(self, asked: Ints, told: Iterable[SaidStats], now: int) -> None:
        """Hold items' numbers; an item of which nothing is said was never met."""
        parts = list(told)
        if sum(len(said.items) for said in parts) < len(asked):
            for name in _OF_STAT:
                getattr(self, name)[asked] = _BY_SLOT[name]
        for said in parts:
            counts = said.counts.astype(np.float64)
            with np.errstate(divide="ignore"):
                np.log2(counts, out=counts)
            put_numbers(
                said.items, counts, said.ts, said.first_ts, said.last_ts, said.category, said.brand, said.log_price,
                self.held_numbers,
            )  # fmt: skip
        self._hold(asked, "stat_due", now, LONGEST)

    def put_top(self, column: int, items: Sequence[str] | BySlot, counts: Sequence[float] | Floats, ts: int) -> None:
        """Hold the heaviest items at one half-life, with their counts as of ``ts``."""
        slots = (self._slots_of(items) if isinstance(items, BySlot) else self.slots(items[:TOP]))[:TOP]
        self.top[column, : len(slots)] = slots
        self.top_length[column] = len(slots)
        self.top_log[column] = np.log2(counts[0]) if len(slots) and counts[0] > 0 else NEVER_LOG
        self.top_ts[column] = ts

    def put_taste(self, view: TasteView | None, now: int) -> None:
        """Hold the vectors of items; without a view those that there were."""
        self.taste_read = now
        if view is not None:
            self.taste.put(view, self.slots(view.items))

    def trim(self) -> None:
        """Back under the bound: between two batches, everything is let go (it comes back as it is read)."""
        if len(self.items) > self.items.bound:
            self.clear()

    def clear(self) -> None:
        """Let go of everything."""
        half_lives = self.half_lives.tolist()
        self.__init__(self.items.bound, half_lives, self._width, self.alike.shape[1], self._least_ttl_ms)  # type: ignore[misc]


class _Columns(NamedTuple):
    """Names of those that hold one kind of rows, and how many times the limit these are held at most."""

    due: str
    who: str
    scores: str
    lengths: str
    longest: int

    @property
    def by_row(self) -> tuple[str, str, str]:
        return self.who, self.scores, self.lengths


_NEIGHBOURS = _Columns("row_due", "neighbours", "scores", "lengths", LONGEST)
_LIKES = _Columns("like_due", "alike", "likeness", "alike_lengths", LONGEST_LIKES)
_BY_SLOT: dict[str, float] = {
    "row_of": NO_ROW,
    "row_due": ABSENT,
    "like_due": ABSENT,
    "stat_due": ABSENT,
    "log_count": NEVER_LOG,
    "times": 0,
    "category": 0,
    "brand": 0,
    "log_price": np.nan,
}
_NONE: Ints = np.empty(0, dtype=np.int32)
_OF_STAT = Numbers._fields
