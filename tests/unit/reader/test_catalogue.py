"""What the catalogue says reaches every answer, within a refresh, without any list being written again."""

import asyncio
from collections.abc import Callable

import pytest

from services.reader.store.catalogue import Catalogue
from services.reader.store.views import Changes
from shared.contracts.catalogue import Market
from shared.contracts.settings import Settings
from shared.contracts.views import Keys
from tests.unit.reader.conftest import Reader, serving
from tests.unit.reader.fakes import HOUR, NOW, FakeViews

ANN = "/v1/users/ann/recommendations?n=3"


def items(reader: Reader, path: str = ANN) -> list[str]:
    found: list[str] = reader.get(path)["items"]
    return found


def test_a_sold_out_item_leaves_lists_that_stay_as_they_are(reader: Reader) -> None:
    assert items(reader) == ["a", "b", "c"]
    reader.views.put_item("b", available=False)
    assert reader.until(ANN, lambda body: "b" not in body["items"])["items"] == ["a", "c", "t1"]
    reader.views.put_item("b")
    reader.until(ANN, lambda body: body["items"] == ["a", "b", "c"])


def test_an_item_is_shown_from_when_it_is_published_until_it_expires(reader: Reader) -> None:
    reader.views.put_item("a", expires_at=NOW)
    reader.views.put_item("b", published_at=NOW + 1)
    reader.views.put_item("c", published_at=NOW, expires_at=NOW + 1)
    reader.until(ANN, lambda body: body["items"][0] == "c")


@pytest.mark.parametrize(("behind", "shown"), [(HOUR, "b"), (60 * 24 * HOUR, "a")])
def test_items_have_their_time_though_no_event_comes_unless_an_old_log_is_replayed(
    views: FakeViews, behind: int, shown: str
) -> None:
    views.put("trending:all", ["a", "b"], source="trending", ts=NOW - behind)
    views.put_item("a", expires_at=NOW)
    views.put_item("b", published_at=NOW)
    with serving(views) as client:
        found = client.get("/v1/trending").json()["items"]
        assert found == [shown]


def test_stock_and_price_are_those_of_the_market(reader: Reader) -> None:
    reader.views.put_item("a", price=10.0, markets={"SE": Market(price=110.0), "DK": Market(available=False)})
    body = reader.get(f"{ANN}&fields=price&context.country=SE")
    assert body["fields"][0] == {"price": 110.0}
    assert reader.get(f"{ANN}&fields=price")["fields"] == [{"price": 10.0}, {}, {}]
    assert "a" not in items(reader, f"{ANN}&context.country=DK")


def test_of_variants_the_best_is_shown(reader: Reader) -> None:
    for item in "ab":
        reader.views.put_item(item, parent_id="shirt")
    assert items(reader) == ["a", "c", "t1"]


def test_an_item_is_read_once_and_again_when_it_changed(reader: Reader) -> None:
    reader.views.put_item("z")
    reader.refreshed()
    for _ in range(3):
        reader.get(ANN)
    reader.views.put_item("b", title="new")
    reader.until(f"{ANN}&fields=title", lambda body: body["fields"][1] == {"title": "new"})
    assert reader.views.asked.count("item:a") == 1
    assert reader.views.asked.count("item:b") == 2


def test_what_was_missed_makes_everything_be_read_anew(reader: Reader) -> None:
    reader.views.put_item("z")
    reader.get(ANN)
    reader.refreshed()
    for n in range(20):  # the stream keeps its last only
        reader.views.put_item(f"z{n}")
    reader.views.put_item("b", available=False)
    reader.views.put_item("last")
    del reader.views.changes[:-1]
    reader.until(ANN, lambda body: "b" not in body["items"])


def test_while_redis_is_away_the_last_known_word_counts(reader: Reader) -> None:
    reader.views.put_item("b", available=False)
    reader.until(ANN, lambda body: "b" not in body["items"])
    reader.views.broken = True
    body = reader.until(ANN, lambda body: "degraded" in body)
    assert body["items"] == ["a", "c", "t1"]


def test_an_unreadable_record_hides_its_item(reader: Reader) -> None:
    reader.views.values["item:b"] = b"{"
    assert items(reader) == ["a", "c", "t1"]


class LateViews(FakeViews):
    """Answers with what there was when it was asked; ``meanwhile`` comes between."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], None] = lambda: None

    async def get(self, *keys: str) -> list[bytes | None]:
        found = await super().get(*keys)
        self.meanwhile()
        return found


@pytest.mark.parametrize("missed", [False, True])
def test_what_changes_while_it_is_read_for_the_first_time_is_read_again(missed: bool) -> None:
    views = LateViews()
    catalogue = Catalogue(views, Keys(Settings()), 100)
    views.put_item("a", title="old")
    catalogue.take(Changes([], (NOW, 1), (NOW, 1)))

    def changes() -> None:
        views.put_item("a", title="new")
        catalogue.take(Changes([] if missed else [{b"item": b"a"}], (NOW, 2), (NOW, 3)))

    views.meanwhile = changes
    [entry] = asyncio.run(catalogue.entries(["a"]))
    assert entry is not None
    assert entry.view.title == "old"
    views.meanwhile = lambda: None
    [entry] = asyncio.run(catalogue.entries(["a"]))
    assert entry is not None
    assert entry.view.title == "new"
