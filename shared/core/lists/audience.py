"""Users of a `frames` partition, or of a list, as whoever ranks sees them: newest items, what may come again and what
must not.
"""

import numpy as np

from shared.contracts.sections import ListSettings
from shared.contracts.views import View
from shared.core.kernel import Ints, Longs, making_kernel
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.sources import OwnItems, Users
from shared.core.profiles.history import Histories
from shared.core.profiles.possession import MOST_OWN, barred, may_come_again, own
from shared.core.profiles.profile_state import ProfileState


def users_of(state: ProfileState, slots: Ints, cache: RankCache, rules: ListSettings) -> Users:
    """For user slots of ``state``, -1 for who is not known yet. Takes their items into the cache's table."""
    recent, newest, lengths = newest_first(slots, state.history_arrays, rules.recent_items)
    excluded, starts = barred(state, slots, rules)
    return Users(
        cache.slots_of(state.items, recent.ravel()).reshape(recent.shape),
        newest,
        lengths,
        cache.slots_of(state.items, excluded),
        starts,
        _own(slots, state, cache, rules),
    )


def user_of_view(view: View | None, cache: RankCache, depth: int) -> Users:
    """The one user of a list, by what the list says for whoever reads it; somebody unknown for None. ``depth``: how
    many newest items. Takes their items into the cache's table.
    """
    recent = np.full((1, depth), -1, dtype=np.int32)
    names = view.recent[:depth] if view else []
    recent[0, : len(names)] = cache.slots(names)
    excluded = cache.slots(view.seen if view else [])
    return Users(
        recent,
        np.array([view.ts if view else 0], dtype=np.int64),
        np.array([view.visits if view else 0], dtype=np.int32),
        excluded,
        np.array([0, len(excluded)], dtype=np.int32),
        _own_of_view(view.again[:MOST_OWN] if view else [], cache),
    )


def _own_of_view(again: list[tuple[str, int, int]], cache: RankCache) -> OwnItems:
    return OwnItems(
        cache.slots([item for item, _, _ in again]),
        np.array([times for _, times, _ in again], dtype=np.int32),
        np.array([last for _, _, last in again], dtype=np.int64),
        np.array([0, len(again)], dtype=np.int32),
    )


def _own(users: Ints, state: ProfileState, cache: RankCache, rules: ListSettings) -> OwnItems:
    if not may_come_again(state, rules):
        return OwnItems(_NONE, _NONE, _NEVER, np.zeros(len(users) + 1, dtype=np.int32))
    parts = [own(state, user, rules) for user in users.tolist()]
    every = [one for part in parts for one in part]
    return OwnItems(
        cache.slots_of(state.items, np.array([one.item for one in every], dtype=np.int32)),
        np.array([one.times for one in every], dtype=np.int32),
        np.array([one.last for one in every], dtype=np.int64),
        np.cumsum([0, *map(len, parts)]).astype(np.int32),
    )


_NONE: Ints = np.empty(0, dtype=np.int32)
_NEVER: Longs = np.empty(0, dtype=np.int64)


@making_kernel
def newest_first(users: Ints, histories: Histories, most: int) -> tuple[Ints, Longs, Ints]:
    """The last ``most`` items of each history, newest first, -1 beyond its length; when the newest was met (ms, 0
    without any); how long it is. Of user -1 nothing.
    """
    places, items, times = histories
    width = min(most, places.most)
    recent = np.full((len(users), width), -1, dtype=np.int32)
    newest, visits = np.zeros(len(users), dtype=np.int64), np.zeros(len(users), dtype=np.int32)
    for n in range(len(users)):
        user = users[n]
        length = places.entered[user] if user >= 0 else 0
        end = places.start[user] + length
        for place in range(min(length, width)):
            recent[n, place] = items[end - 1 - place]
        if length > 0:
            newest[n], visits[n] = times[end - 1], length
    return recent, newest, visits
