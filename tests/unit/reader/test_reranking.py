"""Lists that are ranked when they are asked for, and what is served if that cannot be had."""

from collections.abc import Iterator

import pytest

from services.reader.answering.reranking import Reranker
from shared.contracts.views import View, at, encode_view
from shared.core.answers.fusion import Picked
from tests.unit.reader.conftest import SETTINGS, Client, serving
from tests.unit.reader.fakes import HOUR, NOW, FakeViews
from tests.unit.reader.lamp_shop import OLD, Items


@pytest.fixture
def items() -> Items:
    return Items()


@pytest.fixture
def client(views: FakeViews, items: Items) -> Iterator[Client]:
    stored = View(1, at(1, 7), OLD, "personal", "m1", ["x", "y"], [2.0, 1.0], seen=["lamp", "sofa"], recent=["lamp"])
    views.values["rec:old"] = encode_view(stored)
    stored.ts = NOW
    views.values["rec:fresh"] = encode_view(stored)
    reranker = Reranker(SETTINGS, items, lambda: NOW)
    reranker.warm_up().result()
    with serving(views, reranker=reranker) as client:
        yield client


def listed(client: Client, user: str) -> list[str]:
    found: list[str] = client.get(f"/v1/users/{user}/recommendations?n=3").json()["items"]
    return found


def test_a_fresh_list_is_served_as_it_stands(client: Client) -> None:
    assert listed(client, "fresh") == ["x", "y", "t1"]


def test_an_old_list_is_ranked_anew_without_what_the_user_has_or_is_not_for_sale(
    client: Client, views: FakeViews
) -> None:
    answer = client.get("/v1/users/old/recommendations?n=3").json()
    assert set(answer["items"]) == {"desk", "chair", "hit"}
    assert answer["items"].index("desk") < answer["items"].index("chair")
    assert answer["scores"] == sorted(answer["scores"], reverse=True)
    assert (answer["source"], answer["user_id"]) == ("personal", "old")
    views.gone = {b"desk"}
    client.until(lambda: "desk" not in listed(client, "old"))
    assert set(listed(client, "old")[:2]) == {"chair", "hit"}


def test_an_unknown_user_gets_what_is_ranked_for_somebody_unknown(client: Client) -> None:
    answer = client.get("/v1/users/nobody/recommendations?n=3").json()
    assert (answer["items"], answer["source"]) == (["hit", "sofa", "t1"], "trending")


class Counting(Reranker):
    """How often it was asked, for somebody known and for somebody unknown."""

    known = unknown = 0

    async def ranked(self, view: View | None, now: int, n: int) -> Picked | None:
        self.unknown += view is None
        self.known += view is not None
        return await super().ranked(view, now, n)


def test_what_is_ranked_for_somebody_unknown_serves_all_who_are_for_a_moment(views: FakeViews, items: Items) -> None:
    now, ttl_ms = [NOW], SETTINGS.lists.neighbour_cache_ttl_ms
    counting = Counting(SETTINGS, items, lambda: now[0])
    counting.warm_up().result()
    with serving(views, reranker=counting, clock=lambda: now[0]) as client:
        for later, times in ((0, 1), (ttl_ms - 1, 1), (1, 2), (-ttl_ms, 3)):
            now[0] += later
            assert listed(client, f"nobody-{times}") == ["hit", "sofa", "t1"]
            assert counting.unknown == times


@pytest.mark.parametrize(
    ("n", "barred", "ranked"), [(20, 0, 0), (20, 2, 0), (20, 3, 1), (30, 0, 0), (30, 15, 1), (5, 16, 1), (5, 15, 0)]
)
def test_a_fresh_list_is_ranked_anew_where_little_is_left_of_it(
    views: FakeViews, items: Items, n: int, barred: int, ranked: int
) -> None:
    names = [f"i{place:02}" for place in range(20)]
    views.put("rec:ann", names, recent=["lamp"], seen=["lamp"], visits=1)
    counting = Counting(SETTINGS, items, lambda: NOW)
    counting.warm_up().result()
    with serving(views, reranker=counting) as client:
        exclude = "".join(f"&exclude={name}" for name in names[:barred])
        found = client.get(f"/v1/users/ann/recommendations?n={n}{exclude}").json()["items"]
    assert found[: 20 - barred] == names[barred:][:n]
    assert counting.known == ranked


@pytest.mark.parametrize("trouble", ["slow", "away"])
def test_without_an_answer_in_time_an_old_list_is_mixed_with_what_trends(
    client: Client, items: Items, trouble: str
) -> None:
    setattr(items, trouble, True)
    assert set(listed(client, "old")) <= {"x", "y", "t1", "t2", "t3"}
    assert listed(client, "nobody") == ["hit", "sofa", "t1"], "what is held needs nobody's answer"


def put_guest(views: FakeViews) -> None:
    guest = View(1, at(1, 7), NOW, "personal", "m1", ["g"], [1.0], seen=["lamp"], recent=["lamp"], visits=1)
    views.values["rec:session:s7"] = encode_view(guest)


def test_at_login_the_guests_history_is_the_users(client: Client, views: FakeViews) -> None:
    put_guest(views)
    known = View(1, at(1, 7), NOW - HOUR, "personal", "m1", ["x"], [1.0], recent=["book"], seen=["book"], visits=1)
    views.values["rec:ann"] = encode_view(known)
    assert "desk" not in listed(client, "ann")
    known.sessions = ["s7"]
    views.values["rec:ann"] = encode_view(known)
    assert listed(client, "ann")[0] == "desk"


def test_the_session_of_a_request_is_joined_before_any_event_says_so(client: Client, views: FakeViews) -> None:
    put_guest(views)
    answer = client.get("/v1/users/newcomer/recommendations?n=3&session=s7").json()
    assert "desk" in answer["items"]
    assert "lamp" not in answer["items"]


def test_a_session_that_nobody_kept_is_ranked(client: Client) -> None:
    answer = client.post("/v1/sessions/recommendations", {"items": ["other", "lamp"], "n": 3, "explain": True}).json()
    assert answer["items"][0] == "desk"
    assert answer["because"][0] == "lamp"
    assert answer["reasons"][0] == "because you viewed lamp"


def test_reasons_name_what_led_there(client: Client, views: FakeViews) -> None:
    views.put_item("lamp", title="A lamp")
    answer = client.get("/v1/users/old/recommendations?n=3&explain=true").json()
    told = dict(zip(answer["items"], zip(answer["because"], answer["reasons"], strict=True), strict=True))
    assert told["desk"] == ("lamp", "because you viewed A lamp")
    assert told["hit"] == (None, "trending now")
    assert "reasons" not in client.get("/v1/users/old/recommendations?n=3").json()
