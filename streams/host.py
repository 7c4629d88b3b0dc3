"""Holds a worker's partitions: rebuilds them from the log, feeds them in order, publishes, acknowledges.

State of a partition is the fold of its log. A new owner reads the log from its beginning; records below the group's
committed offset had their effects delivered before they were acknowledged, so those effects are not sent again.
All state is touched from one thread of an executor; Faust's loop stays free for heartbeats.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from shared.adapters.log_reader import PartitionLog
from shared.contracts.topics import group_name
from streams.ports import Ports
from streams.step import Step

log = structlog.get_logger()

Partition = tuple[str, int]
Acknowledge = Callable[[], None]
StepFactory = Callable[[int, Ports], Step]


class Host:
    """``steps`` by topic name on the broker. Coroutines are called from one event loop."""

    def __init__(self, ports: Ports, steps: dict[str, StepFactory]) -> None:
        self._ports = ports
        self._factories = steps
        self._held: dict[Partition, Step] = {}
        self._marked: dict[Partition, str] = {}
        self._epoch_due = 0
        self._unacknowledged: list[Acknowledge] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="steps")
        self._log = PartitionLog(ports.settings.kafka, group_name(ports.settings, "worker"))

    async def _run(self, function: Callable[..., None], *arguments: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def assign(self, partitions: set[Partition]) -> None:
        """These partitions, and no others, are held from now on; new ones are rebuilt."""
        await self._run(self._assign, partitions)

    def _assign(self, partitions: set[Partition]) -> None:
        for partition in set(self._held) - partitions:
            del self._held[partition]
            self._marked.pop(partition, None)
        for partition in sorted(partitions - set(self._held)):
            self._step(partition)

    def _step(self, partition: Partition) -> Step:
        step = self._held.get(partition)
        if step is None:
            topic, number = partition
            step = self._factories[topic](number, self._ports)
            self._rebuild(step, topic)
            self._held[partition] = step
        return step

    def _rebuild(self, step: Step, topic: str) -> None:
        """Fold the partition's log up to its present end."""
        committed = self._log.committed(topic, step.partition)
        first, end = self._log.bounds(topic, step.partition)
        start = 0 if step.contiguous else first
        self._fold(step, topic, start, end, committed)
        log.info("partition restored", topic=topic, partition=step.partition, offset=step.offset, committed=committed)

    def _fold(self, step: Step, topic: str, start: int, end: int, committed: int) -> None:
        for offset, value in self._log.read(topic, step.partition, start, end, contiguous=step.contiguous):
            step.apply(offset, value, replayed=offset < committed)

    async def process(self, partition: Partition, offset: int, value: bytes, acknowledge: Acknowledge) -> None:
        """Apply a record, unless it is included; ``acknowledge`` is called once its effects are delivered."""
        await self._run(self._process, partition, offset, value)
        self._unacknowledged.append(acknowledge)

    def _process(self, partition: Partition, offset: int, value: bytes) -> None:
        step = self._step(partition)
        if offset <= step.offset:
            return
        if step.contiguous and offset > step.offset + 1:
            self._fold(step, partition[0], step.offset + 1, offset, committed=0)
        step.apply(offset, value, replayed=False)

    async def tick(self) -> None:
        """Publish what waits, make sure of what was produced, acknowledge what led to it."""
        due, self._unacknowledged = self._unacknowledged, []
        await self._run(self._tick)
        for acknowledge in due:
            acknowledge()

    def _tick(self) -> None:
        now = self._ports.clock()
        for step in list(self._held.values()):
            step.tick(now)
        self._ports.delivery.flush()
        if now >= self._epoch_due:
            self._epoch_due = now + self._ports.settings.ticks.epoch_ms
            self._mind_the_views()

    def _mind_the_views(self) -> None:
        """A view store that restarted or was emptied gets everything again. Each partition leaves a marker with the
        server's run id once all of it is published, so an unfinished republication is seen by the next owner, too.
        """
        run_id = self._ports.views.run_id()
        held = list(self._held.items())
        marks = self._ports.views.read([self._marker(p) for p, _ in held])
        for (partition, step), mark in zip(held, marks, strict=True):
            stands = mark is not None and mark.decode() == run_id
            if not stands and self._marked.get(partition) != run_id:
                log.info("publishing all views", topic=partition[0], partition=partition[1])
                step.republish()
                self._marked[partition] = run_id
            elif not stands and step.settled:
                self._ports.views.mark(self._marker(partition), run_id)
            elif stands:
                self._marked.pop(partition, None)

    def _marker(self, partition: Partition) -> str:
        return self._ports.keys.published(*partition)

    def close(self) -> None:
        """After the last tick."""
        self._thread.shutdown(wait=True)
        self._log.close()
