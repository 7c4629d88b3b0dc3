"""What an items partition says of an item: its neighbours, for apps and for whoever ranks, and its numbers."""

import numpy as np

from shared.contracts.rank_views import RowView, StatView
from shared.contracts.views import VIEW_VERSION, View, at
from shared.core.content import alike, alike_column
from shared.core.cooccurrence import NO_ROW, NeighbourRows
from shared.core.items import Items
from shared.core.kernel import Floats, Ints, Singles, kernel
from shared.core.row_scores import best_neighbours, mentioned, row_scores
from shared.core.said import NamesOfSlots, SaidRows, SaidStats, row_views, stat_views
from shared.core.similar import add_alike, places_for_alike

Alike = tuple[Ints, Floats, Ints]
"""As :func:`shared.core.content.alike` says it."""


class ItemViews:
    """Says it as of the last delta; changes nothing."""

    def __init__(self, items: Items, generation: int, half_lives: dict[str, int]) -> None:
        self._items = items
        self._at = at(generation, items.offset)
        self._ladder = len(half_lives)
        self._alike_column = alike_column(half_lives)
        self._names = items.items.names

    def rows(self, wanted: list[str]) -> tuple[list[View], list[RowView]]:
        """``sim:`` and ``row:`` views of those that are known. O(items · (K + members))."""
        slots = self._known(wanted)
        with_row, scored = self._scored(slots, self._items.rows)
        like = self._alike(slots)
        said = self._said(slots, with_row, scored, like)
        return self._similar(slots, with_row, scored, like), row_views(said, self._items.ts)

    def said_rows(self, wanted: list[str]) -> SaidRows:
        """What the ``row:`` views of those that are known say."""
        slots = self._known(wanted)
        return self._said(slots, *self._scored(slots, self._items.rows), self._alike(slots))

    def _known(self, wanted: list[str]) -> Ints:
        slots = self._items.items.find(wanted)
        return slots[slots >= 0]

    def _scored(self, slots: Ints, rows: NeighbourRows) -> tuple[Ints, Floats]:
        """Of these items those that have a row, and what it says."""
        with_row = slots[rows.row_of[slots] != NO_ROW]
        return with_row, row_scores(rows, with_row, self._items.ts, self._popularity(with_row, rows))

    def _popularity(self, with_row: Ints, rows: NeighbourRows) -> Floats:
        """float64[slots, 2], of the items that these rows speak of alone."""
        counters, ts = self._items.counters, self._items.ts
        wanted = mentioned(rows, with_row)
        told: Floats = np.zeros((len(counters.values), 2))
        for column in range(2):
            told[wanted, column] = counters.counts_of(wanted, self._ladder + column, ts)
        return told

    def _alike(self, slots: Ints) -> Alike:
        """What the catalogue says is like each of them."""
        items = self._items
        return alike(items.facts, slots, items.counters, self._alike_column, items.ts, items.items.keys)

    def _said(self, slots: Ints, with_row: Ints, scored: Floats, alike_to: Alike) -> SaidRows:
        items = self._items
        like, likeness, alike_lengths = alike_to
        lengths = np.zeros(len(slots), dtype=np.int32)
        lengths[items.rows.row_of[slots] != NO_ROW] = rows_lengths = items.rows.lengths[items.rows.row_of[with_row]]
        others: Ints = np.empty(int(lengths.sum()), dtype=np.int32)
        scores: Singles = np.empty((len(others), 3), dtype=np.float32)
        flatten(items.rows.row_of[with_row], rows_lengths, items.rows.neighbours, scored, others, scores)
        told = np.arange(like.shape[1]) < alike_lengths[:, None]
        distinct = number_each(others, liked := like[told], np.zeros(len(items.items.keys), dtype=np.int32))
        return SaidRows(
            [self._names[slot] for slot in slots.tolist()],
            items.items.keys[distinct],
            NamesOfSlots(self._names, distinct),
            lengths,
            others,
            scores,
            alike_lengths,
            liked,
            likeness[told].astype(np.float32),
        )

    def _similar(self, slots: Ints, with_row: Ints, scored: Floats, alike_to: Alike) -> list[View]:
        items, published = self._items, self._items.rows.rules.published
        others: Ints = np.full((len(slots), published), -1, dtype=np.int32)
        scores: Floats = np.zeros((len(slots), published))
        lengths: Ints = np.zeros(len(slots), dtype=np.int32)
        held = items.rows.row_of[slots] != NO_ROW
        others[held], scores[held], lengths[held] = best_neighbours(items.rows, with_row, scored, items.items.keys)
        taken = np.zeros(alike_to[0].shape[1], dtype=np.bool_)
        add_alike(others, scores, lengths, *alike_to, items.facts.last_ts, places_for_alike(published), taken)
        rounded, bought = np.round(scores, 6).tolist(), self._bought(slots)
        return [
            View(
                v=VIEW_VERSION,
                at=self._at,
                ts=items.ts,
                source="similar",
                model="cooc-1",
                items=list(map(self._names.__getitem__, row[:length])),
                scores=told[:length],
                item_id=self._names[slot],
                bought=bought.get(slot, []),
            )
            for slot, row, told, length in zip(slots.tolist(), others.tolist(), rounded, lengths.tolist(), strict=True)
        ]

    def _bought(self, slots: Ints) -> dict[int, list[tuple[str, float]]]:
        """By slot what the same users bought, best first, where anything was."""
        rows = self._items.bought
        with_row, scored = self._scored(slots, rows)
        if not len(with_row):
            return {}
        others, scores, lengths = best_neighbours(rows, with_row, scored, self._items.items.keys)
        columns = (with_row.tolist(), others.tolist(), np.round(scores, 6).tolist(), lengths.tolist())
        return {
            slot: [(self._names[other], score) for other, score in zip(row[:length], told[:length], strict=True)]
            for slot, row, told, length in zip(*columns, strict=True)
        }

    def stats(self, wanted: list[str]) -> list[StatView]:
        """``stat:`` views."""
        return stat_views(self.said_stats(wanted))

    def said_stats(self, wanted: list[str]) -> SaidStats:
        """What they say. O(items · half-lives)."""
        items, facts = self._items, self._items.facts
        slots = self._known(wanted)
        counts: Singles = np.empty((len(slots), self._ladder), dtype=np.float32)
        for column in range(self._ladder):
            counts[:, column] = items.counters.counts_of(slots, column, items.ts)
        return SaidStats(
            [self._names[slot] for slot in slots.tolist()],
            np.full(len(slots), items.ts, dtype=np.int64),
            counts,
            facts.first_ts[slots],
            facts.last_ts[slots],
            facts.category[slots],
            facts.brand[slots],
            facts.log_price[slots],
        )


@kernel
def flatten(rows: Ints, lengths: Ints, neighbours: Ints, scored: Floats, others: Ints, scores: Singles) -> None:
    """What the rows hold, one after the other without gaps."""
    at = 0
    for n in range(len(rows)):
        for place in range(lengths[n]):
            others[at] = neighbours[rows[n], place]
            for column in range(3):
                scores[at, column] = scored[n, place, column]
            at += 1


@kernel
def number_each(one: Ints, other: Ints, number: Ints) -> Ints:
    """Slots replaced by numbers, in the order in which they are met; returns the slots by number. ``number``, by slot:
    zeros.
    """
    met, n = np.empty(min(len(number), len(one) + len(other)), dtype=np.int32), 0
    for part in (one, other):
        for place in range(len(part)):
            slot = part[place]
            if number[slot] == 0:
                met[n] = slot
                n += 1
                number[slot] = n
            part[place] = number[slot] - 1
    return met[:n]
