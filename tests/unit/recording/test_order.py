"""The one order of a recording: frames by time, and what each has made as soon as may be.

frames 0    a ·········· b
frames 1         c
deltas      of c, of a, of b: a's comes after c's, that is the order of their log
folded      a, c, (c), (a), b, (b)
"""

from services.recording.order import ordered
from services.recording.recording import DeltaStep, ExamplesStep, FrameStep, Recording, Step
from shared.contracts.examples import EXAMPLES_VERSION, Examples
from shared.contracts.recordings import RECORDING_VERSION, Header
from tests.unit.core.frame_rows import Row, frame_of

HEADER = Header(RECORDING_VERSION, 1, "", 2, 1, [2, 1], 0)
FRAME = frame_of([Row("u", "a")])


def frame(partition: int, offset: int, at: int) -> FrameStep:
    return FrameStep(partition, offset, at, FRAME)


def delta(offset: int, *place: int) -> DeltaStep:
    return DeltaStep(0, offset, (place[0], place[1]), None)


def examples(offset: int, *place: int) -> ExamplesStep:
    return ExamplesStep(offset, Examples(EXAMPLES_VERSION, place[0], place[1], 1, 0, b"", b"", b"", b"", b""))


def order(frames: list[list[FrameStep]], deltas: list[DeltaStep], taught: list[ExamplesStep]) -> list[Step]:
    return ordered(Recording(HEADER, frames, [deltas], taught))


A, B, C = frame(0, 0, 10), frame(0, 1, 30), frame(1, 0, 20)


def test_what_a_frame_has_made_comes_before_the_next_frame() -> None:
    of_a, of_c, of_b, taught = delta(4, 0, 0), delta(5, 1, 0), delta(6, 0, 1), examples(0, 1, 0)
    assert order([[A, B], [C]], [of_a, of_c, of_b], [taught]) == [A, of_a, C, of_c, taught, B, of_b]


def test_but_never_out_of_its_own_log_s_order() -> None:
    of_c, of_a, of_b = delta(4, 1, 0), delta(5, 0, 0), delta(6, 0, 1)
    assert order([[A, B], [C]], [of_c, of_a, of_b], []) == [A, C, of_c, of_a, B, of_b]


def test_a_log_keeps_its_order_whatever_its_clock_said() -> None:
    late, early = frame(0, 0, 30), frame(0, 1, 10)
    made = delta(0, 0, 1)
    assert order([[late, early], [C]], [made], []) == [C, late, early, made]


def test_what_was_made_of_a_frame_that_is_not_recorded_stays_in_its_place() -> None:
    of_a, gone, of_c, taught = delta(0, 0, 0), delta(1, 0, 99), delta(2, 1, 0), examples(0, 7, 0)
    assert order([[A], [C]], [of_a, gone, of_c], [taught]) == [taught, A, of_a, gone, C, of_c]
