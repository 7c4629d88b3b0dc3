"""Creates the topics that do not exist; leaves those that do as they are."""

import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from shared.adapters.kafka_clients import admin
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.state import STATE_TOPICS
from shared.contracts.topics import FOLDED, Topic, all_topics, topic_name

TIMEOUT_S = 30.0
FIRST_WAIT_S = 1.0


def partitions_by_topic(client: AdminClient, timeout: float = TIMEOUT_S) -> dict[str, int]:
    """Every topic of the cluster with its partition count.

    Asked again and again for ``timeout`` seconds; why there is no answer yet is said meanwhile, by librdkafka.
    """
    deadline, patience = time.monotonic() + timeout, FIRST_WAIT_S
    while True:
        try:
            metadata = client.list_topics(timeout=max(0.0, min(patience, deadline - time.monotonic())))
        except KafkaException as error:
            if time.monotonic() >= deadline:
                raise Unavailable(f"no answer from Kafka: {error.args[0].str()}") from error
            patience *= 2
        else:
            return {name: len(topic.partitions) for name, topic in metadata.topics.items()}
        finally:
            client.poll(0)  # says why: a broker that refuses us is none that is away


def ensure_topics(settings: Settings) -> dict[str, int]:
    """Create what is missing (safe to call from many processes at once); returns topic → partitions of ours.

    A partition count of `frames`, `item-deltas`, `tops` or `state.*` that differs from the settings is
    :class:`NeedsAPerson`: routing by it would split users and items from their state.
    """
    client = admin(settings.kafka)
    there = partitions_by_topic(client)
    wanted = all_topics(settings)
    _create(client, [t for t in wanted if t.name not in there], settings.kafka.replication_factor)
    there = partitions_by_topic(client)
    ours = {t.name: there.get(t.name, t.partitions) for t in wanted}
    fixed = {topic_name(settings, short) for short in (*FOLDED, *STATE_TOPICS.values())}
    for topic in wanted:
        if topic.name in fixed and ours[topic.name] != topic.partitions:
            raise NeedsAPerson(
                f"topic {topic.name} has {ours[topic.name]} partitions, the settings say {topic.partitions}"
            )
    return ours


def _create(client: AdminClient, topics: list[Topic], replication: int) -> None:
    if not topics:
        return
    new = [NewTopic(t.name, t.partitions, replication, config=dict(t.config)) for t in topics]
    for name, future in client.create_topics(new, operation_timeout=TIMEOUT_S).items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise Unavailable(f"topic {name} was not created: {error.args[0].str()}") from error
