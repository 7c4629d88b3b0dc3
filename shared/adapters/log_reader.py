"""Reads one partition of a log, from an offset to its end: how state is rebuilt and gaps are closed."""

from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from shared.adapters.kafka_clients import ended, log_reader
from shared.adapters.kafka_leaders import led
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.servers import KafkaSettings

TIMEOUT_S = 60.0
BATCH = 64
SETTLED = 2**63 - 1  # the end of a partition in which no transaction is open


class PartitionLog:
    """Reads for one group's topics; ``close`` it."""

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        self._consumer: Consumer = log_reader(settings, **{"group.id": group})

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """(first offset kept, offset after the last)."""
        place = TopicPartition(topic, partition)
        try:
            return led(lambda: self._consumer.get_watermark_offsets(place, timeout=TIMEOUT_S), TIMEOUT_S)
        except KafkaException as error:
            raise Unavailable(f"no offsets of {topic}/{partition}: {error.args[0].str()}") from error

    def committed(self, topic: str, partition: int) -> int:
        """The group's committed offset, 0 if it never committed."""
        try:
            asked = [TopicPartition(topic, partition)]
            [found] = led(lambda: self._consumer.committed(asked, timeout=TIMEOUT_S), TIMEOUT_S)
        except KafkaException as error:
            raise Unavailable(f"no committed offset of {topic}/{partition}: {error.args[0].str()}") from error
        return max(0, int(found.offset))

    def read(
        self, topic: str, partition: int, start: int, end: int, *, contiguous: bool
    ) -> Iterator[tuple[int, bytes]]:
        """(offset, value) of records in [start, end). A contiguous log that has lost some of them is
        :class:`NeedsAPerson`: going on would silently skip what they said.
        """
        for offset, _, value in self.dated(topic, partition, start, end, contiguous=contiguous):
            yield offset, value

    def dated(
        self, topic: str, partition: int, start: int, end: int, *, contiguous: bool
    ) -> Iterator[tuple[int, int, bytes]]:
        """(offset, timestamp in epoch ms, value), else as :meth:`read`."""
        first, _ = self.bounds(topic, partition)
        if contiguous and first > start:
            raise NeedsAPerson(f"{topic}/{partition}: records {start} to {first - 1} are gone from the log")
        for message in self.messages(topic, partition, max(start, first), end, contiguous=contiguous):
            yield int(message.offset() or 0), int(message.timestamp()[1]), message.value() or b""

    def latest(self, topic: str, partition: int, prefix: bytes, *, settled: bool = False) -> dict[bytes, bytes]:
        """Of a compacted partition, the latest value of each key that begins so and was not removed. ``settled``: also
        what stands behind somebody's open transaction, whose end is waited for.
        """
        first, end = self.bounds(topic, partition)
        found: dict[bytes, bytes] = {}
        for message in self.messages(topic, partition, first, SETTLED if settled else end, contiguous=False):
            key, value = message.key(), message.value()
            if not isinstance(key, bytes) or not key.startswith(prefix):
                continue
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value
        return found

    def messages(self, topic: str, partition: int, position: int, end: int, *, contiguous: bool) -> Iterator[Message]:
        """The records themselves, as :meth:`read` gives their values."""
        if position >= end:
            return
        self._consumer.assign([TopicPartition(topic, partition, position)])
        try:
            yield from self._until(topic, partition, position, end, contiguous=contiguous)
        finally:
            self._consumer.unassign()

    def _until(self, topic: str, partition: int, position: int, end: int, *, contiguous: bool) -> Iterator[Message]:
        while position < end:
            first = self._consumer.poll(TIMEOUT_S)
            if first is None:
                raise Unavailable(f"{topic}/{partition}: no record at {position} within {TIMEOUT_S:.0f} s")
            # consume() alone would wait for a whole batch: at the log's end that is the whole timeout
            for message in (first, *self._consumer.consume(BATCH, 0)):
                if ended(message):
                    if end == SETTLED and self._is_open(message):
                        continue
                    return
                offset = int(message.offset() or 0)
                if contiguous and offset != position:
                    raise NeedsAPerson(f"{topic}/{partition}: records {position} to {offset - 1} are missing")
                if offset >= end:
                    return
                position = offset + 1
                yield message

    def _is_open(self, end: Message) -> bool:
        """Whether a transaction is, at what seems to be the end: more stands behind it."""
        place = TopicPartition(str(end.topic()), int(end.partition() or 0))
        return bool(self._consumer.get_watermark_offsets(place, cached=True)[1] > int(end.offset() or 0))

    def close(self) -> None:
        self._consumer.close()
