"""Of a list what may be shown, to whom, where: the catalogue's word, rules, a request's filters, variants as one."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from shared.core.answers.catalogue_columns import SINCE, UNTIL, VARIANT, CatalogueColumns, Test
from shared.core.answers.catalogue_entry import Entry
from shared.core.answers.rules import NOTHING, Holding, RuleBook
from shared.core.kernel import Flags, Floats, Ints, Longs, Tinies, kernel, making_kernel
from shared.core.texts.text_slots import UNREAD

NOBODY: frozenset[str] = frozenset()
NO_SLOTS: Ints = np.empty(0, dtype=np.int32)
NO_FITS: Tinies = np.empty((0, 0), dtype=np.int8)


@dataclass(slots=True)
class Wanted:
    """What a request lets through. ``now`` epoch ms; ``barred`` items; categories ``avoided`` by the user; what
    ``filters`` ask of an item beyond the rules (the same object each time, so that its answers are remembered), and
    ``kind``, which is made for one request; ``met``: items hidden, but those of some categories; with ``sure``, an item
    of which nothing could be read is left out.
    """

    now: int
    market: str = ""
    barred: tuple[AbstractSet[str], ...] = ()
    avoided: AbstractSet[str] = NOBODY
    filters: tuple[Test, ...] = ()
    kind: Test | None = None
    holding: Holding = NOTHING
    sure: bool = False
    met: tuple[tuple[AbstractSet[str], AbstractSet[str]], ...] = ()

    @property
    def picky(self) -> bool:
        """Whether items have to be looked at one by one."""
        return bool(self.met or self.avoided or self.kind is not None)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left, in order: ``places`` in the list int32[k], ``slots`` int32[k], and what rules multiply what each
    place is worth by, float64[k].
    """

    places: Ints
    slots: Ints
    factors: Floats


def kept(
    items: Sequence[str],
    slots: Ints,
    columns: CatalogueColumns,
    wanted: Wanted,
    book: RuleBook,
    most: int,
    taken: Ints = NO_SLOTS,
) -> Kept:
    """The first ``most`` that may be shown; of variants of one thing, those of the slots ``taken`` among them, the
    first. O(items · (items + rules)), small numbers all.
    """
    here = columns.here(slots, wanted.market)
    if wanted.sure:
        here &= slots != UNREAD
    if wanted.barred:
        _bar(here, items, wanted.barred)
    for test in wanted.filters:
        here &= columns.fits(test, (test,), slots, wanted.market)[:, 0] == 1
    if wanted.picky:
        _pick(here, slots, columns.entries, wanted)
    fits, about = NO_FITS, wanted.holding.about
    if wanted.holding.asks:
        fits = book.fits(columns, slots, wanted.market)
    places, left, factors = select(
        slots, here, columns.spans, taken, wanted.now, most,
        fits, about.excluded, about.included, about.boosted, about.factors, about.since,
    )  # fmt: skip
    return Kept(places, left, factors)


def _bar(here: Flags, items: Sequence[str], sets: tuple[AbstractSet[str], ...]) -> None:
    for one in sets:
        if not one.isdisjoint(items):
            for place, item in enumerate(items):
                if item in one:
                    here[place] = False


def _pick(here: Flags, slots: Ints, entries: Sequence[Entry | None], wanted: Wanted) -> None:
    """Whether it is what this user, or this request, wants to see."""
    for place in np.flatnonzero(here).tolist():
        entry = entries[slots[place]]
        here[place] = entry is None or _liked(entry, wanted)


def _liked(entry: Entry, wanted: Wanted) -> bool:
    for items, repeatable in wanted.met:
        if entry.view.item_id in items and repeatable.isdisjoint(entry.view.categories):
            return False
    if wanted.avoided and not wanted.avoided.isdisjoint(entry.view.categories):
        return False
    return wanted.kind is None or wanted.kind(entry, wanted.market)


@making_kernel
def select(
    slots: Ints,
    here: Flags,
    spans: Longs,
    taken: Ints,
    now: int,
    most: int,
    fits: Tinies,
    excluded: Ints,
    included: Ints,
    boosted: Ints,
    boosts: Floats,
    since: Longs,
) -> tuple[Ints, Ints, Floats]:
    """Places int32[k], slots int32[k] and factors float64[k] of those that are ``here``, in their time, that the rules
    let through (``fits`` int8[m, rules], or none), and of which no variant stands before them.
    """
    places = np.empty(min(most, len(slots)), dtype=np.int32)
    left, factors = np.empty_like(places), np.ones(len(places))
    shown = np.empty(len(taken) + len(places), dtype=np.int64)
    variants = _variants(spans, taken, shown)
    count = 0
    for place in range(len(slots)):
        if count == len(places):
            break
        if not here[place]:
            continue
        slot = slots[place]
        if slot != UNREAD:
            if now < spans[slot, SINCE] or now >= spans[slot, UNTIL]:
                continue
            variant = spans[slot, VARIANT]
            if _is_among(variant, shown, variants):
                continue
            if len(fits):
                published = spans[slot, SINCE]
                if _is_out(fits[place], excluded, included, published, since):
                    continue
                factors[count] = _boosted(fits[place], boosted, boosts, published, since)
            shown[variants] = variant
            variants += 1
        places[count], left[count] = place, slot
        count += 1
    return places[:count], left[:count], factors[:count]


@kernel
def _is_out(fits: Tinies, excluded: Ints, included: Ints, published: int, since: Longs) -> bool:
    if _fits_any(fits, excluded, published, since):
        return True
    return len(included) > 0 and not _fits_any(fits, included, published, since)


@kernel
def _boosted(fits: Tinies, boosted: Ints, boosts: Floats, published: int, since: Longs) -> float:
    product = 1.0
    for n in range(len(boosted)):
        if fits[boosted[n]] and published >= since[boosted[n]]:
            product *= boosts[n]
    return product


@kernel  # numba knows no any() of a generator, so these are loops
def _fits_any(fits: Tinies, rules: Ints, published: int, since: Longs) -> bool:
    for rule in rules:  # noqa: SIM110
        if fits[rule] and published >= since[rule]:
            return True
    return False


@kernel
def _variants(spans: Longs, slots: Ints, out: Longs) -> int:
    """How many of the slots are read: what each is a variant of is put into ``out``."""
    count = 0
    for slot in slots:
        if slot != UNREAD:
            out[count] = spans[slot, VARIANT]
            count += 1
    return count


@kernel
def _is_among(variant: int, others: Longs, count: int) -> bool:
    for n in range(count):  # noqa: SIM110
        if others[n] == variant:
            return True
    return False
