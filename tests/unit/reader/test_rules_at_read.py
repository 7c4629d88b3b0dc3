"""``rules.toml`` beside a reader: read when it changes, kept when it is wrong, obeyed by every answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.contracts.identity import pseudonym
from shared.contracts.sections import IdentitySettings, RerankSettings
from tests.unit.reader.conftest import SETTINGS, Client, serving
from tests.unit.reader.fakes import FakeImpressions, FakeViews

ANN = "/v1/users/ann/recommendations"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


@pytest.fixture
def views(views: FakeViews) -> FakeViews:
    brands = {"a": "leaf", "b": "leaf", "c": "pot", "t1": "pot", "t3": "leaf"}
    for item, brand in brands.items():
        views.put_item(item, brand=brand, seller=brand, categories=["milk" if item == "a" else "tea"])
    return views


@pytest.fixture
def client(views: FakeViews, file: Path) -> Iterator[Client]:
    settings = SETTINGS.model_copy(update={"rerank": RerankSettings(diversity=0, exploration=0, rules=str(file))})
    with serving(views, FakeImpressions(), settings=settings) as client:
        yield client


def items(client: Client, wish: str = "n=5") -> list[str]:
    found: list[str] = client.get(f"{ANN}?{wish}").json()["items"]
    return found


def status(client: Client) -> dict[str, object]:
    found: dict[str, object] = client.get("/v1/status").json()["rules"]
    return found


def ruled(client: Client, file: Path, rules: str) -> None:
    """Write the rules and wait for the reader to have seen them."""
    before = status(client)
    file.write_text(rules)
    client.until(lambda: status(client) != before)


def test_without_a_file_there_are_no_rules(client: Client) -> None:
    assert items(client) == ["a", "b", "c", "t1", "t3"]
    assert status(client) == {"count": 0, "wrong": ""}


def test_rules_hold_from_the_next_refresh_and_end_with_the_file(client: Client, file: Path) -> None:
    ruled(client, file, '[[exclude]]\nwhere = { brand = "leaf" }\nwhen = { surface = "home" }')
    assert items(client, "n=2&surface=home") == ["c", "t1"]
    assert items(client, "n=2") == ["a", "b"]
    assert client.get("/v1/trending?surface=home").json()["items"] == ["t1", "t2"]
    file.unlink()
    client.until(lambda: status(client)["count"] == 0)
    assert items(client, "n=2&surface=home") == ["a", "b"]


def test_a_wrong_file_leaves_the_rules_and_says_why(client: Client, file: Path) -> None:
    ruled(client, file, '[[exclude]]\nwhere = { brand = "leaf" }')
    ruled(client, file, '[[exclude]]\nwhere = { brand = "leaf" }\n[[exclude]]\nwhere = { colour = "red" }')
    assert status(client) == {"count": 1, "wrong": "line 4: exclude.2.where.colour: is not known"}
    assert items(client, "n=2") == ["c", "t1"]


def test_a_pin_stands_where_it_is_put_if_it_may_be_shown(client: Client, file: Path, views: FakeViews) -> None:
    ruled(client, file, '[[pin]]\nitem = "offer"\nposition = 2\n[[pin]]\nitem = "gone"\nposition = 1')
    views.put_item("gone", available=False)
    assert items(client, "n=3") == ["a", "offer", "b"]
    assert client.get(f"{ANN}?n=3").json()["why"][1] == "pin"


def test_a_pin_belongs_to_its_place_among_all_pages(client: Client, file: Path) -> None:
    ruled(client, file, '[[pin]]\nitem = "offer"\nposition = 3')
    assert items(client, "n=2") == ["a", "b"]
    assert items(client, "n=2&offset=2") == ["offer", "c"]
    first = client.get(f"{ANN}?n=2&cursor=").json()
    second = client.get(f"{ANN}?n=2&cursor={first['next']}").json()
    third = client.get(f"{ANN}?n=2&cursor={second['next']}").json()
    assert [page["items"] for page in (first, second, third)] == [["a", "b"], ["offer", "c"], ["t1", "t3"]]


@pytest.mark.parametrize(
    ("path", "found", "source"),
    [
        ("/v1/items/unmet/similar?n=3", ["a", "t1", "t2"], "trending"),
        ("/v1/trending?category=pots", ["a", "p1"], "popular"),
        ("/v1/trending?half_life=1h", ["a", "t1", "t2", "t3"], "trending"),
        ("/v1/trending?category=cups", ["a"], "none"),
    ],
)
def test_what_is_pinned_is_no_list(
    client: Client, file: Path, views: FakeViews, path: str, found: list[str], source: str
) -> None:
    views.put("popular:category:pots", ["p1"], source="popular")
    ruled(client, file, '[[pin]]\nitem = "a"\nposition = 1\n')
    answer = client.get(path).json()
    assert (answer["items"], answer["source"]) == (found, source)


def test_a_cap_holds_within_the_answer(client: Client, file: Path) -> None:
    ruled(client, file, '[[cap]]\nby = "brand"\nmost = 1')
    assert items(client, "n=2") == ["a", "c"]


def test_what_caps_keep_out_is_made_up_for_by_what_trends(client: Client, file: Path, views: FakeViews) -> None:
    for item in "abc":
        views.put_item(item, brand="leaf")
    ruled(client, file, '[[cap]]\nby = "brand"\nmost = 1')
    client.until(lambda: items(client, "n=3") == ["a", "t1", "p1"])  # t3 is of the same brand as a


def test_a_share_brings_a_seller_in(client: Client, file: Path) -> None:
    ruled(client, file, '[[share]]\nby = "seller"\nvalue = "pot"\nleast = 0.5')
    assert items(client, "n=2") == ["a", "c"]


def test_a_boost_moves_up_and_one_below_1_down(client: Client, file: Path) -> None:
    ruled(client, file, '[[boost]]\nwhere = { brand = "pot" }\nfactor = 5')
    assert items(client, "n=3") == ["c", "a", "b"], "what only trends is not moved before the user's own"
    sink = '[[boost]]\nwhere = { item = "a" }\nfactor = 0.5'
    ruled(client, file, f'{sink}\n[[boost]]\nwhere = {{ item = "x" }}\nfactor = 2')
    assert items(client, "n=3") == ["b", "c", "a"]


def test_what_was_met_is_hidden_but_for_what_is_repeatable(client: Client, file: Path, views: FakeViews) -> None:
    views.put("rec:ann", ["a", "b", "c"], recent=["a", "b"], visits=2)
    ruled(client, file, '[[met]]\nviewed = "hide"\nrepeatable = ["milk"]')
    assert items(client, "n=2") == ["a", "c"]


def test_what_was_shown_often_sinks_but_not_for_others(client: Client, file: Path) -> None:
    ruled(client, file, "[[impressions]]\nafter = 2\nfactor = 0.1")
    shown = [items(client, "n=1") for _ in range(4)]
    assert shown == [["a"], ["a"], ["b"], ["b"]]
    assert items(client, "n=1&preview=true") == ["c"]
    assert client.get("/v1/users/bob/recommendations?n=1").json()["items"] == ["t1"]


def test_what_was_shown_sinks_under_a_pseudonym_too(views: FakeViews, file: Path) -> None:
    file.write_text("[[impressions]]\nafter = 1\nfactor = 0.1")
    secret = IdentitySettings(user_secret="a secret of enough characters")
    views.values[f"rec:{pseudonym('ann', secret)}"] = views.values["rec:ann"]
    rerank = RerankSettings(diversity=0, exploration=0, rules=str(file))
    with serving(views, settings=SETTINGS.model_copy(update={"rerank": rerank, "identity": secret})) as client:
        assert [items(client, "n=1") for _ in range(3)] == [["a"], ["b"], ["c"]]
    assert "shown:ann" not in views.values
