"""Production on a recording: its own frames, deltas and examples, in its own partitions.

What stands before a frame is of all that came before it, and of nothing in it; no step is behind another, but for the
order of the logs. A frame's users get their lists once everything that comes before the next frame is folded.
"""

from collections.abc import Sequence

from services.evaluate.production import Production
from services.evaluate.recorded_log import RecordedLog
from services.recording.recording import DeltaStep, ExamplesStep, FrameStep, Place, Step
from shared.contracts.deltas import ItemDelta, decode_delta, encode
from shared.contracts.errors import HeadraceError
from shared.contracts.recordings import Header
from shared.contracts.settings import Settings
from shared.contracts.state import fingerprint
from shared.core.kernel import Ints


class Replayed(Production):
    """A frame is folded when its last event is learned."""

    def __init__(self, recorded: RecordedLog, steps: Sequence[Step], settings: Settings) -> None:
        super().__init__(recorded.loaded.log, settings)
        self._steps = steps
        self._ends = recorded.ends.tolist()
        self._learned = self._next = self._frames = 0
        self._made: dict[tuple[int, Place], ItemDelta] = {}
        self._touched: list[tuple[int, Ints]] = []
        self.settle()

    def learn(self, event: int) -> None:
        if event < self._learned:
            return
        self._learned = event + 1
        if event + 1 == self._ends[self._frames]:
            self.settle()

    def settle(self) -> None:
        """Up to the next frame with an event that was not learned yet."""
        while self._next < len(self._steps) and self._take(self._steps[self._next]):
            self._next += 1
        self._write_lists()

    def _take(self, step: Step) -> bool:
        """Whether it was due."""
        if isinstance(step, FrameStep):
            if self._ends[self._frames] > self._learned:
                return False
            self._frames += 1
            self._take_frame(step)
        elif isinstance(step, ExamplesStep):
            self.pipeline.take_examples(step.offset, step.examples)
        else:
            self._take_delta(step)
        return True

    def _take_frame(self, step: FrameStep) -> None:
        self._write_lists()
        effects = self.pipeline.take_frame(step.partition, step.offset, step.frame)
        self._made |= {(to, step.place): delta for to, delta in effects.deltas}
        self._touched.append((step.partition, effects.touched))
        for name in effects.forgotten:
            if (user := self._users.get(name)) >= 0:
                self.stored.remove(user)

    def _take_delta(self, step: DeltaStep) -> None:
        delta = step.delta or self._made.pop((step.partition, step.place), None)
        number, offset = step.place
        if delta is not None:
            self.pipeline.take_delta(step.partition, step.offset, decode_delta(encode(delta)))
        elif self.pipeline.items[step.partition].sources.get(number, -1) < offset:  # else it was sent twice
            raise HeadraceError(
                f"frames/{number} offset {offset} made a delta for item-deltas/{step.partition} where it was recorded, "
                "and makes none here"
            )

    def _write_lists(self) -> None:
        for partition, slots in self._touched:
            self._store(partition, slots)
        self._touched.clear()


def settings_of(header: Header, settings: Settings) -> Settings:
    """These, with the recording's partitions; :class:`HeadraceError` if they fold a log into something else."""
    sizes = {"frames_partitions": header.frames_partitions, "items_partitions": header.items_partitions}
    theirs = settings.model_copy(update={"topics": settings.topics.model_copy(update=sizes)})
    if fingerprint(theirs) != header.fingerprint:
        raise HeadraceError(
            "the recording was made under other settings, or by another version: what it says folds into another state "
            "here. Set what production has set: events.types, profiles, cooccurrence, popularity, ranker"
        )
    return theirs
