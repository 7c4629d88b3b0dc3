"""From RSGI to ASGI: queries as they are, bodies only as far as they are asked for."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.reader.asked.bodies import LARGEST, Items, decoded
from services.reader.asked.parameters import BadRequest
from services.web.rsgi import by_asgi
from tests.unit.reader.rsgi import PART, Asked


def asked(content: bytes = b"") -> Asked:
    return Asked(httpx.Request("POST", "http://reader/", content=content))


def answered(request: Asked, endpoint: object) -> str:
    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])  # type: ignore[arg-type]
    asyncio.run(by_asgi(app, request, request))
    assert request.answer is not None
    return request.answer.text


@pytest.mark.parametrize(("query", "said"), [("a=é", "é"), ("a=日", "日"), ("a=%C3%A9", "é"), ("a=+%", " %")])
def test_a_query_means_the_same_quoted_and_not(query: str, said: str) -> None:
    async def echo(request: Request) -> PlainTextResponse:
        assert request.url.query.isascii()
        return PlainTextResponse(request.query_params["a"])

    request = asked()
    request.query_string = query
    assert answered(request, echo) == said


def test_a_body_is_read_no_further_than_it_may_be_long() -> None:
    async def wrong(request: Request) -> PlainTextResponse:
        with pytest.raises(BadRequest):
            await decoded(request, Items)
        return PlainTextResponse("too long")

    request = asked(b" " * (3 * LARGEST))
    del request.headers["content-length"]  # else it is not read at all
    assert answered(request, wrong) == "too long"
    assert LARGEST < request.read <= LARGEST + PART


def test_a_body_in_parts_is_one() -> None:
    async def right(request: Request) -> PlainTextResponse:
        return PlainTextResponse((await decoded(request, Items)).items[0])

    item = "i" * (3 * PART)
    assert answered(asked(b'{"items": ["%b"]}' % item.encode()), right) == item
