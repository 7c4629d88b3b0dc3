"""Where records wait for a worker's turn: bounded in number and in bytes, so that who brings more has to wait."""

import asyncio
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass

from streams.hosting.checkpoints import Partition

Acknowledge = Callable[[], None]
MOST = 64  # records of which a turn could begin now
WITH_IT_S = 0.003  # what a batch of ingest made comes within
MOST_BYTES = 16_000_000  # of all, those included whose partition is still being restored; one more record may pass it


@dataclass(frozen=True)
class Arrival:
    """A record to be applied; ``acknowledge`` is called once its effects are delivered. ``arrived``: the broker's time
    of it (epoch ms), 0 if unknown.
    """

    partition: Partition
    offset: int
    value: bytes
    acknowledge: Acknowledge
    key: bytes = b""
    arrived: int = 0


class Inbox:
    """Used from one event loop. ``early``: the partitions whose records have to wait, as of now."""

    def __init__(self, early: Container[Partition]) -> None:
        self._early = early
        self._waiting: list[Arrival] = []
        self._bytes = 0
        self._arrived, self._room = asyncio.Event(), asyncio.Event()

    async def put(self, arrival: Arrival) -> None:
        """Waits while it is full."""
        while self._full():
            self._room.clear()
            await self._room.wait()
        self._waiting.append(arrival)
        self._bytes += len(arrival.value)
        self._arrived.set()

    def _full(self) -> bool:
        if len(self._waiting) < MOST:
            return self._bytes >= MOST_BYTES
        ready = sum(arrival.partition not in self._early for arrival in self._waiting)
        return ready >= MOST or self._bytes >= MOST_BYTES

    async def take(self, patience_s: float) -> list[Arrival]:
        """All that need not wait, in the order of their arrival; waits for something to arrive, but not for long, and
        then for what comes with it: a batch of ingest is a record for each partition.
        """
        if not self._arrived.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), patience_s)
                await asyncio.sleep(WITH_IT_S)
        self._arrived.clear()
        early = [arrival.partition in self._early for arrival in self._waiting]
        taken = [arrival for arrival, waits in zip(self._waiting, early, strict=True) if not waits]
        self._waiting = [arrival for arrival, waits in zip(self._waiting, early, strict=True) if waits]
        self._bytes -= sum(len(arrival.value) for arrival in taken)
        self._room.set()
        return taken

    def wake(self) -> None:
        """Some that were early need not wait any more."""
        self._arrived.set()
