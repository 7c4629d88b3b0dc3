"""Items whose views are to be written again, longest waiting first; an item that waits is not marked twice."""

from collections.abc import Iterable, Iterator
from itertools import repeat

import numpy as np

from shared.core.interning import Interner, grown
from shared.core.kernel import Flags, Ints, making_kernel


def taken(dirty: dict[str, None], most: int) -> list[str]:
    """The first ``most`` of names that wait, which wait no longer."""
    names = [name for name, _ in zip(dirty, range(most), strict=False)]
    for name in names:
        del dirty[name]
    return names


class Dirty:
    """Names in the order in which they were marked; ``_waits`` by slot, so that marking what waits costs no more than a
    look. Bounded by the items that are held and the catalogue's.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: dict[str, None] = dict.fromkeys(names)
        self._waits: Flags = np.zeros(0, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def mark(self, name: str) -> None:
        self._names[name] = None

    def mark_slots(self, slots: Ints, items: Interner) -> None:
        """Items of the table, in the order of their slots; ``slots`` may name one often. O(slots)."""
        if items.capacity > len(self._waits):
            self._waits = grown(self._waits, items.capacity)
        names, new = items.names, first_met(slots, self._waits)
        new.sort()
        self._names.update(zip(map(names.__getitem__, new.tolist()), repeat(None)))

    def take(self, most: int, items: Interner) -> list[str]:
        """At most ``most``, which wait no longer."""
        taken = [name for name, _ in zip(self._names, range(most), strict=False)]
        for name in taken:
            del self._names[name]
        self._rest(items.find(taken))
        return taken

    def forget_slots(self, slots: Ints) -> None:
        """These slots are free: their next items wait for themselves."""
        self._rest(slots)

    def _rest(self, slots: Ints) -> None:
        self._waits[slots[(slots >= 0) & (slots < len(self._waits))]] = False

    def clear(self) -> None:
        self._names.clear()
        self._waits[:] = False


@making_kernel
def first_met(slots: Ints, met: Flags) -> Ints:
    """Those of the slots that are not ``met`` yet, once each; they are now."""
    found = np.empty(len(slots), dtype=np.int32)
    n = 0
    for slot in slots:
        if not met[slot]:
            met[slot] = True
            found[n] = slot
            n += 1
    return found[:n]
