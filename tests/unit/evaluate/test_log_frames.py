"""A frame made straight from a log's columns is the one that a builder packs, event by event."""

import math

from hypothesis import given
from hypothesis import strategies as st

from services.evaluate.event_log import EventLog
from services.evaluate.log_frames import LogFrames
from shared.contracts.events import Event
from shared.contracts.frames import Frame, decode_frame, encode_frame
from shared.core.frames.framing import FrameBuilder
from tests.unit.evaluate import logs

ROWS = st.tuples(
    st.sampled_from("uvw"), st.sampled_from("abcd"), st.sampled_from(["view", "purchase"]), st.none() | st.floats(0, 9)
)


def built(log: EventLog, events: list[int]) -> Frame:
    builder = FrameBuilder()
    for event in events:
        kind, ts, value = log.kinds[log.kind[event]], int(log.ts[event]), float(log.value[event])
        user, item = log.users[log.user[event]], log.items[log.item[event]]
        told = Event(ts=ts, user_id=user, item_id=item, value=None if math.isnan(value) else value)
        builder.add_event((kind, 0, event), ts, kind, told)
    return decode_frame(encode_frame(builder.build()))


@given(st.lists(ROWS, min_size=1, max_size=70), st.integers(0, 69))
def test_it_is_the_builders_frame(rows: list[tuple[str, str, str, float | None]], first: int) -> None:
    log = logs.of([logs.record(u, i, n, kind, value=value) for n, (u, i, kind, value) in enumerate(rows)])
    events = list(range(min(first, len(rows) - 1), len(rows)))
    assert (
        decode_frame(encode_frame(LogFrames(log).frame_of(events)))
        == built(log, events)
        == LogFrames(log).frame_of(events)
    )
