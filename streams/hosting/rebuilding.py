"""Makes the step of a partition that was just assigned, on a thread of its own: what is held already goes on meanwhile.

State of a partition is the fold of its log. A new owner goes on from the state that was saved last; the records from
there to the group's committed offset had their effects delivered before they were acknowledged, so they are replayed
without effects. What comes after is for the host: its effects belong into turns.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

from shared.adapters.log_reader import PartitionLog
from shared.adapters.state_log import StateLog
from shared.contracts.errors import NeedsAPerson
from streams.hosting.checkpoints import Checkpoints, Partition
from streams.hosting.fold import Fold, Skipped
from streams.steps.ports import Ports
from streams.steps.step import Step

log = structlog.get_logger()

TAKERS = 16
StepFactory = Callable[[int, Ports], Step]
Decided = Callable[[str, int], frozenset[int]]
"""(topic on the broker, partition) → offsets that a person decided to leave out."""
Begun = tuple[Step, StateLog | None] | None
"""A step that knows nothing yet, and the right to save it; None if nobody wants it any more."""


class Rebuilding:
    """``steps`` by topic name on the broker; what is ``decided`` enters ``skipped``, by partition.

    ``records`` and ``decided`` are used from its thread only.
    """

    def __init__(
        self,
        ports: Ports,
        steps: dict[str, StepFactory],
        records: PartitionLog,
        checkpoints: Checkpoints,
        decided: Decided,
    ) -> None:
        self.skipped: Skipped = {}
        self._ports = ports
        self._factories = steps
        self._log = records
        self._checkpoints = checkpoints
        self._decided = decided
        self._fold = Fold(ports, records, self.skipped)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rebuilding")
        self._takers = ThreadPoolExecutor(TAKERS, thread_name_prefix="taking-over")
        self._begun: dict[Partition, Future[Begun]] = {}

    def in_order(self, partitions: Iterable[Partition]) -> list[Partition]:
        """As they are to be rebuilt: by the steps' order, in which what users wait for comes first."""
        topics = list(self._factories)
        return sorted(partitions, key=lambda partition: (topics.index(partition[0]), partition[1]))

    def begin(self, partition: Partition, wanted: Callable[[], bool]) -> Future[Begun]:
        """Take over the right to save it, unless it is not ``wanted`` any more. That is half a second of waiting for
        Kafka: begun of all partitions at once it is half a second for all.
        """
        before = self._begun.get(partition)
        begun = self._begun[partition] = self._takers.submit(self._begin, partition, wanted, before)
        return begun

    def _begin(self, partition: Partition, wanted: Callable[[], bool], before: Future[Begun] | None) -> Begun:
        if before is not None:
            wait([before])  # which would fence this one, were it later
        if not wanted():
            return None
        topic, number = partition
        step = self._factories[topic](number, self._ports)
        return step, self._checkpoints.take_over(step)

    async def rebuilt(self, partition: Partition, begun: Future[Begun], wanted: Callable[[], bool]) -> Step | None:
        """The partition's step as of the committed offset; None if it is not ``wanted`` any more when its turn comes.
        One after the other.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._rebuild, partition, begun, wanted)
        finally:
            if self._begun.get(partition) is begun:
                del self._begun[partition]

    def _rebuild(self, partition: Partition, begun: Future[Begun], wanted: Callable[[], bool]) -> Step | None:
        taken = begun.result()
        if taken is None or not wanted():
            return None
        (topic, number), (step, states) = partition, taken
        self.skipped[partition] = self._decided(topic, number)
        self._checkpoints.restore(partition, step, states)
        saved, committed = step.offset, self._log.committed(topic, number)
        first, end = self._log.bounds(topic, number)
        if step.contiguous and saved >= end:
            raise NeedsAPerson(f"{topic}/{number}: the state includes record {saved}, the log ends before {end}")
        if step.stateless:
            step.skip(min(committed, end) - 1)
        else:
            start = saved + 1 if step.contiguous or first <= saved < end else first
            self._fold.read(step, partition, start, min(committed, end), replayed=True)
        log.info(
            "partition restored", topic=topic, partition=number, saved=saved, offset=step.offset, committed=committed
        )
        return step
