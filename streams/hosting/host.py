"""Holds a worker's partitions: has them rebuilt, feeds them in order, publishes, acknowledges.

Records wait in a bounded inbox; a turn takes all that wait, applies them, then has each touched user's list made once:
the further behind, the more records share a list. State that is held is touched from one thread of an executor; Faust's
loop stays free for heartbeats, and what is assigned anew is rebuilt beside the turns.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import structlog

from shared.adapters import failpoints
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import Fenced
from streams.hosting.checkpoints import Checkpoints, Partition
from streams.hosting.fold import Fold
from streams.hosting.holding import Holding
from streams.hosting.inbox import Acknowledge, Arrival, Inbox
from streams.hosting.markers import Markers, Standing
from streams.hosting.rebuilding import Begun, Rebuilding
from streams.hosting.sweep import Sweep
from streams.out.delivery import UnderWay
from streams.steps.lists import ListWriter
from streams.steps.ports import Ports
from streams.steps.step import Step

log = structlog.get_logger()

T = TypeVar("T")
IDLE_S = 0.5  # the pause of a worker with nothing to do
CATCHING_UP_MS = 60_000  # of folding a log, then lists are made and the state is saved


class Host:
    """``records`` are read where an arrival leaves a gap. Used from one event loop."""

    def __init__(self, ports: Ports, rebuilding: Rebuilding, records: PartitionLog, checkpoints: Checkpoints) -> None:
        self._ports = ports
        self._rebuilding = rebuilding
        self._log = records
        self._checkpoints = checkpoints
        self._held: dict[Partition, Step] = {}
        self._wanted: dict[Partition, int] = {}
        self._assignment = 0
        self._early: set[Partition] = set()
        self._gone: set[Partition] = set()
        self._epoch_due = self._tick_due = 0
        self._idle = False
        self._inbox = Inbox(self._early)
        self._under_way: UnderWay[list[Acknowledge]] = UnderWay(ports.delivery, ports.writing)
        self._fold = Fold(ports, records, rebuilding.skipped)
        self._lists = ListWriter(ports)
        self._holding = Holding(ports)
        self._sweep = Sweep(ports, records)
        self._markers = Markers(ports)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="steps")

    async def _run(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def hand_over(self, partitions: set[Partition]) -> None:
        """These partitions may have another owner from now on: what still arrives of them is left to that one, which
        finds their state saved.
        """
        self._gone |= partitions
        self._early -= partitions
        for partition in partitions:
            self._wanted.pop(partition, None)
        await self._run(self._save, partitions)

    async def leave(self) -> None:
        """Hand over everything: the process is about to end."""
        await self.hand_over(set(self._held) | set(self._wanted))

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
        self._held.pop(partition).let_go()
        self._markers.forget(partition)
        self._sweep.forget(partition)
        self._checkpoints.close(partition)

    def assign(self, partitions: set[Partition]) -> Coroutine[Any, Any, None]:
        """These partitions, and no others, are wanted from now on, from the call on; await it until all are held.

        What is held already goes on at once; records of the others wait for their state.
        """
        self._assignment = number = self._assignment + 1
        self._gone -= partitions
        self._wanted = {partition: self._wanted.get(partition, number) for partition in partitions}
        self._early.clear()
        self._early |= partitions - set(self._held)
        return self._hold(number)

    async def _hold(self, number: int) -> None:
        await self._run(self._keep, set(self._wanted))
        wanted = (p for p, since in self._wanted.items() if since == number and p not in self._held)
        new = self._rebuilding.in_order(wanted)
        self._early.update(new)
        wants = {partition: partial(self._wants, partition, number) for partition in new}
        begun = {partition: self._rebuilding.begin(partition, wants[partition]) for partition in new}
        for partition in new:
            await self._rebuild(partition, begun[partition], wants[partition])

    def _wants(self, partition: Partition, number: int) -> bool:
        """A partition that was revoked meanwhile is not installed, though it may be assigned again: another owner may
        have gone on in between.
        """
        return self._wanted.get(partition) == number

    def _keep(self, partitions: set[Partition]) -> None:
        self._holding.look()
        for partition in set(self._held) - partitions:
            self._drop(partition)

    async def _rebuild(self, partition: Partition, begun: Future[Begun], wanted: Callable[[], bool]) -> None:
        try:
            step = await self._rebuilding.rebuilt(partition, begun, wanted)
            held = step is not None and await self._run(self._install, partition, step, wanted)
        except Fenced:
            if wanted():
                raise
            return
        if held:
            self._early.discard(partition)
            self._inbox.wake()

    def _install(self, partition: Partition, step: Step, wanted: Callable[[], bool]) -> bool:
        """Hold it, once it includes the log up to its present end; what a stateless step has not met yet arrives."""
        if not wanted():
            return False
        if self._ports.silent:
            self._markers.take_away([partition])
        if not step.stateless and not self._catch_up(partition, step, wanted):
            return False
        step.hold()
        step.publish()
        self._lists.write()
        self._ports.writing.settle()
        self._held[partition] = step
        return True

    def _catch_up(self, partition: Partition, step: Step, wanted: Callable[[], bool]) -> bool:
        """False: it is not wanted any more, and was handed over. The log may be one of years: what waits to be
        published, and what a restart would do again, is no more than a minute's.
        """
        first, end = self._log.bounds(*partition)
        start = step.offset + 1 if step.contiguous else max(first, step.offset + 1)
        due = self._ports.clock() + CATCHING_UP_MS
        for _ in self._fold.each(step, partition, start, end):
            gone = not wanted()
            if gone or self._ports.clock() >= due:
                step.publish()
                self._lists.write()
                self._checkpoints.save(partition, step)
                due = self._ports.clock() + CATCHING_UP_MS
            if gone:
                return False
        return True

    async def offer(self, arrival: Arrival) -> None:
        """Put a record into the inbox; waits while it is full."""
        await self._inbox.put(arrival)

    async def turn(self) -> None:
        """Wait a moment for records, take what there is, acknowledge what has landed."""
        batch = await self._inbox.take(IDLE_S if self._idle else self._to_pulse())
        due = await self._run(self._work, batch)
        for acknowledge in due:
            acknowledge()
        if due:
            failpoints.reach(failpoints.WORKER_ACKNOWLEDGED)

    def _to_pulse(self) -> float:
        """Seconds to the next: none after a pulse that took as long, as where lists that were lost are made again."""
        return max(0, self._tick_due - self._ports.clock()) / 1000

    def _work(self, batch: list[Arrival]) -> list[Acknowledge]:
        """Apply, publish; the acknowledgements that are due."""
        began = self._ports.clock()
        mine = [arrival for arrival in batch if arrival.partition not in self._gone]
        for arrival in mine:
            self._process(arrival)
        if mine:
            failpoints.reach(failpoints.WORKER_APPLIED)
        self._ports.delivery.send_packs()
        for partition in dict.fromkeys(arrival.partition for arrival in mine):
            self._held[partition].publish()
        self._lists.write()
        if mine and failpoints.FOLDER:
            self._ports.writing.settle()
            failpoints.reach(failpoints.WORKER_PUBLISHED)
        self._tick(self._ports.clock())
        self._under_way.close_round([arrival.acknowledge for arrival in mine])
        due = list(chain.from_iterable(self._under_way.landed()))
        if due:
            failpoints.reach(failpoints.WORKER_LANDED)
        self._ports.ages.took(self._ports.clock() - began)
        rests = not batch and not self._under_way and not self._sweep.under_way
        self._idle = rests and all(step.settled for step in self._held.values())
        return due

    def _process(self, arrival: Arrival) -> None:
        step = self._held[arrival.partition]
        if arrival.offset <= step.offset:
            return
        if step.contiguous and arrival.offset > step.offset + 1:
            self._fold.read(step, arrival.partition, step.offset + 1, arrival.offset)
        self._fold.apply(
            step, arrival.partition, arrival.offset, arrival.value, key=arrival.key, arrived=arrival.arrived
        )

    def _tick(self, now: int) -> None:
        if now < self._tick_due:
            return
        self._tick_due = now + self._ports.settings.ticks.pulse_ms
        for step in list(self._held.values()):
            step.tick(now)
        self._lists.write()
        self._checkpoints.save_one_due(now, {p: step for p, step in self._held.items() if p not in self._gone})
        swept = not self._ports.silent and self._sweep.page()
        if swept or now >= self._epoch_due:
            self._epoch_due = now + self._ports.settings.ticks.epoch_ms
            self._holding.look()
            if self._ports.silent:  # when it is over everything is published, for want of a marker
                self._markers.take_away(self._held)
            else:
                self._mind_the_views()

    def _mind_the_views(self) -> None:
        """A view store that restarted or was emptied gets everything again."""
        self._ports.writing.settle()
        standing = self._markers.look(self._held)
        for partition, step in list(self._held.items()):
            stands = standing[partition]
            if stands is Standing.NOT and self._markers.all_stand(step.after):
                log.info("publishing all views", topic=partition[0], partition=partition[1])
                self._markers.begin(partition)
                step.republish()
                self._sweep.forget(partition)
            elif stands is Standing.BEGUN and step.republished and self._swept(partition, step):
                self._ports.delivery.flush()  # what it told other steps is in the log
                self._ports.writing.settle()
                self._markers.end(partition)

    def _swept(self, partition: Partition, step: Step) -> bool:
        return self._markers.all_stand(step.told_by) and self._sweep.done(partition, step)
