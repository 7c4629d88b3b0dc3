"""Item views, the ranker's weights and items' vectors, read from Redis for whoever ranks; of items whose partition is
at hand, what views would say, straight from its state.
"""

from shared.adapters.redis_views import ViewStore
from shared.contracts.rank_views import TasteView, decode_ranker, decode_row_numbers, decode_stat, decode_taste
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, Keys, decode_view
from shared.core.items_at_hand import ItemsAtHand
from shared.core.kernel import Floats
from shared.core.list_maker import Top
from shared.core.said import SaidRows, SaidStats, said_by_rows, said_by_stats

BATCH = 500


class RankReader:
    """Blocking; :class:`Unavailable` when Redis does not answer."""

    def __init__(self, views: ViewStore, settings: Settings, at_hand: ItemsAtHand | None = None) -> None:
        self._views = views
        self._keys = Keys(settings)
        self._half_lives = list(settings.popularity.half_lives_ms)
        self._at_hand = at_hand or items_at_hand(settings)

    def rows(self, items: list[str]) -> list[SaidRows]:
        """The items' neighbours."""
        said, others = self._at_hand.rows(items)
        found = self._read([self._keys.row(item) for item in others])
        rows = [None if raw is None else decode_row_numbers(raw) for raw in found]
        return [*said, said_by_rows(others, rows)] if others else said

    def stats(self, items: list[str]) -> list[SaidStats]:
        """The items' numbers."""
        said, others = self._at_hand.stats(items)
        found = self._read([self._keys.stat(item) for item in others])
        views = [None if raw is None else decode_stat(raw) for raw in found]
        return [*said, said_by_stats(others, views, len(self._half_lives))] if others else said

    def tops(self) -> list[Top]:
        """The heaviest items at each half-life."""
        found = self._read([self._keys.trending(ALL, name) for name in self._half_lives])
        views = [None if raw is None else decode_view(raw) for raw in found]
        return [([], [], 0) if view is None else (view.items, view.scores, view.ts) for view in views]

    def weights(self) -> Floats | None:
        """What the ranker has learned, if anything."""
        [raw] = self._read([self._keys.ranker()])
        return None if raw is None else decode_ranker(raw).matrix().copy()

    def taste(self) -> TasteView | None:
        """The vectors of items, if there are any yet."""
        [raw] = self._read([self._keys.taste()])
        return None if raw is None else decode_taste(raw)

    def _read(self, keys: list[str]) -> list[bytes | None]:
        parts = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
        return [payload for part in parts for payload in self._views.read(part)]


def items_at_hand(settings: Settings) -> ItemsAtHand:
    """None yet, of as many partitions as there are."""
    return ItemsAtHand(settings.topics.items_partitions, settings.popularity.half_lives_ms)
