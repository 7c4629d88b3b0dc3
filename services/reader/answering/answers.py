"""What is answered: the list if there is one, else the next best, and always the name of its source."""

import secrets
from dataclasses import replace
from itertools import count
from typing import Any

import msgspec

from services.reader.answering.answer import NONE, Answer, Shown
from services.reader.answering.at_once import AtOnce
from services.reader.answering.choosing import Chooser
from services.reader.answering.hydrating import fields_of
from services.reader.answering.kinds import MET, SIMILAR, of_kind
from services.reader.answering.offers import POPULAR, TRENDING, Offer, Offers, Steps, columns_of, mixed
from services.reader.answering.people import Known, People, decoded
from services.reader.answering.pool import Chosen, Taking
from services.reader.answering.reasons import Because, Reasons, told
from services.reader.asked.asking import Ask, shown_digest, write_cursor
from services.reader.store.held import Held
from shared.adapters.metrics import READER_ERRORS
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, VIEW_VERSION, Keys, View, at, category_scope
from shared.core.answers.fusion import ranking
from shared.core.answers.joining import Person

RELATED, SESSION = "related", "session"
NOWHERE = at(0, 0)
OWN = frozenset(("personal", SIMILAR))
"""Sources that are read for the request."""
NOBODY = Person(None)
NO_REASONS: Because = ([], [])


