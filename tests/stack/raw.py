"""Everything in raw topics, read to their end."""

from contextlib import closing
from typing import Any

import msgspec
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from shared.adapters.kafka_clients import admin, ended, log_reader
from shared.adapters.kafka_topics import partitions_by_topic
from shared.contracts.settings import Settings
from shared.contracts.topics import topic_name


def read_raw(settings: Settings, kinds: list[str]) -> list[tuple[str, bytes | None, dict[str, Any]]]:
    """(kind, key, decoded value) of each record."""
    counts = partitions_by_topic(admin(settings.kafka))
    names = {topic_name(settings, kind): kind for kind in kinds}
    left = [TopicPartition(name, p, OFFSET_BEGINNING) for name in names for p in range(counts[name])]
    found = []
    with closing(log_reader(settings.kafka)) as consumer:
        consumer.assign(left)
        open_ends = len(left)
        while open_ends:
            message = consumer.poll(30)
            assert message is not None, "Kafka was silent"
            if ended(message):
                open_ends -= 1
                continue
            value = message.value()
            assert value is not None
            found.append((names[str(message.topic())], message.key(), msgspec.json.decode(value)))
    return found
