"""A reader that is posted to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.web.outbox import Accepted, Busy
from tests.unit.reader.conftest import Client, serving
from tests.unit.reader.fakes import NOW, FakeImpressions, FakeViews


@dataclass
class FakeOutbox:
    """Keeps events; ``busy`` is a Kafka that does not take them."""

    busy: bool = False
    events: list[Accepted] = field(default_factory=list)

    async def send(self, events: Sequence[Accepted]) -> None:
        if self.busy:
            raise Busy("the broker did not answer in time")
        self.events += events

    async def reachable(self) -> bool:
        return not self.busy


@pytest.fixture
def views(views: FakeViews) -> FakeViews:
    views.put(
        "rec:ann",
        ["a", "b", "c", "x1"],
        recent=["x", "y"],
        seen=["x", "y"],
        visits=2,
        again=[("m", 3, NOW), ("y", 0, NOW)],
    )
    views.put("sim:y", ["y1", "x2", "a"], source="similar")
    views.put("sim:x", ["x1", "x2"], source="similar")
    views.put("new:all", ["n1", "n2", "x"], source="new")
    views.put("trending:category:tea", ["c1", "t1"], source="trending")
    views.put_item("x", title="Green tea", categories=["drinks", "tea"])
    views.put_item("n2", categories=["tea"])
    views.put_item("b", categories=["pots"])
    return views


@pytest.fixture
def outbox() -> FakeOutbox:
    return FakeOutbox()


@pytest.fixture
def impressions() -> FakeImpressions:
    return FakeImpressions()


@pytest.fixture
def client(views: FakeViews, outbox: FakeOutbox, impressions: FakeImpressions) -> Iterator[Client]:
    with serving(views, impressions, outbox=outbox) as client:
        yield client


def posted(client: Client, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    response = client.post(path, body)
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    return found
