"""Small shops as whoever ranks sees them: the views of their items, and a cache that holds them."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from shared.contracts.rank_views import RowView, StatView, TasteView
from shared.core.arithmetic.digests import digests
from shared.core.items.said import said_by_rows, said_by_stats
from shared.core.kernel import Ints
from shared.core.lists.features import Situation
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.reach import FULL
from shared.core.lists.sources import OwnItems, Scratch, Users, gather
from shared.core.lists.taste_kernels import SIZE
from shared.core.tables.interning import order_key

HOUR = 3_600_000
START = 1_700_000_000_000
LADDER = (HOUR, 24 * HOUR, 720 * HOUR)
NAMES = [f"i{n}" for n in range(10)]
Said = tuple[float, float, float]
"""Together, next, quick."""


@dataclass(frozen=True)
class Stat:
    """An item's numbers; ``ts``, ``first`` and ``last`` are hours after START, ``first`` None if nobody met it."""

    counts: tuple[float, ...] = (1.0,) * len(LADDER)
    ts: float = 0.0
    first: float | None = None
    last: float = 0.0
    category: str = ""
    brand: str = ""
    log_price: float = float("nan")

    def view(self, item: str) -> StatView:
        met = self.first is not None
        return StatView(
            item,
            ms(self.ts),
            np.array(self.counts, dtype="<f4").tobytes(),
            ms(self.first or 0.0) if met else 0,
            ms(self.last) if met else 0,
            order_key(self.category) if self.category else 0,
            order_key(self.brand) if self.brand else 0,
            self.log_price,
        )


@dataclass(frozen=True)
class Shop:
    """Rows, likeness and numbers by item; ``tops`` of each half-life, heaviest first, as of START; who has a vector."""

    rows: dict[str, dict[str, Said]] = field(default_factory=dict)
    alike: dict[str, dict[str, float]] = field(default_factory=dict)
    stats: dict[str, Stat] = field(default_factory=dict)
    tops: list[dict[str, float]] = field(default_factory=lambda: [{}, {}, {}])
    vectors: dict[str, int] = field(default_factory=dict)

    def taste(self) -> TasteView:
        """Vectors of quarters, so that sums are exact, by a seed for each item."""
        drawn = [np.random.default_rng(seed).integers(-4, 5, 2 * SIZE + 1) / 4 for seed in self.vectors.values()]
        numbers = np.array(drawn).reshape(-1, 2 * SIZE + 1)
        inner, outer = numbers[:, :SIZE].astype("<f2"), numbers[:, SIZE:-1].astype("<f2")
        return TasteView(
            1, list(self.vectors), inner.tobytes(), outer.tobytes(), numbers[:, -1].astype("<f4").tobytes()
        )

    def row(self, item: str) -> RowView:
        neighbours, like = self.rows.get(item, {}), self.alike.get(item, {})
        scores = np.array(list(neighbours.values()), dtype="<f4").reshape(-1, 3)
        likeness = np.array(list(like.values()), dtype="<f4")
        keys = digests([*neighbours, *like]).astype("<u8").tobytes()
        return RowView(item, START, list(neighbours), scores.tobytes(), list(like), likeness.tobytes(), keys)

    def cache(self, width: int = 100) -> RankCache:
        """All of it held."""
        cache = RankCache(1000, LADDER, width, width, 1000)
        for item in sorted(self.rows.keys() | self.alike.keys()):
            put_row(cache, item, self.row(item), START)
        for item, stat in self.stats.items():
            put_stat(cache, item, stat.view(item), START)
        for column, top in enumerate(self.tops):
            cache.put_top(column, list(top), list(top.values()), START)
        cache.put_taste(self.taste(), START)
        return cache


@dataclass(frozen=True)
class Visitor:
    """``recent`` items, newest first; ``newest`` is hours after START, None without a history; ``own``: (item, times
    taken, hours after START of the last meeting), the oftenest first.
    """

    recent: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    newest: float | None = None
    visits: int = 0
    own: list[tuple[str, int, float]] = field(default_factory=list)


def ms(hours: float) -> int:
    return START + round(hours * HOUR)


