"""Production on a log of events: events become frames, frames deltas, deltas rows; and examples of what users chose
teach the ranker before the frame is learned. One partition of everything; nothing is behind, unless it is asked for.
"""

from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

import msgspec

from services.evaluate.event_log import EventLog
from services.evaluate.lagging import Lagging
from services.evaluate.log_frames import LogFrames
from services.evaluate.past import Past
from services.evaluate.production import Production
from shared.contracts.frames import Frame
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM
from shared.core.frames.framing import FrameBuilder
from shared.core.kernel import Ints
from shared.core.lists.reach import Reach

MOST_IN_A_FRAME = 64
LONGEST_WAIT_MS = 300_000
"""Of event time, before a prediction: in production a frame is there within a second, however few events come."""
LARGEST_CATALOGUE = 100_000_000  # bytes of records in a frame


class Live(Production):
    """A frame ends when it has :data:`MOST_IN_A_FRAME` events, and before a later event of a user who has one in it: in
    production the two are frames apart, and of a frame only a user's first moment becomes examples, which would be the
    beginnings of sessions more often than they are. It ends within no moment of a user, and before a prediction if it
    has ``frame`` events, one of the user who is asked for (their own history is always fresh) or one that has waited
    for :data:`LONGEST_WAIT_MS`. What came of it, but for histories, takes effect ``behind`` seconds of event time
    later; a frame then spans at most a tenth of that.
    """

    def __init__(
        self, log: EventLog, settings: Settings, reach: Reach | None = None, behind: int = 0, frame: int = 1
    ) -> None:
        one = settings.topics.model_copy(update={"frames_partitions": 1, "items_partitions": 1})
        super().__init__(log, settings.model_copy(update={"topics": one}), reach)
        self._frames = LogFrames(log)
        self._lagging = Lagging(self.pipeline, 1000 * behind)
        self._most_unseen = frame - 1
        self._waiting: list[int] = []
        self._who_waits: set[int] = set()
        self._learned = -1
        self._offset = 0
        self._described: set[int] = set()
        if log.catalogue_ahead:
            for records in self._new_records(log.catalogue, 1):
                self._apply(records, 1)

    def learn(self, event: int) -> None:
        if event <= self._learned:
            return
        self._learned = event
        ts, user = int(self._log.ts[event]), int(self._log.user[event])
        if self._waiting and self._has_no_room(user, ts) and not self._same_moment(self._waiting[-1], event):
            self.settle()
        self._waiting.append(event)
        self._who_waits.add(user)

    def _has_no_room(self, user: int, ts: int) -> bool:
        """For one more event of the user, of ``ts`` (ms): what waits is too much, too old, or theirs."""
        return user in self._who_waits or len(self._waiting) >= MOST_IN_A_FRAME or self._is_old(ts)

    def _is_old(self, ts: int) -> bool:
        longest = self._lagging.behind_ms / 10
        return 0 < longest < ts - int(self._log.ts[self._waiting[0]])

    def _same_moment(self, one: int, other: int) -> bool:
        log = self._log
        return bool(log.user[one] == log.user[other] and log.ts[one] == log.ts[other])

    def settle_for(self, user: int, ts: int) -> None:
        """If too many wait, or they wait too long, or for one of the user's own."""
        waiting = len(self._waiting)
        if waiting > self._most_unseen or user in self._who_waits or (waiting and self._have_waited(ts)):
            self.settle()

    def _have_waited(self, ts: int) -> bool:
        return self._is_old(ts) or ts - int(self._log.ts[self._waiting[0]]) > LONGEST_WAIT_MS

    def settle(self) -> None:
        """As one frame."""
        if not self._waiting:
            return
        frame, first, last = self._frames.frame_of(self._waiting), self._waiting[0], self._waiting[-1]
        ts = int(self._log.ts[last])
        described = list(self._new_records(self._log.item[self._waiting].tolist(), ts))
        self._waiting.clear()
        self._who_waits.clear()
        self._lagging.reach(int(self._log.ts[first]))
        offset = self._offset + len(described)
        made = self.pipeline.examples(0, offset, frame)
        if made is not None:
            self._lagging.put(ts, offset, made)
        for records in described:
            self._apply(records, ts)
        self._store(0, self._apply(frame, ts))

    def ranked(self, user: int, ts: int, n: int) -> Ints:
        self._lagging.reach(ts)
        return super().ranked(user, ts, n)

    def _apply(self, frame: Frame, ts: int) -> Ints:
        """The users that it touched."""
        effects = self.pipeline.take_frame(0, self._offset, frame)
        for partition, delta in effects.deltas:
            self._lagging.put(ts, self._offset, (partition, delta))
        self._offset += 1
        return effects.touched

    def _new_records(self, items: Iterable[int], ts: int) -> Iterator[Frame]:
        """What the catalogue says of those of ``items`` that are named for the first time, as of ``ts`` (ms).

        One frame, if memory has room for it: more of them move the offsets of the events' frames, by which the ranker's
        examples are drawn.
        """
        builder, size = FrameBuilder(), 0
        for number in items:
            record = self._log.catalogue.get(number)
            if record is None or number in self._described:
                continue
            self._described.add(number)
            raw = msgspec.json.encode(record)
            if builder.n and size + len(raw) > LARGEST_CATALOGUE:
                yield builder.build()
                builder, size = FrameBuilder(), 0
            builder.add_item_record((ITEM, 0, len(self._described)), ts, ITEM, self._log.items[number], raw)
            size += len(raw)
        if builder.n:
            yield builder.build()


_BY_PAST: WeakKeyDictionary[Past, dict[tuple[Reach | None, int, int], Live]] = WeakKeyDictionary()


def live(past: Past, settings: Settings, reach: Reach | None = None, behind: int = 0, frame: int = 1) -> Live:
    """One for all methods of a pass whose lists look as far and are as far behind."""
    held, how = _BY_PAST.setdefault(past, {}), (reach, behind, frame)
    if how not in held:
        held[how] = Live(past.log, settings, *how)
    return held[how]
