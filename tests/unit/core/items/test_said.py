"""What views say goes into columns; what is held by many at once is what is held by one at a time."""

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.rank_views import RowNumbers, RowView
from shared.core.items.said import said_by_rows, said_by_stats
from shared.core.lists.rank_cache import RankCache
from tests.unit.core.shops import LADDER, NAMES, Shop, put_row, put_stat, shops

BY_ITEM = ("log_count", "times", "category", "brand", "log_price", "row_due", "like_due", "stat_due")


def numbers(rows: list[RowView | None]) -> list[RowNumbers | None]:
    return [row.numbers() if row else None for row in rows]


def held(cache: RankCache, item: str) -> list[object]:
    """By names, whatever slots and rows they have."""
    slot = cache.items.slots[item]
    row, names = int(cache.row_of[slot]), cache.items.names
    n, liked = (0, 0) if row < 0 else (int(cache.lengths[row]), int(cache.alike_lengths[row]))
    return [
        [names[other] for other in cache.neighbours[row, :n].tolist()],
        cache.scores[row, :, :n].T.tolist(),
        [names[other] for other in cache.alike[row, :liked].tolist()],
        cache.likeness[row, 0, :liked].tolist(),
        *(repr(getattr(cache, name)[slot].tolist()) for name in BY_ITEM),
    ]


@given(st.lists(shops, min_size=1, max_size=3), st.sampled_from([2, 100]))
def test_many_at_once_are_held_as_one_at_a_time(states: list[Shop], width: int) -> None:
    one, many = (RankCache(1000, LADDER, width, width, 1000) for _ in range(2))
    for now, shop in enumerate(states):
        rows = [shop.row(item) if item in shop.rows or item in shop.alike else None for item in NAMES]
        stats = [shop.stats[item].view(item) if item in shop.stats else None for item in NAMES]
        for item, row, stat in zip(NAMES, rows, stats, strict=True):
            put_row(one, item, row, now)
            put_stat(one, item, stat, now)
        asked = many.slots(NAMES[::-1])
        slots = many.slots(NAMES)
        halves = [said_by_rows(slots[part], numbers(rows[part])) for part in (slice(5), slice(5, None))]
        many.put_rows(asked, [near for near, _ in halves], now)
        many.put_likes(asked, [like for _, like in halves], now)
        many.put_stats(asked, [said_by_stats(slots, stats, len(LADDER))], now)
        assert [held(many, item) for item in NAMES] == [held(one, item) for item in NAMES]
