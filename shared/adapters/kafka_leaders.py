"""Questions that only a partition's leader, or a group's coordinator, answers: asked again while one is being found, as
just after the topic's creation or a broker's start.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

T = TypeVar("T")
RETRY_S = 0.2
NO_LEADER_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001 - what a client says whose metadata is older than the topic
)

NO_COORDINATOR_YET = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)


def led(ask: Callable[[], T], patience_s: float) -> T:
    """The answer of ``ask``; its :class:`KafkaException`, unless who answers is found within ``patience_s``."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in (*NO_LEADER_YET, *NO_COORDINATOR_YET) or time.monotonic() > deadline:
                raise
        time.sleep(RETRY_S)
