"""What an items partition publishes of an item: its neighbours, for apps and for whoever ranks, and its numbers."""

import numpy as np

from shared.contracts.rank_views import RowView, StatView
from shared.contracts.views import VIEW_VERSION, View, at
from shared.core.content import alike
from shared.core.cooccurrence import NO_ROW
from shared.core.items import Items
from shared.core.kernel import Floats, Ints
from shared.core.row_scores import best_neighbours, row_scores

ALIKE_BY = "7d"
"""The half-life of the popularity that tells items of a category apart, if there is one of that name."""


class ItemViews:
    """Makes the views of items as of the last delta; changes nothing."""

    def __init__(self, items: Items, generation: int, half_lives: dict[str, int]) -> None:
        self._items = items
        self._at = at(generation, items.offset)
        self._ladder = len(half_lives)
        names = list(half_lives)
        self._alike_column = names.index(ALIKE_BY) if ALIKE_BY in names else len(names) - 1
        self._slots_of = items.items.slots
        self._names = items.items.names

    def rows(self, wanted: list[str]) -> tuple[list[View], list[RowView]]:
        """``sim:`` views of those that have neighbours, ``row:`` views of all. O(items · (K + members))."""
        items = self._items
        slots = items.items.find(wanted)
        slots = slots[slots >= 0]
        with_row = slots[items.rows.row_of[slots] != NO_ROW]
        scored = row_scores(items.rows, with_row, items.ts, self._popularity())
        liked_by = items.counters.all_counts(self._alike_column, items.ts)
        place = {slot: n for n, slot in enumerate(with_row.tolist())}
        views = [self._row(slot, scored[place[slot]] if slot in place else None, liked_by) for slot in slots.tolist()]
        return self._similar(with_row, scored), views

    def _popularity(self) -> Floats:
        counters, ts = self._items.counters, self._items.ts
        return np.stack([counters.all_counts(self._ladder, ts), counters.all_counts(self._ladder + 1, ts)], axis=1)

    def _row(self, slot: int, scored: Floats | None, liked_by: Floats) -> RowView:
        items = self._items
        neighbours: Ints = np.empty(0, dtype=np.int32)
        scores: Floats = np.empty((0, 3))
        if scored is not None:
            row = int(items.rows.row_of[slot])
            length = int(items.rows.lengths[row])
            neighbours, scores = items.rows.neighbours[row, :length], scored[:length]
        like, likeness = alike(items.facts, slot, liked_by, items.items.keys)
        return RowView(
            self._names[slot],
            items.ts,
            [self._names[other] for other in neighbours.tolist()],
            scores.astype("<f4").tobytes(),
            [self._names[other] for other in like.tolist()],
            likeness.astype("<f4").tobytes(),
        )

    def _similar(self, slots: Ints, scored: Floats) -> list[View]:
        items = self._items
        others, scores, lengths = best_neighbours(items.rows, slots, scored, items.items.keys)
        rounded = np.round(scores, 6).tolist()
        return [
            View(
                v=VIEW_VERSION,
                at=self._at,
                ts=items.ts,
                source="similar",
                model="cooc-1",
                items=[self._names[other] for other in row[:length]],
                scores=told[:length],
                item_id=self._names[slot],
            )
            for slot, row, told, length in zip(slots.tolist(), others.tolist(), rounded, lengths.tolist(), strict=True)
        ]

    def stats(self, wanted: list[str]) -> list[StatView]:
        """``stat:`` views."""
        items, facts = self._items, self._items.facts
        slots = items.items.find(wanted)
        slots = slots[slots >= 0]
        ladder = [items.counters.counts_of(slots, column, items.ts) for column in range(self._ladder)]
        counts = np.stack(ladder, axis=1).astype("<f4") if len(slots) else np.empty((0, self._ladder), dtype="<f4")
        return [
            StatView(
                self._names[slot],
                items.ts,
                counts[n].tobytes(),
                int(facts.first_ts[slot]),
                int(facts.last_ts[slot]),
                int(facts.category[slot]),
                int(facts.brand[slot]),
                float(facts.log_price[slot]),
            )
            for n, slot in enumerate(slots.tolist())
        ]
