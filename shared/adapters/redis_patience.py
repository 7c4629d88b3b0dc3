"""How long is waited for a Redis that is away: half a minute, but by nobody who is about to end."""

from typing import Self

from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError  # noqa: A004


class Patience(ExponentialBackoff):
    """Shared by all connections of a client, which would take copies of it."""

    def __init__(self) -> None:
        super().__init__(cap=4, base=0.02)
        self._hurried = False

    def hurry(self) -> None:
        """From now on a question is asked once more, and given up then. From any thread."""
        self._hurried = True

    def compute(self, failures: int) -> float:
        if self._hurried and failures > 1:
            raise ConnectionError("it is away, and the process is to end")
        return super().compute(failures)

    def __deepcopy__(self, _: object) -> Self:
        return self
