"""Popular items by context: device, hour, country, surface."""

from itertools import count

import pytest

from shared.core.items import context_counts
from tests.unit.core.frame_rows import Row
from tests.unit.core.way import Way

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


def test_of_more_contexts_than_there_is_room_for_the_last_are_counted_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame may name thousands, as where somebody puts a whole user agent there: each took 80 kB while it lasted."""
    way, made = Way(popularity={"max_contexts": 3, "contexts": ["device"]}), count()
    plain = context_counts.ScopeCounts

    def counted(half_lives: list[int], bound: int) -> context_counts.ScopeCounts:
        next(made)
        return plain(half_lives, bound)

    monkeypatch.setattr(context_counts, "ScopeCounts", counted)
    way.pass_on([Row("u", "lamp", 0, context=b'{"device":"d5"}'), Row("v", "lamp", 0, context=b'{"device":"old"}')])
    for step in way.items:
        step.contexts.take_dirty(9)
    before = next(made)
    rows = [Row(f"u{n}", "lamp", n, context=f'{{"device":"d{n}"}}'.encode()) for n in range(50)]
    way.pass_on(rows, topic="click")
    assert next(made) - before - 1 == 3
    assert way.trending("context:device=d49") == ["lamp"]
    assert way.trending("context:device=d5") == way.trending("context:device=old") == []
    [step] = [step for step in way.items if step.contexts.held]
    assert list(step.contexts.held) == [f"context:device=d{n}" for n in (47, 48, 49)]
    assert step.contexts.dirty.take_gone() == []
