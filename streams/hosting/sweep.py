"""Views that nobody holds: what an earlier generation has left, or a Redis that came back with an old file.

One walk through the keys of Redis, a page at a pulse, for all partitions that wait for it when it begins.
"""

from collections import defaultdict

from shared.adapters.log_reader import PartitionLog
from shared.contracts.rank_views import is_view
from streams.hosting.checkpoints import Partition
from streams.steps.ports import Ports
from streams.steps.step import Step

PAGE = 5000  # keys looked at in a pulse: a few milliseconds

Named = dict[str, list[str]]
"""Kinds of views, and of what they are."""


class Sweep:
    """For partitions of which everything is published. Bounded by the partitions that are held, and a page."""

    def __init__(self, ports: Ports, records: PartitionLog) -> None:
        self._ports, self._records = ports, records
        self._ends: dict[Partition, int] = {}
        self._asked: dict[Partition, Step] = {}
        self._walking: dict[Partition, Step] = {}
        self._done: set[Partition] = set()
        self._cursor = 0

    @property
    def under_way(self) -> bool:
        return bool(self._asked or self._walking)

    def done(self, partition: Partition, step: Step) -> bool:
        """Whether a walk has ended that began after this was asked, and after the step knew what its log said then; one
        that keeps no state has just read it.
        """
        if not step.kinds or partition in self._done:
            return True
        if partition not in self._ends:
            self._ends[partition] = self._records.bounds(*partition)[1]
        knows = step.stateless or step.offset + 1 >= self._ends[partition]
        if knows and partition not in self._walking:
            self._asked[partition] = step
        return False

    def forget(self, partition: Partition) -> None:
        """What was swept of it says nothing any more."""
        for held in (self._ends, self._asked, self._walking):
            held.pop(partition, None)
        self._done.discard(partition)

    def page(self) -> bool:
        """Go on for a moment; True: a walk has ended."""
        if not self._walking:
            self._walking, self._asked, self._cursor = self._asked, {}, 0
        if not self._walking:
            return False
        self._cursor, keys = self._ports.views.scan(self._cursor, self._ports.keys.prefix, PAGE)
        named = self._named(keys)
        for step in self._walking.values():
            self._take_away(step, named)
        if not self._cursor:
            self._end()
        return not self._cursor

    def _end(self) -> None:
        for step in self._walking.values():
            step.swept()
        self._done |= self._walking.keys()
        self._walking = {}

    def _named(self, keys: list[str]) -> Named:
        found: Named = defaultdict(list)
        for key in keys:
            kind, _, name = key.removeprefix(self._ports.keys.prefix).partition(":")
            found[kind].append(name)
        return found

    def _take_away(self, step: Step, named: Named) -> None:
        """With a mark of the removal: workers of the earlier generation may be running yet."""
        for kind in [kind for kind in named if kind.partition("@")[0] in step.kinds]:
            strays = self._views_of(kind, step.strays(kind, named[kind]))
            self._ports.remove([self._key(kind, name) for name in strays], step.offset)
            step.left(kind, strays)

    def _views_of(self, kind: str, names: list[str]) -> list[str]:
        """What is no view of ours is somebody else's."""
        found = self._ports.views.read([self._key(kind, name) for name in names])
        return [name for name, raw in zip(names, found, strict=True) if raw is not None and is_view(raw)]

    def _key(self, kind: str, name: str) -> str:
        return f"{self._ports.keys.prefix}{kind}:{name}"
