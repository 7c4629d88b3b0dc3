"""Whether all views of a partition stand in the view store that is there now: a marker per partition says so."""

from collections.abc import Iterable
from enum import Enum, auto

from shared.contracts.topics import FOLDED, partition_counts
from shared.contracts.views import begun_in, standing_in
from streams.hosting.checkpoints import Partition
from streams.steps.ports import Ports

KEPT_S = 7 * 86_400  # then those of an earlier generation are gone; who holds a partition has its own renewed
RENEWED_MS = 86_400_000


class Standing(Enum):
    """Of a partition's views."""

    NOT = auto()
    BEGUN = auto()
    ALL = auto()


class Markers:
    """A publication is marked when it begins and when it ends, with the server's run id. Where either mark is gone or
    another server's, views may be gone with it, and all begins again; so it does with the next owner of a partition.
    Where nobody has renewed a mark for a week, its views may be old as well. A server that may be there again after
    another one was knows nothing of what was written to that: no mark that all views stand there holds.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._run_id = ""
        self._begun: set[Partition] = set()
        self._renewal_due: dict[Partition, int] = {}

    def look(self, partitions: Iterable[Partition]) -> dict[Partition, Standing]:
        """At the server that is there, and at its marks."""
        self._meet(self._ports.views.servers())
        asked = list(partitions)
        marks = self._ports.views.read([self._key(partition) for partition in asked])
        found = {partition: self._standing(partition, mark) for partition, mark in zip(asked, marks, strict=True)}
        now = self._ports.clock()
        for partition, stands in found.items():
            if stands is Standing.ALL and now >= self._renewal_due.get(partition, now):
                self.end(partition)
        return found

    def _meet(self, servers: list[str]) -> None:
        now, before = servers[-1], self._run_id or servers[-1]
        self._run_id = now
        if any(server != now for server in (before, *servers)):
            self._begun.clear()
            keys = self._keys(FOLDED)
            marks = zip(keys, self._ports.views.read(keys), strict=True)
            self._ports.views.erase([key for key, mark in marks if mark == standing_in(now)])

    def _standing(self, partition: Partition, mark: bytes | None) -> Standing:
        if mark == standing_in(self._run_id):
            return Standing.ALL
        return Standing.BEGUN if mark == begun_in(self._run_id) and partition in self._begun else Standing.NOT

    def all_stand(self, topics: tuple[str, ...]) -> bool:
        """Whether all views of these topics' partitions do, by whichever worker."""
        return all(mark == standing_in(self._run_id) for mark in self._ports.views.read(self._keys(topics)))

    def _keys(self, topics: tuple[str, ...]) -> list[str]:
        sizes = partition_counts(self._ports.settings)
        return [self._key((self._ports.topic(topic), n)) for topic in topics for n in range(sizes[topic])]

    def begin(self, partition: Partition) -> None:
        """Before the first of its views is written."""
        self._ports.views.mark(self._key(partition), begun_in(self._run_id), KEPT_S)
        self._begun.add(partition)

    def end(self, partition: Partition) -> None:
        """All of it is written. A mark of its begin that was lost meanwhile is not replaced."""
        self._ports.views.mark(self._key(partition), standing_in(self._run_id), KEPT_S, again=True)
        self._renewal_due[partition] = self._ports.clock() + RENEWED_MS

    def take_away(self, partitions: Iterable[Partition]) -> None:
        """Of partitions whose records are folded while nothing is published."""
        silent = list(partitions)
        self._ports.views.erase([self._key(partition) for partition in silent])
        for partition in silent:
            self.forget(partition)

    def forget(self, partition: Partition) -> None:
        """Another worker has it."""
        self._begun.discard(partition)
        self._renewal_due.pop(partition, None)

    def _key(self, partition: Partition) -> str:
        return self._ports.keys.published(*partition)
