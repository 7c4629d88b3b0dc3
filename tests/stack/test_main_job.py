"""The main job with real processes: events in Kafka, ingest and worker running, lists in Redis."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, cast
from uuid import uuid4

import pytest
import redis
from click.testing import CliRunner
from confluent_kafka import Message
from confluent_kafka.admin import NewPartitions, NewTopic

from services.cli.explain import explain
from services.demo.figures import Figures
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_clients import admin, event_producer
from shared.adapters.kafka_topics import ensure_topics, partitions_by_topic
from shared.contracts.frames import decode_frame, rows
from shared.contracts.settings import load_settings
from shared.contracts.topics import DEAD_LETTER, FRAMES, topic_name
from shared.contracts.views import decode_item_view, decode_view
from tests.stack.live_shop import Shop
from tests.stack.parts import running, variables_of
from tests.waiting import wait_for

TROUBLED_S = 4.0
PATIENT_MS = "45000"  # a busy machine may stall a process for seconds
RAW_PARTITIONS = {"view": 1, "click": 3, "purchase": 6}


@pytest.fixture(scope="module")
def shop(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = load_settings(
        tenant=f"shop-{uuid4().hex[:6]}", kafka={"bootstrap_servers": stack.kafka}, redis={"url": stack.redis}
    )
    new = [NewTopic(topic_name(settings, kind), count, 1) for kind, count in RAW_PARTITIONS.items()]
    client = admin(settings.kafka)
    for future in client.create_topics(new).values():
        future.result()
    ensure_topics(settings)
    variables = variables_of(settings, HEADRACE_KAFKA_SESSION_TIMEOUT_MS=PATIENT_MS)
    with running(settings, variables, tmp_path_factory.mktemp("parts") / "output") as supervisor:
        yield Shop(settings, supervisor)


def test_one_event_changes_the_users_list_and_the_neighbours_of_its_item(shop: Shop) -> None:
    for n in range(6):
        shop.send("view", f"other-{n}", "lamp")
        last = shop.send("click", f"other-{n}", "desk")
    shop.list_at("other-5", last)
    wait_for("neighbours of the lamp", lambda: shop.redis.get(shop.keys.sim("lamp")))
    others = (f"asks-{n}" for n in count())

    def known_to_lists() -> bool:
        """Rows of items are read again once they are some time old."""
        user = next(others)
        return "desk" in shop.list_at(user, shop.send("view", user, "lamp")).items

    wait_for("lists that know what goes with the lamp", known_to_lists)
    shop.send("view", "new", "chair")
    ts = shop.send("view", "new", "lamp")
    view = shop.list_at("new", ts)
    assert view.user_id == "new"
    assert view.items[0] == "desk"
    assert view.why[0] in {"together", "next", "quick"}
    assert "lamp" not in view.items


def test_a_list_is_explained_by_what_the_user_looked_at(shop: Shop) -> None:
    """On what the test before this one sent."""
    wait_for("the list", lambda: shop.list_of("new"))
    environment = variables_of(shop.settings)
    said = CliRunner().invoke(explain, ["new", "--json"], env=environment, catch_exceptions=False)
    told = json.loads(said.stdout)
    assert told["history"] == ["lamp", "chair"]
    first = told["items"][0]
    assert (first["item"], first["stored"], first["because"]) == ("desk", 1, "lamp")
    assert sum(first["parts"].values()) == pytest.approx(first["score"], abs=0.01)
    assert first["parts"]["together"] > 0
    shown = CliRunner().invoke(explain, ["new"], env=environment | {"COLUMNS": "200"}, catch_exceptions=False)
    assert "lamp (100%)" in shown.stdout


def test_trending_and_popular_lists_hold_what_was_counted(shop: Shop) -> None:
    ts = shop.send("purchase", "buyer", "desk", value=99.5)
    shop.list_at("buyer", ts)

    def look() -> bool:
        found = [shop.redis.get(key) for key in (shop.keys.trending("all"), shop.keys.popular("all"))]
        return all(isinstance(raw, bytes) and "desk" in decode_view(raw).items for raw in found)

    assert wait_for("trending", look)
    assert shop.redis.zscore(shop.keys.trending_zset("all"), "desk")


def test_what_the_same_users_bought_is_told_of_an_item(shop: Shop) -> None:
    for user in ("buyer-1", "buyer-2"):
        shop.send("purchase", user, "kettle")
        shop.list_at(user, shop.send("purchase", user, "mug"))

    def look() -> bool:
        raw = shop.redis.get(shop.keys.sim("kettle"))
        return isinstance(raw, bytes) and [other for other, _ in decode_view(raw).bought] == ["mug"]

    assert wait_for("what was bought", look)


def headers_of(message: Message) -> list[tuple[str, bytes]]:
    return cast("list[tuple[str, bytes]]", message.headers() or [])


def event_with(**fields: object) -> bytes:
    return json.dumps({"user_id": "u", "item_id": "i", "ts": 1700000000000} | fields).encode()


def nested(opening: bytes, closing: bytes) -> bytes:
    return b'{"x": ' + opening * 100_000 + closing * 100_000 + b"}"


BAD: list[tuple[str, str, bytes | None]] = [
    ("malformed-json", "view", b'{"user_id": "u", '),
    ("malformed-json", "view", b"\xef\xbb\xbf" + event_with()),
    ("malformed-json", "view", event_with() + b"{}"),
    ("malformed-json", "view", event_with(user_id="\ud800")),
    ("malformed-json", "view", nested(b'{"a": ', b"}")),
    ("wrong-type", "view", event_with(user_id=["u"])),
    ("wrong-type", "view", event_with(v="1")),
    ("wrong-type", "view", b"[" * 100_000),
    ("wrong-type", "view", b"null"),
    ("not-finite", "view", b'{"user_id": "u", "item_id": "i", "ts": 1700000000000, "value": NaN}'),
    ("not-finite", "view", event_with(value="@").replace(b'"@"', b"1" + b"0" * 400)),
    ("timestamp-in-future", "view", event_with(ts=10**400)),
    ("not-finite", "view", event_with(context={"a": 1 << 63})),
    ("timestamp-too-old", "view", event_with(ts=-5)),
    ("timestamp-in-future", "view", event_with(ts=9900000000000)),
    ("id-too-long", "view", event_with(user_id="x" * 10_000)),
    ("id-empty", "view", event_with(user_id="  ")),
    ("id-unprintable", "view", event_with(item_id="a\x07b")),
    ("missing-user", "view", b'{"item_id": "i", "ts": 1700000000000}'),
    ("missing-field", "view", b'{"user_id": "u", "ts": 1700000000000}'),
    ("missing-field", "purchase", b'{"user_id": "u", "item_id": "i"}'),
    ("unknown-version", "view", event_with(v=0)),
    ("unknown-version", "click", event_with(v=2)),
    ("unknown-version", "view", event_with(v=99)),
    ("too-much-context", "view", event_with(context={str(n): n for n in range(17)})),
    ("not-utf8", "view", b'{"user_id": "\xff\xfe", "item_id": "i", "ts": 1700000000000}'),
    ("too-large", "view", b'{"user_id": "u", "item_id": "' + b"y" * 5_000_000 + b'", "ts": 1700000000000}'),
    ("empty", "view", None),
    ("empty", "view", b""),
    ("missing-field", "item", b"{}"),
    ("malformed-json", "user", b"{"),
]
"""(reason, kind, value); keys and partitions are a producer's own affair."""


