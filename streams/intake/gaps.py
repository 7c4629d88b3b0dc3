"""Where ingest begins in a raw partition that is given to it, and what the broker no longer has by then."""

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from shared.adapters import metrics
from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_lag import committed_offsets, kept_offsets
from shared.contracts.errors import NeedsAPerson
from shared.contracts.settings import Settings
from shared.contracts.topics import group_name

log = structlog.get_logger()


def places_to_begin(settings: Settings, consumer: Consumer, given: list[TopicPartition]) -> list[TopicPartition]:
    """Partitions that are given to ingest, each with the offset from which it is taken: after what was acknowledged,
    else its beginning. Records that the broker gave up before they were taken are lost: said and counted.
    :class:`NeedsAPerson` where a partition ends before what was taken of it.
    """
    asked = [(place.topic, place.partition) for place in given]
    taken = committed_offsets(consumer, group_name(settings, "ingest"), asked)
    kept = kept_offsets(admin(settings.kafka), list(taken))
    for place, (first, end) in kept.items():
        if lost := given_up(place, taken[place], first, end):
            topic, partition = place
            which = {"partition": f"{topic}/{partition}", "first": taken[place], "last": first - 1}
            log.error("records are lost: the broker no longer kept them", **which)
            metrics.EVENTS_LOST.labels(topic).inc(lost)
    following = {place: max(taken[place], first) for place, (first, _) in kept.items()}
    return [TopicPartition(*place, following.get(place, OFFSET_BEGINNING)) for place in asked]


def given_up(place: tuple[str, int], following: int, first: int, end: int) -> int:
    """How many records from ``following`` on there are no more; the partition has those from ``first`` to ``end``."""
    if following > end:
        raise NeedsAPerson(
            f"{place[0]}/{place[1]}: record {following} is next, but it ends at {end}: records were lost. Workers "
            "would drop what comes as repeats: docs/operations.md says what to do"
        )
    return max(0, first - following)
