"""Lists ranked when they are asked for: of users whose list has grown old, and of those who have none.

What others did since a list was made is worth more than what it says: on films, where a user comes back after days, a
stored list has an HR@20 of .25, fused with what trends now .28, ranked anew .33. So a list serves while it is fresh.

ToRank is blocking work: it has one thread of its own, a bounded queue before it, and the reader's deadline. Whoever
gets no answer in time is served what there was. Those who wait are answered together: what is asked of Redis and of
kernels costs hardly more for many than for one.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from services.reader.answering.together import Together
from shared.adapters.metrics import RERANKED
from shared.adapters.rank_reader import RankReader
from shared.adapters.redis_views import ViewStore
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings
from shared.contracts.views import LIST_DIGITS, View
from shared.core.answers.fusion import Picked
from shared.core.kernel import Longs
from shared.core.lists.audience import user_of_view
from shared.core.lists.explanation import NO_ANCHOR
from shared.core.lists.features import Situation
from shared.core.lists.list_maker import ItemViewSource, ListMaker
from shared.core.lists.ranking import WHY, RankedLists
from shared.core.lists.sources import Users, one_after_the_other

MOST_WAITING = 64
MOST_TOGETHER = 32
SOMEBODY = View(1, "", 1, "", "", [], [], recent=["-"], seen=["-"], visits=1, again=[("-", 1, 1)])
"""Whom everything is compiled for: a history takes another way than none."""
Asked = TypeVar("Asked")
Found = TypeVar("Found")


class ToRank(NamedTuple):
    """``n`` items for the user of a list, or for somebody unknown, as of ``now``."""

    view: View | None
    now: int
    n: int


class ToLead(NamedTuple):
    """What in the user's history led to these items."""

    view: View
    now: int
    items: Sequence[str]


class Reranker:
    """``now``: event time, ms; ``clock``: wall time, ms. ``close`` it."""

    def __init__(self, settings: Settings, source: ItemViewSource, clock: Callable[[], int]) -> None:
        self._maker = ListMaker(settings, source, clock)
        self._deadline = settings.reader.deadline_ms / 1000
        self._depth = settings.lists.recent_items
        self._thread = ThreadPoolExecutor(1, "reranker")
        self._rankings = Together(self._thread, self._rank, MOST_TOGETHER)
        self._leadings = Together(self._thread, self._lead, MOST_TOGETHER)

    def warm_up(self) -> Future[list[Picked]]:
        """Have the kernels compiled, or read from their cache, before anybody asks."""
        self._thread.submit(self._lead, [ToLead(SOMEBODY, 1, SOMEBODY.recent)])
        return self._thread.submit(self._rank, [ToRank(SOMEBODY, 1, 1)])

    async def ranked(self, view: View | None, now: int, n: int) -> Picked | None:
        """``n`` items for the user of a list, or for somebody unknown; None if there is no answer in time."""
        return await self._in_time(self._rankings, ToRank(view, now, n))

    async def anchors(self, view: View, now: int, items: Sequence[str]) -> list[str | None] | None:
        """Of each item the one in the user's history that led there, if one did; None if there is no answer in time."""
        return await self._in_time(self._leadings, ToLead(view, now, items))

    async def _in_time(self, together: Together[Asked, Found], asked: Asked) -> Found | None:
        if len(self._rankings) + len(self._leadings) >= MOST_WAITING:
            RERANKED.labels("crowded").inc()
            return None
        try:
            found = await asyncio.wait_for(together.ask(asked), self._deadline)
        except (HeadraceError, TimeoutError) as error:
            RERANKED.labels("late" if isinstance(error, TimeoutError) else "redis").inc()
            return None
        RERANKED.labels("done").inc()
        return found

    def _rank(self, asked: Sequence[ToRank]) -> list[Picked]:
        users, now = self._users(asked)
        lists = self._maker.lists(users, now, max(one.n for one in asked))
        names = self._maker.cache.items.names
        return [_picked(lists, user, one.n, names) for user, one in enumerate(asked)]

    def _lead(self, asked: Sequence[ToLead]) -> list[list[str | None]]:
        at = self._maker.situation(*self._users(asked))
        return [self._anchors(at, user, one) for user, one in enumerate(asked)]

    def _users(self, asked: Sequence[ToRank | ToLead]) -> tuple[Users, Longs]:
        """Who they are, and as of when."""
        cache = self._maker.cache
        cache.trim()
        users = one_after_the_other([user_of_view(one.view, cache, self._depth) for one in asked])
        return users, np.array([one.now for one in asked], dtype=np.int64)

    def _anchors(self, at: Situation, user: int, asked: ToLead) -> list[str | None]:
        slots = self._maker.cache.slots(list(asked.items)).tolist()
        anchors = self._maker.explained(at, slots, user).anchors.tolist()
        return [None if anchor == NO_ANCHOR else asked.view.recent[anchor] for anchor in anchors]

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)


def _picked(lists: RankedLists, user: int, n: int, names: Sequence[str]) -> Picked:
    """The first ``n`` of a user's list."""
    length = min(n, int(lists.lengths[user]))
    return Picked(
        [names[item] for item in lists.items[user, :length].tolist()],
        np.round(lists.scores[user, :length], LIST_DIGITS).tolist(),
        [WHY[why] for why in lists.why[user, :length].tolist()],
    )


def reranker(settings: Settings, clock: Callable[[], int]) -> Reranker:
    """With a connection of its own, that gives up within the reader's deadline."""
    redis = settings.redis.model_copy(update={"timeout_ms": settings.reader.deadline_ms})
    quick = ViewStore(settings.model_copy(update={"redis": redis}), retries=0)
    return Reranker(settings, RankReader(quick, settings), clock)
