"""Answers in JSON that are of this moment: nobody is to keep them."""

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

encode = msgspec.json.Encoder().encode


def as_json(body: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Whatever msgspec encodes."""
    return encoded(encode(body), status)


def encoded(body: bytes | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """What is JSON already."""
    return Response(body, status, headers={"cache-control": "no-store"}, media_type="application/json")
