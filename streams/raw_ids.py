"""Which raw topics records are taken of, by the ids that Kafka gave them: one that is made anew has another, and begins
at offset 0 again.
"""

from collections.abc import Iterable
from contextlib import closing

from confluent_kafka import KafkaException, TopicCollection

from shared.adapters.kafka_clients import admin, event_producer, produce
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import RAW_IDS, group_name, topic_name

DELIVERED_S = 30.0
Ids = dict[str, bytes]


class RawIds:
    """Of the topics that an ingest is given."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._new: Ids = {}  # of topics of which nobody has taken anything

    def check(self, topics: list[str]) -> None:
        """:class:`NeedsAPerson` where one (as on the broker) is not that of which records were taken before: workers
        would drop its records as repeats of those that they know.
        """
        there, known = _ids_of(self._settings, topics), _noted(self._settings)
        if anew := sorted(topic for topic, found in there.items() if known.get(topic, found) != found):
            raise NeedsAPerson(
                f"{', '.join(anew)}: made anew since records were taken of it. Its offsets begin again, so workers "
                "would drop what comes as repeats: docs/operations.md says what to do"
            )
        self._new = {topic: found for topic, found in there.items() if topic not in known}

    def taking(self, topics: Iterable[str]) -> None:
        """Note those of which the first records are about to be handed on."""
        if first := self._new.keys() & topics:
            _note(self._settings, {topic: self._new.pop(topic) for topic in first})


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
