"""Which items the catalogue says are like one: by title, brand, price and popularity, of its narrowest category above
all.

score = 2^(TITLE · cosine + brand − |log price difference| + POPULAR · log2(1 + n) − ELSEWHERE), the last for an item
that is not of the same category; a price that is unknown on either side is as far as a factor of e. The cosine is of
the titles' terms, each weighing log2(1 + titles / titles with it), with the running counts: TF-IDF of titles, in which
a term hardly ever stands twice. Items that no event has named yet take part: half of a shop's next items are new to it.
"""

import math

import numpy as np

from shared.core.candidates import beats
from shared.core.item_facts import ItemFacts
from shared.core.kernel import Floats, Ints, Keys, kernel
from shared.core.logarithm import exp2, log2

MOST_SCANNED = 2000
ALIKE = 50
BRAND, POPULAR, UNKNOWN_DISTANCE = 1.4, 0.3, 1.4
TITLE, ELSEWHERE = 3.0, 1.0
"""In powers of two: the same brand is worth a factor of e, as is a price e times as high or low."""


def alike(facts: ItemFacts, slot: int, popularity: Floats, keys: Keys) -> tuple[Ints, Floats]:
    """At most :data:`ALIKE` items like this one with their scores, best first, ties by item key. O(members + 1,500).

    ``popularity``: decayed counts by slot. Of a category the :data:`MOST_SCANNED` items filed last are looked at, and
    those that share rare terms of the title.
    """
    titles = facts.titles
    others = titles.looked_at(slot, facts.members(slot, MOST_SCANNED))
    cosines = np.zeros(len(others))
    add_cosines(slot, others, titles.terms, titles.held_by, titles.titled, cosines)
    items, scores = np.full(ALIKE, -1, dtype=np.int32), np.zeros(ALIKE, dtype=np.float64)
    size = score_others(
        slot, others, cosines, facts.category, facts.brand, facts.log_price, popularity, keys, items, scores
    )
    return items[:size], scores[:size]


@kernel
def add_cosines(slot: int, others: Ints, terms: Ints, held_by: Ints, titled: int, cosines: Floats) -> None:
    """Of this item's title with each other one's; sums go in the order of the other's title."""
    mine, weights, length = terms[slot], np.zeros(terms.shape[1]), 0.0
    for n in range(len(mine)):
        if mine[n] < 0:
            break
        weights[n] = log2(1.0 + titled / held_by[mine[n]])
        length += weights[n] * weights[n]
    for at in range(len(others)):
        shared = 0.0
        for term in terms[others[at]]:
            if term < 0:
                break
            for n in range(len(mine)):
                if mine[n] < 0:
                    break
                if mine[n] == term:
                    shared += weights[n] * weights[n]
        if shared > 0.0:
            cosines[at] = shared / math.sqrt(length * squared_length(terms[others[at]], held_by, titled))


@kernel
def squared_length(terms: Ints, held_by: Ints, titled: int) -> float:
    """Of a title's vector."""
    length = 0.0
    for term in terms:
        if term < 0:
            break
        weight = log2(1.0 + titled / held_by[term])
        length += weight * weight
    return length


@kernel
def score_others(
    slot: int,
    others: Ints,
    cosines: Floats,
    category: Keys,
    brand: Keys,
    log_price: Floats,
    popularity: Floats,
    keys: Keys,
    items: Ints,
    scores: Floats,
) -> int:
    """Each one inserted among the best so far; returns how many there are."""
    size = 0
    for at in range(len(others)):
        other = others[at]
        if other == slot:
            continue
        distance = 1.4427 * abs(log_price[other] - log_price[slot])
        worth = -(UNKNOWN_DISTANCE if np.isnan(distance) else distance) + POPULAR * log2(1.0 + popularity[other])
        if brand[slot] != 0 and brand[slot] == brand[other]:
            worth += BRAND
        worth += TITLE * cosines[at]
        if category[slot] == 0 or category[slot] != category[other]:
            worth -= ELSEWHERE
        size = insert(other, exp2(worth), size, keys, items, scores)
    return size


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
