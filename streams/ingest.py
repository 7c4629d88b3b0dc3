"""Raw events in, frames out: validate, normalise ids, route by user; what is bad goes to dead-letter.

Per batch: consume → verdict per record → one frame per `frames` partition. What has landed in the log is committed now
and then: a crash in between repeats rows that are known by their source offsets; a delivery error ends the process.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from shared.adapters import failpoints, metrics
from shared.adapters.garbage import look_seldom
from shared.adapters.kafka_clients import exact_producer, group_consumer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.logs import configure_logging, end
from shared.contracts.errors import HeadraceError, Unavailable
from shared.contracts.sections import IngestSettings
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import group_name, raw_topics
from shared.core.frames.batch_frames import compile_kernels
from streams.intake.gaps import places_to_begin
from streams.intake.intake import Intake, Offsets
from streams.intake.raw_ids import RawIds
from streams.out.delivery import Delivery, UnderWay

log = structlog.get_logger()
LAG_S = 1.0
IDLE_S = 0.5  # the longest wait when nothing is under way
TOGETHER_S = 0.002  # within which what a broker's answer holds has been handed over
PART_BYTES = 4_000_000  # of a batch: more is not unpacked at once
FULL_BYTES = 1_000_000  # a broker's answer that waits no longer to fill


class Ingest:
    """The loop over one consumer and one producer."""

    def __init__(
        self,
        settings: Settings,
        consumer: Consumer,
        delivery: Delivery,
        raw_ids: RawIds,
        begin: Callable[[Consumer, list[TopicPartition]], list[TopicPartition]],
    ) -> None:
        """``begin``: partitions that it is given with the offsets from which it takes them."""
        self._settings = settings
        self._consumer = consumer
        self._delivery = delivery
        self._raw_ids = raw_ids
        self._begin = begin
        self._intake = Intake(settings, delivery)
        self._under_way: UnderWay[Offsets] = UnderWay(delivery)
        self._landed: Offsets = {}
        self._commit_due = self._lag_due = 0.0
        self.stopping = False

    def run(self) -> None:
        """Until :attr:`stopping`. What was taken is always finished."""
        topics = list(raw_topics(self._settings))
        self._consumer.subscribe(topics, on_assign=self._assigned, on_revoke=self._revoked)
        while not self.stopping:
            if records := _records(self._wait()):
                self._take(records)
            self._note_landed()
            if self._landed and time.monotonic() >= self._commit_due:
                self._commit(asynchronous=True)
            if time.monotonic() >= self._lag_due:
                self._show_lag()
        self._finish()

    def _show_lag(self) -> None:
        """Records that wait in the raw topics, as of the last fetch."""
        self._lag_due = time.monotonic() + LAG_S
        for place in self._consumer.position(self._consumer.assignment()):
            _, end = self._consumer.get_watermark_offsets(place, cached=True)
            if place.offset >= 0 and end >= 0:
                metrics.LAG_RECORDS.labels(place.topic, place.partition).set(max(0, end - place.offset))

    def _wait(self) -> list[Message]:
        """A record, and what came with it: the broker lets a batch fill. Nothing when it is time to look around."""
        rules = self._settings.ingest
        first = self._consumer.poll(rules.wait_ms / 1000 if self._under_way or self._landed else IDLE_S)
        return [] if first is None else [first, *self._consumer.consume(rules.batch, TOGETHER_S)]

    def _take(self, records: list[Message]) -> None:
        reached: Offsets = {}
        for part in in_parts(records):
            reached |= self._intake.take(part)
            self._raw_ids.taking({topic for topic, _ in reached})
            self._intake.send()
        self._under_way.close_round(reached)
        failpoints.reach(failpoints.INGEST_PRODUCED)

    def _note_landed(self) -> None:
        for reached in self._under_way.landed():
            self._landed |= reached

    def _finish(self) -> None:
        """Wait for what is under way, commit it."""
        self._delivery.flush()
        self._note_landed()
        self._commit(asynchronous=False)

    def _commit(self, *, asynchronous: bool) -> None:
        """Of partitions that are held. What was in hand when one was taken away lands after its next owner went on from
        before it, who may have committed more by then; the group would take the lesser offset all the same.
        """
        self._commit_due = time.monotonic() + self._settings.ingest.commit_ms / 1000
        landed, self._landed = self._landed, {}
        held = {(place.topic, place.partition) for place in self._consumer.assignment()} if landed else set()
        offsets = [TopicPartition(*place, offset) for place, offset in landed.items() if place in held]
        if not offsets:
            return
        failpoints.reach(failpoints.INGEST_LANDED)
        if asynchronous:
            self._consumer.commit(offsets=offsets, asynchronous=True)
        else:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        failpoints.reach(failpoints.INGEST_COMMITTED)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        log.info("assigned", partitions=len(partitions))
        self._raw_ids.check(sorted({place.topic for place in partitions}))
        consumer.assign(self._begin(consumer, partitions))

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:  # noqa: ARG002
        """The next owner goes on from here; whatever cannot be committed any more is dropped by its source offset."""
        with suppress(KafkaException):
            self._finish()
        metrics.LAG_RECORDS.clear()


NO_LEAP = {"auto.offset.reset": "error"}
"""Where the broker no longer has what is next, the process ends; the one after it says what is lost, and goes on."""


def filling(rules: IngestSettings) -> dict[str, Any]:
    """Batches fill at the broker: to ask for every record would cost it, with dozens of partitions to look into at each
    question, several times the record's own work, and a record that comes alone waits half as long.
    """
    return {"fetch.wait.max.ms": rules.wait_ms, "fetch.min.bytes": FULL_BYTES}


def in_parts(records: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Some after the other, each part at most :data:`PART_BYTES`, or one record."""
    if sum(map(len, records)) <= PART_BYTES:
        yield records
        return
    start = size = 0
    for n, record in enumerate(records):
        size += len(record)
        if size > PART_BYTES and n > start:
            yield records[start:n]
            start, size = n, len(record)
    yield records[start:]


def _records(polled: list[Message]) -> list[Message]:
    """Without what is no record."""
    if any([message.error() for message in polled]):  # noqa: C419 - a generator takes twice as long
        return [message for message in polled if not _passing(message)]
    return polled


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
        compile_kernels()  # so that no event waits for it
        options = NO_LEAP | filling(settings.ingest)
        consumer = group_consumer(settings.kafka, group_name(settings, "ingest"), **options)
        begin = partial(places_to_begin, settings)
        delivery = Delivery(exact_producer(settings.kafka))
        ingest = Ingest(settings, consumer, delivery, RawIds(settings, delivery), begin)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(ingest, "stopping", True))
        log.info("started", metrics_port=metrics.serve_metrics(settings.metrics))
        look_seldom()
        ingest.run()
        consumer.close()
    except HeadraceError as error:
        end("ingest", error)
    except KafkaException as error:  # of the consumer: what it cannot mend itself
        end("ingest", Unavailable(f"Kafka: {error.args[0].str()}"))


if __name__ == "__main__":
    main()
