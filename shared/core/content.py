"""Which items the catalogue says are like one: by title, brand, price and popularity, of its narrowest category above
all.

Of the same category, score = 2^(TITLE · cosine + brand − |log price difference| + POPULAR · log2(1 + n)); elsewhere the
price weighs PRICE_ELSEWHERE and popularity POPULAR_ELSEWHERE, and ELSEWHERE is taken off: what shares a term and is
hardly ever asked for is no find. A price that is unknown on either side is as far as a factor of e. The cosine is of
the titles as TF-IDF vectors (`title_sharing.py`). Items that no event has named yet take part: half of a shop's next
items are new to it.
"""

import math

import numpy as np

from shared.core.candidates import beats
from shared.core.item_facts import ItemFacts
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.logarithm import exp2, log2
from shared.core.title_sharing import looked_at, shared_squares, squared_length, unweigh, weigh

ALIKE = 50
BRAND, POPULAR, UNKNOWN_DISTANCE = 1.4, 0.3, 1.4
TITLE, ELSEWHERE, POPULAR_ELSEWHERE, PRICE_ELSEWHERE = 3.0, 4.0, 1.0, 0.3
"""In powers of two: the same brand is worth a factor of e, as is a price e times as high or low."""


def alike(facts: ItemFacts, slot: int, popularity: Floats, keys: Keys) -> tuple[Ints, Floats]:
    """At most :data:`ALIKE` items like this one with their scores, best first, ties by item key. O(members + 200).

    ``popularity``: decayed counts by slot. Those members of its category that were filed last are looked at, and
    those that share rare terms of the title.
    """
    titles, members = facts.titles, facts.members(slot)
    items, scores = np.empty(ALIKE, dtype=np.int32), np.empty(ALIKE)
    size = score_others(
        slot,
        members,
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
        facts.category,
        facts.brand,
        facts.log_price,
        popularity,
        keys,
        items,
        scores,
    )
    return items[:size], scores[:size]


@kernel
def score_others(
    slot: int,
    members: Ints,
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
    category: Keys,
    brand: Keys,
    log_price: Floats,
    popularity: Floats,
    keys: Keys,
    items: Ints,
    scores: Floats,
) -> int:
    """Each one that is looked at inserted among the best so far; returns how many there are."""
    size = 0
    weigh(slot, terms, held_by, titled, squares)
    length = squared_length(slot, terms, held_by, titled, version, lengths, reckoned)
    for other in looked_at(slot, members, terms, older, newest, held_by, seen):
        if other == slot:
            continue
        sibling = category[slot] != 0 and category[slot] == category[other]
        worth = beside_title(sibling, log_price[other] - log_price[slot], popularity[other])
        if brand[slot] != 0 and brand[slot] == brand[other]:
            worth += BRAND
        shared = shared_squares(other, terms, squares)
        if shared > 0.0:
            theirs = squared_length(other, terms, held_by, titled, version, lengths, reckoned)
            worth += TITLE * (shared / math.sqrt(length * theirs))
        size = insert(other, exp2(worth), size, keys, items, scores)
    unweigh(slot, terms, squares)
    return size


@kernel
def beside_title(sibling: bool, dearer: float, popularity: float) -> float:
    """What price and popularity are worth; ``dearer``: the difference of the prices' logarithms."""
    distance = UNKNOWN_DISTANCE if math.isnan(dearer) else 1.4427 * abs(dearer)
    if sibling:
        return POPULAR * log2(1.0 + popularity) - distance
    return POPULAR_ELSEWHERE * log2(1.0 + popularity) - PRICE_ELSEWHERE * distance - ELSEWHERE


@kernel
def insert(item: int, score: float, size: int, keys: Keys, items: Ints, scores: Floats) -> int:
    """Among the best so far, if it is one of them."""
    if size < len(items):
        size += 1
    elif not beats(score, keys[item], scores[size - 1], keys[items[size - 1]]):
        return size
    at = size - 1
    while at > 0 and beats(score, keys[item], scores[at - 1], keys[items[at - 1]]):
        items[at], scores[at] = items[at - 1], scores[at - 1]
        at -= 1
    items[at], scores[at] = item, score
    return size
