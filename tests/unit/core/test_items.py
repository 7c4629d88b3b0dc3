"""Profiles and items together, as production couples them: frames in, neighbour rows and tops out."""

from shared.contracts.deltas import Availability, decode_delta, decode_tops, encode
from shared.contracts.settings import load_settings
from shared.core.items import Items
from shared.core.profiles import Profiles
from shared.core.tops import Tops
from tests.unit.core.frames import Row, frame_of

PARTITIONS = 3


class Way:
    """One frames partition, three items partitions, tops; everything goes through its encoding."""

    def __init__(self, **sections: object) -> None:
        base = {"topics": {"items_partitions": PARTITIONS, "frames_partitions": 1}}
        self.settings = load_settings(**{**base, **sections})
        self.profiles = Profiles(self.settings, 0)
        self.items = [Items(self.settings, p) for p in range(PARTITIONS)]
        self.tops = Tops(self.settings)
        self.frames = 0
        self.deltas = [0] * PARTITIONS
        self.told: list[Availability] = []
        self.rows: dict[str | None, dict[str, float]] = {}

    def pass_on(self, rows: list[Row], topic: str = "view", *, twice: bool = False) -> None:
        effects = self.profiles.step(self.frames, frame_of(rows, 1000 * self.frames, topic))
        self.frames += 1
        for partition, delta in effects.deltas * (2 if twice else 1):
            step = self.items[partition]
            done = step.step(self.deltas[partition], decode_delta(encode(delta)))
            self.deltas[partition] += 1
            self.told += done.availability
        for step in self.items:
            for record in step.take_dirty_scopes(100):
                self.tops.step(self.tops.offset + 1, decode_tops(encode(record)))

    def neighbours(self, item: str) -> dict[str, float]:
        for step in self.items:
            for view in step.take_dirty_rows(1000):
                self.rows[view.item_id] = dict(zip(view.items, view.scores, strict=True))
        return dict(self.rows.get(item, {}))

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
        for view in step.take_dirty_rows(10_000):
            assert set(view.items) <= held
