"""Rules compiled: which items fit which rule is found once per item, what holds for a request once per kind of request.

A list then costs a look at small numbers in a kernel (:mod:`shared.core.answers.selection`), however many rules there
are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shared.contracts.rules import Boost, Cap, Filter, Impressions, Met, Pin, Plain, Rule, RuleFile, Share, When, Where
from shared.core.answers.catalogue_columns import CatalogueColumns, Test
from shared.core.answers.catalogue_entry import Entry
from shared.core.kernel import Floats, Ints, Longs, Tinies

Context = Mapping[str, str]
Kind = tuple[str, tuple[tuple[str, str], ...]]
"""A surface and a context."""
SECOND_MS = 1000
KINDS_HELD = 1000  # kinds of requests whose rules are remembered


class About(NamedTuple):
    """What holds of items, by the numbers of rules (columns of :meth:`RuleBook.fits`): one that fits a rule of
    ``excluded`` is out, and one that fits none of ``included``, if there are any; ``boosted`` rules multiply what its
    place is worth by ``factors`` float64[boosted]. ``since`` int64[rules], epoch ms: a rule is only about items that
    were published since then.
    """

    excluded: Ints
    included: Ints
    boosted: Ints
    factors: Floats
    since: Longs


NONE: Ints = np.empty(0, dtype=np.int32)
NOT_ASKED = About(NONE, NONE, NONE, np.empty(0), np.empty(0, dtype=np.int64))
ALWAYS = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds for a request."""

    about: About = NOT_ASKED
    pins: tuple[tuple[int, str], ...] = ()
    caps: tuple[Cap, ...] = ()
    shares: tuple[Share, ...] = ()
    met: tuple[Met, ...] = ()
    impressions: Impressions | None = None

    @property
    def asks(self) -> bool:
        """Whether items have to be matched at all."""
        return self.about is not NOT_ASKED

    @property
    def limits(self) -> bool:
        """Whether not everything may stand everywhere."""
        return bool(self.pins or self.caps or self.shares)

    @property
    def weighs(self) -> bool:
        """Whether some places are worth more, or less, than their rank."""
        return len(self.about.boosted) > 0 or self.impressions is not None


NOTHING = Holding()


class RuleBook:
    """A file of rules, ready to be asked. Not to be changed: a changed file is another book. ``about``: the rules about
    items, in the order of their bits.
    """

    def __init__(self, rules: RuleFile) -> None:
        self.rules = rules
        self.about: list[Filter | Boost] = [*rules.exclude, *rules.include, *rules.boost]
        self._tests = [test_of(rule.where) for rule in self.about]
        self._held: dict[Kind, tuple[int, Holding]] = {}

    def fits(self, columns: CatalogueColumns, slots: Ints, market: str) -> Tinies:
        """Which items fit which rule: int8[m, rules about items]. O(rules) once per item and market, then O(m)."""
        return columns.fits(self, self._tests, slots, market)

    def holding(self, surface: str, context: Context, now: int) -> Holding:
        """What holds on a surface, in a context, at a time (epoch ms, by the second)."""
        second = now // SECOND_MS
        kind = (surface, tuple(sorted(context.items())) if context else ())
        known = self._held.get(kind)
        if known is None or known[0] != second:
            known = self._held[kind] = second, self._holding(kind, context, second * SECOND_MS)
            if len(self._held) > KINDS_HELD:
                del self._held[next(iter(self._held))]
        return known[1]

    def _holding(self, kind: Kind, context: Context, now: int) -> Holding:
        live = [
            (number, rule)
            for number, rule in [*enumerate(self.about), *self._others()]
            if _in_place(rule.when, kind[0], context) and _in_time(rule.when, now)
        ]
        return _held(live, self, now) if live else NOTHING

    def _others(self) -> list[tuple[int, Rule]]:
        rules = self.rules
        return [(-1, rule) for rule in [*rules.pin, *rules.cap, *rules.share, *rules.met, *rules.impressions]]


