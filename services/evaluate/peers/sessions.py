"""Users (= sessions) who share items with the one asked for: posting lists that grow with each event, no index run.

A reference session is a user's whole history so far: the reference figures treat the user as the session, also where
the log names sessions.
"""

import numpy as np

from services.evaluate.past import Past
from services.evaluate.peers.histories import holds, newest_distinct
from services.evaluate.peers.layout import row_starts
from shared.core.kernel import Floats, Ints, Longs, kernel

CONTEXT = 10  # newest distinct items of the user that neighbours are sought by, unless said otherwise
LONGEST = 100  # newest events of a neighbour that are candidates


class Sessions:
    """``takers`` int32: per item, from ``starts[i]``, a ring of the last ``depth`` users who took it, by when they
    first did; at most 4 · depth bytes. ``taken`` int64[items]: how many did ever. ``latest`` int64[users]: ms of the
    last event.

    After :meth:`gather`: ``found[:n]`` int32 users, and by user ``similarity`` float64 and ``match`` int32, the rank of
    the newest shared item in ``context``.

    ``counted_for`` int64[items]: the number of the neighbour, of all ever ``counted``, that an item counted for last.
    """

    def __init__(self, past: Past, depth: int, context: int = CONTEXT) -> None:
        items, users = len(past.log.items), len(past.log.users)
        self.past = past
        self.starts = row_starts(past.log, 1, depth)
        self.takers: Ints = np.zeros(self.starts[-1], dtype=np.int32)
        self.taken: Longs = np.zeros(items, dtype=np.int64)
        self.latest: Longs = np.zeros(users, dtype=np.int64)
        self.users = 0
        self.context: Ints = np.zeros(context, dtype=np.int32)
        self.found: Ints = np.zeros(users, dtype=np.int32)
        self.similarity: Floats = np.zeros(users, dtype=np.float64)
        self.match: Ints = np.zeros(users, dtype=np.int32)
        self._asked: Longs = np.zeros(users, dtype=np.int64)
        self._question = 0
        self.counted_for: Longs = np.zeros(items, dtype=np.int64)
        self.counted = 0

    def learn(self, event: int) -> None:
        """O(history) to see whether the user has the item already."""
        log = self.past.log
        user, item = int(log.user[event]), int(log.item[event])
        start, end = self.past.span(user)
        self.users += start == end
        self.latest[user] = log.ts[event]
        note_taker(self.starts, self.takers, self.taken, self.past.items, start, end, user, item)

    def gather(self, user: int, weights: Floats) -> tuple[int, int]:
        """Whoever took one of the user's newest distinct items: (how many, items in ``context``).

        A shared item of rank r among c adds ``weights[c, r]`` to the similarity; ``weights`` float64[context + 1,
        context]. O(context · depth).
        """
        start, end = self.past.span(user)
        self._question += 1
        length = newest_distinct(self.past.items, start, end, self.context)
        found = gather_takers(
            self.starts, self.takers, self.taken, self.context, length, user, weights[length], self._question,
            self._asked, self.similarity, self.match, self.found,
        )  # fmt: skip
        return found, length


@kernel
def note_taker(
    starts: Longs, takers: Ints, taken: Longs, items: Ints, start: int, end: int, user: int, item: int
) -> None:
    """The first time that a user takes an item, the ring's oldest entry leaves."""
    if not holds(items, start, end, item):
        takers[starts[item] + taken[item] % (starts[item + 1] - starts[item])] = user
        taken[item] += 1


@kernel
def gather_takers(
    starts: Longs, takers: Ints, taken: Longs, context: Ints, length: int, user: int, weights: Floats, question: int,
    asked: Longs, similarity: Floats, match: Ints, found: Ints,
) -> int:  # fmt: skip
    """Newest item first, so the first match is the newest; ``asked`` marks who was met in this question."""
    count = 0
    for rank in range(length):
        item = context[rank]
        for place in range(starts[item], min(starts[item] + taken[item], starts[item + 1])):
            other = takers[place]
            if other == user:
                continue
            if asked[other] != question:
                asked[other] = question
                similarity[other] = 0.0
                match[other] = rank
                found[count] = other
                count += 1
            similarity[other] += weights[rank]
    return count


@kernel
def counts_first(counted_for: Longs, neighbour: int, item: int) -> bool:
    """Whether the item has not counted for this neighbour yet; now it has."""
    if counted_for[item] == neighbour:
        return False
    counted_for[item] = neighbour
    return True


def keep_largest(found: Ints, count: int, by_user: Floats | Longs, most: int) -> int:
    """Move the ``most`` of ``found[:count]`` with the largest values to the front, in their order; ties: who was found
    first. O(count). (No kernel: numba takes many seconds to compile a partition.)
    """
    if count <= most:
        return count
    values = by_user[found[:count]]
    bar = np.partition(values, count - most)[count - most]
    kept = values > bar
    kept[np.flatnonzero(values == bar)[: most - int(kept.sum())]] = True
    found[:most] = found[:count][kept]
    return most
