"""Which items the catalogue says are like one: by title, embedding, brand, price and popularity, of its narrowest
category above all.

A score is 2^what the likeness is worth (`likeness.py`). What the item's record names as near is looked at wherever it
stands. Items that no event has named yet take part: half of a shop's next items are new to it.
"""

from collections.abc import Iterable

import numpy as np

from shared.core.arithmetic.decay import TABLE, growth, whole_half_lives
from shared.core.arithmetic.logarithm import exp2
from shared.core.items.category_siblings import Categories, categories_of, filed_since, score_members
from shared.core.items.item_facts import ItemFacts
from shared.core.items.likeness import (
    Embedded,
    Facts,
    beside_of,
    named_worth,
    siblings,
    title_at_most,
    with_embedding,
    with_title,
)
from shared.core.items.most_alike import Catalogue, insert, least_worth, reach_of
from shared.core.items.popularity import Counters
from shared.core.items.title_sharing import sharing, squared_length, terms_in, unweigh, weigh
from shared.core.kernel import Flags, Floats, Ints, kernel
from shared.core.tables.interning import Interner

ALIKE = 50
ALIKE_BY = "7d"
"""The half-life of the popularity that tells items of a category apart, if there is one of that name."""
Alike = tuple[Ints, Floats, Ints]
"""Of n items those like them int32[n, ALIKE], best first, with their scores float64 likewise, and how many int32[n]."""


def alike_column(half_lives: Iterable[str]) -> int:
    """Which column of the counters that is; without it the last."""
    names = list(half_lives)
    return names.index(ALIKE_BY) if ALIKE_BY in names else len(names) - 1


def alike(facts: ItemFacts, slots: Ints, counters: Counters, column: int, ts: int, table: Interner) -> Alike:
    """Of each item at most :data:`ALIKE` like it, ties by item key. O(members + 200) each.

    Popularity is the count in a column of ``counters`` as of ``ts``. Those members of an item's category that were
    filed last are looked at, those that share rare terms of the title, and those that its record names.
    """
    n = len(slots)
    items, scores, sizes = np.empty((n, ALIKE), np.int32), np.empty((n, ALIKE)), np.zeros(n, np.int32)
    if not facts.ever_filed or not n:
        return items, scores, sizes
    spans = facts.categories.spans(facts.category[slots], facts.known, counters, column, ts)
    at = Facts(
        facts.category,
        facts.brand,
        facts.log_price,
        facts.filed,
        counters.values[:, column],
        counters.exponents[:, column],
        growth(ts, int(counters.half_lives[column]), TABLE),
        whole_half_lives(ts, int(counters.half_lives[column])),
    )
    embedded = Embedded(facts.embeddings.vectors, facts.embeddings.sizes)
    near = facts.near.slots(slots, table, facts.filed)
    categories = categories_of(facts.categories.columns, spans)
    catalogue = Catalogue(at, terms_in(facts.titles), embedded, table.keys)
    score_others(slots, categories, near, catalogue, items, scores, sizes)
    return items, scores, sizes


@kernel
def score_others(
    slots: Ints, categories: Categories, near: Ints, catalogue: Catalogue, items: Ints, scores: Floats, sizes: Ints
) -> None:
    """Of each those of its category, those that its record names, ``near[n]`` (-1: nothing), and those that are found
    by the title.
    """
    titles = catalogue.titles
    for n in range(len(slots)):
        slot = slots[n]
        weigh(slot, titles)
        length = squared_length(slot, titles)
        size = score_named(slot, near[n], length, catalogue, items[n], scores[n])
        size = score_members(slot, n, categories, length, catalogue, items[n], scores[n], size)
        since = filed_since(n, categories, catalogue.facts.filed)
        sizes[n] = score_sharers(slot, since, length, catalogue, items[n], scores[n], size)
        unweigh(slot, titles)
        forget(near[n], titles.seen)


@kernel
def score_named(slot: int, named: Ints, length: float, catalogue: Catalogue, items: Ints, scores: Floats) -> int:
    """How many are named by the item's record, which are the best so far and ``seen`` from now on."""
    facts, titles, embedded, keys = catalogue
    size = 0
    for place in range(len(named)):
        other = named[place]
        if other < 0:
            continue
        worth = with_title(beside_of(slot, other, facts), other, length, titles)
        worth = with_embedding(worth, slot, other, embedded) + named_worth(place)
        size = insert(other, exp2(worth), size, keys, items, scores)
        titles.seen[other] = True
    return size


@kernel
def score_sharers(
    slot: int, since: int, length: float, catalogue: Catalogue, items: Ints, scores: Floats, size: int
) -> int:
    """Those that share rare terms of its title, but for siblings filed no earlier than ``since``, whom it has met;
    how many are the best so far.
    """
    facts, titles, embedded, keys = catalogue
    reach, bar = reach_of(slot, embedded), least_worth(size, scores)
    for at in range(sharing(slot, titles)):
        other = titles.found[at]
        if other == slot or (siblings(slot, other, facts.category) and facts.filed[other] >= since):
            continue
        worth = beside_of(slot, other, facts)
        if worth + title_at_most(slot, titles.marks[other], length, titles) + reach < bar:
            continue
        worth = with_embedding(with_title(worth, other, length, titles), slot, other, embedded)
        if worth < bar:
            continue
        size = insert(other, exp2(worth), size, keys, items, scores)
        bar = least_worth(size, scores)
    return size


@kernel
def forget(named: Ints, seen: Flags) -> None:
    for other in named:
        if other >= 0:
            seen[other] = False
