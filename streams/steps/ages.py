"""How old what is held and told of items may become: as set while there is time, older when there is not.

Who is behind shows users' own events late by some turns; rows and counts of items move far less within that time (a
model that is a minute behind loses nothing that could be measured: docs/evaluate.md). Read and written at their pace
they took a fourth of a busy worker's time from the lists.
"""

SHORT_MS = 100  # a turn up to which what is held is as old as set
MOST = 10.0  # times as old
WEIGHT = 0.25  # of the last turn against those before it
SHARE = 0.1  # of a worker's time for rows that keep changing, those of all its partitions


class Ages:
    """Follows the length of turns, ms."""

    def __init__(self) -> None:
        self._turn_ms = 0.0

    def took(self, turn_ms: float) -> None:
        """A turn did."""
        self._turn_ms += WEIGHT * (turn_ms - self._turn_ms)

    def stretched(self, age_ms: int) -> int:
        """What is set as this age."""
        return round(age_ms * min(MOST, max(1.0, self._turn_ms / SHORT_MS)))


class Rounds:
    """When rows are written that keep changing: all that wait as a round begins, at most ``most`` a tick. The next one
    begins ``every_ms`` after it did, or so much later that rounds take no more than their share of the time.
    """

    def __init__(self, every_ms: int, most: int) -> None:
        self._every_ms, self._most = every_ms, most
        self._left = self._began = self._took = self._due = 0

    def due(self, now: int, waiting: int) -> int:
        """How many of those that wait are to be written now."""
        if not self._left and now >= self._due:
            self._left, self._began, self._took = waiting, now, 0
            self._due = now + self._every_ms
        return min(self._left, self._most)

    def wrote(self, count: int, took_ms: int, partitions: int) -> None:
        """So many of them, by a worker that holds so many partitions."""
        self._left = max(0, self._left - count)
        self._took += took_ms
        self._due = max(self._due, self._began + round(self._took * partitions / SHARE))
