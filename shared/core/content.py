"""Which items the catalogue says are like one: by title, embedding, brand, price and popularity, of its narrowest
category above all.

Of the same category, score = 2^(TITLE · cosine + brand − |log price difference| + POPULAR · log2(1 + n)); elsewhere the
price weighs PRICE_ELSEWHERE and popularity POPULAR_ELSEWHERE, and ELSEWHERE is taken off: what shares a term and is
hardly ever asked for is no find. A price that is unknown on either side is as far as a factor of e. The cosine is of
the titles as TF-IDF vectors (`title_sharing.py`). Where both have an embedding of one size, EMBEDDED · the cosine of
these is added. Items that no event has named yet take part: half of a shop's next items are new to it.
"""

import math
from collections.abc import Iterable

import numpy as np

from shared.core.decay import TABLE, doubled, growth, whole_half_lives
from shared.core.embeddings import Vectors, cosine
from shared.core.item_facts import NOBODY, ItemFacts
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.logarithm import exp2, log2
from shared.core.popularity import Counters
from shared.core.title_sharing import shared_squares, sharing, squared_length, unweigh, weigh

ALIKE = 50
BRAND, POPULAR, UNKNOWN_DISTANCE = 1.4, 0.3, 1.4
TITLE, ELSEWHERE, POPULAR_ELSEWHERE, PRICE_ELSEWHERE = 3.0, 4.0, 1.0, 0.3
EMBEDDED, EMBEDDED_MOST = 3.0, 3.1  # a cosine may be a little above 1
"""In powers of two: the same brand is worth a factor of e, as is a price e times as high or low."""
NO_BAR = -math.inf
ALIKE_BY = "7d"
"""The half-life of the popularity that tells items of a category apart, if there is one of that name."""


def alike_column(half_lives: Iterable[str]) -> int:
    """Which column of the counters that is; without it the last."""
    names = list(half_lives)
    return names.index(ALIKE_BY) if ALIKE_BY in names else len(names) - 1


def alike(
    facts: ItemFacts, slots: Ints, counters: Counters, column: int, ts: int, keys: Keys
) -> tuple[Ints, Floats, Ints]:
    """Of each item at most :data:`ALIKE` like it, best first, ties by item key: int32[n, ALIKE] with their scores
    float64 likewise, and how many int32[n]. O(members + 200) each.

    Popularity is the count in a column of ``counters`` as of ``ts``. Those members of an item's category that were
    filed last are looked at, and those that share rare terms of the title.
    """
    n, titles = len(slots), facts.titles
    items, scores, sizes = np.empty((n, ALIKE), np.int32), np.empty((n, ALIKE)), np.zeros(n, np.int32)
    _, first, which = np.unique(facts.category[slots], return_index=True, return_inverse=True)
    parts = [facts.members(int(slot)) for slot in slots[first]]
    starts = np.cumsum([0, *map(len, parts)])
    members = np.concatenate([NOBODY, *parts])
    score_others(
        slots,
        members,
        starts[which],
        starts[which + 1],
        facts.log_price[members],
        facts.brand[members],
        titles.marks[members],
        counters.counts_of(members, column, ts),
        facts.category,
        facts.brand,
        facts.log_price,
        facts.filed,
        titles.terms,
        titles.older,
        titles.newest,
        titles.held_by,
        titles.titled,
        titles.version,
        titles.lengths,
        titles.reckoned,
        titles.seen,
        titles.squares,
        titles.marks,
        facts.embeddings.vectors,
        facts.embeddings.sizes,
        counters.values[:, column],
        counters.exponents[:, column],
        growth(ts, int(counters.half_lives[column]), TABLE),
        whole_half_lives(ts, int(counters.half_lives[column])),
        keys,
        items,
        scores,
        sizes,
    )
    return items, scores, sizes


