import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest

from services.reader.answering.reranking import Reranker
from services.reader.endpoints.app import ReaderApp, build_app
from services.reader.endpoints.lists import Wiring
from services.web.outbox import Outbox
from shared.contracts.sections import PopularitySettings, ReaderSettings, RerankSettings
from shared.contracts.settings import Settings
from tests.unit.reader.fakes import NOW, FakeImpressions, FakeViews
from tests.unit.reader.rsgi import RsgiTransport

SETTINGS = Settings(
    reader=ReaderSettings(refresh_ms=20, max_items=50, last_known_lists=2),
    popularity=PopularitySettings(trending="6h"),
    rerank=RerankSettings(diversity=0, exploration=0, rules=""),
)
PAUSE_S, PAUSES = 0.005, 2000


class Client:
    """HTTP requests to an application within its lifespan, from code that is not asynchronous."""

    def __init__(self, app: ReaderApp, runner: asyncio.Runner) -> None:
        self.app = app
        self._runner = runner
        self._transport = RsgiTransport(app)
        self.raised = self._transport.raised
        self._http = httpx.AsyncClient(transport=self._transport, base_url="http://reader")

    def get(self, path: str) -> httpx.Response:
        return self._runner.run(self._http.get(path))

    def head(self, path: str) -> httpx.Response:
        return self._runner.run(self._http.head(path))

    def post(self, path: str, body: Any = b"", headers: dict[str, str] | None = None) -> httpx.Response:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self._runner.run(self._http.post(path, content=content, headers=headers))

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the refresher go on until it holds."""
        for _ in range(PAUSES):
            if holds():
                return
            self._runner.run(asyncio.sleep(PAUSE_S))
        raise AssertionError("it does not come to hold")


@contextlib.contextmanager
def serving(
    views: FakeViews,
    impressions: FakeImpressions | None = None,
    failed: Callable[[BaseException], None] = lambda _: None,
    reranker: Reranker | None = None,
    outbox: Outbox | None = None,
    settings: Settings = SETTINGS,
    clock: Callable[[], int] = lambda: NOW,
) -> Iterator[Client]:
    app = build_app(Wiring(settings, views, impressions, clock, failed, reranker, outbox))
    with asyncio.Runner() as runner:
        lifespan = app.lifespan()
        runner.run(lifespan.__aenter__())
        try:
            yield Client(app, runner)
        finally:
            runner.run(lifespan.__aexit__(None, None, None))


@dataclass
class Reader:
    """The application over fakes."""

    client: Client
    views: FakeViews
    impressions: FakeImpressions

    def get(self, path: str) -> dict[str, Any]:
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/json"
        body: dict[str, Any] = response.json()
        return body

    def until(self, path: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first answer of which it holds: the refresher needs a moment."""
        bodies: list[dict[str, Any]] = []

        def answered() -> bool:
            bodies.append(self.get(path))
            return holds(bodies[-1])

        self.client.until(answered)
        return bodies[-1]

    def refreshed(self) -> None:
        """Until the refresher has read anew."""
        before = self.views.snapshots
        self.client.until(lambda: self.views.snapshots > before)


@pytest.fixture
def views() -> FakeViews:
    """What the reader finds at its start: one list of each kind."""
    views = FakeViews()
    views.put("trending:all", ["t1", "t2", "t3"], source="trending")
    views.put("popular:all", ["p1", "p2"], source="popular")
    views.put("rec:ann", ["a", "b", "c"], seen=["t2"])
    views.put("sim:x", ["x1", "x2"], source="similar")
    return views


@pytest.fixture
def reader(views: FakeViews) -> Iterator[Reader]:
    impressions, failures = FakeImpressions(), list[BaseException]()
    with serving(views, impressions, failures.append) as client:
        yield Reader(client, views, impressions)
    assert not failures
    assert views.closed
    assert impressions.closed
