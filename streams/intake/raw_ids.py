"""Which raw topics records are taken of, by the ids that Kafka gave them: one that is made anew has another, and begins
at offset 0 again. And which secret names their users.
"""

from collections.abc import Set as AbstractSet
from contextlib import closing

from confluent_kafka import KafkaException, TopicCollection

from shared.adapters.kafka_clients import admin
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.identity import pseudonym
from shared.contracts.settings import Settings
from shared.contracts.topics import RAW_IDS, group_name, topic_name
from streams.out.delivery import Delivery

Ids = dict[str, bytes]
NAMING = "identity.user_secret"
"""Under which stands what only those can make who have the same secret."""


class RawIds:
    """Of the topics that an ingest is given."""

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self._settings, self._delivery = settings, delivery
        self._new: Ids = {}  # of topics of which nobody has taken anything

    def check(self, topics: list[str]) -> None:
        """:class:`NeedsAPerson` where one (as on the broker) is not that of which records were taken before: workers
        would drop its records as repeats of those that they know. And where users would get other names from now on.
        """
        there, known = _ids_of(self._settings, topics), _noted(self._settings)
        identity = self._settings.identity
        there[NAMING] = pseudonym(NAMING, identity).encode() if identity.user_secret else b"none"
        if known.get(NAMING, there[NAMING]) != there[NAMING]:
            raise NeedsAPerson(
                "HEADRACE_IDENTITY_USER_SECRET is not the one that users are named with in frames, states and views: "
                "everybody would begin anew, and what is kept could not be forgotten. Put it back, or see "
                "docs/operations.md, Forgetting"
            )
        if anew := sorted(topic for topic, found in there.items() if known.get(topic, found) != found):
            raise NeedsAPerson(
                f"{', '.join(anew)}: made anew since records were taken of it. Its offsets begin again, so workers "
                "would drop what comes as repeats: docs/operations.md says what to do"
            )
        self._new = {topic: found for topic, found in there.items() if topic not in known}

    def taking(self, topics: AbstractSet[str]) -> None:
        """Note those of which the first records are about to be handed on, in one round with what comes of these: no
        offset is committed before it has landed, and nobody waits for it.
        """
        for topic in sorted(self._new.keys() & {NAMING, *topics}):
            place = topic_name(self._settings, RAW_IDS)
            self._delivery.produce(place, self._new.pop(topic), key=topic.encode(), partition=0)


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
