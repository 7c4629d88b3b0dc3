"""A tenant whose parts run: events are sent to it, its lists and topics read."""

import json
import time
from typing import Any

import redis
from confluent_kafka import Message, TopicPartition

from services.demo.figures import Figures, read_figures
from services.ops.supervisor import Supervisor
from shared.adapters.kafka_clients import ended, event_producer, log_reader
from shared.contracts.settings import Settings
from shared.contracts.topics import topic_name
from shared.contracts.views import Keys, View, decode_view
from tests.waiting import wait_for


class Shop:
    """A tenant with an ingest and a worker running."""

    def __init__(self, settings: Settings, parts: Supervisor) -> None:
        self.settings = settings
        self.parts = parts
        self.redis = redis.Redis.from_url(settings.redis.url)
        self.keys = Keys(settings)
        self.sent = 0

    def send_raw(
        self, kind: str, value: bytes | None, key: bytes | None = None, *, codec: str = "none", partition: int = -1
    ) -> Message:
        """One raw record; the delivered message."""
        delivered: list[Message] = []
        client = event_producer(self.settings.kafka, **{"compression.type": codec})
        topic = topic_name(self.settings, kind)
        client.produce(topic, value, key=key, partition=partition, on_delivery=lambda _, m: delivered.append(m))
        client.flush()
        [message] = delivered
        assert message.error() is None
        self.sent += 1
        return message

    def send(self, kind: str, user: str, item: str, **more: Any) -> int:
        """One good event now; its time."""
        ts = time.time_ns() // 1_000_000
        fields = {"user_id": user, "item_id": item, "ts": ts, **more}
        self.send_raw(kind, json.dumps(fields).encode(), user.encode())
        return ts

    def list_of(self, user: str) -> View | None:
        raw = self.redis.get(self.keys.rec(user))
        return decode_view(raw) if isinstance(raw, bytes) else None

    def list_at(self, user: str, ts: int) -> View:
        """The user's list once it includes their event at ``ts``."""

        def look() -> View | None:
            view = self.list_of(user)
            return view if view is not None and view.ts >= ts else None

        return wait_for(f"{user}'s list", look)

    def figures(self) -> Figures | None:
        return read_figures(s.url for s in self.parts.status() if s.url)

    def log(self, short: str) -> list[Message]:
        """Every record of a topic."""
        topic = topic_name(self.settings, short)
        client = log_reader(self.settings.kafka)
        metadata = client.list_topics(topic, timeout=30).topics[topic]
        found, open_partitions = [], set(metadata.partitions)
        client.assign([TopicPartition(topic, p, 0) for p in metadata.partitions])
        while open_partitions:
            for message in client.consume(500, 1.0):
                if ended(message):
                    open_partitions.discard(message.partition())
                else:
                    found.append(message)
        client.close()
        return found
