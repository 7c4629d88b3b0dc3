"""Item views, the ranker's weights and items' vectors, read from Redis for whoever ranks; of items whose partition is
at hand, what views would say, straight from its state.
"""

import numpy as np

from shared.adapters.redis_views import ViewStore
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.rank_views import TasteView, decode_ranker, decode_row_numbers, decode_stat, decode_taste
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, Keys, decode_view
from shared.core.interning import Interner
from shared.core.items_at_hand import ItemsAtHand
from shared.core.kernel import Floats, Ints
from shared.core.list_maker import Top
from shared.core.said import SaidRows, SaidStats, said_by_rows, said_by_stats

BATCH = 500


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
            found = self._read([self._keys.row(item) for item in _named(table, wanted)])
            said = said_by_rows(wanted, [None if raw is None else decode_row_numbers(raw) for raw in found])
            near, like = [*near, said[0]], [*like, said[1]]
        return near, like

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        """The items' numbers."""
        said, others = self._at_hand.stats(table, items)
        if not len(others):
            return said
        found = self._read([self._keys.stat(item) for item in _named(table, others)])
        views = [None if raw is None else decode_stat(raw) for raw in found]
        return [*said, said_by_stats(others, views, len(self._half_lives))]

    def tops(self) -> list[Top]:
        """The heaviest items at each half-life."""
        found = self._read([self._keys.trending(ALL, name) for name in self._half_lives])
        return [([], [], 0) if raw is None else _top(raw) for raw in found]

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
