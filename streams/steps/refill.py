"""How many lists are made again at a tick for users who did nothing, once the views were lost.

As many as take a moment, whatever a list costs here: whoever does something meanwhile waits no longer than that.
"""

MOMENT_MS = 50.0
FIRST_MS = 0.5  # of a list, until one was made
LEAST_MS = 0.05
MANY = 256  # lists that count as much as all before them


class Refill:
    """Follows what lists cost, ms."""

    def __init__(self) -> None:
        self._each_ms = FIRST_MS

    def took(self, lists: int, ms: float) -> None:
        """So many lists, made together. The clock may be coarse: few of them say little."""
        if lists:
            self._each_ms += lists / (lists + MANY) * (ms / lists - self._each_ms)

    def room(self, asked: int) -> int:
        """For how many more there is time, beside those that are asked for."""
        return max(0, int(MOMENT_MS / max(LEAST_MS, self._each_ms)) - asked)
