"""The items step: neighbours, popularity, what is new and what may be served."""

import math

import pytest

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.routing import partition_of
from shared.core.items.items import Items
from shared.core.tables.interning import order_key
from tests.unit.core.frame_rows import START, Row
from tests.unit.core.way import PARTITIONS, Way, names_of, shelf


def test_neighbours_stand_in_both_rows_wherever_their_owners_are() -> None:
    way = Way()
    way.pass_on([Row("u", "a", 1), Row("u", "b", 2), Row("v", "a", 3), Row("v", "b", 4), Row("v", "c", 5)])
    assert list(way.neighbours("a")) == ["b", "c"]
    assert next(iter(way.neighbours("b"))) == "a"
    assert set(way.neighbours("c")) == {"a", "b"}


def test_a_delta_that_comes_twice_counts_once() -> None:
    once, twice = Way(), Way()
    rows = [Row("u", "a", 1), Row("u", "b", 2), Row("v", "b", 3), Row("v", "c", 4)]
    once.pass_on(rows)
    twice.pass_on(rows, twice=True)
    assert once.neighbours("b") == twice.neighbours("b")
    assert once.tops.lists("all")["1d"].scores == twice.tops.lists("all")["1d"].scores


def test_trending_is_merged_from_all_partitions_heaviest_first() -> None:
    way = Way()
    way.pass_on([Row(f"u{n}", item, n) for n, item in enumerate(["a"] * 3 + ["b"] * 2 + ["c"])])
    assert way.trending() == ["a", "b", "c"]


def test_a_short_half_life_forgets_sooner_than_a_long_one() -> None:
    way = Way()
    way.pass_on([Row(f"u{n}", "old", 0) for n in range(5)])
    way.pass_on([Row(f"v{n}", "new", 24 * 60) for n in range(2)])
    lists = way.tops.lists("all")
    assert lists["10m"].items[0] == "new"
    assert lists["30d"].items[0] == "old"


def test_categories_have_lists_of_their_own_once_the_catalogue_names_them() -> None:
    way = Way()
    way.pass_on([Row("u", "lamp", 1), Row("u", "pear", 2)])
    record = b'{"item_id":"lamp","title":"Lamp","categories":["home"]}'
    way.pass_on([Row(None, "lamp", 3, kind="item", record=record)], topic="item")
    way.pass_on([Row("v", "lamp", 4)], topic="click")
    assert way.trending("category:home") == ["lamp"]
    assert set(way.trending()) == {"lamp", "pear"}


def test_what_is_new_stands_newest_first_as_long_as_the_catalogue_has_it() -> None:
    way = Way()
    for at, name in enumerate(("lamp", "pear", "rug")):
        record = ENCODER.encode(ItemRecord(name, categories=["home"] if name != "pear" else []))
        way.pass_on([Row(None, name, at, kind="item", record=record)], topic="item")
    assert way.tops.new_list("all").items == ["rug", "pear", "lamp"]
    assert way.tops.new_list("category:home").items == ["rug", "lamp"]
    assert way.tops.new_list("all").scores == [START / 1000 + 60 * n for n in (2, 1, 0)]
    again = ItemRecord("lamp", categories=["garden", "garden"])  # is no newer for that
    way.pass_on([Row(None, "lamp", 9, kind="item", record=ENCODER.encode(again))], topic="again")
    assert way.tops.new_list("all").items == ["rug", "pear", "lamp"]
    assert (way.tops.new_list("category:home").items, way.tops.new_list("category:garden").items) == (["rug"], ["lamp"])
    way.pass_on([Row(None, "rug", 10, kind="item")], topic="gone")
    assert (way.tops.new_list("all").items, way.tops.new_list("category:home").items) == (["pear", "lamp"], [])


def test_what_says_when_it_was_published_is_as_new_as_that() -> None:
    way = Way()
    way.catalogue(ItemRecord("lamp", published_at=START + 1), ItemRecord("pear", published_at=START - 1))
    way.catalogue(ItemRecord("rug", published_at=START + 500))
    assert way.tops.new_list("all").items == ["rug", "lamp", "pear"]
    assert way.tops.new_list("all").ts == START + 500


