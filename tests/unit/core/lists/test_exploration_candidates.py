"""What stands ready beside a list: candidates that it has no room for, those with few events sooner."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.arithmetic.draws import drawn, draws
from shared.core.lists.exploration_candidates import doubled_for, draw_of, shortest_wait
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.ranking import RankedLists, ranked
from shared.core.tables.interning import order_key
from tests.unit.core.lists.test_ranking import weights_of
from tests.unit.core.shops import Shop, Stat, Visitor, names_of, shops, situation_of, visitors


def lists_of(
    cache: RankCache, crowd: list[Visitor], length: int, most: int, offset: int = 7, names: tuple[str, ...] = ()
) -> RankedLists:
    users = np.array([order_key(name) for name in names or map(str, range(len(crowd)))], dtype=np.uint64)
    return ranked(situation_of(cache, crowd), weights_of(3), length, draw_of(users, offset, most))


def explored(cache: RankCache, lists: RankedLists, user: int = 0) -> list[str]:
    row = lists.explore[user]
    return names_of(cache, row[row >= 0])


@settings(max_examples=40)
@given(shops, st.lists(visitors, min_size=1, max_size=3), st.integers(1, 12), st.integers(1, 5))
def test_they_are_the_candidates_that_are_neither_listed_nor_ones_own(
    shop: Shop, crowd: list[Visitor], length: int, most: int
) -> None:
    cache = shop.cache()
    lists, all_of_them = lists_of(cache, crowd, length, most), lists_of(cache, crowd, 10_000, most)
    for user, visitor in enumerate(crowd):
        listed = names_of(cache, lists.items[user, : lists.lengths[user]])
        candidates = names_of(cache, all_of_them.items[user, : all_of_them.lengths[user]])
        free = [item for item in candidates[len(listed) :] if item not in {own for own, _, _ in visitor.own}]
        drawn_ones = explored(cache, lists, user)
        assert listed == candidates[: len(listed)]
        assert len(drawn_ones) == len(set(drawn_ones)) == min(most, len(free))
        assert set(drawn_ones) <= set(free)
        assert not set(drawn_ones) & set(visitor.excluded)
        assert explored(cache, all_of_them, user) == []


def crowded() -> Shop:
    """Thirty popular items, as many that nobody has met, all of them candidates."""
    known, unknown = [f"k{n}" for n in range(30)], [f"u{n}" for n in range(30)]
    said = Stat(counts=(1e9,) * 3, first=0.0)
    return Shop(
        alike={"a": dict.fromkeys(unknown, 0.5)},
        stats=dict.fromkeys(known, said),
        tops=[dict.fromkeys(known, 1000.0), {}, {}],
    )


def test_those_that_no_event_has_named_come_first() -> None:
    cache = crowded().cache()
    for offset in range(20):
        lists = lists_of(cache, [Visitor(["a"])], 10, 10, offset)
        assert all(item.startswith("u") for item in explored(cache, lists))


def test_another_user_and_another_record_draw_others_the_same_draw_the_same() -> None:
    cache, crowd = crowded().cache(), [Visitor(["a"]), Visitor(["a"])]
    lists = lists_of(cache, crowd, 10, 10, names=("ann", "bob"))
    ann, bob = (explored(cache, lists, user) for user in (0, 1))
    assert explored(cache, lists_of(cache, crowd[:1], 10, 10, names=("bob",))) == bob
    assert ann != bob
    assert explored(cache, lists_of(cache, crowd[:1], 10, 10, offset=8, names=("ann",))) != ann


def test_without_a_draw_or_room_for_any_nothing_stands_ready() -> None:
    cache = crowded().cache()
    assert lists_of(cache, [Visitor(["a"])], 10, 0).explore.shape == (1, 0)
    assert ranked(situation_of(cache, [Visitor(["a"])]), weights_of(3), 10).explore.shape == (1, 0)


def test_equals_are_drawn_evenly() -> None:
    cache = Shop(tops=[{f"t{n}": 1.0 for n in range(20)}, {}, {}]).cache()
    crowd, counted = [Visitor()] * 500, Counter[str]()
    for offset in range(4):
        lists = lists_of(cache, crowd, 5, 1, offset)
        for user in range(len(crowd)):
            counted.update(explored(cache, lists, user))
    assert len(counted) == 15
    expected = 2000 / 15
    assert all(abs(count - expected) < 5 * expected**0.5 for count in counted.values())


@pytest.mark.parametrize(("log_count", "doublings"), [(-30.0, 0), (-0.5, 0), (0.0, 1), (0.99, 1), (1.0, 2), (99.0, 40)])
def test_a_wait_doubles_with_the_count(log_count: float, doublings: int) -> None:
    shortest = shortest_wait(np.uint64(5), np.uint64(2**63 + 9))
    assert 0.0 < shortest < 1.0
    assert doubled_for(shortest, log_count) == shortest * 2**doublings


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 2))
def test_one_draw_is_that_of_many(source: int, row: int) -> None:
    [of_many] = draws(source, np.array([row], dtype=np.int64))
    assert drawn(np.uint64(source), np.uint64(row)) == of_many
