"""Where views are written: a thread of its own, so that the next lists are made while the ones before are on their way.

What is asked for is done in its order. Who says that something has been published waits until it has (``settle``), or
asks whether it has (``mark``).
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

Work = Callable[[], None]
Landed = Callable[[], bool]
MOST = 4  # pieces of work that wait; who brings one more waits, too


class Writing(Protocol):
    """Does pieces of work in order, at once or soon."""

    def put(self, work: Work) -> None:
        """Raises what an earlier piece has raised."""

    def settle(self) -> None:
        """Back when all is done; raises what a piece has raised."""

    def mark(self) -> Landed:
        """Says, whenever it is asked, whether all that was put up to now is done; raises what a piece has raised."""


class AtOnce:
    """In the thread that asks."""

    def put(self, work: Work) -> None:
        work()

    def settle(self) -> None: ...

    def mark(self) -> Landed:
        return lambda: True


class Behind:
    """In one thread of its own, at most :data:`MOST` pieces behind. Used from one thread at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="views")
        self._waiting: deque[Future[None]] = deque()

    def put(self, work: Work) -> None:
        self._collect(MOST - 1)
        self._waiting.append(self._thread.submit(work))

    def settle(self) -> None:
        self._collect(0)

    def mark(self) -> Landed:
        last = self._waiting[-1] if self._waiting else None

        def landed() -> bool:
            if last is not None and not last.done():
                return False
            self._collect(MOST)  # what was put before it is done, too: it may have failed
            return True

        return landed

    def _collect(self, most: int) -> None:
        """Hear of what is done; wait until at most so many pieces wait."""
        while len(self._waiting) > most or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()
