"""What an items partition says of an item: its neighbours, for apps and for whoever ranks, and its numbers."""

import numpy as np

from shared.contracts.rank_views import PACK
from shared.contracts.views import ENCODER, at
from shared.core.content import alike, alike_column
from shared.core.cooccurrence import NO_ROW, NeighbourRows
from shared.core.decay import TABLE, doubled, growth, whole_half_lives
from shared.core.interning import Interner
from shared.core.item_texts import FlatRows, Numbers, row_texts, stat_texts
from shared.core.items import Items
from shared.core.kernel import Floats, Ints, Longs, Singles, kernel
from shared.core.list_texts import Columns, head, list_texts
from shared.core.quoting import QuotedIds
from shared.core.row_scores import best_neighbours, mentioned, row_scores
from shared.core.said import NamesOfSlots, SaidRows, SaidStats
from shared.core.similar import add_alike, places_for_alike

Named = list[tuple[str, bytes]]
"""An item and its view."""
Alike = tuple[Ints, Floats, Ints]
"""As :func:`shared.core.content.alike` says it."""


class ItemTexts:
    """Ids of a partition's items as they stand in views."""

    def __init__(self, table: Interner) -> None:
        self.json = QuotedIds(table, ENCODER.encode)
        self.packed = QuotedIds(table, PACK.encode)


