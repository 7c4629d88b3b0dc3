"""From lists that can be shown to the items of an answer: the catalogue's word, rules, filters, order, discovery."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.reader.asking import Ask, shown_digest
from services.reader.catalogue import Catalogue
from services.reader.held import Held
from services.reader.offers import Offer, Offers, Steps
from services.reader.pool import Chosen, Pool, Taking, part_of
from services.reader.rule_file import Rules
from services.reader.shown import ShownLately
from shared.contracts.settings import Settings
from shared.core.arrangement import Candidates, arranged
from shared.core.catalogue_entry import Entry
from shared.core.exploration import explored, seed
from shared.core.fusion import Picked
from shared.core.interning import order_key
from shared.core.joining import Person
from shared.core.rules import Holding, RuleBook
from shared.core.selection import Kept, Wanted, kept

BEST = 50  # candidates that an order is made of
OWN_RECENT = 10  # newest items of a user that say what is familiar to them
NEW = "new"
NOTHING = Kept([], [], [])
Pins = tuple[tuple[int, int], ...]
"""(place from 0, candidate) of each."""


@dataclass(slots=True)
class Taken:
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
        self._held = held
        self._catalogue: Catalogue = held.catalogue
        self._rules = rules
        self._offers = offers
        self._lately = lately

    async def chosen(self, given: Steps, taking: Taking) -> Chosen:
        """The items from the offset on, at most n."""
        by, ask = self._judging(taking), taking.ask
        pool = Pool(taking)
        if by.holding.impressions is not None:
            by.shown = await self._lately.of(taking.user)
        pins = await self._pinned(pool, by)
        order: list[int] | None = None
        for step in given:
            offer = step if isinstance(step, Offer) else await step
            if offer is not None and (order := await self._filled(pool, offer, taking, by, pins)) is not None:
                break
        found = pool.in_order(self._ordered(pool, taking, by, pins) if order is None else order)
        if taking.explores and self._rerank.exploration:
            await self._explore(found, by, pool.allowed, ask.most)
        return _page(found, ask)

    async def _filled(self, pool: Pool, offer: Offer, taking: Taking, by: Taken, pins: Pins) -> list[int] | None:
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

    def _candidates(self, by: Taken, most: int) -> int:
        """How many an order is made of: of what moves within it more than of what caps leave out."""
        holding = by.holding
        if by.diversity or self._rerank.popularity_bias or holding.boosts or holding.impressions or holding.shares:
            return max(most, BEST)
        return most + most // 2 if holding.caps else most

    def _ordered(self, pool: Pool, taking: Taking, by: Taken, pins: Pins) -> list[int]:
        popular, recent = self._popular(pool.items), self._recent(taking.person, by.diversity)
        given = Candidates(pool.entries, pool.weights, popular, recent, pins, by.drawn_by, by.holding)
        return arranged(given, self._rerank, by.diversity, taking.ask.most)

    def _judging(self, taking: Taking) -> Taken:
        ask, person, now, book = taking.ask, taking.person, self._offers.now(), self._rules.book
        holding = book.holding(ask.surface, ask.context, now)
        barred = [self._held.unavailable, ask.exclude, person.barred, taking.taken]
        wanted = Wanted(
            now=now,
            market=ask.market,
            barred=tuple(those for those in barred if those),
            avoided=person.avoided,
            filters=tuple(test for test in (ask.filters, ask.of_category, ask.of_kind) if test is not None),
            holding=holding,
            sure=bool(holding.asks or holding.met or ask.filters or ask.of_category or ask.of_kind or person.avoided),
            met=_met(person, holding),
        )
        diversity = self._rerank.diversity if ask.diversity is None else ask.diversity
        if not self._catalogue.tells_kinds:
            diversity = 0.0  # nothing is known to be alike
        drawn_by = seed(order_key(taking.user), now, self._rerank.stable_ms) if self._draws(taking, holding) else 0
        return Taken(wanted, holding, book, diversity, drawn_by)

    def _draws(self, taking: Taking, holding: Holding) -> bool:
        return bool(holding.shares or (taking.explores and self._rerank.exploration))

    async def _take(self, pool: Pool, offer: Offer, part: Picked, by: Taken, most: int) -> None:
        """Add at most so many."""
        entries = await self._catalogue.entries(part.items)
        pool.degraded = pool.degraded or None in entries
        left = kept(part.items, entries, by.wanted, by.book, most)
        if by.shown:
            self._let_sink(part.items, left, by)
        pool.add(offer, part, left)

    def _let_sink(self, items: Sequence[str], left: Kept, by: Taken) -> None:
        """What was shown often without a click counts for less."""
        rule = by.holding.impressions
        assert rule is not None
        for n, place in enumerate(left.places):
            if by.shown.get(shown_digest(items[place]), 0) >= rule.after:
                left.factors[n] *= rule.factor

    async def _pinned(self, pool: Pool, by: Taken) -> Pins:
        """Pinned items become candidates, if they may be shown: (place from 0, candidate) of each."""
        if not by.holding.pins:
            return ()
        places: dict[str, int] = {}
        for position, item in by.holding.pins:
            if position - 1 not in places.values():
                places.setdefault(item, position - 1)
        items = list(places)
        left = kept(items, await self._catalogue.entries(items), by.wanted, by.book, len(items))
        pool.pin(items, left)
        return tuple((places[item], n) for n, item in enumerate(pool.items))

    def _popular(self, items: Sequence[str]) -> list[float]:
        if not self._rerank.popularity_bias:
            return []
        scores = self._held.popular.ranked.scores
        return [scores.get(item, 0.0) for item in items]

    def _recent(self, person: Person, diversity: float) -> list[Entry]:
        """What is known already of the user's last items; nothing is read for it."""
        if not diversity or person.view is None:
            return []
        return self._catalogue.held(person.view.recent[:OWN_RECENT])

    async def _explore(self, found: Chosen, by: Taken, allowed: Callable[[str], bool], most: int) -> None:
        """Give a share of the places to items hardly known yet: the user's own candidates, and new ones."""
        own = found.view.explore if found.view is not None else []
        new = (await self._offers.new()).view
        pool = [item for item in dict.fromkeys([*own, *(new.items if new else ())]) if allowed(item)]
        given = explored(len(found.items), self._rerank.exploration, len(pool), by.drawn_by)
        drawn = [pool[item] for _, item in given]
        left = kept(drawn, await self._catalogue.entries(drawn), by.wanted, by.book, len(drawn)) if drawn else NOTHING
        for place, entry in zip(left.places, left.entries, strict=True):
            found.insert(given[place][0], drawn[place], NEW, entry, most)


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


def _page(found: Chosen, ask: Ask) -> Chosen:
    """From the offset on."""
    if ask.offset or len(found.items) > ask.n:
        page = slice(ask.offset, ask.most)
        for name in ("items", "scores", "why", "entries"):
            setattr(found, name, getattr(found, name)[page])
    return found
