"""What lists are made from, straight from the steps: what production reads from Redis, with nothing in between."""

from collections.abc import Sequence

import numpy as np

from shared.contracts.rank_views import TasteView
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, SCORE_DIGITS
from shared.core.items.items import Items
from shared.core.items.items_at_hand import ItemsAtHand
from shared.core.items.said import BySlot, SaidRows, SaidStats
from shared.core.items.tops import Tops
from shared.core.kernel import Floats, Ints
from shared.core.learning.learner import Learner
from shared.core.lists.list_maker import Top
from shared.core.tables.interning import Interner


class HeldItems:
    """As of now, each item from the partition that owns it; the caller says what has changed since it was read."""

    def __init__(self, partitions: Sequence[Items], learner: Learner, settings: Settings) -> None:
        self._partitions = partitions
        self._learner = learner
        self._at_hand = ItemsAtHand(len(partitions), settings.popularity.half_lives_ms)
        for number, items in enumerate(partitions):
            self._at_hand.hold(number, items)
        self._tops = Tops(settings)

    def rows(self, table: Interner, items: Ints, liked: Ints) -> tuple[list[SaidRows], list[SaidRows]]:
        """From each partition of those that it owns."""
        return self._at_hand.rows(table, items)[0], self._at_hand.likes(table, liked)[0]

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        """The same of numbers."""
        return self._at_hand.stats(table, items)[0]

    def tops(self) -> list[Top]:
        """The heaviest items of the whole catalogue, by half-life, by way of the tops step, unless there is but one
        partition: what it says alone comes out as it is.
        """
        if len(self._partitions) == 1:
            [alone] = self._partitions
            found = [(items, np.round(counts, SCORE_DIGITS)) for items, counts in alone.heaviest(ALL)]
            return [(BySlot(alone.items, items), counts, alone.ts) for items, counts in found]
        for partition in self._partitions:
            for record in partition.take_dirty_scopes(0):  # the whole catalogue's alone, if it changed
                self._tops.step(record.offset, record)
        return [(view.items, view.scores, view.ts) for view in self._tops.lists(ALL).values()]

    def weights(self) -> Floats:
        """The ranker's, as of now."""
        return self._learner.weights()

    def taste(self) -> TasteView | None:
        """The learner's, as of now."""
        return self._learner.taste.view()
