"""Pages, batches, sessions, baskets, histories."""

from typing import Any

import msgspec
import pytest

from shared.contracts.sections import PopularitySettings
from tests.unit.reader.conftest import SETTINGS, Client, serving
from tests.unit.reader.fakes import NOW, FakeImpressions, FakeViews
from tests.unit.reader.posts.conftest import FakeOutbox, posted


def test_a_page_deals_each_item_to_one_row(client: Client, impressions: FakeImpressions) -> None:
    kinds = ["for_you", "because_you_viewed", "because_you_viewed", "buy_again", "recently_viewed", "trending"]
    kinds += ["new_for_you", "popular"]
    body = posted(client, "/v1/page", user="ann", n=3, rows=[{"row": kind} for kind in kinds])
    assert [row["items"] for row in body["rows"]] == [
        ["a", "b", "c"],
        ["x1", "x2"],
        ["y1"],
        ["m"],
        ["x", "y"],
        ["c1", "t1"],
        ["n2", "n1"],
        ["p1", "p2"],
    ]
    assert [row["title"] for row in body["rows"]][1:6] == [
        "Because you viewed Green tea", "Because you viewed y", "Buy again", "Recently viewed", "Trending in tea",
    ]  # fmt: skip
    assert [row["row"] for row in body["rows"]] == kinds
    assert len(impressions.added) == 8
    assert {one.user_id for one in impressions.added} == {"ann"}


def test_rows_keep_their_lengths_and_the_page_its_wishes(client: Client) -> None:
    body = posted(
        client, "/v1/page", user="ann", exclude=["a"], preview=True,
        rows=[
            {"row": "for_you", "n": 1}, {"row": "similar", "item": "y"}, {"row": "trending", "category": "tea", "n": 1},
        ],
    )  # fmt: skip
    assert [row["items"] for row in body["rows"]] == [["b"], ["y1", "x2"], ["c1"]]


def test_a_category_of_the_page_holds_for_what_trends_and_is_popular(client: Client, views: FakeViews) -> None:
    for item in ("t2", "p2"):
        views.put_item(item, categories=["pots"])
    views.put("trending:category:pots", ["t2", "b"], source="trending")
    rows: list[Any] = [{"row": "trending"}, {"row": "popular"}]
    body = posted(client, "/v1/page", user="ann", category=["pots"], rows=rows)
    assert [(row["items"], row["title"]) for row in body["rows"]] == [
        (["t2", "b"], "Trending in pots"),
        ([], "Popular in pots"),
    ]
    body = posted(client, "/v1/page", user="ann", category=["pots", "cups"], rows=rows)
    assert [row["items"] for row in body["rows"]] == [[], ["p2"]], "what trends in the category met last is no pot"


def test_a_guest_of_the_longest_session_is_known(client: Client, views: FakeViews, outbox: FakeOutbox) -> None:
    guest = f"session:{'s' * 256}"
    views.put(f"rec:{guest}", ["g"], recent=["x"], seen=["x"], visits=1)
    assert client.get(f"/v1/users/{guest}/recommendations?n=1").json()["items"] == ["g"]
    assert client.get(f"/v1/trending?user={guest}").status_code == 200
    posted(client, f"/v1/users/{guest}/feedback", 202, kind="like", item_id="b")
    assert msgspec.json.decode(outbox.events[0].value)["session_id"] == "s" * 256
    assert client.get(f"/v1/users/{guest}s/recommendations").json()["field"] == "user"


def test_a_rows_category_is_found_however_it_is_spelt(client: Client) -> None:
    body = posted(client, "/v1/page", user="ann", rows=[{"row": "trending", "category": " tea "}])
    assert [(row["items"], row["title"]) for row in body["rows"]] == [(["c1", "t1"], "Trending in tea")]


def test_what_is_new_is_of_the_users_categories_first_whatever_is_in_memory(client: Client) -> None:
    [row] = posted(client, "/v1/page", user="ann", rows=[{"row": "new_for_you"}])["rows"]
    assert row["items"] == ["n2", "n1"], "x, of tea as n2, was not looked at before"


def test_what_trends_is_of_the_category_met_last_beside_rows_about_items(client: Client, views: FakeViews) -> None:
    views.put_item("y", categories=["pots"])
    rows = [{"row": "because_you_viewed"}, {"row": "trending"}]
    assert posted(client, "/v1/page", user="ann", rows=rows)["rows"][1]["title"] == "Trending in tea"


