"""confluent-kafka clients with the settings that the exactness protocol stands on."""

from collections.abc import Callable
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from shared.adapters.kafka_said import SAID
from shared.contracts.errors import SettingsError, Unavailable
from shared.contracts.servers import KafkaSettings

Client = TypeVar("Client")
IN_ORDER = {"enable.idempotence": True, "max.in.flight.requests.per.connection": 1}
"""Of every producer. Kafka takes any number from a producer that a partition knows nothing of yet: of several requests
under way to one that is just being opened a later one may be the first that is taken, and the earlier ones, sent again,
are then told to be there already (decision 0013).
"""
FETCH_BYTES = 1_000_000
"""Of a partition in one answer, compressed: unpacked it may be twenty times that. A larger batch comes all the same."""


def _base(settings: KafkaSettings) -> dict[str, Any]:
    return {
        "bootstrap.servers": settings.bootstrap_servers,
        "topic.metadata.refresh.interval.ms": 10_000,
        "log_level": 3,  # errors; what librdkafka warns of, it tries again itself
        "logger": SAID,
        **settings.client,
    }


SILENT = {"log_level": 0}
"""Of clients that may long not be polled: what librdkafka says is kept until then, some twenty messages a second while
a broker is away. Whoever has one has another that is polled, and hears from that what is wrong.
"""


def _made(kind: Callable[[dict[str, Any]], Client], options: dict[str, Any]) -> Client:
    """Raises :class:`SettingsError` where librdkafka does not take an option."""
    try:
        return kind(options)
    except KafkaException as error:
        if error.args[0].code() != KafkaError._INVALID_ARG:  # noqa: SLF001 - librdkafka's own name for it
            raise
        raise SettingsError(f"kafka.client (HEADRACE_KAFKA_CLIENT): {error.args[0].str()}") from error


def admin(settings: KafkaSettings) -> AdminClient:
    return _made(AdminClient, _base(settings))


def group_consumer(settings: KafkaSettings, group: str, **more: Any) -> Consumer:
    """A member of a consumer group that commits by hand and starts at the earliest record."""
    return _made(
        Consumer,
        _base(settings)
        | {
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": settings.session_timeout_ms,
            "heartbeat.interval.ms": settings.session_timeout_ms // 6,
            "fetch.message.max.bytes": FETCH_BYTES,
        }
        | ({"group.instance.id": settings.instance_id} if settings.instance_id else {})
        | more,
    )


def log_reader(settings: KafkaSettings, **more: Any) -> Consumer:
    """A consumer outside any group, for reading partitions from given offsets to their end."""
    return _made(
        Consumer,
        _base(settings)
        | {
            "group.id": "headrace-log-reader",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 10,  # a fetch that waits at a log's end holds up the connection's next question
            "fetch.message.max.bytes": 12_000_000,
            **SILENT,
        }
        | more,
    )


def exact_producer(settings: KafkaSettings, **more: Any) -> Producer:
    """Idempotent and gapless: after a delivery error nothing later is delivered, so the process must end."""
    return _made(
        Producer,
        _base(settings)
        | {
            **IN_ORDER,
            "enable.gapless.guarantee": True,
            "compression.type": "lz4",
            "linger.ms": 2,
            "message.max.bytes": 10_500_000,
            "queue.buffering.max.kbytes": 262_144,
        }
        | more,
    )


def transactional_producer(settings: KafkaSettings, transactional_id: str, **more: Any) -> Producer:
    """For checkpoints: one transaction each; the id's next producer fences this one."""
    return _made(
        Producer,
        _base(settings)
        | {
            **IN_ORDER,
            "transactional.id": transactional_id,
            "transaction.timeout.ms": 60_000,
            "compression.type": "lz4",
            "linger.ms": 5,
            "message.max.bytes": 10_500_000,
            **SILENT,
        }
        | more,
    )


def event_producer(settings: KafkaSettings, **more: Any) -> Producer:
    """For events and impressions: idempotent, batched."""
    return _made(
        Producer,
        _base(settings)
        | {**IN_ORDER, "compression.type": "lz4", "linger.ms": 5, "message.max.bytes": 8_000_000}
        | more,
    )


def ended(message: Message) -> bool:
    """Whether a polled message says "end of partition"; raises :class:`Unavailable` on any other error."""
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's own name for it
        return True
    raise Unavailable(f"Kafka: {error.str()}") from KafkaException(error)


def headers_of(message: Message) -> dict[str, str]:
    """A record's headers as text."""
    found = dict(message.headers() or [])
    return {str(name): value.decode() if isinstance(value, bytes) else value or "" for name, value in found.items()}


def produce(producer: Producer, topic: str, value: bytes | None, **more: Any) -> None:
    """Queue a record; waits for room while the queue is full."""
    while True:
        try:
            producer.produce(topic, value, **more)
        except BufferError:
            producer.poll(0.1)
        else:
            producer.poll(0)
            return
