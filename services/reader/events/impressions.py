"""Every answer served is logged to the `impression` topic; Kafka being away never delays an answer.

librdkafka's queue is the bound, and a batch before it: what does not fit, or is not delivered in time, is dropped and
counted.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from shared.adapters.kafka_clients import SILENT, event_producer
from shared.adapters.metrics import IMPRESSIONS_DROPPED
from shared.contracts.impressions import Impression
from shared.contracts.settings import Settings
from shared.contracts.topics import IMPRESSION, topic_name

MAX_BATCH, BATCH_S = 256, 0.02  # each call of the producer gives up the interpreter's lock, which costs more than it
FLUSH_S = 2.0  # how long an ending reader waits for its last impressions


class ImpressionLog:
    """Hands impressions to a producer, ``batch`` at once or what there is after :data:`BATCH_S`, without waiting for
    anything. ``later`` has a function called after some seconds.
    """

    def __init__(
        self, producer: Producer, topic: str, batch: int, later: Callable[[float, Callable[[], None]], Any]
    ) -> None:
        self._producer, self._topic = producer, topic
        self._batch, self._later = batch, later
        self._encode = msgspec.json.Encoder().encode
        self._waiting: list[dict[str, Any]] = []

    def add(self, impression: Impression) -> None:
        """Hold one for the next batch."""
        waiting = self._waiting
        if not waiting:
            self._later(BATCH_S, self.send)
        waiting.append({"value": self._encode(impression), "key": impression.user_id or None})
        if len(waiting) >= self._batch:
            self.send()

    def send(self) -> None:
        """Queue what is held; what is refused is dropped and counted."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            try:
                queued = self._producer.produce_batch(self._topic, waiting, on_delivery=count_lost)
            except (BufferError, KafkaException):
                queued = 0
            IMPRESSIONS_DROPPED.inc(len(waiting) - queued)
        self._producer.poll(0)

    def close(self) -> None:
        """Deliver what can be delivered shortly; count the rest."""
        self.send()
        if left := self._producer.flush(FLUSH_S):
            IMPRESSIONS_DROPPED.inc(left)


def count_lost(error: KafkaError | None, _message: Message) -> None:
    """Called by librdkafka for what it could not deliver."""
    if error is not None:
        IMPRESSIONS_DROPPED.inc()


def impression_log(settings: Settings, later: Callable[[float, Callable[[], None]], Any]) -> ImpressionLog:
    """A log on a producer of its own, bounded by ``reader.impression_queue``."""
    most = settings.reader.impression_queue
    more: dict[str, Any] = {
        "queue.buffering.max.messages": most,
        "linger.ms": 50,
        "delivery.report.only.error": True,
        **SILENT,  # it is polled when answers are logged; the producer for what users tell says what is wrong
    }
    return ImpressionLog(
        event_producer(settings.kafka, **more), topic_name(settings, IMPRESSION), min(MAX_BATCH, most), later
    )