def test_a_wrong_row_is_named_before_any_is_filled(client: Client, views: FakeViews) -> None:
    views.asked.clear()
    posted(client, "/v1/page", 400, user="ann", rows=[{"row": "popular", "category": "tea"}, {"row": "nonsense"}])
    assert "popular:category:tea" not in views.asked


def test_somebody_unknown_has_rows_too(client: Client) -> None:
    body = posted(client, "/v1/page", session="s9", rows=[{"row": "for_you", "n": 2}, {"row": "because_you_viewed"}])
    assert [row["items"] for row in body["rows"]] == [["t1", "t2"], []]
    assert body["user_id"] == "session:s9"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/page", {"rows": [{"row": "for_you"}]}, "user"),
        ("/v1/page", {"user": "ann", "rows": []}, "rows"),
        ("/v1/page", {"user": "ann", "rows": [{"row": "nonsense"}]}, "rows[0].row"),
        ("/v1/page", {"user": "ann", "rows": [{"row": "for_you", "n": 0}]}, "rows[0].n"),
        ("/v1/page", {"user": "ann", "rows": [{"row": "similar"}]}, "rows[0].item"),
        ("/v1/page", {"user": "ann", "rows": [{"row": "for_you"}, {"row": "similar", "item": ""}]}, "rows[1].item"),
        ("/v1/page", {"user": "ann", "rows": [{"row": "for_you"}], "colour": 1}, "body"),
        ("/v1/page", {"user": "ann", "rows": [{"row": "for_you"}], "price_min": "x"}, "price_min"),
        ("/v1/batch", {"users": []}, "users"),
        ("/v1/related", {"items": []}, "items"),
        ("/v1/sessions/recommendations", {"items": ["\n"]}, "items"),
        ("/v1/users/ann/feedback", {"kind": "hide"}, "item_id"),
        ("/v1/users/ann/feedback", {"kind": "avoid", "item_id": "a"}, "category"),
        ("/v1/users/ann/feedback", {"kind": "skip", "category": "a"}, "kind"),
        ("/v1/users/ann/feedback", {"kind": "like", "category": "a", "item_id": "b"}, "category"),
        ("/v1/users/ann/feedback", {"kind": "adore", "item_id": "b"}, "kind"),
        ("/v1/users/ann/preferences", {}, "body"),
        ("/v1/users/ann/preferences", {"liked_items": [""] * 201}, "body"),
        ("/v1/related", {"items": ["x"], "exclude": ["a"] * 1001}, "exclude"),
    ],
)
def test_a_wrong_body_is_named(client: Client, path: str, body: dict[str, Any], field: str) -> None:
    assert posted(client, path, 400, **body)["field"] == field


def test_no_body_and_no_json(client: Client) -> None:
    assert client.post("/v1/page", b"").json()["field"] == "body"
    assert client.post("/v1/page", b"{").status_code == 400
    assert client.post("/v1/page", b" " * 1_000_001).status_code == 400


def test_a_batch_has_a_list_for_each(client: Client, impressions: FakeImpressions) -> None:
    body = posted(client, "/v1/batch", users=["ann", "nobody"], n=2)
    assert [(one["user_id"], one["items"]) for one in body["answers"]] == [
        ("ann", ["a", "b"]),
        ("nobody", ["t1", "t2"]),
    ]
    assert not impressions.added


def test_a_basket_has_what_its_items_have_in_common_first(client: Client) -> None:
    body = posted(client, "/v1/related", items=["x", "y"])
    assert (body["items"], body["source"]) == (["x2", "x1", "y1", "a"], "related")


def test_a_session_without_anything_to_rank_gets_what_trends(client: Client) -> None:
    body = posted(client, "/v1/sessions/recommendations", items=["t1"], n=2)
    assert body["items"] == ["t2", "t3"]


def test_a_history_says_what_is_known(client: Client) -> None:
    body = client.get("/v1/users/ann/history?fields=title").json()
    assert body["items"] == ["x", "y"]
    assert body["taken"] == [{"item_id": "m", "times": 3, "last": NOW}]
    assert body["fields"] == [{"title": "Green tea"}, {}]
    assert client.get("/v1/users/nobody/history").json()["items"] == []


