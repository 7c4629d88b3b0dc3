"""Which items the catalogue has had for the shortest time, in plain Python."""

from services.verify.ties import order_key
from shared.contracts.catalogue import ItemRecord
from shared.contracts.views import ALL, category_scope

LISTED = 1000


class NewestOracle:
    """``lists``: scope → item → since when it is there (ms), of at most ``bound`` categories, the one filed in last
    standing last. ``changed``: scopes whose list did; whoever looks takes them out.
    """

    def __init__(self, bound: int, max_items: int) -> None:
        self._bound, self._max_items = bound, max_items
        self.first: dict[str, int] = {}
        self.lists: dict[str, dict[str, int]] = {ALL: {}}
        self.changed: dict[str, None] = {}

    def file(self, record: ItemRecord, now: int) -> None:
        """The catalogue's word; what it had before is as old as it was."""
        first = self.remove(record.item_id, now)
        self.first[record.item_id] = first
        for scope in (ALL, *map(category_scope, record.categories)):
            listed = self.lists.pop(scope, {})
            listed[record.item_id] = first if record.published_at is None else record.published_at
            if len(listed) > LISTED:
                del listed[_newest_first(listed)[-1][0]]
            self.lists[scope] = listed
            self.changed[scope] = None
        while len(self.lists) > self._bound + 1:
            oldest = next(scope for scope in self.lists if scope != ALL)
            del self.lists[oldest]
            self.changed.pop(oldest, None)
        if len(self.first) > self._max_items:
            self.remove(next(iter(self.first)))

    def remove(self, item: str, otherwise: int = 0) -> int:
        """The catalogue no longer has it; when it was filed first."""
        for scope, listed in self.lists.items():
            if listed.pop(item, None) is not None:
                self.changed[scope] = None
        return self.first.pop(item, otherwise)

    def newest(self, scope: str, most: int) -> list[tuple[str, int]]:
        """The newest of a scope, and since when they are there."""
        return _newest_first(self.lists.get(scope, {}))[:most]


def _newest_first(listed: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(listed.items(), key=lambda entry: (-entry[1], order_key(entry[0])))
