"""What a request may wish of a list: filters, pages, fields; and what it may not."""

import pytest

from services.reader.asked.parameters import LONG, remembered
from shared.contracts.sections import EventSettings
from tests.unit.reader.conftest import SETTINGS, Reader, serving
from tests.unit.reader.fakes import FakeViews

ANN = "/v1/users/ann/recommendations"
SHOP = {
    "a": {"categories": ["tea"], "brand": "leaf", "price": 5.0, "tags": ["organic"], "seller": "one"},
    "b": {"categories": ["tea", "pots"], "brand": "pot", "price": 20.0, "seller": "two"},
    "c": {"categories": ["cups"], "price": 8.0},
    "t1": {"categories": ["tea"], "brand": "leaf", "price": 9.0},
}


@pytest.fixture
def views(views: FakeViews) -> FakeViews:
    for item, fields in SHOP.items():
        views.put_item(item, **fields)
    return views


@pytest.mark.parametrize(
    ("wish", "items"),
    [
        ("category=tea", ["a", "b", "t1"]),
        ("category=pots&category=cups", ["b", "c"]),
        ("brand=leaf", ["a", "t1"]),
        ("seller=two", ["b"]),
        ("tag=organic", ["a"]),
        ("price_min=8&price_max=10", ["c", "t1"]),
        ("category=tea&price_max=6", ["a"]),
        ("exclude=a&exclude=t1&exclude=t3&exclude=p1&exclude=p2", ["b", "c"]),
        ("offset=1&n=2", ["b", "c"]),
        ("offset=50", []),
    ],
)
def test_a_wish_is_kept(reader: Reader, wish: str, items: list[str]) -> None:
    body = reader.get(f"{ANN}?{wish}")
    assert body["items"] == items
    assert len(body["scores"]) == len(body["why"]) == len(items)
    assert body["scores"] == sorted(body["scores"], reverse=True)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ("price_min=cheap", "price_min"),
        ("price_max=-1", "price_max"),
        ("price_max=nan", "price_max"),
        ("category=", "category"),
        ("fields=secret", "fields"),
        ("offset=-1", "offset"),
        ("offset=1001", "offset"),
        ("cursor=!!", "cursor"),
        ("cursor=YWI", "cursor"),
        ("diversity=2", "diversity"),
        ("explain=maybe", "explain"),
        ("session=", "session"),
        ("exclude=", "exclude"),
        ("&".join(["exclude=a"] * 1001), "exclude"),
        ("&".join(["tag=a"] * 1001), "tag"),
        ("surface=%0A", "surface"),
        (f"context.x={'y' * 257}", "context.x"),
        (f"context.{'x' * 257}=y", "context"),
        ("&".join(f"context.{n}=1" for n in range(17)), "context"),
    ],
)
def test_a_wrong_wish_is_named(reader: Reader, wish: str, field: str) -> None:
    response = reader.client.get(f"{ANN}?{wish}")
    assert (response.status_code, response.json()["field"]) == (400, field)


def test_pages_by_cursor_show_everything_once_while_the_list_changes(reader: Reader) -> None:
    first = reader.get(f"{ANN}?n=2&cursor=")
    assert first["items"] == ["a", "b"]
    reader.views.put("rec:ann", ["n", "b", "a", "c"])
    second = reader.get(f"{ANN}?n=2&cursor={first['next']}")
    assert second["items"] == ["n", "c"]
    last = reader.get(f"{ANN}?n=9&cursor={second['next']}")
    assert last["items"] == ["t1", "t2", "t3", "p1", "p2"]
    assert "next" not in last


def test_far_down_every_item_has_a_score_and_pages_end_before_a_cursor_is_too_long(reader: Reader) -> None:
    for source in ("trending", "popular"):
        reader.views.put(f"{source}:all", [f"{source}{n}" for n in range(1000)], source=source)
    far = f"{ANN}?n=50&diversity=1&offset=1000"
    body = reader.until(far, lambda body: len(body["items"]) == 50)
    assert body["scores"] == sorted(body["scores"], reverse=True)
    assert len(body["scores"]) == 50
    pages = list[list[str]]()
    cursor: str | None = ""
    while cursor is not None:
        body = reader.get(f"{ANN}?n=50&cursor={cursor}")
        pages.append(body["items"])
        cursor = body.get("next")
    shown = [item for page in pages for item in page]
    assert (len(pages), len(set(shown))) == (21, 21 * 50)


def test_fields_come_in_columns_with_the_items(reader: Reader) -> None:
    body = reader.get(f"{ANN}?n=3&fields=brand,price&fields=categories")
    assert body["fields"] == [
        {"brand": "leaf", "price": 5.0, "categories": ["tea"]},
        {"brand": "pot", "price": 20.0, "categories": ["tea", "pots"]},
        {"price": 8.0, "categories": ["cups"]},
    ]
    assert "fields" not in reader.get(ANN)


