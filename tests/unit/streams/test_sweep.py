"""What an earlier generation has left, or a Redis with an old file, goes once all that is held is published."""

from typing import Any, cast

import pytest

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import BATCH_LIST, FRAMES
from streams.hosting import sweep
from streams.hosting.sweep import Sweep
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.verify.shops import differing, found_in
from tests.unit.verify.worker import Worker

TOPICS = {"frames_partitions": 1, "items_partitions": 2}


def shop_of(settings: Settings) -> Worker:
    """Of two phones, and lamps that have been filed."""
    worker = Worker(settings)
    lamps = [ItemRecord(f"lamp{n}", categories=["lamps"]) for n in range(4)]
    said = [Row(None, lamp.item_id, kind="item", record=ENCODER.encode(lamp)) for lamp in lamps]
    seen = [Row(f"u{n}", f"lamp{n}", n, context=b'{"device":"d%d"}' % (n % 2)) for n in range(4)]
    worker.turn(0, frame_of([*said, *seen]))
    worker.refresh()
    return worker


def after(before: Worker, settings: Settings) -> Worker:
    """The next generation, of the same log and Redis."""
    worker = Worker(settings)
    for name in ("held", "sets", "zsets", "versions"):
        getattr(worker.views, name).update(getattr(before.views, name))
    place = worker.ports.topic(FRAMES), 0
    worker.log.records[place] = before.log.records[place]
    worker.fold()
    return worker


def test_a_generation_leaves_nothing_of_the_one_before_that_it_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other contexts, other half-lives, a lower bound of items."""
    monkeypatch.setattr(sweep, "PAGE", 7)
    before = shop_of(load_settings(topics=TOPICS, popularity={"contexts": ["device"]}))
    few = {"contexts": [], "half_lives_ms": {"6h": 21_600_000, "30d": 2_592_000_000}}
    now = after(before, load_settings(topics=TOPICS, generation=2, popularity=few, cooccurrence={"max_items": 16}))
    gone = {"trending:context:device=d0", "trending@1h:all", "popular:context:device=d1", "ztrending:context:device=d0"}
    strange = before.views.held["item:lamp0"]
    now.views.held |= {"item:gone": strange, "row:gone": before.views.held["row:lamp0"]}
    assert now.views.held.keys() | now.views.zsets.keys() > gone
    now.refresh()
    assert not gone & (now.views.held.keys() | now.views.zsets.keys())
    assert not {"item:gone", "row:gone"} & now.views.held.keys()
    assert ("gone", False) in now.views.changes
    assert now.views.sets["scopes"] == {"all", "category:lamps"}
    assert {key for key in now.views.held if key.startswith("item:")} == {f"item:lamp{n}" for n in range(4)}
    assert differing(now) == set()


def test_who_was_forgotten_has_no_list_though_redis_comes_back_with_an_old_file() -> None:
    worker = shop_of(load_settings(topics=TOPICS))
    kept = {f"rec:u{n}": worker.views.held[f"rec:u{n}"] for n in range(3)}
    file = dict(worker.views.held)
    worker.turn(0, frame_of([Row("u3", None, kind="user")], first_offset=20))
    assert "rec:u3" not in worker.views.held
    worker.views.held |= {"rec:u3": file["rec:u3"], "rec:session:never": file["rec:u3"]}
    worker.refresh()
    assert {key for key in worker.views.held if key.startswith("rec:")} == kept.keys()


def test_a_batch_list_that_was_removed_does_not_come_back_with_an_old_file() -> None:
    """Kafka keeps neither the list nor the null that removed it. What has not arrived yet does not hold that up: of a
    topic that ends in such a null nobody meets the end.
    """
    worker = Worker(load_settings(topics=TOPICS))
    topic, batch = worker.ports.topic(BATCH_LIST), worker.others[2]
    worker.log.produce(topic, b'{"user_id":"bob","items":["x"]}', key=b"bob", partition=0)
    worker.refresh()
    old = worker.views.held["batch:bob"]
    worker.views.held |= {"batch:ann": old, "batch:eve": old}
    worker.sweep()
    assert "batch:ann" in worker.views.held, "of a topic that was not read nothing is known"
    worker.log.produce(topic, b"{", key=b"eve", partition=0)  # whose record before may be gone for this one
    worker.fold()
    worker.log.produce(topic, None, key=b"joe", partition=0)
    batch.republish()
    batch.tick(0)
    worker.sweep()
    assert {key for key in worker.views.held if key.startswith("batch:")} == {"batch:bob", "batch:eve"}


def test_verify_names_what_an_earlier_generation_left(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shop_of(load_settings(topics=TOPICS, popularity={"contexts": ["device"]}))
    now = after(before, load_settings(topics=TOPICS, generation=2, popularity={"contexts": []}))
    now.views.held["trending@2h:all"] = now.views.held["trending@1h:all"]
    monkeypatch.setattr(now, "sweep", lambda: None)
    now.refresh()
    found = found_in(now).parts["trending"].differences
    assert any(text.startswith("scopes that are named and gone") for text in found)
    strays = {text.removesuffix(": should not be there") for text in found}
    assert {"trending:context:device=d0", "popular:context:device=d1", "trending@2h:all"} < strays
    assert "ztrending:context:device=d1" in strays


def test_what_is_newer_or_somebody_else_s_stays() -> None:
    worker = shop_of(load_settings(topics=TOPICS))
    lamp = worker.views.held["item:lamp0"]
    stay = {
        "item:later": lamp.replace(b"000001-", b"000002-", 1),
        "item:theirs": b'{"id": 7, "name": "not a view of ours"}',
        "items:x": lamp,
    }
    worker.views.held |= stay
    worker.sweep()
    assert stay.items() <= worker.views.held.items()


def test_lists_of_a_scope_wait_for_what_items_say_of_it() -> None:
    """Of records of `tops` that are in the log already, the step may know nothing yet."""
    worker = shop_of(load_settings(topics=TOPICS))
    walk, tops = Sweep(worker.ports, cast("Any", worker.log)), worker.others[0]
    place = worker.ports.topic(tops.topic), 0
    worker.log.produce(place[0], b"", partition=0)
    assert not walk.done(place, tops)
    assert not walk.under_way
    worker.publish()
    assert not walk.done(place, tops)
    assert walk.page()
    assert walk.done(place, tops)
    walk.forget(place)
    assert not walk.done(place, tops)
