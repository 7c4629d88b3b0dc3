"""When a partition's state is saved, and from what a new owner goes on.

A state is taken only when all that its records made is in the log and in the views: a restart never finds a state that
is ahead of its effects. It is a copy: while it is on its way to the log, records are applied to what it was taken from.
The right to save is taken before anything is read (it fences the former owner), so what is read is the last.

What a state costs to save decides how often it is: a crash replays what came since, so a small state is saved up to six
times as often as the setting says, a large one as often as it says.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import NamedTuple

import structlog

from shared.adapters import failpoints, metrics
from shared.adapters.garbage import not_looking
from shared.adapters.log_reader import PartitionLog
from shared.adapters.state_log import StateLog, read_saved
from shared.contracts.errors import TornState
from shared.core.tables.segments import Segments
from streams.steps.ports import Ports
from streams.steps.step import KeptStep, Step

log = structlog.get_logger()
BYTES_PER_MS = 100  # of one partition, written on average
OFTENEST = 6  # times per checkpoint_ms
Partition = tuple[str, int]
"""(topic on the broker, partition)."""


class OnItsWay(NamedTuple):
    """A state of a step of ``topic`` as of ``offset``, and how many bytes of it were written, once it is in the log."""

    topic: str
    offset: int
    written: Future[int]


class Checkpoints:
    """The state logs of the partitions that a worker holds. Used from one thread at a time; states are sent ``beside``
    it, one after the other.
    """

    def __init__(
        self,
        ports: Ports,
        records: PartitionLog,
        take: Callable[..., StateLog] = StateLog,
        beside: Executor | None = None,
    ) -> None:
        self._ports = ports
        self._records = records
        self._take_over = take
        self._beside = beside or ThreadPoolExecutor(1, thread_name_prefix="states")
        self._logs: dict[Partition, StateLog] = {}
        self._saved: dict[Partition, int] = {}
        self._due: dict[Partition, int] = {}
        self._on_its_way: dict[Partition, OnItsWay] = {}

    def take_over(self, step: Step) -> StateLog | None:
        """The right to save the step, which fences the former owner; None if its state is not kept. From any thread."""
        if not isinstance(step, KeptStep):
            return None
        return self._take_over(self._ports.settings, step.topic, step.partition)

    def restore(self, partition: Partition, step: Step, states: StateLog | None) -> None:
        """Go on from what was saved last, once the right to save was taken over. A state that is not whole is left
        alone: the log, if it still reaches back to its beginning, makes it again.
        """
        if states is None or not isinstance(step, KeptStep):
            return
        settings = self._ports.settings
        self._logs[partition] = states
        try:
            saved = read_saved(self._records, settings, step.topic, step.partition)
        except TornState as error:
            log.error("state is torn: replaying the log from its beginning", error=str(error))  # noqa: TRY400
            saved = None
        if saved is not None:
            step.restore(saved.segments)
            states.went_on_from(saved)
        self._saved[partition] = step.offset
        self._due[partition] = self._ports.clock() + self._pace(0)

    def _pace(self, written: int) -> int:
        """Milliseconds to the next save of a partition whose last one wrote so many bytes."""
        longest = self._ports.settings.ticks.checkpoint_ms
        return min(longest, max(longest // OFTENEST, written // BYTES_PER_MS))

    def save_one_due(self, now: int, held: Mapping[Partition, Step]) -> None:
        """Begin to save the one whose time is furthest past, unless another is on its way: no turn waits for more than
        one to be taken. Raises what the saving of one that is ``held`` has raised.
        """
        for partition in [p for p in self._on_its_way if p in held]:
            if not self._on_its_way[partition].written.done():
                return
            self._arrived(partition)
        due = [(self._due[p], p) for p in held if p in self._due and self._due[p] <= now]
        if due:
            _, partition = min(due)
            self._begin(partition, held[partition])

    def save(self, partition: Partition, step: Step) -> None:
        """Save the state if it has changed, and wait until it stands in the log;
        :class:`shared.contracts.errors.Fenced` if another owner has it.
        """
        self._arrived(partition)
        self._begin(partition, step)
        self._arrived(partition)

    def _begin(self, partition: Partition, step: Step) -> None:
        if not isinstance(step, KeptStep):
            return
        self._due[partition] = self._ports.clock() + self._pace(0)
        if self._saved[partition] == step.offset:
            return
        self._ports.delivery.flush()
        self._ports.writing.settle()
        failpoints.reach(failpoints.CHECKPOINT_FLUSHED)
        with not_looking():
            segments = step.take()
        written = self._beside.submit(_send, self._logs[partition], step.offset, segments)
        self._on_its_way[partition] = OnItsWay(step.topic, step.offset, written)

    def _arrived(self, partition: Partition) -> None:
        """Wait for the partition's state, if it is on its way."""
        if partition not in self._on_its_way:
            return
        topic, offset, sent = self._on_its_way.pop(partition)
        written = sent.result()
        self._saved[partition] = offset
        self._due[partition] += self._pace(written) - self._pace(0)
        metrics.CHECKPOINTS.labels(topic).inc()
        metrics.CHECKPOINT_BYTES.labels(topic).inc(written)

    def close(self, partition: Partition) -> None:
        """The partition is another's, who has fenced what may be on its way."""
        for kept in (self._logs, self._saved, self._due, self._on_its_way):
            kept.pop(partition, None)


def _send(states: StateLog, offset: int, segments: Segments) -> int:
    written = states.save(offset, segments)
    failpoints.reach(failpoints.CHECKPOINT_SAVED)
    return written
