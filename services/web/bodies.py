"""A request's body: never more of it in memory than it may be long, and nobody is waited for for ever."""

import asyncio

from starlette.requests import Request

from shared.contracts.errors import HeadraceError

BODY_S = 30.0  # as long as the server waits for a request's head; it takes so many connections and no more


class TooLarge(HeadraceError):  # noqa: N818 - it becomes an answer
    """The body is longer than it may be."""


class TooSlow(HeadraceError):  # noqa: N818
    """The body did not come in time."""


async def body_of(request: Request, largest: int, seconds: float = BODY_S) -> bytes:
    """Raises :class:`TooLarge` as soon as more than ``largest`` bytes are announced or came, :class:`TooSlow`, and what
    Starlette raises when the client goes away.
    """
    length = request.headers.get("content-length", "")
    announced = int(length) if length.isdigit() else 0
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, announced, largest)
    except TimeoutError as error:
        raise TooSlow(f"the body took more than {seconds:g} s") from error


async def _read(request: Request, size: int, largest: int) -> bytes:
    _check(size, largest)
    parts, size = list[bytes](), 0
    async for part in request.stream():
        size += len(part)
        _check(size, largest)
        parts.append(part)
    return b"".join(parts)


def _check(size: int, largest: int) -> None:
    if size > largest:
        raise TooLarge(f"more than {largest} bytes in one request")
