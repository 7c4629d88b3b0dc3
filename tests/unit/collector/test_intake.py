"""Which body is taken, and what is said of one that is not."""

import json
from http import HTTPStatus
from itertools import count
from typing import Any

import pytest

from services.collector.intake import Refused, take
from services.web.outbox import Accepted
from shared.contracts.events import Judge, decode_event
from shared.contracts.settings import Settings, load_settings

NOW = 1_760_000_000_000
SETTINGS = load_settings(collector={"max_batch": 3})
GOOD: dict[str, Any] = {"type": "view", "user_id": "u", "item_id": "i", "ts": NOW}


def taken(body: Any, settings: Settings = SETTINGS) -> list[Accepted]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    ids = count()
    return take(raw, settings, NOW, lambda: f"made-{next(ids)}")


def test_what_is_missing_is_filled_in() -> None:
    (event,) = taken({"type": "view", "session_id": "s", "item_id": " i "})
    sent = decode_event(event.value, 1000)

    assert (event.type, event.event_id, event.key) == ("view", "made-0", b"session:s")
    assert (sent.ts, sent.event_id, sent.session_id, sent.item_id, sent.user_id) == (NOW, "made-0", "s", "i", None)


def test_what_is_given_is_kept() -> None:
    given = GOOD | {"ts": NOW - 5, "event_id": "e", "value": 2.5, "context": {"a": 1}, "rec_id": "r", "new": "field"}
    (event,) = taken([given])
    sent = decode_event(event.value, 1000)

    assert (event.key, event.event_id) == (b"u", "e")
    assert (sent.ts, sent.value, sent.context, sent.rec_id) == (NOW - 5, 2.5, {"a": 1}, "r")


def test_an_alias_is_the_item_that_ingest_would_make_of_it() -> None:
    settings = load_settings(identity={"aliases": {"a": "b", "b": "c"}})
    (event,) = taken(GOOD | {"item_id": "a"}, settings)
    judge, raw = Judge(settings.events, settings.identity), json.dumps(GOOD | {"item_id": "a"}).encode()
    by_kafka, by_collector = (judge.event(value, settings.events.types["view"], NOW) for value in (raw, event.value))
    assert by_kafka.item_id == by_collector.item_id == "c"


def test_an_empty_array_is_nothing() -> None:
    assert taken([]) == []


BAD: dict[str, tuple[Any, HTTPStatus, str, str | None]] = {
    "unknown type": (GOOD | {"type": "gaze"}, HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-type", "type"),
    "no type": ({"user_id": "u", "item_id": "i"}, HTTPStatus.UNPROCESSABLE_ENTITY, "missing-field", "type"),
    "no user": ({"type": "view", "item_id": "i"}, HTTPStatus.UNPROCESSABLE_ENTITY, "missing-user", "user_id"),
    "no item": ({"type": "view", "user_id": "u"}, HTTPStatus.UNPROCESSABLE_ENTITY, "missing-field", "item_id"),
    "wrong type": (GOOD | {"ts": "now"}, HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-type", "ts"),
    "seconds": (GOOD | {"ts": NOW // 1000}, HTTPStatus.UNPROCESSABLE_ENTITY, "timestamp-too-old", "ts"),
    "zero": (GOOD | {"ts": 0}, HTTPStatus.UNPROCESSABLE_ENTITY, "timestamp-too-old", "ts"),
    "future": (GOOD | {"ts": NOW + 10**9}, HTTPStatus.UNPROCESSABLE_ENTITY, "timestamp-in-future", "ts"),
    "long id": (GOOD | {"item_id": "x" * 300}, HTTPStatus.UNPROCESSABLE_ENTITY, "id-too-long", "item_id"),
    "version": (GOOD | {"v": 9}, HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-version", "v"),
    "empty event id": (GOOD | {"event_id": ""}, HTTPStatus.UNPROCESSABLE_ENTITY, "id-empty", "event_id"),
    "context": (
        GOOD | {"context": {str(n): n for n in range(17)}},
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "too-much-context",
        "context",
    ),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("place", [None, 0, 2])
def test_an_event_that_breaks_the_contract_refuses_all_and_is_named(name: str, place: int | None) -> None:
    event, status, reason, field = BAD[name]
    body = event if place is None else [GOOD] * place + [event]

    with pytest.raises(Refused) as caught:
        taken(body)

    why = caught.value
    assert (why.status, why.reason, why.field, why.index) == (status, reason, field, place)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", HTTPStatus.BAD_REQUEST, "empty"),
        (b'{"type":', HTTPStatus.BAD_REQUEST, "malformed-json"),
        (b'{"type":"view","value":NaN}', HTTPStatus.BAD_REQUEST, "not-finite"),
        (b'{"type":"\xff"}', HTTPStatus.BAD_REQUEST, "not-utf8"),
        (json.dumps(GOOD).encode()[:-1] + b',"ignored":"\xff"}', HTTPStatus.BAD_REQUEST, "not-utf8"),
        (b'{"new":' + b"[" * 50_000, HTTPStatus.BAD_REQUEST, "malformed-json"),
        (b"17", HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-type"),
        (b"null", HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-type"),
        (b"[17]", HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-type"),
        ([GOOD] * 4, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    ],
)
def test_what_is_no_event_at_all(body: Any, status: HTTPStatus, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        taken(body)

    assert (caught.value.status, caught.value.reason) == (status, reason)
