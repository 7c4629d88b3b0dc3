"""The tops step's shell: who is unavailable, when views are published again, and which lists there are."""

from typing import cast

import pytest

from services.verify.tops_check import TopsLog, check_tops
from shared.contracts.deltas import TOPS_VERSION, ScopeNew, ScopeTops, Top
from shared.contracts.frames import Frame
from shared.contracts.settings import load_settings
from shared.contracts.topics import TOPS
from shared.core.items.tops import Tops
from streams.steps.tops import TopsStep
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.verify.worker import Worker

SETTINGS = load_settings(topics={"frames_partitions": 1, "items_partitions": 1})


def lamp(at: int, *, available: bool) -> Frame:
    record = b'{"item_id":"lamp","available":%s}' % (b"true" if available else b"false")
    return frame_of([Row(None, "lamp", at, kind="item", record=record)], first_offset=at, topic="item")


def test_what_redis_kept_of_who_was_unavailable_does_not_hold_once_all_is_published_again() -> None:
    """A Redis with a file comes back as it was a while before."""
    worker = Worker(SETTINGS)
    key = worker.ports.keys.unavailable().members
    worker.turn(0, lamp(0, available=False))
    before = set(worker.views.sets[key])
    assert before == {"lamp"}
    worker.turn(0, lamp(1, available=True))
    assert not worker.views.sets[key]
    worker.views.sets[key] = before
    tops = worker.others[0]
    tops.republish()
    assert not tops.republished
    worker.publish()
    assert tops.republished
    assert not worker.views.sets[key]


def test_a_worker_that_slept_writes_nothing_over_what_a_newer_owner_wrote() -> None:
    worker = Worker(SETTINGS)
    key = worker.ports.keys.unavailable().members
    worker.turn(0, lamp(0, available=False))
    asleep = TopsStep(0, worker.ports)
    for offset, value in enumerate(worker.log.records[worker.ports.topic(TOPS), 0]):
        asleep.apply(offset, value, replayed=False)
    worker.turn(0, lamp(1, available=True))
    assert not worker.views.sets[key]
    asleep.tick(0)
    assert not worker.views.sets[key]
    asleep.republish()
    asleep.tick(0)
    assert not worker.views.sets[key]


def compacted(worker: Worker) -> TopsStep:
    """A new owner, of a log that keeps of each key what came last."""
    place = worker.ports.topic(TOPS), 0
    records, keys = worker.log.records[place], worker.log.keys[place]
    owner, last = TopsStep(0, worker.ports), {keys[offset]: offset for offset in range(len(records))}
    for key, offset in sorted(last.items(), key=lambda one: one[1]):
        if records[offset]:
            owner.apply_keyed(offset, key, records[offset], arrived=0, replayed=True)
    return owner


@pytest.mark.parametrize("cleared", [False, True])
def test_what_a_worker_says_that_had_slept_does_not_outlive_what_was_said_before_it(*, cleared: bool) -> None:
    """In the log it comes last, and compaction takes the newer record away."""
    worker = Worker(load_settings(topics=SETTINGS.topics.model_dump(), popularity={"contexts": ["device"]}))
    place = worker.ports.topic(TOPS), 0
    worker.turn(0, lamp(0, available=True))
    worker.turn(0, frame_of([Row("u", "lamp", 1, context=b'{"device":"d"}')], first_offset=1))
    worker.publish()
    records, keys = worker.log.records[place], worker.log.keys[place]
    slept = [(keys[offset], b"" if cleared and b":" in keys[offset] else value) for offset, value in enumerate(records)]
    worker.turn(0, frame_of([Row("u", "cup", 2, context=b'{"device":"d"}')], first_offset=2))
    worker.turn(0, lamp(3, available=False))
    worker.publish()
    for key, value in slept:
        if value or not key.startswith(b"item:"):
            worker.log.produce(place[0], value or None, key=key)
    worker.publish()
    live, later = cast("TopsStep", worker.others[0])._core, compacted(worker)._core
    assert set(live.unavailable) == set(later.unavailable) == {"lamp"}
    assert live.tops.held == later.tops.held
    assert live.tops.held["context:device=d"]


def test_who_is_unavailable_stays_so_when_all_is_published_again() -> None:
    worker = Worker(SETTINGS)
    key = worker.ports.keys.unavailable().members
    worker.turn(0, lamp(0, available=False))
    worker.views.sets.clear()
    worker.refresh()
    assert worker.views.sets[key] == {"lamp"}


