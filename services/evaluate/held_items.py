"""What lists are made from, straight from the steps: what production reads from Redis, with nothing in between."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.contracts.rank_views import RowView, StatView, TasteView
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.views import ALL
from shared.core.item_views import ItemViews
from shared.core.items import Items
from shared.core.kernel import Floats
from shared.core.learner import Learner
from shared.core.list_maker import Top
from shared.core.tops import Tops

V = TypeVar("V", RowView, StatView)


class HeldItems:
    """As of now, each item from the partition that owns it; the caller says what has changed since it was read."""

    def __init__(self, partitions: Sequence[Items], learner: Learner, settings: Settings) -> None:
        self._partitions = partitions
        self._learner = learner
        self._half_lives = settings.popularity.half_lives_ms
        self._tops = Tops(settings)

    def rows(self, items: list[str]) -> list[RowView | None]:
        """In the order asked."""
        return self._owned(items, lambda views, mine: views.rows(mine)[1])

    def stats(self, items: list[str]) -> list[StatView | None]:
        """In the order asked."""
        return self._owned(items, lambda views, mine: views.stats(mine))

    def _owned(self, items: list[str], made: Callable[[ItemViews, list[str]], list[V]]) -> list[V | None]:
        found: dict[str, V] = {}
        for number, partition in enumerate(self._partitions):
            mine = [item for item in items if partition_of(item, len(self._partitions)) == number]
            if mine:
                found |= {view.item: view for view in made(ItemViews(partition, 1, self._half_lives), mine)}
        return [found.get(item) for item in items]

    def tops(self) -> list[Top]:
        """The heaviest items of the whole catalogue, by half-life, by way of the tops step."""
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
