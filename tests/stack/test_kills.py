"""A worker that is killed again and again, against a fold of the log that nothing interrupts."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
import redis

from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.log_reader import PartitionLog
from shared.adapters.state_log import read_saved
from shared.contracts.deltas import decode_delta, encode, unpacked
from shared.contracts.frames import decode_frame
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import FRAMES, ITEM_DELTAS, group_name, topic_name
from shared.contracts.views import Keys, decode_view
from shared.core.items import item_segments
from shared.core.items.items import Items
from shared.core.profiles import profile_segments
from shared.core.profiles.profiles import Profiles
from shared.core.tables.segments import PENDING, Segments
from tests.stack.parts import COMMAND, running, variables_of
from tests.waiting import wait_for

KILLS = 3
EVENTS = 3000
DEADLINE_S = 600.0
Deltas = dict[tuple[int, int, int], bytes]  # items partition, frames partition and offset → the delta


class Shop:
    """A tenant with parts running, and what its logs hold."""

    def __init__(self, settings: Settings, parts: Supervisor, variables: dict[str, str], output: Path) -> None:
        self.settings, self.parts, self._variables, self.output = settings, parts, variables, output
        self._log = PartitionLog(settings.kafka, group_name(settings, "worker"))

    def simulate(self) -> subprocess.Popen[bytes]:
        sizes = ["--events", str(EVENTS), "--rate", "150", "--users", "300", "--items", "200", "--seed", "5"]
        return subprocess.Popen([*COMMAND, "simulate", *sizes], env=self._variables, stderr=subprocess.DEVNULL)

    def kill_worker(self) -> None:
        [worker] = [status for status in self.parts.status() if status.part == "worker"]
        if worker.pid:
            os.kill(worker.pid, signal.SIGKILL)

    def end(self, short: str, partition: int) -> int:
        return self._log.bounds(topic_name(self.settings, short), partition)[1]

    def committed(self, short: str, partition: int) -> int:
        return self._log.committed(topic_name(self.settings, short), partition)

    def read(self, short: str, partition: int) -> Iterator[tuple[int, bytes]]:
        topic = topic_name(self.settings, short)
        return self._log.read(topic, partition, 0, self.end(short, partition), contiguous=True)

    def saved(self, short: str, partition: int) -> tuple[int, Segments]:
        found = read_saved(self._log, self.settings, short, partition)
        return (-1, {}) if found is None else (found.offset, found.segments)

    def places(self) -> list[tuple[str, int]]:
        sizes = self.settings.topics
        frames = [(FRAMES, p) for p in range(sizes.frames_partitions)]
        return frames + [(ITEM_DELTAS, p) for p in range(sizes.items_partitions)]

    def all_saved(self) -> bool:
        """Whether every record is applied, acknowledged and in a saved state."""
        ends = {place: self.end(*place) for place in self.places()}
        return all(self.committed(*p) == end and self.saved(*p)[0] == end - 1 for p, end in ends.items() if end)


@pytest.fixture
def shop(stack: EmbeddedStack, tmp_path: Path) -> Iterator[Shop]:
    settings = load_settings(
        tenant=f"kill-{uuid4().hex[:6]}", kafka={"bootstrap_servers": stack.kafka}, redis={"url": stack.redis}
    )
    ensure_topics(settings)
    variables = variables_of(settings, HEADRACE_TICKS_CHECKPOINT_MS="1000")
    output = tmp_path / "output"
    with running(settings, variables, output) as supervisor:
        yield Shop(settings, supervisor, variables, output)


def without_pace(segments: Segments) -> Segments:
    return {name: raw for name, raw in segments.items() if not name.startswith(PENDING)}


def test_state_and_deltas_equal_an_uninterrupted_fold_of_the_log(shop: Shop) -> None:
    events = shop.simulate()
    for _ in range(KILLS):
        wait_for("a saved state", lambda: any(shop.saved(*place)[0] >= 0 for place in shop.places()), shop.output)
        time.sleep(2)
        shop.kill_worker()
        time.sleep(1)
    assert events.wait(DEADLINE_S) == 0
    wait_for("all states to be saved", shop.all_saved, shop.output)

    applied, expected = 0, Deltas()
    for partition in range(shop.settings.topics.frames_partitions):
        step = Profiles(shop.settings, partition)
        for offset, value in shop.read(FRAMES, partition):
            effects = step.step(offset, decode_frame(value))
            applied += sum(effects.applied.values())
            expected |= {(to, partition, offset): encode(delta) for to, delta in effects.deltas}
        assert without_pace(shop.saved(FRAMES, partition)[1]) == profile_segments.take(step.state)
        assert_lists_include_the_last_event(shop, step)
    assert applied > EVENTS * 0.9  # the rest are repeats by their id, and bots

    assert deltas_in_the_log(shop) == expected
    for partition in range(shop.settings.topics.items_partitions):
        items = Items(shop.settings, partition)
        for offset, value in shop.read(ITEM_DELTAS, partition):
            for raw in unpacked(value):
                items.step(offset, decode_delta(raw))
        saved = without_pace(shop.saved(ITEM_DELTAS, partition)[1])
        assert saved == without_pace(item_segments.take(items))
    restarts = [line for line in shop.output.read_text().splitlines() if "partition restored" in line]
    assert any("saved=-1" not in line for line in restarts)


def assert_lists_include_the_last_event(shop: Shop, step: Profiles) -> None:
    store, keys = redis.Redis.from_url(shop.settings.redis.url), Keys(shop.settings)
    users = [user for user in step.state.users.slots if step.state.history(user)]
    assert users
    for user, raw in zip(users, cast("list[bytes]", store.mget([keys.rec(user) for user in users])), strict=True):
        assert raw is not None, "a user with a history has no list"
        assert decode_view(raw).ts == step.state.history(user)[-1][1]


def deltas_in_the_log(shop: Shop) -> Deltas:
    """Every delta; those that were sent again must say the same."""
    found = Deltas()
    for partition in range(shop.settings.topics.items_partitions):
        last: dict[int, int] = {}
        for value in (raw for _, pack in shop.read(ITEM_DELTAS, partition) for raw in unpacked(pack)):
            delta = decode_delta(value)
            key = (partition, delta.partition, delta.offset)
            if key not in found:
                assert delta.offset > last.get(delta.partition, -1), "a delta came after a later one: it was dropped"
            assert found.setdefault(key, value) == value
            last[delta.partition] = max(delta.offset, last.get(delta.partition, -1))
    return found
