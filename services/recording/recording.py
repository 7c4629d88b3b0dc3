"""A recording as it is held in memory: what each partition folded, in the order of its log."""

from dataclasses import dataclass, field

from shared.contracts.deltas import ItemDelta
from shared.contracts.examples import Examples
from shared.contracts.frames import Frame
from shared.contracts.recordings import Header

Place = tuple[int, int]
"""(`frames` partition, offset)"""


@dataclass(frozen=True, slots=True)
class FrameStep:
    """``at``: timestamp in Kafka, epoch ms."""

    partition: int
    offset: int
    at: int
    frame: Frame

    @property
    def place(self) -> Place:
        return self.partition, self.offset


@dataclass(frozen=True, slots=True)
class DeltaStep:
    """The delta that the frame at ``place`` made for an items ``partition`` comes now; ``delta`` only if that frame is
    not recorded.
    """

    partition: int
    offset: int
    place: Place
    delta: ItemDelta | None


@dataclass(frozen=True, slots=True)
class ExamplesStep:
    """``place``: the frame that they are of."""

    offset: int
    examples: Examples

    @property
    def place(self) -> Place:
        return self.examples.partition, self.examples.offset


Step = FrameStep | DeltaStep | ExamplesStep


@dataclass(frozen=True)
class Recording:
    """``frames`` and ``deltas`` by partition. Memory: the whole file, unpacked."""

    header: Header
    frames: list[list[FrameStep]] = field(default_factory=list)
    deltas: list[list[DeltaStep]] = field(default_factory=list)
    examples: list[ExamplesStep] = field(default_factory=list)
