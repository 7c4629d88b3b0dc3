"""Production on a log of events: events become frames, frames deltas, deltas rows; and examples of what users chose
teach the ranker before the frame is learned. One partition of everything; nothing is behind, unless it is asked for.
"""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.lagging import Lagging
from services.evaluate.past import Past
from services.evaluate.production import Production
from shared.contracts.deltas import decode_delta, encode
from shared.contracts.events import Event
from shared.contracts.examples import decode_examples, encode_examples
from shared.contracts.frames import Frame, decode_frame, encode_frame
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM
from shared.core.framing import FrameBuilder
from shared.core.kernel import Ints
from shared.core.reach import Reach

MOST_IN_A_FRAME = 64
LARGEST_CATALOGUE = 100_000_000  # bytes of records in a frame


class Live(Production):
    """A frame ends before every prediction. What came of it, but for histories, takes effect ``behind`` seconds of
    event time later; a frame then spans at most a tenth of that.
    """

    def __init__(self, log: EventLog, settings: Settings, reach: Reach | None = None, behind: int = 0) -> None:
        one = settings.topics.model_copy(update={"frames_partitions": 1, "items_partitions": 1})
        super().__init__(log, settings.model_copy(update={"topics": one}), reach)
        self._lagging = Lagging(self.pipeline, 1000 * behind)
        self._waiting: list[int] = []
        self._learned = -1
        self._offset = 0
        self._take_catalogue()

    def learn(self, event: int) -> None:
        if event <= self._learned:
            return
        self._learned = event
        if self._waiting and self._is_full(event) and not self._same_moment(self._waiting[-1], event):
            self.settle()
        self._waiting.append(event)

    def _is_full(self, event: int) -> bool:
        """Too full, or too old, to take this event, too."""
        spans = int(self._log.ts[event]) - int(self._log.ts[self._waiting[0]])
        longest = self._lagging.behind_ms / 10
        return len(self._waiting) >= MOST_IN_A_FRAME or 0 < longest < spans

    def _same_moment(self, one: int, other: int) -> bool:
        log = self._log
        return bool(log.user[one] == log.user[other] and log.ts[one] == log.ts[other])

    def settle(self) -> None:
        """As one frame."""
        if not self._waiting:
            return
        frame, first, last = self._frame(self._waiting), self._waiting[0], self._waiting[-1]
        self._waiting.clear()
        self._lagging.reach(int(self._log.ts[first]))
        ts = int(self._log.ts[last])
        made = self.pipeline.examples(0, self._offset, frame)
        if made is not None:
            self._lagging.put(ts, self._offset, decode_examples(encode_examples(made)))
        self._store(0, self._apply(frame, ts))

    def ranked(self, user: int, ts: int, n: int) -> Ints:
        self._lagging.reach(ts)
        return super().ranked(user, ts, n)

    def _apply(self, frame: Frame, ts: int) -> Ints:
        """The users that it touched."""
        effects = self.pipeline.take_frame(0, self._offset, frame)
        for partition, delta in effects.deltas:
            self._lagging.put(ts, self._offset, (partition, decode_delta(encode(delta))))
        self._offset += 1
        return effects.touched

    def _frame(self, events: Sequence[int]) -> Frame:
        log, builder = self._log, FrameBuilder()
        for event in events:
            kind, ts, value = log.kinds[int(log.kind[event])], int(log.ts[event]), float(log.value[event])
            happened = Event(
                ts=ts,
                user_id=log.users[int(log.user[event])],
                item_id=log.items[int(log.item[event])],
                value=None if np.isnan(value) else value,
            )
            builder.add_event((kind, 0, event), ts, kind, happened)
        return decode_frame(encode_frame(builder.build()))

    def _take_catalogue(self) -> None:
        """As one frame, if memory has room for one: more of them move the offsets of the events' frames, by which
        the ranker's examples are drawn.
        """
        builder, size = FrameBuilder(), 0
        for number, record in self._log.catalogue.items():
            raw = msgspec.json.encode(record)
            if builder.n and size + len(raw) > LARGEST_CATALOGUE:
                self._apply(decode_frame(encode_frame(builder.build())), 1)
                builder, size = FrameBuilder(), 0
            builder.add_item_record((ITEM, 0, number), 1, ITEM, self._log.items[number], raw)
            size += len(raw)
        if builder.n:
            self._apply(decode_frame(encode_frame(builder.build())), 1)


_BY_PAST: WeakKeyDictionary[Past, dict[tuple[Reach | None, int], Live]] = WeakKeyDictionary()


def live(past: Past, settings: Settings, reach: Reach | None = None, behind: int = 0) -> Live:
    """One for all methods of a pass whose lists look as far and are as far behind."""
    held = _BY_PAST.setdefault(past, {})
    if (reach, behind) not in held:
        held[reach, behind] = Live(past.log, settings, reach, behind)
    return held[reach, behind]
