"""Views as the write path leaves them, for readers to read: lists of three kinds of users, what trends, item views."""

from collections.abc import Iterator

import numpy as np

from benchmarks.workload import item_name
from shared.adapters.redis_views import ViewStore
from shared.contracts.rank_views import RowView, StatView, encode_rank_view
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, VIEW_VERSION, ItemView, Keys, View, at, encode_view
from shared.core.arithmetic.digests import digests

PASSTHROUGH, FUSED, RERANKED, UNKNOWN = "passthrough", "fused", "reranked", "unknown"
LENGTH, SEEN, RECENT, NEIGHBOURS, TOP, HIDDEN = 50, 40, 20, 100, 200, 30
WHY = ("together", "next", "quick", "alike")
SEED = 5
LIVE_S = 3600
VERSION = at(1, 1)
Told = tuple[str, bytes]
"""A view by its key."""


def user_name(kind: str, number: int) -> str:
    return f"{kind}-{number:06d}"


class ReaderViews:
    """``now``: event time of what trends, ms. Lists of PASSTHROUGH are seconds old, the others ten minutes; those of
    FUSED have no ``recent`` items to be ranked anew from, as if there were no time for it. Of UNKNOWN users there are
    none.
    """

    def __init__(self, settings: Settings, items: int, now: int) -> None:
        self._settings, self._keys = settings, Keys(settings)
        self._items = [item_name(n) for n in range(items)]
        self._now = now
        self._chance = np.random.default_rng(SEED)

    def fill(self, users: dict[str, int]) -> None:
        """So many users of each kind."""
        store = ViewStore(self._settings)
        known = [(kind, number) for kind, count in users.items() if kind != UNKNOWN for number in range(count)]
        lists = (self._list(kind, number) for kind, number in known)
        for views in (self._shared(), self._catalogue(), self._of_items(), lists):
            keys, payloads = zip(*views, strict=True)
            store.write(keys, payloads, LIVE_S)
        store.set_members(self._keys.unavailable(), VERSION, self._some(HIDDEN), [])
        store.close()

    def _some(self, count: int) -> list[str]:
        return [self._items[n] for n in self._chance.choice(len(self._items), count, replace=False)]

    def _list(self, kind: str, number: int) -> Told:
        items, user = self._some(LENGTH), user_name(kind, number)
        scores = np.round(np.sort(self._chance.random(LENGTH) * 9)[::-1], 6).tolist()
        why = [WHY[n] for n in self._chance.integers(len(WHY), size=LENGTH)]
        age = int(self._chance.integers(1, 30_000)) if kind == PASSTHROUGH else 600_000
        recent = [] if kind == FUSED else self._some(RECENT)
        view = View(VIEW_VERSION, VERSION, self._now - age, "personal", "ranked-1", items, scores, why, user)
        view.seen, view.recent, view.visits = self._some(SEEN), recent, SEEN
        return self._keys.rec(user), encode_view(view)

    def _shared(self) -> Iterator[Told]:
        names = [None, *self._settings.popularity.half_lives_ms]
        keys = [self._keys.trending(ALL, name) for name in names] + [self._keys.popular(ALL)]
        for key in keys:
            scores = [float(TOP - n) for n in range(TOP)]
            view = View(VIEW_VERSION, VERSION, self._now, "trending", "decayed", self._some(TOP), scores, scope=ALL)
            yield key, encode_view(view)

    def _catalogue(self) -> Iterator[Told]:
        """What a shop says of its items; 40 categories, 300 brands."""
        for n, item in enumerate(self._items):
            price = round(1.0 + n % 500 / 7, 2)
            shown = ItemView(
                VIEW_VERSION, VERSION, item, f"Item {n}", [f"category-{n % 40}"], f"brand-{n % 300}", price
            )
            yield self._keys.item(item), encode_view(shown)

    def _of_items(self) -> Iterator[Told]:
        half_lives = len(self._settings.popularity.half_lives_ms)
        for item in self._items:
            scores = self._chance.random((NEIGHBOURS, 3), dtype=np.float32)
            others = self._some(NEIGHBOURS)
            row = RowView(item, self._now, others, scores.tobytes(), [], b"", digests(others).tobytes())
            counts = self._chance.random(half_lives, dtype=np.float32)
            stat = StatView(item, self._now, counts.tobytes(), self._now - 10**9, self._now, 0, 0, 2.5)
            yield self._keys.row(item), encode_rank_view(VERSION, row)
            yield self._keys.stat(item), encode_rank_view(VERSION, stat)
