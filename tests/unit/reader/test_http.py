"""Parameters, problems, the description, the page, and what is logged."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.unit.reader.conftest import Reader, serving
from tests.unit.reader.fakes import NOW, FakeViews


@pytest.mark.parametrize(
    ("path", "field"),
    [
        *[
            (f"/v1/users/ann/recommendations?n={n}", "n")
            for n in ("0", "-1", "51", "1.5", "x", "", "1_0", "%D9%A3", "9" * 30)
        ],
        ("/v1/users/%20/recommendations", "user"),
        ("/v1/users//recommendations", "user"),
        ("/v1/users/a%00b/recommendations", "user"),
        (f"/v1/users/{'u' * 257}/recommendations", "user"),
        (f"/v1/items/{'i' * 257}/similar", "item"),
        ("/v1/users/%FF/recommendations", "path"),
        ("/v1/users/%FF/history", "path"),
        ("/v1/trending?category=%C3", "query"),
        ("/v1/items/x/similar?user=", "user"),
        ("/v1/trending?half_life=2h", "half_life"),
        ("/v1/trending?category=%0A", "category"),
        ("/v1/popular?preview=maybe", "preview"),
        ("/v1/items", "id"),
        ("/v1/items?id=", "id"),
        ("/v1/items?" + "&".join(["id=a"] * 51), "id"),
    ],
)
def test_a_wrong_parameter_is_a_problem_that_names_it(reader: Reader, path: str, field: str) -> None:
    response = reader.client.get(path)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", "Bad Request", 400)
    assert problem["field"] == field
    assert field in problem["detail"] or field == "id"
    assert not reader.impressions.added


def test_unknown_parameters_are_ignored(reader: Reader) -> None:
    assert reader.get("/v1/trending?colour=blue&n=1")["items"] == ["t1"]


def test_unknown_paths_and_methods_are_problems(reader: Reader) -> None:
    for response, status in ((reader.client.get("/v1/nothing"), 404), (reader.client.post("/v1/trending"), 405)):
        assert response.status_code == response.json()["status"] == status
        assert response.headers["content-type"] == "application/problem+json"
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize(
    "path",
    ["/v1/users/ann/recommendations?n=2", "/v1/items/x/similar", "/v1/trending?half_life=1h", "/v1/popular?n=1"],
)
def test_a_list_by_the_short_way_is_what_the_router_would_answer(reader: Reader, path: str) -> None:
    short, usual = reader.client.get(path), reader.client.head(path)
    assert (short.status_code, usual.status_code) == (200, 200)
    assert dict(short.headers) == dict(usual.headers)
    assert short.headers["cache-control"] == "no-store"
    assert int(short.headers["content-length"]) == len(short.content)
    wrong = path.split("?", maxsplit=1)[0] + "?n=0"
    short, usual = reader.client.get(wrong), reader.client.head(wrong)
    assert (short.status_code, usual.status_code) == (400, 400)
    assert dict(short.headers) == dict(usual.headers)


@pytest.mark.parametrize(
    "path", ["/v1/users/recommendations", "/v1/users/ann", "/v1/users/ann/recommendations/", "/v1/items/similar", "/v1"]
)
def test_what_only_looks_like_a_list_goes_to_the_router(reader: Reader, path: str) -> None:
    assert reader.client.get(path).status_code in {307, 404}


def test_what_a_query_means_is_remembered_and_a_wrong_one_stays_wrong(reader: Reader) -> None:
    for _ in range(2):
        assert reader.get("/v1/users/ann/recommendations?n=2&preview=true")["items"] == ["a", "b"]
        assert reader.client.get("/v1/users/ann/recommendations?n=2&preview=x").json()["field"] == "preview"
    assert not reader.impressions.added


def test_a_mistake_of_ours_is_a_problem_too(views: FakeViews) -> None:
    async def broken(*keys: str) -> list[bytes | None]:
        raise ZeroDivisionError(keys)

    views.get = broken  # type: ignore[method-assign]
    with serving(views) as client, capture_logs() as logged:
        short, usual = client.get("/v1/users/ann/recommendations"), client.get("/v1/items?id=a")
        for response in (short, usual):
            assert (response.status_code, response.json()["status"]) == (500, 500)
        assert dict(short.headers) == dict(usual.headers)
        assert short.content == usual.content
        assert [type(error) for error in client.raised] == [ZeroDivisionError] * 2
    failed = [line for line in logged if line["event"] == "request_failed"]
    assert [line["error"] for line in failed] == ["ZeroDivisionError"] * 2, "the server's own log is off"
    assert all("raise ZeroDivisionError" in line["exception"] for line in failed)
    assert "ann" not in str(failed)


def test_a_refresher_that_fails_by_a_mistake_of_ours_is_reported(views: FakeViews) -> None:
    failures: list[BaseException] = []
    with serving(views, failed=failures.append) as client:
        views.gone = {7}  # type: ignore[arg-type]
        client.until(lambda: bool(failures))
    assert [type(failure) for failure in failures] == [AttributeError]


def test_every_answer_is_logged_unless_it_is_a_preview(reader: Reader) -> None:
    answers = [
        reader.get("/v1/users/ann/recommendations"),
        reader.get("/v1/trending"),
        reader.get("/v1/popular?user=bob"),
    ]
    reader.get("/v1/users/ann/recommendations?preview=true")
    logged = reader.impressions.added
    assert [i.rec_id for i in logged] == [answer["rec_id"] for answer in answers]
    assert [i.user_id for i in logged] == ["ann", "", "bob"]
    assert [i.source for i in logged] == ["personal", "trending", "popular"]
    assert logged[0].items == answers[0]["items"]
    assert logged[0].ts == NOW


def test_who_asks_for_headers_alone_sees_no_list(reader: Reader) -> None:
    for path in ("/v1/users/ann/recommendations", "/v1/items/x/similar", "/v1/trending?n=1"):
        assert reader.client.head(path).status_code == 200
    assert reader.impressions.added == []


def test_health_readiness_and_metrics(reader: Reader) -> None:
    assert reader.get("/healthz") == {"status": "alive"}
    assert reader.get("/readyz") == {"status": "ready"}
    reader.get("/v1/users/ann/recommendations")
    metrics = reader.client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert 'headrace_reader_seconds_count{source="personal"}' in metrics.text
    assert "ann" not in metrics.text


def test_alive_but_not_ready_before_redis_has_answered() -> None:
    views = FakeViews()
    views.broken = True
    with serving(views) as client:
        assert client.get("/healthz").status_code == 200
        response = client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (503, 503)
        answer = client.get("/v1/users/ann/recommendations").json()
    assert (answer["source"], answer["items"], answer["degraded"]) == ("none", [], True)


def test_items_by_id(reader: Reader) -> None:
    reader.views.values["item:a"] = b'{"v":1,"at":"x","item_id":"a","title":"A \\u00e9","price":2.5}'
    reader.views.values["item:odd"] = b"{"
    body = reader.get("/v1/items?id=a&id=unknown&id=odd")
    assert body == {"items": [{"item_id": "a", "title": "A é", "price": 2.5}], "degraded": True}, "one is unreadable"
    assert "degraded" not in reader.get("/v1/items?id=a&id=unknown")
    reader.views.broken = True
    assert reader.get("/v1/items?id=a") == {"items": [], "degraded": True}


def test_items_that_lists_have_shown_are_known_while_redis_is_away_and_take_no_list_s_place(reader: Reader) -> None:
    for item in "abc":
        reader.views.put_item(item, title=item.upper())
    asked = "/v1/items?id=a&id=b&id=c&id=t2"
    reader.get("/v1/users/ann/recommendations")
    known = reader.get(asked)
    reader.views.broken = True
    assert reader.get(asked) == known | {"degraded": True}
    assert reader.get("/v1/users/ann/recommendations")["source"] == "personal"


def test_status_gives_the_key_numbers(reader: Reader) -> None:
    before = reader.get("/v1/status")
    reader.get("/v1/users/ann/recommendations")
    after = reader.get("/v1/status")
    assert after["answers"]["personal"] == before["answers"]["personal"] + 1
    assert after["latency_ms"]["p50"] <= after["latency_ms"]["p99"]
    assert (after["redis"], after["trending_ts"], after["now"]) == ("up", NOW, NOW)


def test_the_description_is_valid_and_has_every_path(reader: Reader) -> None:
    description = reader.get("/openapi.json")
    OpenAPIV31SpecValidator(description).validate()
    served = {route.path.replace(":path", "") for route in reader.client.app.usual.routes if isinstance(route, Route)}
    assert served == set(description["paths"])
    assert description["components"]["parameters"]["n"]["schema"]["maximum"] == 50


def test_an_address_of_utf8_is_taken(reader: Reader) -> None:
    assert reader.client.get("/v1/users/caf%C3%A9/recommendations?category=th%C3%A9").status_code == 200
    assert reader.client.get("/v1/trending?category=%EF%BF%BD").status_code == 200
    response = reader.client.post("/v1/users/%FF/feedback", {"kind": "like", "item_id": "a"})
    assert (response.status_code, response.json()["field"]) == (400, "path")
