"""Raw events in, frames out: validate, normalise ids, route by user; what is bad goes to dead-letter.

Per batch: consume → verdict per record → one frame per `frames` partition → flush → commit. A crash between flush and
commit repeats rows that are known by their source offsets; a delivery error ends the process before the commit.
"""

import signal
import sys

import structlog
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from shared.adapters import metrics
from shared.adapters.kafka_clients import exact_producer, group_consumer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.logs import configure_logging
from shared.contracts.errors import HeadraceError, Unavailable
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import group_name, raw_topics
from streams.delivery import Delivery
from streams.intake import Intake

log = structlog.get_logger()


class Ingest:
    """The loop over one consumer and one producer."""

    def __init__(self, settings: Settings, consumer: Consumer, delivery: Delivery) -> None:
        self._settings = settings
        self._consumer = consumer
        self._delivery = delivery
        self._intake = Intake(settings, delivery)
        self.stopping = False

    def run(self) -> None:
        """Until :attr:`stopping`. What was taken is always finished."""
        topics = list(raw_topics(self._settings))
        self._consumer.subscribe(topics, on_assign=_note_assignment)
        rules = self._settings.ingest
        while not self.stopping:
            messages = self._consumer.consume(rules.batch, rules.wait_ms / 1000)
            records = [m for m in messages if not _passing(m)]
            if records:
                self._take(records)

    def _take(self, records: list[Message]) -> None:
        reached: dict[tuple[str, int], int] = {}
        for message in records:
            self._intake.take(message)
            reached[str(message.topic()), int(message.partition() or 0)] = int(message.offset() or 0) + 1
        self._intake.send()
        self._delivery.flush()
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in reached.items()]
        self._consumer.commit(offsets=offsets, asynchronous=True)


def _note_assignment(consumer: Consumer, partitions: list[TopicPartition]) -> None:  # noqa: ARG001
    log.info("assigned", partitions=len(partitions))


def _passing(message: Message) -> bool:
    """Whether a polled message is a passing condition and not a record; other errors end the process."""
    error = message.error()
    if error is None:
        return False
    if error.code() in (KafkaError._PARTITION_EOF, KafkaError.UNKNOWN_TOPIC_OR_PART) or error.retriable():  # noqa: SLF001
        return True
    if error.code() in (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT):  # noqa: SLF001 - librdkafka reconnects
        return True
    raise Unavailable(f"Kafka: {error.str()}")


def main() -> None:
    """The process ``headrace ingest``."""
    try:
        settings = load_settings()
        configure_logging(settings.log, "ingest")
        ensure_topics(settings)
        consumer = group_consumer(settings.kafka, group_name(settings, "ingest"))
        ingest = Ingest(settings, consumer, Delivery(exact_producer(settings.kafka)))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(ingest, "stopping", True))
        log.info("started", metrics_port=metrics.serve_metrics(settings.metrics))
        ingest.run()
        consumer.close()
    except HeadraceError as error:
        log.error("stopped", error=str(error), status=error.exit_status)  # noqa: TRY400 - one clear line
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
