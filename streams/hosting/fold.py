"""Applies a partition's records to its step: those that arrive, and those that are read from the log."""

from collections.abc import Iterator

import structlog

from shared.adapters.log_reader import PartitionLog
from streams.hosting.checkpoints import Partition
from streams.hosting.crashes import Crashes
from streams.steps.ports import Ports
from streams.steps.step import Step, as_bytes

log = structlog.get_logger()
Skipped = dict[Partition, frozenset[int]]
"""Offsets that a person decided to leave out."""


class Fold:
    """Reads from ``records``; used from one thread. ``skipped`` names every partition that is folded."""

    def __init__(self, ports: Ports, records: PartitionLog, skipped: Skipped) -> None:
        self._records = records
        self._skipped = skipped
        self._crashes = Crashes(ports)

    def apply(
        self,
        step: Step,
        partition: Partition,
        offset: int,
        value: bytes,
        *,
        key: bytes = b"",
        arrived: int = 0,
        replayed: bool = False,
    ) -> None:
        """One record. ``arrived``: the broker's time of it (epoch ms); ``replayed``: its effects are out."""
        if offset in self._skipped[partition]:
            log.warning("record skipped, as was decided", topic=partition[0], partition=partition[1], offset=offset)
            step.skip(offset)
            return
        with self._crashes.counted(partition, offset):
            step.apply_keyed(offset, key, value, arrived=arrived, replayed=replayed)

    def read(self, step: Step, partition: Partition, start: int, end: int, *, replayed: bool = False) -> None:
        """The records [start, end) of the log."""
        for _ in self.each(step, partition, start, end, replayed=replayed):
            pass

    def each(self, step: Step, partition: Partition, start: int, end: int, *, replayed: bool = False) -> Iterator[None]:
        """The same; comes back after each of them."""
        topic, number = partition
        if step.keyed:
            yield from self._each_keyed(step, partition, start, end, replayed=replayed)
            return
        for offset, value in self._records.read(topic, number, start, end, contiguous=step.contiguous):
            self.apply(step, partition, offset, value, replayed=replayed)
            yield

    def _each_keyed(self, step: Step, partition: Partition, start: int, end: int, *, replayed: bool) -> Iterator[None]:
        for message in self._records.messages(*partition, start, end, contiguous=step.contiguous):
            offset, value, key = int(message.offset() or 0), message.value() or b"", as_bytes(message.key())
            arrived = arrived_ms(message.timestamp()[1])
            self.apply(step, partition, offset, value, key=key, arrived=arrived, replayed=replayed)
            yield


def arrived_ms(time: float | None) -> int:
    """A record's time in epoch ms, 0 where it has none."""
    return max(0, round(time or 0))