def test_names_are_found_however_they_are_spelled(reader: Reader) -> None:
    reader.views.put_item("b", categories=["caf\u00e9"], seller="caf\u00e9", tags=["caf\u00e9"], brand="caf\u00e9")
    reader.views.put("trending:category:caf\u00e9", ["t9"], source="trending")
    for name in ("category", "seller", "tag"):
        assert reader.until(f"{ANN}?{name}=%20cafe%CC%81", lambda body: bool(body["items"]))["items"][0] == "b"
    assert reader.get(f"{ANN}?brand=cafe%CC%81")["items"] == [], "a brand is shown as it was written"
    body = {"user": "ann", "rows": [{"row": kind, "category": " cafe\u0301"} for kind in ("trending", "popular")]}
    rows = reader.client.post("/v1/page", body).json()["rows"]
    assert [row["items"] for row in rows] == [["t9"], []]
    assert rows[0]["title"] == "Trending in caf\u00e9"
    nameless = reader.client.post("/v1/page", {"user": "ann", "rows": [{"row": "popular", "category": " "}]})
    assert (nameless.status_code, nameless.json()["field"]) == (400, "rows[0].category")


def test_names_may_be_as_long_as_ids_may_be(views: FakeViews) -> None:
    views.put_item("b", brand="b" * 900, categories=["c" * 900])
    with serving(views, settings=SETTINGS.model_copy(update={"events": EventSettings(max_id_length=1000)})) as client:
        for wish in (f"brand={'b' * 900}", f"category={'c' * 900}"):
            assert client.get(f"{ANN}?{wish}").json()["items"] == ["b"]


def test_wishes_hold_for_similar_items_and_for_what_trends(reader: Reader) -> None:
    reader.views.put("sim:x", ["a", "b", "c"], source="similar")
    assert reader.get("/v1/items/x/similar?brand=pot")["items"] == ["b"]
    assert reader.get("/v1/trending?brand=leaf")["items"] == ["t1"]
    assert reader.get("/v1/popular?price_max=1")["source"] == "none"


def test_diversity_lets_no_two_alike_stand_together_at_the_top(reader: Reader) -> None:
    reader.views.put("rec:ann", ["a", "t1", "c"])
    assert reader.get(f"{ANN}?n=2")["items"] == ["a", "t1"]
    body = reader.get(f"{ANN}?n=2&diversity=0.8")
    assert body["items"] == ["a", "c"]
    assert body["scores"] == sorted(body["scores"], reverse=True)


def test_what_is_similar_is_a_substitute_or_goes_with_it(reader: Reader) -> None:
    reader.views.put("sim:a", ["t1", "b", "c", "u"], source="similar")
    assert reader.get("/v1/items/a/similar?kind=substitutes")["items"] == ["t1", "b"]
    assert reader.get("/v1/items/a/similar?kind=complements")["items"] == ["c", "u"]
    body = reader.get("/v1/items/unheard/similar?kind=complements")
    assert (body["items"], body["source"]) == ([], "none")
    reader.views.put("sim:u", ["a", "c"], source="similar")
    assert reader.get("/v1/items/u/similar?kind=complements")["items"] == []
    assert reader.client.get("/v1/items/a/similar?kind=other").json()["field"] == "kind"


def test_what_was_bought_with_it_goes_with_it_before_what_was_met(reader: Reader) -> None:
    reader.views.put("sim:a", ["t1", "c", "u", "b"], source="similar", bought=[("b", 0.7), ("u", 0.2)])
    body = reader.get("/v1/items/a/similar?kind=complements&diversity=0&explain=true")
    assert (body["items"], body["why"]) == (["b", "u", "c"], ["bought", "bought", "cooc"])
    assert body["scores"] == sorted(body["scores"], reverse=True)
    assert body["because"] == ["a"] * 3
    assert body["reasons"] == ["often bought with a", "often bought with a", "often met together with a"]
    assert "bought" not in body
    assert reader.get("/v1/items/a/similar?kind=substitutes")["items"] == ["t1", "b"]
    assert reader.get("/v1/items/a/similar?kind=complements&exclude=b")["items"] == ["u", "c"]


def test_what_was_bought_needs_no_catalogue(reader: Reader) -> None:
    reader.views.put("sim:x", ["y"], source="similar", bought=[("z", 0.7), ("a", 0.2)])
    assert reader.get("/v1/items/x/similar?kind=complements")["items"] == ["z", "a"]
    assert reader.get("/v1/items/x/similar?kind=substitutes")["items"] == []


def test_only_short_queries_are_remembered() -> None:
    """A thousand long ones, each with other items to exclude, took a gigabyte."""
    lengths = list[int]()

    def read(query: str) -> int:
        lengths.append(len(query))
        return len(query)

    asked = remembered(read)
    for query in ("n=1", "n=1", "x" * (LONG + 1), "x" * (LONG + 1)):
        assert asked(query) == len(query)
    assert lengths == [3, LONG + 1, LONG + 1]
