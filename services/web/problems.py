"""Errors as ``application/problem+json`` (RFC 9457)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypedDict

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Standard(TypedDict):
    """RFC 9457's members for a problem that HTTP itself names."""

    type: str
    title: str
    status: int


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 9457's members, plus the field that a caller must change."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(problem), problem.status, headers, media_type=MEDIA_TYPE)


def about(status: int) -> Standard:
    """The members that follow from the status."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}


def problem(status: int, detail: str, field: str | None = None, headers: dict[str, str] | None = None) -> Response:
    return answer(Problem(**about(status), detail=detail, field=field), headers)


def on_http_error(_request: Request, error: Exception) -> Response:
    """What the router says: no such path, no such method."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, headers=dict(error.headers or {}))


def on_crash(who: str) -> Callable[[Request, Exception], Response]:
    """A mistake of ours, in ``who``; the server logs it with its trace."""

    def answer_for_it(_request: Request, _error: Exception) -> Response:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"the {who} failed; its log says why")

    return answer_for_it
