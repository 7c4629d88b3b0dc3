"""The one order in which a recording is folded.

What each partition comes to is a function of its own log, whatever the order between partitions. That one is as if no
worker had ever been behind: frames by their timestamps in Kafka, and after each what was made of it, as soon as the
order of the other logs lets it.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from typing import TypeVar

from services.recording.recording import DeltaStep, ExamplesStep, FrameStep, Place, Recording, Step

Key = tuple[int, int, int, int]
Made = TypeVar("Made", DeltaStep, ExamplesStep)
FRAMES, DELTAS, EXAMPLES = range(3)


def ordered(recording: Recording) -> list[Step]:
    """Ties: frames, deltas, examples; then by partition. O(n log partitions)."""
    times: dict[Place, int] = {}
    frames = [list(_by_time(number, steps, times)) for number, steps in enumerate(recording.frames)]
    made = [
        *(_by_frame((DELTAS, number), steps, times) for number, steps in enumerate(recording.deltas)),
        _by_frame((EXAMPLES, 0), recording.examples, times),
    ]
    return [step for _, step in merge(*frames, *made, key=lambda timed: timed[0])]


def _by_time(partition: int, steps: Iterable[FrameStep], times: dict[Place, int]) -> Iterator[tuple[Key, Step]]:
    """A log's order stands, even where its timestamps do not ascend; notes the times that come of it."""
    latest = 0
    for number, step in enumerate(steps):
        latest = times[step.place] = max(latest, step.at)
        yield (latest, FRAMES, partition, number), step


def _by_frame(stream: tuple[int, int], steps: Iterable[Made], times: dict[Place, int]) -> Iterator[tuple[Key, Step]]:
    """Each at the time of its frame, or of what stands before it; so, too, if its frame is not recorded."""
    latest = 0
    for number, step in enumerate(steps):
        latest = max(latest, times.get(step.place, 0))
        yield (latest, *stream, number), step
