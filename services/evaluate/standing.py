"""The lists that stand in Redis, had there been one."""

import numpy as np

from shared.core.kernel import Ints, Longs

NO_LIST = -1


class Standing:
    """One list at most of each of so many users. Memory is touched as lists are put."""

    def __init__(self, users: int, length: int) -> None:
        self._items: Ints = np.zeros((users, length), dtype=np.int32)
        self._sizes: Ints = np.full(users, NO_LIST, dtype=np.int32)
        self._ts: Longs = np.zeros(users, dtype=np.int64)

    def put(self, users: Ints, ts: int, items: Ints, sizes: Ints) -> None:
        """In place of what stood: the first ``sizes`` of each row of ``items`` (numbers), made at ``ts`` (ms)."""
        self._items[users], self._sizes[users], self._ts[users] = items, sizes, ts

    def of(self, user: int) -> tuple[int, Ints] | None:
        """(event time in ms, item numbers) of the user's list, a view; None if there is none."""
        size = int(self._sizes[user])
        return None if size == NO_LIST else (int(self._ts[user]), self._items[user, :size])

    def remove(self, user: int) -> None:
        """The user is forgotten."""
        self._sizes[user] = NO_LIST
