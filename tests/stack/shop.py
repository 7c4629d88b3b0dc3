"""What the topics and views of a tenant hold whose users view a few items."""

import json
import time
from typing import cast

import redis

from shared.adapters.kafka_clients import event_producer
from shared.adapters.log_reader import PartitionLog
from shared.adapters.state_log import read_saved
from shared.contracts.pulse import decode_pulse
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, ITEM_DELTAS, group_name, topic_name
from shared.contracts.views import Keys, View, decode_view

USERS = ["ann", "bob", "cem", "dan", "eve"]


class Shop:
    """What a tenant's topics and views hold."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._keys = settings, Keys(settings)
        self._redis = redis.Redis.from_url(settings.redis.url)
        self.log = PartitionLog(settings.kafka, group_name(settings, "worker"))

    def send_views(self, *items: str) -> None:
        """Everybody views these, or lamp, desk and an item of their own."""
        client = event_producer(self._settings.kafka)
        for user in USERS:
            for item in items or ("lamp", "desk", user):
                event = {"user_id": user, "item_id": item, "ts": time.time_ns() // 1_000_000}
                client.produce(topic_name(self._settings, "view"), json.dumps(event).encode(), key=user.encode())
        client.flush()

    def view(self, key: str) -> View | None:
        raw = cast("bytes | None", self._redis.get(key))
        return None if raw is None else decode_view(raw)

    def lose_views(self) -> None:
        """As a FLUSHALL would, but for those of other tenants."""
        self._redis.delete(*self._redis.scan_iter(f"{self._settings.tenant}:*"))

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

    def acknowledged(self) -> bool:
        """Whether what all of `item-deltas` say stands: the worker's group has them behind it."""
        topic, partitions = topic_name(self._settings, ITEM_DELTAS), range(self._settings.topics.items_partitions)
        return all(self.log.committed(topic, n) == self.log.bounds(topic, n)[1] for n in partitions)

    def applied(self) -> int | None:
        """By the worker's pulse, once nothing waits."""
        raw = cast("bytes | None", self._redis.get(self._keys.pulse(0)))
        pulse = decode_pulse(raw) if raw else None
        return pulse.applied if pulse and not pulse.behind else None
