"""Many lists ranked anew together, as each would be alone and as they were written."""

import asyncio
import threading
from typing import Any, cast

import numpy as np
import pytest

from services.reader.answering.reranking import MOST_WAITING, Reranker
from shared.adapters.rank_reader import RankReader
from shared.contracts.settings import load_settings
from shared.contracts.views import View, decode_view
from shared.core.answers.fusion import Picked
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.reader.fakes import NOW
from tests.unit.reader.lamp_shop import Items
from tests.unit.verify.worker import Worker

PATIENCE_S = 20


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
