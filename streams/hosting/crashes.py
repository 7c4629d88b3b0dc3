"""A record at which workers end by a mistake is not tried for ever: the third time a person is called; one that another
version of Headrace wrote, the first time.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.contracts.errors import BadRecord, NeedsAPerson, Unavailable
from shared.contracts.reasons import UNKNOWN_VERSION
from shared.contracts.skips import MOST_CRASHES, decode_crashes, encode_crashes
from streams.hosting.checkpoints import Partition
from streams.steps.ports import Ports

KEPT_S = 86_400


class Crashes:
    """Counts, beside the views, how often a partition's workers ended at one and the same record."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @contextmanager
    def counted(self, partition: Partition, offset: int) -> Iterator[None]:
        """Whatever is raised within is the record's doing, unless Kafka or Redis did not answer."""
        try:
            yield
        except (Unavailable, NeedsAPerson):
            raise
        except Exception as error:
            foreign = isinstance(error, BadRecord) and error.reason == UNKNOWN_VERSION
            times = self._note(partition, offset, MOST_CRASHES if foreign else 1)
            if times < MOST_CRASHES:
                raise
            topic, number = partition
            what = (
                f"another version of Headrace wrote record {offset}: {error}; start its workers, or go on as "
                "docs/operations.md says under Upgrading"
                if foreign
                else f"{times} workers ended at record {offset}, the last by {type(error).__name__}: {error}"
            )
            raise NeedsAPerson(f"{topic}/{number}: {what}") from error

    def _note(self, partition: Partition, offset: int, by: int) -> int:
        key = self._ports.keys.crashes(*partition)
        [held] = self._ports.views.read([key])
        where, times = decode_crashes(held)
        count = times + by if where == offset else by
        self._ports.views.mark(key, encode_crashes(offset, count), KEPT_S)
        return count
