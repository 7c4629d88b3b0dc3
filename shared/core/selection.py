"""Of a list what may be shown, to whom, where: the catalogue's word, rules, a request's filters, variants as one."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from shared.core.catalogue_entry import Entry
from shared.core.rules import NOTHING, Holding, RuleBook, Test

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
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
    holding, variants = wanted.holding, wanted.variants
    for place, (item, entry) in enumerate(zip(items, entries, strict=True)):
        if len(left.places) == most:
            break
        if any(item in those for those in wanted.barred):
            continue
        factor = 1.0
        if entry is None:
            if wanted.sure:
                continue
        else:
            if not _sold(entry, wanted):
                continue
            if holding.asks:
                bits = book.matches(entry, wanted.market)
                if not holding.admits(bits, entry):
                    continue
                factor = holding.factor(bits, entry)
            if entry.variant in variants:
                continue
            variants.add(entry.variant)
        left.places.append(place)
        left.entries.append(entry)
        left.factors.append(factor)
    return left


def _sold(entry: Entry, wanted: Wanted) -> bool:
    """Whether the item is there for this user in this market now, and what was asked for."""
    if not entry.since <= wanted.now < entry.until:
        return False
    if not (entry.available(wanted.market) if wanted.market else entry.view.available):
        return False
    for items, repeatable in wanted.met:
        if entry.view.item_id in items and repeatable.isdisjoint(entry.view.categories):
            return False
    if wanted.avoided and not wanted.avoided.isdisjoint(entry.view.categories):
        return False
    return all(test(entry, wanted.market) for test in wanted.filters)
