"""How long to wait before a part that died is started again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Doubling waits, in seconds; a life of ``healthy`` seconds starts over."""

    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    healthy: float = 60.0

    def deaths(self, before: int, lived: float) -> int:
        """Deaths in a row, this one included."""
        return 1 if lived >= self.healthy else before + 1

    def wait(self, deaths: int) -> float:
        """Seconds before the start after so many deaths in a row."""
        return float(min(self.longest, self.first * self.factor ** min(deaths - 1, 32)))