def test_lists_of_contexts_that_are_counted_no_longer_go() -> None:
    """Producers name what they want as a device; nobody but the items' owners knew that they hold some of them only."""
    few = {"max_contexts": 3, "contexts": ["device"]}
    worker = Worker(load_settings(topics=SETTINGS.topics.model_dump(), popularity=few))
    keys, tops = worker.ports.keys, worker.ports.topic(TOPS)
    for n in range(40):
        seen = [Row("u", f"i{m}", 40 * n + m, context=b'{"device":"d%d"}' % (n + m)) for m in range(2)]
        worker.turn(0, frame_of(seen, first_offset=2 * n))
        worker.publish()
    held = {"all", *(f"context:device=d{n}" for n in (38, 39, 40))}
    assert set(cast("TopsStep", worker.others[0])._core.tops.held) == held
    assert {key.partition(":")[2] for key in worker.views.held if key.startswith(("trending", "popular"))} == held
    assert worker.views.sets[keys.scopes().members] == held
    last = {worker.log.keys[tops, 0][n]: value for n, value in enumerate(worker.log.records[tops, 0])}
    assert {key for key, value in last.items() if value} == {f"0:scope:{scope}".encode() for scope in held}
    assert worker.others[0].settled
    assert worker.others[0].offset == len(worker.log.records[tops, 0]) - 1
    shop = worker.shop()
    check_tops(shop, TopsLog(shop), [])
    assert not shop.findings.differing


def test_new_lists_of_categories_that_are_held_no_longer_go() -> None:
    """A shop that renames its categories: each had its list for ever, in Redis, in the log and in memory."""
    few = load_settings(topics=SETTINGS.topics.model_dump(), popularity={"max_scopes": 3})
    worker = Worker(few)
    keys, tops = worker.ports.keys, worker.ports.topic(TOPS)
    for n in range(12):
        record = b'{"item_id":"i%d","categories":["c%d"]}' % (n, n)
        worker.turn(0, frame_of([Row(None, f"i{n}", n, kind="item", record=record)], first_offset=n, topic="item"))
        worker.publish()
    held = {"all", *(f"category:c{n}" for n in (9, 10, 11))}
    assert set(cast("TopsStep", worker.others[0])._core.new.held) == held
    assert {key.removeprefix("new:") for key in worker.views.held if key.startswith("new:")} == held
    assert worker.views.sets[keys.scopes().members] >= held
    assert not worker.views.sets[keys.scopes().members] & {"category:c0", "category:c8"}
    last = {worker.log.keys[tops, 0][n]: value for n, value in enumerate(worker.log.records[tops, 0])}
    assert {key for key, value in last.items() if value and b":new:" in key} == {f"0:new:{s}".encode() for s in held}
    assert worker.others[0].settled
    shop = worker.shop()
    check_tops(shop, TopsLog(shop), [])
    assert not shop.findings.differing


def test_a_new_list_of_a_category_without_items_goes() -> None:
    tops = Tops(SETTINGS)
    tops.step(0, ScopeNew(TOPS_VERSION, 0, 5, "category:tea", ["a"], [1]))
    tops.step(1, ScopeNew(TOPS_VERSION, 0, 6, "category:tea", [], []))
    tops.step(2, ScopeNew(TOPS_VERSION, 0, 5, "category:tea", ["a"], [1]))  # a worker that slept
    assert tops.new.take_gone(9) == ["category:tea"]
    assert not tops.new.held
    tops.step(3, ScopeNew(TOPS_VERSION, 0, 7, "category:tea", ["b"], [2]))
    assert tops.new_list("category:tea").items == ["b"]


def test_a_list_stays_as_long_as_any_partition_counts_in_it() -> None:
    tops = Tops(SETTINGS)
    words = [(0, 5, True), (1, 5, True), (0, 6, False), (0, 5, True), (1, 6, False), (1, 7, True), (1, 6, False)]
    held = []
    for offset, (partition, said, counted) in enumerate(words):
        counts = [Top("6h", [f"i{partition}"], [1.0])] if counted else []
        tops.step(offset, ScopeTops(TOPS_VERSION, partition, said, 1, "context:device=x", counts))
        held.append(sorted(tops.tops.held.get("context:device=x", {})))
    assert held == [[0], [0, 1], [1], [1], [], [1], [1]]
    assert tops.tops.take_gone(2) == []
    assert tops.tops.dirty.take(2) == ["context:device=x"]
