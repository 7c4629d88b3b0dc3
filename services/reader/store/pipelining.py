"""Values of keys for many who ask at once: what is asked for within a tick of the loop leaves as one MGET.

Replies come in the order of asking. While two MGETs are under way, what is asked waits for the first one's reply and
then leaves together (Nagle, RFC 896): Redis would not have answered it before, and under load a write, a read and a
command are shared by many. One deadline per question: when the
oldest is overdue, Redis is taken not to answer, and nobody waits any longer. A connection that ends is dialled again,
once and at once, for those who wait: what had answered before was a good connection. If that fails, they are told;
how often there is another try is the caller's matter.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from services.reader.store.wire import Wire, dial, packed
from shared.contracts.errors import Unavailable

MAX_BATCH = 256  # keys of one MGET
UNDER_WAY = 2  # MGETs, before what is asked waits for a reply
MAX_WAITING = 10_000  # questions unanswered; a request beyond that is answered from memory
Answer = asyncio.Future[list[bytes | None]]
Asked = tuple[Sequence[bytes], Answer, float]
"""Keys, their values, and by when, on the loop's clock."""


class Pipelined:
    """``deadline``: seconds per question; ``on_failure`` is called whenever those who waited got no answer."""

    def __init__(self, url: str, deadline: float, on_failure: Callable[[], None]) -> None:
        self._url, self._deadline, self._on_failure = url, deadline, on_failure
        self._wire: Wire | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._fresh: list[Asked] = []
        self._asked: deque[list[Asked]] = deque()
        self._open = 0

    def get(self, *keys: str) -> Answer:
        """The values of keys, at most :data:`MAX_BATCH`, to be awaited; ends in :class:`Unavailable` if there are none
        in time.
        """
        if self._open >= MAX_WAITING:
            raise Unavailable("too many requests wait for Redis")
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        until = loop.time() + self._deadline
        if not self._fresh:
            loop.call_soon(self._flush)
        self._fresh.append(([key.encode() for key in keys], answer, until))
        self._open += 1
        if self._timer is None:
            self._timer = loop.call_at(until, self._look)
        return answer

    def _flush(self) -> None:
        if self._wire is None:
            if self._dialling is None and self._fresh:
                self._dialling = asyncio.get_running_loop().create_task(self._dial())
            return
        if len(self._asked) >= UNDER_WAY:
            return  # until _settle
        fresh, self._fresh = self._fresh, []
        for batch in _batches(fresh):
            self._asked.append(batch)
            keys = [key for asked, _, _ in batch for key in asked]
            self._wire.ask(packed(b"MGET", *keys), partial(self._settle, batch, len(keys)))

    async def _dial(self) -> None:
        """Ends in time: when the oldest question is overdue, it is cancelled."""
        try:
            self._wire = await dial(self._url, self._lost)
        except (Unavailable, OSError) as error:
            self._fail(f"Redis: {type(error).__name__} {error}")
        finally:
            if self._dialling is asyncio.current_task():
                self._dialling = None
        self._flush()

    def _settle(self, batch: list[Asked], keys: int, reply: Any) -> None:
        if isinstance(reply, ConnectionError):
            return  # _lost sees to it
        if not isinstance(reply, list) or len(reply) != keys:
            self._fail(f"Redis: {reply}")
            return
        self._asked.popleft()
        self._open -= len(batch)
        start = 0
        for asked, answer, _ in batch:
            end = start + len(asked)
            if not answer.done():  # who asked may have gone
                answer.set_result(reply[start:end])
            start = end
        if self._fresh:
            self._flush()

    def _lost(self, wire: Wire) -> None:
        if wire is not self._wire:
            return
        self._wire = None
        if not wire.answered:
            self._fail("Redis: the connection has ended")
            return
        again = [asked for batch in self._asked for asked in batch]
        self._asked.clear()
        self._fresh = again + self._fresh
        self._flush()

    def _look(self) -> None:
        """Whether the oldest question is overdue."""
        loop = asyncio.get_running_loop()
        self._timer = None
        oldest = self._asked[0] if self._asked else self._fresh
        if not oldest:
            return
        until = oldest[0][2]
        if until <= loop.time():
            self._fail("Redis did not answer in time")
        else:
            self._timer = loop.call_at(until, self._look)

    def _fail(self, why: str) -> None:
        """Tell all who wait, and begin anew: a reply that comes late would be taken for another's."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.end()
        dialling, self._dialling = self._dialling, None
        if dialling is not None and dialling is not asyncio.current_task():
            dialling.cancel()
        waiting = [asked for batch in (*self._asked, self._fresh) for asked in batch]
        self._asked.clear()
        self._fresh, self._open = [], 0
        self._on_failure()
        for _, answer, _ in waiting:
            if not answer.done():
                answer.set_exception(Unavailable(why))

    def close(self) -> None:
        """Whoever waits is told."""
        if self._timer is not None:
            self._timer.cancel()
        self._fail("Redis: closing")


def _batches(fresh: list[Asked]) -> Iterator[list[Asked]]:
    """Questions that leave together, no one's keys apart."""
    batch, keys = list[Asked](), 0
    for asked in fresh:
        if batch and keys + len(asked[0]) > MAX_BATCH:
            yield batch
            batch, keys = [], 0
        batch.append(asked)
        keys += len(asked[0])
    if batch:
        yield batch
