"""Users of a `frames` partition as whoever ranks sees them: newest items, and what must not appear in their lists."""

import numpy as np

from shared.contracts.settings import ListSettings
from shared.core.kernel import Ints
from shared.core.profile_state import REFUSED, ProfileState
from shared.core.rank_cache import RankCache
from shared.core.sources import Users


def users_of(state: ProfileState, slots: Ints, cache: RankCache, rules: ListSettings) -> Users:
    """For user slots of ``state``, -1 for who is not known yet. Takes their items into the cache's table."""
    known = slots >= 0
    lengths = np.where(known, state.history_length[slots], 0).astype(np.int32)
    held = _cache_slots(np.where(known[:, None], state.history_item[slots], -1), state, cache)
    recent = _newest_first(held, lengths, rules.recent_items)
    newest = np.where(lengths > 0, state.history_ts[slots, np.maximum(lengths - 1, 0)], 0)
    excluded, starts = _excluded(state, slots, held, cache, rules)
    return Users(recent, newest.astype(np.int64), lengths, excluded, starts)


def _cache_slots(histories: Ints, state: ProfileState, cache: RankCache) -> Ints:
    """The same histories in the cache's slots, -1 kept."""
    unique, back = np.unique(histories, return_inverse=True)
    known = unique >= 0
    slots = np.full(len(unique), -1, dtype=np.int32)
    slots[known] = cache.slots([state.items.names[item] for item in unique[known].tolist()])
    return slots[back].reshape(histories.shape)


def _newest_first(held: Ints, lengths: Ints, most: int) -> Ints:
    """The last ``most`` items of each history, newest first, -1 beyond its length."""
    positions = lengths[:, None] - 1 - np.arange(min(most, held.shape[1]))[None, :]
    picked = np.take_along_axis(held, np.maximum(positions, 0), axis=1)
    return np.where(positions >= 0, picked, -1).astype(np.int32)


def _excluded(state: ProfileState, slots: Ints, held: Ints, cache: RankCache, rules: ListSettings) -> tuple[Ints, Ints]:
    """Cache slots that must not appear, user after user: what they have or refuse, by setting what they viewed."""
    parts: list[Ints] = []
    for row, user in enumerate(slots.tolist()):
        viewed = held[row][held[row] >= 0] if rules.exclude_viewed else held[row][:0]
        had = state.has.get(user)
        if had:
            kept, again = _kept_and_again(state, had)
            if again:
                viewed = viewed[~np.isin(viewed, cache.slots(again))]
            viewed = np.concatenate([viewed, cache.slots(kept)])
        parts.append(viewed)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int32)
    return np.concatenate(parts).astype(np.int32) if parts else np.empty(0, dtype=np.int32), starts


def _kept_and_again(state: ProfileState, had: dict[int, int]) -> tuple[list[str], list[str]]:
    """Of what a user has or refuses: what stays out of lists, and what may be had again."""
    kept, again = list[str](), list[str]()
    for item, how in had.items():
        name = state.items.names[item]
        (kept if how == REFUSED or name not in state.repeatable else again).append(name)
    return kept, again
