"""Of what a user has, refused or looked at: what must not be in their list, and what may come again.

An item may come again if the catalogue says so of it, or ``lists.repeats`` of all; then only the newest one is left
out, beside what is refused.
"""

from typing import NamedTuple

import numpy as np

from shared.contracts.sections import ListSettings
from shared.core.kernel import Flags, Ints, kernel, making_kernel
from shared.core.profiles.having import OWNED, REFUSED, Having
from shared.core.profiles.history import Histories
from shared.core.profiles.profile_state import Had, ProfileState

MOST_OWN = 200
"""Items of a user that may come again and are told to whoever ranks; the oftenest taken."""


class Own(NamedTuple):
    """An item (a slot of the state) that may come again: how often it was taken, 0 if only looked at; when last it was
    taken or looked at (ms).
    """

    item: int
    times: int
    last: int


def barred(state: ProfileState, users: Ints, rules: ListSettings) -> tuple[Ints, Ints]:
    """int32 item slots of the state, user after user, and where each user's begin (int32[users + 1]).

    Each item once or twice: of what they had, then of what they met, the newest last. Of user -1, who is not known,
    nothing. O(items).
    """
    found, fixed, start = bar_each(
        users, state.having_arrays, state.history_arrays, rules.repeats, rules.exclude_viewed
    )
    if rules.repeats or not state.repeatable:
        return found, start
    names, repeatable = state.items.names, state.repeatable
    kept = fixed | np.array([names[item] not in repeatable for item in found.tolist()], dtype=np.bool_)
    return found[kept], np.concatenate(([0], np.cumsum(kept)))[start].astype(np.int32)


@making_kernel
def bar_each(
    users: Ints,
    having: Having,
    histories: Histories,
    repeats: bool,
    exclude_viewed: bool,
) -> tuple[Ints, Flags, Ints]:
    """What is barred, user after user; whether it is refused, so barred whatever may be taken again; where each user's
    begin.
    """
    places, items, _ = histories
    most = 0
    for user in users:
        most += places.entered[user] + having.places.entered[user] if user >= 0 else 0
    found, fixed = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.bool_)
    start = np.empty(len(users) + 1, dtype=np.int32)
    at = 0
    for n in range(len(users)):
        start[n] = at
        user = users[n]
        if user < 0:
            continue
        own = having.places.start[user]
        end = own + having.places.entered[user]
        for place in range(own, end):
            refused = having.how[place] == REFUSED
            if refused or not repeats:
                found[at], fixed[at] = having.items[place], refused
                at += 1
        begin, length = places.start[user], places.entered[user]
        first = max(0, length - 1) if repeats else (0 if exclude_viewed else length)
        for place in range(first, length):
            item = items[begin + place]
            found[at], fixed[at] = item, is_refused(item, having, own, end)
            at += 1
    start[len(users)] = at
    return found[:at], fixed[:at], start


@kernel
def is_refused(item: int, having: Having, start: int, end: int) -> bool:
    for place in range(start, end):
        if having.items[place] == item:
            return bool(having.how[place] == REFUSED)
    return False


def may_come_again(state: ProfileState, rules: ListSettings) -> bool:
    """Whether any item may, for anybody."""
    return rules.repeats or bool(state.repeatable)


def own(state: ProfileState, user: int, rules: ListSettings) -> list[Own]:
    """At most :data:`MOST_OWN`: the oftenest taken first, of those the newest; ties by item key. O(n log n) of them."""
    if user < 0 or not may_come_again(state, rules):
        return []
    had, met = state.had(user), state.met(user)
    names, repeatable = state.items.names, state.repeatable
    found = {}
    for item, held in had.items():
        if held.how == OWNED and (rules.repeats or names[item] in repeatable):
            found[item] = held.times, held.last
    for item, ts in met[:-1] if rules.repeats else met:
        if (rules.repeats or names[item] in repeatable) and not _refused(had, item):
            times, last = found.get(item, (0, ts))
            found[item] = times, max(last, ts)
    if rules.repeats and met:
        found.pop(met[-1][0], None)
    return _best(found, state)


def _refused(had: dict[int, Had], item: int) -> bool:
    return item in had and had[item].how == REFUSED


def _best(found: dict[int, tuple[int, int]], state: ProfileState) -> list[Own]:
    """``found``: item → times, last."""
    if len(found) < 2:
        return [Own(item, *what) for item, what in found.items()]
    items = np.fromiter(found, dtype=np.int32, count=len(found))
    what = np.array(list(found.values()), dtype=np.int64)
    order = np.lexsort((state.items.keys[items], -what[:, 1], -what[:, 0]))[:MOST_OWN]
    columns = (items[order].tolist(), what[order, 0].tolist(), what[order, 1].tolist())
    return [Own(*row) for row in zip(*columns, strict=True)]


@making_kernel
def newest_distinct(items: Ints, start: Ints, most: int, slots: int) -> Ints:
    """int32[users, most]: the last items of each user (user u's from ``start[u]`` on), the newest first and each once,
    -1 beyond; ``slots`` is how many there may be.
    """
    found = np.full((len(start) - 1, most), -1, dtype=np.int32)
    met = np.full(slots, -1, dtype=np.int32)
    for user in range(len(start) - 1):
        size = 0
        for place in range(start[user + 1] - 1, start[user] - 1, -1):
            item = items[place]
            if size < most and met[item] != user:
                met[item] = user
                found[user, size] = item
                size += 1
    return found
