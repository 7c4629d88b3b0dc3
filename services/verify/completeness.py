"""Whether every raw record that ingest has acknowledged is in `frames` or in `dead-letter`, by its source offset."""

from collections import defaultdict

import numpy as np

from services.verify.comparison import Comparison
from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_topics import partitions_by_topic
from shared.adapters.log_reader import PartitionLog
from shared.contracts.frames import decode_frame
from shared.contracts.settings import Settings
from shared.contracts.topics import DEAD_LETTER, FRAMES, group_name, raw_topics, topic_name

Place = tuple[str, int]
Accounted = dict[Place, set[int]]


def check_completeness(log: PartitionLog, settings: Settings, findings: Comparison) -> None:
    """O(raw records) of memory: their offsets. What the raw topics no longer keep is not asked for."""
    accounted = _in_frames(log, settings)
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


def _in_frames(log: PartitionLog, settings: Settings) -> Accounted:
    found: Accounted = defaultdict(set)
    topic = topic_name(settings, FRAMES)
    for partition in range(settings.topics.frames_partitions):
        _, end = log.bounds(topic, partition)
        for _, value in log.read(topic, partition, 0, end, contiguous=True):
            frame = decode_frame(value)
            sources, numbers = frame.column("source"), frame.column("source_partition")
            offsets = frame.column("source_offset")
            for index, number in set(zip(sources.tolist(), numbers.tolist(), strict=True)):
                mine = np.flatnonzero((sources == index) & (numbers == number))
                found[frame.sources[index], number].update(offsets[mine].tolist())
    return found


def _in_dead_letter(log: PartitionLog, settings: Settings) -> Accounted:
    found: Accounted = defaultdict(set)
    topic = topic_name(settings, DEAD_LETTER)
    first, end = log.bounds(topic, 0)
    for message in log.messages(topic, 0, first, end, contiguous=False):
        headers = {str(name): _text(value) for name, value in dict(message.headers() or []).items()}
        found[headers["topic"], int(headers["partition"])].add(int(headers["offset"]))
    return found


def _text(value: str | bytes | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
