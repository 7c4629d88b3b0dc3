"""Makes and writes the lists of the users that a frame touched, together: one read of rows, one kernel, one write."""

import numpy as np

from shared.adapters.redis_views import Write
from shared.contracts.settings import Settings
from shared.contracts.views import VIEW_VERSION, View, at, decode_view, encode_view
from shared.core.candidates import WHY, Lists, make_lists
from shared.core.kernel import Ints
from shared.core.prequential import PublishedLists
from shared.core.profile_state import REFUSED, ProfileState
from streams.ports import Ports

MODEL = "cooc-1"
TRENDING_AGE_MS = 1000


class ListWriter:
    """Lists for the users of one partition."""

    def __init__(self, state: ProfileState, published: PublishedLists, ports: Ports) -> None:
        self._state = state
        self._published = published
        self._ports = ports
        self._settings: Settings = ports.settings

    def write(self, users: Ints, offset: int) -> None:
        """Make, write and remember the lists of these user slots; ``offset`` is the frame they include."""
        if not len(users):
            return
        self._read_trending()
        cache = self._ports.neighbours
        cache.trim()
        histories = self._state.history_item[users]
        unique, back = np.unique(histories, return_inverse=True)
        known = unique >= 0
        slots = np.full(len(unique), -1, dtype=np.int32)
        names = self._state.items.names
        slots[known] = cache.slots([names[item] for item in unique[known].tolist()])
        held = slots[back].reshape(histories.shape)
        recent = self._newest_first(held, users)
        self._read_rows(recent)
        excluded, starts = self._excluded(users, held)
        trending = cache.slots(self._ports.trending.items)
        lists = self._make(recent, excluded, starts, trending)
        self._publish(users, lists, offset)

    def _make(self, recent: Ints, excluded: Ints, starts: Ints, trending: Ints) -> Lists:
        cache, rules = self._ports.neighbours, self._settings.lists
        return make_lists(
            recent,
            excluded,
            starts,
            cache.neighbours,
            cache.scores,
            cache.lengths,
            trending,
            cache.items.keys,
            rules.rank_weight,
            rules.length,
        )

    def _newest_first(self, held: Ints, users: Ints) -> Ints:
        """The last ``recent_items`` of each history, newest first, -1 beyond its length."""
        depth = min(self._settings.lists.recent_items, held.shape[1])
        positions = self._state.history_length[users][:, None] - 1 - np.arange(depth)[None, :]
        picked = np.take_along_axis(held, np.maximum(positions, 0), axis=1)
        return np.where(positions >= 0, picked, -1).astype(np.int32)

    def _excluded(self, users: Ints, held: Ints) -> tuple[Ints, Ints]:
        """Cache slots that must not appear, user after user: what they have or refuse, by setting what they viewed."""
        cache, names = self._ports.neighbours, self._state.items.names
        parts: list[Ints] = []
        for row, user in enumerate(users.tolist()):
            had = self._state.has.get(user)
            viewed = held[row][held[row] >= 0] if self._settings.lists.exclude_viewed else held[row][:0]
            if had:
                kept = [names[i] for i, how in had.items() if how == REFUSED or names[i] not in self._state.repeatable]
                viewed = viewed[~np.isin(viewed, self._repeatable_slots(had))]
                parts.append(np.concatenate([viewed, cache.slots(kept)]))
            else:
                parts.append(viewed)
        starts = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int32)
        return np.concatenate(parts).astype(np.int32), starts

    def _repeatable_slots(self, had: dict[int, int]) -> Ints:
        """Of what a user has, what may be bought again: seeing it listed is no reason to leave it out."""
        names = self._state.items.names
        again = [names[i] for i, how in had.items() if how != REFUSED and names[i] in self._state.repeatable]
        return self._ports.neighbours.slots(again)

    def _read_rows(self, recent: Ints) -> None:
        cache, now = self._ports.neighbours, self._ports.clock()
        wanted = cache.stale(recent[recent >= 0], now).tolist()
        names = [cache.items.names[slot] for slot in wanted]
        payloads = self._ports.views.read([self._ports.keys.sim(name) for name in names])
        for slot, payload in zip(wanted, payloads, strict=True):
            if payload is None:
                cache.put(slot, [], [], now)
            else:
                view = decode_view(payload)
                cache.put(slot, view.items, view.scores, now)

    def _read_trending(self) -> None:
        held, now = self._ports.trending, self._ports.clock()
        if now - held.read_at < TRENDING_AGE_MS:
            return
        keys = self._ports.keys
        trending, popular = self._ports.views.read([keys.trending("all"), keys.popular("all")])
        held.items = decode_view(trending).items if trending else []
        held.popular = decode_view(popular).items if popular else []
        held.read_at = now

    def _publish(self, users: Ints, lists: Lists, offset: int) -> None:
        cache, state, rules = self._ports.neighbours, self._state, self._settings.lists
        version = at(self._settings.generation, offset)
        writes = []
        for row, user in enumerate(users.tolist()):
            length = int(lists.lengths[row])
            items = lists.items[row, :length]
            view = View(
                v=VIEW_VERSION,
                at=version,
                ts=int(state.history_ts[user].max()),
                source="personal",
                model=MODEL,
                items=[cache.items.names[i] for i in items.tolist()],
                scores=np.round(lists.scores[row, :length], 6).tolist(),
                why=[WHY[w] for w in lists.why[row, :length].tolist()],
                user_id=state.users.names[user],
                seen=self._seen(user),
            )
            key = self._ports.keys.rec(state.users.names[user])
            writes.append(Write(key, encode_view(view), rules.ttl_s, self._ports.keys.removed(key)))
            self._published.put(user, cache.items.keys[items])
        self._ports.write("rec", writes)

    def _seen(self, user: int) -> list[str]:
        """Items that the reader must not add when it fuses the list with trending."""
        names, state = self._state.items.names, self._state
        had = state.has.get(user, {})
        seen = [names[i] for i, how in had.items() if how == REFUSED or names[i] not in state.repeatable]
        if self._settings.lists.exclude_viewed:
            length = int(state.history_length[user])
            viewed = (names[i] for i in state.history_item[user, :length].tolist())
            seen += [name for name in viewed if name not in state.repeatable]
        return list(dict.fromkeys(reversed(seen)))[: self._settings.popularity.published]
