"""Which raw topics records are taken of, by the ids that Kafka gave them: one that is made anew has another, and begins
at offset 0 again.
"""

from contextlib import closing

from confluent_kafka import KafkaException, TopicCollection

from shared.adapters.kafka_clients import admin, event_producer, produce
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import RAW_IDS, group_name, topic_name

DELIVERED_S = 30.0
Ids = dict[str, bytes]


def check_ids(settings: Settings, topics: list[str]) -> None:
    """Note the ids of topics (as on the broker) that were not met before. :class:`NeedsAPerson` where one is another by
    now: workers would drop its records as repeats of those that they know.
    """
    there, known = _ids_of(settings, topics), _noted(settings)
    if anew := sorted(topic for topic, found in there.items() if known.get(topic, found) != found):
        raise NeedsAPerson(
            f"{', '.join(anew)}: made anew since records were taken of it. Its offsets begin again, so workers would "
            "drop what comes as repeats: docs/operations.md says what to do"
        )
    _note(settings, {topic: found for topic, found in there.items() if topic not in known})


def _ids_of(settings: Settings, topics: list[str]) -> Ids:
    client = admin(settings.kafka)
    found = client.describe_topics(TopicCollection(topics))  # answered while the client lives
    try:
        return {topic: str(told.result().topic_id).encode() for topic, told in found.items()}
    except KafkaException as error:
        raise Unavailable(f"Kafka does not describe raw topics: {error.args[0].str()}") from error


def _noted(settings: Settings) -> Ids:
    with closing(PartitionLog(settings.kafka, group_name(settings, "ingest"))) as log:
        return {topic.decode(): found for topic, found in log.latest(topic_name(settings, RAW_IDS), 0, b"").items()}


def _note(settings: Settings, ids: Ids) -> None:
    failures: list[str] = []
    producer = event_producer(settings.kafka)
    for topic, found in ids.items():
        produce(
            producer,
            topic_name(settings, RAW_IDS),
            found,
            key=topic.encode(),
            partition=0,
            on_delivery=lambda error, _: failures.append(error.str()) if error else None,
        )
    if producer.flush(DELIVERED_S) or failures:
        raise Unavailable(f"Kafka did not take ids of raw topics: {failures[0] if failures else 'no answer'}")
