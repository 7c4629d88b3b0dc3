"""Makes and writes the lists of the users that frames touched, together."""

import numpy as np

from shared.adapters.redis_views import Write
from shared.contracts.views import MAX_SEEN, VIEW_VERSION, View, at, encode_view
from shared.core.audience import users_of
from shared.core.exploration_candidates import draw_of
from shared.core.kernel import Ints
from shared.core.possession import barred, own
from shared.core.prequential import PublishedLists
from shared.core.profile_state import ProfileState
from shared.core.ranking import WHY, RankedLists
from shared.core.told import NOTHING_TOLD
from streams.ports import Ports

MODEL = "ranked-1"
MOST_TOGETHER = 256  # users: their candidates and features are 150 kB each


class ListWriter:
    """Lists for the users of one partition."""

    def __init__(self, state: ProfileState, published: PublishedLists, ports: Ports) -> None:
        self._state = state
        self._published = published
        self._ports = ports
        self._rules = ports.settings.lists

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
        self._publish(users, maker.lists(audience, now, self._rules.length, draw), offset)

    def _publish(self, users: Ints, lists: RankedLists, offset: int) -> None:
        keys, held = self._ports.keys, self._ports.maker.cache.items
        version = at(self._ports.settings.generation, offset)
        writes = []
        for row, user in enumerate(users.tolist()):
            items = lists.items[row, : lists.lengths[row]]
            key = keys.rec(self._state.users.names[user])
            view = self._view(user, lists, row, version)
            writes.append(Write(key, encode_view(view), self._rules.ttl_s, keys.removed(key)))
            self._published.put(user, held.keys[items])
        self._ports.write("rec", writes)

    def _view(self, user: int, lists: RankedLists, row: int, version: str) -> View:
        state, length = self._state, int(lists.lengths[row])
        told, named = state.told.get(user, NOTHING_TOLD), self._ports.maker.cache.items.names
        visits = int(state.history_length[user])
        recent = state.history_item[user, max(0, visits - self._rules.recent_items) : visits][::-1]
        return View(
            v=VIEW_VERSION,
            at=version,
            ts=int(state.history_ts[user].max()),
            source="personal",
            model=MODEL,
            items=[named[item] for item in lists.items[row, :length].tolist()],
            scores=np.round(lists.scores[row, :length], 6).tolist(),
            why=[WHY[w] for w in lists.why[row, :length].tolist()],
            user_id=state.users.names[user],
            seen=self._seen(user),
            recent=[state.items.names[item] for item in recent.tolist()],
            visits=visits,
            explore=[named[item] for item in lists.explore[row].tolist() if item >= 0],
            liked=list(told.liked),
            avoided=list(told.avoided),
            sessions=list(told.sessions),
            segments=list(told.segments),
            again=[(state.items.names[item], times, last) for item, times, last in own(state, user, self._rules)],
        )

    def _seen(self, user: int) -> list[str]:
        """Items that must not be added to the list by whoever reads it."""
        names = self._state.items.names
        return [names[item] for item in dict.fromkeys(reversed(barred(self._state, user, self._rules)))][:MAX_SEEN]
