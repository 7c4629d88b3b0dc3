"""A body is waited for for so long, and no longer."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from services.web.bodies import TooSlow, body_of


def test_who_sends_a_body_slowly_is_not_waited_for_for_ever() -> None:
    async def receive() -> Message:
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def asked() -> None:
        request = Request({"type": "http", "headers": [(b"content-length", b"1000000")]}, receive)
        with pytest.raises(TooSlow, match="took more than"):
            await body_of(request, 1_000_000, 0.05)

    asyncio.run(asyncio.wait_for(asked(), 60))
