"""A worker that ends in order, one that finds a damaged state, one under other settings, one of a later generation."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import redis

from shared.adapters.kafka_clients import event_producer, exact_producer
from shared.adapters.log_reader import PartitionLog
from shared.adapters.state_log import read_saved
from shared.contracts.errors import EXIT_NEEDS_A_PERSON
from shared.contracts.pulse import decode_pulse
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, STATE_PROFILES, group_name, topic_name
from shared.contracts.views import Keys, View, decode_view
from tests.stack.parts import COMMAND, running, variables_of

T = TypeVar("T")
DEADLINE_S = 600.0
USERS = ["ann", "bob", "cem", "dan", "eve"]


def wait_for(what: str, look: Callable[[], T | None], output: Path, patience_s: float = DEADLINE_S) -> T:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {patience_s:.0f} s: {what}; {output.read_text()[-3000:]}")


class Shop:
    """What a tenant's topics and views hold."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._keys = settings, Keys(settings)
        self._redis = redis.Redis.from_url(settings.redis.url)
        self.log = PartitionLog(settings.kafka, group_name(settings, "worker"))

    def send_views(self) -> None:
        client = event_producer(self._settings.kafka)
        for user in USERS:
            for item in ("lamp", "desk", user):
                event = {"user_id": user, "item_id": item, "ts": time.time_ns() // 1_000_000}
                client.produce(topic_name(self._settings, "view"), json.dumps(event).encode(), key=user.encode())
        client.flush()

    def view(self, key: str) -> View | None:
        raw = cast("bytes | None", self._redis.get(key))
        return None if raw is None else decode_view(raw)

    def ranker(self) -> bytes | None:
        """What the learner has published."""
        return cast("bytes | None", self._redis.get(self._keys.ranker()))

    def whole_in(self, generation: int) -> bool:
        """Whether everybody's list is of that generation, and the lamp's row with all of its neighbours."""
        found = [self.view(key) for key in (*map(self._keys.rec, USERS), self._keys.sim("lamp"))]
        views = [view for view in found if view is not None and view.at.startswith(f"{generation:06d}-")]
        return len(views) == len(found) and set(views[-1].items) == {"desk", *USERS}

    def ts_of(self, user: str) -> int:
        """The event time of a user's list, 0 without one."""
        view = self.view(self._keys.rec(user))
        return view.ts if view else 0

    def unsaved(self) -> list[int]:
        """Partitions of `frames` whose saved state does not include all of them."""
        behind = []
        for partition in range(self._settings.topics.frames_partitions):
            end = self.log.bounds(topic_name(self._settings, FRAMES), partition)[1]
            saved = read_saved(self.log, self._settings, FRAMES, partition)
            if end and (saved is None or saved.offset != end - 1):
                behind.append(partition)
        return behind

    def applied(self) -> int | None:
        """By the worker's pulse, once nothing waits."""
        raw = cast("bytes | None", self._redis.get(self._keys.pulse(0)))
        pulse = decode_pulse(raw) if raw else None
        return pulse.applied if pulse and not pulse.behind else None


def test_a_state_is_handed_over_and_made_anew_only_by_the_next_generation(settings: Settings, tmp_path: Path) -> None:
    shop, output = Shop(settings), tmp_path / "output"
    with running(settings, variables_of(settings), output):
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        wait_for("a pulse that has counted all", lambda: shop.applied() == 3 * len(USERS) or None, output)
        wait_for("the ranker, which is held last", shop.ranker, output)
    assert shop.unsaved() == [], "a worker that is asked to end saves what it has"

    _damage(shop, settings)
    with running(settings, variables_of(settings), output):
        sent = time.time_ns() // 1_000_000
        shop.send_views()
        wait_for("a list made from the whole log", lambda: shop.ts_of("ann") >= sent or None, output)
        wait_for("a pulse that has counted all", lambda: shop.applied() is not None or None, output)
    assert "state is torn: replaying the log from its beginning" in output.read_text()
    assert shop.unsaved() == [], "and whole again"
    done = subprocess.run(
        [*COMMAND, "verify", "--json"], env=variables_of(settings), capture_output=True, text=True, check=False
    )
    assert (done.returncode, json.loads(done.stdout)["not_compared"]) == (0, []), done.stdout + done.stderr

    others = {"HEADRACE_PROFILES_HISTORY": "7"}
    with running(settings, variables_of(settings, **others), output) as parts:

        def status() -> int | None:
            return next((s.exit_status for s in parts.status() if s.part == "worker" and s.state == "down"), None)

        assert wait_for("the refusal", status, output) == EXIT_NEEDS_A_PERSON
    assert "HEADRACE_GENERATION=2" in output.read_text()

    with running(settings, variables_of(settings, HEADRACE_GENERATION="2", **others), output):
        wait_for("lists of the second generation", lambda: shop.whole_in(2), output)


def _damage(shop: Shop, settings: Settings) -> None:
    """A segment of the partition that holds ann is another than its manifest says."""
    topic = topic_name(settings, STATE_PROFILES)
    partition = partition_of("ann", settings.topics.frames_partitions)
    names = shop.log.latest(topic, partition, b"000001/")
    name = next(name for name in sorted(names) if not name.endswith(b"/manifest"))
    foreign = exact_producer(settings.kafka)
    foreign.produce(topic, names[name] + b"!", key=name, partition=partition)
    assert foreign.flush(60) == 0
