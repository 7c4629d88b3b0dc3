"""Reads and writes the topic `skips`: a record per decision of a person, so all of them are read at once."""

from shared.adapters.kafka_clients import event_producer, produce
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.skips import Skip, decode_skip, encode_skip, skip_key
from shared.contracts.topics import SKIPS, topic_name

DELIVERED_S = 30.0


def skipped_offsets(records: PartitionLog, settings: Settings, topic: str, partition: int) -> frozenset[int]:
    """Which records of a partition (topic as on the broker) are not to be applied."""
    values = records.latest(topic_name(settings, SKIPS), 0, skip_key(topic, partition, 0)[:-1]).values()
    return frozenset(decode_skip(value).offset for value in values)


def write_skip(settings: Settings, skip: Skip) -> None:
    """Back when Kafka has it, else :class:`Unavailable`."""
    failures: list[str] = []
    producer = event_producer(settings.kafka)
    produce(
        producer,
        topic_name(settings, SKIPS),
        encode_skip(skip),
        key=skip_key(skip.topic, skip.partition, skip.offset),
        partition=0,
        on_delivery=lambda error, _: failures.append(error.str()) if error else None,
    )
    if producer.flush(DELIVERED_S) or failures:
        raise Unavailable(f"Kafka did not take the skip: {failures[0] if failures else 'no answer'}")
