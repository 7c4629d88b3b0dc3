"""What is bought beside what the user has: who it is paired with, and where it is counted."""

import numpy as np
import pytest

from shared.contracts.errors import SettingsError
from shared.contracts.event_types import default_event_types
from shared.contracts.sections import ProfileSettings
from shared.contracts.settings import load_settings
from shared.core.items import item_segments
from shared.core.items.cooccurrence import NO_ROW, NeighbourRows
from shared.core.items.pairs import pairs_of
from shared.core.profiles.bought import Settled, settle
from shared.core.profiles.having import OWNED, REFUSED
from shared.core.profiles.profile_state import ProfileState
from shared.core.tables.interning import Interner
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.core.pairs import listed
from tests.unit.core.way import Way


def settled(*events: tuple[int, int, int, float], most: int = 10) -> list[tuple[int, int, float, int, int]]:
    """Pairs (row, other, weight, gap, time) of one user's events: item, how, time, weight; of weight 0: not bought."""
    state, users = ProfileState(ProfileSettings()), np.zeros(len(events), dtype=np.int32)
    items, how = (np.array([event[column] for event in events], dtype=np.int32) for column in (0, 1))
    times, weights = np.array([event[2] for event in events]), np.array([event[3] for event in events])
    made = settle(state, Settled(users, items, times, weights, how, weights > 0), most)
    slots = np.arange(10, dtype=np.int32)
    return listed(pairs_of(made, slots, slots >= 0, 1))


def others(pairs: list[tuple[int, int, float, int, int]], item: int) -> list[int]:
    return [other for row, other, *_ in pairs if row == item]


def test_the_newest_taken_stand_nearest_and_what_is_refused_is_none() -> None:
    of = [(1, OWNED, 10, 0.0), (2, REFUSED, 20, 0.0), (3, OWNED, 30, 0.0), (4, OWNED, 40, 0.0), (9, OWNED, 50, 1.0)]
    assert others(settled(*of), 9) == [4, 3, 1]
    assert others(settled(*of, most=2), 9) == [4, 3]


def test_what_comes_again_is_paired_with_what_came_since() -> None:
    of = [(1, OWNED, 10, 0.0), (2, OWNED, 20, 0.0), (3, OWNED, 30, 0.0)]
    assert others(settled(*of, (2, OWNED, 40, 1.0)), 2) == [3]
    assert settled(*of, (3, OWNED, 40, 1.0)) == []


def test_pairs_go_both_ways_and_are_of_the_later_of_the_two() -> None:
    assert settled((1, OWNED, 90, 0.0), (2, OWNED, 95, 0.0), (7, OWNED, 92, 3.0)) == [
        (7, 2, 3.0, -1, 95), (2, 7, 3.0, -1, 95),
        (7, 1, 3.0, -2, 92), (1, 7, 3.0, -2, 92),
    ]  # fmt: skip


def bought(way: Way, item: str) -> list[str]:
    """Said by ``sim:``."""
    views = [view for step in way.items for view in way.said(step, step.items.find([item]))[0] if step._owns(item)]
    return [other for view in views for other, _ in view.bought]


def kind(user: str, item: str, at: float, kind: str = "purchase") -> Row:
    return Row(user, item, at=at, kind=kind)


def test_purchases_are_paired_apart_from_views() -> None:
    way = Way()
    way.pass_on([kind("u", "tea", 1), kind("u", "hat", 2, "view"), kind("u", "cup", 3)])
    assert bought(way, "tea") == ["cup"]
    assert bought(way, "cup") == ["tea"]
    assert bought(way, "hat") == []
    assert {"cup", "hat"} <= way.neighbours("tea").keys()


def test_views_and_what_only_counts_as_owned_pair_nothing() -> None:
    way = Way()
    rows = [kind("u", "tea", 1), kind("u", "cup", 2, "view"), kind("u", "pot", 3, "rating")]
    effects = way.profiles.step(0, frame_of(rows))
    assert [delta.bought for _, delta in effects.deltas] == [0] * len(effects.deltas)


def test_more_of_the_same_users_stand_first_and_few_are_kept() -> None:
    way = Way(cooccurrence={"bought_neighbours": 2})
    for n in range(3):
        way.pass_on([kind(f"u{n}", "tea", n), kind(f"u{n}", "cup", n + 10)])
    way.pass_on([kind("v", "tea", 20), kind("v", "pot", 21), kind("v", "jar", 22)])
    found = bought(way, "tea")
    assert found[0] == "cup"
    assert len(found) == 2


def test_who_is_beyond_the_cap_teaches_nothing() -> None:
    way = Way(profiles={"max_events_per_minute": 1})
    way.pass_on([kind("u", "tea", 1), kind("u", "cup", 1.5)])
    assert bought(way, "tea") == []


def test_which_types_count_is_set() -> None:
    way = Way(cooccurrence={"bought": ["rating"]})
    way.pass_on([kind("u", "tea", 1, "rating"), kind("u", "cup", 2, "rating"), kind("u", "pot", 3)])
    assert bought(way, "tea") == ["cup"]
    none = Way(cooccurrence={"bought": []})
    none.pass_on([kind("u", "tea", 1), kind("u", "cup", 2)])
    assert bought(none, "tea") == []


def test_a_type_that_is_not_owned_is_not_bought() -> None:
    with pytest.raises(SettingsError, match=r"'cart' of cooccurrence\.bought has meaning interest"):
        load_settings(cooccurrence={"bought": ["cart"]})
    few = {"view": default_event_types()["view"]}
    assert load_settings(events={"types": few}).cooccurrence.bought == ["purchase"]


def test_what_is_bought_goes_on_from_a_saved_state() -> None:
    way = Way()
    way.pass_on([kind("u", "tea", 1), kind("u", "cup", 2), kind("u", "pot", 3)])
    before = {item: bought(way, item) for item in ("tea", "cup", "pot")}
    way.items = [item_segments.restore(way.settings, n, item_segments.take(step)) for n, step in enumerate(way.items)]
    assert {item: bought(way, item) for item in before} == before
    assert sorted(before["tea"]) == ["cup", "pot"]
    way.pass_on([kind("v", "tea", 4), kind("v", "jar", 5)])
    assert sorted(bought(way, "tea")) == ["cup", "jar", "pot"]


def mentioned(table: NeighbourRows, items: Interner) -> list[str]:
    """Names in whose rows, or in other items' rows, something stands; empty for a slot that is free."""
    slots = np.flatnonzero(table.row_of != NO_ROW)
    others = [table.neighbours[row, : table.lengths[row]] for row in table.row_of[slots]]
    return [items.names[slot] for slot in np.concatenate([slots, *others]).tolist()]


def test_items_that_leave_take_their_rows_of_what_is_bought_along() -> None:
    way = Way(cooccurrence={"max_items": 4})
    way.pass_on([kind("u", "tea", 1), kind("u", "cup", 2)])
    assert bought(way, "tea") == ["cup"]
    way.pass_on([kind(f"v{n}", f"i{n}", n) for n in range(3, 7)])
    for step in way.items:
        assert "tea" not in step.items.slots
        assert set(mentioned(step.bought, step.items)) <= step.items.slots.keys()
    way.pass_on([kind("w", "tea", 8)])
    assert bought(way, "tea") == []
