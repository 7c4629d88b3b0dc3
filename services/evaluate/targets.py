"""What is known of the targets, whatever a method answers."""

from dataclasses import dataclass

import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.following import Following, following
from services.evaluate.protocol import Plan, Protocol, events_before, first_of_item, first_of_user
from shared.core.kernel import Flags, Ints, Longs

HOUR_MS = 3_600_000
FEW = 3
"""Events from which on a user is no beginner."""


@dataclass(frozen=True)
class Targets:
    """Columns of length q. ``cold``: the user has no event yet; ``beginner``: fewer than :data:`FEW`, none included;
    ``new``: the item has none; ``hour``: of the day, UTC.

    ``seen``: the items of the whole log. ``categories``: those of item i, as numbers, are ``categories[begin : end]``
    with begin, end = ``category_bounds[i : i + 2]``. ``events`` int64[n], ascending: item · n + index of each event, to
    count an item's events before a time.
    """

    event: Longs
    start: Longs
    user: Ints
    item: Ints
    ts: Longs
    cold: Flags
    beginner: Flags
    new: Flags
    hour: Longs
    following: Following
    seen: Ints
    category_bounds: Longs
    categories: Ints
    events: Longs

    def popularity(self, lists: Ints) -> Ints:
        """Events of each listed item before its list was asked for: int[q, n]; 0 where there is no item."""
        n, rows = len(self.events), self.start[:, None]
        shown = np.maximum(lists, 0).astype(np.int64) * n
        counts = np.searchsorted(self.events, shown + rows) - np.searchsorted(self.events, shown)
        return np.where(lists >= 0, counts, 0).astype(np.int32)


def targets(log: EventLog, plan: Plan, protocol: Protocol) -> Targets:
    """O(n log n)."""
    events, start = plan.targets, plan.start
    bounds, categories = item_categories(log)
    return Targets(
        event=events,
        start=start,
        user=log.user[events],
        item=log.item[events],
        ts=log.ts[events],
        cold=first_of_user(log)[events] >= start,
        beginner=events_before(log, log.user[events], start) < FEW,
        new=first_of_item(log)[events] >= start,
        hour=log.ts[events] // HOUR_MS % 24,
        following=following(log, plan, protocol),
        seen=np.unique(log.item),
        category_bounds=bounds,
        categories=categories,
        events=np.sort(log.item.astype(np.int64) * len(log) + np.arange(len(log))),
    )


def item_categories(log: EventLog) -> tuple[Longs, Ints]:
    """(bounds int64[items + 1], category numbers, ascending within an item)."""
    known = sorted({category for record in log.catalogue.values() for category in record.categories})
    number = {category: n for n, category in enumerate(known)}
    of_item = [
        sorted({number[c] for c in log.catalogue[item].categories}) if item in log.catalogue else []
        for item in range(len(log.items))
    ]
    bounds = np.concatenate([[0], np.cumsum([len(numbers) for numbers in of_item])]).astype(np.int64)
    return bounds, np.array([n for numbers in of_item for n in numbers], dtype=np.int32)
