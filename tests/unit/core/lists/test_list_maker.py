"""Lists from what is held, and what is read where that is too old."""

import numpy as np
import pytest

from shared.contracts.rank_views import TasteView
from shared.contracts.settings import load_settings
from shared.core.items.content import ALIKE
from shared.core.items.said import SaidRows, SaidStats, said_by_rows, said_by_stats
from shared.core.kernel import Floats, Ints
from shared.core.lists.features import SEGMENTS, feature_count
from shared.core.lists.list_maker import AT_ONCE, TASTE_TTL_MS, ListMaker, Top, rank_cache
from shared.core.lists.ranking import RankedLists
from shared.core.tables.interning import Interner, order_key
from tests.unit.core.shops import LADDER, START, Shop, Stat, Visitor, ms, names_of, users_in

TTL = 1000
WIDTH = feature_count(len(LADDER))


class Source:
    """A shop's views; ``asked``: for what, since it was last looked at."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.learned: Floats | None = None
        self.vectors: TasteView | None = None
        self._asked: list[str] = []

    @property
    def asked(self) -> list[str]:
        asked, self._asked = sorted(self._asked), []
        return asked

    def rows(self, table: Interner, items: Ints, liked: Ints) -> tuple[list[SaidRows], list[SaidRows]]:
        names, wanted = ([table.names[slot] for slot in slots.tolist()] for slots in (items, liked))
        self._asked += [f"row {item}" for item in names] + [f"like {item}" for item in wanted]
        rows = [self.shop.row(item).numbers() if item in self.shop.rows else None for item in names]
        likes = [self.shop.row(item).numbers() if item in self.shop.alike else None for item in wanted]
        return [said_by_rows(items, rows)[0]], [said_by_rows(liked, likes)[1]]

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        names = [table.names[slot] for slot in items.tolist()]
        self._asked += [f"stat {item}" for item in names]
        stats = self.shop.stats
        return [said_by_stats(items, [stats[i].view(i) if i in stats else None for i in names], len(LADDER))]

    def tops(self) -> list[Top]:
        self._asked.append("tops")
        return [(list(top), list(top.values()), START) for top in self.shop.tops]

    def weights(self) -> Floats | None:
        return self.learned

    def taste(self) -> TasteView | None:
        self._asked.append("taste")
        return self.vectors


SHOP = Shop(
    rows={"a": {"b": (1.0, 0.0, 0.0), "c": (0.5, 0.0, 0.0)}},
    stats={"b": Stat(first=0.0), "c": Stat(first=0.0)},
    tops=[{"x": 2.0}, {"x": 2.0}, {"x": 2.0}],
)


class Shown:
    """A list maker, and the time that it is."""

    def __init__(self, shop: Shop = SHOP, profile: str = "full") -> None:
        self.now = self.aged = 0
        self.source = Source(shop)
        half_lives = {"1h": LADDER[0], "1d": LADDER[1], "30d": LADDER[2]}
        rules = {"trending": "1h", "popular": "30d", "half_lives_ms": half_lives}
        settings = load_settings(popularity=rules, lists={"neighbour_cache_ttl_ms": TTL, "profile": profile})
        self.maker = ListMaker(settings, self.source, lambda: self.now, aging=lambda: self.aged)

    def lists(self, *visitors: Visitor, length: int = 10) -> RankedLists:
        users = users_in(self.maker.cache, list(visitors))
        return self.maker.lists(users, np.full(len(visitors), ms(1), dtype=np.int64), length)

    def list(self, visitor: Visitor, length: int = 10) -> list[str]:
        lists = self.lists(visitor, length=length)
        return names_of(self.maker.cache, lists.items[0, : lists.lengths[0]])


def test_everything_that_a_list_needs_is_read_once_until_it_is_too_old() -> None:
    shown, everything = Shown(), ["like a", "row a", "stat a", "stat b", "stat c", "stat x", "taste", "tops"]
    assert shown.list(Visitor(["a"], ["a"])) == ["b", "c", "x"]
    assert shown.source.asked == everything
    shown.now = TTL
    shown.list(Visitor(["a"], ["a"]))
    assert shown.source.asked == []
    shown.now = shown.aged = TTL + 1
    shown.list(Visitor(["a"], ["a"]))
    assert shown.source.asked == [asked for asked in everything if asked != "taste"]
    shown.now = shown.aged = TASTE_TTL_MS + 1
    shown.list(Visitor(["a"], ["a"]))
    assert shown.source.asked == everything


def test_likeness_may_age_by_a_clock_of_its_own() -> None:
    shown = Shown()
    shown.list(Visitor(["a"]))
    assert "like a" in shown.source.asked
    shown.aged = TTL + 1
    shown.list(Visitor(["a"]))
    assert shown.source.asked == ["like a"]


def test_users_of_one_call_share_what_is_read() -> None:
    shown = Shown()
    shown.lists(Visitor(["a"]), Visitor(["a", "b"]), Visitor())
    twice = [f"{what} {item}" for what in ("like", "row", "stat") for item in "ab"]
    assert shown.source.asked == sorted([*twice, "stat c", "stat x", "taste", "tops"])


def test_fast_lists_know_no_likeness_and_read_no_rows_beyond_the_newest_five() -> None:
    shop = Shop(rows={"a": {"b": (1.0, 0.0, 0.0)}}, alike={"a": {"l": 1.0}}, tops=[{}, {"x": 1.0}, {"y": 1.0}])
    long = ["a", *(f"old{n}" for n in range(15))]
    assert sorted(Shown(shop).list(Visitor(long))) == ["b", "l", "x", "y"]
    fast = Shown(shop, "fast")
    assert fast.list(Visitor(long)) == ["b", "x"]
    assert fast.source.asked == sorted(["row a", *(f"row old{n}" for n in range(4)), "stat b", "stat x", "tops"])


def test_what_is_like_items_is_read_of_the_newest_three_alone() -> None:
    shown = Shown(Shop(alike={name: {f"like-{name}": 1.0} for name in "abcd"}))
    assert sorted(shown.list(Visitor(list("abcd")))) == ["like-a", "like-b", "like-c"]
    asked = shown.source.asked
    assert [what for what in asked if "like " in what] == ["like a", "like b", "like c"]
    assert [what for what in asked if "row" in what] == ["row a", "row b", "row c", "row d"]
    shown.list(Visitor(list("dabc")))
    assert shown.source.asked == ["like d", "stat like-d"]


def test_what_was_forgotten_is_read_again_and_gives_the_same() -> None:
    shown = Shown()
    before = shown.list(Visitor(["a"], ["a"]))
    shown.maker.forget()
    assert len(shown.maker.cache.items) == 0
    assert shown.list(Visitor(["a"], ["a"])) == before
    assert shown.source.asked.count("row a") == 2


def test_what_the_ranker_has_learned_ranks_from_the_next_reading_on() -> None:
    shown = Shown()
    assert shown.list(Visitor(["a"], ["a"])) == ["b", "c", "x"]
    shown.source.learned = np.zeros((SEGMENTS, WIDTH))
    shown.source.learned[0, :3] = -1.0
    assert shown.list(Visitor(["a"], ["a"])) == ["b", "c", "x"]
    shown.now = TTL + 1
    assert shown.list(Visitor(["a"], ["a"])) == ["x", "c", "b"]


@pytest.mark.parametrize("shape", [(SEGMENTS, WIDTH + 1), (SEGMENTS - 1, WIDTH)])
def test_weights_of_another_ranker_are_left_alone(shape: tuple[int, int]) -> None:
    shown = Shown()
    shown.source.learned = np.full(shape, -1.0)
    assert shown.list(Visitor(["a"], ["a"])) == ["b", "c", "x"]


def test_popular_items_are_told_by_half_life() -> None:
    shown = Shown(Shop(tops=[{"x": 2.0, "y": 1.0}, {}, {"z": 1.0}]))
    assert shown.maker.popular(0, 20).tolist() == []
    shown.list(Visitor())
    told = [shown.maker.popular(column, 20).tolist() for column in range(3)]
    assert told == [[order_key("x"), order_key("y")], [], [order_key("z")]]
    assert shown.maker.popular(0, 1).tolist() == [order_key("x")]


def test_a_cache_is_of_the_sizes_that_views_have() -> None:
    settings = load_settings(cooccurrence={"neighbours": 7}, lists={"neighbour_cache_items": 300})
    cache = rank_cache(settings)
    assert (cache.neighbours.shape[1], cache.alike.shape[1], cache.items.bound) == (7, ALIKE, 300)
    assert cache.half_lives.tolist() == list(settings.popularity.half_lives_ms.values())


def test_many_at_once_get_what_each_gets_alone() -> None:
    """More than are ranked together, some with more candidates than others."""
    names = [f"i{n}" for n in range(40)]
    rows = {
        name: {other: (1.0 + n, 0.5, 0.1 * n) for n, other in enumerate(names[k % 7 :: 3])}
        for k, name in enumerate(names)
    }
    shop = Shop(rows=rows, stats={name: Stat(first=0.0) for name in names}, tops=SHOP.tops)
    crowd = [Visitor(names[n % 40 : n % 40 + n % 5], names[n % 11 : n % 13]) for n in range(2 * AT_ONCE + 3)]
    shown, alone = Shown(shop), Shown(shop)
    lists = shown.lists(*crowd, length=20)
    for row, visitor in enumerate(crowd):
        one = alone.lists(visitor, length=20)
        size = int(one.lengths[0])
        assert lists.lengths[row] == size
        mine, theirs = lists.items[row, :size], one.items[0, :size]
        assert names_of(shown.maker.cache, mine) == names_of(alone.maker.cache, theirs)
        assert lists.scores[row, :size].tolist() == one.scores[0, :size].tolist()
        assert lists.why[row, :size].tolist() == one.why[0, :size].tolist()


def test_nobody_gets_no_lists() -> None:
    assert Shown().lists().items.shape == (0, 10)
