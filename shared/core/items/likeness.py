"""What it is worth that one item is like another by the catalogue, in powers of two.

Of the same category: TITLE · cosine + brand − |log price difference| + POPULAR · log2(1 + n); elsewhere the price
weighs PRICE_ELSEWHERE and popularity POPULAR_ELSEWHERE, and ELSEWHERE is taken off: what shares a term and is hardly
ever asked for is no find. A price that is unknown on either side is as far as a factor of e. The cosine is of the
titles as TF-IDF vectors (`title_sharing.py`). Where both have an embedding of one size, EMBEDDED · the cosine of these
is added; what the item's record names as near gets NEAR for the first, less for each after it.
"""

import math
from typing import NamedTuple

from shared.core.items.embeddings import Vectors, cosine
from shared.core.items.popularity import log_popularity
from shared.core.items.title_sharing import Terms, most_shared, part_light, shared_squares, squared_length
from shared.core.kernel import Floats, Ints, Keys, Longs, kernel

BRAND, POPULAR, UNKNOWN_DISTANCE = 1.4, 0.3, 1.4
TITLE, ELSEWHERE, POPULAR_ELSEWHERE, PRICE_ELSEWHERE = 3.0, 4.0, 1.0, 0.3
EMBEDDED, EMBEDDED_MOST = 3.0, 3.1  # a cosine may be a little above 1
NEAR, NEAR_PLACES = 2.0, 64  # powers of two: what a place is worth is exact
"""The same brand is worth a factor of e, as is a price e times as high or low."""
MARGIN = 1e-6  # as sums are rounded
TITLE_MOST = TITLE + MARGIN


class Facts(NamedTuple):
    """What is known of items, by slot: of the catalogue ``category``, ``brand`` uint64 (0: none), ``log_price``
    float64 and when they were ``filed`` int64; their counts, whose growth and whole half-lives are those of now.
    """

    category: Keys
    brand: Keys
    log_price: Floats
    filed: Longs
    values: Floats
    exponents: Ints
    grown_by: float
    whole: int


class Embedded(NamedTuple):
    """:class:`~shared.core.items.embeddings.Embeddings` as kernels take them."""

    vectors: Vectors
    sizes: Ints


@kernel
def siblings(slot: int, other: int, category: Keys) -> bool:
    """Whether both have the same category."""
    return bool(category[slot] != 0 and category[slot] == category[other])


@kernel
def popularity_of(item: int, facts: Facts) -> float:
    """log2(1 + n)"""
    return log_popularity(facts.values[item], facts.exponents[item], facts.grown_by, facts.whole)


@kernel
def beside_of(slot: int, other: int, facts: Facts) -> float:
    """:func:`beside_title` of any item, by what stands under its slot."""
    branded = facts.brand[slot] != 0 and facts.brand[slot] == facts.brand[other]
    dearer = facts.log_price[other] - facts.log_price[slot]
    return beside_title(siblings(slot, other, facts.category), branded, dearer, popularity_of(other, facts))


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
def with_title(worth: float, other: int, length: float, titles: Terms) -> float:
    """And what the likeness of the titles is, if they share a term; ``length``: of the one that is weighed, squared."""
    shared = shared_squares(other, titles)
    if shared > 0.0:
        return worth + TITLE * (shared / math.sqrt(length * squared_length(other, titles)))
    return worth


@kernel
def title_at_most(slot: int, marks: Keys, length: float, titles: Terms) -> float:
    """No less than :func:`with_title` adds for an item of these marks: its length is no less than what it shares."""
    shared = most_shared(slot, marks, titles)
    return TITLE * math.sqrt(shared / length) + MARGIN if shared > 0.0 else 0.0


@kernel
def light_at_most(slot: int, length: float, titles: Terms) -> float:
    """No less than :func:`with_title` adds for an item that shares none of the heavy terms of the one that is weighed;
    which of them are heavy is noted.
    """
    light = part_light(slot, length, titles)
    return TITLE * math.sqrt(light / length) + MARGIN if light > 0.0 else 0.0


@kernel
def with_embedding(worth: float, slot: int, other: int, embedded: Embedded) -> float:
    """And what the likeness of their embeddings is."""
    return worth + EMBEDDED * cosine(slot, other, embedded.vectors, embedded.sizes)


@kernel
def named_worth(place: int) -> float:
    """Of the one that the item's record names there, the first of which is 0."""
    return NEAR * (NEAR_PLACES - place) / NEAR_PLACES
