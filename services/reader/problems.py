"""Errors as ``application/problem+json`` (RFC 9457), with the field that is wrong."""

from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457's members, plus the field that a caller must change."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


class BadRequest(Exception):  # noqa: N818 - it becomes an answer
    """A parameter is wrong."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def problem(status: int, detail: str, field: str | None = None, headers: dict[str, str] | None = None) -> Response:
    title = HTTPStatus(status).phrase
    body = msgspec.json.encode(Problem("about:blank", title, status, detail, field))
    return Response(body, status, headers, media_type=MEDIA_TYPE)


def on_bad_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    return problem(HTTPStatus.BAD_REQUEST, error.detail, error.field)


def on_http_error(_request: Request, error: Exception) -> Response:
    """What the router says: no such path, no such method."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, headers=dict(error.headers or {}))


def on_crash(_request: Request, _error: Exception) -> Response:
    """A mistake of ours; the server logs it with its trace."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the reader failed; its log says why")