def _held(live: list[tuple[int, Rule]], book: RuleBook, now: int) -> Holding:
    counted = [rule for _, rule in live if isinstance(rule, Impressions)]
    return Holding(
        about=_about(live, book, now) if any(number >= 0 for number, _ in live) else NOT_ASKED,
        pins=tuple(sorted((rule.position, rule.item) for _, rule in live if isinstance(rule, Pin))),
        caps=tuple(rule for _, rule in live if isinstance(rule, Cap)),
        shares=tuple(rule for _, rule in live if isinstance(rule, Share)),
        met=tuple(rule for _, rule in live if isinstance(rule, Met)),
        impressions=counted[0] if counted else None,
    )


def _about(live: list[tuple[int, Rule]], book: RuleBook, now: int) -> About:
    excludes, includes = set(map(id, book.rules.exclude)), set(map(id, book.rules.include))
    boosts = [(number, rule.factor) for number, rule in live if isinstance(rule, Boost)]
    since = np.full(len(book.about), ALWAYS, dtype=np.int64)
    for number, rule in live:
        if isinstance(rule, Filter | Boost) and rule.where.published_within is not None:
            since[number] = now - rule.where.published_within
    return About(
        excluded=np.array([number for number, rule in live if id(rule) in excludes], dtype=np.int32),
        included=np.array([number for number, rule in live if id(rule) in includes], dtype=np.int32),
        boosted=np.array([number for number, _ in boosts], dtype=np.int32),
        factors=np.array([factor for _, factor in boosts], dtype=np.float64),
        since=since,
    )


def _in_time(when: When, now: int) -> bool:
    return (when.since is None or when.since <= now) and (when.until is None or now < when.until)


def _in_place(when: When, surface: str, context: Context) -> bool:
    if when.surface is not None and surface not in when.surface:
        return False
    return all(context.get(field) in [_text(value) for value in values] for field, values in when.context.items())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_of(where: Where) -> Test:
    """The test of what is given there; ``published_within`` is left to whoever knows the time."""
    tests = _tests(where)
    if len(tests) == 1:
        return tests[0]
    return lambda entry, market: all(test(entry, market) for test in tests)


def _tests(where: Where) -> list[Test]:
    tests: list[Test] = []
    if where.item is not None:
        items = frozenset(where.item)
        tests.append(lambda entry, _: entry.view.item_id in items)
    if where.category is not None:
        categories = frozenset(where.category)
        tests.append(lambda entry, _: not categories.isdisjoint(entry.view.categories))
    if where.brand is not None:
        brands = frozenset(where.brand)
        tests.append(lambda entry, _: entry.view.brand in brands)
    if where.seller is not None:
        sellers = frozenset(where.seller)
        tests.append(lambda entry, _: entry.view.seller in sellers)
    if where.tag is not None:
        tags = frozenset(where.tag)
        tests.append(lambda entry, _: not tags.isdisjoint(entry.view.tags))
    if where.price_min is not None or where.price_max is not None:
        tests.append(_in_band(where.price_min or 0.0, float("inf") if where.price_max is None else where.price_max))
    if where.published_within is not None:
        tests.append(lambda entry, _: entry.since > 0)
    for name, values in where.attributes.items():
        tests.append(_has(name, values))
    return tests


def _in_band(low: float, high: float) -> Test:
    def within(entry: Entry, market: str) -> bool:
        price = entry.price(market)
        return price is not None and low <= price <= high

    return within


def _has(name: str, values: Iterable[Plain]) -> Test:
    """Of the same kind and value: to Python ``True`` is 1."""
    wanted = {(isinstance(value, bool), value) for value in values}

    def has(entry: Entry, _: str) -> bool:
        value = entry.view.attributes.get(name)
        return value is not None and (isinstance(value, bool), value) in wanted

    return has