def test_bad_events_are_dead_letters_and_nothing_else_is_lost(shop: Shop) -> None:
    shop.send("view", "witness", "lamp", v=1)
    sent = {}
    for reason, kind, value in BAD:
        message = shop.send_raw(kind, value, b"\xffkey")
        sent[message.topic(), message.partition(), message.offset()] = (reason, value)
    shop.list_at("witness", shop.send("view", "witness", "desk", of_a_later_version={"unknown": ["fields"]}))

    def buried() -> dict[Any, Any] | None:
        found = {}
        for message in shop.log(DEAD_LETTER):
            headers = {name: bytes(raw or b"").decode() for name, raw in headers_of(message)}
            place = (headers["topic"], int(headers["partition"]), int(headers["offset"]))
            found[place] = (headers["reason"], message.value())
        return found if len(found) >= len(sent) else None

    found = wait_for("the dead letters", buried)
    assert {place: found.get(place) for place in sent} == sent


def test_every_raw_record_is_applied_repeated_or_dead(shop: Shop) -> None:
    first = shop.send("view", "twice", "lamp", event_id="once")
    shop.send("view", "twice", "lamp", event_id="once")
    shop.list_at("twice", shop.send("view", "twice", "chair"))
    assert first
    figures = wait_for("the sums", lambda: _settled(shop))
    assert figures.taken == shop.sent
    assert figures.taken == figures.applied + figures.duplicates + figures.dead
    framed = [row for message in shop.log(FRAMES) for row in rows(decode_frame(message.value() or b""))]
    places = {(row["source"], row["source_partition"], row["source_offset"]) for row in framed}
    assert len(places) == len(framed) == figures.applied + figures.duplicates