@kernel
def score_others(
    slots: Ints,
    members: Ints,
    starts: Longs,
    ends: Longs,
    prices: Floats,
    brands: Keys,
    member_marks: Keys,
    popularity: Floats,
    category: Keys,
    brand: Keys,
    log_price: Floats,
    filed: Longs,
    terms: Ints,
    older: Ints,
    newest: Ints,
    held_by: Ints,
    titled: int,
    version: int,
    lengths: Floats,
    reckoned: Longs,
    seen: Flags,
    squares: Floats,
    marks: Keys,
    vectors: Vectors,
    dimensions: Ints,
    values: Floats,
    exponents: Ints,
    grown_by: float,
    whole: int,
    keys: Keys,
    items: Ints,
    scores: Floats,
    sizes: Ints,
) -> None:
    """Item n's category is ``members[starts[n] : ends[n]]``, whose facts stand in the same places; its other likes are
    found by the title.
    """
    popular = np.empty(len(members))
    for at in range(len(members)):
        popular[at] = log2(1.0 + popularity[at])
    for n in range(len(slots)):
        slot, size, bar = slots[n], 0, NO_BAR
        weigh(slot, terms, held_by, titled, squares)
        length = squared_length(slot, terms, held_by, titled, version, lengths, reckoned)
        own, price, mark = brand[slot], log_price[slot], marks[slot]
        reach = EMBEDDED_MOST * min(dimensions[slot], 1)
        for at in range(starts[n], ends[n]):
            worth = beside_title(True, own != 0 and own == brands[at], prices[at] - price, popular[at])
            if member_marks[at] & mark:
                worth = with_title(
                    worth, members[at], length, terms, held_by, titled, version, lengths, reckoned, squares
                )
            if worth + reach < bar or members[at] == slot:
                continue
            worth += EMBEDDED * cosine(slot, members[at], vectors, dimensions)
            size = insert(members[at], exp2(worth), size, keys, items[n], scores[n])
            bar = least_worth(size, scores[n])
        for other in sharing(slot, terms, older, newest, held_by, seen):
            sibling = category[slot] != 0 and category[slot] == category[other]
            if other == slot or (sibling and filed[other] >= filed[members[ends[n] - 1]]):
                continue
            count = doubled(values[other] / grown_by, exponents[other] - whole) if values[other] > 0.0 else 0.0
            branded = own != 0 and own == brand[other]
            worth = beside_title(sibling, branded, log_price[other] - price, log2(1.0 + count))
            if worth + TITLE + reach < bar:
                continue
            worth = with_title(worth, other, length, terms, held_by, titled, version, lengths, reckoned, squares)
            worth += EMBEDDED * cosine(slot, other, vectors, dimensions)
            if worth < bar:
                continue
            size = insert(other, exp2(worth), size, keys, items[n], scores[n])
            bar = least_worth(size, scores[n])
        unweigh(slot, terms, squares)
        sizes[n] = size


@kernel
def beside_title(sibling: bool, branded: bool, dearer: float, popular: float) -> float:
    """What price, popularity and, if it is the same, the brand are worth; ``dearer``: the difference of the prices'
    logarithms; ``popular``: log2(1 + n).
    """
    distance = UNKNOWN_DISTANCE if math.isnan(dearer) else 1.4427 * abs(dearer)
    if sibling:
        worth = POPULAR * popular - distance
    else:
        worth = POPULAR_ELSEWHERE * popular - PRICE_ELSEWHERE * distance - ELSEWHERE
    return worth + BRAND if branded else worth


@kernel
def with_title(
    worth: float,
    other: int,
    length: float,
    terms: Ints,
    held_by: Ints,
    titled: int,
    version: int,
    lengths: Floats,
    reckoned: Longs,
    squares: Floats,
) -> float:
    """And what the likeness of the titles is, if they share a term; ``length``: of the one that is weighed, squared."""
    shared = shared_squares(other, terms, squares)
    if shared > 0.0:
        theirs = squared_length(other, terms, held_by, titled, version, lengths, reckoned)
        return worth + TITLE * (shared / math.sqrt(length * theirs))
    return worth


@kernel
def least_worth(size: int, scores: Floats) -> float:
    """What is worth less is surely not among the best: a margin below the last of them, as :func:`exp2` rounds."""
    if size < len(scores) or scores[size - 1] < 1e-300:
        return NO_BAR
    return log2(scores[size - 1]) - 1e-6


@kernel
def insert(item: int, score: float, size: int, keys: Keys, items: Ints, scores: Floats) -> int:
    """Among the best so far, if it is one of them; keys are looked at for ties alone."""
    key = keys[item]
    if size < len(items):
        size += 1
    elif score < scores[size - 1] or (score == scores[size - 1] and key >= keys[items[size - 1]]):
        return size
    at = size - 1
    while at > 0 and (scores[at - 1] < score or (scores[at - 1] == score and key < keys[items[at - 1]])):
        items[at], scores[at] = items[at - 1], scores[at - 1]
        at -= 1
    items[at], scores[at] = item, score
    return size
