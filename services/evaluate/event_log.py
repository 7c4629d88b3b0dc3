"""The log under test: events in their one order, ids as numbers."""

from dataclasses import dataclass, field

from shared.contracts.catalogue import ItemRecord
from shared.core.kernel import Floats, Ints, Longs

NONE = -1


@dataclass(frozen=True)
class EventLog:
    """n events, ordered by (ts, user id, item id), or as they were folded: all columns of length n.

    ``ts`` epoch ms; ``user`` and ``item`` index ``users`` and ``items``, ``kind`` indexes ``kinds`` (event types);
    ``value`` is NaN and ``basket``, ``session`` and ``context`` are :data:`NONE` where there is none. ``contexts`` are
    JSON objects. ``catalogue``: item number → its record, where the catalogue has one; ``catalogue_ahead``: all of it
    is known before the first event. If not, a record came with the first event of its item, and no item may be
    recommended before that.

    ``bounds`` int64[groups + 1], where the log itself says which events became visible together (those of a frame).

    ``users`` and ``items`` (of events and catalogue) are ascending as text: a number tells nothing of when its item
    will be seen.
    """

    name: str
    ts: Longs
    user: Ints
    item: Ints
    kind: Ints
    value: Floats
    basket: Ints
    session: Ints
    context: Ints
    users: list[str]
    items: list[str]
    kinds: list[str]
    contexts: list[bytes] = field(default_factory=list)
    catalogue: dict[int, ItemRecord] = field(default_factory=dict)
    catalogue_ahead: bool = True
    bounds: Longs | None = None

    def __len__(self) -> int:
        return len(self.ts)
