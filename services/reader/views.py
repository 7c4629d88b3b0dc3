"""All that the reader asks of Redis, behind one small class, so that the connection can be swapped.

Requests that arrive while an answer is under way share the next ``MGET``: one connection, few bytes of ceremony.
Whatever goes wrong is :class:`Unavailable`; after it nobody waits again until the refresher has reached Redis.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol, TypeVar

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings

MAX_BATCH = 256  # keys of one MGET
MAX_WAITING = 10_000  # keys waiting for one; a request beyond that is answered from memory
T = TypeVar("T")


class Views(Protocol):
    """What the reader needs of a store of views."""

    up: bool

    async def get(self, key: str) -> bytes | None: ...

    async def snapshot(self, keys: Sequence[str], set_key: str) -> tuple[list[bytes | None], set[bytes]]: ...

    async def close(self) -> None: ...


class RedisViews:
    """Views in Redis. ``up`` says whether the last question was answered in time."""

    def __init__(self, settings: Settings) -> None:
        self.up = False
        self._deadline = settings.reader.deadline_ms / 1000
        self._patience = settings.redis.timeout_ms / 1000  # of the refresher, whom nobody waits for
        self._client = redis.Redis.from_url(
            settings.redis.url,
            socket_connect_timeout=self._patience,
            socket_timeout=None,  # one deadline rules: that of _within
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            protocol=2,
            max_connections=4,
        )
        self._waiting: list[tuple[str, asyncio.Future[bytes | None], float]] = []
        self._asking: asyncio.Task[None] | None = None

    async def get(self, key: str) -> bytes | None:
        """The value within the deadline, or :class:`Unavailable`."""
        if not self.up:
            raise Unavailable("Redis does not answer")
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable("too many requests wait for Redis")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((key, answer, loop.time() + self._deadline))
        if self._asking is None:
            self._asking = loop.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        """Answer those who wait, until nobody does."""
        batch = self._waiting[:0]
        why = "Redis: closing"
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                keys = [key for key, _, _ in batch]
                values: list[Any] = await self._within(self._client.mget(keys), batch[0][2])
                for (_, answer, _), value in zip(batch, values, strict=True):
                    if not answer.done():
                        answer.set_result(value)
        except Unavailable as error:
            why = str(error)
        finally:
            left, self._waiting, self._asking = batch + self._waiting, [], None
            for _, answer, _ in left:
                if not answer.done():
                    answer.set_exception(Unavailable(why))

    async def snapshot(self, keys: Sequence[str], set_key: str) -> tuple[list[bytes | None], set[bytes]]:
        """The values of the keys and the members of a set, as of one moment. Also finds out whether Redis is back."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.mget(keys)
        pipeline.smembers(set_key)
        until = asyncio.get_running_loop().time() + self._patience
        values, members = await self._within(pipeline.execute(), until)
        self.up = True
        return values, members

    async def _within(self, question: Awaitable[T], deadline: float) -> T:
        try:
            async with asyncio.timeout_at(deadline):
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            self.up = False
            raise Unavailable(f"Redis: {type(error).__name__} {error}".rstrip()) from error

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        await self._client.aclose()