def slot_of(cache: RankCache, item: str) -> int:
    return int(cache.slots([item])[0])


def put_row(cache: RankCache, item: str, view: RowView | None, now: int) -> None:
    slots = cache.slots([item])
    near, like = said_by_rows(slots, [view.numbers() if view else None])
    cache.put_rows(slots, [near], now)
    cache.put_likes(slots, [like], now)


def put_stat(cache: RankCache, item: str, view: StatView | None, now: int) -> None:
    slots = cache.slots([item])
    cache.put_stats(slots, [said_by_stats(slots, [view], len(LADDER))], now)


def names_of(cache: RankCache, slots: Ints) -> list[str]:
    return [cache.items.names[slot] for slot in slots.tolist()]


def users_in(cache: RankCache, visitors: list[Visitor], depth: int = 20) -> Users:
    recent = np.full((len(visitors), depth), -1, dtype=np.int32)
    for row, visitor in enumerate(visitors):
        recent[row, : len(visitor.recent)] = cache.slots(visitor.recent)
    excluded = [cache.slots(visitor.excluded) for visitor in visitors]
    return Users(
        recent,
        np.array([0 if v.newest is None else ms(v.newest) for v in visitors], dtype=np.int64),
        np.array([v.visits for v in visitors], dtype=np.int32),
        np.concatenate([*excluded, np.empty(0, dtype=np.int32)]).astype(np.int32),
        np.cumsum([0, *map(len, excluded)]).astype(np.int32),
        own_in(cache, visitors),
    )


def own_in(cache: RankCache, visitors: list[Visitor]) -> OwnItems:
    every = [one for visitor in visitors for one in visitor.own]
    return OwnItems(
        cache.slots([item for item, _, _ in every]),
        np.array([times for _, times, _ in every], dtype=np.int32),
        np.array([ms(last) for _, _, last in every], dtype=np.int64),
        np.cumsum([0, *(len(visitor.own) for visitor in visitors)]).astype(np.int32),
    )


names = st.sampled_from(NAMES)
parts = st.sampled_from([0.0, 0.25, 0.5, 1.0])
hours = st.integers(-100, 0).map(float)
stats = st.builds(
    Stat,
    counts=st.tuples(*[st.sampled_from([0.0, 0.5, 1.0, 8.0])] * len(LADDER)),
    ts=hours,
    first=st.none() | hours,
    last=st.integers(0, 5).map(float),
    category=st.sampled_from(["", "hats", "boats"]),
    brand=st.sampled_from(["", "acme"]),
    log_price=st.sampled_from([float("nan"), 0.0, 1.0, 1.5]),
)
tops = st.dictionaries(names, st.sampled_from([1.0, 2.0, 4.0]), min_size=1, max_size=6).map(
    lambda top: dict(sorted(top.items(), key=lambda entry: (-entry[1], order_key(entry[0]))))
)
shops = st.builds(
    Shop,
    rows=st.dictionaries(names, st.dictionaries(names, st.tuples(parts, parts, parts), max_size=6), max_size=8),
    alike=st.dictionaries(names, st.dictionaries(names, parts, max_size=4), max_size=8),
    stats=st.dictionaries(names, stats, max_size=10),
    tops=st.lists(tops, min_size=len(LADDER), max_size=len(LADDER)),
    vectors=st.dictionaries(names, st.integers(0, 99), max_size=8),
)
own = st.dictionaries(names, st.tuples(st.integers(0, 4), hours), max_size=6).map(
    lambda held: [(item, *rest) for item, rest in sorted(held.items(), key=lambda entry: (-entry[1][0], entry[0]))]
)
visitors = st.builds(
    Visitor,
    recent=st.lists(names, max_size=8, unique=True),
    excluded=st.lists(names, max_size=5, unique=True),
    newest=st.none() | hours,
    visits=st.integers(0, 40),
    own=own,
)


def situation_of(cache: RankCache, crowd: list[Visitor]) -> Situation:
    """Who asks, an hour after START, and all of their candidates."""
    users = users_in(cache, crowd)
    found = gather(users, cache, Scratch(), FULL)
    return Situation(users, found, np.full(len(crowd), ms(1), dtype=np.int64), cache, FULL)
