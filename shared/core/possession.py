"""Of what a user has, refused or looked at: what must not be in their list, and what may come again.

An item may come again if the catalogue says so of it, or ``lists.repeats`` of all; then only the newest one is left
out, beside what is refused.
"""

from typing import NamedTuple

import numpy as np

from shared.contracts.sections import ListSettings
from shared.core.profile_state import OWNED, REFUSED, Had, ProfileState

MOST_OWN = 100
"""Items of a user that may come again and are told to whoever ranks; the oftenest taken."""


class Own(NamedTuple):
    """An item (a slot of the state) that may come again: how often it was taken, 0 if only looked at; when last it was
    taken or looked at (ms).
    """

    item: int
    times: int
    last: int


def barred(state: ProfileState, user: int, rules: ListSettings) -> list[int]:
    """Item slots of the state, once or twice: of what they had, then of what they met, the newest last. Of user -1, who
    is not known, nothing.
    """
    if user < 0:
        return []
    had = state.has.get(user, {})
    if rules.repeats:
        return [item for item, held in had.items() if held.how == REFUSED] + [
            item for item, _ in _met(state, user)[-1:]
        ]
    items = [*had, *(item for item, _ in _met(state, user))] if rules.exclude_viewed else list(had)
    if not state.repeatable:
        return items
    return [item for item in items if _refused(had, item) or state.items.names[item] not in state.repeatable]


def own(state: ProfileState, user: int, rules: ListSettings) -> list[Own]:
    """At most :data:`MOST_OWN`: the oftenest taken first, of those the newest; ties by item key. O(n log n) of them."""
    if user < 0 or not (rules.repeats or state.repeatable):
        return []
    had, met = state.has.get(user, {}), _met(state, user)
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


def _met(state: ProfileState, user: int) -> list[tuple[int, int]]:
    """(item, event time), oldest first."""
    length = int(state.history_length[user])
    items, times = state.history_item[user, :length].tolist(), state.history_ts[user, :length].tolist()
    return list(zip(items, times, strict=True))


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
