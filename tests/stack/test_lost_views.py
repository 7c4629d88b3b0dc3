"""A Redis that loses its views while events flow: all come back before the events end."""

import json
import subprocess
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import redis

from services.ops.refresh import all_stand
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.redis_views import ViewStore
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import topic_name
from shared.contracts.views import Keys
from tests.stack.parts import COMMAND, running, variables_of
from tests.waiting import wait_for

PATIENCE_S = 300.0
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
    views = ViewStore(settings)

    def all_have_lists() -> bool:
        return int(store.exists(*(keys.rec(user) for user in USERS))) == len(USERS)

    with running(settings, variables, output):
        view_once(settings)
        wait_for("lists", all_have_lists, output, PATIENCE_S)
        with closing(Flowing(variables)) as events:
            wait_for("the first views", lambda: all_stand(views, settings), output, PATIENCE_S)
            store.flushall()
            wait_for("lists again", all_have_lists, output, PATIENCE_S)
            wait_for("all views again", lambda: all_stand(views, settings), output, PATIENCE_S)
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
