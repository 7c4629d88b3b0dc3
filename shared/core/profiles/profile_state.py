"""What one `frames` partition remembers of its users: histories, recent event ids, what they have, refuse and told."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from shared.contracts.sections import ProfileSettings
from shared.core.kernel import Flags, Ints, Longs
from shared.core.profiles.having import Having, drop_from_having
from shared.core.profiles.history import Histories, RecentIds, drop_from_histories
from shared.core.profiles.told import NOTHING_TOLD, Told
from shared.core.tables.interning import Interner, grown
from shared.core.tables.kin import ITEM_IDS
from shared.core.tables.runs import Runs

NEVER = -(2**62)


class Had(NamedTuple):
    """What a user has of an item: ``how`` its newest event says (OWNED or REFUSED), how many ``times`` it was taken,
    ``last`` event time (ms).
    """

    how: int
    times: int
    last: int


@dataclass
class ProfileState:
    """Arrays by user slot. Bounded by ``bounds``; ``offset`` and ``sources`` say what is included.

    ``histories`` are in event-time order, oldest first; ``recent`` event ids are rings; ``having``, what
    users have, is in the order of last times; ``told``, what those said of themselves who did.
    """

    bounds: ProfileSettings
    users: Interner = field(init=False)
    items: Interner = field(init=False)
    histories: Runs = field(init=False)
    recent: Runs = field(init=False)
    having: Runs = field(init=False)
    minute: Longs = field(init=False)
    minute_events: Ints = field(init=False)
    told: dict[int, Told] = field(default_factory=dict)
    repeatable: OrderedDict[str, None] = field(default_factory=OrderedDict)
    sources: dict[tuple[str, int], int] = field(default_factory=dict)
    offset: int = -1
    ts: int = 0

    def __post_init__(self) -> None:
        self.users = Interner(self.bounds.max_users)
        self.items = Interner(self.bounds.max_items, ITEM_IDS)
        rows = self.users.capacity
        self.histories = Runs(rows, self.bounds.history, item=np.int32, ts=np.int64)
        self.recent = Runs(rows, self.bounds.dedupe_window, key=np.uint64)
        entry = {"had_item": np.int32, "had_how": np.int8, "had_times": np.int32, "had_last": np.int64}
        self.having = Runs(rows, self.bounds.max_owned, **entry)
        self.minute = np.full(rows, NEVER, dtype=np.int64)
        self.minute_events = np.zeros(rows, dtype=np.int32)

    def grow(self) -> None:
        """Make the arrays as long as the user table."""
        rows = self.users.capacity
        if rows == len(self.minute):
            return
        self.histories.grow(rows)
        self.recent.grow(rows)
        self.having.grow(rows)
        self.minute = grown(self.minute, rows, NEVER)
        self.minute_events = grown(self.minute_events, rows)

    def clear_users(self, slots: Ints) -> None:
        """Leave nothing of these users."""
        self.histories.clear(slots)
        self.recent.clear(slots)
        self.having.clear(slots)
        self.minute[slots] = NEVER
        self.minute_events[slots] = 0
        for slot in slots.tolist():
            self.told.pop(slot, None)

    def clear_items(self, slots: Ints) -> None:
        """Leave no reference to these items. O(users · history), once per many new items."""
        if not len(slots):
            return
        gone: Flags = np.zeros(self.items.capacity, dtype=np.bool_)
        gone[slots] = True
        drop_from_histories(self.history_arrays, gone)
        drop_from_having(self.having_arrays, gone)

    def forget(self, user: str) -> bool:
        """Remove a user wholly; whether there was one."""
        slot = self.users.remove(user)
        if slot is None:
            return False
        self.clear_users(np.array([slot], dtype=np.int32))
        return True

    def hold_told(self, user: int, told: Told) -> None:
        """What is known of the user by their own word from now on."""
        if told == NOTHING_TOLD:
            self.told.pop(user, None)
        else:
            self.told[user] = told

    @property
    def history_arrays(self) -> Histories:
        """For kernels, until the next change of the state."""
        return Histories(self.histories.places, self.histories.columns["item"], self.histories.columns["ts"])

    @property
    def recent_arrays(self) -> RecentIds:
        """For kernels, until the next change of the state."""
        return RecentIds(self.recent.places, self.recent.columns["key"])

    @property
    def having_arrays(self) -> Having:
        """For kernels, until the next change of the state."""
        return Having(self.having.places, *self.having.columns.values())

    def had(self, user: int) -> dict[int, Had]:
        """What a user slot has, by item slot, in the order of last times; of -1 nothing."""
        if user < 0 or not self.having.entered[user]:
            return {}
        items, *columns = (self.having.of(user, name).tolist() for name in self.having.columns)
        return dict(zip(items, map(Had._make, zip(*columns, strict=True)), strict=True))

    def met(self, user: int) -> list[tuple[int, int]]:
        """(item slot, event time) of a user slot, oldest first."""
        items, times = self.histories.of(user, "item").tolist(), self.histories.of(user, "ts").tolist()
        return list(zip(items, times, strict=True))

    def history(self, user: str) -> list[tuple[str, int]]:
        """(item, event time) of a user, oldest first; for tests and people."""
        slot = self.users.slots.get(user)
        return [] if slot is None else [(self.items.names[item], ts) for item, ts in self.met(slot)]
