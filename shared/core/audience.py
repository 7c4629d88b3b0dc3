"""Users of a `frames` partition, or of a list, as whoever ranks sees them: newest items, what may come again and what
must not.
"""

import numpy as np

from shared.contracts.sections import ListSettings
from shared.contracts.views import View
from shared.core.kernel import Ints
from shared.core.possession import MOST_OWN, barred, own
from shared.core.profile_state import ProfileState
from shared.core.rank_cache import RankCache
from shared.core.sources import OwnItems, Users


def users_of(state: ProfileState, slots: Ints, cache: RankCache, rules: ListSettings) -> Users:
    """For user slots of ``state``, -1 for who is not known yet. Takes their items into the cache's table."""
    known = slots >= 0
    lengths = np.where(known, state.history_length[slots], 0).astype(np.int32)
    recent = _newest_first(state.history_item[slots], lengths, rules.recent_items)
    newest = np.where(lengths > 0, state.history_ts[slots, np.maximum(lengths - 1, 0)], 0)
    excluded, starts = barred(state, slots, rules)
    return Users(
        cache.slots_of(state.items, recent.ravel()).reshape(recent.shape),
        newest.astype(np.int64),
        lengths,
        cache.slots_of(state.items, excluded),
        starts,
        _own(slots.tolist(), state, cache, rules),
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


def _own(users: list[int], state: ProfileState, cache: RankCache, rules: ListSettings) -> OwnItems:
    parts = [own(state, user, rules) for user in users]
    every = [one for part in parts for one in part]
    return OwnItems(
        cache.slots_of(state.items, np.array([one.item for one in every], dtype=np.int32)),
        np.array([one.times for one in every], dtype=np.int32),
        np.array([one.last for one in every], dtype=np.int64),
        np.cumsum([0, *map(len, parts)]).astype(np.int32),
    )


def _newest_first(held: Ints, lengths: Ints, most: int) -> Ints:
    """The last ``most`` items of each history, newest first, -1 beyond its length."""
    positions = lengths[:, None] - 1 - np.arange(min(most, held.shape[1]))[None, :]
    picked = np.take_along_axis(held, np.maximum(positions, 0), axis=1)
    return np.where(positions >= 0, picked, -1).astype(np.int32)
