"""Which items the catalogue says are like one: of its narrowest category, by brand, price and popularity.

score = 2^(brand − |log price difference| + POPULAR · log2(1 + n)); a price that is unknown on either side is as far as
a factor of e. Items that no event has named yet take part: half of a shop's next items are new to it.
"""

import numpy as np

from shared.core.candidates import beats
from shared.core.item_facts import ItemFacts
from shared.core.kernel import Floats, Ints, Keys, kernel
from shared.core.logarithm import exp2, log2

MOST_SCANNED = 2000
ALIKE = 50
BRAND, POPULAR, UNKNOWN_DISTANCE = 1.4, 0.3, 1.4
"""In powers of two: the same brand is worth a factor of e, as is a price e times as high or low."""


def alike(facts: ItemFacts, slot: int, popularity: Floats, keys: Keys) -> tuple[Ints, Floats]:
    """At most :data:`ALIKE` items like this one with their scores, best first, ties by item key. O(members).

    ``popularity``: decayed counts by slot. Of a category the :data:`MOST_SCANNED` items filed last are looked at.
    """
    members = facts.members(slot, MOST_SCANNED)
    items, scores = np.full(ALIKE, -1, dtype=np.int32), np.zeros(ALIKE, dtype=np.float64)
    size = score_members(slot, members, facts.brand, facts.log_price, popularity, keys, items, scores)
    return items[:size], scores[:size]


@kernel
def score_members(
    slot: int,
    members: Ints,
    brand: Keys,
    log_price: Floats,
    popularity: Floats,
    keys: Keys,
    items: Ints,
    scores: Floats,
) -> int:
    """Each member inserted among the best so far; returns how many there are."""
    size = 0
    for member in members:
        if member == slot:
            continue
        distance = 1.4427 * abs(log_price[member] - log_price[slot])
        worth = -(UNKNOWN_DISTANCE if np.isnan(distance) else distance) + POPULAR * log2(1.0 + popularity[member])
        if brand[slot] != 0 and brand[slot] == brand[member]:
            worth += BRAND
        score = exp2(worth)
        if size < len(items):
            size += 1
        elif not beats(score, keys[member], scores[size - 1], keys[items[size - 1]]):
            continue
        at = size - 1
        while at > 0 and beats(score, keys[member], scores[at - 1], keys[items[at - 1]]):
            items[at], scores[at] = items[at - 1], scores[at - 1]
            at -= 1
        items[at], scores[at] = member, score
    return size
