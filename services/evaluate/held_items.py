"""The items step's views straight from the step: what production reads from Redis, with nothing in between."""

from shared.contracts.rank_views import RowView, StatView
from shared.contracts.settings import Settings
from shared.contracts.views import ALL
from shared.core.item_views import ItemViews
from shared.core.items import Items
from shared.core.kernel import Floats
from shared.core.learner import Learner
from shared.core.list_maker import Top


class HeldItems:
    """As of now; the caller says what has changed since it was read."""

    def __init__(self, items: Items, learner: Learner, settings: Settings) -> None:
        self._items = items
        self._learner = learner
        self._half_lives = settings.popularity.half_lives_ms
        self._most = settings.popularity.published

    def _views(self) -> ItemViews:
        return ItemViews(self._items, 1, self._half_lives)

    def rows(self, items: list[str]) -> list[RowView | None]:
        """In the order asked."""
        _, views = self._views().rows(items)
        found = {view.item: view for view in views}
        return [found.get(item) for item in items]

    def stats(self, items: list[str]) -> list[StatView | None]:
        """In the order asked."""
        found = {view.item: view for view in self._views().stats(items)}
        return [found.get(item) for item in items]

    def tops(self) -> list[Top]:
        """The heaviest items of the whole catalogue, by half-life."""
        items = self._items
        members, names = items.scopes.members(ALL), items.items.names
        found: list[Top] = []
        for column in range(len(self._half_lives)):
            best, counts = items.counters.heaviest(members, column, items.ts, items.items.keys, self._most)
            found.append(([names[item] for item in best.tolist()], counts.tolist(), items.ts))
        return found

    def weights(self) -> Floats:
        """The ranker's, as of now."""
        return self._learner.weights()
