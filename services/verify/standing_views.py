"""What lists are made from, read from Redis."""

from collections.abc import Sequence

from services.verify.candidates_oracle import Top
from services.verify.ranking_oracle import Weights
from services.verify.shop import Shop
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
        [raw] = shop.read([shop.keys.ranker()])
        self._weights = None if raw is None else decode_ranker(raw).matrix().tolist()
        [raw] = shop.read([shop.keys.taste()])
        self._tastes = Tastes(None if raw is None else decode_taste(raw))

    def rows(self, items: Sequence[str]) -> dict[str, RowView]:
        payloads = self._shop.read([self._shop.keys.row(item) for item in items])
        return {item: decode_row(raw) for item, raw in zip(items, payloads, strict=True) if raw is not None}

    def stats(self, items: Sequence[str]) -> dict[str, StatView]:
        payloads = self._shop.read([self._shop.keys.stat(item) for item in items])
        return {item: decode_stat(raw) for item, raw in zip(items, payloads, strict=True) if raw is not None}

    def tops(self) -> list[Top]:
        return self._tops

    def tastes(self) -> Tastes:
        return self._tastes

    def weights(self) -> Weights | None:
        return self._weights
