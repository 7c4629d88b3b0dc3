"""What can be shown to somebody, the best first: lists that an answer is filled from until it is long enough."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from services.reader.answering.reranking import Reranker
from services.reader.asked.asking import Ask
from services.reader.store.held import Held, Listing
from shared.contracts.batch import SOURCE
from shared.contracts.errors import Unavailable
from shared.contracts.sections import ColdStart
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, HOUR, SCORE_DIGITS, Keys, View, category_scope, context_scope
from shared.core.answers.batch_lists import with_batch
from shared.core.answers.fusion import Picked, Ranking, event_now, fuse, moment, trending_weight
from shared.core.answers.joining import Person
from shared.core.profiles.context_scopes import hour_of

TRENDING, POPULAR = "trending", "popular"
CODES = {"preferences": "pref", "context": "context", "segment": "segment", "category": "category", POPULAR: "pop"}
"""Why an item of a cold start stands where it does; else ``trend``."""
ENOUGH = 100  # items ranked anew at once, at most: what rules leave of them fills an answer nearly always
FIRST = 50  # of a list that is mixed with another
NOTHING: frozenset[str] = frozenset()
WHOLE = 0.9  # of a stored list: where filters and rules have left less it is ranked anew, else filled up
MOST_SCOPES = 4  # preferences, context values or segments whose lists are mixed


class Offer(NamedTuple):
    """A list: what the answer names as its source, the view that it is made from, its columns."""

    source: str
    view: View | None
    picked: Picked


class Anew(NamedTuple):
    """A list ranked now: only for answers of which the lists before gave fewer items than so many."""

    make: Callable[[], Awaitable[Offer | None]]
    fewer_than: int


Steps = Iterator[Offer | Anew | Awaitable[Offer | None]]
"""Offers one after the other, each made when it is asked for. No asynchronous generator: one that is left before its
end costs the loop a task.
"""


class Present(NamedTuple):
    """``now`` in event time, by which lists age; ``moment``: by which items are published, expire, and rules hold."""

    now: int
    moment: int


class Offers:
    """``clock``: epoch ms."""

    def __init__(self, settings: Settings, held: Held, clock: Callable[[], int], reranker: Reranker | None) -> None:
        self._settings = settings
        self._rules = settings.reader
        self._keys = Keys(settings)
        self._held = held
        self._clock = clock
        self._reranker = reranker
        self._of_nobody: tuple[int, Picked] | None = None  # and when it was ranked, by the clock

    def present(self) -> Present:
        """By one look at the clock."""
        trending, wall = self._held.trending.view, self._clock()
        newest = trending.ts if trending else None
        return Present(event_now(wall, newest), moment(wall, newest))

    def personal(self, person: Person, ask: Ask) -> Steps:
        """Of somebody's own: as stored while that is fresh and says all, then ranked anew; else mixed with trending."""
        view = person.view
        if view is None or not (person.has_history or view.items):
            return
        age = self.present().now - view.ts
        if age <= self._rules.fresh_ms and not person.anew:
            yield self._offer_of(view, columns_of(view), person)
            yield Anew(partial(self._anew, view, person), min(ask.most, int(WHOLE * len(view.items))))
            weight = 0.0
        else:
            if view.recent:
                yield self._anew(view, person)
            weight = trending_weight(age, self._rules)
        trending = self._held.trending.ranked
        if weight and person.batch is None:  # the first of it, which nearly always is enough
            yield Offer(view.source, view, fuse(view, trending, weight, NOTHING, max(ask.most, FIRST)))
        fused = fuse(view, trending, weight, NOTHING, len(view.items) + len(trending.scores))
        yield self._offer_of(view, fused, person)

    async def _anew(self, view: View, person: Person) -> Offer | None:
        picked = await self.ranked(view)
        return None if picked is None else self._offer_of(view, picked, person)

    def _offer_of(self, view: View, picked: Picked, person: Person) -> Offer:
        """Of somebody's own, blended with what the team's own batch model made for them."""
        if person.batch is None:
            return Offer(view.source, view, picked)
        listed = msgspec.structs.replace(view, items=picked.items, scores=picked.scores, why=picked.why)
        most = len(picked.items) + len(person.batch.items)
        return Offer(
            view.source, view, columns_of(with_batch(listed, person.batch, self._rules.batch_weight, frozenset(), most))
        )

    def cold(self, person: Person, ask: Ask, *, situation: bool = True) -> Steps:
        """Of whom there is no history, step by step as the settings say; ``situation``: also what whoever ranks finds
        best for somebody unknown.
        """
        if person.batch is not None:
            made = person.batch
            yield Offer(SOURCE, made, Picked(made.items, made.scores, [SOURCE] * len(made.items)))
        for step in self._rules.cold_start:
            if scopes := self._scopes(step, person, ask):
                yield self._of_scopes(step, scopes[:MOST_SCOPES])
            if step == TRENDING:
                if situation:
                    yield self._unknown()
                yield _offer(TRENDING, self._held.trending)
            elif step == POPULAR:
                yield _offer(POPULAR, self._held.popular)

    async def _of_scopes(self, step: ColdStart, scopes: Sequence[str]) -> Offer | None:
        found = [await self._trending(scope) for scope in scopes]
        listings = [listing for listing in found if listing.view is not None]
        if not listings:
            return None
        return Offer(step, listings[0].view, mixed([listing.ranked for listing in listings], CODES[step]))

    async def _unknown(self) -> Offer | None:
        """The same for all who are unknown, ranked as often as what it is ranked by is read."""
        now, ttl_ms = self._clock(), self._settings.lists.neighbour_cache_ttl_ms
        if self._of_nobody is not None and 0 <= now - self._of_nobody[0] < ttl_ms:
            picked: Picked | None = self._of_nobody[1]
        elif (picked := await self.ranked(None)) is not None:
            self._of_nobody = now, picked
        return None if picked is None else Offer(TRENDING, self._held.trending.view, picked)

    def _scopes(self, step: ColdStart, person: Person, ask: Ask) -> list[str]:
        """Whose trending lists a step takes."""
        if step == "preferences":
            return [category_scope(category) for category in person.liked]
        if step == "context":
            said = {HOUR: hour_of(self.present().moment)} | ask.context
            return [context_scope(name, said[name]) for name in self._settings.popularity.contexts if name in said]
        if step == "segment":
            return list(person.view.segments) if person.view is not None else []
        if step == "category":
            return [category_scope(category) for category in ask.categories]
        return []

    async def scoped(self, source: str, scope: str, half_life: str | None = None) -> Offer | None:
        """A shared list, None if there is none. Raises :class:`Unavailable`."""
        key = self._keys.popular(scope) if source == POPULAR else self._keys.trending(scope, half_life)
        listing = await self._held.shared(key)
        return None if listing.view is None else _offer(source, listing)

    async def new(self, scope: str = ALL) -> Listing:
        """What the catalogue has had for the shortest time; empty if that cannot be had."""
        return await self._shared(self._keys.new(scope))

    async def _trending(self, scope: str) -> Listing:
        return await self._shared(self._keys.trending(scope))

    async def _shared(self, key: str) -> Listing:
        try:
            return await self._held.shared(key)
        except Unavailable:
            return Listing()

    async def ranked(self, view: View | None) -> Picked | None:
        """For somebody with such a history, or for somebody unknown; None if there is no answer in time."""
        if self._reranker is None or not self._held.up:
            return None
        return await self._reranker.ranked(view, self.present().now, ENOUGH)


def columns_of(view: View, otherwise: str = "") -> Picked:
    """A stored list; ``otherwise`` stands where it gives no reasons."""
    why = view.why if len(view.why) == len(view.items) else [otherwise] * len(view.items)
    return Picked(view.items, view.scores, why)


def _offer(source: str, listing: Listing) -> Offer:
    view = listing.view
    if view is None:
        return Offer(source, None, Picked([], [], []))
    code = "trend" if source == TRENDING else CODES.get(source, source)
    return Offer(source, view, Picked(view.items, view.scores, [code] * len(view.items)))


def mixed(rankings: Sequence[Ranking], code: str) -> Picked:
    """Of several lists one, by the ranks that items have in them; ties: the first list's order."""
    score: dict[str, float] = {}
    for one in rankings:
        for item, weight in one.scores.items():
            score[item] = score.get(item, 0.0) + weight
    items = sorted(score, key=lambda item: -score[item])
    return Picked(items, [round(score[item], SCORE_DIGITS) for item in items], [code] * len(items))
