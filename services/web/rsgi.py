"""Granian's own interface, RSGI: a request costs 10 µs of CPU less than by ASGI. And the way from it to ASGI.

https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md
"""

from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Message
from starlette.types import Scope as AsgiScope

Headers = list[tuple[str, str]]


class Scope(Protocol):
    """A request. ``path`` is decoded, ``query_string`` is not."""

    method: str
    scheme: str
    path: str
    query_string: str
    http_version: str
    headers: Any


class Answering(Protocol):
    """How a request is answered, once; calling it gives the request's body."""

    async def __call__(self) -> bytes: ...

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


def send(response: Response, proto: Answering) -> None:
    proto.response_bytes(response.status_code, _headers(response.raw_headers), bytes(response.body))


async def by_asgi(app: ASGIApp, scope: Scope, proto: Answering) -> None:
    """Have an application of ASGI answer; bodies are whole, both ways."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": await proto(), "more_body": False}

    async def take(message: Message) -> None:
        sent.append(message)

    try:
        await app(_asgi(scope), receive, take)
    finally:  # what failed may have answered
        if sent:
            start, *rest = sent
            body = b"".join(message.get("body", b"") for message in rest)
            proto.response_bytes(start["status"], _headers(start["headers"]), body)


def _headers(raw: list[tuple[bytes, bytes]]) -> Headers:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]


def _asgi(scope: Scope) -> AsgiScope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": scope.path,
        "query_string": scope.query_string.encode("latin-1"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in scope.headers.items()],
    }
