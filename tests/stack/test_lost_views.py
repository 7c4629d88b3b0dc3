"""A Redis that loses its views while events flow: all come back before the events end."""

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import redis

from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import topic_name
from shared.contracts.views import Keys
from tests.stack.parts import COMMAND, running, variables_of

DEADLINE_S = 300.0
USERS = [f"quiet-{n}" for n in range(40)]
FLOWING = ["--events", "1000000", "--rate", "200", "--users", "300", "--items", "400", "--seed", "5"]


def test_lists_of_those_who_do_nothing_come_back_while_others_do(stack: EmbeddedStack, tmp_path: Path) -> None:
    """Few rows are written at a time, so that some wait at every moment, as they do in a large shop."""
    settings = load_settings(
        tenant=f"lost-{uuid4().hex[:6]}", kafka={"bootstrap_servers": stack.kafka}, redis={"url": stack.redis}
    )
    ensure_topics(settings)
    variables = variables_of(settings, HEADRACE_COOCCURRENCE_ROWS_PER_TICK="10")
    output, store, keys = tmp_path / "output", redis.Redis.from_url(stack.redis), Keys(settings)

    def lists() -> int:
        return int(store.exists(*(keys.rec(user) for user in USERS)))

    def waiting() -> set[str]:
        """Partitions whose views are not said to stand."""
        sizes = settings.topics
        places = [("frames", n) for n in range(sizes.frames_partitions)]
        places += [("item-deltas", n) for n in range(sizes.items_partitions)] + [("tops", 0), ("examples", 0)]
        marks = {keys.published(topic_name(settings, topic), number) for topic, number in places}
        return {mark for mark in marks if not store.exists(mark)}

    with running(settings, variables, output):
        view_once(settings)
        eventually("lists", lambda: lists() == len(USERS), output)
        with closing(Flowing(variables)) as events:
            eventually("the first views", lambda: not waiting(), output)
            store.flushall()
            eventually("lists again", lambda: lists() == len(USERS), output)
            eventually("all views again", lambda: not waiting(), output)
            assert events.flow()


class Flowing:
    """A storefront that goes on until it is closed."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._process = subprocess.Popen([*COMMAND, "simulate", *FLOWING], env=variables, stderr=subprocess.DEVNULL)

    def flow(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(60)


def view_once(settings: Settings) -> None:
    producer, now = event_producer(settings.kafka), time.time_ns() // 1_000_000
    for n, user in enumerate(USERS):
        event = {"user_id": user, "item_id": f"own-{n}", "ts": now}
        producer.produce(topic_name(settings, "view"), json.dumps(event).encode(), key=user.encode())
    assert producer.flush(60) == 0


def eventually(what: str, true: Callable[[], bool], output: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {DEADLINE_S:.0f} s\n{output.read_text()[-3000:]}"
        time.sleep(0.2)
