"""Far more at once than parts can take: they stay small, lag drains, every list knows its user's last event."""

import json
import threading
import time
from pathlib import Path
from random import Random

import psutil
import pytest

from services.ops.supervisor import Supervisor
from shared.adapters.kafka_clients import event_producer, produce
from shared.adapters.kafka_lag import LagReader
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.settings import Settings
from shared.contracts.topics import group_name, topic_name
from tests.stack.parts import only, running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

EVENTS, USERS, ITEMS = 150_000, 500, 200
CONTEXT = 14  # fields of 250 characters: with it an event has 3.7 KB, all of them 550 MB
MOST_GROWTH_MB = 420  # of a part: what clients queue at most, and some; without bounds it would hold all that waits


class Watch(threading.Thread):
    """The most memory that each part had, in MB; ``stop()`` it."""

    def __init__(self, parts: Supervisor) -> None:
        super().__init__(name="watch", daemon=True)
        self._parts, self._over = parts, threading.Event()
        self.most: dict[str, float] = {}

    def run(self) -> None:
        while not self._over.wait(0.1):
            for part, size in resident_mb(self._parts).items():
                self.most[part] = max(size, self.most.get(part, 0.0))

    def stop(self) -> dict[str, float]:
        self._over.set()
        self.join()
        return self.most


def resident_mb(parts: Supervisor) -> dict[str, float]:
    pids = {status.part: status.pid for status in parts.status() if status.pid}
    return {part: psutil.Process(pid).memory_info().rss / 1e6 for part, pid in pids.items()}


def test_a_flood_drains_and_no_part_grows_with_it(settings: Settings, tmp_path: Path) -> None:
    """All of it waits when a part starts, and the parts start one after the other: each has to take it alone."""
    ensure_topics(settings)
    shop, output, reader = Shop(settings), tmp_path / "output", LagReader(settings)
    with running(settings, variables_of(settings), output) as parts:
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        small = resident_mb(parts)
    last = _flood(settings)
    grown = {}
    for part in ("ingest", "worker"):

        def drained(group: str = group_name(settings, part)) -> bool:
            return sum(lag.records_behind for lag in reader.read(None) if lag.group == group) == 0

        with only(part, settings, variables_of(settings), output) as alone:
            watch = Watch(alone)
            watch.start()
            wait_for(f"{part}'s lag to drain", drained, output)
            grown[part] = round(watch.stop()[part] - small[part])
            assert alone.status()[0].restarts == 0, output.read_text()[-3000:]
    assert all(shop.ts_of(user) == ts for user, ts in last.items())
    assert max(grown.values()) < MOST_GROWTH_MB, grown


def _flood(settings: Settings) -> dict[str, int]:
    """As fast as the broker takes them; the time of each user's last event."""
    chance, topic, now = Random(9), topic_name(settings, "view"), time.time_ns() // 1_000_000
    producer, last = event_producer(settings.kafka), {}
    for n in range(EVENTS):
        user = f"guest-{n % USERS}"
        noise = chance.randbytes(125 * CONTEXT).hex()  # nothing that a codec makes small
        context = {str(field): noise[250 * field : 250 * field + 250] for field in range(CONTEXT)}
        event = {"user_id": user, "item_id": f"item-{chance.randrange(ITEMS)}", "ts": now + n // 3, "context": context}
        produce(producer, topic, json.dumps(event).encode(), key=user.encode())
        last[user] = now + n // 3
    assert producer.flush(120) == 0
    return last
