"""What is asked when: groups of events that become visible together, and the sampled targets among them."""

from dataclasses import dataclass

import numpy as np

from services.evaluate.event_log import NONE, EventLog
from shared.core.kernel import Flags, Ints, Longs


@dataclass(frozen=True)
class Protocol:
    """``warmup`` is the share of the log before the test; ``sample`` the most events that are asked after it, drawn by
    ``sample_seed``, so that ``seed``, of what methods and resamples draw, leaves the question as it is.

    ``repeats``: every target counts except the user's last item again; else only items that are new to the user.
    ``baskets``: rows of one basket are predicted before any of them is visible. ``k``: the longest list in the figures.
    ``behind``: seconds of event time by which what Headrace knows of items is behind; histories never are. ``frame``: a
    list is asked for while fewer events than that, of other users, wait for their frame to end; 1: none do. A recording
    has frames of its own.
    """

    warmup: float = 0.25
    sample: int = 5000
    seed: int = 7
    repeats: bool = False
    baskets: bool = False
    k: int = 20
    behind: int = 0
    frame: int = 1
    sample_seed: int = 7

    @property
    def cutoffs(self) -> tuple[int, ...]:
        return tuple(sorted({10, 20, self.k}))


@dataclass(frozen=True)
class Plan:
    """One pass over the first ``bounds[-1]`` events.

    ``bounds`` int64[groups + 1]: group g is the events from bounds[g] to before bounds[g + 1]. ``targets`` int64[q]:
    events that are asked for, ascending; ``start`` int64[q]: the first event of their group, all before it is visible.
    ``fit_from``: the first event at which batch methods fit themselves. ``sampled``: how many were drawn, counted or
    not.
    """

    bounds: Longs
    targets: Longs
    start: Longs
    fit_from: int
    sampled: int


def plan_test(log: EventLog, protocol: Protocol) -> Plan:
    """The sample is drawn from all events after the warm-up; those that do not count are left out of it then."""
    return _plan(log, protocol, warmup_end(log, protocol), len(log), protocol.sample, protocol.sample_seed)


def plan_tuning(log: EventLog, protocol: Protocol, sample: int) -> Plan:
    """The warm-up alone, asked in its second half."""
    end = warmup_end(log, protocol)
    return _plan(log, protocol, end // 2, end, sample, protocol.sample_seed + 1)


def warmup_end(log: EventLog, protocol: Protocol) -> int:
    return int(len(log) * protocol.warmup)


def _plan(log: EventLog, protocol: Protocol, begin: int, end: int, sample: int, seed: int) -> Plan:
    drawn = pick(begin, end, sample, seed)
    bounds = group_bounds(log, end, baskets=protocol.baskets)
    start = bounds[np.searchsorted(bounds, drawn, side="right") - 1]
    counted = is_target(log, drawn, start, repeats=protocol.repeats)
    return Plan(bounds, drawn[counted], start[counted], begin, len(drawn))


def pick(begin: int, end: int, sample: int, seed: int) -> Longs:
    """``sample`` of the events from ``begin`` to before ``end``, each at most once, ascending."""
    chosen = np.random.default_rng(seed).choice(np.arange(begin, end), min(sample, end - begin), replace=False)
    return np.sort(chosen).astype(np.int64)


def group_bounds(log: EventLog, end: int, *, baskets: bool) -> Longs:
    """The log's own groups, or every event for itself, or runs of events of the same user and basket."""
    if log.bounds is not None:
        return np.append(log.bounds[log.bounds < end], end)
    if not baskets:
        return np.arange(end + 1, dtype=np.int64)
    user, basket = log.user[:end], log.basket[:end]
    same = (user[1:] == user[:-1]) & (basket[1:] == basket[:-1]) & (basket[1:] != NONE)
    return np.concatenate([np.zeros(1, dtype=np.int64), 1 + np.flatnonzero(~same), [end]])


def is_target(log: EventLog, events: Longs, start: Longs, *, repeats: bool) -> Flags:
    """Which of the events count, their groups beginning at ``start``."""
    counts: Flags = (
        log.item[events] != last_items(log, log.user[events], start) if repeats else first_of_pair(log)[events] >= start
    )
    return counts


def first_of_pair(log: EventLog) -> Longs:
    """For each event the first event of the same user and item: int64[n]."""
    return _first_alike(log.user.astype(np.int64) * len(log.items) + log.item)


def first_of_user(log: EventLog) -> Longs:
    return _first_alike(log.user)


def first_of_item(log: EventLog) -> Longs:
    return _first_alike(log.item)


def _first_alike(keys: Ints | Longs) -> Longs:
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return first[which].astype(np.int64)


def events_before(log: EventLog, users: Ints, before: Longs) -> Longs:
    """How many events each user has before an event: int64, as long as both. O((n + q) log n)."""
    n = len(log)
    events = np.sort(log.user.astype(np.int64) * n + np.arange(n))
    of_user = users.astype(np.int64) * n
    count: Longs = np.searchsorted(events, of_user + before) - np.searchsorted(events, of_user)
    return count


def last_items(log: EventLog, users: Ints, before: Longs) -> Ints:
    """The item of each user's last event before an event, :data:`NONE` where there is none: int32, as long as both."""
    n = len(log)
    events = np.sort(log.user.astype(np.int64) * n + np.arange(n))  # user by user, each in the log's order
    place = np.searchsorted(events, users.astype(np.int64) * n + before) - 1
    last = events[np.maximum(place, 0)]
    found = (place >= 0) & (last // n == users)
    return np.where(found, log.item[last % n], NONE).astype(np.int32)
