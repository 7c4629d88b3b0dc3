"""Headrace itself under test: the very steps of production, wired in one process.

Events become frames, frames deltas, deltas rows; lists are made of every user that a frame touched, and examples of
what users chose teach the ranker before the frame is learned. A frame ends before every prediction, so nothing is
behind. ``headrace`` is what the reader serves: the list that stands, or one ranked anew if that one is older than
``reader.fresh_ms``; ``headrace-get`` is what stands in Redis since the user's last event.
"""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.held_items import HeldItems
from services.evaluate.method import Method, Query
from services.evaluate.past import Past
from shared.contracts.deltas import decode_delta, encode
from shared.contracts.events import Event
from shared.contracts.examples import decode_examples, encode_examples
from shared.contracts.frames import Frame, decode_frame, encode_frame
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM
from shared.core.audience import users_of
from shared.core.framing import FrameBuilder
from shared.core.items import Items
from shared.core.kernel import Ints
from shared.core.learner import Learner
from shared.core.list_maker import ListMaker, rank_cache
from shared.core.profiles import Profiles
from shared.core.ranking import Choices, examples

MOST_IN_A_FRAME = 64
SPARE = 50
"""Places beside the list's own: what the test excludes and production remembers no longer is left out of them."""


class Production:
    """One partition of everything. ``stored``: user → (event time, item numbers) of the list that stands."""

    def __init__(self, log: EventLog, settings: Settings) -> None:
        topics = settings.topics.model_copy(update={"frames_partitions": 1, "items_partitions": 1})
        self.settings = settings.model_copy(update={"topics": topics})
        self.stored: dict[int, tuple[int, Ints]] = {}
        self._log = log
        self._profiles, self._items = Profiles(self.settings, 0), Items(self.settings, 0)
        self._learner = Learner(self.settings)
        source = HeldItems(self._items, self._learner, self.settings)
        self._maker = ListMaker(rank_cache(self.settings), source, lambda: 0)
        self._number = {name: number for number, name in enumerate(log.items)}
        self._waiting: list[int] = []
        self._learned = -1
        self._offset = 0
        self._take_catalogue()

    def learn(self, event: int) -> None:
        """Take the event, once."""
        if event <= self._learned:
            return
        self._learned = event
        if len(self._waiting) >= MOST_IN_A_FRAME and not self._same_moment(self._waiting[-1], event):
            self.settle()
        self._waiting.append(event)

    def _same_moment(self, one: int, other: int) -> bool:
        log = self._log
        return bool(log.user[one] == log.user[other] and log.ts[one] == log.ts[other])

    def settle(self) -> None:
        """Everything that was taken goes through the steps, as one frame."""
        if not self._waiting:
            return
        events, self._waiting = self._waiting, []
        frame = self._frame(events)
        self._teach(frame)
        self._apply(frame)
        self._store(np.unique(self._log.user[events]))

    def ranked(self, users: Sequence[int], ts: int, n: int) -> list[Ints]:
        """Lists of item numbers, ranked now."""
        names, cache = self._log.users, self._maker.cache
        slots = self._profiles.state.users.find(names[user] for user in users)
        audience = users_of(self._profiles.state, slots, cache, self.settings.lists)
        lists = self._maker.lists(audience, np.full(len(slots), ts, dtype=np.int64), n)
        rows = zip(lists.items.tolist(), lists.lengths.tolist(), strict=True)
        return [self._numbers([cache.items.names[item] for item in row[:length]]) for row, length in rows]

    def _numbers(self, names: list[str]) -> Ints:
        return np.array([self._number[name] for name in names], dtype=np.int32)

    def _store(self, users: Ints) -> None:
        ts = self._profiles.state.ts
        made = self.ranked(users.tolist(), ts, self.settings.lists.length)
        self.stored |= {user: (ts, items) for user, items in zip(users.tolist(), made, strict=True)}

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

    def _teach(self, frame: Frame) -> None:
        chosen = self._profiles.choices(self._offset, frame, self.settings.ranker.one_in)
        if not len(chosen.user):
            return
        cache = self._maker.cache
        unique, first, back = np.unique(chosen.user, return_index=True, return_inverse=True)
        audience = users_of(self._profiles.state, unique.astype(np.int32), cache, self.settings.lists)
        at = self._maker.situation(audience, chosen.ts[first])
        choices = Choices(back.astype(np.int32), cache.slots(chosen.item), chosen.weight, chosen.draw)
        self._learner.step(self._offset, decode_examples(encode_examples(examples(at, choices, 0, self._offset))))

    def _apply(self, frame: Frame) -> None:
        effects = self._profiles.step(self._offset, frame)
        for _, delta in effects.deltas:
            self._items.step(self._offset, decode_delta(encode(delta)))
        self._offset += 1
        self._expire()

    def _expire(self) -> None:
        """What the frame changed is no longer held as read."""
        items, cache = self._items, self._maker.cache
        cache.trim()
        known = cache.items.slots
        rows = [known[name] for name in items.dirty_rows if name in known]
        stats = [known[name] for name in items.dirty_stats if name in known]
        cache.expire(np.array(rows, dtype=np.int32), np.array(stats, dtype=np.int32))
        items.dirty_rows.clear()
        items.dirty_stats.clear()

    def _take_catalogue(self) -> None:
        log, builder = self._log, FrameBuilder()
        for number, record in log.catalogue.items():
            builder.add_item_record((ITEM, 0, number), 1, ITEM, log.items[number], msgspec.json.encode(record))
        if builder.n:
            self._apply(decode_frame(encode_frame(builder.build())))


_PRODUCTIONS: WeakKeyDictionary[Past, Production] = WeakKeyDictionary()


class Headrace(Method):
    """What the reader serves."""

    def __init__(self, past: Past, settings: Settings, seed: int) -> None:
        del seed  # nothing is drawn but by the log itself
        self.past = past
        if past not in _PRODUCTIONS:
            _PRODUCTIONS[past] = Production(past.log, settings)
        self._production = _PRODUCTIONS[past]

    def learn(self, event: int) -> None:
        self._production.learn(event)

    def settle(self) -> None:
        self._production.settle()

    def recommend(self, query: Query, n: int) -> Ints:
        self._production.settle()
        return _first(self._served(query, n), query.excluded, n)

    def _served(self, query: Query, n: int) -> Ints:
        production = self._production
        stored = production.stored.get(query.user)
        if stored is not None and query.ts - stored[0] <= production.settings.reader.fresh_ms:
            return stored[1]
        [ranked] = production.ranked([query.user], query.ts, n + SPARE)
        return ranked


class HeadraceGet(Headrace):
    """What stands in Redis."""

    def _served(self, query: Query, n: int) -> Ints:
        del n
        stored = self._production.stored.get(query.user)
        return stored[1] if stored is not None else np.empty(0, dtype=np.int32)


def _first(items: Ints, excluded: Ints, n: int) -> Ints:
    first: Ints = items[~np.isin(items, excluded)][:n]
    return first
