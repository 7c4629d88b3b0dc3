"""Holds a worker's partitions: rebuilds them from the log, feeds them in order, publishes, acknowledges.

State of a partition is the fold of its log. A new owner goes on from the state that was saved last and reads the log
from there; records below the group's committed offset had their effects delivered before they were acknowledged, so
those effects are not sent again.

Records wait in a bounded inbox; a turn takes all that wait, applies them, then makes each touched user's list once:
the further behind, the more records share a list. State is touched from one thread of an executor; Faust's loop stays
free for heartbeats.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import structlog

from shared.adapters import failpoints
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import Fenced, NeedsAPerson
from shared.contracts.topics import partition_counts
from streams.checkpoints import Checkpoints, Partition
from streams.crashes import Crashes
from streams.delivery import UnderWay
from streams.ports import Ports
from streams.step import Step

log = structlog.get_logger()

T = TypeVar("T")
Acknowledge = Callable[[], None]
StepFactory = Callable[[int, Ports], Step]
Skipped = Callable[[str, int], frozenset[int]]
"""(topic on the broker, partition) → offsets that a person decided to leave out."""
INBOX = 64
IDLE_S = 0.5  # the pause of a worker with nothing to do


@dataclass(frozen=True)
class Arrival:
    """A record to be applied; ``acknowledge`` is called once its effects are delivered."""

    partition: Partition
    offset: int
    value: bytes
    acknowledge: Acknowledge


class Host:
    """``steps`` by topic name on the broker, ``records``, ``checkpoints`` and what is ``skipped`` to rebuild them from.
    Used from one event loop.
    """

    def __init__(
        self,
        ports: Ports,
        steps: dict[str, StepFactory],
        records: PartitionLog,
        checkpoints: Checkpoints,
        skipped: Skipped,
    ) -> None:
        self._ports = ports
        self._factories = steps
        self._log = records
        self._checkpoints = checkpoints
        self._skipped_of = skipped
        self._skipped: dict[Partition, frozenset[int]] = {}
        self._held: dict[Partition, Step] = {}
        self._gone: set[Partition] = set()
        self._marked: dict[Partition, str] = {}
        self._epoch_due = self._tick_due = 0
        self._pause = ports.settings.ticks.pulse_ms / 1000
        self._idle = False
        self._inbox: list[Arrival] = []
        self._arrived, self._room = asyncio.Event(), asyncio.Event()
        self._under_way: UnderWay[list[Acknowledge]] = UnderWay(ports.delivery)
        self._crashes = Crashes(ports)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="steps")

    async def _run(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def hand_over(self, partitions: set[Partition]) -> None:
        """These partitions may have another owner from now on: what still arrives of them is left to that one, which
        finds their state saved.
        """
        self._gone |= partitions
        await self._run(self._save, partitions)

    async def leave(self) -> None:
        """Hand over everything: the process is about to end."""
        await self.hand_over(set(self._held))

    def offsets(self) -> dict[Partition, int]:
        """The last record that each held partition includes."""
        return {partition: step.offset for partition, step in list(self._held.items())}

    def _save(self, partitions: set[Partition]) -> None:
        for partition in sorted(partitions & set(self._held)):
            try:
                self._checkpoints.save(partition, self._held[partition])
            except Fenced:  # its next owner was quicker
                self._drop(partition)

    def _drop(self, partition: Partition) -> None:
        del self._held[partition]
        self._marked.pop(partition, None)
        self._skipped.pop(partition, None)
        self._checkpoints.close(partition)

    async def assign(self, partitions: set[Partition]) -> None:
        """These partitions, and no others, are held from now on; new ones are rebuilt."""
        self._gone -= partitions
        await self._run(self._assign, partitions)

    def _assign(self, partitions: set[Partition]) -> None:
        self._look_whether_to_publish()
        for partition in set(self._held) - partitions:
            self._drop(partition)
        for partition in sorted(partitions - set(self._held)):
            self._step(partition)

    def _step(self, partition: Partition) -> Step:
        step = self._held.get(partition)
        if step is None:
            topic, number = partition
            step = self._factories[topic](number, self._ports)
            self._rebuild(step, partition)
            step.publish()
            self._held[partition] = step
        return step

    def _rebuild(self, step: Step, partition: Partition) -> None:
        """Go on from the saved state, fold the partition's log from there up to its present end."""
        topic, number = partition
        self._skipped[partition] = self._skipped_of(topic, number)
        self._checkpoints.restore(partition, step)
        restored = step.offset
        committed = self._log.committed(topic, number)
        first, end = self._log.bounds(topic, number)
        if step.contiguous and restored >= end:
            raise NeedsAPerson(f"{topic}/{number}: the state includes record {restored}, the log ends before {end}")
        start = restored + 1 if step.contiguous else first
        self._fold(step, topic, start, end, committed)
        log.info(
            "partition restored", topic=topic, partition=number, saved=restored, offset=step.offset, committed=committed
        )

    def _fold(self, step: Step, topic: str, start: int, end: int, committed: int) -> None:
        for offset, value in self._log.read(topic, step.partition, start, end, contiguous=step.contiguous):
            self._apply(step, (topic, step.partition), offset, value, replayed=offset < committed)

    def _apply(self, step: Step, partition: Partition, offset: int, value: bytes, *, replayed: bool) -> None:
        if offset in self._skipped[partition]:
            log.warning("record skipped, as was decided", topic=partition[0], partition=partition[1], offset=offset)
            step.skip(offset)
            return
        with self._crashes.counted(partition, offset):
            step.apply(offset, value, replayed=replayed)

    async def offer(self, arrival: Arrival) -> None:
        """Put a record into the inbox; waits while it is full."""
        while len(self._inbox) >= INBOX:
            self._room.clear()
            await self._room.wait()
        self._inbox.append(arrival)
        self._arrived.set()

    async def turn(self) -> None:
        """Wait a moment for records, take what there is, acknowledge what has landed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), IDLE_S if self._idle else self._pause)
        batch, self._inbox = self._inbox, []
        self._arrived.clear()
        self._room.set()
        due = await self._run(self._work, batch)
        for acknowledge in due:
            acknowledge()
        if due:
            failpoints.reach(failpoints.WORKER_ACKNOWLEDGED)

    def _work(self, batch: list[Arrival]) -> list[Acknowledge]:
        """Apply, publish; the acknowledgements that are due."""
        mine = [arrival for arrival in batch if arrival.partition not in self._gone]
        for arrival in mine:
            self._process(arrival)
        if mine:
            failpoints.reach(failpoints.WORKER_APPLIED)
        for partition in dict.fromkeys(arrival.partition for arrival in mine):
            self._held[partition].publish()
        if mine:
            failpoints.reach(failpoints.WORKER_PUBLISHED)
        self._tick(self._ports.clock())
        self._under_way.close_round([arrival.acknowledge for arrival in mine])
        due = list(chain.from_iterable(self._under_way.landed()))
        if due:
            failpoints.reach(failpoints.WORKER_LANDED)
        self._idle = not batch and not self._under_way and all(step.settled for step in self._held.values())
        return due

    def _process(self, arrival: Arrival) -> None:
        step = self._step(arrival.partition)
        if arrival.offset <= step.offset:
            return
        if step.contiguous and arrival.offset > step.offset + 1:
            self._fold(step, arrival.partition[0], step.offset + 1, arrival.offset, committed=0)
        self._apply(step, arrival.partition, arrival.offset, arrival.value, replayed=False)

    def _tick(self, now: int) -> None:
        if now < self._tick_due:
            return
        self._tick_due = now + self._ports.settings.ticks.pulse_ms
        for step in list(self._held.values()):
            step.tick(now)
        self._checkpoints.save_one_due(now, {p: step for p, step in self._held.items() if p not in self._gone})
        if now >= self._epoch_due:
            self._epoch_due = now + self._ports.settings.ticks.epoch_ms
            self._look_whether_to_publish()
            if not self._ports.silent:
                self._mind_the_views()

    def _look_whether_to_publish(self) -> None:
        """While a rebuild catches up nothing is; then, for want of a marker, everything."""
        [rebuilding] = self._ports.views.read([self._ports.keys.rebuilding()])
        self._ports.silent = rebuilding is not None

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
                if not self._sources_stand(step, run_id):
                    continue
                log.info("publishing all views", topic=partition[0], partition=partition[1])
                step.republish()
                self._marked[partition] = run_id
            elif not stands and step.settled:
                self._ports.views.mark(self._marker(partition), run_id)
            elif stands:
                self._marked.pop(partition, None)

    def _sources_stand(self, step: Step, run_id: str) -> bool:
        """Whether all that the step's views are made from is published, by whichever worker."""
        sizes = partition_counts(self._ports.settings)
        markers = [self._marker((self._ports.topic(t), n)) for t in step.after for n in range(sizes[t])]
        return all(mark is not None and mark.decode() == run_id for mark in self._ports.views.read(markers))

    def _marker(self, partition: Partition) -> str:
        return self._ports.keys.published(*partition)
