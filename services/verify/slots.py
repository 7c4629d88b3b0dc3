"""Which number an id has: the lowest never used, or the one freed last; who was not seen for longest leaves first."""


class Slots:
    """Plain-Python twin of the bounded table of ids. ``of`` is ordered by when an id was last seen, ``free``
    by when a number was freed.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._used = 0
        self.free: list[int] = []
        self.of: dict[str, int] = {}

    def see(self, name: str) -> int:
        """The id's number; it is the one seen last from now on."""
        slot = self.of.pop(name, None)
        if slot is None:
            slot = self.free.pop() if self.free else self._next()
        self.of[name] = slot
        return slot

    def _next(self) -> int:
        self._used += 1
        return self._used - 1

    def remove(self, name: str) -> None:
        if name in self.of:
            self.free.append(self.of.pop(name))

    def evict(self) -> list[str]:
        """At a record's end: over the bound, what is over it and a sixteenth of the bound leave."""
        over = len(self.of) - self._bound
        if over <= 0:
            return []
        leaving = list(self.of)[: min(len(self.of) - 1, over + self._bound // 16)]
        for name in leaving:
            self.remove(name)
        return leaving
