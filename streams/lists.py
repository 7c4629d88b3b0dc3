"""Makes and writes the lists of the users that frames touched, together."""

import numpy as np

from shared.adapters.redis_views import Write
from shared.contracts.views import ENCODER, MAX_SEEN, at
from shared.core.audience import users_of
from shared.core.exploration_candidates import draw_of
from shared.core.kernel import Ints
from shared.core.list_texts import Columns, list_texts
from shared.core.possession import newest_distinct
from shared.core.prequential import DEPTH, PublishedLists
from shared.core.profile_state import ProfileState
from shared.core.quoting import QuotedIds
from shared.core.ranking import WHY, RankedLists
from shared.core.sources import OwnItems, Users
from shared.core.told import Told
from streams.ports import Ports

SOURCE, MODEL = "personal", "ranked-1"
MOST_TOGETHER = 256  # users: their candidates and features are 150 kB each


class ListWriter:
    """Lists for the users of one partition."""

    def __init__(self, state: ProfileState, published: PublishedLists, ports: Ports) -> None:
        self._state = state
        self._published = published
        self._ports = ports
        self._rules = ports.settings.lists
        self._quoted = QuotedIds(ports.maker.cache.items, ENCODER.encode)

    def write(self, users: Ints, offset: int) -> None:
        """Make, write and remember the lists of these user slots; ``offset`` is the frame they include."""
        for start in range(0, len(users), MOST_TOGETHER):
            self._write(users[start : start + MOST_TOGETHER], offset)

    def _write(self, users: Ints, offset: int) -> None:
        maker = self._ports.maker
        maker.cache.trim()
        audience = users_of(self._state, users, maker.cache, self._rules)
        now = np.full(len(users), self._state.ts, dtype=np.int64)
        draw = draw_of(self._state.users.keys[users], offset, self._rules.explore)
        self._publish(users, audience, maker.lists(audience, now, self._rules.length, draw), offset)

    def _publish(self, users: Ints, audience: Users, lists: RankedLists, offset: int) -> None:
        keys, held = self._ports.keys, self._ports.maker.cache.items
        payloads = self._texts(users, audience, lists, at(self._ports.settings.generation, offset))
        named = [keys.rec(self._state.users.names[user]) for user in users.tolist()]
        ttl = self._rules.ttl_s
        writes = [Write(key, text, ttl, keys.removed(key)) for key, text in zip(named, payloads, strict=True)]
        self._published.put(users, held.keys[lists.items[:, :DEPTH]], lists.lengths)
        self._ports.write("rec", writes)

    def _texts(self, users: Ints, audience: Users, lists: RankedLists, version: str) -> list[bytes]:
        """Of each user's list what ``encode_view`` would make."""
        if self._quoted.table is not (held := self._ports.maker.cache.items):
            self._quoted = QuotedIds(held, ENCODER.encode)
        state = self._state
        columns = Columns(
            lists.items,
            lists.lengths,
            lists.scores,
            lists.why,
            newest_distinct(audience.excluded, audience.excluded_start, MAX_SEEN, held.capacity),
            audience.recent,
            lists.explore,
            audience.visits,
            state.history_ts[users].max(axis=1),
        )
        own = [part for row, user in enumerate(users.tolist()) for part in self._own(user, row, audience.own)]
        return list_texts(version, SOURCE, MODEL, columns, own, WHY, self._quoted)

    def _own(self, user: int, row: int, own: OwnItems) -> tuple[bytes, bytes, bytes]:
        """Whose list it is; what may come again; what they told."""
        whose = b',"user_id":' + ENCODER.encode(self._state.users.names[user])
        told = self._state.told.get(user)
        return whose, self._again(own, row) if len(own.items) else b"", _told(told) if told else b""

    def _again(self, own: OwnItems, row: int) -> bytes:
        mine, names = slice(own.start[row], own.start[row + 1]), self._quoted.table.names
        columns = own.items[mine].tolist(), own.times[mine].tolist(), own.last[mine].tolist()
        again = [(names[item], times, last) for item, times, last in zip(*columns, strict=True)]
        return b',"again":' + ENCODER.encode(again) if again else b""


def _told(told: Told) -> bytes:
    """Whatever there is of it."""
    fields = ("liked", told.liked), ("avoided", told.avoided), ("sessions", told.sessions), ("segments", told.segments)
    return b"".join(b',"%s":%s' % (name.encode(), ENCODER.encode(list(values))) for name, values in fields if values)
