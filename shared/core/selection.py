"""Of a list what may be shown, to whom, where: the catalogue's word, rules, a request's filters, variants as one."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from shared.core.catalogue_entry import Entry
from shared.core.rules import NOTHING, Holding, RuleBook, Test

NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Wanted:
    """What a request lets through. ``now`` epoch ms; ``barred`` items; categories ``avoided`` by the user; what
    ``filters`` ask of an item beyond the rules; ``met``: items hidden, but those of some categories; with ``sure``, an
    item of which nothing could be read is left out.
    """

    now: int
    market: str = ""
    barred: tuple[AbstractSet[str], ...] = ()
    avoided: AbstractSet[str] = NOBODY
    filters: tuple[Test, ...] = ()
    holding: Holding = NOTHING
    sure: bool = False
    met: tuple[tuple[AbstractSet[str], AbstractSet[str]], ...] = ()
    variants: set[int] = field(default_factory=set)  # of which one is shown already


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left, in order: places in the list, entries (None where nothing could be read), what rules multiply
    their places by.
    """

    places: list[int]
    entries: list[Entry | None]
    factors: list[float]


def kept(items: Sequence[str], entries: Sequence[Entry | None], wanted: Wanted, book: RuleBook, most: int) -> Kept:
    """The first ``most`` that may be shown; of variants of one thing the first. O(items)."""
    left = Kept([], [], [])
    places, barred, variants, market, now = left.places, wanted.barred, wanted.variants, wanted.market, wanted.now
    picky = bool(wanted.met or wanted.avoided or wanted.filters)
    holding = wanted.holding if wanted.holding.asks else None
    for place, (item, entry) in enumerate(zip(items, entries, strict=True)):
        if len(places) >= most:
            break
        if barred and _in_any(item, barred):
            continue
        factor = 1.0
        if entry is not None:
            if not entry.since <= now < entry.until or not (entry.everywhere or entry.available(market)):
                continue
            if entry.variant in variants or (picky and not _liked(entry, wanted)):
                continue
            if holding is not None:
                bits = entry.matches if entry.rules is book and entry.everywhere else book.matches(entry, market)
                verdict = holding.judge(bits, entry)
                if verdict is None:
                    continue
                factor = verdict
            variants.add(entry.variant)
        elif wanted.sure:
            continue
        places.append(place)
        left.entries.append(entry)
        left.factors.append(factor)
    return left


def _in_any(item: str, sets: tuple[AbstractSet[str], ...]) -> bool:
    for one in sets:  # noqa: SIM110 - any() with a generator costs three times as much
        if item in one:
            return True
    return False


def _liked(entry: Entry, wanted: Wanted) -> bool:
    """Whether it is what this user, or this request, wants to see."""
    for items, repeatable in wanted.met:
        if entry.view.item_id in items and repeatable.isdisjoint(entry.view.categories):
            return False
    if wanted.avoided and not wanted.avoided.isdisjoint(entry.view.categories):
        return False
    for test in wanted.filters:  # noqa: SIM110 - so does all()
        if not test(entry, wanted.market):
            return False
    return True
