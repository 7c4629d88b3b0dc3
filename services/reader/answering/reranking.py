"""Lists ranked when they are asked for: of users whose list has grown old, and of those who have none.

What others did since a list was made is worth more than what it says: on films, where a user comes back after days, a
stored list has an HR@20 of .25, fused with what trends now .28, ranked anew .33. So a list serves while it is fresh.

Ranking is blocking work of a millisecond: it has one thread of its own, a bounded queue before it, and the reader's
deadline. Whoever gets no answer in time is served what there was.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from shared.adapters.metrics import RERANKED
from shared.adapters.rank_reader import RankReader
from shared.adapters.redis_views import ViewStore
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings
from shared.contracts.views import LIST_DIGITS, View
from shared.core.audience import user_of_view
from shared.core.explanation import NO_ANCHOR
from shared.core.fusion import Picked
from shared.core.list_maker import ItemViewSource, ListMaker
from shared.core.ranking import WHY

MOST_WAITING = 64
SOMEBODY = View(1, "", 1, "", "", [], [], recent=["-"], seen=["-"], visits=1, again=[("-", 1, 1)])
"""Whom everything is compiled for: a history takes another way than none."""
Found = TypeVar("Found")


class Reranker:
    """``now``: event time, ms; ``clock``: wall time, ms. ``close`` it."""

    def __init__(self, settings: Settings, source: ItemViewSource, clock: Callable[[], int]) -> None:
        self._maker = ListMaker(settings, source, clock)
        self._deadline = settings.reader.deadline_ms / 1000
        self._depth = settings.lists.recent_items
        self._thread = ThreadPoolExecutor(1, "reranker")
        self._waiting = 0

    def warm_up(self) -> Future[Picked]:
        """Have the kernels compiled, or read from their cache, before anybody asks."""
        self._thread.submit(self._lead, SOMEBODY, 1, SOMEBODY.recent)
        return self._thread.submit(self._rank, SOMEBODY, 1, 1)

    async def ranked(self, view: View | None, now: int, n: int) -> Picked | None:
        """``n`` items for the user of a list, or for somebody unknown; None if there is no answer in time."""
        return await self._in_time(self._rank, view, now, n)

    async def anchors(self, view: View, now: int, items: Sequence[str]) -> list[str | None] | None:
        """Of each item the one in the user's history that led there, if one did; None if there is no answer in time."""
        return await self._in_time(self._lead, view, now, items)

    async def _in_time(self, work: Callable[..., Found], *given: Any) -> Found | None:
        if self._waiting >= MOST_WAITING:
            RERANKED.labels("crowded").inc()
            return None
        self._waiting += 1
        working = asyncio.get_running_loop().run_in_executor(self._thread, work, *given)
        working.add_done_callback(self._done)
        try:
            found = await asyncio.wait_for(asyncio.shield(working), self._deadline)
        except (HeadraceError, TimeoutError) as error:
            RERANKED.labels("late" if isinstance(error, TimeoutError) else "redis").inc()
            return None
        RERANKED.labels("done").inc()
        return found

    def _done(self, work: "asyncio.Future[Any]") -> None:
        self._waiting -= 1
        if not work.cancelled():
            work.exception()  # of one who no longer waits: heard, counted above as late

    def _rank(self, view: View | None, now: int, n: int) -> Picked:
        cache = self._maker.cache
        cache.trim()
        lists = self._maker.lists(user_of_view(view, cache, self._depth), np.array([now], dtype=np.int64), n)
        length = int(lists.lengths[0])
        return Picked(
            [cache.items.names[item] for item in lists.items[0, :length].tolist()],
            np.round(lists.scores[0, :length], LIST_DIGITS).tolist(),
            [WHY[why] for why in lists.why[0, :length].tolist()],
        )

    def _lead(self, view: View, now: int, items: Sequence[str]) -> list[str | None]:
        cache = self._maker.cache
        cache.trim()
        at = self._maker.situation(user_of_view(view, cache, self._depth), np.array([now], dtype=np.int64))
        anchors = self._maker.explained(at, cache.slots(list(items)).tolist()).anchors.tolist()
        return [None if anchor == NO_ANCHOR else view.recent[anchor] for anchor in anchors]

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)


def reranker(settings: Settings, clock: Callable[[], int]) -> Reranker:
    """With a connection of its own, that gives up within the reader's deadline."""
    quick = settings.redis.model_copy(update={"timeout_ms": settings.reader.deadline_ms})
    return Reranker(settings, RankReader(ViewStore(quick, retries=0), settings), clock)
