"""What a compacted topic says by now: the latest record of each key, whichever partition producers put it into."""

from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple

from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_topics import partitions_by_topic
from shared.adapters.log_reader import PartitionLog
from shared.contracts.settings import Settings
from shared.contracts.topics import group_name

GROUP = "import"


class Latest(NamedTuple):
    """A key's latest record: where it stands, when it came (epoch ms), its value (empty unless it was asked for)."""

    at: int
    partition: int
    value: bytes


def latest(
    settings: Settings,
    topic: str,
    wanted: Callable[[bytes], bool] | None = None,
    *,
    values: bool,
    part: Callable[[bytes], bytes] | None = None,
) -> dict[bytes, Latest]:
    """By key, without what was removed. ``topic`` as on the broker; ``wanted`` says of a key whether it is kept,
    ``part`` of a value what is.

    Two producers may have put one key into two partitions: the later record counts. O(kept keys) of memory.
    """
    with closing(PartitionLog(settings.kafka, group_name(settings, GROUP))) as log:
        found: dict[bytes, Latest | None] = {}
        for partition in range(partitions_by_topic(admin(settings.kafka)).get(topic, 0)):
            for message in log.messages(topic, partition, *log.bounds(topic, partition), contiguous=False):
                key, value = message.key(), message.value()
                if not isinstance(key, bytes) or (wanted is not None and not wanted(key)):
                    continue
                at, known = int(message.timestamp()[1]), found.get(key)
                if known is not None and known.partition != partition and known.at > at:
                    continue
                held = b"" if value is None or not values else value if part is None else part(value)
                found[key] = None if value is None else Latest(at, partition, held)
    return {key: record for key, record in found.items() if record is not None}
