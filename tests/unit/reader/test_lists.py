"""What is answered, from which source."""

from urllib.parse import quote

import pytest

from shared.contracts.views import Keys, View, at, encode_view
from tests.unit.reader.conftest import SETTINGS, Reader
from tests.unit.reader.fakes import HOUR, NOW, FakeViews


def test_a_fresh_list_comes_as_stored_and_trending_fills_it_up(reader: Reader) -> None:
    body = reader.get("/v1/users/ann/recommendations")
    assert body["items"] == ["a", "b", "c", "t1", "t3", "p1", "p2"], "t2 is something that ann has"
    assert body["scores"] == sorted(body["scores"], reverse=True)
    assert body["why"][3:] == ["trend", "trend", "pop", "pop"]
    assert (body["source"], body["user_id"], body["at"], body["ts"]) == ("personal", "ann", at(1, 7), NOW)
    assert "seen" not in body
    assert "degraded" not in body


def test_a_fresh_list_that_is_long_enough_is_served_with_its_own_scores(reader: Reader) -> None:
    stored = View(
        1, at(1, 7), NOW, "personal", "m1", ["a", "b", "c", "d"], [9.5, 9.25, 0.5, 0.25], ["w", "x", "y", "z"]
    )
    reader.views.values["rec:bob"] = encode_view(stored)
    body = reader.get("/v1/users/bob/recommendations?n=2")
    assert (body["items"], body["scores"], body["why"]) == (["a", "b"], [9.5, 9.25], ["w", "x"])
    reader.views.gone = {b"b"}
    body = reader.until("/v1/users/bob/recommendations?n=3", lambda body: "b" not in body["items"])
    assert (body["items"], body["scores"], body["why"]) == (["a", "c", "d"], [9.5, 0.5, 0.25], ["w", "y", "z"])
    assert reader.get("/v1/users/bob/recommendations?n=4")["items"] == ["a", "c", "d", "t1"]


def test_what_trends_does_not_move_a_fresh_list(reader: Reader) -> None:
    fresh, old = NOW - SETTINGS.reader.fresh_ms, NOW - SETTINGS.reader.fresh_ms - 1
    items = [f"i{n}" for n in range(45)] + ["t1"]
    reader.views.put("rec:fresh", items, ts=fresh)
    reader.views.put("rec:old", items, ts=old)
    assert reader.get("/v1/users/fresh/recommendations?n=48")["items"] == [*items, "t2", "t3"]
    assert reader.get("/v1/users/old/recommendations?n=46")["items"] != items


def test_an_old_list_is_mixed_with_what_trends_now(reader: Reader) -> None:
    reader.views.put("rec:old", ["a", "b", "c", "d"], ts=NOW - 1000 * HOUR)
    assert reader.get("/v1/users/old/recommendations?n=4")["items"] == ["t1", "a", "t2", "b"]


def test_a_list_of_a_replayed_log_is_as_old_as_its_log_says(views: FakeViews, reader: Reader) -> None:
    long_ago = NOW - 100_000 * HOUR
    views.put("trending:all", ["t1"], ts=long_ago + 10, source="trending")
    views.put("rec:replayed", ["a", "b"], ts=long_ago)
    reader.until("/v1/trending", lambda body: body["ts"] == long_ago + 10)
    assert reader.get("/v1/users/replayed/recommendations")["items"] == ["a", "b", "t1", "p1", "p2"]


def test_an_unknown_user_gets_what_trends(reader: Reader) -> None:
    body = reader.get("/v1/users/nobody/recommendations?n=2")
    assert (body["items"], body["source"], body["user_id"]) == (["t1", "t2"], "trending", "nobody")


def test_without_trending_popular_and_without_that_nothing(reader: Reader) -> None:
    del reader.views.values["trending:all"]
    body = reader.until("/v1/users/nobody/recommendations", lambda body: body["source"] == "popular")
    assert body["why"] == ["pop", "pop"]
    reader.views.gone = {b"p1", b"p2"}
    body = reader.until("/v1/users/nobody/recommendations", lambda body: body["source"] == "none")
    assert (body["items"], body["scores"], body["why"], body["ts"]) == ([], [], [], 0)


def test_a_guest_has_a_list_by_session(reader: Reader) -> None:
    reader.views.put("rec:session:7", ["s"])
    assert reader.get("/v1/users/session:7/recommendations?n=1")["items"] == ["s"]


def test_similar_items_and_what_an_unknown_item_gets(reader: Reader) -> None:
    body = reader.get("/v1/items/x/similar")
    assert (body["items"], body["source"], body["item_id"], body["why"]) == (["x1", "x2"], "similar", "x", ["cooc"] * 2)
    body = reader.get("/v1/items/t1/similar")
    assert (body["items"], body["source"]) == (["t2", "t3", "p1", "p2"], "trending"), (
        "the item itself is not similar to itself"
    )


