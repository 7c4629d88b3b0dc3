"""Which items of its category are most like one.

What each is worth at most is at hand for all of them. Looked up is only what may be among the best by that, and first
what is likely to be, which raises the bar: what no cache holds costs more than all else.
"""

import math
from typing import NamedTuple

import numpy as np

from shared.core.arithmetic.logarithm import exp2
from shared.core.arithmetic.prefetching import prefetch
from shared.core.items.category_members import Columns, Spans
from shared.core.items.likeness import (
    MARGIN,
    POPULAR,
    TITLE_MOST,
    Facts,
    beside_title,
    light_at_most,
    popularity_of,
    title_at_most,
    with_embedding,
    with_title,
)
from shared.core.items.most_alike import NO_BAR, Catalogue, insert, least_worth, reach_of
from shared.core.items.title_sharing import Terms, shares_heavy
from shared.core.kernel import Floats, Ints, Longs, kernel

BINS, BINS_PER_POWER = 128, 16  # of what members are worth, from the best down


class Categories(NamedTuple):
    """Their ``members``, and of each item that is asked for where those of its category lie. Room for one item: what
    each is worth ``beside`` the title, who of them are ``chosen``, what each of those is worth ``at_most``, and how
    many are in which of the ``bins``.
    """

    members: Columns
    spans: Spans
    beside: Floats
    chosen: Ints
    at_most: Floats
    bins: Ints


def categories_of(members: Columns, spans: Spans) -> Categories:
    """Which lie there, with room for the largest."""
    most = int((spans.ends - spans.starts).max(initial=0))
    return Categories(
        members, spans, np.empty(most), np.empty(most, np.int32), np.empty(most), np.empty(BINS, np.int32)
    )


@kernel
def filed_since(n: int, categories: Categories, filed: Longs) -> int:
    """When the member of its category was filed that lies there and was filed first."""
    start, end = categories.spans.starts[n], categories.spans.ends[n]
    return int(filed[categories.members.items[start]]) if end > start else 0


@kernel
def score_members(
    slot: int,
    n: int,
    categories: Categories,
    length: float,
    catalogue: Catalogue,
    items: Ints,
    scores: Floats,
    size: int,
) -> int:
    """Those of its category; how many are the best so far."""
    start, end, reach = categories.spans.starts[n], categories.spans.ends[n], reach_of(slot, catalogue.embedded)
    members, beside = categories.members, categories.beside[: end - start]
    for at in range(len(beside)):
        beside[at] = beside_member(slot, start + at, members.popular[start + at], members, catalogue.facts)
    likely = bar = least_worth(size, scores)
    if size < len(scores):  # itself, and those that are named, are not to be counted
        likely = worth_of_ranked(len(scores) + 1 + size, beside, categories.bins)
        bar = likely - reach - POPULAR * categories.spans.faded[n]
    found = choose(slot, n, bar, length, categories, catalogue)
    for low, high in ((likely, math.inf), (NO_BAR, likely)):
        chosen = categories.chosen[:found]
        size = score_chosen(slot, start, low, high, bar, length, chosen, categories, catalogue, items, scores, size)
        bar = max(bar, least_worth(size, scores))
    return size


@kernel
def choose(slot: int, n: int, bar: float, length: float, categories: Categories, catalogue: Catalogue) -> int:
    """How many of them may reach the bar by the marks of their titles, too. Which they are is noted, and what each is
    worth at most; the processor is told what of them will be looked up.
    """
    facts, titles, reach = catalogue.facts, catalogue.titles, reach_of(slot, catalogue.embedded)
    members, beside, start = categories.members, categories.beside, categories.spans.starts[n]
    found, light = 0, light_at_most(slot, length, titles)
    for at in range(categories.spans.ends[n] - start):
        most = beside[at] + reach
        if most + TITLE_MOST < bar:
            continue
        marks = members.marks[start + at]
        if most + light < bar and not shares_heavy(marks, titles):
            continue
        most += title_at_most(slot, marks, length, titles)
        if most >= bar:
            categories.chosen[found], categories.at_most[found] = at, most
            found += 1
            foresee(members.items[start + at], facts, titles)
    return found


@kernel
def foresee(item: int, facts: Facts, titles: Terms) -> None:
    prefetch(facts.values, item, 0)
    prefetch(facts.exponents, item, 0)
    prefetch(titles.terms, item, 0)
    prefetch(titles.lengths, item, 0)
    prefetch(titles.reckoned, item, 0)


@kernel
def score_chosen(
    slot: int,
    start: int,
    low: float,
    high: float,
    bar: float,
    length: float,
    chosen: Ints,
    categories: Categories,
    catalogue: Catalogue,
    items: Ints,
    scores: Floats,
    size: int,
) -> int:
    """How many are the best so far with those that were chosen and are worth from ``low`` to less than ``high`` at most
    beside the title.
    """
    facts, titles, embedded, keys = catalogue
    members, beside = categories.members, categories.beside
    for n in range(len(chosen)):
        if categories.at_most[n] < bar or not low <= beside[chosen[n]] < high:
            continue
        place = start + chosen[n]
        other = members.items[place]
        if other == slot or titles.seen[other]:
            continue
        worth = beside_member(slot, place, popularity_of(other, facts), members, facts)
        if length > 0.0:
            worth = with_title(worth, other, length, titles)
        worth = with_embedding(worth, slot, other, embedded)
        if worth < bar:
            continue
        size = insert(other, exp2(worth), size, keys, items, scores)
        bar = max(bar, least_worth(size, scores))
    return size


@kernel
def beside_member(slot: int, place: int, popular: float, members: Columns, facts: Facts) -> float:
    """What the member of its category that lies there is worth beside the title."""
    branded = facts.brand[slot] != 0 and facts.brand[slot] == members.brand[place]
    return beside_title(True, branded, members.log_price[place] - facts.log_price[slot], popular)


@kernel
def worth_of_ranked(rank: int, worths: Floats, bins: Ints) -> float:
    """A bar that surely so many reach, and hardly more: the lower edge of a bin. None if there are fewer."""
    best = NO_BAR
    for worth in worths:
        best = max(best, worth)
    bins[:] = 0
    for worth in worths:
        place = int((best - worth) * BINS_PER_POWER)
        if place < len(bins):
            bins[place] += 1
    for place in range(len(bins)):
        rank -= bins[place]
        if rank <= 0:
            return best - (place + 1) / BINS_PER_POWER - MARGIN
    return NO_BAR