def _settled(shop: Shop) -> Figures | None:
    figures = shop.figures()
    return figures if figures and figures.taken == shop.sent else None


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_producers_may_compress_as_they_like(shop: Shop, codec: str) -> None:
    ts = time.time_ns() // 1_000_000
    value = json.dumps({"user_id": f"user-{codec}", "item_id": "lamp", "ts": ts}).encode()
    shop.send_raw("click", value, codec=codec)
    assert shop.list_at(f"user-{codec}", ts).ts == ts


def test_an_item_said_to_be_sold_out_is_told_and_back_again(shop: Shop) -> None:
    def told(*, available: bool) -> bool:
        return bool(shop.redis.sismember(shop.keys.unavailable().members, "vase")) is not available

    for available in (False, True):
        record = {"item_id": "vase", "title": "Blue Vase", "categories": ["home"], "available": available}
        _send_record(shop, "item", "vase", record)
        wait_for("the set of sold-out items", partial(told, available=available))
    raw = wait_for("the item's view", lambda: shop.redis.get(shop.keys.item("vase")))
    assert isinstance(raw, bytes)
    assert decode_item_view(raw).title == "Blue Vase"


def _send_record(shop: Shop, kind: str, key: str, record: dict[str, Any] | None) -> None:
    value = None if record is None else json.dumps(record).encode()
    client = event_producer(shop.settings.kafka)
    client.produce(topic_name(shop.settings, kind), value, key=key.encode())
    client.flush()


def test_a_users_tombstone_takes_the_list_away(shop: Shop) -> None:
    shop.list_at("leaving", shop.send("view", "leaving", "lamp"))
    _send_record(shop, "user", "leaving", None)
    wait_for("the list's end", lambda: shop.list_of("leaving") is None)


def test_views_that_redis_lost_are_published_again(shop: Shop) -> None:
    shop.list_at("lasting", shop.send("view", "lasting", "lamp"))
    shop.redis.flushall()
    wait_for("the user's list", lambda: shop.list_of("lasting"))
    wait_for("the neighbours", lambda: shop.redis.get(shop.keys.sim("lamp")))
    wait_for("trending", lambda: shop.redis.get(shop.keys.trending("all")))


def test_a_redis_that_restarts_empty_is_filled_again(shop: Shop, stack: EmbeddedStack) -> None:
    if stack.found:
        pytest.skip("TEST_STACK names a stack that runs already: only its owner may restart its Redis")
    shop.list_at("patient", shop.send("view", "patient", "lamp"))
    stack.kill("redis")
    stack.restart("redis")
    wait_for("the user's list", lambda: shop.list_of("patient"))


@pytest.mark.parametrize("how", ["full", "silent"])
def test_lists_that_redis_would_not_take_are_written_later(shop: Shop, stack: EmbeddedStack, how: str) -> None:
    if stack.found:
        pytest.skip("TEST_STACK names a stack that runs already: only its owner may trouble its Redis")
    user = f"refused-{how}"
    with _troubled(shop.redis, how):
        ts = shop.send("view", user, "lamp")
        time.sleep(TROUBLED_S)
        assert how == "silent" or shop.list_of(user) is None
    shop.list_at(user, ts)


@contextmanager
def _troubled(server: redis.Redis, how: str) -> Iterator[None]:
    """Out of memory; no answers for longer than a client waits."""
    if how == "full":
        server.config_set("maxmemory", 1)
    else:
        server.client_pause(int(1000 * TROUBLED_S))
    try:
        yield
    finally:
        server.config_set("maxmemory", 0)


def test_a_partition_that_is_added_while_events_come_is_read(shop: Shop) -> None:
    topic, number = topic_name(shop.settings, "click"), RAW_PARTITIONS["click"]
    client = admin(shop.settings.kafka)
    client.create_partitions([NewPartitions(topic, number + 1)])[topic].result()
    wait_for("the partition", lambda: partitions_by_topic(client)[topic] > number)
    ts = time.time_ns() // 1_000_000
    value = json.dumps({"user_id": "pioneer", "item_id": "lamp", "ts": ts}).encode()
    assert shop.send_raw("click", value, partition=number).partition() == number
    shop.list_at("pioneer", ts)


def test_a_killed_worker_comes_back_with_all_it_knew(shop: Shop) -> None:
    shop.list_at("faithful", shop.send("view", "faithful", "lamp"))
    [worker] = [s for s in shop.parts.status() if s.part == "worker"]
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    view = shop.list_at("faithful", shop.send("view", "faithful", "chair"))
    assert view.seen[:2] == ["chair", "lamp"]
