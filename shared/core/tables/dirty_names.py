"""What is to be published again, by name, longest waiting first."""

from collections.abc import Iterable, Iterator


class DirtyNames:
    """Names in the order in which they were marked; what waits is not marked twice. ``owed``: that many at most of
    those that wait have waited since :meth:`owe`. Bounded by what there is to name.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._waits = dict.fromkeys(names)
        self._owed = 0

    def __len__(self) -> int:
        return len(self._waits)

    def __iter__(self) -> Iterator[str]:
        return iter(self._waits)

    def __contains__(self, name: str) -> bool:
        return name in self._waits

    @property
    def owed(self) -> int:
        return min(self._owed, len(self._waits))

    def mark(self, name: str) -> None:
        """It is to be published."""
        self._waits[name] = None

    def mark_all(self, names: Iterable[str]) -> None:
        """One after the other."""
        self._waits |= dict.fromkeys(names)

    def owe(self, names: Iterable[str]) -> None:
        """These wait, and no others: everything is to be published again."""
        self._waits = dict.fromkeys(names)
        self._owed = len(self._waits)

    def take(self, most: int) -> list[str]:
        """At most ``most``, which wait no longer."""
        taken = [name for name, _ in zip(self._waits, range(most), strict=False)]
        for name in taken:
            del self._waits[name]
        self._owed = max(0, self._owed - len(taken))
        return taken

    def published(self, name: str) -> None:
        """It does not wait any longer."""
        self._waits.pop(name, None)

    def forget(self, name: str) -> None:
        """There is no such thing any more."""
        self._waits.pop(name, None)
