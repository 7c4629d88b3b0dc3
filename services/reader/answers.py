"""What is answered: the list if there is one, else the next best, and always the name of its source."""

import asyncio
import secrets
from collections.abc import Callable
from itertools import count

import msgspec

from services.reader.held import Held, Listing, Unreadable, read_item, read_view
from services.reader.reranking import Reranker
from shared.adapters.metrics import READER_ERRORS
from shared.contracts.errors import Unavailable
from shared.contracts.identity import pseudonym
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, VIEW_VERSION, Keys, View, at, category_scope
from shared.core.coldstart import Link, first_filled
from shared.core.fusion import Picked, as_stored, event_now, fuse, pick, trending_weight

TRENDING, POPULAR, SIMILAR = "trending", "popular", "similar"
NOWHERE = at(0, 0)
SPARE = 50  # places for what may turn out not to be for sale


class Answer(msgspec.Struct, omit_defaults=True, gc=False):
    """A view as it is served: exactly one of user, item, scope says what was asked for."""

    v: int
    at: str
    ts: int
    source: str
    model: str
    rec_id: str
    items: list[str]
    scores: list[float]
    why: list[str]
    user_id: str | None = None
    item_id: str | None = None
    scope: str | None = None
    degraded: bool = False


class Shown(msgspec.Struct, omit_defaults=True, gc=False):
    """What a page shows of an item: ``item:{item}`` without its version."""

    item_id: str
    title: str = ""
    categories: list[str] = []
    brand: str | None = None
    price: float | None = None
    image: str | None = None
    available: bool = True


