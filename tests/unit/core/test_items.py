"""Profiles and items together, as production couples them: frames in; neighbour rows, numbers and tops out."""

import math

import numpy as np
import pytest

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.deltas import Availability, TopsRecord, decode_delta, decode_tops, encode
from shared.contracts.rank_views import RowView, StatView, decode_row, decode_stat
from shared.contracts.routing import partition_of
from shared.contracts.settings import load_settings
from shared.contracts.views import View, decode_view
from shared.contracts.views import at as version_of
from shared.core.digests import digests
from shared.core.interning import order_key
from shared.core.item_views import ItemTexts, ItemViews
from shared.core.items import Items
from shared.core.kernel import Ints
from shared.core.profiles import Profiles
from shared.core.tops import Tops
from tests.unit.core.frames import START, Row, frame_of

PARTITIONS = 3


class Way:
    """One frames partition, three items partitions, tops; everything goes through its encoding."""

    def __init__(self, **sections: object) -> None:
        base = {"topics": {"items_partitions": PARTITIONS, "frames_partitions": 1}}
        self.settings = load_settings(**{**base, **sections})
        self.profiles = Profiles(self.settings, 0)
        self.items = [Items(self.settings, p) for p in range(PARTITIONS)]
        self._texts = [ItemTexts(step.items) for step in self.items]
        self.tops = Tops(self.settings)
        self.frames = 0
        self.deltas = [0] * PARTITIONS
        self.told: list[Availability] = []
        self.evicted: set[tuple[str, int]] = set()
        self.similar: dict[str | None, dict[str, float]] = {}
        self.rows: dict[str, RowView] = {}

    def pass_on(self, rows: list[Row], topic: str = "view", *, twice: bool = False) -> None:
        effects = self.profiles.step(self.frames, frame_of(rows, 1000 * self.frames, topic))
        self.frames += 1
        for partition, delta in effects.deltas * (2 if twice else 1):
            step = self.items[partition]
            done = step.step(self.deltas[partition], decode_delta(encode(delta)))
            self.deltas[partition] += 1
            self.told += done.availability
            self.evicted |= {(name, partition) for name in done.evicted}
        for step in self.items:
            records: list[TopsRecord] = [*step.take_dirty_scopes(100), *step.take_new(100)]
            for record in records:
                self.tops.step(self.tops.offset + 1, decode_tops(encode(record)))

    def neighbours(self, item: str) -> dict[str, float]:
        self.publish()
        return dict(self.similar.get(item, {}))

    def publish(self) -> None:
        """What changed of rows."""
        for step in self.items:
            similar, rows = self.said(step, step.take_dirty_rows(1000))
            self.similar |= {v.item_id: dict(zip(v.items, v.scores, strict=True)) for v in similar}
            self.rows |= {view.item: view for view in rows}

    def said(self, step: Items, wanted: Ints) -> tuple[list[View], list[RowView]]:
        similar, rows = self._views(step).rows(wanted, version_of(1, step.offset), self._texts_of(step))
        assert [item for item, _ in similar] == [item for item, _ in rows]
        views = [decode_view(raw) for _, raw in similar], [decode_row(raw) for _, raw in rows]
        for (item, _), view, row in zip(similar, *views, strict=True):
            assert item == view.item_id == row.item
            assert row.keys == digests([*row.items, *row.alike]).tobytes()
        return views

    def stats(self, step: Items, wanted: list[str]) -> list[StatView]:
        known = np.array([slot for slot in step.items.find(wanted).tolist() if slot >= 0], dtype=np.int32)
        found = self._views(step).stats(known, version_of(1, step.offset), self._texts_of(step))
        views = [decode_stat(raw) for _, raw in found]
        assert [item for item, _ in found] == [view.item for view in views]
        return views

    def _texts_of(self, step: Items) -> ItemTexts:
        """Kept for as long as the step's table: one that was restored has another."""
        number = self.items.index(step)
        if self._texts[number].json.table is not step.items:
            self._texts[number] = ItemTexts(step.items)
        return self._texts[number]

    def _views(self, step: Items) -> ItemViews:
        return ItemViews(step, self.settings.popularity.half_lives_ms)

    def owner(self, item: str) -> Items:
        return self.items[partition_of(item, PARTITIONS)]

    def stat(self, item: str) -> StatView:
        [view] = self.stats(self.owner(item), [item])
        return view

    def catalogue(self, *records: ItemRecord) -> None:
        """The shop says what its items are."""
        rows = [Row(None, r.item_id, kind="item", record=ENCODER.encode(r)) for r in records]
        self.pass_on(rows, topic="item")

    def trending(self, scope: str = "all") -> list[str]:
        return self.tops.lists(scope)["1d"].items


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