def test_availability_is_told_when_it_changes() -> None:
    way = Way()
    for at, available in enumerate((b"true", b"false", b"false", b"true")):
        record = b'{"item_id":"lamp","available":' + available + b"}"
        way.pass_on([Row(None, "lamp", at, kind="item", record=record)], topic=f"item-{at}")
    assert [told.available for told in way.told] == [False, True]


def test_state_is_a_function_of_the_frames() -> None:
    """Two runs over the same frames, cut differently in time by publishing, end the same."""
    one, two = Way(), Way()
    for n in range(5):
        rows = [Row(f"u{k % 7}", f"i{(k * n) % 11}", 10 * n + k) for k in range(20)]
        one.pass_on(rows)
        one.neighbours("i1")
        two.pass_on(rows)
    for item in range(11):
        for way in (one, two):
            for step in way.items:
                step.mark_all_dirty()
        assert one.neighbours(f"i{item}") == two.neighbours(f"i{item}")


def test_items_stay_within_their_bound() -> None:
    way = Way(cooccurrence={"max_items": 40, "neighbours": 5})
    for n in range(30):
        way.pass_on([Row(f"u{n}", f"i{n}-{k}", n) for k in range(5)])
    assert all(len(step.items) <= 40 for step in way.items)
    held = {name for step in way.items for name in step.items.slots}
    for step in way.items:
        similar, rows = way.said(step, step.take_dirty_rows(10_000))
        assert similar
        listed = [view.items for view in similar] + [view.items for view in rows]
        assert all(set(names) <= held for names in listed)


def test_a_row_view_says_how_its_items_were_met() -> None:
    way = Way(cooccurrence={"row_exponent": 0, "column_exponent": 0})
    way.pass_on([Row("u", "a", 1), Row("u", "b", 1), Row("u", "c", 1)])
    way.publish()
    together, after, quick = way.rows["a"].neighbour_scores().T.tolist()
    said = dict(zip(way.rows["a"].items, zip(together, after, quick, strict=True), strict=True))
    assert said == {"b": (1, 1, 1), "c": (pytest.approx(0.8), 0.5, 0.5)}
    assert dict(zip(way.rows["c"].items, way.rows["c"].neighbour_scores()[:, 1].tolist(), strict=True)) == {
        "a": 0,
        "b": 0,
    }
    assert list(way.similar["a"]) == ["b", "c"]


def test_a_row_speaks_of_items_of_the_catalogue_that_others_own_and_nobody_met() -> None:
    way = Way()
    names = [f"lamp{n}" for n in range(8)]
    assert len({partition_of(name, PARTITIONS) for name in names}) == PARTITIONS
    way.catalogue(*(ItemRecord(name, categories=["all", "lamps"], price=10.0 + n) for n, name in enumerate(names)))
    way.publish()
    for name in names:
        assert sorted(way.rows[name].alike) == sorted(set(names) - {name})
    assert way.rows["lamp0"].alike == names[1:]
    assert way.rows["lamp0"].items == []
    assert list(way.similar["lamp0"]) == names[1:]


def test_similar_items_are_neighbours_then_what_is_like_it() -> None:
    way = Way(cooccurrence={"published": 10})
    names = shelf(way, 6)
    way.pass_on([Row("v", "lamp0", 2), *(Row("v", f"rug{n}", 3 + n) for n in range(12))], topic="view-more")
    assert all(name.startswith("rug") for name in way.neighbours("lamp0"))  # ten of them: no place is free
    way.catalogue(*(ItemRecord(f"new{n}", categories=["lamps"], price=10.0 + n / 2) for n in range(3)))
    similar = way.neighbours("lamp0")
    assert [name[:3] for name in similar] == ["rug"] * 8 + ["new"] * 2
    assert list(similar)[8:] == ["new0", "new1"]
    assert list(similar.values()) == sorted(similar.values(), reverse=True)
    assert list(way.neighbours(names[5])) == ["new2", "new1"]
    way.pass_on([Row(f"w{n}", name, 9) for n, name in enumerate(("new0", "new1", "new2", "lamp0", "lamp5"))], "click2")
    assert list(way.neighbours("lamp5")) == ["lamp4", "lamp3"]  # places that are free; like it by price
    assert all(name.startswith("rug") for name in way.neighbours("lamp0"))


