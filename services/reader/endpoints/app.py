"""The reader's HTTP face: lists by the short way, all else by Starlette, and what runs beside the requests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

import prometheus_client
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.reader.answering.answers import Answers
from services.reader.answering.at_once import AtOnce
from services.reader.answering.choosing import Chooser
from services.reader.answering.offers import Offers
from services.reader.answering.people import People
from services.reader.answering.reasons import Reasons
from services.reader.answering.rows import Rows
from services.reader.answering.rule_file import Rules
from services.reader.answering.shown import ShownLately
from services.reader.asked.asking import Asking
from services.reader.asked.parameters import BadRequest, Parameters
from services.reader.endpoints.fresh import as_json, encode, encoded
from services.reader.endpoints.lists import Lists, Wiring
from services.reader.endpoints.live_page import LivePage
from services.reader.endpoints.openapi import description
from services.reader.endpoints.posts import Posts
from services.reader.endpoints.status import numbers, write_path
from services.reader.events.telling import Telling
from services.reader.store.held import Held
from services.web.origins import ForeignPage
from services.web.problems import log_crash, on_crash, on_http_error, problem
from services.web.rsgi import Answering, Scope, by_asgi, not_utf8, send
from shared.contracts.views import Keys

LIST_HEADERS = (("cache-control", "no-store"), ("content-type", "application/json"))
NOT_UTF8 = {
    "path": problem(HTTPStatus.BAD_REQUEST, "the path is not UTF-8, or holds U+FFFD", "path"),
    "query": problem(HTTPStatus.BAD_REQUEST, "the query is not UTF-8", "query"),
}
CRASHED = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the reader failed; its log says why")
Lifespan = Callable[[], contextlib.AbstractAsyncContextManager[None]]


class ReaderApp:
    """Answers for lists itself, as Starlette would: its request, router, middleware and response cost more than all
    that a list takes. Everything else goes the ``usual`` way. ``lifespan`` has to be entered before the first request.
    """

    def __init__(self, lists: Lists, usual: Starlette, lifespan: Lifespan) -> None:
        self._lists = lists
        self.usual = usual
        self.lifespan = lifespan

    async def __rsgi__(self, scope: Scope, proto: Answering) -> None:
        if wrong := not_utf8(scope):
            send(NOT_UTF8[wrong], proto)
            return
        if scope.method != "GET":
            await by_asgi(self.usual, scope, proto)
            return
        try:
            body = await self._lists.answered(scope.path, scope.query_string)
        except BadRequest as error:
            send(_bad_request(error), proto)
        except Exception as error:
            log_crash(error)
            send(CRASHED, proto)
            raise
        else:
            if body is None:
                await by_asgi(self.usual, scope, proto)
            else:
                proto.response_bytes(200, [*LIST_HEADERS, ("content-length", str(len(body)))], body)


class Api:
    """The endpoints."""

    def __init__(
        self, wiring: Wiring, held: Held, answers: Answers, lists: Lists, rules: Rules, rows: list[str]
    ) -> None:
        self._rules = rules
        self._wiring = wiring
        self._held = held
        self._ask = Parameters(wiring.settings)
        self._answers = answers
        self._lists = lists
        self._description = encode(description(wiring.settings, rows))

    async def listed(self, request: Request) -> Response:
        """What :class:`ReaderApp` leaves to the router: HEAD, of which nobody sees the list."""
        body = await self._lists.answered(request.scope["path"], f"{request.url.query}&preview=true")
        return encoded(body)

    async def items(self, request: Request) -> Response:
        found, degraded = await self._answers.shown(self._ask.items(request.query_params))
        return as_json({"items": found, "degraded": True} if degraded else {"items": found})

    async def status(self, _request: Request) -> Response:
        held = self._held
        view = held.trending.view
        settings = self._wiring.settings
        pipeline = await write_path(self._wiring.views, Keys(settings), settings.topics.frames_partitions)
        more = {
            "redis": "up" if self._wiring.views.up else "away",
            "unavailable_items": len(held.unavailable),
            "catalogue_items": len(held.catalogue),
            "rules": {"count": self._rules.count, "wrong": self._rules.wrong},
            "trending_ts": view.ts if view else None,
            "now": self._wiring.clock(),
            "write_path": pipeline,
        }
        return as_json(numbers() | more)

    async def healthz(self, _request: Request) -> Response:
        return as_json({"status": "alive"})

    async def readyz(self, _request: Request) -> Response:
        if self._held.read_once or self._wiring.views.up:
            return as_json({"status": "ready"})
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "Redis has not answered yet")

    async def metrics(self, _request: Request) -> Response:
        return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)

    async def openapi(self, _request: Request) -> Response:
        return Response(self._description, media_type="application/json")

    def routes(self) -> list[Route]:
        """Ids may contain slashes, so they take the whole rest."""
        return [
            Route("/v1/users/{user:path}/recommendations", self.listed),
            Route("/v1/items/{item:path}/similar", self.listed),
            Route("/v1/trending", self.listed),
            Route("/v1/popular", self.listed),
            Route("/v1/items", self.items),
            Route("/v1/status", self.status),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/openapi.json", self.openapi),
        ]


def build_app(wiring: Wiring) -> ReaderApp:
    """The application; its lifespan runs the refresher, and ends what it was given."""
    settings = wiring.settings
    held, rules = Held(wiring.views, settings), Rules(settings)
    offers = Offers(settings, held, wiring.clock, wiring.reranker)
    lately = ShownLately(wiring.views, Keys(settings))
    chooser = Chooser(settings, held, rules, offers, lately)
    people = People(settings, held)
    at_once, reasons = AtOnce(settings, held, rules, offers), Reasons(held.catalogue, wiring.reranker)
    answers = Answers(settings, held, people, offers, chooser, reasons, at_once)
    asking = Asking(settings)
    lists = Lists(wiring, asking, answers, lately, rules)
    rows = Rows(answers, offers, chooser, held.catalogue, asking.check)
    telling = None if wiring.outbox is None else Telling(settings, wiring.views, wiring.outbox, wiring.clock)
    posts = Posts(asking, answers, people, rows, lists, held.catalogue, telling)
    api = Api(wiring, held, answers, lists, rules, rows.kinds)
    usual = Starlette(
        routes=[*posts.routes(), *api.routes(), *LivePage(settings.reader).routes()],
        exception_handlers={
            BadRequest: _on_bad_request,
            ForeignPage: _on_foreign_page,
            HTTPException: on_http_error,
            Exception: on_crash("reader"),
        },
    )
    return ReaderApp(lists, usual, lambda: _lifespan(wiring, held, rules))


def _on_bad_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    return _bad_request(error)


def _on_foreign_page(_request: Request, error: Exception) -> Response:
    return problem(HTTPStatus.FORBIDDEN, str(error))


def _bad_request(error: BadRequest) -> Response:
    return problem(HTTPStatus.BAD_REQUEST, error.detail, error.field)


@contextlib.asynccontextmanager
async def _lifespan(wiring: Wiring, held: Held, rules: Rules) -> AsyncIterator[None]:
    rules.refresh()
    await held.refresh()
    refresher = asyncio.create_task(held.run(rules.refresh))
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


def _report_to(failed: Callable[[BaseException], None]) -> Callable[[asyncio.Task[None]], None]:
    def report(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            failed(error)

    return report
