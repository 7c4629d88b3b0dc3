"""Why a user's list is as it is, told as a document and as tables."""

from io import StringIO

import pytest
from rich.console import Console

from services.ops.explain import document, shown
from shared.contracts.settings import load_settings
from shared.contracts.views import View, at
from shared.core.lists.explanation import GROUPS
from tests.unit.core.lists.test_list_maker import Source
from tests.unit.core.shops import HOUR, LADDER, Shop, Stat, ms

NOW = ms(1)
SHOP = Shop(
    rows={"tea": {"pot": (1.0, 0.5, 0.0), "cup": (0.2, 0.0, 0.0)}, "milk": {"jug": (1.0, 0.0, 0.0)}},
    stats={name: Stat(first=-2.0) for name in ("pot", "cup", "jug", "star")},
    tops=[{"star": 9.0}, {"star": 9.0}, {"star": 9.0}],
)
HALF_LIVES = dict(zip(("1h", "1d", "30d"), LADDER, strict=True))
SETTINGS = load_settings(popularity={"trending": "1h", "popular": "30d", "half_lives_ms": HALF_LIVES})
VIEW = View(
    1, at(1, 1), ms(-1), "personal", "m", ["cup", "pot"], [2.0, 1.0], ["together"] * 2,
    seen=["tea", "milk"], recent=["tea", "milk"], visits=2,
)  # fmt: skip


def told(view: View | None = VIEW, n: int = 10) -> dict[str, object]:
    return document("u-42", view, SETTINGS, Source(SHOP), NOW, n)


def test_a_document_says_what_is_known_and_where_each_item_comes_from() -> None:
    found = told()
    assert found["history"] == ["tea", "milk"]
    assert found["list"] == {"at": VIEW.at, "ts": VIEW.ts, "age_ms": HOUR, "model": "m", "items": ["cup", "pot"]}
    assert found["candidates"] == {
        "together": 3, "next": 1, "quick": 0, "alike": 0, "again": 0, "taste": 0, "trend": 1, "all": 4,
    }  # fmt: skip
    items = {item["item"]: item for item in found["items"]}  # type: ignore[attr-defined]
    assert {name: item["because"] for name, item in items.items()} == {
        "pot": "tea", "cup": "tea", "jug": "milk", "star": None,
    }  # fmt: skip
    assert {name: item["stored"] for name, item in items.items()} == {"pot": 2, "cup": 1, "jug": None, "star": None}
    for item in items.values():
        assert sum(item["parts"].values()) == pytest.approx(item["score"], abs=len(GROUPS) * 1e-4)


def test_the_present_is_that_of_trending() -> None:
    assert told()["now"] == ms(0)


def test_items_stand_in_order_and_are_no_more_than_asked_for() -> None:
    items = told(n=2)["items"]
    assert [item["place"] for item in items] == [1, 2]  # type: ignore[attr-defined]
    assert items[0]["score"] >= items[1]["score"]  # type: ignore[index]


def test_of_somebody_unknown_it_says_what_they_would_get() -> None:
    found = told(None)
    assert found["list"] is None
    assert [item["item"] for item in found["items"]] == ["star"]  # type: ignore[attr-defined]


def test_where_nothing_stands_yet_there_is_nothing_to_explain() -> None:
    found = document("u-42", None, SETTINGS, Source(Shop(rows={}, stats={}, tops=[{}, {}, {}])), NOW, 10)
    assert (found["items"], found["history"]) == ([], [])


@pytest.mark.parametrize("view", [VIEW, None])
def test_a_person_sees_the_same(view: View | None) -> None:
    console = Console(width=200, file=StringIO(), record=True)
    console.print(shown(told(view)))
    text = console.export_text()
    for word in ("u-42", "star", *(["tea (100%)", "3,600 s old"] if view else ["somebody unknown"])):
        assert word in text


def test_eighty_columns_show_ids_whole() -> None:
    parts = dict.fromkeys(GROUPS, 0.0) | dict.fromkeys(("together", "next", "quick", "alike", "trend"), 3.46)
    item = {
        "place": 10,
        "item": "A-00024",
        "stored": 10,
        "score": 16.39,
        "parts": parts,
        "because": "A-00019",
        "share": 1,
    }
    console = Console(width=80, file=StringIO(), record=True)
    console.print(shown({"user_id": "u-42", "list": None, "history": [], "candidates": {}, "items": [item]}))
    assert "A-00019" in console.export_text()