def test_what_the_catalogue_lost_is_like_nothing_and_nothing_like_it() -> None:
    way = Way()
    way.catalogue(*(ItemRecord(name, categories=["lamps"]) for name in ("a", "b", "c")))
    way.pass_on([Row(None, "b", kind="item")], topic="item-gone")
    for step in way.items:
        step.mark_all_dirty()
    way.publish()
    assert (way.rows["a"].alike, way.rows["b"].alike) == (["c"], [])


def test_numbers_of_an_item() -> None:
    way = Way()
    way.catalogue(ItemRecord("lamp", categories=["home", "lamps"], brand="acme", price=math.e))
    way.pass_on([Row("u", "lamp", 10), Row("v", "lamp", 70), Row("w", "lamp", 40)], topic="click")
    stat = way.stat("lamp")
    assert (stat.first_ts, stat.last_ts, stat.ts) == (START + 600_000, START + 4_200_000, START + 4_200_000)
    assert (stat.category, stat.brand, stat.log_price) == (order_key("lamps"), order_key("acme"), 1.0)
    half_lives = way.settings.popularity.half_lives_ms.values()
    ages = (0, 1_800_000, 3_600_000)
    wanted = [sum(2 ** -(age / half_life) for age in ages) for half_life in half_lives]
    assert stat.decayed().tolist() == pytest.approx(wanted, rel=2e-3)


def test_numbers_of_an_item_that_was_only_met_and_of_one_that_is_only_filed() -> None:
    way = Way()
    way.pass_on([Row("u", "met", 1)])
    way.catalogue(ItemRecord("filed", categories=["x"]))
    met, filed = way.stat("met"), way.stat("filed")
    assert (met.category, met.brand, math.isnan(met.log_price)) == (0, 0, True)
    assert (filed.first_ts, filed.last_ts, set(filed.decayed().tolist())) == (0, 0, {0.0})
    assert way.stats(way.owner("nobody"), ["nobody"]) == []


def test_what_changed_is_taken_once_and_everything_again_when_the_views_are_lost() -> None:
    way = Way()
    way.catalogue(ItemRecord("c"))
    way.pass_on([Row("u", "a", 1), Row("u", "b", 2)], topic="click")
    waiting = {name for step in way.items for name in names_of(step, step.dirty_stats.first(9))}
    assert waiting == {"a", "b", "c"}
    for step in way.items:
        assert step.take_dirty_stats(1).tolist() == step.take_dirty_rows(1).tolist()
        step.take_dirty_stats(10)
        step.take_dirty_rows(10)
        assert len(step.take_dirty_stats(10)) == len(step.take_dirty_rows(10)) == 0
        step.mark_all_dirty()
    for take in (Items.take_dirty_rows, Items.take_dirty_stats):
        taken = [name for step in way.items for name in names_of(step, take(step, 10))]
        assert sorted(taken) == ["a", "b", "c"]  # by its owner alone


def test_items_that_leave_are_told_by_their_owner_alone() -> None:
    way = Way(cooccurrence={"max_items": 16})
    for n in range(40):
        way.pass_on([Row(f"u{n % 3}", f"i{n}", n)])
    gone = {f"i{n}" for n in range(40) if f"i{n}" not in way.owner(f"i{n}").items.slots}
    assert len(gone) > 10
    assert {name for name, _ in way.evicted} >= gone
    assert all(partition_of(name, PARTITIONS) == partition for name, partition in way.evicted)
