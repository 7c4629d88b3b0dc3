"""Refusals as ``application/problem+json`` (RFC 9457): which event of the request, which field, and why."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.collector.intake import Refused

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457's members; ``reason`` as in dead-letter, ``index`` of the event in the array, and on 503 the ``ids``
    that the events would have had: sent again with these, none counts twice.
    """

    type: str
    title: str
    status: int
    detail: str
    reason: str | None = None
    field: str | None = None
    index: int | None = None
    ids: Sequence[str] = ()


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(problem), problem.status, headers, media_type=MEDIA_TYPE)


def refusal(why: Refused) -> Response:
    status = HTTPStatus(why.status)
    return answer(Problem("about:blank", status.phrase, status, why.detail, why.reason, why.field, why.index))


def on_http_error(_request: Request, error: Exception) -> Response:
    """What the router says: no such path, no such method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return answer(Problem("about:blank", status.phrase, status, error.detail), dict(error.headers or {}))


def on_crash(_request: Request, _error: Exception) -> Response:
    """A mistake of ours; the server logs it with its trace."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return answer(Problem("about:blank", status.phrase, status, "the collector failed; its log says why"))
