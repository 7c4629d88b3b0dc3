"""What partitions say of scopes, each replacing what it said before, until one says that it holds a scope no longer."""

from dataclasses import dataclass, field
from typing import Generic

from shared.contracts.deltas import OfScope, emptied, is_empty
from shared.core.tables.dirty_names import DirtyNames

LAST_WORDS = 10_000
"""Of what is held no longer, scopes and items: those said last, as far back as a worker that was stopped may speak
of.
"""


@dataclass
class ToldScopes(Generic[OfScope]):
    """``held``: scope → partition → what it said last; ``dirty``: scopes whose lists are to be written; ``gone``: those
    whose lists are to go; ``left``: as of which offset partitions held scopes no longer. Bounded: the partitions'
    scopes, and the last words on those that left.
    """

    held: dict[str, dict[int, OfScope]] = field(default_factory=dict)
    dirty: DirtyNames = field(default_factory=DirtyNames)
    gone: dict[str, None] = field(default_factory=dict)
    left: dict[tuple[str, int], int] = field(default_factory=dict)

    def take(self, record: OfScope) -> OfScope | None:
        """One that is older than what its partition said before changes nothing: what that was is returned."""
        place = record.scope, record.partition
        known, left = self.said(*place), self.left.get(place, -1)
        if record.offset < (left if known is None else known.offset):
            return known or emptied(record, left)
        self.left.pop(place, None)
        if not is_empty(record):
            self.held.setdefault(record.scope, {})[record.partition] = record
            self.gone.pop(record.scope, None)
            self.dirty.mark(record.scope)
            return None
        self._drop(*place)
        self.left[place] = record.offset
        if len(self.left) > LAST_WORDS:
            del self.left[next(iter(self.left))]
        return None

    def said(self, scope: str, partition: int) -> OfScope | None:
        """What a partition holds of a scope."""
        return self.held.get(scope, {}).get(partition)

    def _drop(self, scope: str, partition: int) -> None:
        others = self.held.get(scope, {})
        others.pop(partition, None)
        if others:
            self.dirty.mark(scope)
            return
        self.held.pop(scope, None)
        self.dirty.forget(scope)
        self.gone[scope] = None

    def take_gone(self, most: int) -> list[str]:
        """At most ``most`` scopes whose lists are to go."""
        taken = [scope for scope, _ in zip(self.gone, range(most), strict=False)]
        for scope in taken:
            del self.gone[scope]
        return taken

    @property
    def settled(self) -> bool:
        return not (self.dirty or self.gone)
