"""What is visible when a prediction is made: every event learned so far, user by user."""

import numpy as np

from services.evaluate.event_log import EventLog
from shared.core.kernel import Flags, Ints, Longs


class Past:
    """Histories of all users in flat arrays; only how many events each user will have is taken from the future, to
    lay the arrays out.

    User u's events so far are ``items[start[u] : start[u] + count[u]]`` (int32, oldest first, repeats kept), ``times``
    (ms) beside them. ``seen`` bool[items]: items that any event so far named; ``seen_items[:seen_count]`` in the order
    of their first event; ``first_ts`` and ``last_ts`` (ms) by item, 0 before it is seen.
    """

    def __init__(self, log: EventLog) -> None:
        sizes = np.bincount(log.user, minlength=len(log.users))
        self.log = log
        self.start: Longs = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.count: Ints = np.zeros(len(log.users), dtype=np.int32)
        self.items: Ints = np.zeros(len(log), dtype=np.int32)
        self.times: Longs = np.zeros(len(log), dtype=np.int64)
        self.seen: Flags = np.zeros(len(log.items), dtype=np.bool_)
        self.seen_items: Ints = np.zeros(len(log.items), dtype=np.int32)
        self.seen_count = 0
        self.first_ts: Longs = np.zeros(len(log.items), dtype=np.int64)
        self.last_ts: Longs = np.zeros(len(log.items), dtype=np.int64)

    def span(self, user: int) -> tuple[int, int]:
        """[start, end) of the user's events so far in ``items`` and ``times``."""
        start = int(self.start[user])
        return start, start + int(self.count[user])

    def history(self, user: int) -> Ints:
        """The user's items so far, oldest first, repeats kept: a view."""
        start, end = self.span(user)
        return self.items[start:end]

    def push(self, event: int) -> None:
        """Make the event visible."""
        user, item, ts = int(self.log.user[event]), int(self.log.item[event]), int(self.log.ts[event])
        place = int(self.start[user]) + int(self.count[user])
        self.items[place], self.times[place] = item, ts
        self.count[user] += 1
        if not self.seen[item]:
            self.seen[item] = True
            self.seen_items[self.seen_count] = item
            self.seen_count += 1
            self.first_ts[item] = ts
        self.last_ts[item] = ts