PHONE, TV = b'{"device":"phone","country":"NO"}', b'{"device":"tv","surface":"home"}'


def test_contexts_have_lists_of_their_own() -> None:
    way = Way()
    way.pass_on([Row("u", "lamp", 1, context=PHONE), Row("v", "pear", 2, context=TV), Row("w", "rug", 3)])
    way.pass_on([Row("v", "pear", 4, context=PHONE), Row("w", "pear", 5, context=PHONE)], topic="click")
    lists = way.tops.lists("context:device=phone")
    assert (lists["1d"].items, lists["1d"].scope) == (["pear", "lamp"], "context:device=phone")
    assert lists["10m"].scores == pytest.approx([1 + 2**-0.1, 2**-0.4], rel=2e-3)
    assert way.trending("context:country=NO") == ["pear", "lamp"]
    assert way.trending("context:device=tv") == ["pear"]
    assert way.trending("context:surface=home") == []


def test_the_hour_is_that_of_the_event_unless_its_context_names_one() -> None:
    way = Way(popularity={"contexts": ["hour"]})  # it begins at 22:13
    way.pass_on([Row("u", "lamp", 0), Row("v", "pear", 0, context=PHONE), Row("w", "rug", 47)])
    way.pass_on([Row("u", "cup", 180, context=b'{"hour":22}'), Row("v", "jar", 180, context=b'{"hour":null}')], "click")
    assert set(way.trending("context:hour=22")) == {"lamp", "pear", "cup"}
    assert way.trending("context:hour=23") == ["rug"]
    assert way.trending("context:hour=01") == ["jar"]
    assert way.trending("context:device=phone") == []


@pytest.mark.parametrize("told", [b'{"hour":7}', b'{"hour":"7"}', b'{"hour":"07"}'])
def test_an_hour_has_two_digits(told: bytes) -> None:
    way = Way(popularity={"contexts": ["device", "hour"]})
    way.pass_on([Row("u", "lamp", 0, context=told)])
    assert way.trending("context:hour=07") == ["lamp"]


def test_what_is_not_learned_counts_in_no_context() -> None:
    way = Way(profiles={"max_events_per_minute": 1})
    way.pass_on([Row("u", item, 0.1, context=PHONE) for item in ("lamp", "pear")])
    way.pass_on([Row("v", "rug", 1, "hide", context=PHONE), Row("w", None, 1, "search", context=PHONE)], topic="click")
    assert way.trending("context:device=phone") == ["lamp"]


@pytest.mark.parametrize("off", [{"contexts": []}, {"max_contexts": 0}])
def test_contexts_may_be_left_out(off: dict[str, object]) -> None:
    way = Way(popularity=off)
    way.pass_on([Row("u", "lamp", 1, context=PHONE)])
    assert way.trending("context:device=phone") == []
    assert not any(step.contexts.held for step in way.items)


def test_contexts_stay_within_their_bounds() -> None:
    way = Way(popularity={"max_contexts": 3, "context_items": 10})
    for n in range(30):
        context = f'{{"device":"d{n % 7}"}}'.encode()
        way.pass_on([Row(f"u{n}-{k}", f"i{n}-{k}", n, context=context) for k in range(40)])
    for step in way.items:
        assert list(step.contexts.held) == ["context:device=d6", "context:device=d0", "context:device=d1"]
        for counts in step.contexts.held.values():
            assert 0 < len(counts.items) <= 10
            assert (counts.counters.values[:, 0] > 0).sum() == len(counts.items)
        assert set(step.contexts.take_dirty(10)) <= step.contexts.held.keys()


def test_what_is_new_stands_newest_first_as_long_as_the_catalogue_has_it() -> None:
    way = Way()
    for at, name in enumerate(("lamp", "pear", "rug")):
        record = ENCODER.encode(ItemRecord(name, categories=["home"] if name != "pear" else []))
        way.pass_on([Row(None, name, at, kind="item", record=record)], topic="item")
    assert way.tops.new("all").items == ["rug", "pear", "lamp"]
    assert way.tops.new("category:home").items == ["rug", "lamp"]
    assert way.tops.new("all").scores == [START / 1000 + 60 * n for n in (2, 1, 0)]
    again = ItemRecord("lamp", categories=["garden", "garden"])  # is no newer for that
    way.pass_on([Row(None, "lamp", 9, kind="item", record=ENCODER.encode(again))], topic="again")
    assert way.tops.new("all").items == ["rug", "pear", "lamp"]
    assert (way.tops.new("category:home").items, way.tops.new("category:garden").items) == (["rug"], ["lamp"])
    way.pass_on([Row(None, "rug", 10, kind="item")], topic="gone")
    assert (way.tops.new("all").items, way.tops.new("category:home").items) == (["pear", "lamp"], [])


