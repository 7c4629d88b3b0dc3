"""Raw records between what ingest has acknowledged and what the broker has, when a partition is given to it."""

import structlog
from confluent_kafka import Consumer, TopicPartition

from shared.adapters import metrics
from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_lag import committed_offsets, kept_offsets
from shared.contracts.errors import NeedsAPerson
from shared.contracts.settings import Settings
from shared.contracts.topics import group_name

log = structlog.get_logger()


def look_for_gaps(settings: Settings, consumer: Consumer, partitions: list[TopicPartition]) -> None:
    """Records that the broker gave up before they were taken are lost: said and counted, and what it keeps is taken.
    :class:`NeedsAPerson` where a partition ends before what was taken of it.
    """
    asked = [(place.topic, place.partition) for place in partitions]
    taken = committed_offsets(consumer, group_name(settings, "ingest"), asked)
    for place, (first, end) in kept_offsets(admin(settings.kafka), list(taken)).items():
        if lost := given_up(place, taken[place], first, end):
            topic, partition = place
            which = {"partition": f"{topic}/{partition}", "first": taken[place], "last": first - 1}
            log.error("records are lost: the broker no longer kept them", **which)
            metrics.EVENTS_LOST.labels(topic).inc(lost)


def given_up(place: tuple[str, int], following: int, first: int, end: int) -> int:
    """How many records from ``following`` on there are no more; the partition has those from ``first`` to ``end``."""
    if following > end:
        raise NeedsAPerson(
            f"{place[0]}/{place[1]}: record {following} is next, but it ends at {end}: records were lost, or the topic "
            f"was made anew. Workers would drop what comes as repeats; `headrace rebuild` begins with what there is"
        )
    return max(0, first - following)
