"""All that the reader asks of Redis, behind one small class, so that the connection can be swapped.

What requests ask for goes over a connection of ours (:mod:`services.reader.store.pipelining`), what the refresher asks
for, a few times a second, over one of redis.asyncio, what is written over a few of these, for which writers wait.
Whatever goes wrong is :class:`Unavailable`; after a question nobody waits again until the refresher has reached Redis.
One that takes no writes (it is full, or a replica) answers questions all the same.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.reader.store.pipelining import Pipelined
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings

MOST_CHANGES = 1000  # read at once
WRITERS = 4  # connections
Id = tuple[int, int]
"""Of an entry of a stream: its millisecond, its number in it."""
NO_ID: Id = (0, 0)
Streams = Sequence[tuple[str, Id | None]]
"""Each with the entry after which it is read; None: its last."""
_APPEND = """
if redis.call('APPEND', KEYS[1], ARGV[1]) > tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], redis.call('GETRANGE', KEYS[1], -tonumber(ARGV[3]), -1))
end
return redis.call('EXPIRE', KEYS[1], ARGV[4])
"""


class Changes(NamedTuple):
    """What a stream of items says: entries, the ids of the stream's first one and of the last one that was read."""

    entries: Sequence[Mapping[bytes, bytes]]
    first: Id
    last: Id

    @property
    def items(self) -> list[str]:
        return [entry[b"item"].decode(errors="replace") for entry in self.entries if b"item" in entry]


class Found(NamedTuple):
    """A moment's ``values`` of keys, how many members a set has, and the ``changes`` that streams tell."""

    values: list[bytes | None]
    size: int
    changes: list[Changes]


class Views(Protocol):
    """What the reader needs of a store of views."""

    up: bool

    def get(self, *keys: str) -> Awaitable[list[bytes | None]]: ...

    async def snapshot(self, keys: Sequence[str], set_key: str, streams: Streams) -> Found: ...

    async def members(self, key: str, stream: str) -> tuple[set[bytes], Id]: ...

    async def append(self, key: str, value: bytes, most: int, ttl_s: int) -> None: ...

    async def close(self) -> None: ...


class RedisViews:
    """Views in Redis. ``up`` says whether the last question was answered in time."""

    def __init__(self, settings: Settings) -> None:
        self.up = False
        self._patience = settings.redis.timeout_ms / 1000  # of the refresher, whom nobody waits for
        self._client = self._connected(settings.redis.url, 1)
        self._writer = self._connected(settings.redis.url, WRITERS)
        self._values = Pipelined(settings.redis.url, settings.reader.deadline_ms / 1000, self._failed)

    def _connected(self, url: str, most: int) -> redis.Redis:
        """Over at most so many connections, for which whoever is one too many waits."""
        pool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=most,
            timeout=self._patience,
            socket_connect_timeout=self._patience,
            socket_timeout=None,  # one deadline rules: that of _executed
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            protocol=2,
        )
        return redis.Redis.from_pool(pool)

    def get(self, *keys: str) -> Awaitable[list[bytes | None]]:
        """The values within the deadline, or :class:`Unavailable`, raised here or when it is awaited. A few keys."""
        if not self.up:
            raise Unavailable("Redis does not answer")
        return self._values.get(*keys)

    def _failed(self) -> None:
        self.up = False

    async def snapshot(self, keys: Sequence[str], set_key: str, streams: Streams) -> Found:
        """The values of the keys, how many members a set has, and what streams hold after an id, as of one moment. Also
        finds out whether Redis is back.
        """
        pipeline = self._client.pipeline(transaction=True)
        pipeline.mget(keys)
        pipeline.scard(set_key)
        for stream, since in streams:
            pipeline.xrange(stream, count=1)
            if since is not None:
                pipeline.xrange(stream, min=f"({since[0]}-{since[1]}", count=MOST_CHANGES)
            else:
                pipeline.xrevrange(stream, count=1)
        values, size, *told = await self._refreshed(pipeline)
        pairs = zip(told[::2], told[1::2], strict=True)
        return Found(values, size, [_changes(first, changed) for first, changed in pairs])

    async def members(self, key: str, stream: str) -> tuple[set[bytes], Id]:
        """All of a set, and the last entry of a stream, as of one moment."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.smembers(key)
        pipeline.xrevrange(stream, count=1)
        members, last = await self._refreshed(pipeline)
        return members, _id_of(last)

    async def _refreshed(self, pipeline: Any) -> Any:
        try:
            found = await self._executed(pipeline)
        except Unavailable:
            self.up = False
            raise
        self.up = True
        return found

    async def append(self, key: str, value: bytes, most: int, ttl_s: int) -> None:
        """Add to the end of a value, which lives from now for ``ttl_s``; of more than ``most`` bytes the older half
        leaves. Raises :class:`Unavailable`.
        """
        pipeline = self._writer.pipeline(transaction=False)
        pipeline.eval(_APPEND, 1, key, value, most, most // 2, ttl_s)
        await self._executed(pipeline)

    async def _executed(self, pipeline: Any) -> Any:
        try:
            async with asyncio.timeout(self._patience):
                return await pipeline.execute()
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable(f"Redis: {type(error).__name__} {error}".rstrip()) from error

    async def close(self) -> None:
        self._values.close()
        await self._client.aclose()
        await self._writer.aclose()


def _changes(first: list[Any], changed: list[Any]) -> Changes:
    return Changes([fields for _, fields in changed], _id_of(first), _id_of(changed[-1:]))


def _id_of(entries: list[Any]) -> Id:
    if not entries:
        return NO_ID
    millis, _, number = entries[0][0].decode().partition("-")
    return int(millis), int(number)
