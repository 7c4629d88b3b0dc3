"""All that the reader asks of Redis, behind one small class, so that the connection can be swapped.

What requests ask for goes over a connection of ours (:mod:`services.reader.pipelining`), what the refresher asks for, a
few times a second, over one of redis.asyncio. Whatever goes wrong is :class:`Unavailable`; after it nobody waits again
until the refresher has reached Redis.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.reader.pipelining import Pipelined
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings


class Views(Protocol):
    """What the reader needs of a store of views."""

    up: bool

    def get(self, key: str) -> Awaitable[bytes | None]: ...

    async def snapshot(self, keys: Sequence[str], set_key: str) -> tuple[list[bytes | None], set[bytes]]: ...

    async def close(self) -> None: ...


class RedisViews:
    """Views in Redis. ``up`` says whether the last question was answered in time."""

    def __init__(self, settings: Settings) -> None:
        self.up = False
        self._patience = settings.redis.timeout_ms / 1000  # of the refresher, whom nobody waits for
        self._client = redis.Redis.from_url(
            settings.redis.url,
            socket_connect_timeout=self._patience,
            socket_timeout=None,  # one deadline rules: that of snapshot
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            protocol=2,
            max_connections=1,
        )
        self._values = Pipelined(settings.redis.url, settings.reader.deadline_ms / 1000, self._failed)

    def get(self, key: str) -> Awaitable[bytes | None]:
        """The value within the deadline, or :class:`Unavailable`, raised here or when it is awaited."""
        if not self.up:
            raise Unavailable("Redis does not answer")
        return self._values.get(key)

    def _failed(self) -> None:
        self.up = False

    async def snapshot(self, keys: Sequence[str], set_key: str) -> tuple[list[bytes | None], set[bytes]]:
        """The values of the keys and the members of a set, as of one moment. Also finds out whether Redis is back."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.mget(keys)
        pipeline.smembers(set_key)
        try:
            async with asyncio.timeout(self._patience):
                values, members = await pipeline.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self.up = False
            raise Unavailable(f"Redis: {type(error).__name__} {error}".rstrip()) from error
        self.up = True
        return values, members

    async def close(self) -> None:
        self._values.close()
        await self._client.aclose()
