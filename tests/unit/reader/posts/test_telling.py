"""What users tell, and from which answer on it counts."""

from typing import Any

import msgspec
import pytest

from tests.unit.reader.conftest import Client
from tests.unit.reader.fakes import FakeViews
from tests.unit.reader.posts.conftest import FakeOutbox, posted


def told(client: Client, user: str = "ann", **words: Any) -> dict[str, Any]:
    return posted(client, f"/v1/users/{user}/feedback", 202, **words)


def recommended(client: Client, user: str = "ann") -> list[str]:
    found: list[str] = client.get(f"/v1/users/{user}/recommendations").json()["items"]
    return found


@pytest.mark.parametrize("kind", ["hide", "dislike", "skip"])
def test_what_is_not_wanted_is_gone_from_the_next_answer(client: Client, outbox: FakeOutbox, kind: str) -> None:
    assert recommended(client)[0] == "a"
    answer = told(client, kind=kind, item_id="a", rec_id="r-1")
    assert recommended(client)[:2] == ["b", "c"]
    [event] = outbox.events
    sent = msgspec.json.decode(event.value)
    assert (event.type, sent["user_id"], sent["item_id"], sent["rec_id"]) == (kind, "ann", "a", "r-1")
    assert answer == {"accepted": 1, "ids": [sent["event_id"]]}
    assert recommended(client, "bob")[0] == "t1"


def test_a_category_that_is_hidden_takes_its_items_along(client: Client, outbox: FakeOutbox) -> None:
    told(client, kind="hide", category="pots")
    assert recommended(client)[:2] == ["a", "c"]
    assert (outbox.events[0].type, msgspec.json.decode(outbox.events[0].value)["category"]) == ("avoid", "pots")
    assert client.get("/v1/users/ann/history").json()["avoided_categories"] == ["pots"]


def test_what_is_near_an_item_goes_by_what_was_told_too(client: Client, views: FakeViews) -> None:
    views.put_item("x1", categories=["cups"])
    rows = [{"row": "because_you_viewed"}, {"row": "similar", "item": "y"}]
    posted(client, "/v1/users/ann/feedback", 202, kind="hide", item_id="x2")
    posted(client, "/v1/users/ann/feedback", 202, kind="avoid", category="cups")
    found = posted(client, "/v1/page", user="ann", rows=rows)["rows"]
    assert [row["items"] for row in found] == [[], ["y1", "a"]]


def test_several_words_at_once(client: Client, outbox: FakeOutbox) -> None:
    response = client.post(
        "/v1/users/ann/feedback", [{"kind": "hide", "item_id": "a"}, {"kind": "skip", "item_id": "b"}]
    )
    assert response.json()["accepted"] == len(outbox.events) == 2
    assert recommended(client)[0] == "c"


def test_preferences_are_what_somebody_new_begins_with(client: Client, outbox: FakeOutbox) -> None:
    posted(client, "/v1/users/new/preferences", 202, liked_categories=["tea"], avoided_categories=["pots"])
    body = client.get("/v1/users/new/recommendations?n=3").json()
    assert (body["items"], body["source"]) == (["c1", "t1", "t2"], "preferences")
    assert body["why"] == ["pref", "pref", "trend"]
    assert [event.type for event in outbox.events] == ["prefer", "avoid"]


def test_a_guest_can_tell_too(client: Client, outbox: FakeOutbox) -> None:
    told(client, "session:s7", kind="hide", item_id="t1")
    assert recommended(client, "session:s7")[0] == "t2"
    assert msgspec.json.decode(outbox.events[0].value)["session_id"] == "s7"


def test_what_a_guest_told_counts_for_the_user_of_the_session(client: Client, views: FakeViews) -> None:
    told(client, "session:s7", kind="hide", item_id="a")
    told(client, "session:s7", kind="hide", category="pots")
    known = "/v1/users/ann/recommendations?session=s7"
    assert client.get(known).json()["items"][0] == "c", "of a moment ago"
    del views.values["told:session:s7"]
    assert client.get(known).json()["items"][0] == "a"
    views.put("rec:session:s7", ["t1"], ts=0, seen=["a"], avoided=["pots"])
    assert client.get(known).json()["items"][0] == "c", "as the write path says it"


def test_what_kafka_does_not_take_does_not_count(client: Client, outbox: FakeOutbox) -> None:
    outbox.busy = True
    response = client.post("/v1/users/ann/feedback", {"kind": "hide", "item_id": "a"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert recommended(client)[0] == "a"


def test_without_redis_it_counts_when_the_write_path_has_it(
    client: Client, views: FakeViews, outbox: FakeOutbox
) -> None:
    views.broken = True
    told(client, kind="hide", item_id="a")
    assert len(outbox.events) == 1


@pytest.mark.parametrize(
    ("path", "body"), [("feedback", {"kind": "hide", "item_id": "a"}), ("preferences", {"liked_items": ["a"]})]
)
def test_pages_of_other_origins_tell_nothing(
    client: Client, outbox: FakeOutbox, path: str, body: dict[str, Any]
) -> None:
    refused = client.post(f"/v1/users/ann/{path}", body, {"origin": "https://other.example"})
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert not outbox.events
    assert client.post(f"/v1/users/ann/{path}", body, {"origin": "http://reader"}).status_code == 202


@pytest.mark.parametrize("field", ["event_id", "rec_id"])
def test_ids_of_feedback_are_held_to_the_rules_of_events(client: Client, outbox: FakeOutbox, field: str) -> None:
    for wrong in ("", "x" * 257):
        refused = client.post("/v1/users/ann/feedback", {"kind": "hide", "item_id": "a", field: wrong})
        assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert not outbox.events
    told(client, kind="hide", item_id="a", **{field: "mine"})
    assert msgspec.json.decode(outbox.events[0].value)[field] == "mine"
