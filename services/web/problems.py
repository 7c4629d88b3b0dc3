"""Errors as ``application/problem+json`` (RFC 9457)."""

from collections.abc import Callable
from http import HTTPStatus
from traceback import format_tb
from typing import TypedDict

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger()


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
    """A mistake of ours, in ``who``, is logged with its trace: the server, whose log is off, says nothing of it."""

    def answer_for_it(_request: Request, error: Exception) -> Response:
        log_crash(error)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"the {who} failed; its log says why")

    return answer_for_it


def log_crash(error: Exception) -> None:
    """What kind of mistake, and where. Neither what it says nor what was asked for: they may name a user."""
    where = "".join(format_tb(error.__traceback__))
    log.error("request_failed", error=type(error).__name__, exception=where)
