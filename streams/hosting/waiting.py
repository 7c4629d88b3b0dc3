"""How many records wait for a worker, by what its consumer heard with the last fetch."""

from collections.abc import Callable, Mapping

from aiokafka.errors import IllegalStateError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from streams.hosting.checkpoints import Partition

NOT_ASSIGNED = (AssertionError, AttributeError, IllegalStateError, ConsumerNotStarted)
"""What aiokafka and Faust raise of a partition that is being assigned or revoked just now, in the consumer's thread:
the first by an ``assert``, the second where the assignment went away after it.
"""


def waiting(end_of: Callable[[TP], int | None], offsets: Mapping[Partition, int]) -> dict[Partition, int]:
    """By partition the records beyond its offset, the last that is included; ``end_of``: the offset after its newest
    record, None if no fetch has told it yet. What is not assigned is left out.
    """
    behind = {}
    for (topic, number), offset in offsets.items():
        try:
            end = end_of(TP(topic, number))
        except NOT_ASSIGNED:
            continue
        behind[topic, number] = max(0, (end or 0) - offset - 1)
    return behind
