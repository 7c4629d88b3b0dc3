"""Items partitions that are in this very process: what their views would say is told from their state, as of now."""

from collections.abc import Sequence

from shared.contracts.routing import partitions_of
from shared.core.item_views import ItemViews
from shared.core.items import Items
from shared.core.said import SaidRows, SaidStats


class ItemsAtHand:
    """``partitions``: how many there are, of which some are held. An item is told of by the partition that owns it."""

    def __init__(self, partitions: int, half_lives: dict[str, int]) -> None:
        self._partitions = partitions
        self._half_lives = half_lives
        self._held: dict[int, Items] = {}

    def hold(self, partition: int, items: Items) -> None:
        self._held[partition] = items

    def let_go(self, partition: int) -> None:
        """If it is held."""
        self._held.pop(partition, None)

    @property
    def partitions_held(self) -> int:
        """How many."""
        return len(self._held)

    def rows(self, wanted: list[str]) -> tuple[list[SaidRows], list[str]]:
        """What is said of these items' rows, and the items of partitions that are not held. O(items · neighbours)."""
        mine, others = self._split(wanted)
        return [views.said_rows(items) for views, items in mine], others

    def stats(self, wanted: list[str]) -> tuple[list[SaidStats], list[str]]:
        """The same of numbers. O(items · half-lives)."""
        mine, others = self._split(wanted)
        return [views.said_stats(items) for views, items in mine], others

    def _split(self, wanted: Sequence[str]) -> tuple[list[tuple[ItemViews, list[str]]], list[str]]:
        if not self._held or not wanted:
            return [], list(wanted)
        if self._partitions == 1:
            return [(self._views(0), list(wanted))], []
        owned: dict[int, list[str]] = {}
        for item, owner in zip(wanted, partitions_of(wanted, self._partitions).tolist(), strict=True):
            owned.setdefault(owner, []).append(item)
        mine = [(self._views(partition), owned.pop(partition)) for partition in self._held if partition in owned]
        return mine, [item for items in owned.values() for item in items]

    def _views(self, partition: int) -> ItemViews:
        return ItemViews(self._held[partition], 1, self._half_lives)
