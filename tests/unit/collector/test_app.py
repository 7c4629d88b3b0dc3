"""The collector's answers, over a fake outbox."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from prometheus_client import REGISTRY

from services.collector.app import build_app
from services.web.outbox import Accepted, Busy
from shared.contracts.settings import Settings, load_settings

NOW = 1_760_000_000_000
GOOD: dict[str, Any] = {"type": "view", "user_id": "u", "item_id": "i"}


class Memory:
    """Takes all, or nothing."""

    def __init__(self, *, busy: bool = False) -> None:
        self.busy = busy
        self.events: list[Accepted] = []

    async def send(self, events: Sequence[Accepted]) -> None:
        await asyncio.sleep(0)
        if self.busy:
            raise Busy("too many events wait for the broker")
        self.events += events

    async def reachable(self) -> bool:
        return not self.busy


def ask(
    method: str, path: str, outbox: Memory | None = None, settings: Settings | None = None, **more: Any
) -> httpx.Response:
    app = build_app(settings or load_settings(), outbox or Memory(), lambda: NOW)

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://collector") as client:
            return await client.request(method, path, **more)

    return asyncio.run(asked())


def post(body: Any, outbox: Memory | None = None, **more: Any) -> httpx.Response:
    return ask("POST", "/v1/events", outbox, content=body if isinstance(body, bytes) else json.dumps(body), **more)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_one_event_is_accepted_with_its_id() -> None:
    outbox, before = Memory(), counted("headrace_collected_total", type="view")
    answer = post(GOOD | {"event_id": "e1"}, outbox)

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "ids": ["e1"]})
    assert [e.event_id for e in outbox.events] == ["e1"]
    assert counted("headrace_collected_total", type="view") == before + 1


def test_an_array_is_accepted_with_an_id_each() -> None:
    outbox = Memory()
    answer = post([GOOD, GOOD | {"type": "purchase"}, GOOD], outbox)

    assert answer.status_code == 202
    assert answer.json()["ids"] == [e.event_id for e in outbox.events]
    assert len(set(answer.json()["ids"])) == 3
    assert [e.type for e in outbox.events] == ["view", "purchase", "view"]


def test_one_bad_event_refuses_the_array_and_nothing_is_sent() -> None:
    outbox, before = Memory(), counted("headrace_collector_refused_total", reason="missing-user")
    answer = post([GOOD, {"type": "view", "item_id": "i"}], outbox)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "neither user_id nor session_id is given",
        "reason": "missing-user",
        "field": "user_id",
        "index": 1,
    }
    assert not outbox.events
    assert counted("headrace_collector_refused_total", reason="missing-user") == before + 1


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_a_malformed_body(body: bytes) -> None:
    assert post(body).status_code == 400


async def _in_parts() -> AsyncIterator[bytes]:
    for _ in range(30):
        yield b" " * 100


def test_a_body_too_large_whether_it_says_so_or_not() -> None:
    small = load_settings(collector={"max_body_bytes": 1000})

    for body in (b" " * 1001, _in_parts()):
        answer = ask("POST", "/v1/events", settings=small, content=body)
        assert (answer.status_code, answer.json()["reason"]) == (413, "too-large")


def test_a_full_queue_is_said_with_when_to_come_again_and_the_ids() -> None:
    answer = post([GOOD, GOOD | {"event_id": "mine"}], Memory(busy=True))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["ids"][1] == "mine"
    assert "too many events wait" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("media", "status"),
    [
        ("application/json", 202),
        ("text/plain;charset=UTF-8", 202),
        ("", 202),
        ("application/x-www-form-urlencoded", 415),
    ],
)
def test_media_types(media: str, status: int) -> None:
    assert post(GOOD, headers={"content-type": media}).status_code == status


def test_pages_of_other_origins_may_send_only_where_the_settings_say_so() -> None:
    open_to = load_settings(collector={"allow_origins": ["https://shop.example"]})
    headers = {"origin": "https://shop.example", "access-control-request-method": "POST"}

    outbox = Memory()
    refused = post(GOOD, outbox, headers=headers | {"content-type": "text/plain"})
    assert (refused.status_code, refused.json()["reason"]) == (403, "origin")
    assert "access-control-allow-origin" not in refused.headers
    assert not outbox.events, "a browser sends what it will not show the answer of"
    answer = post(GOOD, settings=open_to, headers=headers)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert ask("OPTIONS", "/v1/events", settings=open_to, headers=headers).status_code == 200


def test_health_readiness_and_metrics() -> None:
    assert ask("GET", "/healthz").json() == {"status": "ok"}
    assert ask("GET", "/readyz").status_code == 200
    assert ask("GET", "/readyz", Memory(busy=True)).status_code == 503
    assert "headrace_collected_total" in ask("GET", "/metrics").text


def test_no_such_path_and_no_such_method_are_problems() -> None:
    for answer in (ask("GET", "/v2"), ask("GET", "/v1/events")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def test_the_description_is_openapi_and_names_the_types() -> None:
    described = ask("GET", "/openapi.json").json()

    validate(described)
    assert "purchase" in described["components"]["schemas"]["Event"]["properties"]["type"]["enum"]
