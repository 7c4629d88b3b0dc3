"""Rules compiled: which items fit which rule is found once per item, what holds for a request once per kind of request.

A list of m items then costs m lookups and a few operations on masks, however many rules there are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.contracts.rules import Boost, Cap, Filter, Impressions, Met, Pin, Rule, RuleFile, Share, When, Where
from shared.core.catalogue_entry import Entry

Test = Callable[[Entry, str], bool]
"""Whether an item fits, in a market."""
Context = Mapping[str, str]
Kind = tuple[str, tuple[tuple[str, str], ...]]
"""A surface and a context."""
SECOND_MS = 1000
KINDS_HELD = 1000  # kinds of requests whose rules are remembered


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds for a request. Masks have a bit for each rule about items; an item must fit one of ``included``, if
    there are any, and none of ``excluded``; ``fresh``: bits that count only for items published since then (epoch ms),
    ``timed`` all of these. ``judged``: verdicts by bits, for the second that this holds.
    """

    excluded: int = 0
    included: int = 0
    boosted: int = 0
    boosts: tuple[tuple[int, float], ...] = ()
    fresh: tuple[tuple[int, int], ...] = ()
    pins: tuple[tuple[int, str], ...] = ()
    caps: tuple[Cap, ...] = ()
    shares: tuple[Share, ...] = ()
    met: tuple[Met, ...] = ()
    impressions: Impressions | None = None
    timed: int = 0
    judged: dict[int, float | None] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether items have to be matched at all."""
        return bool(self.excluded or self.included or self.boosted)

    def judge(self, bits: int, entry: Entry) -> float | None:
        """What the place of an item that fits the rules of ``bits`` is multiplied by; None: it may not be shown."""
        if bits & self.timed:
            bits = self._current(bits, entry)
        if bits not in self.judged:
            self.judged[bits] = self._judge(bits)
        return self.judged[bits]

    def _judge(self, bits: int) -> float | None:
        if bits & self.excluded or (self.included and not bits & self.included):
            return None
        product = 1.0
        for bit, factor in self.boosts:
            if bits & bit:
                product *= factor
        return product

    def _current(self, bits: int, entry: Entry) -> int:
        for bit, since in self.fresh:
            if entry.since < since:
                bits &= ~bit
        return bits


NOTHING = Holding()


class RuleBook:
    """A file of rules, ready to be asked. Not to be changed: a changed file is another book. ``about``: the rules about
    items, in the order of their bits.
    """

    def __init__(self, rules: RuleFile) -> None:
        self.rules = rules
        self.about: list[Filter | Boost] = [*rules.exclude, *rules.include, *rules.boost]
        self._tests = [(1 << n, test_of(rule.where)) for n, rule in enumerate(self.about)]
        self._about = [(1 << n, rule) for n, rule in enumerate(self.about)]
        self._held: dict[Kind, tuple[int, Holding]] = {}

    def matches(self, entry: Entry, market: str) -> int:
        """A bit for each rule that the item fits. O(rules) once per item and market, then O(1)."""
        if entry.rules is not self:
            entry.rules, entry.elsewhere = self, {}
            entry.matches = self._found(entry, "")
        if market not in entry.view.markets:
            return entry.matches
        found = entry.elsewhere.get(market)
        if found is None:
            found = entry.elsewhere[market] = self._found(entry, market)
        return found

    def _found(self, entry: Entry, market: str) -> int:
        return sum(bit for bit, test in self._tests if test(entry, market))

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
            (bit, rule)
            for bit, rule in [*self._about, *self._others()]
            if _in_place(rule.when, kind[0], context) and _in_time(rule.when, now)
        ]
        return _held(live, self.rules, now) if live else NOTHING

    def _others(self) -> list[tuple[int, Rule]]:
        rules = self.rules
        return [(0, rule) for rule in [*rules.pin, *rules.cap, *rules.share, *rules.met, *rules.impressions]]


def _held(live: list[tuple[int, Rule]], rules: RuleFile, now: int) -> Holding:
    excludes, includes = set(map(id, rules.exclude)), set(map(id, rules.include))
    boosts = tuple((bit, rule.factor) for bit, rule in live if isinstance(rule, Boost))
    fresh = [
        (bit, now - rule.where.published_within)
        for bit, rule in live
        if isinstance(rule, Filter | Boost) and rule.where.published_within is not None
    ]
    counted = [rule for _, rule in live if isinstance(rule, Impressions)]
    return Holding(
        excluded=sum(bit for bit, rule in live if id(rule) in excludes),
        included=sum(bit for bit, rule in live if id(rule) in includes),
        boosted=sum(bit for bit, _ in boosts),
        boosts=boosts,
        fresh=tuple(fresh),
        timed=sum(bit for bit, _ in fresh),
        pins=tuple(sorted((rule.position, rule.item) for _, rule in live if isinstance(rule, Pin))),
        caps=tuple(rule for _, rule in live if isinstance(rule, Cap)),
        shares=tuple(rule for _, rule in live if isinstance(rule, Share)),
        met=tuple(rule for _, rule in live if isinstance(rule, Met)),
        impressions=counted[0] if counted else None,
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
        tests.append(_has(name, frozenset(values)))
    return tests


def _in_band(low: float, high: float) -> Test:
    def within(entry: Entry, market: str) -> bool:
        price = entry.price(market)
        return price is not None and low <= price <= high

    return within


def _has(name: str, values: frozenset[object]) -> Test:
    return lambda entry, _: name in entry.view.attributes and entry.view.attributes[name] in values
