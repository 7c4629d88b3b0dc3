"""Users who act ten times a second in every partition of `frames`: how long until their lists include it?"""

import json
import math
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import redis
from confluent_kafka import KafkaException

from shared.adapters.clock import epoch_ms
from shared.adapters.kafka_clients import event_producer
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import topic_name
from shared.contracts.views import Keys, decode_view

EVERY_S, LOOK_S = 0.1, 0.02
REST = 4  # times as long as a look took: many that wait must not make looking what takes the machine
USERS_PER_PARTITION = 20  # each acts every 2 s: none is taken for a bot
WINDOW_S, FRESH_S = 1.0, 1.0
PERCENT = 99
ITEMS = 50


@dataclass
class Probe:
    """An event and its moments on the monotonic clock; ``seen`` once the user's list includes it."""

    user: str
    ts: int
    sent: float
    seen: float | None = None


class Probes(threading.Thread):
    """Sends and looks until ``stop()``."""

    def __init__(self, settings: Settings, look_s: float = LOOK_S) -> None:
        super().__init__(name="probes", daemon=True)
        self._look_s = look_s
        self._settings, self._keys = settings, Keys(settings)
        self._redis = redis.Redis.from_url(settings.redis.url)
        self._ending = threading.Event()
        self._users = probing_users(settings.topics.frames_partitions)
        self._waiting: list[Probe] = []
        self.probes: list[Probe] = []

    def run(self) -> None:
        producer, due, n = event_producer(self._settings.kafka, **{"linger.ms": 0}), time.monotonic(), 0
        pause = self._look_s
        while not self._ending.wait(pause):
            if time.monotonic() >= due:
                due, n = due + EVERY_S, n + 1
                for user in self._users[n % USERS_PER_PARTITION]:
                    probe = Probe(user, epoch_ms(), time.monotonic())
                    event = {"user_id": user, "item_id": f"probed-{n % ITEMS}", "ts": probe.ts}
                    with suppress(BufferError, KafkaException):
                        producer.produce(topic_name(self._settings, "view"), json.dumps(event).encode())
                        self._waiting.append(probe)
                        self.probes.append(probe)
            producer.poll(0)
            began = time.monotonic()
            self._look()
            pause = max(self._look_s, REST * (time.monotonic() - began))

    def _look(self) -> None:
        if not self._waiting:
            return
        users = list({probe.user for probe in self._waiting})
        raw = self._redis.mget([self._keys.rec(user) for user in users])
        now = time.monotonic()
        known = {user: decode_view(view).ts for user, view in zip(users, raw, strict=True) if view is not None}  # type: ignore[arg-type]
        for probe in self._waiting:
            if probe.ts <= known.get(probe.user, 0):
                probe.seen = now
        self._waiting = [probe for probe in self._waiting if probe.seen is None]

    def stop(self) -> None:
        self._ending.set()
        self.join()


def probing_users(partitions: int) -> list[list[str]]:
    """By turn, a user of each partition."""
    by_partition: list[list[str]] = [[] for _ in range(partitions)]
    number = 0
    while any(len(users) < USERS_PER_PARTITION for users in by_partition):
        users = by_partition[partition_of(name := f"probe-{number}", partitions)]
        if len(users) < USERS_PER_PARTITION:
            users.append(name)
        number += 1
    return [list(turn) for turn in zip(*by_partition, strict=True)]


def stale_windows(probes: Sequence[Probe], start: float, end: float) -> list[tuple[float, bool]]:
    """(its end, whether p99 of the events sent in it was a second or more) of each window within [start, end), ten a
    second. What was not seen yet counts as never. A window without events is stale: nobody can tell.
    """
    sent = [probe for probe in probes if start <= probe.sent < end]
    windows = []
    for n in range(int((end - start - WINDOW_S) / EVERY_S)):
        opens = start + n * EVERY_S
        ages = sorted(_age(p) for p in sent if opens <= p.sent < opens + WINDOW_S)
        windows.append((opens + WINDOW_S, not ages or percentile(ages, PERCENT) >= FRESH_S))
    return windows


def percentile(ordered: Sequence[float], percent: float) -> float:
    """By nearest rank."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def recovery(probes: Sequence[Probe], struck: float, end: float) -> tuple[float | None, float | None]:
    """Seconds from a blow to the end of the first window whose p99 is below a second, and to the first after which it
    stays there up to ``end``.
    """
    windows = stale_windows(probes, struck, end)
    first = next((over - struck for over, stale in windows if not stale), None)
    last_stale = max((n for n, (_, stale) in enumerate(windows) if stale), default=-1)
    lasting = windows[last_stale + 1][0] - struck if last_stale + 1 < len(windows) else None
    return first, lasting


def _age(probe: Probe) -> float:
    return math.inf if probe.seen is None else probe.seen - probe.sent
