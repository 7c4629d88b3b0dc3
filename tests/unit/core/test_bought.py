"""What is bought beside what the user has: who it is paired with, and where it is counted."""

import numpy as np
import pytest

from shared.contracts.errors import SettingsError
from shared.contracts.event_types import default_event_types
from shared.contracts.settings import load_settings
from shared.core import item_segments
from shared.core.bought import BoughtPairs, taken_since
from shared.core.cooccurrence import NO_ROW, NeighbourRows
from shared.core.interning import Interner
from shared.core.profile_state import OWNED, REFUSED, Had
from tests.unit.core.frames import Row, frame_of
from tests.unit.core.test_items import Way


def had(**how: tuple[int, int]) -> dict[int, Had]:
    return {int(item[1:]): Had(kind, 1, ts) for item, (kind, ts) in how.items()}


def test_the_newest_taken_stand_nearest_and_what_is_refused_is_none() -> None:
    of = had(i1=(OWNED, 10), i2=(REFUSED, 20), i3=(OWNED, 30), i4=(OWNED, 40))
    assert taken_since(of, 9, 10) == [4, 3, 1]
    assert taken_since(of, 9, 2) == [4, 3]


def test_what_comes_again_is_paired_with_what_came_since() -> None:
    of = had(i1=(OWNED, 10), i2=(OWNED, 20), i3=(OWNED, 30))
    assert taken_since(of, 2, 10) == [3]
    assert taken_since(of, 3, 10) == []


def test_pairs_go_both_ways_and_are_of_the_later_of_the_two() -> None:
    pairs = BoughtPairs()
    pairs.pair_up(had(i1=(OWNED, 90), i2=(OWNED, 95)), 7, 92, 3.0, 10)
    assert pairs == BoughtPairs([7, 2, 7, 1], [2, 7, 1, 7], [3.0] * 4, [-1, -1, -2, -2], [95, 95, 92, 92])


def bought(way: Way, item: str) -> list[str]:
    """Said by ``sim:``."""
    views = [view for step in way.items for view in way.said(step, [item])[0] if step._owns(item)]
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
