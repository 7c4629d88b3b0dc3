"""Creates the topics that do not exist; leaves those that do as they are."""

import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from shared.adapters.kafka_clients import admin
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.state import STATE_TOPICS
from shared.contracts.topics import DEAD_LETTER, FOLDED, SKIPS, Topic, all_topics, topic_name

TIMEOUT_S = 30.0
FIRST_WAIT_S = 1.0
REACH_S = 10.0  # an unreachable broker is said after this to somebody who waits


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


def there(settings: Settings) -> set[str]:
    """The topics of the cluster, for somebody who waits: :class:`Unavailable` says soon where nobody answers."""
    try:
        return set(partitions_by_topic(admin(settings.kafka), REACH_S))
    except Unavailable as error:
        raise Unavailable(
            f"Kafka at {settings.kafka.bootstrap_servers} does not answer ({error}); "
            "`headrace up` starts one, HEADRACE_KAFKA_BOOTSTRAP_SERVERS names another"
        ) from error


def need_topics(settings: Settings) -> None:
    """:class:`Unavailable` unless Kafka answers and has what ingest and workers have made there at their start."""
    shorts = (*FOLDED, *STATE_TOPICS.values(), DEAD_LETTER, SKIPS)
    if missing := {topic_name(settings, short) for short in shorts} - there(settings):
        raise Unavailable(
            f"Kafka at {settings.kafka.bootstrap_servers} has no topic {min(missing)}: "
            f"no ingest or worker has run there{f' for tenant {settings.tenant}' if settings.tenant else ''}"
        )


def ensure_topics(settings: Settings) -> dict[str, int]:
    """Create what is missing (safe to call from many processes at once); returns topic → partitions of ours.

    A partition count of `frames`, `item-deltas`, `tops` or `state.*` that differs from the settings is
    :class:`NeedsAPerson`: routing by it would split users and items from their state.
    """
    client = admin(settings.kafka)
    before = partitions_by_topic(client)
    wanted = all_topics(settings)
    _create(client, [t for t in wanted if t.name not in before], settings.kafka.replication_factor)
    after = partitions_by_topic(client)
    ours = {t.name: after.get(t.name, t.partitions) for t in wanted}
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
