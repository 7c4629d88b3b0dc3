"""What the catalogue says of the items, as columns and groups; items that no event named yet are among them."""

from collections.abc import Hashable, Iterable

import numpy as np

from services.evaluate.event_log import EventLog
from shared.core.kernel import Floats, Ints, Longs


class Groups:
    """Items that share a label. ``of[of_start[i] : of_start[i + 1]]`` int32: the groups of item i; ``members(g)``: the
    items of group g, ascending int32. Groups are numbered by the first item that has them.
    """

    def __init__(self, labels: Iterable[tuple[int, Hashable]], items: int) -> None:
        """``labels``: (item, label), ascending by item."""
        numbers: dict[Hashable, int] = {}
        pairs = [(item, numbers.setdefault(label, len(numbers))) for item, label in labels]
        item_of, group_of = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
        self.count = len(numbers)
        self.of: Ints = group_of.copy()
        self.of_start: Longs = np.searchsorted(item_of, np.arange(items + 1)).astype(np.int64)
        order = np.argsort(group_of, kind="stable")
        self._members: Ints = item_of[order]
        self._start: Longs = np.searchsorted(group_of[order], np.arange(self.count + 1)).astype(np.int64)

    def of_item(self, item: int) -> Ints:
        """The groups of an item: a view."""
        return self.of[self.of_start[item] : self.of_start[item + 1]]

    def members(self, group: int) -> Ints:
        """The items of a group: a view."""
        return self._members[self._start[group] : self._start[group + 1]]


def by_category(log: EventLog) -> Groups:
    """Items whose whole path of categories is the same."""
    return Groups(
        ((item, tuple(log.catalogue[item].categories)) for item in described(log) if log.catalogue[item].categories),
        len(log.items),
    )


def by_topic(log: EventLog) -> Groups:
    """Items that have a category in common, at any level: an item is in several groups."""
    labels = ((item, name) for item in described(log) for name in dict.fromkeys(log.catalogue[item].categories))
    return Groups(labels, len(log.items))


def by_brand(log: EventLog) -> Groups:
    """Items of one brand."""
    labels = ((item, log.catalogue[item].brand) for item in described(log) if log.catalogue[item].brand)
    return Groups(labels, len(log.items))


def log_prices(log: EventLog) -> Floats:
    """Natural logarithm of the price, float64[items]; NaN where there is none or nothing is paid."""
    prices = np.full(len(log.items), np.nan, dtype=np.float64)
    for item in described(log):
        price = log.catalogue[item].price
        if price:
            prices[item] = np.log(price)
    return prices


def described(log: EventLog) -> list[int]:
    """Items that have a record, ascending."""
    return sorted(log.catalogue)
