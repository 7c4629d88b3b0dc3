"""What a shop says of its items, with real processes: records in Kafka; views and their changes in Redis."""

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
import redis

from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.redis_views import ViewStore
from shared.contracts.settings import Settings, load_settings
from shared.contracts.views import Keys, decode_item_view
from tests.docs.blocks import blocks
from tests.stack.catalogue_shop import Shop
from tests.stack.parts import running, variables_of
from tests.waiting import wait_for

WHOLE = json.loads(blocks("contracts.md", "example")["item"])


@pytest.fixture(scope="module")
def shop(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = load_settings(
        tenant=f"items-{time.time_ns() % 10**9}",
        kafka={"bootstrap_servers": stack.kafka},
        redis={"url": stack.redis},
    )
    ensure_topics(settings)
    with running(settings, variables_of(settings), tmp_path_factory.mktemp("parts") / "output"):
        yield Shop(settings)


def test_an_items_record_becomes_its_view_and_a_change(shop: Shop) -> None:
    shop.send("item", "tea-green", WHOLE)
    wait_for("the change", lambda: "tea-green" in shop.changes())
    raw = shop.read(shop.keys.item("tea-green"))  # stands before it is named
    assert raw is not None
    shown = msgspec.to_builtins(decode_item_view(raw))
    assert shown.pop("at")
    assert shown == {name: value for name, value in WHOLE.items() if name not in {"embedding", "near", "available"}}
    told = len(shop.changes())  # a worker that starts may name it again
    shop.send("item", "tea-green", None)
    wait_for("the removal", lambda: shop.read(shop.keys.item("tea-green")) is None)
    wait_for("the change", lambda: len(shop.changes()) > told)


def test_the_stream_of_changes_is_bounded(settings: Settings) -> None:
    views, key = ViewStore(settings), Keys(settings).changes()
    for start in range(0, 12_000, 500):
        views.add_changes(key, [f"i{n}" for n in range(start, start + 500)])
    client: Any = redis.Redis.from_url(settings.redis.url)
    assert 10_000 <= client.xlen(key) < 10_500
    assert client.xrevrange(key, count=1)[0][1] == {b"item": b"i11999"}


def test_contexts_and_what_is_new_have_lists(shop: Shop) -> None:
    shop.send("item", "kettle", {"item_id": "kettle", "categories": ["kitchen"]})
    shop.view("cook", "kettle", context={"device": "phone"})
    for key in (shop.keys.trending("context:device=phone"), shop.keys.new("category:kitchen"), shop.keys.new("all")):
        wait_for(key, partial(shop.lists, key, "kettle"))


def test_a_new_item_is_soon_in_the_lists_of_those_who_met_what_is_like_it(shop: Shop) -> None:
    """How soon is printed; a busy machine may take its time."""
    lamps = [f"lamp{n}" for n in range(12)]
    for n, lamp in enumerate(lamps):
        shop.send("item", lamp, {"item_id": lamp, "categories": ["lamps"], "brand": "acme", "price": 10 + n})
        shop.view(f"other{n % 3}", lamp)
    shop.view("ann", "lamp5")
    wait_for("what is like the lamp", lambda: shop.list_of(shop.keys.sim("lamp5")))
    wait_for("ann's list", lambda: shop.list_of(shop.keys.rec("ann")))
    for turn in range(5):
        item = f"new-lamp-{turn}"
        start = time.monotonic()
        shop.send("item", item, {"item_id": item, "categories": ["lamps"], "brand": "acme", "price": 15.5})

        def after_an_event(item: str = item) -> bool:
            shop.view("ann", "lamp5")
            time.sleep(0.1)
            return shop.lists(shop.keys.rec("ann"), item)

        wait_for("what is like the lamp", partial(shop.lists, shop.keys.sim("lamp5"), item))
        similar = time.monotonic() - start
        wait_for("ann's list", after_an_event)
        print(f"{item}: in sim: after {similar:.2f} s, in rec: after {time.monotonic() - start:.2f} s")  # noqa: T201
