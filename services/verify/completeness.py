"""Whether every raw record that ingest has acknowledged is in `frames` or in `dead-letter`, by its source offset."""

from collections import defaultdict
from contextlib import closing

import numpy as np

from services.verify.offsets import Offsets
from services.verify.shop import Shop
from shared.adapters.kafka_clients import admin, headers_of
from shared.adapters.kafka_topics import partitions_by_topic
from shared.adapters.log_reader import PartitionLog
from shared.contracts.frames import Frame
from shared.contracts.settings import Settings
from shared.contracts.topics import DEAD_LETTER, group_name, raw_topics, topic_name

Place = tuple[str, int]
Accounted = defaultdict[Place, Offsets]


def acknowledged(settings: Settings) -> dict[Place, int]:
    """How far ingest has acknowledged the raw topics. What it has by now is in `frames` or `dead-letter` by now, so it
    is asked before these are read.
    """
    counts = partitions_by_topic(admin(settings.kafka))
    places = [(topic, n) for topic in sorted(raw_topics(settings)) for n in range(counts.get(topic, 0))]
    with closing(PartitionLog(settings.kafka, group_name(settings, "ingest"))) as group:
        return {place: group.committed(*place) for place in places}


def check_completeness(shop: Shop, committed: dict[Place, int], accounted: Accounted) -> None:
    """``committed``: what :func:`acknowledged` said; ``accounted``: what is in `frames`, by :func:`account_for`.
    What the raw topics no longer keep is not asked for.
    """
    _add_dead_letters(shop.log, shop.settings, accounted)
    for place, end in committed.items():
        check_place(shop, place, end, accounted[place])


def check_place(shop: Shop, place: Place, committed: int, accounted: Offsets) -> None:
    """One raw partition, up to what ingest has acknowledged; what is beyond that and nowhere is said to be behind. What
    is accounted for, and beyond the partition's end, is of a topic that was made anew: workers take the records of this
    one for those, and drop them.
    """
    topic, partition = place
    first, end = shop.log.bounds(topic, partition)
    findings, behind = shop.findings.of("raw records"), 0  # no difference of offsets: marks of transactions have some
    for message in shop.log.messages(topic, partition, first, end, contiguous=False):
        offset = int(message.offset() or 0)
        if offset >= committed:
            behind += offset not in accounted
        else:
            findings.same(f"{topic}/{partition} offset {offset} accounted for", True, offset in accounted)
    if accounted.end > end:
        findings.stray(
            f"{topic}/{partition} offset {accounted.end - 1} in frames or dead-letter, though the topic ends at {end}"
        )
    if behind:
        shop.findings.not_compared.append(f"{topic}/{partition}: {behind} records are behind")


def account_for(frame: Frame, accounted: Accounted) -> None:
    """Note the raw records that a frame holds."""
    sources, numbers = frame.column("source"), frame.column("source_partition")
    offsets = frame.column("source_offset")
    for index, number in set(zip(sources.tolist(), numbers.tolist(), strict=True)):
        mine = (sources == index) & (numbers == number)
        accounted[frame.sources[index], number].update(offsets[mine])


def _add_dead_letters(log: PartitionLog, settings: Settings, accounted: Accounted) -> None:
    topic = topic_name(settings, DEAD_LETTER)
    first, end = log.bounds(topic, 0)
    for message in log.messages(topic, 0, first, end, contiguous=False):
        headers = headers_of(message)
        accounted[headers["topic"], int(headers["partition"])].update(np.array([int(headers["offset"])]))
