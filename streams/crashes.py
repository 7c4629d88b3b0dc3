"""A record at which workers end by a mistake is not tried for ever: the third time a person is called."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.skips import MOST_CRASHES, decode_crashes, encode_crashes
from streams.checkpoints import Partition
from streams.ports import Ports

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
            times = self._note(partition, offset)
            if times < MOST_CRASHES:
                raise
            topic, number = partition
            what = f"{times} workers ended at record {offset}, the last by {type(error).__name__}: {error}"
            raise NeedsAPerson(f"{topic}/{number}: {what}") from error

    def _note(self, partition: Partition, offset: int) -> int:
        key = self._ports.keys.crashes(*partition)
        [held] = self._ports.views.read([key])
        where, times = decode_crashes(held)
        count = times + 1 if where == offset else 1
        self._ports.views.mark(key, encode_crashes(offset, count), KEPT_S)
        return count
