"""What lists are made from, read from Redis."""

from collections.abc import Callable, Sequence
from itertools import repeat

from services.verify.candidates_oracle import Top
from services.verify.ranking_oracle import Weights
from services.verify.shop import Decoded, Shop
from services.verify.taste_oracle import Tastes
from shared.contracts.rank_views import RowView, StatView, decode_ranker, decode_row, decode_stat, decode_taste
from shared.contracts.views import ALL


class StandingViews:
    """Tops, weights and vectors are read once, rows and numbers whenever they are asked for."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        names = shop.settings.popularity.half_lives_ms
        views = shop.lists([shop.keys.trending(ALL, name) for name in names])
        self._tops: list[Top] = [([], [], 0) if view is None else (view.items, view.scores, view.ts) for view in views]
        ranker, taste = keys = [shop.keys.ranker(), shop.keys.taste()]
        weights, tastes = shop.read(keys)
        ranks = shop.decoded(ranker, weights, decode_ranker)
        self._weights = None if ranks is None else ranks.matrix().tolist()
        self._tastes = Tastes(shop.decoded(taste, tastes, decode_taste))

    def rows(self, items: Sequence[str]) -> dict[str, RowView]:
        return self._decoded(items, self._shop.keys.row, decode_row)

    def stats(self, items: Sequence[str]) -> dict[str, StatView]:
        return self._decoded(items, self._shop.keys.stat, decode_stat)

    def _decoded(
        self, items: Sequence[str], key_of: Callable[[str], str], decode: Callable[[bytes], Decoded]
    ) -> dict[str, Decoded]:
        """What cannot be read is of no use to a worker either."""
        keys = [key_of(item) for item in items]
        views = map(self._shop.decoded, keys, self._shop.read(keys), repeat(decode))
        return {item: view for item, view in zip(items, views, strict=True) if view is not None}

    def tops(self) -> list[Top]:
        return self._tops

    def tastes(self) -> Tastes:
        return self._tastes

    def weights(self) -> Weights | None:
        return self._weights
