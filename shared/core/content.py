"""Which items the catalogue says are like one: by title, embedding, brand, price and popularity, of its narrowest
category above all.

A score is 2^what the likeness is worth (`likeness.py`). What the item's record names as near is looked at wherever it
stands. Items that no event has named yet take part: half of a shop's next items are new to it.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from shared.core.decay import TABLE, growth, whole_half_lives
from shared.core.interning import Interner
from shared.core.item_facts import NOBODY, ItemFacts, Members
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.likeness import (
    EMBEDDED_MOST,
    MARGIN,
    Embedded,
    Facts,
    beside_of,
    beside_title,
    named_worth,
    siblings,
    title_at_most,
    with_embedding,
    with_title,
)
from shared.core.logarithm import exp2, log2
from shared.core.popularity import Counters
from shared.core.title_sharing import Terms, sharing, squared_length, terms_in, unweigh, weigh

ALIKE = 50
NO_BAR = -math.inf
BINS, BINS_PER_POWER = 128, 16  # of what members are worth, from the best down
ALIKE_BY = "7d"
"""The half-life of the popularity that tells items of a category apart, if there is one of that name."""


def alike_column(half_lives: Iterable[str]) -> int:
    """Which column of the counters that is; without it the last."""
    names = list(half_lives)
    return names.index(ALIKE_BY) if ALIKE_BY in names else len(names) - 1


def alike(
    facts: ItemFacts, slots: Ints, counters: Counters, column: int, ts: int, table: Interner
) -> tuple[Ints, Floats, Ints]:
    """Of each item at most :data:`ALIKE` like it, best first, ties by item key: int32[n, ALIKE] with their scores
    float64 likewise, and how many int32[n]. O(members + 200) each.

    Popularity is the count in a column of ``counters`` as of ``ts``. Those members of an item's category that were
    filed last are looked at, those that share rare terms of the title, and those that its record names.
    """
    n = len(slots)
    items, scores, sizes = np.empty((n, ALIKE), np.int32), np.empty((n, ALIKE)), np.zeros(n, np.int32)
    if not facts.ever_filed:
        return items, scores, sizes
    parts, which = _categories(facts, slots)
    starts = np.cumsum([0, *(len(part.items) for part in parts)])
    members = Members(*map(np.concatenate, zip(NOBODY, *parts, strict=True)))
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
    popular, near = counters.counts_of(members.items, column, ts), facts.near.slots(slots, table, facts.filed)
    to_logarithms(popular)
    categories = Categories(members, popular, np.empty(len(popular)), np.empty(BINS, dtype=np.int32))
    catalogue = Catalogue(at, terms_in(facts.titles), embedded, table.keys)
    score_others(slots, categories, starts[which], starts[which + 1], near, catalogue, items, scores, sizes)
    return items, scores, sizes


def _categories(facts: ItemFacts, slots: Ints) -> tuple[list[Members], Ints]:
    """The members of the categories of these items, each once, and which of them is each item's."""
    numbers: dict[int, int] = {}
    parts, which = list[Members](), list[int]()
    for slot, category in zip(slots.tolist(), facts.category[slots].tolist(), strict=True):
        number = numbers.setdefault(category, len(parts))
        if number == len(parts):
            parts.append(facts.members(slot))
        which.append(number)
    return parts, np.array(which, dtype=np.int32)


class Catalogue(NamedTuple):
    """What is known of items, by slot; what the titles have ``seen`` is nothing before and after. ``keys`` uint64."""

    facts: Facts
    titles: Terms
    embedded: Embedded
    keys: Keys


class Categories(NamedTuple):
    """Their ``members``, one category after the other, and logarithms of their counts float64. Room for one item: what
    each is worth ``beside`` the title, and how many are in which of the ``bins``.
    """

    members: Members
    popular: Floats
    beside: Floats
    bins: Ints


@kernel
def to_logarithms(counts: Floats) -> None:
    """Of 1 + each."""
    for at in range(len(counts)):
        counts[at] = log2(1.0 + counts[at])