class Answers:
    """Answers from what is held and what Redis has. ``clock`` gives epoch milliseconds."""

    def __init__(self, settings: Settings, held: Held, clock: Callable[[], int], reranker: Reranker | None) -> None:
        self._reranker = reranker
        self._rules = settings.reader
        self._usual = settings.popularity.trending
        self._keys = Keys(settings)
        self._identity = settings.identity
        self._held = held
        self._clock = clock
        self._prefix = secrets.token_urlsafe(6)
        self._count = count()

    async def personal(self, user: str, n: int) -> Answer:
        """The user's list while it is fresh, ranked anew when it is not; without one, what trends."""
        raw, why = await self._held.list_of(self._keys.rec(pseudonym(user, self._identity)))
        view, why = self._decoded(raw, why)
        seen: frozenset[str] = frozenset()
        if view is not None:
            current = await self._current(view, n)
            if current.items:
                return self._answer(view.source, view, current, why, user_id=user)
            seen = frozenset(view.seen)
        elif not why and (picked := await self._ranked(None, n)):
            return self._answer(TRENDING, self._held.trending.view, picked, self._held.stale, user_id=user)
        return self._cold(self._chain(), seen, n, why, user_id=user)

    async def _current(self, view: View, n: int) -> Picked:
        """As stored while the list is fresh, and filled up; then ranked anew; if that cannot be had, fused."""
        gone, age, weight = self._held.unavailable, self._now() - view.ts, 0.0
        if age <= self._rules.fresh_ms:
            if stored := as_stored(view, gone, n):
                return stored
        else:
            if view.recent and (picked := await self._ranked(view, n)):
                return picked
            weight = trending_weight(age, self._rules)
        return fuse(view, self._held.trending.ranked, weight, self._held.unavailable, n)

    def _now(self) -> int:
        """In event time."""
        trending = self._held.trending.view
        return event_now(self._clock(), trending.ts if trending else None)

    async def _ranked(self, view: View | None, n: int) -> Picked | None:
        """Without what must not be shown; None if there is nothing to be had in time."""
        gone = self._held.unavailable
        if self._reranker is None or not self._held.up:
            return None
        found = await self._reranker.ranked(view, self._now(), n + min(len(gone), SPARE))
        if found is None:
            return None
        kept = [place for place, item in enumerate(found.items) if item not in gone][:n]
        columns = ([column[place] for place in kept] for column in (found.items, found.scores, found.why))
        return Picked(*columns) if kept else None  # type: ignore[arg-type]

    async def similar(self, item: str, n: int) -> Answer:
        """The item's neighbours; without any, what trends, without the item itself."""
        raw, why = await self._held.list_of(self._keys.sim(item))
        view, why = self._decoded(raw, why)
        itself = frozenset((item,))
        if view is not None:
            picked = pick(view, (self._held.unavailable, itself), "cooc", n)
            if picked.items:
                return self._answer(SIMILAR, view, picked, why, item_id=item)
        return self._cold(self._chain(), itself, n, why, item_id=item)

    async def trending(self, category: str | None, half_life: str | None, n: int) -> Answer:
        """What trends in a category, or in all; where nothing does, what is popular there."""
        scope = category_scope(category) if category is not None else ALL
        named = half_life if half_life != self._usual else None
        keys = [self._keys.trending(scope, named)] if named else []
        sources = [(TRENDING, key) for key in [*keys, self._keys.trending(scope)]]
        return await self._scoped([*sources, (POPULAR, self._keys.popular(scope))], scope, n)

    async def popular(self, category: str | None, n: int) -> Answer:
        """What is popular in a category, or in all."""
        scope = category_scope(category) if category is not None else ALL
        return await self._scoped([(POPULAR, self._keys.popular(scope))], scope, n)

    async def _scoped(self, sources: list[tuple[str, str]], scope: str, n: int) -> Answer:
        why = ""
        for source, key in sources:
            try:
                listing = await self._held.shared(key)
            except Unavailable:
                why = "redis"
                continue
            answer = self._cold([_link(source, listing)], frozenset(), n, why, scope=scope)
            if answer.items:
                return answer
        return self._cold([], frozenset(), n, why, scope=scope)

    def _chain(self) -> list[Link]:
        return [_link(TRENDING, self._held.trending), _link(POPULAR, self._held.popular)]

    def _cold(self, chain: list[Link], barred: frozenset[str], n: int, why: str, **whose: str) -> Answer:
        source, view, picked = first_filled(chain, (self._held.unavailable, barred), n)
        return self._answer(source, view, picked, why or self._held.stale, **whose)

    def _decoded(self, raw: bytes | None, why: str) -> tuple[View | None, str]:
        if raw is None:
            return None, why
        try:
            return read_view(raw), why
        except Unreadable:
            return None, "unreadable"

    def _answer(self, source: str, view: View | None, picked: Picked, why: str, **whose: str) -> Answer:
        if why:
            READER_ERRORS.labels(why).inc()
        return Answer(
            v=VIEW_VERSION,
            at=view.at if view else NOWHERE,
            ts=view.ts if view else 0,
            source=source,
            model=view.model if view else "",
            rec_id=f"{self._prefix}-{next(self._count):x}",
            items=picked.items,
            scores=picked.scores,
            why=picked.why,
            degraded=bool(why),
            **whose,
        )

    async def shown(self, items: list[str]) -> tuple[list[Shown], bool]:
        """What is known of the items, in the order asked, and whether something may be missing or old."""
        found = await asyncio.gather(*(self._held.list_of(self._keys.item(item)) for item in items))
        shown = [_shown(raw, why) for raw, why in found]
        whys = {why for _, why in shown if why}
        for why in whys:
            READER_ERRORS.labels(why).inc()
        return [item for item, _ in shown if item is not None], bool(whys)


def _link(source: str, listing: Listing) -> Link:
    return source, "trend" if source == TRENDING else "pop", listing.view


def _shown(raw: bytes | None, why: str) -> tuple[Shown | None, str]:
    if raw is None:
        return None, why
    try:
        return msgspec.convert(read_item(raw), Shown, from_attributes=True), why
    except Unreadable:
        return None, "unreadable"
