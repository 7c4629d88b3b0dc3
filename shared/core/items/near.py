"""Which items a record names as nearest to its own, nearest first: the neighbours that a search of the whole catalogue
found, as ids may stand there that are not known yet, or no longer.
"""

from collections.abc import Sequence

import numpy as np

from shared.contracts.catalogue import MAX_NEAR
from shared.core.arithmetic.digests import digests
from shared.core.kernel import Ints, Keys, Longs
from shared.core.tables.interning import Interner, grown
from shared.core.tables.segments import Segments, of_table, pack, slices

ROW_BYTES = 1 + 8 * MAX_NEAR


class Near:
    """By item slot: ``digests`` uint64[slots, width] of the ids, of which the first ``sizes`` int32[slots] count.

    The width is that of the longest list met so far, at most :data:`MAX_NEAR`: slots · width · 8 bytes, none as long as
    nobody sends any.
    """

    def __init__(self, capacity: int) -> None:
        self.digests: Keys = np.zeros((capacity, 0), dtype=np.uint64)
        self.sizes: Ints = np.zeros(capacity, dtype=np.int32)

    def grow(self, capacity: int) -> None:
        self.digests, self.sizes = grown(self.digests, capacity), grown(self.sizes, capacity)

    def file(self, slot: int, ids: Sequence[str]) -> None:
        """What the item's record names, at most :data:`MAX_NEAR`, each once; replaces the ones before. O(ids)."""
        self.sizes[slot] = len(ids)
        if ids:
            self._widen(len(ids))
            self.digests[slot, : len(ids)] = digests(ids)

    def unfile(self, slot: int) -> None:
        """The item has none."""
        self.sizes[slot] = 0

    def of(self, slot: int) -> list[int]:
        """The digests of the item's own list."""
        own: list[int] = self.digests[slot, : self.sizes[slot]].tolist()
        return own

    def slots(self, of: Ints, table: Interner, filed: Longs) -> Ints:
        """int32[len(of), width]: where in the table those stand that these items name; -1 for what the catalogue has
        not: ``filed``, by slot, is 0. O(of · width).
        """
        named: Ints = np.full((len(of), self.digests.shape[1]), -1, dtype=np.int32)
        told = np.arange(named.shape[1]) < self.sizes[of][:, None]
        if told.any():
            found = table.find_keyed(self.digests[of][told])
            named[told] = np.where(filed[found] != 0, found, -1)
        return named

    def _widen(self, width: int) -> None:
        more = width - self.digests.shape[1]
        if more > 0:
            self.digests = np.pad(self.digests, ((0, 0), (0, more)))

    def take(self, rows: int) -> Segments:
        """The lists of the first ``rows`` slots; nothing if none has any."""
        taken = {}
        for name, part in slices("near", rows if self.sizes[:rows].any() else 0, ROW_BYTES):
            sizes = self.sizes[part]
            told = np.arange(self.digests.shape[1]) < sizes[:, None]
            taken[name] = pack({"sizes": sizes.astype(np.uint8), "digests": self.digests[part][told]}, part.start)
        return taken

    def restore(self, segments: Segments) -> None:
        """What was taken; room for it must be there."""
        for segment in of_table(segments, "near"):
            sizes = segment.column("sizes")
            self._widen(int(sizes.max(initial=0)))
            rows = slice(segment.start, segment.start + len(sizes))
            self.sizes[rows] = sizes
            self.digests[rows][np.arange(self.digests.shape[1]) < self.sizes[rows][:, None]] = segment.column("digests")
