"""What the user turns to in the rest of the sitting: what lists are held against besides the next item."""

from dataclasses import dataclass

import numpy as np

from services.evaluate.event_log import NONE, EventLog
from services.evaluate.protocol import Plan, Protocol, first_of_pair, last_items
from shared.core.kernel import Ints, Longs

PAUSE_MS = 30 * 60_000  # a longer one ends a sitting, where the log names no sessions


@dataclass(frozen=True)
class Following:
    """``item[r]`` is relevant to target ``query[r]``; ``count`` int32[q]: how many are, 1 at least."""

    query: Ints
    item: Ints
    count: Ints
    what: str


def following(log: EventLog, plan: Plan, protocol: Protocol) -> Following:
    """Distinct items from the target on (a basket: all of it) that could have been recommended when it was asked for.

    O(n log n + the targets' sittings).
    """
    sitting, what = sittings(log, protocol)
    begin = plan.start if protocol.baskets else plan.targets
    order = np.argsort(sitting, kind="stable")
    place = np.empty(len(log), dtype=np.int64)
    place[order] = np.arange(len(log))
    end = np.searchsorted(sitting[order], sitting, side="right")
    first, last = first_of_pair(log), last_items(log, log.user[plan.targets], plan.start)
    found: list[Ints] = []
    for row, event in enumerate(begin.tolist()):
        rest = order[place[event] : end[event]]
        free = log.item[rest] != last[row] if protocol.repeats else first[rest] >= plan.start[row]
        found.append(np.unique(log.item[rest[free]]))
    count = np.array([len(items) for items in found], dtype=np.int32)
    item = np.concatenate([np.zeros(0, dtype=np.int32), *found])
    return Following(np.repeat(np.arange(len(found), dtype=np.int32), count), item, count, what)


def sittings(log: EventLog, protocol: Protocol) -> tuple[Longs, str]:
    """A number per event, equal within a user's basket, session or unbroken run of events, and which of them it is."""
    if protocol.baskets or ((log.basket != NONE).any() and not (log.session != NONE).any()):
        return _with_user(log, log.basket), "basket"
    if (log.session != NONE).any():
        return _with_user(log, log.session), "session"
    return runs(log, PAUSE_MS), f"events without a pause of {PAUSE_MS // 60_000} minutes"


def _with_user(log: EventLog, group: Ints) -> Longs:
    """Events of no group are each for themselves."""
    alone = group == NONE
    numbers = log.user.astype(np.int64) * (int(group.max()) + 1) + group
    numbers[alone] = -1 - np.flatnonzero(alone)
    return numbers


def runs(log: EventLog, pause_ms: int) -> Longs:
    """Numbers the runs of a user's events in which none follows the one before later than ``pause_ms``."""
    order = np.lexsort((np.arange(len(log)), log.user))
    user, ts = log.user[order], log.ts[order]
    new = np.concatenate([[True], (user[1:] != user[:-1]) | (np.diff(ts) > pause_ms)])
    numbers = np.empty(len(log), dtype=np.int64)
    numbers[order] = np.cumsum(new)
    return numbers
