"""Whether every raw record that ingest has acknowledged is in `frames` or in `dead-letter`, by its source offset."""

from collections import defaultdict

from services.verify.comparison import Comparison
from shared.adapters.kafka_clients import admin, headers_of
from shared.adapters.kafka_topics import partitions_by_topic
from shared.adapters.log_reader import PartitionLog
from shared.contracts.frames import Frame
from shared.contracts.settings import Settings
from shared.contracts.topics import DEAD_LETTER, group_name, raw_topics, topic_name

Place = tuple[str, int]
Accounted = defaultdict[Place, set[int]]


def check_completeness(log: PartitionLog, settings: Settings, accounted: Accounted, findings: Comparison) -> None:
    """``accounted``: what is in `frames`, by :func:`account_for`. O(raw records) of memory: their offsets. What the raw
    topics no longer keep is not asked for.
    """
    for place, offsets in _in_dead_letter(log, settings).items():
        accounted[place] |= offsets
    group = PartitionLog(settings.kafka, group_name(settings, "ingest"))
    counts = partitions_by_topic(admin(settings.kafka))
    for topic in sorted(raw_topics(settings)):
        for partition in range(counts.get(topic, 0)):
            _check(log, (topic, partition), group.committed(topic, partition), accounted[topic, partition], findings)
    group.close()


def _check(log: PartitionLog, place: Place, committed: int, accounted: set[int], findings: Comparison) -> None:
    topic, partition = place
    first, end = log.bounds(topic, partition)
    for message in log.messages(topic, partition, first, min(end, committed), contiguous=False):
        findings.same(
            f"{topic}/{partition} offset {message.offset()} accounted for", True, message.offset() in accounted
        )


def account_for(frame: Frame, accounted: Accounted) -> None:
    """Note the raw records that a frame holds."""
    sources, numbers = frame.column("source"), frame.column("source_partition")
    offsets = frame.column("source_offset")
    for index, number in set(zip(sources.tolist(), numbers.tolist(), strict=True)):
        mine = (sources == index) & (numbers == number)
        accounted[frame.sources[index], number].update(offsets[mine].tolist())


def _in_dead_letter(log: PartitionLog, settings: Settings) -> Accounted:
    found: Accounted = defaultdict(set)
    topic = topic_name(settings, DEAD_LETTER)
    first, end = log.bounds(topic, 0)
    for message in log.messages(topic, 0, first, end, contiguous=False):
        headers = headers_of(message)
        found[headers["topic"], int(headers["partition"])].add(int(headers["offset"]))
    return found
