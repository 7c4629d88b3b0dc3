"""Item views, the ranker's weights and items' vectors, read from Redis for whoever ranks; of items whose partition is
at hand, what views would say, straight from its state.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from shared.adapters.redis_views import ViewStore
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.rank_views import TasteView, decode_ranker, decode_row_numbers, decode_stat, decode_taste
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, Keys, decode_view
from shared.core.items.items_at_hand import ItemsAtHand
from shared.core.items.said import SaidRows, SaidStats, said_by_rows, said_by_stats
from shared.core.kernel import Floats, Ints
from shared.core.lists.list_maker import Top
from shared.core.tables.interning import Interner

BATCH = 500
T = TypeVar("T")


class RankReader:
    """Blocking; :class:`Unavailable` when Redis does not answer, :class:`BadRecord` on what is no view."""

    def __init__(self, views: ViewStore, settings: Settings, at_hand: ItemsAtHand | None = None) -> None:
        self._views = views
        self._keys = Keys(settings)
        self._half_lives = list(settings.popularity.half_lives_ms)
        self._at_hand = at_hand or items_at_hand(settings)

    def rows(self, table: Interner, items: Ints, liked: Ints) -> tuple[list[SaidRows], list[SaidRows]]:
        """The items' neighbours, and what is like others. A view says both, whatever it is read for."""
        near, others = self._at_hand.rows(table, items)
        like, others_liked = self._at_hand.likes(table, liked)
        wanted = np.union1d(others, others_liked)
        if len(wanted):
            found = self._read([self._keys.row(item) for item in _named(table, wanted)], decode_row_numbers)
            said = said_by_rows(wanted, found)
            near, like = [*near, said[0]], [*like, said[1]]
        return near, like

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        """The items' numbers."""
        said, others = self._at_hand.stats(table, items)
        if not len(others):
            return said
        views = self._read([self._keys.stat(item) for item in _named(table, others)], decode_stat)
        return [*said, said_by_stats(others, views, len(self._half_lives))]

    def tops(self) -> list[Top]:
        """The heaviest items at each half-life."""
        found = self._read([self._keys.trending(ALL, name) for name in self._half_lives], _top)
        return [top or ([], [], 0) for top in found]

    def weights(self) -> Floats | None:
        """What the ranker has learned, if anything."""
        [view] = self._read([self._keys.ranker()], decode_ranker)
        return None if view is None else view.matrix().copy()

    def taste(self) -> TasteView | None:
        """The vectors of items, if there are any yet."""
        [view] = self._read([self._keys.taste()], decode_taste)
        return view

    def _read(self, keys: list[str], decode: Callable[[bytes], T | None]) -> list[T | None]:
        parts = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
        found = (payload for part in parts for payload in self._views.read(part))
        return [
            None if raw is None else _named_if_wrong(key, raw, decode) for key, raw in zip(keys, found, strict=True)
        ]


def _named_if_wrong(key: str, raw: bytes, decode: Callable[[bytes], T]) -> T:
    """As decoded; the error of a key that somebody else writes names it."""
    try:
        return decode(raw)
    except BadRecord as error:
        raise BadRecord(error.reason, f"Redis key {key}: {error.detail}", error.field) from error


def _top(raw: bytes) -> Top:
    try:
        view = decode_view(raw)
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a trending view: {error}") from error
    if len(view.items) != len(view.scores):
        raise BadRecord(WRONG_TYPE, f"a trending view of {len(view.items)} items and {len(view.scores)} scores")
    return view.items, view.scores, view.ts


def _named(table: Interner, slots: Ints) -> list[str]:
    return [table.names[slot] for slot in slots.tolist()]


def items_at_hand(settings: Settings) -> ItemsAtHand:
    """None yet, of as many partitions as there are."""
    return ItemsAtHand(settings.topics.items_partitions, settings.popularity.half_lives_ms)
