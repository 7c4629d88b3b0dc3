"""From lists that can be shown to the items of an answer: the catalogue's word, rules, filters, order, discovery."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.reader.answering.discovering import NEW, drawn, give_places
from services.reader.answering.offers import Anew, Offer, Offers, Steps
from services.reader.answering.pool import Chosen, Pool, Taking, part_of
from services.reader.answering.rule_file import Rules
from services.reader.answering.shown import ShownLately
from services.reader.asked.asking import shown_digest
from services.reader.store.catalogue import Catalogue
from services.reader.store.held import Held
from shared.contracts.identity import pseudonym
from shared.contracts.settings import Settings
from shared.core.answers.arrangement import BLOCK, Candidates, arranged, rearranged
from shared.core.answers.at_once import MOST_RECENT
from shared.core.answers.exploration import seed
from shared.core.answers.fusion import Picked
from shared.core.answers.joining import Person
from shared.core.answers.rules import Holding, RuleBook
from shared.core.answers.selection import NO_SLOTS, Kept, Wanted, kept
from shared.core.kernel import Floats, Ints
from shared.core.tables.interning import order_key
from shared.core.texts.text_slots import UNREAD

BEST = 50  # candidates that an order is made of
Pins = tuple[tuple[int, int], ...]
"""(place from 0, candidate) of each."""


@dataclass(slots=True)
class Judging:
    """How candidates are judged for one answer. ``shown``: how often the user was shown items, if that matters."""

    wanted: Wanted
    holding: Holding
    book: RuleBook
    diversity: float
    drawn_by: int
    shown: Mapping[int, int] = field(default_factory=dict)


class Chooser:
    """Chooses."""

    def __init__(self, settings: Settings, held: Held, rules: Rules, offers: Offers, lately: ShownLately) -> None:
        self._rerank = settings.rerank
        self._identity = settings.identity
        self._held = held
        self._catalogue: Catalogue = held.catalogue
        self._rules = rules
        self._offers = offers
        self._lately = lately

    async def chosen(self, given: Steps, taking: Taking) -> Chosen:
        """The items from the offset on, at most n."""
        by, ask = self._judging(taking), taking.ask
        pool = Pool(taking, self._catalogue.columns)
        if by.holding.impressions is not None:
            by.shown = await self._lately.of(taking.user and pseudonym(taking.user, self._identity))
        pins = await self._pinned(pool, by) if by.holding.pins else ()
        order: list[int] | None = None
        for step in given:
            offer = step if isinstance(step, Offer) else await _made(step, len(pool.items))
            if offer is not None and (order := await self._filled(pool, offer, taking, by, pins)) is not None:
                break
        order = self._ordered(pool, taking, by, pins) if order is None else order
        found = pool.in_order(order)
        if taking.explores and self._rerank.exploration:
            found = await self._explored(found, order, pool, taking, by, pins)
        found.page(ask.offset, ask.most)
        if ask.fields:
            found.entries = await self._catalogue.entries(found.items)
        return found

    async def _filled(self, pool: Pool, offer: Offer, taking: Taking, by: Judging, pins: Pins) -> list[int] | None:
        """Add what may be shown of a list, first as much as is likely to do, then all; the order of the answer, once
        there is enough for one. Nothing is looked up beyond that.
        """
        columns, start, most = pool.unseen(offer), 0, taking.ask.most
        while start < len(columns.items):
            left = self._candidates(by, most) - len(pool.items)
            wanted = left if left > 0 else BEST  # caps kept too many out
            part = part_of(columns, start, start + wanted if not start else len(columns.items))
            await self._take(pool, offer, part, by, wanted)
            start += len(part.items)
            if len(pool.items) >= most:
                order = self._ordered(pool, taking, by, pins)
                if len(order) >= most:
                    return order
        return None

    def _candidates(self, by: Judging, most: int) -> int:
        """How many an order is made of: of what moves within it more than of what caps leave out."""
        holding = by.holding
        if by.diversity or self._rerank.popularity_bias or holding.weighs or holding.shares:
            return max(most, BEST) if most <= BLOCK else -(-most // BLOCK) * BLOCK  # whole blocks
        return most + most // 2 if holding.caps else most

    def _ordered(self, pool: Pool, taking: Taking, by: Judging, pins: Pins) -> list[int]:
        given, kinds = self._given(pool, taking, by, pins), self._catalogue.columns.kinds
        return arranged(given, kinds, self._rerank, by.diversity, taking.ask.most, taking.ask.offset)

    def _given(self, pool: Pool, taking: Taking, by: Judging, pins: Pins) -> Candidates:
        return Candidates(
            pool.slots(),
            pool.weights if by.holding.weighs else None,
            self._popular(pool.items),
            self._recent(taking.person, by.diversity),
            pins,
            by.drawn_by,
            by.holding,
        )

    def _judging(self, taking: Taking) -> Judging:
        ask, person, now, book = taking.ask, taking.person, self._offers.present().moment, self._rules.book
        holding = book.holding(ask.surface, ask.context, now)
        wanted = Wanted(
            now=now,
            market=ask.market,
            barred=tuple([those for those in (ask.exclude, person.barred, taking.taken) if those]),
            avoided=person.avoided,
            filters=tuple([test for test in (ask.filters, ask.of_category) if test is not None]),
            kind=ask.of_kind,
            holding=holding,
            sure=bool(holding.asks or holding.met or ask.filters or ask.of_category or ask.of_kind or person.avoided),
            met=_met(person, holding) if holding.met else (),
        )
        diversity = self._rerank.diversity if ask.diversity is None else ask.diversity
        if not self._catalogue.columns.tells_kinds:
            diversity = 0.0  # nothing is known to be alike
        drawn_by = seed(order_key(taking.user), now, self._rerank.stable_ms) if self._draws(taking, holding) else 0
        return Judging(wanted, holding, book, diversity, drawn_by)

    def _draws(self, taking: Taking, holding: Holding) -> bool:
        return bool(holding.shares or (taking.explores and self._rerank.exploration))

    async def _take(self, pool: Pool, offer: Offer, part: Picked, by: Judging, most: int) -> None:
        """Add at most so many."""
        slots = await self._slots(part.items, by, pool)
        left = self._kept(part.items, slots, by, most, pool.slots())
        if by.shown:
            self._let_sink(part.items, left, by)
        pool.add(offer, part, left)

    async def _slots(self, items: Sequence[str], by: Judging, pool: Pool) -> Ints:
        """Of items, read if need be. What is hidden and could not be read is known by its name only."""
        known = self._catalogue.known(items)
        if known is not None:
            return known
        slots = await self._catalogue.slots(items)
        if UNREAD in slots:
            pool.degraded = True
            by.wanted.barred = (*by.wanted.barred, self._held.unavailable)
        return slots

    def _kept(self, items: Sequence[str], slots: Ints, by: Judging, most: int, taken: Ints = NO_SLOTS) -> Kept:
        return kept(items, slots, self._catalogue.columns, by.wanted, by.book, most, taken)

    def _let_sink(self, items: Sequence[str], left: Kept, by: Judging) -> None:
        """What was shown often without a click counts for less."""
        rule = by.holding.impressions
        assert rule is not None
        for n, place in enumerate(left.places.tolist()):
            if by.shown.get(shown_digest(items[place]), 0) >= rule.after:
                left.factors[n] *= rule.factor

    async def _pinned(self, pool: Pool, by: Judging) -> Pins:
        """What is pinned to a place of this page becomes a candidate, if it may be shown: (place from 0, candidate) of
        each.
        """
        ask, places = pool.ask, dict[str, int]()
        before = len(ask.shown or ())
        for position, item in by.holding.pins:
            place = position - 1 - before
            if 0 <= place < ask.most and place not in places.values() and not pool.on_earlier_page(item):
                places.setdefault(item, place)
        items = list(places)
        pool.pin(items, self._kept(items, await self._slots(items, by, pool), by, len(items)))
        return tuple((places[item], n) for n, item in enumerate(pool.items))

    def _popular(self, items: Sequence[str]) -> Floats | None:
        if not self._rerank.popularity_bias:
            return None
        scores = self._held.popular.ranked.scores
        return np.array([scores.get(item, 0.0) for item in items])

    def _recent(self, person: Person, diversity: float) -> Ints:
        """Slots of the user's last items, as far as they are in memory; nothing is read for it."""
        if not diversity or person.view is None:
            return NO_SLOTS
        newest = person.view.recent[:MOST_RECENT]
        slots = self._catalogue.columns.find(newest)
        if slots is None:
            slots = self._catalogue.columns.slots(newest)
            slots = slots[slots != UNREAD]
        return slots

    async def _explored(
        self, found: Chosen, order: list[int], pool: Pool, taking: Taking, by: Judging, pins: Pins
    ) -> Chosen:
        """A share of the places given to items hardly known yet: the user's own candidates, and new ones."""
        view, most = (await self._offers.new()).view, taking.ask.most
        new = view.items if view is not None else []
        given = drawn(found, new, self._rerank.exploration, by.drawn_by, pool.allowed)
        if not given:
            return found
        items = [item for _, item in given]
        slots, columns = await self._slots(items, by, pool), self._catalogue.columns
        beside = found.items
        if by.holding.limits:  # all candidates may come in, where the order is made anew
            beside = [*beside, *(item for item in pool.items if item not in items)]
        left = self._kept(items, slots, by, len(items), columns.slots(beside))
        if not by.holding.limits:
            give_places(found, given, left, most)
            return found
        explored = pool.explore(given, left, NEW)
        candidates = self._given(pool, taking, by, pins)
        return pool.in_order(rearranged(candidates, columns.kinds, self._rerank, by.diversity, most, order, explored))


async def _made(step: Anew | Awaitable[Offer | None], found: int) -> Offer | None:
    """The list, unless so many items that were found do without it."""
    if not isinstance(step, Anew):
        return await step
    return await step.make() if found < step.fewer_than else None


def _met(person: Person, holding: Holding) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Of what the user has met, what rules hide, and in which categories they do not."""
    view, hidden = person.view, list[tuple[frozenset[str], frozenset[str]]]()
    if view is None:
        return ()
    for rule in holding.met:
        repeatable = frozenset(rule.repeatable)
        if rule.viewed == "hide":
            hidden.append((frozenset(view.recent), repeatable))
        if rule.bought == "hide":
            hidden.append((frozenset(item for item, times, _ in view.again if times), repeatable))
    return tuple(hidden)
