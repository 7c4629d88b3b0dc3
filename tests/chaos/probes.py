"""Users who act every second, one in each partition of `frames`: how long until their lists know?"""

import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import redis
from confluent_kafka import KafkaException

from shared.adapters.kafka_clients import event_producer
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import topic_name
from shared.contracts.views import Keys, decode_view

EVERY_S = 1.0
LOOK_S = 0.05
SETTLING_S = 60.0  # what was sent last may still come


@dataclass
class Probe:
    """Monotonic seconds; ``seen`` once the user's list includes the event."""

    user: str
    ts: int
    sent: float
    seen: float | None = None


class Probes(threading.Thread):
    """Sends and looks until ``stop()``; ``taken``: how many events the broker has."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="probes", daemon=True)
        self._settings, self._keys = settings, Keys(settings)
        self._redis = redis.Redis.from_url(settings.redis.url, socket_timeout=1)
        self._ending = threading.Event()
        self.probes: list[Probe] = []
        self.taken = 0
        partitions = settings.topics.frames_partitions
        names = [f"probe-{n}" for n in range(100)]
        self._users = [next(n for n in names if partition_of(n, partitions) == p) for p in range(partitions)]

    def run(self) -> None:
        producer, due, n = event_producer(self._settings.kafka), 0.0, 0
        while not self._ending.wait(LOOK_S):
            if time.monotonic() >= due:
                due, n = time.monotonic() + EVERY_S, n + 1
                for user in self._users:
                    probe = Probe(user, time.time_ns() // 1_000_000, time.monotonic())
                    event = {"user_id": user, "item_id": f"probed-{n % 50}", "ts": probe.ts}
                    with suppress(BufferError, KafkaException):
                        producer.produce(
                            topic_name(self._settings, "view"), json.dumps(event).encode(), on_delivery=self._heard
                        )
                        self.probes.append(probe)
            producer.poll(0)
            self._look()
        producer.flush(60)
        deadline = time.monotonic() + SETTLING_S
        while any(probe.seen is None for probe in self.probes) and time.monotonic() < deadline:
            self._look()
            time.sleep(LOOK_S)

    def _heard(self, error: object, _: object) -> None:
        self.taken += error is None

    def _look(self) -> None:
        waiting = [probe for probe in self.probes if probe.seen is None]
        with suppress(redis.RedisError):
            for user in {probe.user for probe in waiting}:
                raw = self._redis.get(self._keys.rec(user))
                ts = decode_view(raw).ts if isinstance(raw, bytes) else 0
                for probe in waiting:
                    if probe.user == user and probe.ts <= ts:
                        probe.seen = time.monotonic()

    def stop(self) -> None:
        self._ending.set()
        self.join()

    def recovery(self, struck: float) -> float | None:
        """Seconds from a blow until every partition's first event after it was in its list; None if one never was."""
        firsts = [next((p for p in self.probes if p.user == user and p.sent >= struck), None) for user in self._users]
        seen = [probe.seen for probe in firsts if probe is not None]
        known = [moment for moment in seen if moment is not None]
        return max(known) - struck if len(known) == len(self._users) else None
