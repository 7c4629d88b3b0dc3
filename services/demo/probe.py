"""Freshness as an app sees it: an event is produced, then Redis is read until that user's list includes it."""

import time
from collections import deque
from dataclasses import dataclass

import msgspec
import redis

from services.producers.records import Outgoing
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.event_types import Meaning
from shared.contracts.events import Event
from shared.contracts.settings import Settings
from shared.contracts.views import Keys, View, decode_view

MOST_WAITING = 64
GIVE_UP_S = 60.0
KEPT = 20_000

_EVENT = msgspec.json.Decoder(Event)


@dataclass(frozen=True)
class Change:
    """One user's list before and after an event of theirs."""

    user: str
    item: str
    kind: str
    before: View | None
    after: View
    seconds: float


@dataclass
class _Waiting:
    user: str
    item: str
    kind: str
    ts: int
    before: View | None
    since: float
    until: float


class Probes:
    """Some of the events that are sent anyway, followed to the list. Used from one thread."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self._redis = client
        self._keys = Keys(settings)
        moving = (Meaning.INTEREST, Meaning.OWN)
        self._showing = {name for name, kind in settings.events.types.items() if kind.meaning in moving}
        self._waiting: dict[str, _Waiting] = {}
        self.seconds: deque[float] = deque(maxlen=KEPT)
        self.changes = 0
        self.followed = 0
        self.given_up = 0
        self.last: Change | None = None

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def follow(self, message: Outgoing, give_up_s: float = GIVE_UP_S) -> None:
        """Call just before the event is sent. Events that cannot show in a list's time (late ones, and kinds
        that enter no history) are passed over.
        """
        event = self._readable(message)
        if event is None or event.user_id is None or event.item_id is None or message.kind not in self._showing:
            return
        if event.user_id in self._waiting or len(self._waiting) >= MOST_WAITING:
            return
        before = self._view(event.user_id)
        if before is not None and before.ts >= event.ts:
            return
        self.followed += 1
        now = time.monotonic()
        self._waiting[event.user_id] = _Waiting(
            event.user_id, event.item_id, message.kind, event.ts, before, now, now + give_up_s
        )

    def _readable(self, message: Outgoing) -> Event | None:
        try:
            return _EVENT.decode(message.value or b"")
        except DECODE_ERRORS:  # one that the storefront broke on purpose
            return None

    def _view(self, user: str) -> View | None:
        raw = self._redis.get(self._keys.rec(user))
        return decode_view(raw) if isinstance(raw, bytes) else None

    def look(self) -> None:
        """Read the lists of those that wait; call often."""
        if not self._waiting:
            return
        users = list(self._waiting)
        payloads = self._redis.mget([self._keys.rec(user) for user in users])
        now = time.monotonic()
        for user, raw in zip(users, payloads, strict=True):
            waiting = self._waiting[user]
            view = decode_view(raw) if isinstance(raw, bytes) else None
            if view is not None and view.ts >= waiting.ts:
                del self._waiting[user]
                self._arrived(waiting, view, now)
            elif now > waiting.until:
                del self._waiting[user]
                self.given_up += 1

    def _arrived(self, waiting: _Waiting, view: View, now: float) -> None:
        self.seconds.append(now - waiting.since)
        if waiting.before is None or waiting.before.items != view.items:
            self.changes += 1
            if waiting.before is not None or self.last is None:
                self.last = Change(waiting.user, waiting.item, waiting.kind, waiting.before, view, now - waiting.since)

    def percentile(self, share: float) -> float:
        """Milliseconds below which ``share`` of the followed events showed in their list; NaN without any."""
        if not self.seconds:
            return float("nan")
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]
