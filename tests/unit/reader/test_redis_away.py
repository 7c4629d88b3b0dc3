"""Redis gone, or come back empty: last known answers, marked."""

from tests.unit.reader.conftest import Reader

ANN = "/v1/users/ann/recommendations"


def test_last_known_lists_are_served_degraded_and_current_ones_when_it_is_back(reader: Reader) -> None:
    known = reader.get(ANN)
    reader.views.broken = True
    body = reader.get(ANN)
    assert (body["items"], body["source"], body["degraded"]) == (known["items"], "personal", True)
    body = reader.get("/v1/users/never-asked/recommendations")
    assert (body["source"], body["degraded"]) == ("trending", True)
    assert reader.get("/v1/trending")["degraded"]
    assert reader.get("/v1/trending?category=unheard")["degraded"]
    assert reader.get("/v1/items/x/similar")["source"] == "trending"
    assert reader.client.get("/readyz").status_code == 200
    reader.views.put("rec:ann", ["new"])
    reader.views.broken = False
    assert reader.get(ANN)["items"][0] == "new"
    assert "degraded" not in reader.until("/v1/trending", lambda body: "degraded" not in body)


def test_an_item_made_unavailable_stays_away_from_last_known_lists(reader: Reader) -> None:
    reader.get(ANN)
    reader.views.gone = {b"a"}
    reader.until(ANN, lambda body: "a" not in body["items"])
    reader.views.broken = True
    assert reader.get(ANN)["items"] == ["b", "c", "t1", "t3", "p1", "p2"]


def test_a_redis_that_lost_its_views_does_not_empty_the_answers(reader: Reader) -> None:
    reader.get(ANN)
    reader.views.values.clear()
    assert reader.until("/v1/trending", lambda body: "degraded" in body)["items"] == ["t1", "t2", "t3"]
    body = reader.get(ANN)
    assert (body["source"], body["degraded"]) == ("personal", True)


def test_who_had_a_list_has_it_until_all_lists_are_written_again(reader: Reader) -> None:
    """Rows and tops come back before; of the partitions some are done sooner, and one has nobody yet who writes its."""
    reader.get(ANN)
    trending = reader.views.values["trending:all"]
    reader.views.values.clear()
    reader.get(ANN)  # before anybody knows that all is lost
    reader.until("/v1/trending", lambda body: "degraded" in body)
    reader.views.values |= {
        "trending:all": trending,
        **dict.fromkeys((f"published:1:frames:{n}" for n in (0, 2, 3)), b"run"),
    }
    reader.until("/v1/trending", lambda body: "degraded" not in body)
    for mark in ({}, {"published:1:frames:1": b"begun:run"}):
        reader.views.values |= mark
        for _ in range(5):
            reader.refreshed()
            body = reader.get(ANN)
            assert (body["source"], body["degraded"]) == ("personal", True)
    reader.views.values["published:1:frames:1"] = b"run"
    reader.until(ANN, lambda body: body["source"] == "trending" and "degraded" not in body)


def test_a_redis_that_lost_its_views_brings_nobody_back_who_was_unavailable(reader: Reader) -> None:
    """Of what was removed from the catalogue nothing but that set says that it is not to be shown."""
    reader.get(ANN)
    reader.views.say("a", gone=True)
    reader.until(ANN, lambda body: "a" not in body["items"])
    reader.views.values.clear()
    reader.views.gone.clear()
    reader.views.said.clear()
    reader.until("/v1/trending", lambda body: "degraded" in body)
    reader.refreshed()
    assert reader.get(ANN)["items"][:2] == ["b", "c"]
    reader.views.put("rec:ann", ["a", "b"])
    reader.views.put("trending:all", ["t1"], source="trending")  # the set is written before
    reader.until(ANN, lambda body: "a" in body["items"])


def test_a_list_that_was_removed_is_not_served_from_memory(reader: Reader) -> None:
    reader.get(ANN)
    del reader.views.values["rec:ann"]
    assert reader.get(ANN)["source"] == "trending"
    reader.views.broken = True
    assert reader.get(ANN)["source"] == "trending", "forgotten is forgotten"


def test_only_so_many_lists_are_remembered(reader: Reader) -> None:
    for user in ("u1", "u2", "u3"):
        reader.views.put(f"rec:{user}", [user])
        reader.get(f"/v1/users/{user}/recommendations")
    reader.views.broken = True
    sources = [reader.get(f"/v1/users/{user}/recommendations")["source"] for user in ("u1", "u2", "u3")]
    assert sources == ["trending", "personal", "personal"]