def test_context_and_segment_are_steps_of_the_cold_start(client: Client, views: FakeViews) -> None:
    views.put("trending:context:device=phone", ["d1"], source="trending")
    views.put("trending:segment:gender=f", ["g1"], source="trending")
    views.put("rec:cleo", [], segments=["segment:gender=f"])
    body = client.get("/v1/users/cleo/recommendations?n=3&context.device=phone").json()
    assert (body["items"], body["why"], body["source"]) == (
        ["d1", "g1", "t1"],
        ["context", "segment", "trend"],
        "context",
    )
    assert client.get("/v1/users/cleo/recommendations?n=1").json()["source"] == "segment"
    views.put_item("c1", categories=["tea"])
    body = client.get("/v1/users/nobody/recommendations?n=2&category=tea").json()
    assert (body["items"], body["source"]) == (["c1"], "category")


@pytest.mark.parametrize(
    ("context", "found"), [("", "late"), ("&context.hour=07", "early"), ("&context.hour=7", "early")]
)
def test_the_hour_is_a_context_of_everybody_if_it_is_set(views: FakeViews, context: str, found: str) -> None:
    views.put("trending:context:hour=22", ["late"], source="trending")
    views.put("trending:context:hour=07", ["early"], source="trending")
    by_hour = SETTINGS.model_copy(update={"popularity": PopularitySettings(contexts=["hour"])})
    with serving(views, settings=by_hour) as client:
        body = client.get(f"/v1/users/nobody/recommendations?n=1{context}").json()
    assert (body["items"], body["source"]) == ([found], "context")
    with serving(views) as client:
        body = client.get(f"/v1/users/nobody/recommendations?n=1{context}").json()
    assert body["source"] == "trending"


def test_every_list_has_reasons_if_they_are_asked_for(client: Client) -> None:
    for kind in ("trending", "popular"):
        body = client.get(f"/v1/{kind}?explain=true&n=1").json()
        assert (body["because"], body["reasons"]) == ([None], ["trending now" if kind == "trending" else "popular"])
    body = posted(client, "/v1/related", items=["x"], explain=True, n=1)
    assert (body["because"], body["reasons"]) == ([None], ["often met together with these"])
    kinds = ["popular", "buy_again", "recently_viewed", "new_for_you"]
    rows = posted(client, "/v1/page", user="ann", explain=True, n=1, rows=[{"row": kind} for kind in kinds])["rows"]
    reasons = [reason for row in rows for reason in row["reasons"]]
    assert reasons == ["popular", "you had this before", "you looked at this", "new here"]


def test_reasons_without_anybody_to_ask(client: Client) -> None:
    body = client.get("/v1/items/x/similar?explain=true").json()
    assert (body["because"], body["reasons"]) == (["x", "x"], ["often met together with Green tea"] * 2)
    body = client.get("/v1/users/nobody/recommendations?n=1&explain=true").json()
    assert (body["because"], body["reasons"]) == ([None], ["trending now"])


def test_a_batch_list_is_blended_in_and_is_all_that_a_newcomer_has(client: Client, views: FakeViews) -> None:
    views.put("batch:ann", ["own", "c", "x"], source="batch")
    views.put("batch:newcomer", ["own", "a"], source="batch")
    body = client.get("/v1/users/ann/recommendations?n=6").json()
    assert sorted(body["items"][:5]) == ["a", "b", "c", "own", "x1"], "x is what ann has"
    assert body["items"].index("c") < body["items"].index("b")
    assert (body["source"], body["why"][body["items"].index("own")]) == ("personal", "batch")
    body = client.get("/v1/users/newcomer/recommendations?n=3").json()
    assert (body["items"], body["source"]) == (["own", "a", "t1"], "batch")


@pytest.mark.parametrize(
    ("path", "one", "most"),
    [("related", {"items": "x"}, 200), ("batch", {"users": "ann"}, 100), ("page", {"rows": {"row": "popular"}}, 20)],
)
def test_how_many_are_taken_is_described(client: Client, path: str, one: dict[str, Any], most: int) -> None:
    [(field, value)] = one.items()
    whose = {"user": "ann"} if path == "page" else {}
    posted(client, f"/v1/{path}", 400, **whose, **{field: [value] * (most + 1)})
    description = client.get("/openapi.json").json()
    reference = description["paths"][f"/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = description["components"]["schemas"][reference["$ref"].rsplit("/", 1)[1]]["properties"][field]
    assert (schema["minItems"], schema["maxItems"]) == (1, most)
