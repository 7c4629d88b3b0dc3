"""A tenant whose catalogue says what its items are."""

import json
import time
from typing import Any

import redis

from shared.adapters.kafka_clients import event_producer
from shared.contracts.settings import Settings
from shared.contracts.topics import topic_name
from shared.contracts.views import Keys, View, decode_view


class Shop:
    """What is sent to it, and what its views say."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.keys = Keys(settings)
        self.redis = redis.Redis.from_url(settings.redis.url)
        self._client = event_producer(settings.kafka)

    def send(self, topic: str, key: str, fields: dict[str, Any] | None) -> None:
        value = None if fields is None else json.dumps(fields).encode()
        self._client.produce(topic_name(self._settings, topic), value, key=key.encode())
        self._client.flush()

    def view(self, user: str, item: str, **more: Any) -> None:
        self.send("view", user, {"user_id": user, "item_id": item, "ts": time.time_ns() // 1_000_000, **more})

    def read(self, key: str) -> bytes | None:
        raw = self.redis.get(key)
        return raw if isinstance(raw, bytes) else None

    def list_of(self, key: str) -> View | None:
        raw = self.read(key)
        return None if raw is None else decode_view(raw)

    def lists(self, key: str, item: str) -> bool:
        """Whether the list that stands there has the item."""
        found = self.list_of(key)
        return found is not None and item in found.items

    def changes(self) -> list[str]:
        entries: Any = self.redis.xrange(self.keys.changes())
        return [fields[b"item"].decode() for _, fields in entries]