def test_what_says_when_it_was_published_is_as_new_as_that() -> None:
    way = Way()
    way.catalogue(ItemRecord("lamp", published_at=START + 1), ItemRecord("pear", published_at=START - 1))
    way.catalogue(ItemRecord("rug", published_at=START + 500))
    assert way.tops.new("all").items == ["rug", "lamp", "pear"]
    assert way.tops.new("all").ts == START + 500


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


def shelf(way: Way, n: int = 8) -> list[str]:
    """So many lamps that somebody has met each, everything published."""
    names = [f"lamp{number}" for number in range(n)]
    way.catalogue(*(ItemRecord(name, categories=["lamps"], price=10.0 + at) for at, name in enumerate(names)))
    way.pass_on([Row(f"u-{name}", name, 1) for name in names], topic="click")
    way.publish()
    way.similar.clear()
    way.rows.clear()
    return names


def fresh(way: Way) -> set[str]:
    return {name for step in way.items for name in names_of(step, step.fresh_rows.first(1000))}


def names_of(step: Items, slots: Ints) -> list[str]:
    return [step.items.names[slot] for slot in slots.tolist()]


def test_a_new_item_is_said_at_once_by_the_rows_of_what_is_like_it() -> None:
    way = Way()
    names = shelf(way)
    way.catalogue(ItemRecord("new", categories=["lamps"], price=13.5), ItemRecord("rug", categories=["rugs"]))
    assert fresh(way) == {*names, "new", "rug"}
    way.publish()
    for name in names:
        assert "new" in way.rows[name].alike
        assert "new" in way.similar[name]
    assert set(way.similar["new"]) == set(names)


def test_what_the_catalogue_had_already_or_nobody_met_is_in_no_hurry() -> None:
    way = Way()
    way.catalogue(ItemRecord("old", categories=["lamps"]))
    assert fresh(way) == {"old"}
    names = shelf(way)
    way.catalogue(ItemRecord("old", categories=["lamps"], title="Old lamp"))
    assert fresh(way) == set()
    way.catalogue(ItemRecord("new", categories=["lamps"]))
    assert fresh(way) == {*names, "new"}
    way.publish()
    way.catalogue(ItemRecord("old", categories=["lamps", "rugs"]))
    assert fresh(way) == {"old"}


def test_an_item_that_nobody_met_is_told_what_its_record_names_at_the_next_pulse() -> None:
    way = Way()
    names = shelf(way)
    way.catalogue(ItemRecord("rug", categories=["rugs"]))
    way.publish()
    way.catalogue(ItemRecord("new", categories=["lanterns"], near=["rug", "lamp2", "nowhere", "lamp0"]))
    assert fresh(way) == {"new", "lamp0", "lamp2"}  # nobody met the rug
    owner = way.owner("new")
    assert names_of(owner, owner.take_dirty_rows(1)) == ["new"]
    way.publish()
    assert set(way.similar["new"]) == {"rug", "lamp0", "lamp2"}
    assert list(way.similar["new"]).index("lamp2") < list(way.similar["new"]).index("lamp0")
    assert "new" not in {other for name in names for other in way.neighbours(name)}


def test_what_a_record_names_may_come_after_it() -> None:
    way = Way()
    way.catalogue(ItemRecord("new", near=["later"]))
    way.catalogue(ItemRecord("later"))
    way.pass_on([Row("u", "new", 1)])
    way.publish()
    assert list(way.similar["new"]) == ["later"]
    way.pass_on([Row(None, "later", kind="item"), Row("v", "new", 2)], topic="more")
    assert way.neighbours("new") == {}


def test_only_what_is_most_like_a_new_item_is_said_anew() -> None:
    way = Way()
    names = shelf(way, 200)
    way.catalogue(ItemRecord("new", categories=["lamps"], price=109.5))
    nearest = sorted(names, key=lambda name: abs(math.log((10.0 + names.index(name)) / 109.5)))
    assert fresh(way) == {*nearest[:50], "new"}


def test_fresh_rows_go_before_the_rest() -> None:
    way = Way()
    shelf(way)
    way.pass_on([Row("u", f"rug{n}", n) for n in range(9)])
    way.catalogue(ItemRecord("new", categories=["lamps"]))
    step = way.owner("new")
    first = names_of(step, step.take_dirty_rows(len(step.fresh_rows)))
    assert "new" in first
    assert all(name.startswith(("lamp", "new")) for name in first)
    assert all(name.startswith(("rug", "new")) for name in names_of(step, step.take_dirty_rows(99)))


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
