"""Sends dead letters back to the topics they came from: after a fix, once each.

What was sent back and how far `dead-letter` was read are one Kafka transaction, so a run that is cut off repeats
nothing. A letter that is still bad becomes a new dead letter, which the next run finds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from shared.adapters.kafka_clients import group_consumer, headers_of, produce, transactional_producer
from shared.adapters.kafka_topics import need_topics
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import HeadraceError, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import BATCH_LIST, DEAD_LETTER, group_name, raw_topics, topic_name

BATCH = 500
BATCH_BYTES = 16_000_000  # of a transaction, one more letter included: what is too large is a letter, too
TIMEOUT_S = 60.0
Sent = Counter[tuple[str, str]]
"""(raw topic, reason) → letters."""


class DeadLetters:
    """What is in `dead-letter` by now and was not sent back yet. ``close`` it."""

    def __init__(self, settings: Settings) -> None:
        need_topics(settings)
        self._settings = settings
        self._topic = topic_name(settings, DEAD_LETTER)
        self._group = group_name(settings, "dead-letter")
        self._log = PartitionLog(settings.kafka, self._group)
        self._first, self._end = self._log.bounds(self._topic, 0)
        self._start = self._reached()

    def _reached(self) -> int:
        return max(self._first, self._log.committed(self._topic, 0))

    @cached_property
    def waiting(self) -> Sent:
        """How many, by where they came from and why."""
        letters = self._log.messages(self._topic, 0, self._start, self._end, contiguous=False)
        return Counter((headers["topic"], headers["reason"]) for headers in map(headers_of, letters))

    def send_back(self, progress: Callable[[int], None]) -> int:
        """Send all that waits; ``progress`` hears how many more. Nothing is sent if one came from a topic that is no
        raw topic of these settings.
        """
        known = {*raw_topics(self._settings), topic_name(self._settings, BATCH_LIST)}
        unknown = {topic for topic, _ in self.waiting} - known
        if unknown:
            raise HeadraceError(f"dead letters came from {', '.join(sorted(unknown))}, which no event type reads")
        producer = transactional_producer(self._settings.kafka, self._group)
        consumer = group_consumer(self._settings.kafka, self._group)
        try:
            producer.init_transactions(TIMEOUT_S)
            self._start = self._reached()  # whoever else sent some back meanwhile is shut out from here on
            return self._send_all(producer, consumer, progress)
        except KafkaException as error:
            raise Unavailable(f"dead letters were not sent back: {error.args[0].str()}") from error
        finally:
            consumer.close()

    def _send_all(self, producer: Producer, consumer: Consumer, progress: Callable[[int], None]) -> int:
        letters = self._log.messages(self._topic, 0, self._start, self._end, contiguous=False)
        return sum(self._send(producer, consumer, batch, progress) for batch in batches(letters))

    def _send(
        self, producer: Producer, consumer: Consumer, batch: list[Message], progress: Callable[[int], None]
    ) -> int:
        producer.begin_transaction()
        for letter in batch:
            produce(producer, headers_of(letter)["topic"], letter.value(), key=letter.key())
        reached = TopicPartition(self._topic, 0, int(batch[-1].offset() or 0) + 1)
        producer.send_offsets_to_transaction([reached], consumer.consumer_group_metadata(), TIMEOUT_S)
        producer.commit_transaction(TIMEOUT_S)
        progress(len(batch))
        return len(batch)

    def close(self) -> None:
        self._log.close()


def batches(letters: Iterable[Message]) -> Iterator[list[Message]]:
    """Some after the other, each as many as one transaction takes."""
    batch, size = list[Message](), 0
    for letter in letters:
        batch.append(letter)
        size += len(letter)
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
