"""The short way gives the answer of the whole way, and nearly every request takes it."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reader.answering.at_once import AtOnce
from shared.contracts.sections import RerankSettings
from tests.unit.reader.conftest import SETTINGS, Client, serving
from tests.unit.reader.fakes import NOW, FakeImpressions, FakeViews

ITEMS = [f"i{n}" for n in range(20)] + ["møøse", 'a"b', "ÿ"]
LISTS = st.lists(st.sampled_from(ITEMS), max_size=15)
NAMES = st.sampled_from(["a", "b", None])
RECORDS = st.fixed_dictionaries(
    {"brand": NAMES},
    optional={
        "categories": st.lists(st.sampled_from("cde"), max_size=3, unique=True),
        "available": st.booleans(),
        "parent_id": st.sampled_from("pq"),
        "published_at": st.sampled_from([NOW - 1, NOW + 1]),
        "expires_at": st.sampled_from([NOW - 1, NOW, NOW + 1]),
    },
)
ANN = "/v1/users/ann/recommendations"
PLAIN = RerankSettings(diversity=0.3, exploration=0.3, rules="")
PERSONS = st.fixed_dictionaries(
    {"seen": LISTS, "visits": st.integers(0, 3)},
    optional={
        "recent": LISTS,
        "newest": st.integers(0, 15),
        "explore": LISTS,
        "ts": st.sampled_from([NOW, NOW - SETTINGS.reader.fresh_ms - 1]),
        "source": st.sampled_from(["personal", "batch"]),
        "liked": st.just(["c"]),
        "sessions": st.just(["7"]),
        "scores": st.lists(st.floats(-9, 9), min_size=15, max_size=15),
    },
)


def both(client: Client, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """By the whole way, twice, so that all that is held has been read, then as it comes."""
    with patch.object(AtOnce, "chosen", return_value=None):
        client.get(path)
        whole = client.get(path).json()
    found = client.get(path).json()
    assert whole.pop("rec_id") != found.pop("rec_id")
    return whole, found


@settings(max_examples=150)
@given(
    LISTS, PERSONS, st.dictionaries(st.sampled_from(ITEMS), RECORDS), st.sets(st.sampled_from(ITEMS), max_size=4),
    LISTS, st.booleans(), st.integers(1, 12), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 0.2, 0.5]),
    st.sampled_from(["", "&diversity=0.7", "&exclude=i1", "&offset=1", "&brand=a", "&surface=home", "&cursor="]),
)  # fmt: skip
def test_the_short_way_gives_the_answer_of_the_whole_way(
    items: list[str],
    person: dict[str, Any],
    records: dict[str, dict[str, Any]],
    gone: set[str],
    new: list[str],
    shorter: bool,
    n: int,
    diversity: float,
    explores: float,
    wish: str,
) -> None:
    views = FakeViews()
    person["recent"] = person["seen"][: person.pop("newest")] if "newest" in person else person.get("recent", [])
    person["scores"] = person.get("scores", [1.0] * 15)[: len(items)]
    views.put("rec:ann", items, why=["together", "next"] * (len(items) // 2) + ["quick"] * (len(items) % 2), **person)
    if shorter:
        views.shorten("rec:ann")
    views.put("trending:all", ITEMS[:5], source="trending")
    views.put("new:all", new, source="new")
    views.gone = {item.encode() for item in gone}
    for item, record in records.items():
        views.put_item(item, **record)
    rules = RerankSettings(diversity=diversity, exploration=explores, rules="")
    with serving(views, FakeImpressions(), settings=SETTINGS.model_copy(update={"rerank": rules})) as client:
        whole, found = both(client, f"{ANN}?n={n}{wish}")
    assert found == whole


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each answer whether it came by the short way."""
    taken, chosen = list[bool](), AtOnce.chosen

    def watched(self: AtOnce, *asked: Any) -> Any:
        found = chosen(self, *asked)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(AtOnce, "chosen", watched)
    return taken


def shop() -> FakeViews:
    views = FakeViews()
    views.put("rec:ann", ITEMS[:10], recent=ITEMS[10:12], seen=ITEMS[10:12], visits=2, explore=ITEMS[12:14])
    views.shorten("rec:ann")
    for place, item in enumerate(ITEMS):
        views.put_item(item, categories=["ab"[place % 2]], brand="x")
    return views


def test_what_is_in_memory_is_answered_by_the_short_way(ways: list[bool]) -> None:
    with serving(shop(), settings=SETTINGS.model_copy(update={"rerank": PLAIN})) as client:
        for path in (ANN, f"{ANN}?n=5", f"{ANN}?n=5", f"{ANN}?n=5&surface=home", f"{ANN}?n=5&brand=x", f"{ANN}?n=20"):
            assert client.get(path).status_code == 200
    assert ways == [False, True, True, True, False, False], "the first reads the catalogue; the last wants too many"


def test_where_order_stays_what_may_not_be_shown_leaves_its_place_to_the_next(ways: list[bool]) -> None:
    views = shop()
    views.gone = {ITEMS[1].encode(), ITEMS[3].encode()}
    rules = RerankSettings(diversity=0.0, exploration=0.0, rules="")
    with serving(views, settings=SETTINGS.model_copy(update={"rerank": rules})) as client:
        whole, found = both(client, f"{ANN}?n=5")
        assert client.get(f"{ANN}?n=9").status_code == 200
    assert found == whole
    assert found["items"] == [ITEMS[n] for n in (0, 2, 4, 5, 6)]
    assert ways == [True, False], "of ten eight are left"


def test_what_is_familiar_are_the_newest_of_those_seen_alone(ways: list[bool]) -> None:
    evens, odds = ITEMS[10:20:2], ITEMS[11:20:2]  # of category a, of category b
    found = list[dict[str, Any]]()
    with serving(views := shop(), settings=SETTINGS.model_copy(update={"rerank": PLAIN})) as client:
        client.get(f"{ANN}?n=5")
        for newest, before in ((evens, odds), (odds, evens)):
            views.put("rec:ann", ITEMS[:10], recent=newest, seen=[*newest, *before], visits=2)
            views.shorten("rec:ann")
            found += both(client, f"{ANN}?n=5&diversity=1")
    assert ways == [False, True, True]
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert found[0]["items"] != found[2]["items"]


def test_a_list_mixed_with_what_trends_takes_it_too_unless_it_is_to_be_ranked_anew(ways: list[bool]) -> None:
    views, old = shop(), NOW - SETTINGS.reader.fresh_ms - 1
    views.put("trending:all", ITEMS[5:], source="trending")
    views.put("rec:bob", ITEMS[:10], ts=old, visits=1)
    views.put("rec:eve", ITEMS[:10], ts=old, visits=1, recent=ITEMS[:1])
    views.put("rec:sue", ITEMS[:10], ts=old, visits=1, recent=ITEMS[:1], seen=ITEMS[:2])
    views.shorten("rec:sue")
    with serving(views, settings=SETTINGS.model_copy(update={"rerank": PLAIN})) as client:
        for user in ("bob", "bob", "bob", "eve", "sue"):
            client.get(ANN.replace("ann", user))
    assert ways == [False, False, True, False, False], "until it is known that items differ, fewer are looked at"


def test_an_item_that_changed_is_read_before_it_is_shown_again(ways: list[bool]) -> None:
    views = shop()
    with serving(views, settings=SETTINGS.model_copy(update={"rerank": PLAIN})) as client:
        client.get(f"{ANN}?n=10")
        views.put_item("i3", available=False)
        client.until(lambda: "i3" not in client.get(f"{ANN}?n=5").json()["items"])
    assert not all(ways)
