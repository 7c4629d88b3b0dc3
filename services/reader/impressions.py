"""Every answer served is logged to the `impression` topic; Kafka being away never delays an answer.

librdkafka's queue is the bound: what does not fit, or is not delivered in time, is dropped and counted.
"""

from typing import Any

import msgspec
import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from shared.adapters.kafka_clients import event_producer
from shared.adapters.metrics import IMPRESSIONS_DROPPED
from shared.contracts.impressions import Impression
from shared.contracts.settings import Settings
from shared.contracts.topics import IMPRESSION, topic_name

FLUSH_S = 2.0  # how long an ending reader waits for its last impressions
log = structlog.get_logger()


class ImpressionLog:
    """Hands impressions to a producer without waiting for anything."""

    def __init__(self, producer: Producer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._encode = msgspec.json.Encoder().encode

    def add(self, impression: Impression) -> None:
        """Queue one, or drop and count it."""
        try:
            self._producer.produce(
                self._topic, self._encode(impression), impression.user_id or None, on_delivery=count_lost
            )
        except (BufferError, KafkaException):
            IMPRESSIONS_DROPPED.inc()
        self._producer.poll(0)

    def close(self) -> None:
        """Deliver what can be delivered shortly; count the rest."""
        if left := self._producer.flush(FLUSH_S):
            IMPRESSIONS_DROPPED.inc(left)


def count_lost(error: KafkaError | None, _message: Message) -> None:
    """Called by librdkafka for what it could not deliver."""
    if error is not None:
        IMPRESSIONS_DROPPED.inc()


def impression_log(settings: Settings) -> ImpressionLog:
    """A log on a producer of its own, whose queue is bounded by ``reader.impression_queue``."""
    more: dict[str, Any] = {
        "queue.buffering.max.messages": settings.reader.impression_queue,
        "linger.ms": 50,
        "delivery.report.only.error": True,
        "error_cb": FirstOutage(),
        "log_level": 2,  # each refused connection is not worth a line; FirstOutage says that all are
    }
    return ImpressionLog(event_producer(settings.kafka, **more), topic_name(settings, IMPRESSION))


class FirstOutage:
    """Says once that no broker answers; from then on the count of dropped impressions tells."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN and not self._said:  # noqa: SLF001 - librdkafka's own name
            self._said = True
            log.warning("impressions_kafka_away", error=error.str())
