"""The reader's HTTP face: checks parameters, asks :class:`Answers`, logs the impression, measures."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from time import perf_counter
from typing import Any, Protocol

import msgspec
import prometheus_client
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from services.reader.answers import POPULAR, SIMILAR, TRENDING, Answer, Answers
from services.reader.held import Held
from services.reader.openapi import description
from services.reader.parameters import BadRequest, Parameters
from services.reader.reranking import Reranker
from services.reader.status import numbers, write_path
from services.reader.views import Views
from services.web.problems import on_crash, on_http_error, problem
from shared.adapters.metrics import READER_LATENCY
from shared.contracts.identity import pseudonym
from shared.contracts.impressions import Impression
from shared.contracts.settings import Settings
from shared.contracts.views import Keys
from shared.core.coldstart import NONE

PERSONAL = "personal"
LATENCY = {source: READER_LATENCY.labels(source) for source in (PERSONAL, SIMILAR, TRENDING, POPULAR, NONE)}
OTHER = READER_LATENCY.labels("other")
FRESH = {"cache-control": "no-store"}
PAGE_POLICY = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_encode = msgspec.json.Encoder().encode


class Impressions(Protocol):
    """Where served answers are logged."""

    def add(self, impression: Impression) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the composition root gives to the application."""

    settings: Settings
    views: Views
    impressions: Impressions | None
    clock: Callable[[], int]
    failed: Callable[[BaseException], None]  # called when the refresher ends by a mistake of ours
    reranker: Reranker | None = None


class Api:
    """The endpoints."""

    def __init__(self, wiring: Wiring, held: Held) -> None:
        self._wiring = wiring
        self._held = held
        self._ask = Parameters(wiring.settings)
        self._answers = Answers(wiring.settings, held, wiring.clock, wiring.reranker)
        self._description = _encode(description(wiring.settings))
        self._page = (files("services.reader") / "page.html").read_text("utf-8")

    async def recommendations(self, request: Request) -> Response:
        start = perf_counter()
        user, query = self._ask.path_id(request, "user"), request.query_params
        preview = self._ask.preview(query)
        answer = await self._answers.personal(user, self._ask.n(query))
        return self._served(answer, start, None if preview else user)

    async def similar(self, request: Request) -> Response:
        start = perf_counter()
        item, query = self._ask.path_id(request, "item"), request.query_params
        viewer = self._viewer(request)
        return self._served(await self._answers.similar(item, self._ask.n(query)), start, viewer)

    async def trending(self, request: Request) -> Response:
        start = perf_counter()
        query, viewer = request.query_params, self._viewer(request)
        category, half_life = self._ask.optional_id(query, "category"), self._ask.half_life(query)
        return self._served(await self._answers.trending(category, half_life, self._ask.n(query)), start, viewer)

    async def popular(self, request: Request) -> Response:
        start = perf_counter()
        query, viewer = request.query_params, self._viewer(request)
        category = self._ask.optional_id(query, "category")
        return self._served(await self._answers.popular(category, self._ask.n(query)), start, viewer)

    def _viewer(self, request: Request) -> str | None:
        """Who will see the answer: the user if named, somebody (empty), or nobody (None)."""
        user = self._ask.optional_id(request.query_params, "user") or ""
        return None if self._ask.preview(request.query_params) else user

    def _served(self, answer: Answer, start: float, viewer: str | None) -> Response:
        log = self._wiring.impressions
        if log is not None and viewer is not None and answer.items:
            who = viewer and pseudonym(viewer, self._wiring.settings.identity)
            log.add(Impression(answer.rec_id, who, self._wiring.clock(), answer.source, answer.items))
        response = _json(answer)
        LATENCY.get(answer.source, OTHER).observe(perf_counter() - start)
        return response

    async def items(self, request: Request) -> Response:
        found, degraded = await self._answers.shown(self._ask.items(request.query_params))
        return _json({"items": found, "degraded": True} if degraded else {"items": found})

    async def status(self, _request: Request) -> Response:
        held = self._held
        view = held.trending.view
        settings = self._wiring.settings
        pipeline = await write_path(self._wiring.views, Keys(settings), settings.topics.frames_partitions)
        more = {
            "redis": "up" if self._wiring.views.up else "away",
            "unavailable_items": len(held.unavailable),
            "trending_ts": view.ts if view else None,
            "now": self._wiring.clock(),
            "write_path": pipeline,
        }
        return _json(numbers() | more)

    async def healthz(self, _request: Request) -> Response:
        return _json({"status": "alive"})

    async def readyz(self, _request: Request) -> Response:
        if self._held.read_once or self._wiring.views.up:
            return _json({"status": "ready"})
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "Redis has not answered yet")

    async def metrics(self, _request: Request) -> Response:
        return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)

    async def openapi(self, _request: Request) -> Response:
        return Response(self._description, media_type="application/json")

    async def page(self, _request: Request) -> Response:
        return HTMLResponse(self._page, headers={"content-security-policy": PAGE_POLICY})

    def routes(self) -> list[Route]:
        """The hot ones first: the router tries them in order. Ids may contain slashes, so they take the whole rest."""
        return [
            Route("/v1/users/{user:path}/recommendations", self.recommendations),
            Route("/v1/items/{item:path}/similar", self.similar),
            Route("/v1/trending", self.trending),
            Route("/v1/popular", self.popular),
            Route("/v1/items", self.items),
            Route("/v1/status", self.status),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/openapi.json", self.openapi),
            Route("/", self.page),
        ]


def _json(body: Any) -> Response:
    return Response(_encode(body), headers=FRESH, media_type="application/json")


def build_app(wiring: Wiring) -> Starlette:
    """The application; its lifespan runs the refresher, and ends what it was given."""
    held = Held(wiring.views, wiring.settings)
    return Starlette(
        routes=Api(wiring, held).routes(),
        exception_handlers={BadRequest: _on_bad_request, HTTPException: on_http_error, Exception: on_crash("reader")},
        lifespan=_lifespan(wiring, held),
    )


def _on_bad_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    return problem(HTTPStatus.BAD_REQUEST, error.detail, error.field)


def _lifespan(wiring: Wiring, held: Held) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await held.refresh()
        refresher = asyncio.create_task(held.run())
        refresher.add_done_callback(_report_to(wiring.failed))
        try:
            yield
        finally:
            refresher.cancel()
            await asyncio.gather(refresher, return_exceptions=True)
            await wiring.views.close()
            if wiring.reranker is not None:
                await asyncio.to_thread(wiring.reranker.close)
            if wiring.impressions is not None:
                await asyncio.to_thread(wiring.impressions.close)

    return lifespan


def _report_to(failed: Callable[[BaseException], None]) -> Callable[[asyncio.Task[None]], None]:
    def report(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            failed(error)

    return report
