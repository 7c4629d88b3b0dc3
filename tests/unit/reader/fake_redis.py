"""A Redis in this process, on a socket: answers MGET from memory and counts what it was asked; may misbehave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hiredis


class FakeRedis(asyncio.Protocol):
    """``commands`` as they came, and in how many ``writes``. ``silent``: no answers until :meth:`speak`; ``says``: this
    to all; ``closes``: after so many more commands it hangs up instead of an answer.
    """

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.commands: list[list[bytes]] = []
        self.writes = self.connections = self.open = 0
        self.silent = False
        self.withheld: list[tuple[asyncio.Transport, bytes]] = []
        self.says = b""
        self.closes: int | None = None
        self.port = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["FakeRedis"]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Talk(self), "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    async def alone(self) -> None:
        """Once a single connection is open."""
        while self.open != 1:  # noqa: ASYNC110 - ticks of a test's own loop
            await asyncio.sleep(0)

    async def asked(self, times: int) -> None:
        """Once so many commands have come."""
        while len(self.commands) < times:  # noqa: ASYNC110 - ticks of a test's own loop
            await asyncio.sleep(0)

    def speak(self) -> None:
        """Say what was withheld, and be silent no longer."""
        self.silent = False
        for transport, answer in self.withheld:
            transport.write(answer)
        self.withheld.clear()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/"


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, redis: FakeRedis) -> None:
        self._redis = redis
        self._reader = hiredis.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._redis.connections += 1
        self._redis.open += 1

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._redis.open -= 1

    def data_received(self, data: bytes) -> None:
        self._redis.writes += 1
        self._reader.feed(data)
        while (command := self._reader.gets()) is not False:
            self._redis.commands.append(command)
            if self._redis.closes == 0:
                self._redis.closes = None
                self._transport.abort()
                return
            if self._redis.closes is not None:
                self._redis.closes -= 1
            answer = self._redis.says or self._answer(*command)
            if self._redis.silent:
                self._redis.withheld.append((self._transport, answer))
            else:
                self._transport.write(answer)

    def _answer(self, name: bytes, *keys: bytes) -> bytes:
        if name != b"MGET":
            return b"+OK\r\n"
        found = [self._redis.values.get(key) for key in keys]
        bulks = [b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value) for value in found]
        return b"*%d\r\n%b" % (len(keys), b"".join(bulks))