@kernel
def score_others(
    slots: Ints,
    categories: Categories,
    starts: Longs,
    ends: Longs,
    near: Ints,
    catalogue: Catalogue,
    items: Ints,
    scores: Floats,
    sizes: Ints,
) -> None:
    """Item n's category is ``members[starts[n] : ends[n]]``; its other likes are ``near[n]`` (-1: nothing) and found by
    the title.
    """
    titles = catalogue.titles
    for n in range(len(slots)):
        slot, start, end = slots[n], starts[n], ends[n]
        weigh(slot, titles)
        length = squared_length(slot, titles)
        size = score_named(slot, near[n], length, catalogue, items[n], scores[n])
        size = score_members(slot, start, end, categories, length, catalogue, items[n], scores[n], size)
        sizes[n] = score_sharers(slot, categories.members.items[:end], length, catalogue, items[n], scores[n], size)
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
def score_members(
    slot: int,
    start: int,
    end: int,
    categories: Categories,
    length: float,
    catalogue: Catalogue,
    items: Ints,
    scores: Floats,
    size: int,
) -> int:
    """Those of its category, ``members[start:end]``; how many are the best so far.

    Titles are looked at only of those that may still be among the best by what is at hand for all of them: looking one
    up that no cache holds costs more than all else.
    """
    facts, titles, embedded, keys = catalogue
    members, beside, reach = categories.members, categories.beside[start:end], reach_of(slot, embedded)
    weigh_members(slot, start, categories, facts, beside)
    bar = least_worth(size, scores)
    if size < len(scores):  # itself, and those that are named, are not to be counted
        bar = worth_of_ranked(len(scores) + 1 + size, beside, categories.bins) - reach
    for at in range(start, end):
        other, worth = members.items[at], beside[at - start]
        title = title_at_most(slot, members.marks[at], length, titles)
        if worth + title + reach < bar or other == slot or titles.seen[other]:
            continue
        if title > 0.0:
            worth = with_title(worth, other, length, titles)
        worth = with_embedding(worth, slot, other, embedded)
        if worth < bar:
            continue
        size = insert(other, exp2(worth), size, keys, items, scores)
        bar = max(bar, least_worth(size, scores))
    return size


@kernel
def weigh_members(slot: int, start: int, categories: Categories, facts: Facts, beside: Floats) -> None:
    """What those of its category are worth ``beside`` the title, the first of which is ``members[start]``."""
    members, own, price = categories.members, facts.brand[slot], facts.log_price[slot]
    for n in range(len(beside)):
        branded = own != 0 and own == members.brand[start + n]
        dearer = members.log_price[start + n] - price
        beside[n] = beside_title(True, branded, dearer, categories.popular[start + n])


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


@kernel
def score_sharers(
    slot: int, members: Ints, length: float, catalogue: Catalogue, items: Ints, scores: Floats, size: int
) -> int:
    """Those that share rare terms of its title, but for siblings filed no earlier than the last of ``members``, which
    are members themselves; how many are the best so far.
    """
    facts, titles, embedded, keys = catalogue
    reach, bar = reach_of(slot, embedded), least_worth(size, scores)
    for at in range(sharing(slot, titles)):
        other = titles.found[at]
        if other == slot or (siblings(slot, other, facts.category) and facts.filed[other] >= facts.filed[members[-1]]):
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
def reach_of(slot: int, embedded: Embedded) -> float:
    """What an embedding may add at most."""
    return EMBEDDED_MOST if embedded.sizes[slot] else 0.0


@kernel
def forget(named: Ints, seen: Flags) -> None:
    for other in named:
        if other >= 0:
            seen[other] = False


@kernel
def least_worth(size: int, scores: Floats) -> float:
    """What is worth less is surely not among the best: a margin below the last of them, as :func:`exp2` rounds."""
    if size < len(scores) or scores[size - 1] < 1e-300:
        return NO_BAR
    return log2(scores[size - 1]) - MARGIN


@kernel
def insert(item: int, score: float, size: int, keys: Keys, items: Ints, scores: Floats) -> int:
    """Among the best so far, if it is one of them; keys are looked at for ties alone."""
    if size < len(items):
        size += 1
    elif score < scores[size - 1] or (score == scores[size - 1] and keys[item] >= keys[items[size - 1]]):
        return size
    at = size - 1
    while at > 0 and (scores[at - 1] < score or (scores[at - 1] == score and keys[item] < keys[items[at - 1]])):
        items[at], scores[at] = items[at - 1], scores[at - 1]
        at -= 1
    items[at], scores[at] = item, score
    return size