@pytest.mark.parametrize("item", ["a/b", "/", "Füße & größe", "100%", "a/similar", "x?y#z", "a,b", "日本"])
def test_any_printable_id_works_when_percent_encoded(reader: Reader, item: str) -> None:
    reader.views.put(f"sim:{item}", ["found"])
    reader.views.put(f"rec:{item}", ["mine"])
    assert reader.get(f"/v1/items/{quote(item, safe='')}/similar")["items"] == ["found"]
    assert reader.get(f"/v1/users/{quote(item, safe='')}/recommendations?n=1")["items"] == ["mine"]


def test_ids_are_normalised_like_those_of_events(reader: Reader) -> None:
    reader.views.put("rec:café", ["mine"])
    assert reader.get("/v1/users/%20cafe%CC%81%20/recommendations?n=1")["items"] == ["mine"]


def test_lists_of_categories_and_half_lives(reader: Reader) -> None:
    reader.views.put("trending:category:tea/pots", ["c1"])
    reader.views.put(Keys(SETTINGS).trending("all", "1h"), ["h1"])
    body = reader.get("/v1/trending?category=tea/pots")
    assert (body["items"], body["source"], body["scope"]) == (["c1"], "trending", "category:tea/pots")
    assert reader.get("/v1/trending?half_life=1h")["items"] == ["h1"]
    assert reader.get("/v1/trending?half_life=6h")["items"] == ["t1", "t2", "t3"], "the usual one"
    assert reader.get("/v1/trending?half_life=7d")["items"] == ["t1", "t2", "t3"], "not kept: the usual one"
    assert reader.get("/v1/popular")["items"] == ["p1", "p2"]
    assert reader.get("/v1/popular?category=none")["source"] == "none"
    reader.views.put("popular:category:slow", ["s1"])
    assert reader.get("/v1/trending?category=slow")["source"] == "popular"


def test_a_list_once_asked_for_is_refreshed_and_not_read_per_request(reader: Reader) -> None:
    reader.views.put("popular:category:a", ["one"])
    path = "/v1/popular?category=a"
    assert reader.get(path)["items"] == ["one"]
    reader.views.put("popular:category:a", ["two"])
    reader.until(path, lambda body: body["items"] == ["two"])
    assert reader.views.asked.count("popular:category:a") == 1


def test_an_unavailable_item_is_gone_from_every_answer(reader: Reader) -> None:
    reader.views.gone = {b"t1", b"a", b"x1", b"p1"}
    reader.until("/v1/trending", lambda body: body["items"] == ["t2", "t3"])
    assert reader.get("/v1/popular")["items"] == ["p2"]
    assert reader.get("/v1/users/ann/recommendations")["items"] == ["b", "c", "t3", "p2"]
    assert reader.get("/v1/users/nobody/recommendations")["items"] == ["t2", "t3", "p2"]
    assert reader.get("/v1/items/x/similar")["items"] == ["x2"]


def test_a_list_that_is_unavailable_altogether_falls_back_without_what_the_user_has(reader: Reader) -> None:
    del reader.views.values["trending:all"]
    reader.views.put("rec:bob", ["a"], seen=["p1"])
    reader.views.gone = {b"a"}
    body = reader.until("/v1/users/bob/recommendations", lambda body: body["source"] == "popular")
    assert body["items"] == ["p2"]


@pytest.mark.parametrize("raw", [b"{", b"[]", b"\xff", encode_view(View(2, at(1, 1), 0, "s", "m", ["i"], [1.0]))])
def test_a_value_that_is_no_view_known_here_is_answered_around(reader: Reader, raw: bytes) -> None:
    reader.views.values["rec:odd"] = raw
    body = reader.get("/v1/users/odd/recommendations")
    assert (body["source"], body["degraded"]) == ("trending", True)


def test_every_answer_has_a_name_of_its_own(reader: Reader) -> None:
    names = {reader.get("/v1/trending")["rec_id"] for _ in range(50)}
    assert len(names) == 50
    assert max(map(len, names)) <= 16


def test_a_list_whose_columns_differ_is_none(reader: Reader) -> None:
    reader.views.values["rec:odd"] = encode_view(View(1, at(1, 7), NOW, "personal", "m1", ["a", "b"], [9.5]))
    body = reader.get("/v1/users/odd/recommendations?n=2")
    assert (body["items"], body["source"], body["degraded"]) == (["t1", "t2"], "trending", True)