class Answers:
    """Answers from what is held and what Redis has."""

    def __init__(
        self,
        settings: Settings,
        held: Held,
        people: People,
        offers: Offers,
        chooser: Chooser,
        reasons: Reasons,
        at_once: AtOnce,
    ) -> None:
        self._reasons = reasons
        self._at_once = at_once
        self._usual = settings.popularity.trending
        self._keys = Keys(settings)
        self._held = held
        self._people = people
        self._offers = offers
        self._chooser = chooser
        self._prefix = secrets.token_urlsafe(6)
        self._count = count()

    async def personal(self, user: str, ask: Ask) -> Answer:
        """The user's list while it is fresh, ranked anew when it is not; without a history, the cold start."""
        stored = await self._people.stored(user)
        chosen = self._at_once.chosen(user, ask, stored)
        if chosen is not None:
            return self.answer(chosen, ask, "", user_id=user)
        return await self.for_known(user, await self._people.joined(stored, ask.session), ask)

    async def for_known(self, user: str, known: Known, ask: Ask, taken: frozenset[str] = frozenset()) -> Answer:
        """The same for whom is known already, without what is ``taken``."""
        person, why = known
        taking = Taking(person, ask, user, taken, explores=True)
        chosen = await self._chooser.chosen(self._for(person, ask, why), taking)
        because = await self._because(chosen, person, ask)
        return self.answer(chosen, ask, why, because, user_id=user)

    async def of_session(self, items: list[str], ask: Ask) -> Answer:
        """For somebody of whom nothing is known but what they met, the newest last. Nothing is kept of it."""
        newest = list(dict.fromkeys(reversed(items)))
        now, visits = self._offers.present().now, len(newest)
        view = View(VIEW_VERSION, "", now, SESSION, "", [], [], recent=newest, seen=newest, visits=visits)
        person = Person(view, anew=True)
        chosen = await self._chooser.chosen(self._for(person, ask, ""), Taking(person, ask))
        because = await self._because(chosen, person, ask)
        return self.answer(chosen, ask, "", because)

    async def _because(self, chosen: Chosen, person: Person, ask: Ask) -> Because:
        """The reasons for a person's items, if they are asked for."""
        return await self._reasons.of(chosen, person.view, self._offers.present().now) if ask.why else NO_REASONS

    async def related(self, items: list[str], ask: Ask) -> Answer:
        """What goes with a whole basket: the neighbours of its items, those of many items first."""
        found = await self._held.lists_of(*map(self._keys.sim, dict.fromkeys(items)))
        why = next((why for _, why in found if why), "")
        views = [view for raw, _ in found if (view := decoded(raw, "")[0]) is not None]
        offers = [Offer(RELATED, views[0], mixed([ranking(view.items) for view in views], MET))] if views else []
        taking = Taking(NOBODY, ask, taken=frozenset(items))
        return self.answer(await self._chooser.chosen(iter(offers), taking), ask, why)

    def _for(self, person: Person, ask: Ask, why: str) -> Steps:
        if person.has_history or (person.view is not None and not person.liked and not person.view.segments):
            yield from self._offers.personal(person, ask)
        yield from self._offers.cold(person, ask, situation=not why)

    async def similar(
        self, item: str, ask: Ask, taken: frozenset[str] = frozenset(), person: Person = NOBODY
    ) -> Answer:
        """The item's neighbours; without any, what trends, without the item itself. ``person``: who is shown them."""
        raw, why = await self._held.list_of(self._keys.sim(item))
        view, why = decoded(raw, why)
        offers = [] if view is None else [Offer(SIMILAR, view, columns_of(view, MET))]
        if ask.kind and view is not None:
            offers, test = await of_kind(self._held.catalogue, item, view, ask.kind)
            ask = replace(ask, of_kind=test)
        taking = Taking(person, ask, taken=taken.union((item,)))
        chosen = await self._chooser.chosen(iter(offers), taking)
        if not chosen.source and not ask.kind:  # what is pinned comes from no list
            chosen = await self._chooser.chosen(self._offers.cold(NOBODY, ask, situation=False), taking)
        because = await self._reasons.beside(chosen, item) if ask.why else NO_REASONS
        return self.answer(chosen, ask, why, because, item_id=item)

    async def trending(self, category: str | None, half_life: str | None, ask: Ask) -> Answer:
        """What trends in a category, or in all; where nothing does, what is popular there."""
        scope = category_scope(category) if category is not None else ALL
        named = half_life if half_life != self._usual else None
        return await self.scoped([TRENDING, POPULAR], scope, ask, half_life=named)

    async def popular(self, category: str | None, ask: Ask) -> Answer:
        """What is popular in a category, or in all."""
        return await self.scoped([POPULAR], category_scope(category) if category is not None else ALL, ask)

    async def scoped(
        self,
        sources: list[str],
        scope: str,
        ask: Ask,
        taken: frozenset[str] = frozenset(),
        person: Person = NOBODY,
        half_life: str | None = None,
    ) -> Answer:
        """The first of a scope's lists that has anything to show. A category that is the scope is no filter as well."""
        why, chosen = "", Chosen()
        if scope in map(category_scope, ask.categories):
            ask = replace(ask, of_category=None)
        lists = [(source, None) for source in sources]
        for source, named in [(TRENDING, half_life), *lists] if half_life else lists:
            try:
                offer = await self._offers.scoped(source, scope, named)
            except Unavailable:
                why = "redis"
                continue
            taking = Taking(person, ask, taken=taken)
            chosen = await self._chooser.chosen(iter([] if offer is None else [offer]), taking)
            if chosen.source:
                break
        return self.answer(chosen, ask, why, scope=scope)

    def empty(self, ask: Ask, **whose: Any) -> Answer:
        """Nothing is there to be shown."""
        return self.answer(Chosen(), ask, "", **whose)

    def answer(self, chosen: Chosen, ask: Ask, why: str, because: Because | None = None, **whose: Any) -> Answer:
        """As it is sent. ``why``: what of it may be old or missing, empty for nothing; ``because``: the reasons, where
        a person or an item leads to them.
        """
        view = chosen.view
        because = because or (told(chosen.why) if ask.why else NO_REASONS)
        why = why or ("" if chosen.source in OWN else self._held.stale) or ("catalogue" if chosen.degraded else "")
        if why:
            READER_ERRORS.labels(why).inc()
        return Answer(
            v=VIEW_VERSION,
            at=view.at if view and view.at else NOWHERE,
            ts=view.ts if view else 0,
            source=chosen.source or NONE,
            model=view.model if view else "",
            rec_id=f"{self._prefix}-{next(self._count):x}",
            items=chosen.items,
            scores=chosen.scores,
            why=chosen.why,
            because=because[0],
            reasons=because[1],
            fields=[fields_of(entry, ask) for entry in chosen.entries] if ask.fields else [],
            next=self._next(chosen, ask),
            degraded=bool(why),
            **whose,
        )

    def _next(self, chosen: Chosen, ask: Ask) -> str | None:
        """The cursor after this page; none after the last."""
        if ask.shown is None or len(chosen.items) < ask.n:
            return None
        return write_cursor(ask.shown.union(map(shown_digest, chosen.items)))

    async def shown(self, items: list[str]) -> tuple[list[Shown], bool]:
        """What is known of the items, in the order asked, and whether something may be missing or old."""
        records, why = await self._held.catalogue.records(items)
        if why:
            READER_ERRORS.labels(why).inc()
        return [msgspec.convert(record, Shown, from_attributes=True) for record in records], bool(why)
