"""A connection to Redis on which many questions are under way: bytes out, replies in, in the order of asking.

redis.asyncio costs 130 µs and more per question (streams, locks, a switch of tasks for each); this costs some 5: a
protocol of asyncio that hands to hiredis what comes. It knows nothing of deadlines and of connecting again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, cast

import hiredis
from redis.asyncio.connection import SSLConnection, parse_url

from shared.contracts.errors import Unavailable

Taker = Callable[[Any], None]
"""Gets a reply, a ``hiredis.ReplyError`` if Redis answers with one, or ``ConnectionError`` if none will come."""


class Wire(asyncio.Protocol):
    """``on_lost`` is called when the connection has ended; ``answered``: how many replies came over it."""

    def __init__(self, on_lost: Callable[["Wire"], None]) -> None:
        self._on_lost = on_lost
        self._reader = hiredis.Reader()
        self._takers: deque[Taker] = deque()
        self._transport: asyncio.Transport | None = None
        self._ended = False
        self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def ask(self, command: bytes, taker: Taker) -> None:
        """Have a command answered; the callers bound how many wait."""
        assert self._transport is not None
        self._takers.append(taker)
        self._transport.write(command)

    def data_received(self, data: bytes) -> None:
        reader, takers = self._reader, self._takers
        reader.feed(data)
        try:
            while not self._ended and (reply := reader.gets()) is not False:
                if not takers:
                    raise hiredis.ProtocolError("a reply to nothing that was asked")  # noqa: TRY301
                self.answered += 1
                takers.popleft()(reply)
        except hiredis.ProtocolError:
            self.end()

    def connection_lost(self, error: Exception | None) -> None:
        left, self._takers = self._takers, deque()
        for taker in left:
            taker(ConnectionError(str(error or "the connection has ended")))
        self._on_lost(self)

    def end(self) -> None:
        """Close at once: nothing more is answered."""
        self._ended = True
        if self._transport is not None:
            self._transport.abort()


def packed(*words: bytes) -> bytes:
    """A command as Redis reads it."""
    parts = [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"*%d\r\n%b" % (len(words), b"".join(parts))


async def dial(url: str, on_lost: Callable[[Wire], None]) -> Wire:
    """A connection, signed in, at the database that the URL names. Raises :class:`Unavailable` or ``OSError``."""
    options = parse_url(url)
    loop, secure = asyncio.get_running_loop(), None
    if options.pop("connection_class", None) is SSLConnection:
        secure = SSLConnection(**options).ssl_context.get()
    if path := options.get("path"):
        _, wire = await loop.create_unix_connection(lambda: Wire(on_lost), path)
    else:
        host, port = options.get("host", "localhost"), options.get("port", 6379)
        _, wire = await loop.create_connection(lambda: Wire(on_lost), host, port, ssl=secure)
    try:
        await _sign_in(wire, options)
    except BaseException:
        wire.end()
        raise
    return wire


async def _sign_in(wire: Wire, options: Mapping[str, Any]) -> None:
    if password := options.get("password"):
        name = options.get("username")
        await _accepted(wire, "AUTH", *([name] if name else []), password)
    if number := options.get("db"):
        await _accepted(wire, "SELECT", str(number))


async def _accepted(wire: Wire, *words: str) -> None:
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def take(reply: Any) -> None:
        if not answer.done():
            answer.set_result(reply)

    wire.ask(packed(*(word.encode() for word in words)), take)
    reply = await answer
    if isinstance(reply, Exception):
        raise Unavailable(f"Redis: {words[0]}: {reply}")
