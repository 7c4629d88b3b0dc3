"""The collector's HTTP side: ``POST /v1/events``, health, metrics and its description."""

import uuid
from collections.abc import Callable
from http import HTTPStatus

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.collector.description import describe
from services.collector.intake import Refused, take
from services.collector.problems import Refusal, refusal
from services.web.bodies import TooLarge, TooSlow, body_of
from services.web.origins import ForeignPage, check_origin
from services.web.outbox import Busy, Outbox
from services.web.problems import about, answer, on_crash, on_http_error
from shared.adapters.metrics import COLLECTED, REFUSED
from shared.contracts import reasons
from shared.contracts.settings import Settings

RETRY_AFTER_S = 1
# text/plain is what a page's sendBeacon() sends without asking first
MEDIA_TYPES = {"", "application/json", "text/plain"}
UNDELIVERED = "undelivered"  # metric labels of refusals that are no fault of the events
_MEDIA = "media-type"
_ORIGIN = "origin"
_SLOW = "too-slow"


def build_app(settings: Settings, outbox: Outbox, now_ms: Callable[[], int]) -> Starlette:
    """The ASGI application over what was built elsewhere."""

    async def events(request: Request) -> Response:
        return await _collect(request, settings, outbox, now_ms)

    async def ready(_request: Request) -> Response:
        there = await outbox.reachable()
        return JSONResponse({"kafka": there}, HTTPStatus.OK if there else HTTPStatus.SERVICE_UNAVAILABLE)

    async def description(_request: Request) -> Response:
        return JSONResponse(describe(settings))

    origins = settings.collector.allow_origins
    cors = Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["POST"], allow_headers=["content-type"])
    return Starlette(
        routes=[
            Route("/v1/events", events, methods=["POST"]),
            Route("/healthz", _healthy),
            Route("/readyz", ready),
            Route("/metrics", _metrics),
            Route("/openapi.json", description),
        ],
        middleware=[cors] if origins else [],
        exception_handlers={HTTPException: on_http_error, 500: on_crash("collector")},
    )


async def _collect(request: Request, settings: Settings, outbox: Outbox, now_ms: Callable[[], int]) -> Response:
    """202 only once Kafka has every event; a refusal sends none."""
    try:
        _check_page(request, settings)
        body = await _body(request, settings.collector.max_body_bytes)
        accepted = take(body, settings, now_ms(), new_id)
    except Refused as why:
        REFUSED.labels(why.reason).inc()
        return refusal(why)
    ids = [event.event_id for event in accepted]
    try:
        await outbox.send(accepted)
    except Busy as why:
        REFUSED.labels(UNDELIVERED).inc(len(accepted))
        return _busy(str(why), ids)
    for event in accepted:
        COLLECTED.labels(event.type).inc()
    return Response(
        msgspec.json.encode({"accepted": len(ids), "ids": ids}), HTTPStatus.ACCEPTED, media_type="application/json"
    )


def new_id() -> str:
    """The id of an event that came without one."""
    return uuid.uuid4().hex


def _busy(detail: str, ids: list[str]) -> Response:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = f"{detail}; send the events again with these ids as event_id, and none counts twice"
    refused = Refusal(**about(status), detail=text, reason=UNDELIVERED, ids=ids)
    return answer(refused, {"retry-after": str(RETRY_AFTER_S)})


def _check_page(request: Request, settings: Settings) -> None:
    """CORS alone would only hide the answer: text/plain is sent without asking first."""
    try:
        check_origin(request.headers, settings.collector.allow_origins)
    except ForeignPage as why:
        raise Refused(HTTPStatus.FORBIDDEN, _ORIGIN, f"{why}; HEADRACE_COLLECTOR_ALLOW_ORIGINS says whose may") from why


async def _body(request: Request, largest: int) -> bytes:
    """The request's body. Raises :class:`Refused`."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in MEDIA_TYPES:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _MEDIA, f"{media[:64]}: send application/json")
    try:
        return await body_of(request, largest)
    except TooLarge as why:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reasons.TOO_LARGE, str(why)) from why
    except TooSlow as why:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, _SLOW, str(why)) from why
    except ClientDisconnect as error:
        raise Refused(HTTPStatus.BAD_REQUEST, reasons.MALFORMED, "the request ended in the middle") from error


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