class ItemViews:
    """Says it as of the last delta; changes nothing."""

    def __init__(self, items: Items, generation: int, half_lives: dict[str, int]) -> None:
        self._items = items
        self._at = at(generation, items.offset)
        self._ladder = len(half_lives)
        self._alike_column = alike_column(half_lives)
        self._names = items.items.names

    def rows(self, wanted: list[str], texts: ItemTexts) -> tuple[Named, Named]:
        """``sim:`` and ``row:`` views of those that are known. O(items · (K + members))."""
        slots = self._known(wanted)
        with_row, scored = self._scored(slots, self._items.rows)
        like = self._alike(slots)
        names = [self._names[slot] for slot in slots.tolist()]
        similar = self._similar(slots, self._best(slots, with_row, scored, like), names, texts.json)
        rows = row_texts(self._at, self._items.ts, self._flat(slots, with_row, scored, like), texts.packed)
        return list(zip(names, similar, strict=True)), list(zip(names, rows, strict=True))

    def said_rows(self, wanted: list[str]) -> SaidRows:
        """What the ``row:`` views of those that are known say."""
        slots = self._known(wanted)
        flat = self._flat(slots, *self._scored(slots, self._items.rows), self._alike(slots))
        number = np.zeros(len(self._items.items.keys), dtype=np.int32)
        distinct = number_each(flat.others, flat.alike, number)
        return SaidRows(
            [self._names[slot] for slot in slots.tolist()],
            self._items.items.keys[distinct],
            NamesOfSlots(self._names, distinct),
            *flat[1:],
        )

    def _known(self, wanted: list[str]) -> Ints:
        slots = self._items.items.find(wanted)
        return slots[slots >= 0]

    def _scored(self, slots: Ints, rows: NeighbourRows) -> tuple[Ints, Floats]:
        """Of these items those that have a row, and what it says."""
        with_row = slots[rows.row_of[slots] != NO_ROW]
        return with_row, row_scores(rows, with_row, self._items.ts, self._popularity(with_row, rows))

    def _popularity(self, with_row: Ints, rows: NeighbourRows) -> Floats:
        """float64[slots, 2], of the items that these rows speak of alone."""
        counters, wanted = self._items.counters, mentioned(rows, with_row)
        told: Floats = np.empty((len(counters.values), 2))  # of others anything: nobody looks
        tell_counts(
            counters.values, counters.exponents, wanted, self._ladder, self._items.ts, counters.half_lives, TABLE, told
        )
        return told

    def _alike(self, slots: Ints) -> Alike:
        """What the catalogue says is like each of them."""
        items = self._items
        return alike(items.facts, slots, items.counters, self._alike_column, items.ts, items.items.keys)

    def _flat(self, slots: Ints, with_row: Ints, scored: Floats, alike_to: Alike) -> FlatRows:
        rows = self._items.rows
        like, likeness, alike_lengths = alike_to
        lengths = np.zeros(len(slots), dtype=np.int32)
        lengths[rows.row_of[slots] != NO_ROW] = rows_lengths = rows.lengths[rows.row_of[with_row]]
        others: Ints = np.empty(int(lengths.sum()), dtype=np.int32)
        scores: Singles = np.empty((len(others), 3), dtype=np.float32)
        flatten(rows.row_of[with_row], rows_lengths, rows.neighbours, scored, others, scores)
        told = np.arange(like.shape[1]) < alike_lengths[:, None]
        return FlatRows(slots, lengths, others, scores, alike_lengths, like[told], likeness[told].astype(np.float32))

    def _best(self, slots: Ints, with_row: Ints, scored: Floats, alike_to: Alike) -> tuple[Ints, Floats, Ints]:
        """Of each its neighbours and what is like it, as apps see them."""
        items, published = self._items, self._items.rows.rules.published
        others: Ints = np.full((len(slots), published), -1, dtype=np.int32)
        scores: Floats = np.zeros((len(slots), published))
        lengths: Ints = np.zeros(len(slots), dtype=np.int32)
        held = items.rows.row_of[slots] != NO_ROW
        others[held], scores[held], lengths[held] = best_neighbours(items.rows, with_row, scored, items.items.keys)
        taken = np.zeros(alike_to[0].shape[1], dtype=np.bool_)
        add_alike(others, scores, lengths, *alike_to, items.facts.last_ts, places_for_alike(published), taken)
        return others, scores, lengths

    def _similar(self, slots: Ints, best: tuple[Ints, Floats, Ints], names: list[str], ids: QuotedIds) -> list[bytes]:
        others, scores, lengths = best
        none, no = np.empty((len(slots), 0), dtype=np.int32), np.zeros(len(slots), dtype=np.int32)
        ts = np.full(len(slots), self._items.ts, dtype=np.int64)
        columns = Columns(others, lengths, scores, none, none, none, none, no, ts)
        bought = self._bought(slots)
        own, opening = list[bytes](), head(self._at)
        for slot, name in zip(slots.tolist(), names, strict=True):
            also = bought.get(slot)
            told = b',"bought":' + ENCODER.encode(also) if also else b""
            own += (opening, b',"item_id":' + ENCODER.encode(name), b"", told)
        return list_texts("similar", "cooc-1", columns, own, (), ids)

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

    def stats(self, wanted: list[str], texts: ItemTexts) -> Named:
        """``stat:`` views of those that are known. O(items · half-lives)."""
        slots, facts = self._known(wanted), self._items.facts
        numbers = Numbers(
            slots,
            self._items.counters.counts_within(slots, self._ladder, self._items.ts),
            facts.first_ts[slots],
            facts.last_ts[slots],
            facts.category[slots],
            facts.brand[slots],
            facts.log_price[slots].view(np.uint64),
        )
        made = stat_texts(self._at, self._items.ts, numbers, texts.packed)
        return [(self._names[slot], text) for slot, text in zip(slots.tolist(), made, strict=True)]

    def said_stats(self, wanted: list[str]) -> SaidStats:
        """What they say."""
        slots, facts = self._known(wanted), self._items.facts
        return SaidStats(
            [self._names[slot] for slot in slots.tolist()],
            np.full(len(slots), self._items.ts, dtype=np.int64),
            self._items.counters.counts_within(slots, self._ladder, self._items.ts),
            facts.first_ts[slots],
            facts.last_ts[slots],
            facts.category[slots],
            facts.brand[slots],
            facts.log_price[slots],
        )


@kernel
def tell_counts(
    values: Floats, exponents: Ints, items: Ints, first: int, ts: int, half_lives: Longs, table: Floats, told: Floats
) -> None:
    """Decayed counts of some items as of ``ts`` at the half-lives from ``first`` on, under their slots."""
    for column in range(told.shape[1]):
        h = first + column
        grown_by, whole = growth(ts, half_lives[h], table), whole_half_lives(ts, half_lives[h])
        for item in items:
            value = values[item, h]
            told[item, column] = doubled(value / grown_by, exponents[item, h] - whole) if value > 0.0 else 0.0


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
