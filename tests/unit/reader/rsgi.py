"""Requests of httpx, put to an RSGI application as Granian does."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

PART = 100_000  # bytes of a body that come at once


class Asked:
    """A request as RSGI has it."""

    def __init__(self, request: httpx.Request) -> None:
        self.method, self.scheme, self.http_version = request.method, request.url.scheme, "1.1"
        self.path, self.query_string = request.url.path, request.url.query.decode("ascii")
        self.headers = dict(request.headers)
        self._body = request.content
        self.read = 0
        self.answer: httpx.Response | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), PART):
            self.read += PART
            yield self._body[start : start + PART]

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        assert self.answer is None, "answered twice"
        assert isinstance(body, bytes)
        self.answer = httpx.Response(status, headers=headers, content=b"" if self.method == "HEAD" else body)


class RsgiTransport(httpx.AsyncBaseTransport):
    """What the application raises after its answer is noted."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.raised: list[Exception] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = Asked(request)
        try:
            await self._app.__rsgi__(asked, asked)
        except Exception as error:  # noqa: BLE001 - as a server does
            self.raised.append(error)
        assert asked.answer is not None
        return asked.answer
