"""Lists that are ranked when they are asked for, and what is served if that cannot be had."""

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

from services.reader.answering.reranking import MOST_WAITING, Reranker
from shared.adapters.rank_reader import RankReader
from shared.contracts.errors import Unavailable
from shared.contracts.rank_views import RowView, StatView, TasteView
from shared.contracts.settings import load_settings
from shared.contracts.views import View, at, decode_view, encode_view
from shared.core.answers.fusion import Picked
from shared.core.arithmetic.digests import digests
from shared.core.items.said import SaidRows, SaidStats, said_by_rows, said_by_stats
from shared.core.kernel import Floats, Ints
from shared.core.lists.list_maker import Top
from shared.core.tables.interning import Interner
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.reader.conftest import SETTINGS, Client, serving
from tests.unit.reader.fakes import HOUR, NOW, FakeViews
from tests.unit.verify.worker import Worker

LADDER = len(SETTINGS.popularity.half_lives_ms)
OLD = NOW - HOUR
PATIENCE_S = 20


def named(table: Interner, slots: Ints) -> list[str]:
    return [table.names[slot] for slot in slots.tolist()]


class Items:
    """Of the lamp three neighbours; hits on top. ``slow`` answers after the reader's deadline, ``away`` not at all."""

    def __init__(self) -> None:
        self.slow = self.away = False

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("Redis: away")
        if self.slow:
            time.sleep(1.5 * SETTINGS.reader.deadline_ms / 1000)  # so the next one waits for half of its own

    def rows(self, table: Interner, items: Ints, liked: Ints) -> tuple[list[SaidRows], list[SaidRows]]:
        self._answer()
        scores = np.array([[3, 3, 3], [2, 2, 2], [1, 1, 1]], dtype="<f4").tobytes()
        others = ["desk", "chair", "sofa"]
        lamp = RowView("lamp", NOW, others, scores, [], b"", digests(others).tobytes()).numbers()
        parts = [[lamp if item == "lamp" else None for item in named(table, slots)] for slots in (items, liked)]
        return [said_by_rows(items, parts[0])[0]], [said_by_rows(liked, parts[1])[1]]

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        names = named(table, items)
        counts = {item: np.full(LADDER, 9.0 if item == "hit" else 1.0, dtype="<f4").tobytes() for item in names}
        views = [StatView(item, NOW, counts[item], OLD, NOW, 0, 0, float("nan")) for item in names]
        return [said_by_stats(items, views, LADDER)]

    def tops(self) -> list[Top]:
        self._answer()
        return [(["hit", "sofa"], [9.0, 1.0], NOW)] * LADDER

    def weights(self) -> Floats | None:
        return None

    def taste(self) -> TasteView | None:
        return None


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


def grocery(*, repeats: bool) -> Worker:
    """Six users buy of ten things again and again, look at others, refuse one; tea is repeatable by the catalogue."""
    worker = Worker(
        load_settings(
            topics={"frames_partitions": 1, "items_partitions": 1},
            lists={"repeats": repeats},
            reader={"deadline_ms": 60_000},
        )
    )
    rng = np.random.default_rng(3)
    tea = Row(None, "i3", kind="item", record=b'{"item_id":"i3","repeatable":true}')
    for turn in range(12):
        rows = [
            Row(f"u{user}", f"i{int(rng.integers(10) ** 2 / 10)}", 60 * turn + user, kind)
            for user, kind in enumerate(["purchase", "purchase", "view", "purchase", "view", "hide"])
        ]
        worker.turn(0, frame_of([tea, *rows], first_offset=100 * turn))
    worker.refresh()
    return worker


def lists_of(worker: Worker) -> tuple[list[View], int]:
    """All that stand, and the newest event's time."""
    views = [decode_view(raw) for key, raw in worker.views.held.items() if key.startswith("rec:")]
    return views, worker.profiles[0]._core.state.ts


def test_many_who_ask_at_once_get_what_each_gets_alone_and_few_items_are_the_first_of_many() -> None:
    worker = grocery(repeats=True)
    source = RankReader(cast("Any", worker.views), worker.settings)
    views, now = lists_of(worker)

    async def asked(*ways: int) -> list[Picked | None]:
        reranker = Reranker(worker.settings, source, lambda: worker.now)
        found = await asyncio.gather(*(reranker.ranked(view, now, n) for n in ways for view in [*views, None]))
        reranker.close()
        return found

    async def alone(n: int) -> list[Picked | None]:
        reranker = Reranker(worker.settings, source, lambda: worker.now)
        found = [await reranker.ranked(view, now, n) for view in [*views, None]]
        reranker.close()
        return found

    whole = asyncio.run(alone(8))
    assert all(whole)
    few = [one and Picked(one.items[:3], one.scores[:3], one.why[:3]) for one in whole]
    assert asyncio.run(asked(8, 3)) == [*whole, *few]


class Gated(Items):
    """Answers once ``go`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = threading.Event(), threading.Event()

    def _answer(self) -> None:
        self.begun.set()
        assert self.go.wait(PATIENCE_S)


def test_beyond_a_bound_nobody_waits() -> None:
    gated = Gated()
    reranker = Reranker(load_settings(reader={"deadline_ms": 1000 * PATIENCE_S}), gated, lambda: NOW)

    async def scene() -> list[Picked | None]:
        asked = [asyncio.create_task(reranker.ranked(None, NOW, 3))]
        await asyncio.to_thread(gated.begun.wait, PATIENCE_S)
        asked += [asyncio.create_task(reranker.ranked(None, NOW, 3)) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        assert await reranker.ranked(None, NOW, 3) is None
        gated.go.set()
        return await asyncio.gather(*asked)

    found = asyncio.run(scene())
    reranker.close()
    assert [one and one.items for one in found] == [["hit", "sofa"]] * (1 + MOST_WAITING)


def test_what_led_there_is_told_to_many_as_to_each() -> None:
    worker = grocery(repeats=False)
    reranker = Reranker(worker.settings, RankReader(cast("Any", worker.views), worker.settings), lambda: worker.now)
    views, now = lists_of(worker)

    async def together() -> list[list[str | None] | None]:
        return await asyncio.gather(*(reranker.anchors(view, now, view.items) for view in views))

    each = [asyncio.run(reranker.anchors(view, now, view.items)) for view in views]
    assert asyncio.run(together()) == each
    assert any(anchor for told in each for anchor in told or ())
    reranker.close()


@pytest.mark.parametrize("repeats", [False, True])
def test_who_ranks_anew_ranks_as_the_list_was_written_own_items_and_all(repeats: bool) -> None:
    worker = grocery(repeats=repeats)
    source = RankReader(cast("Any", worker.views), worker.settings)
    reranker = Reranker(worker.settings, source, lambda: worker.now)
    views, now = lists_of(worker)
    for view in views:
        picked = asyncio.run(reranker.ranked(view, now, len(view.items)))
        assert picked is not None
        assert (picked.items, picked.scores, picked.why) == (view.items, view.scores, view.why)
    reranker.close()
    assert len(views) == 6
    assert any("again" in view.why for view in views)
    told = {item for view in views for item, _, _ in view.again}
    assert told > {"i3"} if repeats else told == {"i3"}
    if not repeats:
        assert sum(b'"again":' in raw for raw in worker.views.held.values()) < len(views), "only of whom something may"
