"""What one `frames` partition remembers of its users: histories, recent event ids, what they have, refuse and told."""

from dataclasses import dataclass, field

import msgspec
import numpy as np

from shared.contracts.sections import ProfileSettings
from shared.core.interning import Interner, grown
from shared.core.kernel import Flags, Ints, Keys, Longs, kernel
from shared.core.told import NOTHING_TOLD, Told

OWNED, REFUSED = 1, 2
NEVER = -(2**62)


class Had(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a user has of an item: ``how`` its newest event says (OWNED or REFUSED), how many ``times`` it was taken,
    ``last`` event time (ms).
    """

    how: int
    times: int
    last: int


@dataclass
class ProfileState:
    """Flat arrays by user slot. Bounded by ``bounds``; ``offset`` and ``sources`` say what is included.

    History rows are in event-time order, oldest first; ``has`` holds, per user who has any, item slot → :class:`Had`
    in the order of their last times; ``told``, what those said of themselves who did.
    """

    bounds: ProfileSettings
    users: Interner = field(init=False)
    items: Interner = field(init=False)
    history_item: Ints = field(init=False)
    history_ts: Longs = field(init=False)
    history_length: Ints = field(init=False)
    recent_keys: Keys = field(init=False)
    recent_position: Ints = field(init=False)
    minute: Longs = field(init=False)
    minute_events: Ints = field(init=False)
    has: dict[int, dict[int, Had]] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    repeatable: dict[str, None] = field(default_factory=dict)
    sources: dict[tuple[str, int], int] = field(default_factory=dict)
    offset: int = -1
    ts: int = 0

    def __post_init__(self) -> None:
        self.users = Interner(self.bounds.max_users)
        self.items = Interner(self.bounds.max_items)
        rows = self.users.capacity
        self.history_item = np.full((rows, self.bounds.history), -1, dtype=np.int32)
        self.history_ts = np.zeros((rows, self.bounds.history), dtype=np.int64)
        self.history_length = np.zeros(rows, dtype=np.int32)
        self.recent_keys = np.zeros((rows, self.bounds.dedupe_window), dtype=np.uint64)
        self.recent_position = np.zeros(rows, dtype=np.int32)
        self.minute = np.full(rows, NEVER, dtype=np.int64)
        self.minute_events = np.zeros(rows, dtype=np.int32)

    def grow(self) -> None:
        """Make the arrays as long as the user table."""
        rows = self.users.capacity
        if rows == len(self.history_length):
            return
        self.history_item = grown(self.history_item, rows, -1)
        self.history_ts = grown(self.history_ts, rows)
        self.history_length = grown(self.history_length, rows)
        self.recent_keys = grown(self.recent_keys, rows)
        self.recent_position = grown(self.recent_position, rows)
        self.minute = grown(self.minute, rows, NEVER)
        self.minute_events = grown(self.minute_events, rows)

    def clear_users(self, slots: Ints) -> None:
        """Leave nothing of these users."""
        self.history_item[slots] = -1
        self.history_ts[slots] = 0
        self.history_length[slots] = 0
        self.recent_keys[slots] = 0
        self.recent_position[slots] = 0
        self.minute[slots] = NEVER
        self.minute_events[slots] = 0
        for slot in slots.tolist():
            self.has.pop(slot, None)
            self.told.pop(slot, None)

    def clear_items(self, slots: Ints) -> None:
        """Leave no reference to these items. O(users · history), once per many new items."""
        if not len(slots):
            return
        gone: Flags = np.zeros(self.items.capacity, dtype=np.bool_)
        gone[slots] = True
        drop_from_histories(self.history_item, self.history_ts, self.history_length, gone)
        for user, items in list(self.has.items()):
            kept = {item: had for item, had in items.items() if not gone[item]}
            if kept:
                self.has[user] = kept
            else:
                del self.has[user]

    def forget(self, user: str) -> bool:
        """Remove a user wholly; whether there was one."""
        slot = self.users.remove(user)
        if slot is None:
            return False
        self.clear_users(np.array([slot], dtype=np.int32))
        return True

    def acquire(self, user: int, item: int, how: int, ts: int) -> None:
        """The user takes (or refuses) the item at ``ts``; what was left alone for longest leaves beyond the bound.

        A late event counts, but neither moves the last time back nor says again what a newer one has said otherwise.
        """
        items = self.has.setdefault(user, {})
        had = items.get(item, Had(how, 0, NEVER))
        times = had.times + (how == OWNED)
        if ts < had.last:
            items[item] = Had(had.how, times, had.last)
            return
        items.pop(item, None)
        newer = [other for other, held in items.items() if held.last > ts] if _newest(items) > ts else []
        items[item] = Had(how, times, ts)
        for other in newer:
            items[other] = items.pop(other)
        if len(items) > self.bounds.max_owned:
            del items[next(iter(items))]

    def release(self, user: int, item: int) -> None:
        """The user gave the item back, whenever that was; what is refused stays refused."""
        items = self.has.get(user)
        if items and item in items and items[item].how == OWNED:
            del items[item]

    def hold_told(self, user: int, told: Told) -> None:
        """What is known of the user by their own word from now on."""
        if told == NOTHING_TOLD:
            self.told.pop(user, None)
        else:
            self.told[user] = told

    def history(self, user: str) -> list[tuple[str, int]]:
        """(item, event time) of a user, oldest first; for tests and people."""
        slot = self.users.slots.get(user)
        if slot is None:
            return []
        length = int(self.history_length[slot])
        items, times = self.history_item[slot, :length].tolist(), self.history_ts[slot, :length].tolist()
        return [(self.items.names[item], ts) for item, ts in zip(items, times, strict=True)]


def _newest(items: dict[int, Had]) -> int:
    """The last of the times that they stand in the order of."""
    return next(reversed(items.values())).last if items else NEVER


@kernel
def drop_from_histories(history_item: Ints, history_ts: Longs, history_length: Ints, gone: Flags) -> None:
    """Close the gaps that the items in ``gone`` leave."""
    for user in range(len(history_length)):
        kept = 0
        for position in range(history_length[user]):
            item = history_item[user, position]
            if not gone[item]:
                history_item[user, kept] = item
                history_ts[user, kept] = history_ts[user, position]
                kept += 1
        for position in range(kept, history_length[user]):
            history_item[user, position] = -1
            history_ts[user, position] = 0
        history_length[user] = kept
