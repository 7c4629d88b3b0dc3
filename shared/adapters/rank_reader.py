"""Item views, the ranker's weights and items' vectors, read from Redis for whoever ranks."""

from shared.adapters.redis_views import ViewStore
from shared.contracts.rank_views import TasteView, decode_ranker, decode_row_numbers, decode_stat, decode_taste
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, Keys, decode_view
from shared.core.kernel import Floats
from shared.core.list_maker import Top
from shared.core.said import SaidRows, SaidStats, said_by_rows, said_by_stats

BATCH = 500


class RankReader:
    """Blocking; :class:`Unavailable` when Redis does not answer."""

    def __init__(self, views: ViewStore, settings: Settings) -> None:
        self._views = views
        self._keys = Keys(settings)
        self._half_lives = list(settings.popularity.half_lives_ms)

    def rows(self, items: list[str]) -> list[SaidRows]:
        """The items' neighbours."""
        found = self._read([self._keys.row(item) for item in items])
        return [said_by_rows(items, [None if raw is None else decode_row_numbers(raw) for raw in found])]

    def stats(self, items: list[str]) -> list[SaidStats]:
        """The items' numbers."""
        found = self._read([self._keys.stat(item) for item in items])
        views = [None if raw is None else decode_stat(raw) for raw in found]
        return [said_by_stats(items, views, len(self._half_lives))]

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
